"""What a replica costs and how far it is behind: a durable primary and a streaming replica of it on this
machine, started for the purpose.

`python bench/replicas.py [rounds]` prints two tables in a minute or two; bench/README.md says how to read
them.
"""

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import psycopg2  # noqa: E402
from builders import offence  # noqa: E402
from replica_servers import Pair, new_root, until  # noqa: E402

from bench.processes import seconds_of  # noqa: E402
from service.app import create_app  # noqa: E402
from service.callers import callers  # noqa: E402
from service.intake.offences.options import SubmissionOptions  # noqa: E402
from service.launcher import demonstration  # noqa: E402
from service.launcher.files import load_offences  # noqa: E402
from service.reference import open_data  # noqa: E402
from service.settings import Settings  # noqa: E402
from service.store import connect, database, migrations  # noqa: E402
from service.store.embedded.server import EmbeddedPostgres  # noqa: E402
from service.web.answers import formats  # noqa: E402

REQUESTS, WRITES = 200, 200
SUMMARY = "/v1/summaries?area=northamptonshire&category=residential-burglary&period=2012/13&compare=last-year"
WAYS = {
    "asynchronous": ("local", ""),
    "synchronous, `on`": ("on", "ANY 1 (*)"),
    "synchronous, `remote_apply`": ("remote_apply", "ANY 1 (*)"),
}


def filled(root: Path) -> str:
    """A stopped server's files below `root` with the reconstructed year 2012/13; the administrator's key."""
    with EmbeddedPostgres(root / "primary") as server:
        migrations.migrate(server.url())
        callers.ensure_first_key(server.url(), root)
        open_data.load(server.url())
        options = SubmissionOptions(covers="all-crime", force="northamptonshire", reason="for the bench")
        records = demonstration.reconstruct_records("2012/13")
        load_offences(records, formats.CSV, "Northamptonshire 2012/13", options)
        database.release()
    return (root / "key").read_text().strip()


def client(url: str, key: str) -> Callable[..., Any]:
    """Asks the service in this process."""
    often = {
        "RATE_LIMIT": "none",
        "KEY_ATTEMPT_LIMIT": "none",
        "LOG_LEVEL": "error",
        "LASTING_ANSWERS_MB": "0",
    }
    flask = create_app(Settings.from_environment({"DATABASE_URL": url} | often)).test_client()

    def ask(method: str, address: str, **sent: Any) -> Any:
        answer = flask.open(address, method=method, headers={"Authorization": f"Bearer {key}"}, **sent)
        if answer.status_code not in (200, 201, 404):
            raise RuntimeError(answer.text)
        return answer

    return ask


def processor(pair: Pair, ask: Callable[..., Any], address: str) -> tuple[float, float, float]:
    """Milliseconds of processor time for one request: of this process, of the primary, of the replica."""
    servers = [pair.primary.process.pid, pair.replica.process.pid]
    before = time.process_time(), *map(seconds_of, servers)
    for _ in range(REQUESTS):
        ask("GET", address)
    after = time.process_time(), *map(seconds_of, servers)
    told = [1000 * (end - begin) / REQUESTS for begin, end in zip(before, after, strict=True)]
    return told[0], told[1], told[2]


def routing(pair: Pair, ask: Callable[..., Any], rounds: int) -> None:
    """Print what a read costs at the primary alone and with a replica, by turns."""
    page = ask("GET", "/v1/offences?area=northamptonshire&limit=1").json
    asked = {"figures": SUMMARY, "one record, logged": f"/v1/offences/{page['items'][0]['offence_id']}"}
    print("| processor time of one request, ms | service | primary | replica |\n| --- | --- | --- | --- |")
    for name, address in asked.items():
        found: dict[str, list[tuple[float, float, float]]] = {"primary alone": [], "with a replica": []}
        for _ in range(rounds):
            for way, times in found.items():
                connect(pair.primary.url(), read_url=pair.read_url if way == "with a replica" else None)
                ask("GET", address)
                times.append(processor(pair, ask, address))
        for way, times in found.items():
            print(
                f"| {name}, {way} | "
                + " | ".join(f"{statistics.median(one):.2f}" for one in zip(*times, strict=True))
                + " |"
            )


def lag(pair: Pair, ask: Callable[..., Any]) -> None:
    """Print how long a change takes to be acknowledged and to be at the replica, and how often a read right
    after it is too early."""
    print(
        "| a change, then a read at the replica | not yet there | acknowledged after, ms | there after"
        " another, ms |"
    )
    print("| --- | --- | --- | --- |")
    for way, (commit, names) in WAYS.items():
        pair.tell(
            pair.primary,
            f"alter system set synchronous_standby_names = '{names}'",
            "select pg_reload_conf()",
            f"alter database crimebook set synchronous_commit = '{commit}'",
        )
        until(
            lambda want=bool(names): (
                pair.tell(pair.primary, "select bool_or(sync_state <> 'async') from pg_stat_replication")[0]
                == want
            )
        )
        connect(pair.primary.url(), read_url=pair.read_url)
        early, took, until_there = 0, [], []
        with closing(psycopg2.connect(pair.read_url)) as replica, replica.cursor() as cursor:
            replica.autocommit = True
            for _ in range(WRITES):
                sent, began = offence(), time.perf_counter()
                made = ask("POST", "/v1/offences", json=sent)
                done = time.perf_counter()
                there = False
                while not there:
                    cursor.execute(
                        "select max(id) >= %s from change", (int(made.headers["Crimebook-Change"]),)
                    )
                    [there] = cursor.fetchone()
                until_there.append(1000 * (time.perf_counter() - done))
                took.append(1000 * (done - began))
        for _ in range(WRITES):
            made = ask("POST", "/v1/offences", json=offence())
            early += ask("GET", f"/v1/offences/{made.json['offence_id']}").status_code == 404
        print(
            f"| {way} | {early} of {WRITES} | {statistics.median(took):.1f} |"
            f" {statistics.median(until_there):.1f} |"
        )


def main() -> None:
    """Both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    root = new_root()
    key = filled(root)
    pair = Pair(root / "primary", durable=True)
    try:
        ask = client(pair.primary.url(), key)
        print(
            f"{os.cpu_count()} cores, PostgreSQL {pair.tell(pair.primary, 'show server_version')[0]}, both"
            " servers durable\n"
        )
        routing(pair, ask, rounds)
        print()
        lag(pair, ask)
    finally:
        database.release()
        pair.stop()
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
