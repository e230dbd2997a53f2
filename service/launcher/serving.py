"""The launcher: a database where none is given, its schema, gunicorn, and one clean end for all of them."""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg2

from service.processes import LAUNCHER, die_with_parent
from service.settings import Settings
from service.store import migrations
from service.store.embedded.placement import EmbeddedPostgresFault
from service.store.embedded.server import EmbeddedPostgres

PROJECT = Path(__file__).parents[2]
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_FREE_THE_PORT = 3  # a gunicorn whose launcher was killed needs a moment to end
SECONDS_TO_GET_READY = 60
SECONDS_AFTER_CONTROL_C = 5  # a person at a terminal does not wait for the longest request
GUNICORN = ["-m", "gunicorn", "-c", "python:service.web.server.gunicorn", "service.app:create_app()"]
SEALING = ["-m", "service", "seal", "--every"]
LOADING = [
    "-c",
    "import os; from service.launcher import demonstration; demonstration.load(os.environ['DATABASE_URL'])",
]


class ServingFault(RuntimeError):
    """The service cannot be run; the text is a sentence for the person who started it."""


class StopAsked(BaseException):
    """A signal asks the launcher to stop. Not an Exception, so that nothing on its way takes it for a
    fault."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def serve(settings: Settings, demonstration: bool) -> int:
    """Run the service until it is told to stop. The exit code: 0; gunicorn's when that ended by itself; 1
    after telling of a fault; 128 and the signal's number when told to stop before the service was up."""
    launcher = Launcher(settings)
    patience = float(settings.statement_timeout_seconds + 5)
    with stop_signals_raise():
        try:
            launcher.start(demonstration)
            code = launcher.supervise()
        except StopAsked as asked:
            code = 0 if launcher.is_up else 128 + asked.number
            patience = SECONDS_AFTER_CONTROL_C if asked.number == signal.SIGINT else patience
        except (
            ServingFault,
            EmbeddedPostgresFault,
            migrations.MigrationFault,
            psycopg2.OperationalError,
        ) as fault:
            print(str(fault).strip(), file=sys.stderr, flush=True)
            code = 1
        finally:
            ignore_stop_signals()
            launcher.stop(patience)
    return code


class Launcher:
    """The processes of one running service. Use it from the main thread: the kernel ends children with the
    thread that started them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_up = False
        self._postgres: EmbeddedPostgres | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._sealing: subprocess.Popen[bytes] | None = None
        self._sealing_due = 0.0

    def start(self, demonstration: bool) -> None:
        """Do all that comes before the first answer. Raises what `serve` tells of."""
        from service.callers.callers import ensure_first_key
        from service.launcher.announcement import announce
        from service.reference import open_data

        check_port(self.settings.host, self.settings.port)
        self.settings.home.mkdir(parents=True, exist_ok=True)
        database_url = self._database()
        first_key = ensure_first_key(database_url, self.settings.home)
        open_data.load(database_url)
        if demonstration and self._child(LOADING).wait():
            raise ServingFault("The demonstration's data could not be loaded.")
        gunicorn = self._child(GUNICORN)
        self._wait_until_ready(gunicorn)
        announce(self.settings, database_url, first_key)
        self.is_up = True

    def supervise(self) -> int:
        """Wait for gunicorn's end and return its code, meanwhile starting a PostgreSQL that died again."""
        gunicorn = self._children[-1]
        while True:
            try:
                code = gunicorn.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                self._keep_sealing()
                if self._postgres and self._postgres.revive():
                    print("PostgreSQL had died and was started again.", file=sys.stderr, flush=True)
            else:
                return code if code >= 0 else 128 - code

    def stop(self, patience: float) -> None:
        """End whatever runs, PostgreSQL last; `patience` is the seconds requests have to finish."""
        for child in reversed(self._children):
            end(child, patience)
        if self._postgres:
            self._postgres.stop()

    def _keep_sealing(self) -> None:
        """Have a child seal what changes, and another after that one ended; requests do not depend on it."""
        seconds = self.settings.seal_every_seconds
        if (
            not seconds
            or (self._sealing and self._sealing.poll() is None)
            or time.monotonic() < self._sealing_due
        ):
            return
        if self._sealing:
            self._children.remove(self._sealing)
        self._sealing_due = time.monotonic() + seconds
        self._sealing = self._child([*SEALING, str(seconds)])

    def _database(self) -> str:
        """The URL of a database whose schema is up to date."""
        if self.settings.database_url is None:
            self._postgres = EmbeddedPostgres(self.settings.home / "postgres")
            url = self._postgres.start().url()
            self.settings = replace(self.settings, database_url=url, owner_database_url=url)
        assert self.settings.database_url
        assert self.settings.owner_database_url
        migrations.migrate(self.settings.owner_database_url)
        return self.settings.database_url

    def _child(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        """A Python of ours in a session of its own, where a Ctrl-C at the terminal does not reach it: ending
        it is for us alone.

        It also leaves the loading open to be stopped within a long statement, when Python code would not hear
        a signal.
        """
        told = replace(self.settings, owner_database_url=None).to_environment()
        inherited = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**inherited, **told, LAUNCHER: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
        self._children.append(child)
        return child

    def _wait_until_ready(self, gunicorn: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SECONDS_TO_GET_READY
        answer = "nothing"
        while time.monotonic() < deadline:
            if gunicorn.poll() is not None:
                raise ServingFault(
                    f"gunicorn ended with code {gunicorn.returncode} before the service was ready."
                )
            answer = ask_ready(self.settings.host, self.settings.port)
            if answer.startswith("200"):
                return
            time.sleep(0.1)
        raise ServingFault(
            f"The service did not get ready within {SECONDS_TO_GET_READY} seconds; /ready answered {answer}."
        )


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Within, the first signal to stop raises StopAsked, and later ones do not disturb the stopping. nohup
    stays obeyed."""

    def ask(number: int, frame: object) -> None:
        ignore_stop_signals()
        raise StopAsked(number)

    before = {each: signal.getsignal(each) for each in STOPPING}
    for each in STOPPING:
        if each != signal.SIGHUP or before[each] != signal.SIG_IGN:
            signal.signal(each, ask)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def ignore_stop_signals() -> None:
    """From here on the launcher is stopping and is not to be interrupted at it."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)


def check_port(host: str, port: int) -> None:
    """Raise ServingFault unless the port can be listened on: before the long work, and not after."""
    deadline = time.monotonic() + SECONDS_TO_FREE_THE_PORT
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
                probe.bind(address)
            return
        except OSError as fault:
            taken = fault.errno == errno.EADDRINUSE
            if not taken or time.monotonic() > deadline:
                raise ServingFault(
                    f"Port {port} of {host} cannot be listened on ({fault.strerror}): set PORT or HOST to"
                    " another."
                ) from fault
            time.sleep(0.1)


def ask_ready(host: str, port: int) -> str:
    """What /ready answers: a status and the beginning of the body, or why there is none."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (asked of ourselves, not bound) # nosec B104
    local = everywhere.get(host, host)
    connection = http.client.HTTPConnection(local, port, timeout=5)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return f"{answer.status} {answer.read(500).decode(errors='replace')}"
    except (OSError, http.client.HTTPException) as fault:
        return f"nothing ({fault})"
    finally:
        connection.close()


def end(child: subprocess.Popen[bytes], patience: float) -> None:
    """End a child kindly, then it and all that it started: gunicorn's workers outlive a killed master by a
    second, with the port."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # macOS refuses a group of which only zombies are left
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
