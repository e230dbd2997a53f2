"""kill -9 in mid-load and in mid-apply, of the worker that takes a file and of the PostgreSQL process that
keeps it: all of it or nothing."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from service.callers import callers
from service.reference import open_data
from service.store import database, migrations
from service.store.embedded.server import EmbeddedPostgres

ROWS = 3000
HEADER = b"area,code,committed_from,crime_ref,force,recorded_on\n"
LINES = b"".join(
    b"leicester,46,2024-06-02T10:00:00Z,LE/%d,leicestershire,2024-06-03\n" % number for number in range(ROWS)
)


class Place:
    """A service and a server of its own, whose processes may be killed."""

    def __init__(self, url, port, gunicorn, key):
        self.url, self.port, self.gunicorn, self.key = url, port, gunicorn, key

    def ask(self, method, path, body=None, **headers):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as asked:
            asked.request(method, path, body, {"Authorization": f"Bearer {self.key}", **headers})
            answer = asked.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")

    def rows(self, question):
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()

    def ready(self):
        for _ in range(300):
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/ready")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the service did not come back")

    def until(self, question):
        """Wait until the question has an answer, and give its first value."""
        for _ in range(300):
            with contextlib.suppress(psycopg2.OperationalError):
                if found := self.rows(question):
                    return found[0][0]
            time.sleep(0.05)
        raise AssertionError(question)


@pytest.fixture(scope="module")
def place():
    root = Path(tempfile.mkdtemp(prefix="crimebook-killed-"))
    root.chmod(0o755)
    with EmbeddedPostgres(root / "postgres") as server, socket.socket() as free:
        migrations.migrate(server.url())
        open_data.load(server.url())
        callers.ensure_first_key(server.url(), root)
        database.release()
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = os.environ | {
            "DATABASE_URL": server.url(),
            "PORT": str(port),
            "WORKERS": "1",
            "LOG_LEVEL": "critical",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "python:service.web.server.gunicorn",
            "service.app:create_app()",
        ]
        gunicorn = subprocess.Popen(command, cwd=Path(__file__).parents[3], env=environment)
        found = Place(server.url(), port, gunicorn, (root / "key").read_text().strip())
        found.ready()
        yield found
        gunicorn.send_signal(signal.SIGTERM)
        gunicorn.wait(30)
    shutil.rmtree(root)


def half_sent(place):
    """A connection on which half of a file has gone, and PostgreSQL is copying it."""
    connection = socket.create_connection(("127.0.0.1", place.port), timeout=30)
    head = (
        "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer"
        f" {place.key}\r\nContent-Type: text/csv\r\nContent-Length: {len(HEADER) + 2 * len(LINES)}\r\n\r\n"
    )
    connection.sendall(head.encode() + HEADER + LINES)
    return connection, place.until(
        "select pid from pg_stat_activity where query like 'copy staged_offence%' and state = 'active'"
    )


def applying(place):
    """A file that is applied but for its last step, which waits for a lock that is given back at the end."""
    holder = psycopg2.connect(place.url)
    holder.cursor().execute("lock table coverage in access exclusive mode")

    def send():
        with contextlib.suppress(OSError, http.client.HTTPException):
            place.ask("POST", "/v1/submissions", HEADER + LINES, **{"Content-Type": "text/csv"})

    sender = threading.Thread(target=send)
    sender.start()
    waiting = (
        "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into"
        " coverage%'"
    )
    return holder, sender, place.until(waiting)


def kill(place, victim, backend):
    [worker] = Path(f"/proc/{place.gunicorn.pid}/task/{place.gunicorn.pid}/children").read_text().split()
    os.kill(int(worker) if victim == "worker" else backend, signal.SIGKILL)


@pytest.mark.parametrize("victim", ["worker", "backend"])
@pytest.mark.parametrize("moment", ["load", "apply"])
def test_a_kill_leaves_nothing_of_the_file_and_the_next_try_all_of_it(place, victim, moment):
    changes = place.rows("select count(*) from change")
    records = place.rows("select count(*) from offence_version")
    if moment == "load":
        connection, backend = half_sent(place)
        kill(place, victim, backend)
        with contextlib.suppress(OSError):
            connection.sendall(LINES)
            connection.recv(65_536)
        connection.close()
    else:
        holder, sender, backend = applying(place)
        kill(place, victim, backend)
        with contextlib.suppress(psycopg2.Error):
            holder.close()
        sender.join(60)
    place.until("select 1")
    place.ready()
    place.until(
        "select 1 where not exists (select from pg_stat_activity where application_name = 'crimebook' and"
        " state like '%transaction%')"
    )
    assert place.rows("select count(*) from offence_version") == records
    assert place.rows("select count(*) from change") == changes
    assert place.rows("select count(*) from tally") == [(0,)] if records == [(0,)] else True


def test_and_then_the_whole_file_goes_in_once(place):
    status, receipt = place.ask("POST", "/v1/submissions", HEADER + LINES, **{"Content-Type": "text/csv"})
    assert (status, receipt["recorded"]) == (201, ROWS)
    assert place.rows("select sum(offences) from tally where area = 'E06000016'") == [(ROWS,)]
