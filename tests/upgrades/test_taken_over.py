"""A book at 053, made by the last code before the baseline, is taken over and says what it said. One that is older is refused."""

import gzip
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from builders import record
from dumps import HERE, dumped, parts, restore, run

from service import sealing
from service.store import baseline, connect, database, frozen, migrations

VERSION = "053"
KEPT = json.loads(gzip.decompress((HERE / VERSION / "answers.json.gz").read_bytes()))
ALTERS_BY_ITSELF = {"/v1/audit/accesses", "/v1/callers"}
"""What asking alters: the log grows, and a key was used."""


@pytest.fixture
def book(databases, migrated):
    """The address of the book as it was kept; the server has its roles, for another book was made there."""
    name = databases.make()
    restore(databases.url(name), VERSION)
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
def seal_key(tmp_path):
    """The file of the key that the book was sealed with."""
    path = tmp_path / "seal.key"
    path.write_text(KEPT["seal_key"])
    path.chmod(0o600)
    return path


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


def test_it_is_verified_and_holds_against_the_head_that_was_kept(book, seal_key):
    migrations.migrate(book)
    head = KEPT["newest_seal"]
    command = [sys.executable, "-m", "service", "verify", "--kept-head", f"{head['tree_size']}:{head['root']}"]
    environment = os.environ | {"DATABASE_URL": book, "SEAL_KEY": str(seal_key)}
    done = subprocess.run(command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("The tally is the records") and "Not sealed yet: 1 change" in done.stdout


def test_it_gives_the_answers_that_it_gave(book, app):
    migrations.migrate(book)
    connect(book)
    client = app.test_client()
    client.key = KEPT["key"]
    assert len(KEPT["answers"]) > 130
    for question, answer in KEPT["answers"].items():
        if question.partition("?")[0] not in ALTERS_BY_ITSELF:
            assert client.get(question).json == answer, question
    database.release()


def test_it_goes_on_from_where_it_was(book, app, seal_key):
    migrations.migrate(book)
    connect(book)
    client = app.test_client()
    client.key = KEPT["key"]
    made = record(client)
    assert int(client.get(f"/v1/offences/{made['offence_id']}").headers["Crimebook-Change"]) == KEPT["change"] + 1
    assert sealing.seal_everything(seal_key).change == KEPT["change"] + 1
    database.release()


def test_what_was_shown_to_one_force_alone_stays_so(book, app):
    """Receipts and ends of streams say whose they are now, and those of before were told."""
    migrations.migrate(book)
    assert asked(
        book, "select count(*) from access_end join access using (access_id) where access_force is distinct from access.force"
    ) == [(0,)]
    assert asked(book, "select count(*) from street_submission where (forces is null) <> (status = 'refused')") == [(0,)]
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
