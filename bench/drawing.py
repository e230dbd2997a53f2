r"""What pictures cost: memory of the worker, processor time, and how long another reader waits while pictures
are drawn without a pause.

.venv/bin/python -m bench.drawing [seconds]

Serves the book of DATABASE_URL, or that of a `make run` on the same CRIMEBOOK_HOME, by a gunicorn of one
worker, with the key that is kept there, and prints Markdown. It only reads. Memory is what is resident, from
/proc.
"""

import http.client
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import seconds_of
from service.settings import Settings
from service.store.embedded.address import find_database_url

PROJECT = Path(__file__).parent.parent
OTHER = "/v1/areas?limit=1"
SPAN = "period=2012/13&compare=2011/12"
PICTURES = {
    "bars": (
        f"/v1/summaries?area=northamptonshire&category=robbery&category=violence&category=homicide&{SPAN}"
    ),
    "control chart": (
        "/v1/summaries/series?area=northamptonshire&category=robbery&period=2011-04-01..2013-03-31"
    ),
    "ranking": "/v1/summaries/ranking?area=england-and-wales&period=2012/13&source=home-office-pfa",
}
TYPES = {"SVG": "image/svg+xml", "PNG": "image/png", "Vega-Lite": "application/vnd.vegalite.v6+json"}
CLIENTS = 2


@contextmanager
def served(url: str) -> Iterator[tuple[int, int]]:
    """A gunicorn of one worker on that book: its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": url,
        "PORT": str(port),
        "WORKERS": "1",
        "LOG_LEVEL": "error",
        "RATE_LIMIT": "none",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:service.web.server.gunicorn",
        "service.app:create_app()",
    ]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()  # our own # nosec B310
                break
            except OSError:
                time.sleep(0.1)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


class Caller:
    """One open connection with the key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection, self._key = http.client.HTTPConnection("127.0.0.1", port, timeout=120), key

    def ask(self, path: str, media_type: str = "application/json") -> float:
        """Seconds that an answer took."""
        began = time.perf_counter()
        self._connection.request(
            "GET", path, headers={"Authorization": f"Bearer {self._key}", "Accept": media_type}
        )
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return time.perf_counter() - began


def children_of(process: int) -> list[int]:
    """The processes that its threads started and that still live."""
    told = [
        one.read_text(encoding="ascii").split() for one in Path(f"/proc/{process}/task").glob("*/children")
    ]
    return sorted({int(child) for held in told for child in held})


def resident(process: int) -> str:
    """Its megabytes, and those of each process that it started."""

    def held(one: int) -> int:
        return (
            int(Path(f"/proc/{one}/status").read_text(encoding="utf-8").split("VmRSS:")[1].split()[0]) // 1024
        )

    return " | ".join(
        [str(held(process)), ", ".join(str(held(child)) for child in children_of(process)) or "none"]
    )


def waits(caller: Caller, seconds: float) -> str:
    """How long the other reader waits, asking a hundred times a second: median, 99 of 100, longest, as
    milliseconds."""
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        taken.append(1000 * caller.ask(OTHER))
        time.sleep(0.01)
    cuts = statistics.quantiles(taken, n=100)
    return f"{statistics.median(taken):.1f} | {cuts[98]:.0f} | {max(taken):.0f}"


def measure(port: int, server: int, key: str, seconds: float) -> None:
    """Memory, then processor time, then waiting."""
    [worker], caller = children_of(server), Caller(port, key)
    for path in [OTHER, *PICTURES.values()] * 3:
        caller.ask(path)
    print("| MB resident | worker | drawing process |\n| --- | --- | --- |")
    print(f"| answers as JSON only | {resident(worker)} |")
    first = caller.ask(PICTURES["bars"], TYPES["SVG"])
    print(f"| one picture (the first took {first:.2f} s) | {resident(worker)} |")
    taken: list[str] = []
    for name, path in PICTURES.items():
        for written, media_type in {"JSON": "application/json", **TYPES}.items():
            caller.ask(path, media_type)
            before, began = seconds_of(worker), time.perf_counter()
            for _ in range(10):
                caller.ask(path, media_type)
            used, lasted = seconds_of(worker) - before, time.perf_counter() - began
            taken.append(f"| {name} as {written} | {used * 100:.0f} | {lasted * 100:.0f} |")
    print(f"| {12 * 11:,} answers, three in four of them pictures | {resident(worker)} |")
    print("\n| one answer | ms of processor | ms |\n| --- | --- | --- |", *taken, sep="\n")
    print(f"\n| `{OTHER}`, ms | median | 99 of 100 | longest |\n| --- | --- | --- | --- |")
    print(f"| nothing else asked | {waits(caller, seconds)} |")
    drawn, over = [0] * CLIENTS, threading.Event()

    def draw(number: int) -> None:
        own = Caller(port, key)
        while not over.is_set():
            for path in PICTURES.values():
                own.ask(path, TYPES["SVG"])
                drawn[number] += 1

    drawing = [threading.Thread(target=draw, args=(number,)) for number in range(CLIENTS)]
    for one in drawing:
        one.start()
    print(f"| {CLIENTS} callers ask for pictures without a pause | {waits(caller, seconds)} |")
    over.set()
    for one in drawing:
        one.join()
    print(
        f"\n{sum(drawn)} pictures in those {seconds:.0f} s, {os.cpu_count()} cores, {platform.machine()},"
        f" load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    settings = Settings.from_environment()
    with served(find_database_url(settings)) as (at, process):
        measure(
            at,
            process,
            (settings.home / "key").read_text(encoding="ascii").strip(),
            float((sys.argv[1:] or ["20"])[0]),
        )
