"""A book from before the baseline. Its schema was made by forty files, the last of them 053; the baseline
makes the same schema with one file for each noun, so a book at 053 has nothing left to apply of it."""

import sys

from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from service.store.frozen import MigrationFault, versions

LAST = "250"
BEFORE = (
    *(f"{number:03}" for number in (*range(1, 15), *range(16, 27), 29)),
    *(f"{number:03}" for number in range(40, 54)),
)
"""What a book at 053 has applied, no more and no less."""

_TAKE_OVER = """
with gone as (
    delete from schema_migrations
    where (select array_agg(version::text order by version) from schema_migrations) = %(before)s
    returning version
)
insert into schema_migrations (version)
select version from unnest(%(baseline)s) as version
cross join (select count(*) as number from gone) as counted
where counted.number > 0
"""


def take_over(connection: Connection) -> None:
    """Let the baseline count as applied in a book at 053. Raises MigrationFault in a book that is older."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('schema_migrations') is not null")
        if cursor.fetchone() != (True,):
            return
        cursor.execute(
            "select max(version) from schema_migrations having bool_or(version = %s)", (BEFORE[0],)
        )
        at = cursor.fetchone()
        if at is None:  # begun with the baseline
            return
        cursor.execute(
            "lock table schema_migrations in share row exclusive mode"
        )  # another launcher may be at it
        baseline = sorted(version for version in versions() if version <= LAST)
        cursor.execute(_TAKE_OVER, {"before": list(BEFORE), "baseline": baseline})
        if cursor.rowcount:
            print(
                f"Schema: a book at {BEFORE[-1]} was taken over: the files up to {LAST} count as applied.",
                file=sys.stderr,
                flush=True,
            )
            return
        cursor.execute("select from schema_migrations where version = %s", (BEFORE[0],))
        if cursor.rowcount:  # else that launcher has taken it over meanwhile
            raise MigrationFault(
                f"The schema of this book is at {at[0]}, from before the baseline of version 0.9.0. Only a"
                f" book at {BEFORE[-1]} that has applied every file up to there can be taken over: migrate it"
                f" to {BEFORE[-1]} first, with the last code that does so."
            )
