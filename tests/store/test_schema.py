"""Rules of the SQL itself: what keeps it honest today and lets it be spread by force one day."""

import re

import psycopg2
import pytest
from statement_files import MIGRATIONS, STATEMENTS, address_of, code_of

VERSIONED = (
    "area_ancestor",
    "area_version",
    "caller_key_version",
    "category_version",
    "code_version",
    "household_count",
    "mapping_version",
    "measure_version",
    "observation_version",
    "offence_version",
    "operation_tag",
    "operation_version",
    "peer_group_version",
    "population",
    "series_break_version",
    "street_record_version",
    "target_version",
)
FORCE_TABLES = (
    "category_tally",
    "coverage",
    "coverage_now",
    "mapping_version",
    "offence_personal_digest",
    "offence_version",
    "operation_tag",
    "peer_group_version",
    "street_record_version",
    "street_submission_file",
    "submission",
    "submission_fault",
    "submission_replaced",
    "tally",
)


@pytest.fixture
def rows(service):
    """Ask as the service does, in its own role."""
    from service.store import database

    def ask(question: str, *parameters: object):
        with database.connection().cursor() as cursor:
            cursor.execute(question, parameters)
            return [tuple(row.values()) for row in cursor.fetchall()] if cursor.description else []

    return ask


@pytest.mark.parametrize("path", STATEMENTS + MIGRATIONS, ids=address_of)
def test_the_sql_keeps_to_what_a_distributed_postgresql_can_run(path):
    code = code_of(path)
    for word in (
        "merge into",
        "grouping sets",
        "rollup",
        "cube(",
        "set_config(",
        "for update",
        "uuidv7(",
        "gen_random_uuid",
        "lz4",
        "xmin",
    ):
        assert word not in code, word
    assert not re.search(r"lateral\s*\([^()]*limit", code)
    assert not re.search(r"\bnow\(\)", code)


@pytest.mark.parametrize("path", STATEMENTS, ids=address_of)
def test_each_statement_says_which_question_it_answers(path):
    for statement in path.read_text().split("-- name: ")[1:]:
        name, first = statement.splitlines()[:2]
        assert first.startswith("-- "), f"{path.name} {name} says nothing of itself"


@pytest.mark.parametrize("path", STATEMENTS, ids=address_of)
def test_comments_between_statements_hold_no_quote_that_would_hide_a_parameter(path):
    for statement in re.split(r"^-- name: .*\n(?:--.*\n)*", path.read_text(), flags=re.MULTILINE):
        assert all("'" not in line.split("--", 1)[1] for line in statement.splitlines() if "--" in line)


def test_force_is_in_every_key_of_what_belongs_to_a_force(rows):
    indexes = rows(
        """
        select tablename, indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename = any (%s) and indexdef like 'CREATE UNIQUE%%'""",
        list(FORCE_TABLES),
    )
    assert indexes
    assert [index for _, index, definition in indexes if not re.search(r"\(.*\bforce\b", definition)] == []


def test_every_constraint_is_named_as_a_fact_in_under_fifty_letters(rows):
    names = [
        name
        for (name,) in rows(
            "select conname from pg_constraint join pg_class on pg_class.oid = conrelid where relnamespace ="
            " 'public'::regnamespace and contype <> 'n' and relname <> 'schema_migrations'"
        )
    ]
    assert len(names) > 60
    assert [
        name for name in names if len(name) >= 50 or re.search(r"_(pkey|fkey|check|key|excl)\d*$", name)
    ] == []


def test_what_a_caller_can_break_has_a_sentence(rows):
    checks = rows("""
        select conname from pg_constraint
        where contype = 'c' and conrelid = any (array[
            'offence_version', 'target_version', 'known_area', 'area_version', 'known_code', 'caller',
              'return', 'known_measure']::regclass[])
          and obj_description(oid, 'pg_constraint') is null""")
    inner = {
        "offence_version_ends_after_it_begins",
        "offence_status_is_known",
        "offence_cancelled_for_a_reason",
        "target_kind_is_known",
        "target_version_ends_after_it_begins",
        "target_measure_is_known",
        "target_periods_have_days",
        "area_version_ends_after_it_begins",
        "caller_scopes_are_known",
        "offence_erased_holds_nothing_personal",
    }
    assert {name for (name,) in checks} <= inner, "no caller can reach these"


