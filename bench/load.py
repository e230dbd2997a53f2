"""Clients that ask over and over on connections that stay open: wrk for reads, where it is on the PATH, else processes of our own.

Writes, and latencies at a given rate, are always asked by processes of our own: each answer is needed for the next request, or timed.
"""

import multiprocessing
import re
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

LONGEST_ANSWER_SECONDS = 60
SHORT = 20  # an answer is, of which that many follow each other in the time that is measured
GOOD = (b"200", b"201", b"304")

Make = Callable[[int, bytes], bytes]
"""The next request of a client, from its number and the head of the answer before it (empty at first)."""


def generator() -> str:
    """What asks, in words."""
    return "wrk" if shutil.which("wrk") else "bench/load.py"


def said(path: str, headers: dict[str, str], method: str = "GET", body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}{length}\r\n".encode() + body


def asked(port: int, path: str, headers: dict[str, str], seconds: float, clients: int) -> int:
    """How many answers `clients` get in so many seconds, by wrk where it is. Raises RuntimeError for any but 200 and 304.

    wrk drops what is under way when its time is up, and the server would go on with it while another is measured: where that is no small
    part of the time, processes of our own ask, which wait for their last answers.
    """
    if not shutil.which("wrk") or _seconds_of_one(port, path, headers) > seconds / SHORT:
        return requests_in(port, path, headers, seconds, clients)
    told = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", f"{LONGEST_ANSWER_SECONDS}s", *told,
               f"http://127.0.0.1:{port}{path}"]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"{path}: {output}")
    return int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]


_taken: dict[tuple[int, str], float] = {}


def _seconds_of_one(port: int, path: str, headers: dict[str, str]) -> float:
    """How long one answer takes, asked once and remembered."""
    if (port, path) not in _taken:
        began = time.monotonic()
        requests_in(port, path, headers, 0.001, 1)
        _taken[port, path] = time.monotonic() - began
    return _taken[port, path]


def requests_in(port: int, path: str, headers: dict[str, str], seconds: float, clients: int) -> int:
    """The same by processes of our own."""
    request = said(path, headers)
    return made_in(port, [lambda _number, _head: request] * clients, seconds)


def made_in(port: int, makers: list[Make], seconds: float) -> int:
    """How many requests the makers, each a client, get answered in so many seconds."""
    return sum(len(one) for one in _together(port, makers, seconds, None))


def latencies(port: int, path: str, headers: dict[str, str], seconds: float, clients: int, rate: float) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds at so many requests a second, each from when it was due."""
    request = said(path, headers)
    taken = [one for told in _together(port, [lambda _number, _head: request] * clients, seconds, clients / rate) for one in told]
    cuts = statistics.quantiles(taken, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


def _together(port: int, makers: list[Make], seconds: float, every: float | None) -> list[list[float]]:
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in makers]
    processes = [
        fork.Process(target=_ask, args=(port, make, seconds, every, number / len(makers), sender), daemon=True)
        for number, (make, (_, sender)) in enumerate(zip(makers, pipes, strict=True))
    ]
    for process in processes:
        process.start()
    answers = []
    for (receiver, _), process in zip(pipes, processes, strict=True):
        answers.append(receiver.recv() if receiver.poll(seconds + LONGEST_ANSWER_SECONDS) else "no answer in time")
        process.join(1)
    if faults := [one for one in answers if isinstance(one, str)]:
        raise RuntimeError(faults[0])
    return answers


def _ask(port: int, make: Make, seconds: float, every: float | None, part: float, told: Connection) -> None:
    taken: list[float] = []
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_ANSWER_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head, due = b"", time.monotonic() + (every or 0) * part
            end = time.monotonic() + seconds
            while due < end:
                if every and (early := due - time.monotonic()) > 0:
                    time.sleep(early)
                connection.sendall(make(len(taken), head))
                head = _read(connection)
                taken.append(time.monotonic() - due)
                due = due + every if every else time.monotonic()
        told.send(taken)
    except (OSError, RuntimeError) as fault:
        told.send(repr(fault))


def _read(connection: socket.socket) -> bytes:
    """One answer to its end, looked at no more than that needs: the client must not be what is measured. Gives its head."""
    got = connection.recv(65_536)
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, body = got.split(b"\r\n\r\n", 1)
    if head[9:12] not in GOOD:
        raise RuntimeError(head.decode(errors="replace") + body.decode(errors="replace"))
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    if length is not None or head[9:12] == b"304":
        rest = (length or 0) - len(body)
        while head[9:12] != b"304" and rest > 0:
            rest -= len(_more(connection))
        return head
    last = body[-5:]
    while not last.endswith(b"0\r\n\r\n"):  # chunked
        last = (last + _more(connection))[-5:]
    return head


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(262_144)
    if not piece:
        raise RuntimeError("the answer broke off")
    return piece
