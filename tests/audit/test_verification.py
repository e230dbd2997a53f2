"""Whoever alters the book, with whatever rights, is found out: each column of each sealed table is altered
once."""

from contextlib import closing, contextmanager

import psycopg2
import pytest
from psycopg2.extras import RealDictCursor

from service.audit import sealing, verification
from service.store import database

# Each sealed table, by which noun a finding names it, and which of its rows are altered.
VERSIONED = ("until_change is null", "until_change is not null")
SEALED = {
    "area_ancestor": ("area_ancestor", VERSIONED),
    "area_version": ("area", VERSIONED),
    "caller": ("caller", ("revoked_change is null", "revoked_change is not null")),
    "category_code": ("category", ("true",)),
    "category_version": ("category", VERSIONED),
    "change": ("change", ("true",)),
    "code_period": ("code", ("true",)),
    "code_version": ("code", VERSIONED),
    "coverage": ("coverage", ("true",)),
    "erasure": ("erasure", ("true",)),
    "known_code": ("known_code", ("true",)),
    "mapping_version": ("mapping", VERSIONED),
    "offence_personal_digest": ("offence", ("true",)),
    "offence_version": (
        "offence",
        (
            "until_change is null and decided_by is not null and status = 'recorded'",
            "until_change is not null",
            "status = 'cancelled'",
        ),
    ),
    "operation_tag": ("operation_tag", VERSIONED),
    "operation_version": ("operation", VERSIONED),
    "peer_group_version": ("peer_group", VERSIONED),
    "series_break_version": ("series_break", VERSIONED),
    "measure_version": ("measure", VERSIONED),
    "observation_version": ("observation", VERSIONED),
    "household_count": ("household_count", VERSIONED),
    "severity_weight": ("severity_weight", ("true",)),
    "caller_key_version": ("caller_key", VERSIONED),
    "population": ("population", VERSIONED),
    "release": ("release", ("true",)),
    "release_definition": ("release", ("true",)),
    "release_figure": ("release", ("true",)),
    "return": ("return", ("true",)),
    "return_cell": ("return", ("true",)),
    "return_fault": ("return", ("true",)),
    "return_outcome_cell": ("return", ("true",)),
    "return_wording": ("return", ("true",)),
    "seal": ("head", ("true",)),
    "seal_leaf": ("", ("true",)),
    "seal_node": ("node", ("true",)),
    "street_record_version": ("street_record", VERSIONED),
    "street_submission": ("street_submission", ("true",)),
    "street_submission_file": ("street_submission", ("true",)),
    "submission": ("submission", ("true",)),
    "target_version": ("target", VERSIONED),
}
ALTERED = {
    "ARRAY": "array_append(coalesce({0}, '{{}}'), 'x')",
    "USER-DEFINED": "{0}",
    "bigint": "coalesce({0}, 0) + 1000000",
    "boolean": "{0} is not true",
    "bytea": "set_byte({0}, 0, get_byte({0}, 0) # 1)",
    "date": "coalesce({0} + 1, '2012-01-01')",
    "daterange": "daterange(lower({0}), upper({0}) + 1)",
    "integer": "coalesce({0}, 0) + 1000",
    "jsonb": "coalesce({0}, '[]') || '[1]'",
    "numeric": "coalesce({0}, 0) + 1",
    "text": "coalesce({0} || 'x', 'x')",
    "timestamp with time zone": "coalesce({0} + interval '1 microsecond', '2012-01-01')",
    "uuid": "'01939f3c-7c1e-7f00-8000-000000000001'",
}
# In a copy of the last row of a table: the columns that make it another row.
OTHER_ID, OTHER_KEY = "'01939f3c-7c1e-7f00-8000-00000000000f'", "'\\x00'"
PUT_IN = {
    "area_ancestor": {"since_change": "1"},
    "area_version": {"since_change": "1"},
    "caller": {"caller_id": OTHER_ID, "digest": OTHER_KEY},
    "category_code": {"position": "7"},
    "category_version": {"since_change": "1", "definition": "9"},
    "change": {"id": "0", "at": "'2000-01-01'"},
    "code_period": {"position": "7"},
    "code_version": {"since_change": "1"},
    "coverage": {"since_change": "1"},
    "erasure": {"offence_id": OTHER_ID},
    "known_code": {"code": "'1'"},
    "offence_personal_digest": {"since_change": "1"},
    "offence_version": {"since_change": "1"},
    "population": {"since_change": "1"},
    "release": {"release_id": OTHER_ID},
    "release_definition": {"category": "'odd'"},
    "release_figure": {"position": "77"},
    "return": {"return_id": OTHER_ID, "edition": "'2000'"},
    "return_cell": {"cell": "77"},
    "return_fault": {"cell": "77"},
    "return_outcome_cell": {"cell": "77"},
    "return_wording": {"wording": "77"},
    "street_record_version": {"since_change": "1"},
    "street_submission": {"street_submission_id": OTHER_ID},
    "street_submission_file": {"month": "'2000-01-01'"},
    "submission": {"submission_id": OTHER_ID},
    "operation_tag": {"since_change": "1"},
    "operation_version": {"since_change": "1"},
    "peer_group_version": {"since_change": "1"},
    "series_break_version": {"since_change": "1"},
    "measure_version": {"since_change": "1"},
    "observation_version": {"since_change": "1"},
    "household_count": {"since_change": "1"},
    "severity_weight": {"position": "77"},
    "caller_key_version": {"since_change": "1", "digest": OTHER_KEY},
    "target_version": {"since_change": "1"},
    "mapping_version": {"since_change": "1"},
}