def test_the_service_cannot_rewrite_history(rows):
    may = rows("""
        select relname, privilege from pg_class
        cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as privilege
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
          and has_table_privilege('crimebook_service', pg_class.oid, privilege)""")
    assert set(may) == {("category_tally", "DELETE"), ("tally", "DELETE"), ("given_answer", "DELETE")}
    may = rows("""
        select relname, attname from pg_class join pg_attribute on attrelid = pg_class.oid
          and attnum > 0 and not attisdropped
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
          and has_column_privilege('crimebook_service', pg_class.oid, attnum, 'UPDATE')""")
    kept_a_day = {("given_answer", column) for column in ("at", "body", "fingerprint", "headers", "status")}
    assert set(may) == {(table, "until_change") for table in VERSIONED} | kept_a_day | {
        ("caller", "revoked_change"),
        ("caller_key_use", "used_at"),
        *((table, counted) for table in ("category_tally", "tally") for counted in ("offences", "victims")),
        ("coverage_now", "days"),
    }


def test_the_service_owns_nothing_and_is_nobody_else(rows):
    owned = rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and"
        " pg_has_role('crimebook_service', relowner, 'usage')"
    )
    assert owned == []
    assert rows(
        "select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = 'crimebook_service'"
    ) == [(False,)]


def test_what_has_an_end_is_what_is_held_to_be_versioned(rows):
    ends = rows(
        "select relname from pg_attribute join pg_class on pg_class.oid = attrelid where attname ="
        " 'until_change' and relkind = 'r'"
    )
    assert {table for (table,) in ends} == set(VERSIONED)


@pytest.fixture
def as_owner(service):
    """Ask as the owner of the tables does, of a book in which something of every kind has begun and ended."""
    from builders import offence, record
    from street_files import HEADINGS as STREET_HEADINGS

    from service.store import database

    tag = {"If-Match": '"0"'}
    area = {
        "kind": "beat",
        "name": "Abington",
        "slug": "abington",
        "parents": ["northampton"],
        "populations": [{"residents": 1, "source": "a guess", "year": 2012}],
        "households": [{"households": 1, "source": "a guess", "year": 2012}],
    }
    code = {"periods": [{"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}]}
    target = {
        "area": "northamptonshire",
        "base_period": "2011/12",
        "category": "robbery",
        "kind": "reduce-by-percent",
        "name": "Less",
        "owner": "x",
        "percent": 10,
        "period": "2012/13",
    }
    area_tag = {"If-Match": service.put("/v1/areas/NN-1", json=area, headers=tag).headers["ETag"]}
    service.put(
        "/v1/areas/NN-1",
        json=area | {"populations": [], "households": [], "parents": ["kettering"]},
        headers=area_tag,
    )
    code_tag = {"If-Match": service.put("/v1/offence-codes/999Z", json=code, headers=tag).headers["ETag"]}
    service.put("/v1/offence-codes/999Z", json=code | {"old_group": "Odd"}, headers=code_tag)
    set_now = service.post("/v1/targets", json=target)
    service.delete(set_now.headers["Location"], headers={"If-Match": set_now.headers["ETag"]})
    measure = {
        "adds_up": "sum",
        "better": "higher",
        "description": "As reported.",
        "name": "Savings",
        "unit": "pounds",
    }
    measured = service.put("/v1/measures/savings", json=measure, headers=tag)
    service.put(
        "/v1/measures/savings",
        json=measure | {"name": "Saved"},
        headers={"If-Match": measured.headers["ETag"]},
    )
    told = service.post(
        "/v1/measures/savings/observations", json={"area": "kent", "period": "2012", "value": 1}
    )
    service.delete(told.headers["Location"], headers={"If-Match": told.headers["ETag"]})
    mapping = {
        "columns": {name: name for name in ("area", "code", "committed_from", "crime_ref", "recorded_on")}
    }
    mapped = service.put("/v1/mappings/northamptonshire/x", json=mapping, headers=tag)
    service.delete("/v1/mappings/northamptonshire/x", headers={"If-Match": mapped.headers["ETag"]})
    grouped = service.put(
        "/v1/peer-groups/northamptonshire/x",
        json={"peers": ["leicestershire"], "source": "a guess"},
        headers=tag,
    )
    service.delete("/v1/peer-groups/northamptonshire/x", headers={"If-Match": grouped.headers["ETag"]})
    broken = {
        "codes": ["34A"],
        "from_on": "2012-07-01",
        "kind": "counted",
        "name": "Trial",
        "note": "A trial.",
        "source": "Nobody",
    }
    tried = service.put("/v1/breaks/trial", json=broken, headers=tag)
    service.delete("/v1/breaks/trial", headers={"If-Match": tried.headers["ETag"]})
    made = record(service)
    service.put(
        f"/v1/offences/{made['offence_id']}",
        json=offence(crime_ref=made["crime_ref"]),
        headers={"If-Match": made["etag"]},
    )
    operation = {
        "areas": ["northampton"],
        "categories": ["robbery"],
        "from_on": "2012-05-01",
        "name": "Challenge",
    }
    begun = service.post("/v1/operations", json=operation)
    for said in (True, False):
        service.post(
            f"{begun.headers['Location']}/tags", json={"offence_ids": [made["offence_id"]], "tagged": said}
        )
    service.delete(begun.headers["Location"], headers={"If-Match": begun.headers["ETag"]})
    caller = service.post("/v1/callers", json={"name": "x", "scopes": ["read"]})
    service.post(f"{caller.headers['Location']}/keys", json={})
    for name in ("Old", "New"):
        row = f",2018-10,Leicestershire Police,Leicestershire Police,,,{name} Street,,,Drugs,,\n"
        service.post("/v1/street-submissions", data=STREET_HEADINGS + row, content_type="text/csv")
    with database.connection().cursor() as cursor:
        cursor.execute("set role crimebook")
        yield cursor


@pytest.mark.parametrize("table", VERSIONED)
def test_a_version_that_has_ended_cannot_be_touched_even_by_the_owner(as_owner, table):
    as_owner.execute(f"select count(*) as ended from {table} where until_change is not null")
    assert as_owner.fetchone()["ended"] > 0
    for said in ("until_change = null", "until_change = until_change + 1", "since_change = since_change"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="cannot be altered"):
            as_owner.execute(f"update {table} set {said} where until_change is not null")


def test_changes_are_numbered_without_gaps_in_the_order_of_their_instants(service, app):
    from concurrent.futures import ThreadPoolExecutor

    from builders import offence

    from service.store import database

    def post(number):
        try:
            return (
                app.test_client()
                .post("/v1/offences", json=offence(code="28A" if number % 3 else "999Z"))
                .status_code
            )
        finally:
            database.release()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(40)))
    assert sorted(set(answers)) == [201, 422]
    with database.connection().cursor() as cursor:
        cursor.execute(
            "select array_agg(id order by id) = array_agg(id order by at) and count(*) = max(id) as in_order"
            " from change"
        )
        assert cursor.fetchone()["in_order"]


def test_of_twelve_simultaneous_corrections_exactly_one_wins(service, app):
    from concurrent.futures import ThreadPoolExecutor

    from builders import offence, record

    from service.store import database

    made = record(service)

    def put(number):
        try:
            sent = offence(crime_ref=made["crime_ref"], victims=number)
            return (
                app.test_client()
                .put(f"/v1/offences/{made['offence_id']}", json=sent, headers={"If-Match": made["etag"]})
                .status_code
            )
        finally:
            database.release()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(put, range(12))) == [200] + [412] * 11


