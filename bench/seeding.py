"""A book of as many made-up offences as are asked for: 43 forces, ten financial years, made inside
PostgreSQL, the same each time.

The records, their versions, changes, coverage and tally are what files of a year each and a change of
corrections for each force would have left: constraints and triggers stand, only the indexes beside the
primary key are built once the rows are there. `python -m service verify` finds no fault in it.
"""

from contextlib import closing
from pathlib import Path
from typing import Any

import aiosql
import psycopg2
import psycopg2.extensions

from service.store.statements import statements

YEARS = 10
FIRST_YEAR = 2012
SEEDED_CHANGES = 43 * YEARS + 43
_STATEMENTS = aiosql.from_path(Path(__file__).with_suffix(".sql"), "psycopg2", mandatory_parameters=False)

Connection = psycopg2.extensions.connection


def seed(url: str, offences: int) -> int:
    """Fill a book that has its reference data and no records. Returns the change before any correction: a
    past that differs."""
    with closing(psycopg2.connect(url)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "set local work_mem = '256MB'; set local maintenance_work_mem = '1GB'; set local"
                " synchronous_commit = off"
            )
            _STATEMENTS.make_changes(connection)
            cursor.execute("select max(id) from change")
            latest = cursor.fetchone()[0]  # type: ignore[index]
            _STATEMENTS.make_places(connection, latest=latest)
            _STATEMENTS.make_codes(connection)
            cursor.execute("analyze seeded_place; analyze seeded_code")
            built = _without_indexes(cursor)
            for year in range(YEARS):
                first, last = 1 + year * offences // YEARS, (year + 1) * offences // YEARS
                _STATEMENTS.make_records(
                    connection, first_number=first, last_number=last, latest=latest, year=year
                )
            _STATEMENTS.cover(connection, latest=latest)
            _STATEMENTS.cover_now(connection)
            for statement in built:
                cursor.execute(statement)
            _STATEMENTS.count(connection)
            _STATEMENTS.count_by_category(connection)
        connection.autocommit = True
        connection.cursor().execute("vacuum analyze")
    return int(latest) - 43


def _without_indexes(cursor: Any) -> list[str]:
    """Drop what of the records' indexes is no constraint; gives the statements that build them again, with
    their comments."""
    cursor.execute(
        """select index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid),
        obj_description(index.indexrelid, 'pg_class')
           from pg_index as index left join pg_constraint as fact on fact.conindid = index.indexrelid
           and fact.contype in ('p', 'u')
           where index.indrelid = 'offence_version'::regclass and fact.oid is null"""
    )
    building, found = [], cursor.fetchall()
    for name, definition, comment in found:
        cursor.execute(f"drop index {name}")
        building.append(definition)
        if comment:
            building.append(cursor.mogrify(f"comment on index {name} is %s", (comment,)).decode())
    return building


def differences(connection: Connection) -> list[Any]:
    """Where tally and records disagree, as `python -m service verify` asks: nowhere."""
    return list(statements()["offences.tally"].differences(connection))
