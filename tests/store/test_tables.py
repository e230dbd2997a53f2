"""The declaration of the versioned tables: database, schemas and statements are held against it."""

import dataclasses
import re

import pytest
from builders import looking
from statement_files import STATEMENTS, address_of

from service.callers.keys import CallerKey
from service.figures.observations import Observation
from service.intake.offences import lines, mappings
from service.intake.police_uk.crimes import StreetCrime
from service.offences.offences import Offence, OffenceDraft, OffenceFilter
from service.operations.operations import OperationSchema
from service.reference import areas, breaks, categories, measures, offence_codes, peer_groups
from service.store import statements, tables
from service.store.tables import OFFENCE, TABLES, Column, VersionedTable, WrongDeclaration
from service.targets.target import TargetSchema

PERSONAL = sorted(column.name for column in OFFENCE.personal_columns)
TYPES = {"timestamptz": "timestamp with time zone", "int": "integer"}
ANSWERED = {
    tables.AREA: (areas.Area, ()),
    tables.CALLER_KEY: (CallerKey, ("digest",)),
    tables.CATEGORY: (categories.Category, ()),
    tables.CODE: (offence_codes.OffenceCode, ()),
    tables.HOUSEHOLD_COUNT: (areas.Households, ("area",)),
    tables.MAPPING: (mappings.StoredMapping, ()),
    tables.MEASURE: (measures.MeasureSchema, ()),
    tables.OBSERVATION: (Observation, ()),
    tables.OFFENCE: (Offence, ("reason",)),
    tables.OPERATION: (OperationSchema, ()),
    tables.PEER_GROUP: (peer_groups.PeerGroupSchema, ()),
    tables.POPULATION: (areas.Population, ("area",)),
    tables.SERIES_BREAK: (breaks.SeriesBreak, ()),
    tables.TARGET: (
        TargetSchema,
        tuple(f"{period}_{end}" for period in ("base", "period") for end in ("from", "to")),
    ),
}
"""The schema in which a version is answered, and the columns that are left out of it: a key's digest is
nobody's, the reason of a version stands in the history of its record, a period says which days it has."""


@pytest.fixture
def rows(service):
    def ask(question, *values):
        with looking() as cursor:
            cursor.execute(question, values)
            return cursor.fetchall()

    return ask


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_database_has_the_columns_that_are_declared_and_no_other(rows, table):
    found = rows(
        """
        select attname as name, format_type(atttypid, null) as type, attnotnull as required
        from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped""",
        table.name,
    )
    declared = {(one.name, TYPES.get(one.type, one.type), one.required) for one in table.all_columns}
    declared |= {("since_change", "bigint", True), ("until_change", "bigint", False)}
    assert {tuple(row.values()) for row in found} == declared


def test_what_the_database_works_out_is_declared_so(rows):
    found = rows("""
        select relname as table, attname as name from pg_attribute join pg_class on pg_class.oid = attrelid
        where attgenerated <> '' and relkind = 'r'""")
    declared = {(table.name, column.name) for table in TABLES for column in table.derived}
    assert {tuple(row.values()) for row in found} == declared


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("areas_known(0)", tables.AREA),
        ("categories_known(0)", tables.CATEGORY),
        ("codes_known(0)", tables.CODE),
        ("offence", OFFENCE),
        ("target_shown", tables.TARGET),
    ],
)
def test_what_the_database_itself_answers_of_a_table_has_every_column(service, name, table):
    with looking() as cursor:
        cursor.execute(f"select * from {name} limit 0")
        assert {one.name for one in table.all_columns} <= {column.name for column in cursor.description}


def test_the_second_lock_of_the_database_knows_what_is_personal(rows):
    [guard] = rows("select pg_get_functiondef('offence_version_only_ends_or_is_erased'::regproc) as text")
    listed = re.search(r"personal constant text\[\] := array\[(.*?)\]", guard["text"], re.DOTALL)[1]
    worked_out = [column.name for column in OFFENCE.derived]
    assert sorted(re.findall(r"'(\w+)'", listed)) == sorted([*PERSONAL, "erased_change", *worked_out])
    may = rows("""
        select attname as name from pg_attribute
        where attrelid = 'offence_version'::regclass and attnum > 0
          and has_column_privilege('crimebook_eraser', attrelid, attnum, 'update')""")
    assert sorted(row["name"] for row in may) == sorted([*PERSONAL, "erased_change"])
    [check] = rows("""
        select pg_get_constraintdef(oid) as text from pg_constraint
        where conname = 'offence_erased_holds_nothing_personal'""")
    assert sorted(re.search(r"num_nonnulls\((.*?)\)", check["text"])[1].split(", ")) == PERSONAL


@pytest.mark.parametrize("table", ANSWERED, ids=lambda table: table.name)
def test_a_version_is_answered_with_every_column(table):
    schema, left_out = ANSWERED[table]
    assert {one.name for one in table.all_columns} - set(left_out) <= schema().dump_fields.keys()


