"""The process that draws for this one: started by the first picture, ended after a rest or with this one,
started anew when it died.

Not a pool of `concurrent.futures`: its workers hold both ends of their queue and so outlive a parent that was
killed, it cannot end one that takes too long, and it leaves a second process behind to track its semaphores.
A socket and `subprocess` do all of it: a new program takes no connection, no listening socket and no thread
of this one along.
"""

import atexit
import logging
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from service.web.problems import Problem

log = logging.getLogger(__name__)

SECONDS_FOR_A_PICTURE = 30
"""From asking to having it, with the start of the process where there is none. The largest that may be asked
for takes some two."""
SECONDS_FOR_A_TURN = 10
"""That a caller waits while pictures of others are drawn. Together well below what the database lets a
transaction rest."""
SECONDS_OF_REST = 60
"""After which the process ends, and gives its memory back."""
DRAWER = ["-m", "service.pictures.drawer"]
_PROJECT = Path(__file__).parents[2]


class DrawingFault(RuntimeError):
    """Something is wrong with the service's own drawing; the text is the stack."""


class Drawer:
    """One process that draws one picture at a time; used by all threads."""

    def __init__(
        self,
        rest: float = SECONDS_OF_REST,
        seconds: float = SECONDS_FOR_A_PICTURE,
        turn: float = SECONDS_FOR_A_TURN,
    ) -> None:
        self.rest, self.seconds, self.turn = rest, seconds, turn
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._due = 0.0

    @property
    def process_id(self) -> int | None:
        """That of the process, while there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def draw(self, asked: bytes) -> bytes:
        """The picture that was asked for, as `service.pictures.drawer` reads it.

        Raises 503 where the turn does not come, the picture takes too long or the process dies, and
        DrawingFault for a fault in drawing it.
        """
        if not self._lock.acquire(timeout=self.turn):
            raise Problem(
                "busy", f"Other pictures were drawn for {self.turn:g} seconds.", headers={"Retry-After": "5"}
            )
        try:
            how, content = self._answer(asked)
        finally:
            self._due = time.monotonic() + self.rest
            self._lock.release()
        if how != b"drawn":
            raise DrawingFault(content.decode())
        return content

    def end(self) -> None:
        """End the process at once."""
        if self._process is not None and self._line is not None:
            self._line.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answer(self, asked: bytes) -> tuple[bytes, bytes]:
        began = time.monotonic()
        try:
            process, line = self._living()
            watch = threading.Timer(self.seconds, process.kill)
            watch.start()
            try:
                line.send_bytes(asked)
                return line.recv_bytes(), line.recv_bytes()
            finally:
                watch.cancel()
        except (EOFError, OSError) as fault:
            self.end()
            raise self._not_drawn(time.monotonic() - began, fault) from fault

    def _not_drawn(self, lasted: float, fault: Exception) -> Problem:
        if lasted >= self.seconds:
            return Problem(
                "took-too-long",
                f"The picture was not drawn within {self.seconds:g} seconds.",
                headers={"Retry-After": "5"},
            )
        log.error("the process that draws pictures died", exc_info=fault)
        return Problem(
            "not-drawn", "What draws pictures ended while it drew this one.", headers={"Retry-After": "2"}
        )

    def _living(self) -> tuple[subprocess.Popen[bytes], Connection]:
        """The process and the line to it; a new one where there is none or it died. Of one that was just
        killed the end of its line comes first, before anybody can wait for it: something is there, unasked.
        """
        if (
            self._process is None
            or self._line is None
            or self._process.poll() is not None
            or self._line.poll()
        ):
            self.end()
            self._line, its_end = Pipe()
            with its_end:
                command = [sys.executable, *DRAWER, str(int(self.seconds) + 1)]
                self._process = subprocess.Popen(
                    command, cwd=_PROJECT, stdin=its_end.fileno(), stdout=subprocess.DEVNULL
                )
            self._due = time.monotonic() + self.rest
            threading.Thread(
                target=self._end_after_rest, args=(self._process,), name="drawer", daemon=True
            ).start()
        return self._process, self._line

    def _end_after_rest(self, process: subprocess.Popen[bytes]) -> None:
        """See to it that this process does not outlast its use."""
        while self._process is process:
            time.sleep(max(0.0, self._due - time.monotonic()))
            with self._lock:
                if self._process is process and time.monotonic() >= self._due:
                    self.end()


drawer = Drawer()
"""The one of this process."""
atexit.register(drawer.end)
