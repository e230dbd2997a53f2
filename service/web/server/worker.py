"""Gunicorn's worker of threads, with threads for those alone who are there: a request has a thread once it
has arrived.

Gunicorn itself gives a connection its thread at the first byte, waits in it for the rest for as long as that
takes, and closes connections in the loop that serves all the others. So a handful of callers who send a byte
now and then, or do not hang up, would stop everybody. Here the loop gathers heads and short bodies, a long
body must keep coming, whoever waits too long for a thread is told to come again, and `/live` and `/ready`
have threads of their own.
"""

import errno
import re
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from gunicorn.errors import ConfigError  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from service.web.request import bodies
from service.web.server import refusals

MOST_GATHERED = (
    bodies.SHORT + 8_192
)  # bytes of a request that the loop holds; a longer one is read by its thread
LEAST_BYTES_A_SECOND = 1_024  # at which a longer body must keep coming, on the whole
SECONDS_A_CALLER_MAY_REST = (
    60  # while an answer waits to be taken: as long as the database waits for the reader of a stream
)
SECONDS_TO_HANG_UP = 2
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n")
_HEALTH = (b"GET /live ", b"GET /ready ", b"HEAD /live ", b"HEAD /ready ")


def has_arrived(request: bytearray) -> bool:
    """Is this a request to its end, or as much of it as the loop gathers? Gunicorn reads it anew, so only who
    waits depends on it."""
    end = request.find(b"\r\n\r\n")
    if end < 0 or len(request) >= MOST_GATHERED:
        return len(request) >= MOST_GATHERED
    head = bytes(request[: end + 2]).lower()
    if b"\r\nexpect:" in head or b"\r\ntransfer-encoding:" in head:
        return True
    length = _LENGTH.search(head)
    whole = end + 4 + (int(length[1]) if length else 0)
    return whole > MOST_GATHERED or len(request) >= whole


class Steady:
    """A caller's socket to read from, that gives up on a caller who does not keep sending.

    `patience` is the seconds it may rest; waiting takes from them, what comes gives some back, up to what
    there was.
    """

    def __init__(self, sock: socket, patience: float) -> None:
        self._sock, self._most, self._left = sock, patience, patience
        self._bound: float | None = None

    def gettimeout(self) -> float | None:
        """As of a socket: gunicorn bounds with it how long it looks for the rest of a body that nobody
        read."""
        return self._bound

    def settimeout(self, seconds: float | None) -> None:
        """As of a socket."""
        self._bound = seconds

    def recv(self, size: int) -> bytes:
        """As of a socket. Raises TimeoutError when patience is at its end."""
        if self._left <= 0:
            raise TimeoutError
        began = time.monotonic()
        self._sock.settimeout(self._left if self._bound is None else min(self._left, self._bound))
        try:
            piece = self._sock.recv(size)
        finally:
            self._left -= time.monotonic() - began
            self._sock.settimeout(SECONDS_A_CALLER_MAY_REST)
        self._left = min(self._most, self._left + len(piece) / LEAST_BYTES_A_SECOND)
        return piece


class Connection(TConn):
    """A caller's connection, and what has come over it of its next request."""

    def __init__(self, worker: "PatientWorker", sock: socket, client: Any, server: Any) -> None:
        super().__init__(worker.cfg, sock, client, server)
        self.worker, self.arrived = worker, bytearray()

    def close(self, graceful: bool = False) -> None:
        """Hang up; graceful is to let the caller take the answer first, while the loop goes on."""
        self.worker.hang_up(self) if graceful else super().close()

    def begin(self) -> None:
        """Give gunicorn's parser what has arrived. Runs in the thread that will answer."""
        self.init()
        self.data_ready = True
        self.parser.unreader.unread(bytes(self.arrived))
        self.parser.unreader.sock = Steady(self.sock, self.worker.arrival_seconds)
        self.arrived.clear()


