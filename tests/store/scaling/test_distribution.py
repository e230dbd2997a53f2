"""The book can be spread by force over a Citus cluster: each table is of a class, its keys allow it, and each
statement keeps to what Citus can run. There is no Citus among the packages that can be had, so what stands in
for it here refuses what the catalogue can tell; `CITUS_URL=… make test` runs all tests on a real one."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from cluster import STAND_IN
from statement_files import MIGRATIONS, STATEMENTS, address_of, code_of

from service.store import connect, database, migrations
from service.store.scaling import distribution
from service.store.statements import written_out

PROJECT = Path(__file__).parents[3]
PLACED = distribution.FILE.read_text()
SHARED = re.findall(r"create_reference_table\('(\w+)'", PLACED)
BY_FORCE = re.findall(r"create_distributed_table\('(\w+)', 'force'", PLACED)
LOCAL = re.findall(r"'(\w+)'", re.search(r"relname <> all \(array\[(.*?)\]", PLACED, re.DOTALL)[1])

TWO_BUT_NOT_JOINED = {
    "figures.counts.count": "the tallies and records of part months, one below the other",
    "figures.comparisons.dispersion": "the one tally or the other, one below the other",
    "offences.tally.cells": "two counts beside each other",
    "outcomes_counted": "those with a day and those without, one after the other",
    "recorded_by_month": "one below the other, and on a spread book the records alone",
    "seal_opening": "one below the other",
    "seal_closing": "one below the other",
    "seal_closing_of_first_nouns": "one below the other",
}
EVERY_FORCE = {
    "reference.tally.forget_redefined_categories": "a category was defined anew, for all forces",
}
"""What changes rows of more than one force, and why: it does so in one statement over all shards."""

pytestmark = pytest.mark.skipif(bool(os.environ.get("CITUS_URL")), reason="the cluster itself is the test")


def functions_and_views():
    """Each as the migrations left it."""
    dump = (migrations.SCHEMA.parent / "schema.sql").read_text()
    parts = re.split(r"^-- Name: (\S+?)(?:\(.*)?; Type: (\w+).*$", dump, flags=re.MULTILINE)
    return {
        name: told.lower()
        for name, kind, told in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
        if kind in ("FUNCTION", "VIEW")
    }


def statements():
    """Each named statement without its comments."""
    for path in STATEMENTS:
        for told in re.split(r"^-- name: ", written_out(path), flags=re.MULTILINE)[1:]:
            name = told.split()[0].rstrip("^$!")
            yield (
                f"{address_of(path)}.{name}",
                "\n".join(line.split("--")[0] for line in told.splitlines()[1:]).lower(),
            )


ALL = dict(statements()) | functions_and_views()


def spoken_of(code):
    """The tables by force of which a statement reads or writes rows, as often as it names them."""
    named = re.findall(r"\b(?:from|join|into|update|using)\s+(?:only\s+)?(?:public\.)?(\w+)", code)
    return [name for name in named if name in (*BY_FORCE, "offence")]


@pytest.fixture
def rows(book_url):
    with closing(psycopg2.connect(book_url)) as connection:

        def ask(question, *parameters):
            with connection.cursor() as cursor:
                cursor.execute(question, parameters or None)
                return cursor.fetchall()

        yield ask


def test_every_table_is_of_one_class(rows):
    """A new table has its line in distribution.sql: by force where a row belongs to one, else shared, else
    one for the whole service."""
    there = {
        name
        for (name,) in rows(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r',"
            " 'p')"
        )
    }
    classed = [*SHARED, *BY_FORCE, *LOCAL]
    assert sorted(classed) == sorted(set(classed)), "of two classes"
    assert set(classed) == there


def test_every_unique_key_of_what_is_spread_by_force_holds_the_force(rows):
    keys = rows(
        """
        select indrelid::regclass::text, indexrelid::regclass::text, 'force' = any (array(
            select attname from pg_attribute where attrelid = indrelid and attnum = any (indkey::int2[])))
        from pg_index where indisunique and indrelid = any (%s::regclass[])""",
        BY_FORCE,
    )
    assert {table for table, *_ in keys} == set(BY_FORCE)
    assert [key for _, key, holds in keys if not holds] == []
    nullable = rows(
        "select attrelid::regclass::text from pg_attribute where attname = 'force' and not attnotnull and"
        " attrelid = any (%s::regclass[])",
        BY_FORCE,
    )
    assert nullable == []


def test_foreign_keys_lead_where_they_can_be_held(rows):
    """Within a force by force; from a force to what is shared; among what is shared. Never to or from what
    lies on the coordinator alone."""
    keys = rows("""
        select conname, conrelid::regclass::text, confrelid::regclass::text,
               (select attnum from pg_attribute where attrelid = conrelid
                 and attname = 'force') = any (conkey)
        from pg_constraint where contype = 'f'""")
    allowed = {(own, other) for own, other in [("force", "force"), ("force", "shared"), ("shared", "shared")]}
    class_of = (
        dict.fromkeys(SHARED, "shared") | dict.fromkeys(BY_FORCE, "force") | dict.fromkeys(LOCAL, "local")
    )
    assert len(keys) > 80
    assert [name for name, own, other, _ in keys if (class_of[own], class_of[other]) not in allowed] == []
    assert [
        name
        for name, own, other, with_force in keys
        if (class_of[own], class_of[other]) == ("force", "force") and not with_force
    ] == []


def test_no_policy_of_what_is_shared_looks_into_what_is_spread(rows):
    policies = rows(
        "select tablename, coalesce(qual, '') || coalesce(with_check, '') from pg_policies where schemaname ="
        " 'public'"
    )
    assert len(policies) > 15
    assert [
        table
        for table, said in policies
        if table in SHARED and any(re.search(rf"\b{name}\b", said) for name in (*BY_FORCE, *LOCAL))
    ] == []


def test_views_show_what_their_reader_may_see(rows):
    views = rows(
        "select relname, reloptions from pg_class where relnamespace = 'public'::regnamespace and relkind"
        " = 'v'"
    )
    assert [name for name, options in views if "security_invoker=true" not in (options or [])] == []


def test_the_sql_keeps_to_what_works_on_both():
    for path in STATEMENTS + MIGRATIONS:
        code = code_of(path)
        for word in ("pg_current_xact_id", "txid_current", "listen ", "notify ", "random()", "row_to_json("):
            assert word not in code, (path.name, word)
        for told in re.findall(r"with recursive.*?;", code, re.DOTALL):
            assert spoken_of(told) == [], (path.name, "climb by area_ancestor")
        for refused, instead in {
            r"lateral\s*\((?:[^()]|\([^()]*\))*\blimit\b": "row_number() in a subquery",
            r"\binsert into \w+ \([^)]*\)\s*values\s*\([^;]*\(\s*select\b": "insert … select",
            r"\bjson_agg\((\w+)\)": "json_agg(json_build_object(…))",
            r"select count\([^)]*\)[^;()]*,\s*\(select\b": "subqueries cross-joined",
        }.items():
            assert not re.search(refused, code), (path.name, instead)


def test_tables_by_force_are_joined_by_force():
    """Else a join would have to go from shard to shard, and is refused."""
    several = {name: code for name, code in ALL.items() if len(spoken_of(code)) > 1}
    assert len(several) > 20
    joined = {
        name
        for name, code in several.items()
        if re.search(r"using \(force\b|\bforce = |\.force, |\(force, ", code)
    }
    assert set(several) - joined == set(TWO_BUT_NOT_JOINED)


def test_a_statement_that_writes_rows_of_a_force_names_it_and_no_instant_of_a_server():
    tables, widely, writers = "|".join(BY_FORCE), set(), 0
    for name, code in statements():
        for told in re.findall(rf"(?:insert into|update|delete from)\s+(?:{tables})\b[^;]*", code):
            writers += 1
            assert not re.search(r"(clock|statement|current)_timestamp", told), name
            if "force" not in told:
                widely.add(name)
    assert writers > 20
    assert widely == set(EVERY_FORCE)


def stand_in(databases, name, version="13.2.2"):
    with (
        closing(psycopg2.connect(databases.server.url(name, "postgres"))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(STAND_IN.replace("{version}", version))
        connection.commit()
    return databases.server.url(name, "postgres")


@pytest.fixture
def cluster(databases, migrated):
    """The superuser's address of a book where something stands in for Citus."""
    name = databases.make(like=migrated)
    fits = next(
        f"{major}.{minor}"
        for (major, minor), servers in distribution.GOES_WITH.items()
        if server_major(databases) in servers
    )
    yield stand_in(databases, name, f"{fits}.2")
    databases.drop(name)