def test_a_street_record_is_answered_with_every_column():
    of_the_file = {"content", "kind", "outcome_type", "street_record_id"}
    columns = {one.name for one in tables.STREET_RECORD.all_columns}
    assert columns - of_the_file <= StreetCrime().dump_fields.keys()


def test_a_draft_of_an_offence_is_what_can_be_stated_of_it():
    assert OffenceDraft().fields.keys() == {"force", *OFFENCE.stated_names}
    assert lines.OffenceLine().fields.keys() == OffenceDraft().fields.keys()


def test_no_list_is_asked_by_what_is_personal_so_no_log_holds_it():
    assert not set(PERSONAL) & OffenceFilter().fields.keys()


@pytest.mark.parametrize("path", STATEMENTS, ids=address_of)
def test_no_statement_lists_the_columns_of_a_version_by_hand(path):
    names = "|".join(table.name for table in TABLES)
    assert re.findall(rf"insert into (?:{names})\b(?! \({{{{ \w+\.columns }}}}\)).*", path.read_text()) == []


@pytest.mark.parametrize("path", STATEMENTS, ids=address_of)
def test_every_mark_is_written_out(path):
    assert not re.search(r"\{\{|\{%", statements.written_out(path))


THING = VersionedTable(
    "thing_version",
    noun="thing",
    erasure=True,
    key=(Column("thing_id", "uuid", required=True),),
    stated=(Column("name", "text"), Column("size", "int")),
    decided=(Column("status", "text", required=True, beginning="'new'"),),
    of_one_version=(Column("reason", "text", personal=True),),
)


def test_the_next_version_takes_over_all_but_what_differs():
    assert THING.columns == "thing_id, since_change, name, size, status, reason"
    assert THING.version(after="ended") == (
        "ended.thing_id, :change, ended.name, ended.size, coalesce(ended.status, 'new'), null"
    )
    assert THING.version(after="ended", stated=":") == (
        "ended.thing_id, :change, :name, :size, coalesce(ended.status, 'new'), null"
    )
    assert THING.version(stated=":", first=True) == ":thing_id, :change, :name, :size, 'new', null"


def test_what_differs_is_said_as_sql_says_it():
    differing = "\n    coalesce(cast(:size as int), ended.size) as size,\n    'old' as status\n"
    assert THING.version(after="ended", caller=lambda: differing) == (
        "ended.thing_id, :change, ended.name, coalesce(cast(:size as int), ended.size), 'old', null"
    )


@pytest.mark.parametrize("said", ["1 as colour", "1 as size, 2 as size", "1", "1 as until_change"])
def test_what_differs_in_a_column_that_is_not_there_is_refused(said):
    with pytest.raises(WrongDeclaration):
        THING.version(after="ended", caller=lambda: said)


def test_a_version_that_would_forget_what_was_decided_is_refused():
    with pytest.raises(WrongDeclaration, match="what was decided before"):
        THING.version(stated=":")
    with pytest.raises(WrongDeclaration, match="gives thing_id a value"):
        THING.version(first=True)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (Column("name", "text"), "stands there twice"),
        (Column("who", "text", personal=True, required=True), "must be able to be null"),
        (Column("who", "text", personal=True, beginning="'x'"), "must be able to be null"),
        (Column("new", "text", required=True, since=tables.VERSION + 1), "have no value"),
        (Column("new", "text", since=tables.VERSION + 1), "newer than the declaration"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(column, sentence):
    with pytest.raises(WrongDeclaration, match=sentence):
        dataclasses.replace(THING, decided=(*THING.decided, column))


@pytest.mark.parametrize(
    "table", [table for table in TABLES if not table.erasure], ids=lambda table: table.name
)
def test_what_nothing_erases_may_hold_nothing_personal(table):
    with pytest.raises(WrongDeclaration, match="personal, and nothing erases it"):
        dataclasses.replace(table, stated=(*table.stated, Column("who", "text", personal=True)))


def test_a_column_that_came_later_leaves_the_entries_of_older_versions_as_they_were(monkeypatch):
    monkeypatch.setattr(tables, "VERSION", 2)
    colour = Column("colour", "text", required=True, beginning="'grey'", since=2)
    later = dataclasses.replace(THING, decided=(*THING.decided, colour))
    assert "'colour', nullif(row.colour, 'grey')" in later.sealed("row")
    assert "reason" not in later.sealed("row")


def test_a_mark_that_names_no_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(statements, "SERVICE", tmp_path)
    (tmp_path / "odd.sql").write_text("-- name: odd\nselect {{ odd_version.columns }};")
    statements._marks.cache_clear()
    with pytest.raises(Exception, match="odd_version"):
        statements.written_out(tmp_path / "odd.sql")
    monkeypatch.undo()
    statements._marks.cache_clear()
