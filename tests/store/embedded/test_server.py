"""The embedded server keeps what it was given, whatever is killed, and takes no liberties with the
machine."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from service.processes import command_of
from service.store.embedded.placement import EmbeddedPostgresFault
from service.store.embedded.server import OWNER, SUPERUSER, EmbeddedPostgres

PROJECT = Path(__file__).parents[3]
AS_ROOT = os.geteuid() == 0
LAUNCHER = """
import sys, time
from service.store.embedded.server import EmbeddedPostgres
server = EmbeddedPostgres(sys.argv[1], durable=False).start()
print(server.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def root() -> Iterator[Path]:
    directory = (
        tempfile.mkdtemp()
    )  # not tmp_path: for root that lies below a directory no other user can enter
    yield Path(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A directory with a database in it, for tests that start and stop a server and leave no trace there."""
    directory = tempfile.mkdtemp()
    EmbeddedPostgres(directory, durable=False).start().stop()
    yield Path(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """For what is only asked; tests that stop, kill or break a server start their own."""
    directory = tempfile.mkdtemp()
    with EmbeddedPostgres(directory, durable=False) as running:
        yield running
    shutil.rmtree(directory)


@pytest.fixture
def launchers() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for launcher in started:
        launcher.kill()
        launcher.communicate()


def ask(server: EmbeddedPostgres, statement: str, role: str = OWNER) -> Any:
    """The first value of the statement's first row, committed."""
    with closing(psycopg2.connect(server.url(role=role))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


def launch(launchers: list[subprocess.Popen[str]], root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LAUNCHER, str(root)]
    launchers.append(
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    )
    return launchers[-1]


def server_of(launcher: subprocess.Popen[str]) -> int:
    assert launcher.stdout
    return int(launcher.stdout.readline())


def wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + 20
    while command_of(process):
        assert time.monotonic() < deadline, f"process {process} is still there: {command_of(process)}"
        time.sleep(0.02)


def test_the_owner_has_its_database_and_may_make_roles_but_is_no_superuser(server: EmbeddedPostgres) -> None:
    assert (
        ask(server, "select pg_get_userbyid(datdba) from pg_database where datname = current_database()")
        == "crimebook"
    )
    assert (
        ask(
            server,
            "select (rolcreaterole, rolsuper, rolcreatedb)::text from pg_roles where rolname = current_user",
        )
        == "(t,f,f)"
    )
    ask(server, "create role crimebook_trial")
    assert ask(server, "select rolsuper from pg_roles where rolname = current_user", SUPERUSER) is True


def test_without_the_password_nobody_gets_in_and_nothing_listens_on_the_network(
    server: EmbeddedPostgres,
) -> None:
    owners = server.url().split(":")[2].split("@")[0]
    superusers = server.url(role=SUPERUSER).split(":")[2].split("@")[0]
    wrong = server.url().replace(owners, "wrong")
    missing = server.url().replace(f":{owners}", "")
    anothers = server.url(role=SUPERUSER).replace(superusers, owners)
    for url in (wrong, missing, anothers):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(url)
    assert ask(server, "show listen_addresses") == ""
    assert (
        ask(server, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'", SUPERUSER)
        == 0
    )


def test_text_sorts_by_code_point_and_knows_letters_beyond_ascii(server: EmbeddedPostgres) -> None:
    assert (
        ask(
            server,
            "select string_agg(letter, '' order by letter) from unnest(array['é', 'z', 'B', 'a', 'Z'])"
            " letter",
        )
        == "BZazé"
    )
    assert ask(server, r"select 'é' ~ '\w' and upper('é') = 'É'") is True
    assert ask(server, "show timezone") == "UTC"


def test_data_survive_a_restart_and_nothing_is_left_running(root: Path) -> None:
    with EmbeddedPostgres(root) as server:
        ask(server, "create table kept as select 42 as answer")
        assert server.process
        first, url = server.process.pid, server.url()
    assert command_of(first) == ""
    assert not list(root.glob(".s.PGSQL*"))
    with EmbeddedPostgres(root) as server:
        assert ask(server, "select answer from kept") == 42
        assert server.url() == url


def test_a_killed_postmaster_is_started_again_with_every_row(root: Path) -> None:
    with EmbeddedPostgres(root) as server:
        ask(server, "create table kept as select 42 as answer")
        assert server.process
        assert not server.revive()
        server.process.kill()
        server.process.wait()
        assert server.revive()
        assert ask(server, "select answer from kept") == 42


def test_a_killed_launcher_takes_the_server_along_and_the_next_one_finds_every_row(
    root: Path, launchers: list[subprocess.Popen[str]]
) -> None:
    with EmbeddedPostgres(root, durable=False) as server:
        ask(server, "create table kept as select 42 as answer")
    launcher = launch(launchers, root)
    postmaster = server_of(launcher)
    launcher.kill()
    launcher.wait()
    if sys.platform == "linux":  # elsewhere the next launcher ends it
        wait_until_gone(postmaster)
        assert (root / "log").read_text().rstrip().endswith("database system is shut down")
    launcher = launch(launchers, root)
    postmaster = server_of(launcher)
    launcher.kill()
    launcher.wait()
    with EmbeddedPostgres(root, durable=False) as server:  # at once, while the other may still be stopping
        assert ask(server, "select answer from kept") == 42
        assert command_of(postmaster) == ""


def test_a_second_launcher_on_the_same_directory_is_refused_with_a_sentence(
    root: Path, launchers: list[subprocess.Popen[str]]
) -> None:
    with EmbeddedPostgres(root, durable=False) as server:
        second = launch(launchers, root)
        assert second.wait(20) != 0
        assert second.stderr
        assert f"Another Crimebook is running the database in {root}: stop it" in second.stderr.read()
        with pytest.raises(EmbeddedPostgresFault, match="Another Crimebook"):
            EmbeddedPostgres(root).start()
        assert ask(server, "select 1") == 1


def test_a_directory_that_was_being_made_when_the_power_went_is_made_again(root: Path) -> None:
    (root / "data-half.tmp").mkdir()
    (root / "data-half.tmp" / "PG_VERSION").write_text("18\n")
    (root / "passwords").write_text("half a passw")
    with EmbeddedPostgres(root, durable=False) as server:
        assert ask(server, "select 1") == 1
    assert not list(root.glob("*.tmp"))


def test_an_initdb_that_is_killed_leaves_nothing_that_looks_whole(
    root: Path, launchers: list[subprocess.Popen[str]]
) -> None:
    launcher = launch(launchers, root)
    deadline = time.monotonic() + 20
    while not list(root.glob("data-*.tmp/base")) and time.monotonic() < deadline:
        time.sleep(0.001)
    launcher.kill()
    launcher.wait()
    assert not (root / "data").exists()
    with EmbeddedPostgres(root, durable=False) as server:
        assert ask(server, "select 1") == 1


def test_any_directory_name_will_do_and_the_directory_can_be_moved(root: Path) -> None:
    root.chmod(0o755)
    place = root / "first"
    EmbeddedPostgres(place, durable=False).start().stop()
    for name in ('it\'s "quoted"; $(no) `shell` % é', "one, two", "long" * 30):
        place = place.rename(root / name)
        with EmbeddedPostgres(place, durable=False) as server:
            assert ask(server, "select 1") == 1
            socket_directory = server.socket_directory
        assert socket_directory == place or not socket_directory.exists()


def test_data_of_another_major_are_refused_with_a_sentence_and_left_alone(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data" / "PG_VERSION").write_text("9\n")
    if AS_ROOT:
        shutil.chown(root / "data", "nobody")
    with pytest.raises(
        EmbeddedPostgresFault, match=r"was made by PostgreSQL 9, not 1\d: dump it there, restore it here"
    ):
        EmbeddedPostgres(root).start()
    assert [path.name for path in (root / "data").iterdir()] == ["PG_VERSION"]


def test_a_stranger_that_has_got_the_number_of_a_dead_server_is_neither_believed_nor_harmed(
    made: Path,
) -> None:
    identity = {"user": "nobody", "extra_groups": []} if AS_ROOT else {}
    with subprocess.Popen(["sleep", "600"], **identity) as stranger:  # type: ignore[call-overload]
        (made / "data" / "postmaster.pid").write_text(
            f"{stranger.pid}\n{made / 'data'}\n0\n5432\n{made}\n\n0 0\nready\n"
        )
        with EmbeddedPostgres(made, durable=False) as server:
            assert ask(server, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_that_does_not_start_says_why_and_frees_the_directory(made: Path) -> None:
    with pytest.raises(EmbeddedPostgresFault, match=r"PostgreSQL did not start: .*work_mem"):
        EmbeddedPostgres(made, durable=False, work_mem="plenty").start()
    with EmbeddedPostgres(made, durable=False) as server:
        assert ask(server, "select 1") == 1


def test_the_callers_own_postgresql_variables_do_not_bend_the_server(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGDATABASE": "nowhere",
        "PGUSER": "nobody",
        "LC_ALL": "xx_XX",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(made, durable=False, work_mem="7MB") as server:
        assert (
            ask(server, "select current_user || current_database() || current_setting('work_mem')")
            == "crimebookcrimebook7MB"
        )


def test_settings_for_speed_are_taken_only_where_the_data_may_be_lost(made: Path) -> None:
    for durable, fsync in ((False, "off"), (True, "on")):
        with EmbeddedPostgres(made, durable=durable) as server:
            assert ask(server, "show fsync") == fsync
