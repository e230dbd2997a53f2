"""What a book grows by: its size after a file of records and after every one of them was corrected, and what
vacuum and reindex give back.

python -m bench.growth [--rows 1000000] [--write]

The records go in as files of 50,000 lines, as a force sends them, and then once more with other victims: each
line corrects a record. Files go through the service in this process, with fsync off, for sizes do not depend
on it. --write puts the table into bench/RESULTS-growth.md.
"""

import argparse
import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import psycopg2

from bench.loading import HEADER, lines
from service import store
from service.app import create_app
from service.callers import callers
from service.reference import open_data
from service.settings import Settings
from service.store import database, migrations
from service.store.embedded.server import EmbeddedPostgres

RESULTS = Path(__file__).with_name("RESULTS-growth.md")
LINES = 50_000
RELATIONS = ("offence_version", "tally", "category_tally")

Sizes = dict[str, int]


def sizes(url: str) -> Sizes:
    """Bytes of each large table and of each of its indexes."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            """select relname, pg_table_size(oid) from pg_class where relname = any (%(names)s) and
            relkind = 'r'
               union all select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index
               where indrelid = any (select oid from pg_class where relname = any (%(names)s) and
               relkind = 'r')""",
            {"names": list(RELATIONS)},
        )
        return dict(cursor.fetchall())


def run(url: str, *said: str) -> float:
    """Seconds of statements that stand outside a transaction."""
    began = time.monotonic()
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in said:
            connection.cursor().execute(statement)
    return time.monotonic() - began


def files(rows: int, *, corrected: bool) -> Iterator[bytes]:
    """The lines in files; corrected, each with one victim more."""
    told = lines(rows)
    next(told)
    while taken := list(islice(told, LINES)):
        if corrected:
            taken = [f"{line.rpartition(',')[0]},{int(line.rpartition(',')[2]) + 1}\n" for line in taken]
        yield (HEADER + "\n" + "".join(taken)).encode()


def grown(rows: int) -> Iterator[tuple[str, float, Sizes]]:
    """Each step with its seconds and the sizes after it."""
    home = Path(tempfile.mkdtemp(prefix="crimebook-growth-"))
    home.chmod(0o755)  # where root asks, the database runs as somebody else
    with EmbeddedPostgres(home / "server", durable=False) as server:
        url, owner = server.url(), server.url("crimebook", "postgres")
        migrations.migrate(url)
        key = callers.ensure_first_key(url, home) or (home / "key").read_text().strip()
        open_data.load(url)
        database.release()
        told = {"DATABASE_URL": url, "LOG_LEVEL": "error", "CRIMEBOOK_HOME": str(home), "RATE_LIMIT": "none"}
        app = create_app(Settings.from_environment(told))
        store.connect(url)
        for step, corrected in (("recorded", False), ("each corrected once", True)):
            began = time.monotonic()
            for file in files(rows, corrected=corrected):
                answer = app.test_client().post(
                    "/v1/submissions?force=northamptonshire",
                    data=file,
                    content_type="text/csv",
                    headers={"Authorization": f"Bearer {key}"},
                )
                assert answer.status_code == 201, answer.json
            yield step, time.monotonic() - began, sizes(url)
        database.release()
        yield "vacuum", run(owner, "vacuum analyze offence_version, tally, category_tally"), sizes(url)
        yield (
            "reindex concurrently",
            run(owner, *(f"reindex table concurrently {name}" for name in RELATIONS)),
            sizes(url),
        )
    shutil.rmtree(home)


def table(rows: int, steps: list[tuple[str, float, Sizes]]) -> str:
    """The steps side by side, in MB."""
    names = sorted(steps[0][2], key=lambda name: -steps[1][2][name])
    written = [
        (
            f"# The last run\n\n{dt.datetime.now(dt.UTC):%-d %B %Y}, `python -m bench.growth --rows {rows}"
            f" --write`: {rows:,} records\n"
        ),
        "| MB | " + " | ".join(step for step, _, _ in steps) + " |",
        "| --- |" + " --- |" * len(steps),
    ]
    written += [
        f"| {name} | " + " | ".join(f"{held[name] / 1e6:,.1f}" for _, _, held in steps) + " |"
        for name in names
    ]
    written.append("| all | " + " | ".join(f"{sum(held.values()) / 1e6:,.1f}" for _, _, held in steps) + " |")
    written.append("| seconds | " + " | ".join(f"{seconds:,.0f}" for _, seconds, _ in steps) + " |")
    return "\n".join(written) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How a book grows by records and corrections.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    given = parser.parse_args()
    told = table(given.rows, list(grown(given.rows)))
    print(told)
    if given.write:
        RESULTS.write_text(told)
