"""A book at 053, made by the last code before the baseline, is taken over. One that is older is refused."""

from contextlib import closing

import psycopg2
import pytest
from dumps import dumped, parts, restore, run

from service.store import baseline, frozen, migrations

VERSION = "053"


@pytest.fixture
def book(databases, migrated):
    """The address of the book as it was kept; the server has its roles, for another book was made there."""
    name = databases.make()
    restore(databases.url(name), VERSION)
    yield databases.url(name)
    databases.drop(name)


def asked(url, question, *parameters):
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(question, parameters or None)
        return cursor.fetchall() if cursor.description else []


def applied(url):
    return sorted(version for (version,) in asked(url, "select version from schema_migrations"))


def test_it_is_taken_over_and_its_schema_is_that_of_a_new_book(book, migrated, databases, capfd):
    assert applied(book) == list(baseline.BEFORE)
    migrations.migrate(book)
    assert applied(book) == sorted(frozen.versions())
    assert capfd.readouterr().err.startswith(
        "Schema: a book at 053 was taken over: the files up to 250 count as applied.\nSchema: applied 260_"
    )
    new = databases.make()  # dumped and restored, as the book was: it is parsed anew, and some brackets go
    run(databases.url(new), dumped(databases.url(migrated), "--schema-only"))
    assert parts(dumped(book, "--schema-only")) == parts(dumped(databases.url(new), "--schema-only"))
    databases.drop(new)
    kept = asked(book, "select version, sha256 from schema_checksum order by version")
    assert kept == sorted((frozen.version_of(name), digest) for name, digest in frozen.checksums().items())
    before = asked(book, "select count(*) from change")
    migrations.migrate(book)
    assert (capfd.readouterr().err, asked(book, "select count(*) from change")) == ("", before)


def test_what_was_shown_to_one_force_alone_stays_so(book):
    """Receipts and ends of streams say whose they are now, and those of before were told."""
    migrations.migrate(book)
    assert asked(
        book,
        "select count(*) from access_end join access using (access_id) where access_force is distinct from"
        " access.force",
    ) == [(0,)]
    assert asked(
        book, "select count(*) from street_submission where (forces is null) <> (status = 'refused')"
    ) == [(0,)]
    assert asked(book, "select count(*) from street_submission_fault where caller is null") == [(0,)]
    assert asked(book, "select count(*) > 0 from street_submission where forces <> '{}'") == [(True,)]


@pytest.mark.parametrize(
    "left",
    [
        "delete from schema_migrations where version = '053'",
        "delete from schema_migrations where version > '020'",
        "delete from schema_migrations where version = '029'",
        "insert into schema_migrations (version) values ('054')",
    ],
)
def test_any_other_old_book_is_refused_and_left_as_it_is(book, left):
    asked(book, left)
    before = applied(book)
    with pytest.raises(migrations.MigrationFault, match="from before the baseline"):
        migrations.migrate(book)
    assert applied(book) == before


def test_two_launchers_take_it_over_once(book):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrations.migrate, [book] * 3))
    assert applied(book) == sorted(frozen.versions())
