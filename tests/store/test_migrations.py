"""The schema, brought up to date by plain SQL files."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from service.store import connect, database, frozen, migrations

COMMITTED = Path(migrations.__file__).parent / "schema.sql"


def major(url: str) -> int:
    with psycopg2.connect(url) as connection:
        version = connection.server_version // 10_000
    connection.close()
    return version


def test_the_dump_that_reviewers_read_is_what_the_migrations_make(databases, book_url, tmp_path):
    if (
        major(book_url) != 18
    ):  # each major's pg_dump words some things its own way; the committed dump is 18's
        assert COMMITTED.read_text().count("CREATE TABLE") >= 20
        return
    migrations.dump(book_url, tmp_path / "schema.sql")
    assert (tmp_path / "schema.sql").read_text() == COMMITTED.read_text(), (
        "run `make schema` and commit what it writes"
    )


def test_starters_at_the_same_moment_apply_each_file_once(databases):
    name = databases.make()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrations.migrate, [databases.url(name)] * 4))
    assert migrations.schema_version(databases.url(name)) == migrations.newest()
    assert migrations.pending(databases.url(name)) == []
    databases.drop(name)


def test_there_is_no_way_back_but_a_backup():
    """What a migration took away, no statement brings back; so none pretends to. dbmate wants the line
    nevertheless."""
    for file in migrations.SCHEMA.glob("*.sql"):
        up, down = file.read_text().split("-- migrate:down")
        assert up.startswith("-- migrate:up") and not down.strip(), file.name


def test_the_list_beside_the_files_says_what_they_are():
    now, listed = frozen.checksums(), frozen.listed_checksums()
    assert [name for name in listed if now.get(name) != listed[name]] == [], (
        "migrations are frozen: put it back, and make a new one"
    )
    assert sorted(now) == sorted(listed), (
        "run `make schema` and commit the line that it writes for a new file"
    )


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A copy of the files, to be edited."""
    copy = shutil.copytree(frozen.SCHEMA, tmp_path / "schema")
    monkeypatch.setattr(frozen, "SCHEMA", copy)
    monkeypatch.setattr(migrations, "SCHEMA", copy)
    return copy


def edit(path):
    path.write_text(path.read_text().replace("-- migrate:up", "-- migrate:up\n-- A word more.", 1))


def test_a_new_file_gets_its_line_and_an_edited_one_does_not(files):
    listed = frozen.listed_checksums()
    (files / "990_odd.sql").write_text("-- migrate:up\n\n-- migrate:down\n")
    frozen.list_new_files()
    assert {name for name in frozen.listed_checksums() if name not in listed} == {"990_odd.sql"}
    edit(files / "040_offence_codes.sql")
    with pytest.raises(
        migrations.MigrationFault, match=r"040_offence_codes.sql is not what it was when SHA256SUMS listed it"
    ):
        frozen.list_new_files()


def test_an_edited_file_is_refused_and_nothing_is_applied(book_url, files):
    (files / "990_odd.sql").write_text("-- migrate:up\ncreate table odd (x int);\n\n-- migrate:down\n")
    edit(files / "100_offences.sql")
    with pytest.raises(
        migrations.MigrationFault,
        match=r"The migration 100_offences.sql was edited after this book had applied it",
    ):
        migrations.migrate(book_url)
    assert migrations.pending(book_url) == ["990"]


def test_a_process_whose_files_were_edited_is_not_ready(book_url, files, app):
    connect(book_url)
    assert app.test_client().get("/ready").status_code == 200
    edit(files / "100_offences.sql")
    refused = app.test_client().get("/ready")
    assert refused.status_code == 503
    assert refused.json["detail"].startswith(
        "The migration 100_offences.sql was edited after this book had applied it: its SHA-256 was "
    )
    database.release()


def test_a_process_is_as_ready_on_a_newer_schema_and_not_on_an_older(book_url, files, app):
    connect(book_url)
    with closing(psycopg2.connect(book_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("insert into schema_migrations (version) values ('990')")
    assert app.test_client().get("/ready").status_code == 200
    (files / "995_odd.sql").write_text("-- migrate:up\n\n-- migrate:down\n")
    refused = app.test_client().get("/ready")
    assert (refused.status_code, refused.json["detail"]) == (
        503,
        "The schema is at 990; this code needs 995.",
    )
    database.release()


def test_a_migration_tries_again_where_a_table_was_in_use(book_url, files, capfd):
    (files / "990_odd.sql").write_text(
        "-- migrate:up\nset local lock_timeout = '100ms';\nalter table seal add column odd int;\n\n--"
        " migrate:down\n"
    )
    with closing(psycopg2.connect(book_url)) as reader, reader.cursor() as cursor:
        cursor.execute("select from seal")
        migrating = threading.Thread(target=migrations.migrate, args=(book_url,))
        migrating.start()
        migrating.join(1.5)
        assert migrating.is_alive(), "it waits, and others can use the table meanwhile"
        reader.rollback()
        migrating.join()
    assert migrations.pending(book_url) == []
    assert "applied 990_odd.sql" in capfd.readouterr().err
