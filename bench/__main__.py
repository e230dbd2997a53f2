r"""`python -m bench`: the service against its floors and against what a user would otherwise build, on seeded books of several sizes.

Per size: a copy of the seeded book, all contenders beside each other on it, every question by turns in rounds. Sizes, rounds and seconds
come from SIZES, BENCH_ROUNDS, BENCH_SECONDS and BENCH_CLIENTS; BENCH_HOME keeps the seeded books for the next run. `--write` writes
bench/RESULTS.md. bench/README.md says how to read the table.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from bench import capture, contenders, load, questions, tables, transfers
from bench.measuring import Done, Found, Runner, measure
from bench.processes import largest_resident
from bench.questions import FORCE, WRITES, Question, Service
from bench.sameness import require_same
from bench.seeding import seed
from service import callers, reference
from service.app import create_app
from service.settings import Settings
from service.store import database, migrations
from service.store.embedded import EmbeddedPostgres

SIZES = [int(one.replace("_", "")) for one in (os.environ.get("SIZES") or "100000 1000000 10000000").replace(",", " ").split()]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "4"))
RECORDS_CORRECTED = 100  # as many scripts as pgbench takes
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
        reference.load(self.server.url())
        database.release()

    def seeded(self, offences: int) -> float:
        """Seconds that it took to make this book; nought where it was kept from an earlier run."""
        name = f"seeded_{offences}"
        if self.run(f"select 1 from pg_database where datname = '{name}'"):
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
        return size

    def _measure(self, stack: ExitStack, url: str, name: str, size: Size) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        key = (self.home / "key").read_text().strip()
        started = {
            "service": contenders.service(stack, url),
            "rival": contenders.rival(stack, url),
            "marshal_with": contenders.marshalled(stack, url),
        }
        service = Service(started["service"][0], key)
        [[past]] = self.run("select max(id) - 43 from change where reason like 'corrections of %'", database_name=name)
        asked = questions.prepared(service, past)
        require_same(service, started["rival"][0], asked)
        say("the same numbers from both")
        runners = self._runners(stack, url, service, started, asked, folder)
        assert self.server.process
        size.found = measure(runners, self.server.process.pid, ROUNDS, SECONDS, say)
        for question in (asked[0], asked[3]):
            rate = 0.7 * size.found[question.name]["service"].rate
            middle, late = load.latencies(service.port, question.path, _told(key, question), 5 * SECONDS, 8, rate)
            size.latencies[question.name] = (middle, late, rate)
        ports, processes = ({name: one[part] for name, one in started.items()} for part in (0, 1))
        days = min(3651, 3652 * transfers.ROWS // size.offences)
        [[last]] = self.run(f"select (date '2012-04-01' + {days})::text")
        size.megabytes = largest_resident(started["service"][1])
        moved = {transfers.EXPORT: transfers.exports(url, key, ports, processes, ("2012-04-01", last)),
                 transfers.LOAD: transfers.loads(url, key, ports, processes, folder)}  # fmt: skip
        size.found |= measure(moved, self.server.process.pid, ROUNDS, SECONDS, lambda told: say(f"files: {told}"))
        size.megabytes = max(size.megabytes, largest_resident(started["service"][1]))

    def _remember(self, name: str, records: list[dict[str, Any]]) -> None:
        """The tags of the records that are corrected, as they are now."""
        ids = ", ".join(f"'{one['offence_id']}'" for one in records)
        held = self.run(f"select offence_id::text, since_change from offence where offence_id in ({ids})", database_name=name)
        tags = {offence_id: f'"{since}"' for offence_id, since in held}
        for one in records:
            one["tag"] = tags[one["offence_id"]]

    def _records(self, name: str) -> list[dict[str, Any]]:
        rows = self.run(f"select offence_id::text, crime_ref from offence where force = '{FORCE}' order by md5(offence_id::text) "
                        f"limit {RECORDS_CORRECTED}", database_name=name)  # fmt: skip
        records = [{"offence_id": one, "crime_ref": crime_ref} for one, crime_ref in rows]
        self._remember(name, records)
        return records

    def _writes(
        self, url: str, key: str, ports: dict[str, tuple[int, int]], floors: dict[str, str], records: list[dict[str, Any]], app: Any,
    ) -> dict[str, dict[str, Runner]]:  # fmt: skip
        """Recording and correcting one, by each contender."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        name, parts = url.rsplit("/", 1)[1].split("?")[0], [records[number::CLIENTS] for number in range(CLIENTS)]

        def remember() -> None:
            self._remember(name, records)

        body = json.dumps(questions.draft("bench/captured")).encode()
        recorded = [capture.script(capture.heard(app, "POST", "/v1/offences", headers, body), url, writing=True)]
        corrections = []
        for one in records:
            body, told = json.dumps(questions.corrected(one, 0)).encode(), headers | {"If-Match": one["tag"]}
            heard = capture.heard(app, "PUT", f"/v1/offences/{one['offence_id']}", told, body)
            corrections.append(capture.script(heard, url, writing=True))
        record, correct = WRITES
        runners: dict[str, dict[str, Runner]] = {
            record: {"sql": _running(url, recorded), "bare": _making(ports["bare"], [questions.recording(key, floors[record])] * CLIENTS)},
            correct: {
                "sql": _running(url, corrections),
                "bare": _making(ports["bare"], [questions.recording(key, floors[correct])] * CLIENTS),
            },
        }
        for contender, path in (("service", "/v1/offences"), ("rival", "/offences")):
            runners[record][contender] = _making(ports[contender], [questions.recording(key, path) for _ in range(CLIENTS)])
            runners[correct][contender] = _making(ports[contender], [questions.correcting(key, path, part) for part in parts], remember)
        return runners

    def _runners(
        self, stack: ExitStack, url: str, service: Service, ports: dict[str, tuple[int, int]], asked: list[Question], folder: Path,
    ) -> dict[str, dict[str, Runner]]:  # fmt: skip
        environment = {"DATABASE_URL": url, "LOG_LEVEL": "error", "CRIMEBOOK_HOME": str(self.home), "RATE_LIMIT": "none"}
        app = create_app(Settings.from_environment(environment))
        answers = [service.ask(one.path, headers=one.headers) for one in asked]
        one = [("Content-Type", "application/json")], answers[0][2]
        ports["bare"] = contenders.bare(stack, [*answers, (201, *one), (200, *one)], folder)
        runners: dict[str, dict[str, Runner]] = {}
        for number, question in enumerate(asked):
            told = _told(service.key, question)
            refreshed = _refreshing(service, question, told)
            statements = capture.script(capture.heard(app, "GET", question.path, told), url)
            runners[question.name] = {
                "service": _asking(ports["service"], question.path, told, refreshed), "bare": _asking(ports["bare"], f"/{number}", question.headers),
                "sql": _running(url, [statements]),
            }  # fmt: skip
            if question.rival:
                runners[question.name]["rival"] = _asking(ports["rival"], question.rival, {})
        runners["list of 100"]["marshal_with"] = _asking(ports["marshal_with"], "/offences", {})
        floors = {question_name: f"/{number}" for number, question_name in enumerate(WRITES, len(asked))}
        runners |= self._writes(url, service.key, ports, floors, self._records(url.rsplit("/", 1)[1].split("?")[0]), app)
        database.release()
        return runners


def _told(key: str, question: Question) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | question.headers


def _refreshing(service: Service, question: Question, headers: dict[str, str]) -> Callable[[], None]:
    """Before each round: what was recorded since has moved the tag, and an answer of 200 must not pass for one of 304."""

    def refresh() -> None:
        if "If-None-Match" in headers:
            headers["If-None-Match"] = dict(service.ask(question.path)[1])["ETag"]
            if service.ask(question.path, headers=headers)[0] != 304:
                raise RuntimeError(f"{question.path} was modified")

    return refresh


def _asking(server: tuple[int, int], path: str, headers: dict[str, str], before: Callable[[], None] = lambda: None) -> Runner:
    return Runner(lambda seconds: Done(load.asked(server[0], path, headers, seconds, CLIENTS)), (server[1],), before)


def _running(url: str, scripts: list[str]) -> Runner:
    return Runner(lambda seconds: capture.pgbench(url, scripts, seconds, CLIENTS))


def _making(server: tuple[int, int], makers: list[load.Make], before: Callable[[], None] = lambda: None) -> Runner:
    return Runner(lambda seconds: Done(load.made_in(server[0], makers, seconds)), (server[1],), before)


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