class Superuser:
    """Somebody who may do anything and whom no trigger or foreign key stops; nothing that is done here
    stays."""

    def __init__(self, cursor, trusted):
        self.cursor, self.trusted = cursor, trusted

    def run(self, statement, *parameters):
        self.cursor.execute(statement, parameters)
        return self.cursor.fetchall() if self.cursor.description else self.cursor.rowcount

    @property
    def book(self):
        return database.Book(self.cursor.connection, 10**9, None, {"as_of": 10**9, "present": True})

    def first(self, **asked):
        """What `python -m service verify` would say."""
        return next(verification.findings(self.book, self.trusted, **asked), None)

    @contextmanager
    def unnoticed_by_the_database(self):
        self.run("savepoint before; set local session_replication_role = replica")
        yield
        self.run("rollback to before")


@pytest.fixture
def superuser(databases, filled, home):
    trusted = frozenset([sealing.read_public_key(home / "seal.key")])
    with closing(
        psycopg2.connect(databases.server.url(filled["name"], "postgres"), cursor_factory=RealDictCursor)
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("set crimebook.forces = '*'")  # figures are counted in somebody's name
        yield Superuser(cursor, trusted)
        connection.rollback()


def columns(superuser, table):
    return superuser.run(
        "select column_name as name, data_type as type, is_generated = 'ALWAYS' as generated "
        "from information_schema.columns where table_schema = 'public' and table_name = %s order by 1",
        table,
    )


def unbind(superuser, table):
    """No check, key or expression holds the table any more."""
    names = superuser.run(
        "select conname from pg_constraint where contype = 'c' and conrelid = %s::regclass", table
    )
    for row in names:
        superuser.run(f'alter table "{table}" drop constraint {row["conname"]}')
    for column in columns(superuser, table):
        if column["generated"]:
            superuser.run(f'alter table "{table}" alter column {column["name"]} drop expression')


def test_a_book_that_nobody_altered_is_found_right(superuser):
    assert superuser.first() is None


def test_what_was_proven_is_told_in_numbers(superuser):
    tally, seals, releases, unsealed = verification.proven(superuser.book)
    [held] = superuser.run(
        """select (select count(*) from seal) as heads, (select max(tree_size) from seal) as leaves,
          (select count(*) from tally) as counts,
        (select count(*) from offence_version) as versions,
          (select count(*) from release_figure) as figures"""
    )
    assert tally.startswith(f"The tally is the records: {held['counts']:,} counts of ")
    assert (
        f"{held['leaves']:,} entries under {held['heads']:,} signed heads" in seals
        and f"{held['versions']:,} versions of offences" in seals
    )
    assert releases == f"Every release counts up again: {held['figures']:,} published figures."
    assert unsealed == "Not sealed yet: 0 changes."


def test_every_table_that_has_to_do_with_a_change_is_sealed(superuser):
    dated = superuser.run(
        "select distinct table_name as name from information_schema.columns join pg_class on relname ="
        " table_name where table_schema = 'public' and relkind = 'r' and column_name in ('since_change',"
        " 'until_change', 'change', 'created_change', 'revoked_change')"
    )
    read_not_changed = {"access"}  # a log of who read what: its rows belong to no change
    assert {row["name"] for row in dated} - read_not_changed <= set(SEALED)


@pytest.mark.parametrize("table", SEALED)
def test_each_column_of_each_sealed_table_altered_once_is_found(superuser, table):
    noun, kinds = SEALED[table]
    unbind(superuser, table)
    for condition in kinds:
        for column in columns(superuser, table):
            name = column["name"]
            altered = (
                "lines || 7"
                if table == "return_wording" and name == "lines"
                else ALTERED[column["type"]].format(name)
            )
            with superuser.unnoticed_by_the_database():
                newest = "order by ctid desc limit 1"
                rows = superuser.run(
                    f'update "{table}" set {name} = {altered} '
                    f'where ctid = (select ctid from "{table}" where {condition} {newest})'
                )
                assert rows == 1, f"{table} has no row where {condition}"
                told = superuser.first()
                assert told is not None, f"{table}.{name} where {condition}"
                assert f"{noun} " in told, f"{table}.{name}: {told}"


@pytest.mark.parametrize("table", SEALED)
def test_a_row_that_is_taken_away_is_found(superuser, table):
    for condition in SEALED[table][1]:
        with superuser.unnoticed_by_the_database():
            superuser.run(
                f'delete from "{table}" where ctid = (select ctid from "{table}" where {condition} order by'
                " ctid desc limit 1)"
            )
            assert superuser.first() is not None, f"{table} where {condition}"


@pytest.mark.parametrize("table", PUT_IN)
def test_a_row_that_is_put_behind_what_is_sealed_is_found(superuser, table):
    unbind(superuser, table)
    for index in superuser.run(
        "select indexrelid::regclass::text as name from pg_index where indrelid = %s::regclass and"
        " indisunique and indexrelid not in (select conindid from pg_constraint)",
        table,
    ):
        superuser.run(f"drop index {index['name']}")
    names = [column["name"] for column in columns(superuser, table)]
    values = [PUT_IN[table].get(name, name) for name in names]
    with superuser.unnoticed_by_the_database():
        copy = f'select {", ".join(values)} from "{table}" order by ctid desc limit 1'
        assert superuser.run(f'insert into "{table}" ({", ".join(names)}) {copy}') == 1
        assert f"{SEALED[table][0]} " in superuser.first()


def test_an_ending_taken_back_or_put_in_is_found(superuser):
    with superuser.unnoticed_by_the_database():
        superuser.run("drop index area_present, area_slug_present")
        superuser.run(
            "update area_version set until_change = null where until_change = (select max(until_change) from"
            " area_version)"
        )
        assert "The ending of the area NN-1" in superuser.first()
    for until in (1, 7, 10**6):
        with superuser.unnoticed_by_the_database():
            superuser.run("alter table population drop constraint population_ends_after_it_begins")
            superuser.run(
                "update population set until_change = %s where until_change is null and area = 'NN-1'", until
            )
            assert "The ending of the population NN-1/2012" in superuser.first()


def test_a_version_erased_as_the_law_asks_keeps_its_seal_and_one_erased_by_halves_is_found(superuser):
    gone = "decided_by = null, location = null, reason = null, recorded_by = null, reported_by = null"
    of_one = (
        "(select offence_id from offence_version where location is not null and until_change is null limit 1)"
    )
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "insert into change (id, at, caller, reason, trace_id) select max(id) + 1, max(at) + interval '1"
            " s', 'x', 'x', 'x' from change"
        )
        superuser.run(
            "insert into erasure (force, offence_id, authority, change, ground, versions) select distinct"
            " version.force, version.offence_id, 'x', (select max(id) from change), 'retention', 1 from"
            f" offence_version as version where offence_id = {of_one}"
        )
        assert "is not marked so" in superuser.first()
        erased = "select offence_id from erasure where authority = 'x'"
        superuser.run(
            f"update offence_version set {gone}, erased_change = (select max(id) from change) where"
            f" offence_id in ({erased})"
        )
        assert "some of it is left" in superuser.first()
        superuser.run(f"update offence_personal_digest set salt = null where offence_id in ({erased})")
        assert superuser.first() is None
        superuser.run("update offence_personal_digest set salt = null")
        assert "its salt is gone, and yet it was not erased" in superuser.first()
        superuser.run("delete from erasure where authority = 'x'")
        assert superuser.first() is not None


