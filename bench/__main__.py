r"""`python -m bench`: the service against its floors and against what a user would otherwise build, on seeded
books of several sizes.

Per size: a copy of the seeded book, all contenders beside each other on it, every question by turns in
rounds. Sizes, rounds and seconds come from SIZES, BENCH_ROUNDS, BENCH_SECONDS and BENCH_CLIENTS; BENCH_HOME
keeps the seeded books for the next run. `--write` writes bench/RESULTS.md. bench/README.md says how to read
the table.
"""

import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from bench import contenders, load, questions, runners, tables, transfers
from bench.measuring import Found, measure
from bench.processes import largest_resident
from bench.questions import Service
from bench.runners import CLIENTS
from bench.sameness import require_same
from bench.seeding import seed
from service.callers import callers
from service.reference import open_data
from service.store import database, migrations
from service.store.embedded.server import EmbeddedPostgres

SIZES = [
    int(one.replace("_", ""))
    for one in (os.environ.get("SIZES") or "100000 1000000 10000000").replace(",", " ").split()
]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
SERVER: dict[str, str | int] = {"shared_buffers": "2GB", "max_wal_size": "4GB", "effective_cache_size": "8GB"}


@dataclass
class Size:
    """What was found of one size."""

    offences: int
    seeded_in: float
    bytes: int
    found: Found = field(default_factory=dict)
    latencies: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    megabytes: float = 0


def say(text: str) -> None:
    """Progress, beside the table."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Bench:
    """One server with the seeded books, from which each measurement takes a copy."""

    def __init__(self, server: EmbeddedPostgres, home: Path) -> None:
        self.server, self.home = server, home

    def run(self, *statements: str, database_name: str = "postgres", role: str = "postgres") -> list[Any]:
        """The rows of the last statement."""
        with closing(psycopg2.connect(self.server.url(database_name, role))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def referenced(self) -> None:
        """The book of which all others are copies: schema, reference data, a key."""
        migrations.migrate(self.server.url())
        callers.ensure_first_key(self.server.url(), self.home)
        open_data.load(self.server.url())
        database.release()

    def seeded(self, offences: int) -> float:
        """Seconds that it took to make this book; nought where it was kept from an earlier run."""
        name = f"seeded_{offences}"
        if self.run(f"select 1 from pg_database where datname = '{name}'"):  # a number of ours # nosec B608
            return 0
        began = time.monotonic()
        self.run(f"create database {name}_half template crimebook owner crimebook")
        seed(self.server.url(f"{name}_half"), offences)
        self.run(f"alter database {name}_half rename to {name}")
        return time.monotonic() - began

    def measured(self, offences: int) -> Size:
        """Everything about one size."""
        say(f"seeding {offences:,} offences")
        took, name = self.seeded(offences), f"measured_{time.time_ns()}"
        self.run(f"create database {name} template seeded_{offences} owner crimebook")
        url = self.server.url(name)
        size = Size(offences, took, self.run(f"select pg_database_size('{name}')")[0][0])
        try:
            wanted = "array[" + ", ".join(f"'{one}'" for one in questions.CATEGORIES) + "]"
            rival = (contenders.PROJECT / "bench" / "rival.sql").read_text().replace("{categories}", wanted)
            self.run(rival, "vacuum analyze", database_name=name, role="crimebook")
            with ExitStack() as stack:
                self._measure(stack, url, name, size)
        finally:
            database.release()
            self.run(f"drop database {name} with (force)")
        say("\n".join(tables.of_one(size)))
        return size

    def _measure(self, stack: ExitStack, url: str, name: str, size: Size) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        key = (self.home / "key").read_text().strip()
        started = {
            "service": contenders.service(stack, url, keeping=False),
            "again": contenders.service(stack, url, keeping=True),
            "rival": contenders.rival(stack, url),
            "marshal_with": contenders.marshalled(stack, url),
        }
        service = Service(started["service"][0], key)
        [[past]] = self.run(
            "select max(id) - 43 from change where reason like 'corrections of %'", database_name=name
        )
        asked = questions.prepared(service, past)
        require_same(service, started["rival"][0], asked)
        say("the same numbers from both")
        asked_of = runners.runners(self.run, self.home, stack, url, service, started, asked, folder)
        assert self.server.process
        size.found = measure(asked_of, self.server.process.pid, ROUNDS, SECONDS, say)
        for question in (asked[0], asked[3]):
            headers = questions.headers_of(key, question)
            rate = (
                0.7
                * len(load.ask_often(service.port, question.path, headers, 2 * SECONDS, 4))
                / (2 * SECONDS)
            )
            middle, late = load.latencies(service.port, question.path, headers, 5 * SECONDS, 8, rate)
            size.latencies[question.name] = (middle, late, rate)
        ports, processes = ({name: one[part] for name, one in started.items()} for part in (0, 1))
        days = min(3651, 3652 * transfers.ROWS // size.offences)
        [[last]] = self.run(f"select (date '2012-04-01' + {days})::text")
        size.megabytes = max(largest_resident(started[name][1]) for name in ("service", "again"))
        moved = {
            transfers.EXPORT: transfers.exports(url, key, ports, processes, ("2012-04-01", last)),
            transfers.LOAD: transfers.loads(url, key, ports, processes, folder),
        }
        size.found |= measure(
            moved, self.server.process.pid, ROUNDS, SECONDS, lambda told: say(f"files: {told}")
        )
        size.megabytes = max(size.megabytes, largest_resident(started["service"][1]))


def main() -> int:
    """Measure each size and tell."""
    began = time.monotonic()
    kept = os.environ.get("BENCH_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix="crimebook-bench-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "postgres", durable=True, **SERVER) as server:
            bench = Bench(server, home)
            bench.referenced()
            sizes = [bench.measured(offences) for offences in SIZES]
            [[version]] = bench.run("show server_version")
    finally:
        database.release()
        if not kept:
            shutil.rmtree(home, ignore_errors=True)
    text = tables.told(sizes, tables.about(version, ROUNDS, SECONDS, CLIENTS, time.monotonic() - began))
    print(text)
    if "--write" in sys.argv:
        (contenders.PROJECT / "bench" / "RESULTS.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
