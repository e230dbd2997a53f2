"""Clients that ask over and over on connections that stay open, each a process of its own, and what each
answer took."""

import multiprocessing
import signal
import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection

LONGEST_ANSWER_SECONDS = 60
GOOD = (b"200", b"201", b"304")
ACKNOWLEDGED_AT_FIRST = 40  # answers that Linux acknowledges at once on a new connection, and more
DELAYED_ACKNOWLEDGEMENT_SECONDS = 0.02  # half of the shortest delay of Linux, which is 40 ms

Make = Callable[[int, bytes], bytes]
"""The next request of a client, from its number and the head of the answer before it (empty at first)."""


def request(path: str, headers: dict[str, str], method: str = "GET", body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}{length}\r\n".encode() + body


def ask_often(port: int, path: str, headers: dict[str, str], seconds: float, clients: int) -> list[float]:
    """The seconds that each answer took which `clients` got within so many seconds.

    RuntimeError for any answer but 200, 201 and 304.
    """
    same = request(path, headers)
    return send_often(port, [lambda _number, _head: same] * clients, seconds)


def send_often(port: int, makers: list[Make], seconds: float) -> list[float]:
    """The same of requests that the makers make, each for a client of its own."""
    return _together(port, makers, seconds, None)


def ask_by_turns(clients: list[tuple[int, Make]], seconds: float) -> int:
    """How many requests each client got answered, where one asks after the other: each a port, and what makes
    its requests."""
    turns, end = 0, time.monotonic() + seconds
    with ExitStack() as stack:
        connections = [stack.enter_context(_connected(port)) for port, _ in clients]
        heads = [b""] * len(clients)
        while time.monotonic() < end:
            for number, (connection, (_, make)) in enumerate(zip(connections, clients, strict=True)):
                connection.sendall(make(turns, heads[number]))
                heads[number] = _read(connection)
            turns += 1
    return turns


def latencies(
    port: int, path: str, headers: dict[str, str], seconds: float, clients: int, rate: float
) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds at so many requests a second, each from when it was due."""
    same = request(path, headers)
    waits = _together(port, [lambda _number, _head: same] * clients, seconds, clients / rate)
    cuts = statistics.quantiles(waits, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


def require_prompt_answers(port: int, path: str) -> None:
    """RuntimeError for a server whose answers wait for the client's acknowledgement.

    One that sends an answer in two packets without TCP_NODELAY holds the second back until the first is
    acknowledged, for which a client takes 40 ms. Our clients acknowledge at once, but such a server is not
    set up as anybody would run it. Quickest answers are compared, so a busy machine does not matter.
    """
    quickest = {}
    for at_once in (True, False):
        with _connected(port) as connection:
            times = []
            for _ in range(2 * ACKNOWLEDGED_AT_FIRST):
                began = time.monotonic()
                connection.sendall(request(path, {}))
                _read(connection, acknowledge_at_once=at_once)
                times.append(time.monotonic() - began)
            quickest[at_once] = min(times[ACKNOWLEDGED_AT_FIRST:])
    if quickest[False] - quickest[True] > DELAYED_ACKNOWLEDGEMENT_SECONDS:
        raise RuntimeError(
            f"Answers of port {port} wait for the client's acknowledgement: {1000 * quickest[False]:.1f} ms,"
            f" and {1000 * quickest[True]:.1f} ms where that comes at once. Its sockets need TCP_NODELAY."
        )


def _together(port: int, makers: list[Make], seconds: float, every: float | None) -> list[float]:
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in makers]
    processes = [
        fork.Process(
            target=_ask, args=(port, make, seconds, every, number / len(makers), sender), daemon=True
        )
        for number, (make, (_, sender)) in enumerate(zip(makers, pipes, strict=True))
    ]
    for process in processes:
        process.start()
    answers = []
    for (receiver, _), process in zip(pipes, processes, strict=True):
        answers.append(
            receiver.recv() if receiver.poll(seconds + LONGEST_ANSWER_SECONDS) else "no answer in time"
        )
        process.join(1)
    if faults := [one for one in answers if isinstance(one, str)]:
        raise RuntimeError(faults[0])
    return [wait for waits in answers for wait in waits]


def _ask(port: int, make: Make, seconds: float, every: float | None, part: float, sender: Connection) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a Ctrl-C is for the process that measures, and that ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    waits: list[float] = []
    try:
        with _connected(port) as connection:
            head, due = b"", time.monotonic() + (every or 0) * part
            end = time.monotonic() + seconds
            while due < end:
                if every and (early := due - time.monotonic()) > 0:
                    time.sleep(early)
                connection.sendall(make(len(waits), head))
                head = _read(connection)
                waits.append(time.monotonic() - due)
                due = due + every if every else time.monotonic()
        sender.send(waits)
    except (OSError, RuntimeError) as fault:
        sender.send(repr(fault))


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_ANSWER_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _read(connection: socket.socket, *, acknowledge_at_once: bool = True) -> bytes:
    """One answer to its end, read no closer than that needs: the client must not be what is measured. Gives
    its head."""

    def more() -> bytes:
        if acknowledge_at_once:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # Linux forgets it again
        piece = connection.recv(262_144)
        if not piece:
            raise RuntimeError("the answer broke off")
        return piece

    start = more()
    while b"\r\n\r\n" not in start:
        start += more()
    head, body = start.split(b"\r\n\r\n", 1)
    status = head[9:12]
    if status not in GOOD:
        raise RuntimeError(head.decode(errors="replace") + body.decode(errors="replace"))
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    if status == b"304":
        return head
    if length is not None:
        rest = length - len(body)
        while rest > 0:
            rest -= len(more())
        return head
    last = body[-5:]
    while not last.endswith(b"0\r\n\r\n"):  # chunked
        last = (last + more())[-5:]
    return head
