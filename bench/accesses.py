"""What the access log costs a read: the service as it is beside the service without it, by turns, on one
durable PostgreSQL.

`make bench-parts` runs it in under three minutes and prints a table; bench/README.md says how to read it.
"""

import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import ask_often
from bench.processes import seconds_of
from service.callers import callers
from service.intake.offences.options import SubmissionOptions
from service.launcher import demonstration
from service.launcher.files import load_offences
from service.reference import open_data
from service.store import database, migrations
from service.store.embedded.server import EmbeddedPostgres
from service.web.answers import formats

PROJECT = Path(__file__).parent.parent
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "4"))
FACTORIES = {"logged": "service.app:create_app()", "unlogged": "bench.unlogged:create_unlogged_app()"}
EXPORTED = (
    "/v1/offences?area=northamptonshire&category=residential-burglary"
    "&recorded_from=2012-04-01&recorded_to=2013-03-31"
)

Servers = dict[str, tuple[subprocess.Popen[bytes], int]]


@dataclass
class Measured:
    """What each round found: requests a second, and milliseconds of processor time for one request."""

    rates: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(variant: str, url: str) -> tuple[subprocess.Popen[bytes], int]:
    """Gunicorn as in production, and its port once it answers."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": url,
        "PORT": str(port),
        "LOG_LEVEL": "error",
        "RATE_LIMIT": "none",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:service.web.server.gunicorn",
        FACTORIES[variant],
    ]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment, start_new_session=True)
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):  # our own # nosec B310
                return server, port
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"gunicorn {variant} did not get ready")


def filled(url: str, home: Path) -> tuple[str, str]:
    """A book with the reconstructed year 2012/13; the key, and the id of one record."""
    migrations.migrate(url)
    key = callers.ensure_first_key(url, home)
    open_data.load(url)
    options = SubmissionOptions(covers="all-crime", force="northamptonshire", reason="for the bench")
    records = demonstration.reconstruct_records("2012/13")
    load_offences(records, formats.CSV, "Northamptonshire 2012/13", options)
    with database.reading() as book, book.connection.cursor() as cursor:
        cursor.execute("select offence_id from offence order by recorded_on, offence_id offset 20000 limit 1")
        offence_id = cursor.fetchone()["offence_id"]  # type: ignore[index,call-overload]
    database.release()
    assert key
    return key, str(offence_id)


def measure(
    servers: Servers, postgres: int, questions: dict[str, tuple[str, dict[str, str]]]
) -> dict[str, dict[str, Measured]]:
    """Ask each question of each variant in every round, by turns."""
    found = {name: {variant: Measured() for variant in servers} for name in questions}
    for number in range(ROUNDS + 1):  # the first round only warms up
        for name, (path, headers) in questions.items():
            for variant in sorted(servers, reverse=bool(number % 2)):
                server, port = servers[variant]
                before, began = seconds_of(server.pid, postgres), time.monotonic()
                count = len(ask_often(port, path, headers, SECONDS if number else 0.5, CLIENTS))
                passed, used = time.monotonic() - began, seconds_of(server.pid, postgres) - before
                if number:
                    found[name][variant].rates.append(count / passed)
                    found[name][variant].milliseconds.append(1000 * used / count)
    return found


def told(values: list[float]) -> str:
    """A median with its spread."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def cost(more: list[float], less: list[float]) -> float:
    """By what part the one is more than the other, in the median of the rounds: what disturbs a round
    disturbs both."""
    return statistics.median(one / other - 1 for one, other in zip(more, less, strict=True))


def table(found: dict[str, dict[str, Measured]]) -> str:
    """The findings as a table of Markdown; a cost is the median over the rounds of logged against unlogged
    within the round."""
    lines = ["| question | | with the log | without | cost of the log |", "| --- | --- | --- | --- | --- |"]
    for name, variants in found.items():
        logged, unlogged = variants["logged"], variants["unlogged"]
        slower, dearer = cost(unlogged.rates, logged.rates), cost(logged.milliseconds, unlogged.milliseconds)
        lines.append(
            f"| {name} | requests a second | {told(logged.rates)} | {told(unlogged.rates)} | {slower:+.1%}"
            " time |"
        )
        lines.append(
            f"| | processor, ms a request | {told(logged.milliseconds)} | {told(unlogged.milliseconds)} |"
            f" {dearer:+.1%} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Build, measure, tell, take away."""
    began, root = time.monotonic(), Path(tempfile.mkdtemp(prefix="crimebook-bench-"))
    home = Path(tempfile.mkdtemp(prefix="crimebook-bench-home-"))
    servers: Servers = {}
    try:
        with EmbeddedPostgres(root) as postgres:
            url = postgres.url()
            key, offence_id = filled(url, home)
            given = {"Authorization": f"Bearer {key}"}
            questions = {
                "one offence": (f"/v1/offences/{offence_id}", given),
                "a page of 100": ("/v1/offences?area=northampton&recorded_from=2012-06-01", given),
                "an export of 3,182": (EXPORTED, given | {"Accept": formats.NDJSON}),
            }
            for variant in FACTORIES:
                servers[variant] = serve(variant, url)
            assert postgres.process
            found = measure(servers, postgres.process.pid, questions)
            with database.reading() as book, book.connection.cursor() as cursor:
                cursor.execute(
                    "select version(), (select count(*) from access) as rows,"
                    " pg_total_relation_size('access') as bytes"
                )
                row = dict(cursor.fetchone())  # type: ignore[arg-type]
            database.release()
    finally:
        for server, _ in servers.values():
            server.send_signal(signal.SIGTERM)
            server.wait(20)
        for path in (root, home):
            shutil.rmtree(path, ignore_errors=True)
    version = row["version"].split(" on ")[0]
    print(
        f"\n{time.strftime('%d %B %Y')}, {version}, Python {platform.python_version()}, {os.cpu_count()}"
        " processors,"
    )
    print(f"{ROUNDS} rounds of {SECONDS:g} s, {CLIENTS} clients, {time.monotonic() - began:.0f} s in all.\n")
    print(table(found))
    print(
        f"\n{row['rows']:,} rows in the log, {row['bytes'] / max(row['rows'], 1):,.0f} bytes each with their"
        " indexes."
    )


if __name__ == "__main__":
    main()
