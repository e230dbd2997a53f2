"""Named statements are planned once by each connection, and answer as before."""

from contextlib import closing

import psycopg2
import pytest
from builders import record

from service.store import connections, database, preparing, statements

FRESH = (
    statements.statements.__wrapped__()
)  # read anew: those of the service tell when they are looked at (see every_statement)
NAMES = {
    getattr(queries, name).sql: f"{noun}.{name.removesuffix('_cursor')}"
    for noun, queries in FRESH.items()
    for name in queries.available_queries
    if hasattr(getattr(queries, name), "sql")
}


@pytest.fixture
def held(service):
    with database.reading():
        pass
    return connections.connection()


def plans(held, name):
    [named] = [preparing.find_prepared(sql) for sql, known in NAMES.items() if known == name]
    with held.cursor() as cursor:
        cursor.execute(
            "select generic_plans, custom_plans from pg_prepared_statements where name = %s", (named.name,)
        )
        return cursor.fetchone()


def test_every_statement_has_parameters_of_types_that_the_database_can_tell(held):
    faults = {}
    for sql, name in NAMES.items():
        if named := preparing.find_prepared(sql):
            try:
                with held.cursor() as cursor:
                    cursor.execute(named.prepare)
            except psycopg2.Error as fault:
                faults[name] = str(fault)
    database.release()
    assert faults == {}


def test_what_is_not_prepared_stages_files_says_several_things_or_lists(held):
    whole = {name for sql, name in NAMES.items() if preparing.find_prepared(sql) is None}
    loading = (
        "intake.returns.returns",
        "intake.returns.home_office_tables",
        "intake.offences.submissions",
        "intake.offences.replacements",
        "intake.police_uk.submissions",
    )
    lists = {name for name in whole if "list" in name}
    assert len(lists) > 20
    assert {name for name in whole - lists if name.rpartition(".")[0] not in loading} == {
        "store.accesses.end",
        "offences.erasures.become_eraser",
        "offences.erasures.reviews",
        "offences.offences.versions",
        "releases.releases.known_then",
        "releases.releases.counting",
        "releases.revisions.records",
        "audit.seals.is_there",
        "audit.seals.leaves",
        "intake.police_uk.crimes.types",
    }


def test_what_is_asked_again_and_again_is_planned_once(service, held):
    one = record(service)
    for _ in range(12):
        assert service.get(f"/v1/offences/{one['offence_id']}").json["offence_id"] == one["offence_id"]
    told = plans(held, "offences.offences.read")
    assert told["generic_plans"] >= 10
    assert told["custom_plans"] == 0


def test_what_writes_one_thing_again_and_again_is_planned_once(service, held):
    for _ in range(12):
        record(service)
    told = plans(held, "offences.tally.count_change")
    assert (told["generic_plans"], told["custom_plans"]) == (11, 0)


def test_the_server_knows_a_statement_by_the_name_that_its_file_gives_it(service, held):
    for _ in range(2):
        record(service)
    with held.cursor() as cursor:
        cursor.execute("select name from pg_prepared_statements")
        assert {row["name"] for row in cursor.fetchall()} >= {
            "callers.keys.bearer",
            "store.changes.begin",
            "offences.tally.count_change",
        }


def test_a_list_is_planned_for_the_filters_that_it_has():
    assert preparing.find_prepared(FRESH["offences.offences"].list.sql) is None


def test_a_table_that_grows_a_column_under_way_disturbs_nobody(service, held):
    one = record(service)
    for _ in range(3):
        assert service.get(f"/v1/offences/{one['offence_id']}").status_code == 200
    with (
        closing(psycopg2.connect(database._database["url"])) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("alter table offence_version add column told_by_a_later_migration text")
    assert service.get(f"/v1/offences/{one['offence_id']}").json["offence_id"] == one["offence_id"]


@pytest.mark.parametrize(
    "address",
    [
        "/v1/releases/01939f3c-7c1e-7f00-8000-000000000000/figures/99999999999/records",
        "/v1/changes/99999999999/offences",
        "/v1/changes/99999999999/things",
        "/v1/reviews?review_group=99999999999",
        "/v1/seals/99999999999",
    ],
)
def test_a_number_too_large_for_any_column_is_answered_and_not_a_fault(service, address):
    for _ in range(3):
        assert 400 <= service.get(address).status_code < 500


def test_rows_come_as_dictionaries_however_they_are_fetched(held):
    with held.cursor() as cursor:
        for fetched in (
            lambda: list(cursor),
            cursor.fetchall,
            lambda: cursor.fetchmany(5),
            lambda: [cursor.fetchone(), cursor.fetchone()],
        ):
            cursor.execute("select 1 as one, null as none union all select 2, null order by 1")
            assert fetched() == [{"one": 1, "none": None}, {"one": 2, "none": None}]
        assert cursor.fetchone() is None
