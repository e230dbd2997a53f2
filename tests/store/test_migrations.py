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


def test_going_all_the_way_back_leaves_nothing(book_url):
    connection = psycopg2.connect(book_url)
    with connection, connection.cursor() as cursor:
        for file in sorted(migrations.SCHEMA.glob("*.sql"), reverse=True):
            up, down = file.read_text().split("-- migrate:down")
            assert up.startswith("-- migrate:up")
            cursor.execute(down)
        cursor.execute("""
            select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r',
              'v') and relname <> 'schema_migrations'
            union all select proname from pg_proc where pronamespace = 'public'::regnamespace""")
        assert cursor.fetchall() == []
    connection.close()