def test_a_version_marked_as_erased_that_was_not_is_found(superuser):
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "update offence_version set erased_change = 2 where ctid in (select ctid from offence_version"
            " where location is null and decided_by is null and erased_change is null limit 1)"
        )
        assert "no erasure says so" in superuser.first()


def test_a_release_that_says_otherwise_than_is_counted_is_found_where_it_was_not_sealed_yet(superuser):
    with superuser.unnoticed_by_the_database():
        superuser.run("delete from seal")
        superuser.run("delete from seal_leaf")
        superuser.run("delete from seal_node")
        superuser.run("delete from offence_personal_digest")
        assert superuser.first() is None
        superuser.run("update release_figure set figure = replace(figure, 'value', 'worth')")
        assert superuser.first().startswith("The release")


def test_personal_fields_put_into_a_version_that_had_none_are_found(superuser):
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "update offence_version set location = 'here' where ctid in (select ctid from offence_version"
            " where location is null and decided_by is null and reason is null limit 1)"
        )
        assert "were written into it after it was sealed" in superuser.first()


def test_a_head_that_is_dropped_alone_is_found_and_one_dropped_with_all_its_leaves_only_by_whoever_kept_it(
    superuser,
):
    newest = superuser.run(
        "select tree_size, encode(root, 'hex') as root from seal order by tree_size desc limit 1"
    )[0]
    kept = {newest["tree_size"]: newest["root"]}
    assert superuser.first(kept=kept) is None
    assert "have another root than the head you kept" in superuser.first(
        kept={newest["tree_size"]: "00" * 32}
    )
    with superuser.unnoticed_by_the_database():
        superuser.run("delete from seal where tree_size = %s", newest["tree_size"])
        assert "belongs to no sealed version" in superuser.first()
        superuser.run("delete from offence_personal_digest")
        assert "a leaf or a head was removed" in superuser.first()
        left = superuser.run("select max(tree_size) as tree_size from seal")[0]["tree_size"]
        superuser.run("delete from seal_leaf where position >= %s", left)
        superuser.run("delete from seal_node where (position + 1) << level > %s", left)
        assert superuser.first() is None
        assert "it was cut back" in superuser.first(kept=kept)


def test_a_head_signed_with_another_key_is_not_trusted(superuser):
    superuser.trusted = frozenset()
    assert "signed with a key that is not trusted" in superuser.first()


def test_a_change_out_of_order_and_a_count_out_of_step_are_found_where_nothing_was_sealed_yet(superuser):
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "insert into change (id, at, caller, reason, trace_id) select max(id) + 2, max(at) + interval '1"
            " s', 'x', 'x', 'x' from change"
        )
        assert "is missing: change" in superuser.first()
    with superuser.unnoticed_by_the_database():
        superuser.run("update tally set offences = offences + 1 where month = '2012-05-01'")
        assert "tally says" in superuser.first()
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "update category_tally set offences = offences + 1 where month = '2012-05-01' and category ="
            " 'all-crime'"
        )
        assert "all-crime: " in superuser.first()
    with superuser.unnoticed_by_the_database():
        superuser.run(
            "update coverage_now set days = days - datemultirange(daterange('2012-05-01', '2012-05-03'))"
        )
        assert "held to be complete are" in superuser.first()
