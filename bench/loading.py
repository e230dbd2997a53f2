r"""How fast a file of offences gets in, against the least that the database needs for its rows, and what
readers notice meanwhile.

python bench/loading.py [--rows 1000000] [--rounds 5] [--write]

Each round, on a database of its own with fsync on: the file goes in by psql's \copy, into a table with the
columns and indexes of offence_version and no constraint; then over HTTP into the book, validated, versioned,
tallied and acknowledged after its commit, while two readers ask for a summary and a page of records. Their
latency is taken before and during the load, memory from /proc. --write puts the figures into
bench/RESULTS-loading.md.
"""

import argparse
import datetime as dt
import http.client
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from service.callers import callers  # noqa: E402
from service.reference import open_data  # noqa: E402
from service.store import database, migrations  # noqa: E402
from service.store.embedded.placement import programs  # noqa: E402
from service.store.embedded.server import EmbeddedPostgres  # noqa: E402

HEADER = (
    "area,code,committed_from,committed_to,crime_ref,force,location,outcome,recorded_at,recorded_on,"
    "reported_at,victims"
)
AREAS = [f"E0700015{last}" for last in range(7)]
CODES = ["28A", "34B", "45", "49", "8N", "104", "105A", "3A", "58A"]
STREETS = [
    "The Drapery",
    "Abington Street",
    '"Gold Street, Northampton"',
    "Kettering Road",
    "High Street",
    "Market Square",
]
OUTCOMES = ["0", "0", "0", "14", "15", "16", "18", "1", "8"]
QUESTIONS = (
    "/v1/summaries?area=northamptonshire&period=2012/13",
    "/v1/offences?force=northamptonshire&limit=50",
)


def lines(rows: int, year: int = 12) -> Iterator[str]:
    """A file as a force sends it, the same on every run; the year is that in its references alone."""
    rng = random.Random(7)  # noqa: S311 (not for secrets)
    first = dt.datetime(2012, 1, 2, tzinfo=dt.UTC)
    yield HEADER + "\n"
    for number in range(rows):
        recorded = first + dt.timedelta(days=rng.randrange(700), hours=12, minutes=rng.randrange(600))
        reported = recorded - dt.timedelta(minutes=rng.randrange(5, 1200))
        committed = reported - dt.timedelta(minutes=rng.randrange(10, 600))
        moments = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (committed, recorded, reported)]
        until = moments[0] if number % 3 == 0 else ""
        yield (
            f"{AREAS[number % 7]},{rng.choice(CODES)},{moments[0]},{until},NN/{number:07}/{year},E23000022,"
            f"{rng.choice(STREETS)},"
            f"{rng.choice(OUTCOMES)},{moments[1]},{recorded:%Y-%m-%d},{moments[2]},{1 + (number % 10 == 0)}\n"
        )


def run(url: str, *statements: str) -> None:
    """Run statements, each on its own."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


def floor(url: str, file: Path) -> float:
    r"""Seconds of psql's \copy of the same rows into a table with the same columns and indexes."""
    with closing(psycopg2.connect(url)) as connection:
        given = "uuidv7()" if connection.server_version >= 180_000 else "gen_random_uuid()"
    run(
        url,
        "create table floor (like offence_version including defaults including generated including indexes)",
        f"alter table floor alter offence_id set default {given}, alter since_change set default 1",
    )
    began = time.monotonic()
    subprocess.run(
        [programs() / "psql", url, "-qc", f"\\copy floor ({HEADER}) from '{file}' (format csv, header)"],
        check=True,
    )
    taken = time.monotonic() - began
    run(url, "drop table floor")
    return taken


@contextmanager
def serving(url: str) -> Iterator[tuple[int, int]]:
    """The service as it is run, on two workers; gives its port and the process id of its first process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": url,
        "PORT": str(port),
        "WORKERS": "2",
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
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(300):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
                    asked.request("GET", "/ready")
                    if asked.getresponse().status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def resident(parent: int) -> float:
    """Megabytes of the largest process of the service."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    held = []
    for process in children:
        status = Path(f"/proc/{process}/status").read_text()
        held.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    return max(held)


def repeatedly(work: Callable[[], Any], until: threading.Event) -> list[Any]:
    """What work gives, again and again with a pause, until the event."""
    given = []
    while not until.is_set():
        given.append(work())
        until.wait(0.02)
    return given