def server_major(databases):
    with closing(psycopg2.connect(databases.server.url("postgres", "postgres"))) as connection:
        return connection.server_version // 10_000


def run(url, command="distribute"):
    environment = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"} | {
        "DATABASE_URL": url
    }
    return subprocess.run(
        [sys.executable, "-m", "service", command],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_plain_postgresql_is_refused_with_a_sentence(book_url):
    told = run(book_url)
    assert (told.returncode, told.stdout) == (1, "")
    assert (
        told.stderr.startswith("This is plain PostgreSQL and needs no distributing")
        and told.stderr.count("\n") == 1
    )


def test_to_distribute_again_does_what_is_left(cluster):
    first = run(cluster)
    assert (first.returncode, first.stderr) == (0, "")
    assert sorted(first.stdout.removeprefix("Placed ").strip(".\n").split(", ")) == sorted(
        [*SHARED, *BY_FORCE]
    )
    assert run(cluster).stdout == "Every table is where it should be already.\n"
    with closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from pg_dist_partition where logicalrelid in ('erasure'::regclass, 'seal'::regclass)"
        )
        connection.commit()
    assert run(cluster).stdout == "Placed erasure, seal.\n"


def test_a_policy_with_a_subquery_is_refused_as_citus_refuses_it(cluster):
    with closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        cursor.execute("create policy odd on tally using (force in (select area from known_area))")
        connection.commit()
    with pytest.raises(
        distribution.NotDistributable,
        match="subqueries are not supported in policies on distributed tables: tally",
    ):
        distribution.distribute(cluster)