class PatientWorker(ThreadWorker):
    """The worker. `pending_conns` are connections of which a request is arriving, in the order of their
    deadlines."""

    arrival_seconds = 10
    queue_seconds = 10

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """The loop reads HTTP, so TLS ends before it."""
        if cfg.is_ssl:
            raise ConfigError("TLS ends at a proxy in front: gunicorn is given no certificate here.")
        super().check_config(cfg, log)

    def init_process(self) -> None:
        """Once, after the fork; returns when the worker ends."""
        self.health = ThreadPoolExecutor(2, "health")
        self.queued: deque[tuple[float, Connection, Future[object]]] = deque()
        self.hanging_up: deque[Connection] = deque()
        super().init_process()

    def accept(self, listener: socket) -> None:
        """Take a connection, and look for its request."""
        try:
            sock, client = listener.accept()
        except OSError as fault:
            if fault.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._gather(Connection(self, sock, client, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket) -> None:
        """A connection that was kept has its next request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """The next request came with the one before: what there is of it arrives as any other."""
        conn.sock.setblocking(False)
        conn.arrived += conn.parser.unreader.take_buffered()
        self._gather(conn)

    def _gather(self, conn: Connection) -> None:
        if then := self._taken(conn):
            then(conn)
        else:
            conn.timeout = time.monotonic() + self.arrival_seconds
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Connection, client: socket) -> None:
        """More of a request has come."""
        if then := self._taken(conn):
            self._stop_watching(conn)
            then(conn)

    def _taken(self, conn: Connection) -> Callable[[Connection], None] | None:
        """Take what came, and say what is next: a thread where it is a request or its caller hung up inside
        one, the end, or to wait."""
        over = False
        try:
            piece = conn.sock.recv(MOST_GATHERED)
            conn.arrived += piece
            over = not piece
        except BlockingIOError:
            pass
        except OSError:
            conn.arrived.clear()
            over = True
        if has_arrived(conn.arrived) or (over and conn.arrived):
            return self._queue
        return self._drop if over else None

    def _stop_watching(self, conn: Connection) -> None:
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)

    def _queue(self, conn: Connection) -> None:
        pool = self.health if conn.arrived.startswith(_HEALTH) else self.tpool
        future = pool.submit(self.handle, conn)
        self.queued.append((time.monotonic() + self.queue_seconds, conn, future))
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: Connection) -> object:
        """Answer a request that has arrived. Runs in a thread."""
        conn.begin()
        return super().handle(conn)

    def handle_request(self, req: object, conn: Connection) -> object:
        """The same, once its head is understood: from here on a caller who does not take its answer is hung
        up on."""
        conn.sock.settimeout(SECONDS_A_CALLER_MAY_REST)
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """A body that nobody read is looked for no further than it has come: the thread is wanted
        elsewhere."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + 0.05))

    def murder_pending(self) -> None:
        """Once a second: who has been waited for long enough, and who has waited long enough."""
        now = time.monotonic()
        while self.pending_conns and (
            self.pending_conns[0].timeout <= now or not (self.alive or self.pending_conns[0].arrived)
        ):
            conn = self.pending_conns[0]
            self._stop_watching(conn)
            if conn.arrived:
                refusals.too_slow(conn.sock)
            self._drop(conn)
        while self.queued and (self.queued[0][0] <= now or self.queued[0][2].done()):
            _, conn, future = self.queued.popleft()
            if future.cancel():  # no thread has begun it; `finish_request` hangs up
                refusals.overloaded(conn.sock, self.queue_seconds)
        while self.hanging_up and self.hanging_up[0].timeout <= now:
            self._hung_up(self.hanging_up[0])

    def hang_up(self, conn: Connection) -> None:
        """Say that no more will come, and close when the caller has, or soon: at once would tear the answer
        from its hands."""
        self.nr_conns += 1
        conn.timeout = time.monotonic() + SECONDS_TO_HANG_UP
        try:
            conn.sock.shutdown(SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._pour_away, conn))
            self.hanging_up.append(conn)
        except (OSError, ValueError):
            self._drop(conn)

    def _pour_away(self, conn: Connection, client: socket) -> None:
        with suppress(BlockingIOError):
            try:
                if client.recv(MOST_GATHERED):
                    return
            except ConnectionError:
                pass
            self._hung_up(conn)

    def _hung_up(self, conn: Connection) -> None:
        self.hanging_up.remove(conn)
        self.poller.unregister(conn.sock)
        self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()
