"""Roles belong to a server: who may make them, who is given them, and what is said where they cannot be
made."""

import shutil
from contextlib import closing

import psycopg2
import pytest

from service.store import baseline, connect, database, frozen, migrations
from service.store.embedded.server import EmbeddedPostgres
from service.store.sight import Sight

SEEING = ("crimebook_one_force", "crimebook_some_forces", "crimebook_every_force")


def run(url, *statements):
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def server(tmp_path, monkeypatch):
    """One of its own, where only the baseline was applied, and a login `app` that serves and owns nothing;
    and the files to go on with."""
    later = frozen.SCHEMA
    first = tmp_path / "first"
    first.mkdir()
    for path in later.glob("*.sql"):
        if frozen.version_of(path.name) <= baseline.LAST:
            shutil.copy(path, first)
    with EmbeddedPostgres(tmp_path / "server", durable=False) as server:
        monkeypatch.setattr(frozen, "SCHEMA", first)
        monkeypatch.setattr(migrations, "SCHEMA", first)
        migrations.migrate(server.url())
        monkeypatch.setattr(frozen, "SCHEMA", later)
        monkeypatch.setattr(migrations, "SCHEMA", later)
        run(
            server.url("crimebook", "postgres"),
            "create role app login password 'app' in role crimebook_service",
        )
        yield server
        database.release()


def served_by(server):
    """The book's address for the login that serves."""
    return server.url().replace(server.url().split("//")[1].split("@")[0], "app:app")


def sees(server, forces):
    connect(served_by(server))
    with database.reading(sight=Sight("x", forces)) as book, book.connection.cursor() as cursor:
        cursor.execute("select current_user as name, count(*) as number from offence_version")
        return cursor.fetchone()["name"]


def test_whoever_was_the_service_is_given_what_the_service_needs_now(server):
    migrations.migrate(server.url())
    assert [sees(server, forces) for forces in ("", "E23000022", "E23000022,E23000021", "*")] == [
        "crimebook_service",
        *SEEING,
    ]
    [(more,)] = run(
        server.url(),
        "select bool_or(rolsuper or rolcreaterole or rolbypassrls) from pg_roles where rolname like"
        " 'crimebook\\_%'",
    )
    assert not more


def test_an_owner_that_may_make_no_roles_is_told_what_to_ask_for_and_needs_no_more(server):
    administrator = server.url("crimebook", "postgres")
    run(administrator, "alter role crimebook nocreaterole")
    with pytest.raises(
        migrations.MigrationFault,
        match="crimebook may not make the roles of row-level security: give it CREATEROLE for this once",
    ):
        migrations.migrate(server.url())
    assert migrations.pending(server.url())[0] == "260"
    for role in SEEING:
        run(
            administrator,
            f"create role {role} nologin in role crimebook_service",
            f"grant {role} to crimebook, app",
        )
    migrations.migrate(server.url())
    assert migrations.pending(server.url()) == []
    assert sees(server, "*") == "crimebook_every_force"
