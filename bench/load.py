"""Clients that ask the same question over and over, each a process with one connection that stays open, for a few seconds."""

import multiprocessing
import socket
import time
from multiprocessing.connection import Connection

LONGEST_ANSWER_SECONDS = 30


def requests_in(port: int, path: str, headers: dict[str, str], seconds: float, clients: int) -> int:
    """How many answers `clients` get in so many seconds. Raises RuntimeError for any answer that is not 200."""
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}\r\n".encode()
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(clients)]
    processes = [fork.Process(target=_ask, args=(port, request, seconds, sender), daemon=True) for _, sender in pipes]
    for process in processes:
        process.start()
    answers = []
    for (receiver, _), process in zip(pipes, processes, strict=True):
        answers.append(receiver.recv() if receiver.poll(seconds + LONGEST_ANSWER_SECONDS) else "no answer in time")
        process.join(1)
    if faults := [one for one in answers if isinstance(one, str)]:
        raise RuntimeError(faults[0])
    return sum(answers)


def _ask(port: int, request: bytes, seconds: float, told: Connection) -> None:
    count = 0
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_ANSWER_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                connection.sendall(request)
                _read(connection)
                count += 1
        told.send(count)
    except (OSError, RuntimeError) as fault:
        told.send(repr(fault))


def _read(connection: socket.socket) -> None:
    """One answer to its end, looked at no more than that needs: the client must not be what is measured."""
    got = connection.recv(65_536)
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, body = got.split(b"\r\n\r\n", 1)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode(errors="replace") + body.decode(errors="replace"))
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    if length is not None:
        rest = length - len(body)
        while rest > 0:
            rest -= len(_more(connection))
        return
    last = body[-5:]
    while not last.endswith(b"0\r\n\r\n"):  # chunked
        last = (last + _more(connection))[-5:]


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(262_144)
    if not piece:
        raise RuntimeError("the answer broke off")
    return piece
