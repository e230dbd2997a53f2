"""A book of each version that is kept can be migrated, is verified, gives the answers that it gave, and goes
on."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import record
from dumps import HERE, restore

from service.audit import sealing
from service.store import connect, database, migrations

VERSIONS = sorted(path.parent.name for path in HERE.glob("*/book.sql.gz"))
ALTERED_BY_ASKING = {"/v1/audit/accesses", "/v1/callers"}
"""The log grows, and a key was used."""


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def kept(version):
    """What is kept of it beside the book."""
    return json.loads(gzip.decompress((HERE / version / "answers.json.gz").read_bytes()))


@pytest.fixture
def seal_key(kept, tmp_path):
    """The file of the key that the book was sealed with."""
    path = tmp_path / "seal.key"
    path.write_text(kept["seal_key"])
    path.chmod(0o600)
    return path


@pytest.fixture
def book(databases, migrated, version):
    """Its address; the server has the roles, for another book was made there."""
    name = databases.make()
    restore(databases.url(name), version)
    yield databases.url(name)
    databases.drop(name)


def test_it_is_verified_and_holds_against_the_head_that_was_kept(book, kept, seal_key):
    migrations.migrate(book)
    head = kept["newest_seal"]
    command = [
        sys.executable,
        "-m",
        "service",
        "verify",
        "--kept-head",
        f"{head['tree_size']}:{head['root']}",
    ]
    environment = os.environ | {"DATABASE_URL": book, "SEAL_KEY": str(seal_key)}
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("The tally is the records") and "Not sealed yet: 1 change" in done.stdout


def test_it_gives_the_answers_that_it_gave(book, app, kept):
    migrations.migrate(book)
    connect(book)
    client = app.test_client()
    client.key = kept["key"]
    assert len(kept["answers"]) > 130
    for question, answer in kept["answers"].items():
        if question.partition("?")[0] not in ALTERED_BY_ASKING:
            assert client.get(question).json == answer, question
    database.release()


def test_it_goes_on_from_where_it_was(book, app, kept, seal_key):
    migrations.migrate(book)
    connect(book)
    client = app.test_client()
    client.key = kept["key"]
    made = record(client)
    assert (
        int(client.get(f"/v1/offences/{made['offence_id']}").headers["Crimebook-Change"])
        == kept["change"] + 1
    )
    assert sealing.seal_everything(seal_key).change == kept["change"] + 1
    database.release()


def test_a_book_of_this_version_can_be_kept(tmp_path):
    """So that `make keep-book` works on the day that a version is released."""
    done = subprocess.run(
        [sys.executable, HERE / "keep_book.py", tmp_path / "kept"],
        cwd=HERE.parents[1],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"answers.json.gz", "book.sql.gz"}
