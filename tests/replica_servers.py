"""A primary and a streaming replica of it, both real and of this machine."""

import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2

from service.store.embedded.server import DATABASE, OWNER, SUPERUSER, EmbeddedPostgres


def new_root():
    """A directory that the server's user can reach, short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="crimebook-pair-"))
    path.chmod(0o755)
    return path


class Replica(EmbeddedPostgres):
    """A server whose files are a copy of a primary's by pg_basebackup, and that follows it."""

    def __init__(self, primary, **settings):
        super().__init__(new_root() / "replica", primary.durable, **settings)
        self.primary = primary

    def _make_cluster(self):
        if not self.data.exists():
            with self._open("passwords") as file:
                file.write(self.primary.password_file.read_bytes())
            self._run(
                "pg_basebackup",
                "-d",
                self.primary.url("postgres", SUPERUSER),
                "-D",
                self.data,
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "--no-sync",
            )

    def _is_ready(self):
        lines = self._postmaster_lines()
        return (
            self.process is not None
            and lines[0] == str(self.process.pid)
            and lines[7:8]
            and lines[7].strip() in ("ready", "standby")
        )

    def _make_database(self):
        """It came with the files."""


class Pair:
    """A primary with a replica. `url` names both, the primary found by libpq; `read_url` the replica
    alone."""

    def __init__(self, files, durable=False):
        """Of a server's files, which are copied."""
        root = new_root()
        subprocess.run(["cp", "-a", files, root / "primary"], check=True)
        self.primary = primary = EmbeddedPostgres(root / "primary", durable).start()
        self.replica = Replica(primary, hot_standby_feedback="on", wal_receiver_status_interval="1s").start()

    @property
    def url(self):
        """For reading and writing: whichever of the two takes changes."""
        return several(self.primary, self.replica)

    @property
    def read_url(self):
        """For reading."""
        return self.replica.url()

    def tell(self, server, *statements):
        """Run statements as the superuser; what the last answers."""
        with closing(psycopg2.connect(server.url(DATABASE, SUPERUSER))) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None

    def follow(self):
        """Wait until the replica has replayed all that the primary has written."""
        [written] = self.tell(self.primary, "select pg_current_wal_lsn()")
        until(lambda: self.tell(self.replica, f"select pg_last_wal_replay_lsn() >= '{written}'")[0])

    def pause(self):
        """Let the replica fall behind."""
        self.tell(self.replica, "select pg_wal_replay_pause()")
        until(lambda: self.tell(self.replica, "select pg_get_wal_replay_pause_state() = 'paused'")[0])

    def resume(self):
        """Let it catch up."""
        self.tell(self.replica, "select pg_wal_replay_resume()")
        self.follow()

    def wait_for_replica(self, names="ANY 1 (*)"):
        """From here on a change is acknowledged when the replica shows it."""
        self.tell(
            self.primary,
            f"alter system set synchronous_standby_names = '{names}'",
            "select pg_reload_conf()",
            f"alter database {DATABASE} set synchronous_commit = 'remote_apply'",
        )
        until(
            lambda: self.tell(
                self.primary,
                "select count(*) > 0 from pg_stat_replication where sync_state in ('sync', 'quorum')",
            )[0]
        )

    def promote(self):
        """Make the replica the primary."""
        assert self.tell(self.replica, "select pg_promote()")[0]

    def stop(self):
        """End both, and take their files away."""
        for server in (self.replica, self.primary):
            if server.process:
                if server.process.poll() is None:
                    server.process.send_signal(signal.SIGQUIT)  # nobody reads these files again
                server.stop()
            shutil.rmtree(server.root.parent, ignore_errors=True)


def several(*servers):
    """One URL of several servers."""
    user, password = OWNER, servers[0].password_file.read_text().split()[1]
    hosts = ",".join(quote(str(server.socket_directory), safe="") for server in servers)
    return f"postgresql://{user}:{password}@/{DATABASE}?host={hosts}&port={','.join('5432' for _ in servers)}"


def kill(server):
    """As the power failing: nothing is flushed, nobody is told."""
    server.process.kill()
    server.process.wait()


def until(true, seconds=60):
    """Wait for it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
