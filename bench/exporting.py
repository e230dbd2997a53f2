r"""How fast lists leave the book, against psql's own `\copy … to` of the same rows, in one run on one server.

.venv/bin/python bench/exporting.py [rows] [rounds]

Makes a server of its own with that many made-up offences, serves it by gunicorn as `make run` does, and reads
whole exports to nowhere. Prints a table in Markdown: seconds (median), rows a second, and the ratio to psql.
psql is the one on the PATH or in $PG_BINDIR; where there is none, COPY through psycopg2 to nowhere takes its
place, and the table says so.
"""

import http.client
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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from service.callers import callers  # noqa: E402
from service.reference import open_data  # noqa: E402
from service.store import database, migrations  # noqa: E402
from service.store.embedded.server import EmbeddedPostgres  # noqa: E402

FILL = """
insert into change (id, at, caller, reason, trace_id) select max(id) + 1, max(at) + interval '1 second',
'bench', 'bench', '0' from change;
insert into offence_version (force, offence_id, since_change, area, code, committed_from, committed_to,
crime_ref, location, recorded_at,
                             recorded_on, reported_at, victims)
select 'E23000022', ('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, (select max(id) from
change), 'E07000154', '28A',
       began, began + interval '3 hours', 'NN/' || n, n || ' Abington Street, Northampton', began +
       interval '5 hours',
       civil_day(began + interval '5 hours'), began + interval '4 hours', 1
from (select n, timestamptz '2012-04-01 00:00Z' + n * interval '31.5 seconds' as began from
generate_series(1, {rows}) as n) as made
"""
LISTED = (
    "select * from offence_version where until_change is null and status = 'recorded' order by recorded_on,"
    " offence_id"
)
TYPES = {"CSV": "text/csv", "NDJSON": "application/x-ndjson", "Parquet": "application/vnd.apache.parquet"}


@contextmanager
def served(url: str) -> Iterator[int]:
    """A port on which gunicorn serves that book."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
        "service.app:create_app()",
    ]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()  # our own # nosec B310
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def by_psql(psql: str | None, url: str, select: str) -> Callable[[], int]:
    """The floor: the database's own client, or its driver."""
    if psql:
        command = [psql, url, "-qc", f"\\copy ({select}) to /dev/null csv"]
        return lambda: subprocess.run(command, check=True).returncode

    def run() -> int:
        with closing(psycopg2.connect(url)) as connection, Path(os.devnull).open("w") as nowhere:
            connection.cursor().copy_expert(f"copy ({select}) to stdout (format csv)", nowhere)
        return 0

    return run


def by_http(port: int, key: str, media_type: str) -> Callable[[], int]:
    """A whole export, read to nowhere; how many bytes it had."""

    def run() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request(
            "GET", "/v1/offences", headers={"Authorization": f"Bearer {key}", "Accept": media_type}
        )
        answer, held, size = connection.getresponse(), memoryview(bytearray(2**20)), 0
        while read := answer.readinto(held):
            size += read
        connection.close()
        return size

    return run


def main(rows: int, rounds: int) -> None:
    """Measure in turns, so that whatever else the machine does meets all alike."""
    root, home = (Path(tempfile.mkdtemp(prefix=f"crimebook-bench-{part}-")) for part in ("server", "home"))
    psql = shutil.which("psql", path=f"{os.environ.get('PG_BINDIR', '')}:{os.environ['PATH']}")
    with EmbeddedPostgres(root) as server:
        with closing(psycopg2.connect(server.url("postgres", "postgres"))) as connection:
            connection.autocommit = True
            connection.cursor().execute("create database bench owner crimebook template template0")
        url = server.url("bench")
        migrations.migrate(url)
        callers.ensure_first_key(url, home)
        open_data.load(url)
        database.release()
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(FILL.format(rows=rows))
            connection.cursor().execute("vacuum analyze")
        with served(url) as port:
            key = (home / "key").read_text().strip()
            floor = "psql \\copy … to" if psql else "COPY through psycopg2"
            asked = {
                floor: by_psql(psql, url, LISTED),
                f"{floor}, unordered": by_psql(psql, url, LISTED.partition(" order by")[0]),
            }
            asked |= {f"HTTP, {name}": by_http(port, key, media_type) for name, media_type in TYPES.items()}
            seconds: dict[str, list[float]] = {name: [] for name in asked}
            sizes = {}
            for turn in range(rounds + 1):
                for name, run in asked.items():
                    began = time.perf_counter()
                    sizes[name] = run()
                    if turn:  # the first warms up
                        seconds[name].append(time.perf_counter() - began)
    shutil.rmtree(root)
    shutil.rmtree(home)
    print(
        f"{rows:,} offences, median of {rounds}, {os.cpu_count()} cores, {platform.machine()}, load"
        f" {os.getloadavg()[0]:.1f}\n"
    )
    print("| | seconds | rows/s | MB | ratio |\n| --- | --- | --- | --- | --- |")
    least = statistics.median(seconds[floor])
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(
            f"| {name} | {middle:.2f} | {rows / middle:,.0f} |"
            f" {f'{sizes[name] / 1e6:.0f}' if sizes[name] else ''} | {least / middle:.2f} |"
        )


if __name__ == "__main__":
    asked_for = [int(word) for word in sys.argv[1:]]
    main(*(asked_for + [200_000, 5][len(asked_for) :]))
