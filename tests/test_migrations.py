"""The schema, brought up to date by plain SQL files."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2

from service.store import migrations

COMMITTED = Path(migrations.__file__).parent / "schema.sql"


def major(url: str) -> int:
    with psycopg2.connect(url) as connection:
        version = connection.server_version // 10_000
    connection.close()
    return version


def test_the_dump_that_reviewers_read_is_what_the_migrations_make(databases, book_url, tmp_path):
    if major(book_url) != 18:  # each major's pg_dump words some things its own way; the committed dump is 18's
        assert COMMITTED.read_text().count("CREATE TABLE") >= 20
        return
    migrations.dump(book_url, tmp_path / "schema.sql")
    assert (tmp_path / "schema.sql").read_text() == COMMITTED.read_text(), "run `make schema` and commit what it writes"


def test_starters_at_the_same_moment_apply_each_file_once(databases):
    name = databases.make()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrations.migrate, [databases.url(name)] * 4))
    assert migrations.schema_version(databases.url(name)) == migrations.newest()
    assert migrations.pending(databases.url(name)) == []
    databases.drop(name)


def test_there_is_no_way_back_but_a_backup():
    """What a migration took away, no statement brings back; so none pretends to. dbmate wants the line nevertheless."""
    for file in migrations.SCHEMA.glob("*.sql"):
        up, down = file.read_text().split("-- migrate:down")
        assert up.startswith("-- migrate:up") and not down.strip(), file.name