def test_the_tally_is_the_records_after_every_kind_of_change(service):
    import random

    from builders import offence, record

    from service.store import database

    rng = random.Random(7)
    held = [
        record(service, area=area)
        for area in ("northampton", "kettering", "corby", "E22000237", "northamptonshire")
        for _ in range(3)
    ]
    for one in held:
        address, tag = f"/v1/offences/{one['offence_id']}", {"If-Match": one["etag"]}
        match rng.randrange(4):
            case 0:
                service.delete(f"{address}?reason=duplicate", headers=tag)
            case 1:
                service.patch(address, json={"code": "34B", "reason": "force was used"}, headers=tag)
            case 2:
                sent = offence(
                    crime_ref=one["crime_ref"], recorded_on="2012-07-01", area="daventry", victims=3
                )
                service.put(address, json=sent, headers=tag)
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
        assert book.intake.offences.submissions.coverage_differences() == []
        assert book.offences.tally.cells()["records"] < 15


def test_redrawing_an_area_counts_it_again(service):
    from builders import record, value

    from service.store import database

    record(service, area="kettering")
    before = service.get("/v1/areas/kettering")
    draft = {
        name: before.json[name]
        for name in ("aliases", "from_on", "kind", "name", "parents", "populations", "slug", "to_on")
    }
    draft["parents"] = [parent for parent in draft["parents"] if parent != "E06000061"] + [
        "west-northamptonshire"
    ]
    assert value(service, area="west-northamptonshire") == 0
    answer = service.put("/v1/areas/kettering", json=draft, headers={"If-Match": before.headers["ETag"]})
    assert answer.status_code == 200, answer.json
    assert value(service, area="west-northamptonshire") == 1
    assert value(service, area="west-northamptonshire", as_of=before.headers["Crimebook-Change"]) == 0
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