def test_a_table_that_no_class_was_given_is_refused_by_name_and_nothing_is_placed(cluster):
    with closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "drop table pg_dist_node; create table pg_dist_node as select true as isactive, true as"
            " shouldhaveshards; create table forgotten (force text)"
        )
        connection.commit()
    with pytest.raises(distribution.NotDistributable, match=r"distribution\.sql does not say: forgotten"):
        distribution.distribute(cluster)
    with closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_dist_partition")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("prepared", "told"),
    [
        (
            (
                "create or replace function stand_in.citus_version() returns text language sql return 'Citus"
                " 11.3.0 on a test'"
            ),
            "Citus 12.0 or later is needed",
        ),
        (
            (
                "create or replace function stand_in.citus_version() returns text language sql return 'Citus"
                " 12.0.1 on a test'"
            ),
            "and this is",
        ),
        ("update pg_dist_local_group set groupid = 3", "distribute at its coordinator"),
        ("update pg_dist_node set shouldhaveshards = false", "no server to hold data"),
        ("delete from schema_migrations where version = '040'", "run `python -m service migrate` first"),
    ],
)
def test_what_a_book_cannot_be_spread_over_is_refused_with_a_sentence(cluster, databases, prepared, told):
    if told == "and this is" and server_major(databases) in distribution.GOES_WITH[12, 0]:
        prepared = prepared.replace("12.0.1", "14.0.1")
    with closing(psycopg2.connect(cluster)) as connection, connection.cursor() as cursor:
        cursor.execute(prepared)
        connection.commit()
    with pytest.raises(distribution.NotDistributable, match=told):
        distribution.distribute(cluster)


def test_a_reader_of_a_spread_book_waits_until_every_server_has_what_is_being_written(cluster, databases):
    """No snapshot spans the servers, so the newest change is read when nobody is committing one."""
    name = cluster.rsplit("/", 1)[1].split("?")[0]
    connect(databases.url(name), 1)
    with closing(psycopg2.connect(cluster)) as writer, writer.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({database.CHANGE_LOCK})")
        with pytest.raises(psycopg2.errors.QueryCanceled), database.reading():
            raise AssertionError("it did not wait")
        writer.commit()
        with database.reading() as book:
            assert book.as_of == 0
        cursor.execute(f"select pg_try_advisory_xact_lock({database.CHANGE_LOCK})")
        assert cursor.fetchone() == (True,), "and the next writer does not wait for one who has read"
    database.release()