def ask(port: int, key: str, path: str) -> float:
    """Milliseconds of one answer, on a connection of its own."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as asked:
        asked.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = asked.getresponse()
        answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return 1000 * (time.monotonic() - began)


def watched(port: int, key: str, parent: int, work: Callable[[], Any]) -> tuple[Any, list[float], float]:
    """What work gives; the latencies of readers meanwhile; the most memory."""
    done, found = threading.Event(), {}
    jobs = {path: lambda path=path: ask(port, key, path) for path in QUESTIONS} | {
        "memory": lambda: resident(parent)
    }
    threads = [
        threading.Thread(target=lambda name=name, job=job: found.update({name: repeatedly(job, done)}))
        for name, job in jobs.items()
    ]
    for thread in threads:
        thread.start()
    try:
        result = work()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return result, [one for path in QUESTIONS for one in found[path]], max(found["memory"])


def send(port: int, key: str, file: Path) -> float:
    """Seconds until the file is acknowledged."""
    began = time.monotonic()
    with (
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=3600)) as asked,
        file.open("rb") as body,
    ):
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "text/csv",
            "Content-Length": str(file.stat().st_size),
        }
        asked.request("POST", "/v1/submissions", body, headers)
        answer = json.loads(asked.getresponse().read())
    if answer.get("status") != "accepted":
        raise RuntimeError(str(answer))
    return time.monotonic() - began


def measured(server: EmbeddedPostgres, key: str, file: Path, rows: int) -> dict[str, float]:
    """One round, on a database of its own."""
    administrator, name = server.url("postgres", "postgres"), f"round_{time.time_ns()}"
    run(administrator, f'create database {name} template "{server_database(server)}" owner crimebook')
    try:
        least = floor(server.url(name), file)
        with serving(server.url(name)) as (port, parent):
            for path in QUESTIONS * 8:  # each worker has its connection
                ask(port, key, path)
            _, quiet, before = watched(port, key, parent, lambda: time.sleep(4))
            taken, busy, most = watched(port, key, parent, lambda: send(port, key, file))
    finally:
        run(administrator, f"drop database {name} with (force)")
    return {
        "rows a second over HTTP": rows / taken,
        "rows a second of \\copy": rows / least,
        "ratio": least / taken,
        "megabytes more": most - before,
        "median read before, ms": statistics.median(quiet),
        "median read during, ms": statistics.median(busy),
        "reads during": len(busy),
    }


def server_database(server: EmbeddedPostgres) -> str:
    """The name of the database with schema and reference data."""
    return server.url().rsplit("/", 1)[1].split("?")[0]


def table(rounds: list[dict[str, float]]) -> str:
    """The median of each figure, and the rounds."""
    told = ["| figure | median | rounds |", "| --- | --- | --- |"]
    for name in rounds[0]:
        values = [one[name] for one in rounds]
        digits = ".2f" if name == "ratio" else ".1f" if "ms" in name else ",.0f"
        told.append(
            f"| {name} | {statistics.median(values):{digits}} |"
            f" {', '.join(f'{value:{digits}}' for value in values)} |"
        )
    return "\n".join(told)


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS-loading.md")
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="crimebook-bench-"))
    place.chmod(0o755)
    file = place / "offences.csv"
    file.write_text("".join(lines(asked.rows)))
    try:
        with EmbeddedPostgres(place / "postgres", durable=True) as server:
            migrations.migrate(server.url())
            open_data.load(server.url())
            callers.ensure_first_key(server.url(), place)
            database.release()
            rounds = []
            for number in range(asked.rounds):
                rounds.append(measured(server, (place / "key").read_text().strip(), file, asked.rows))
                print(
                    f"round {number + 1}:",
                    ", ".join(f"{name} {value:,.2f}" for name, value in rounds[-1].items()),
                    flush=True,
                )
    finally:
        shutil.rmtree(place, ignore_errors=True)
    load = os.getloadavg()[0]
    told = (
        f"{asked.rows:,} offences of 12 fields, {asked.rounds} rounds, {os.cpu_count()} cores, load average"
        f" {load:.1f} at the end."
    )
    print(f"\n{told}\n\n{table(rounds)}")
    if asked.write:
        head = (
            "# Loading\n\nWritten by `python bench/loading.py --write`; its first lines say what is"
            " measured.\n\n"
        )
        (ROOT / "bench" / "RESULTS-loading.md").write_text(f"{head}{told}\n\n{table(rounds)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
