"""The book spread over the servers of a Citus cluster, by force: one SQL file, and the reasons why it may not
be run here."""

from contextlib import closing
from pathlib import Path
from typing import cast

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from service.store import migrations

FILE = Path(__file__).with_name("distribution.sql")
GOES_WITH = {  # PostgreSQL by Citus, from the version check of each of its releases
    (12, 0): range(14, 16),
    (12, 1): range(14, 17),
    (13, 0): range(15, 18),
    (13, 1): range(15, 18),
    (13, 2): range(15, 18),
    (14, 0): range(16, 19),
}
_OLDEST = "Citus 12.0"


class NotDistributable(RuntimeError):
    """The book cannot be spread over this database; the text is a sentence for the person who asked."""


def distribute(owner_url: str) -> list[str]:
    """Spread every table that is not where it should be yet; the names of those that were. Raises
    NotDistributable.

    The URL is of a role that owns the tables and may set parameters of the database: its superuser, or one it
    gave that right.
    """
    with closing(psycopg2.connect(owner_url, application_name="crimebook")) as connection:
        connection.autocommit = True
        _require_citus(connection)
        _require_coordinator(connection)
        if pending := migrations.pending(owner_url):
            raise NotDistributable(
                f"The schema lacks {', '.join(pending)}: run `python -m service migrate` first."
            )
        before = _placed(connection)
        with connection.cursor() as cursor:
            try:
                cursor.execute(FILE.read_text(encoding="utf-8"))
            except psycopg2.errors.RaiseException as refused:
                raise NotDistributable(str(refused.diag.message_primary)) from refused
        return sorted(_placed(connection) - before)


def _require_citus(connection: Connection) -> None:
    if _value(connection, "select to_regprocedure('citus_version()')") is None:
        raise NotDistributable(
            "This is plain PostgreSQL and needs no distributing: Crimebook runs on it as it is. To spread a"
            " book over several servers, make it on a Citus cluster (`create extension citus` on each, before"
            " the first migration)."
        )
    version = str(_value(connection, "select citus_version()")).split()[1]
    first, second = version.split(".")[:2]
    citus, major = (int(first), int(second)), connection.server_version // 10_000
    if citus < min(GOES_WITH):
        raise NotDistributable(f"This is Citus {version}; {_OLDEST} or later is needed.")
    fitting = GOES_WITH.get(citus)
    if fitting is not None and major not in fitting:
        raise NotDistributable(
            f"Citus {version} is for PostgreSQL {fitting[0]} to {fitting[-1]}, and this is {major}."
        )


def _require_coordinator(connection: Connection) -> None:
    if _value(connection, "select groupid from pg_dist_local_group") != 0:
        raise NotDistributable("This server is a worker of the cluster: distribute at its coordinator.")
    if not _value(connection, "select count(*) from pg_dist_node where isactive and shouldhaveshards"):
        raise NotDistributable(
            "The cluster has no server to hold data: add some with citus_add_node() first."
        )


def _placed(connection: Connection) -> set[str]:
    tables = _value(connection, "select coalesce(array_agg(logicalrelid::text), '{}') from pg_dist_partition")
    return set(cast("list[str]", tables))


def _value(connection: Connection, query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        return row[0] if row else None
