"""Where the book is, and each thread's own connection to it: in autocommit, in the role that may not rewrite
history.

Of several hosts in the URL the one that takes changes is found by libpq, so that a replica that was promoted
is found as well.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypedDict

import psycopg2
import psycopg2.extras
from psycopg2.extensions import parse_dsn

from service.store import commits, preparing
from service.store.book import Connection, Row
from service.store.sight import SERVICE_ROLE
from service.store.statements import statement_at

SECONDS_A_READER_MAY_REST = 60
"""Between two rows of a streamed list; else a slow reader would hold its thread and snapshot for ever."""
SECONDS_TO_CONNECT = 5
"""To each host."""
_NOT_COMPILED = "-c jit=off"
"""A server with LLVM, as Debian's, decides by estimates alone to compile: it compiled for 18 seconds what
then took 1.5 (each category in 49 areas)."""

_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""A host that vanished is noticed within a minute, also in the middle of a statement."""

_FINDS_THE_PRIMARY = {"target_session_attrs": "read-write"}

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]


class _Thread(threading.local):
    """This thread's connection to the primary. Opened on first use, so never carried across a fork."""

    primary: Connection | None = None
    distributed = False


class _Database(TypedDict):
    """Which database this process serves, and how many seconds a statement may take."""

    url: str
    timeout: int


_thread = _Thread()
_database: _Database = {"url": "", "timeout": 30}


def use(url: str, statement_timeout_seconds: int) -> None:
    """Say which database this process serves. Opens nothing yet."""
    release()
    _database["url"], _database["timeout"] = url, statement_timeout_seconds


def statement_timeout() -> int:
    """Seconds that one statement may take where nothing else is said."""
    return _database["timeout"]


def release() -> None:
    """Close this thread's connection to the primary, if it has one."""
    primary, _thread.primary = _thread.primary, None
    if primary is not None:
        with suppress(psycopg2.Error):
            primary.close()


def connection() -> Connection:
    """This thread's connection to the primary."""
    if _thread.primary is None or _thread.primary.closed:
        opened = open_to(
            _database["url"], {**_ALIVE, "connect_timeout": SECONDS_TO_CONNECT}, _FINDS_THE_PRIMARY
        )
        # Where the book is distributed, which server is asked depends on the values of each statement.
        _thread.distributed = opened.plans_anew = _make_durable(opened)
        _thread.primary = opened
    return _thread.primary


def open_primary() -> Connection | None:
    """This thread's connection to the primary, if one was opened."""
    return _thread.primary


def distributed() -> bool:
    """Is the book spread over several servers, so that no snapshot spans it?"""
    return connection() is not None and _thread.distributed


def open_to(url: str, usual: Mapping[str, str | int], of_several: Mapping[str, str]) -> preparing.Connection:
    """A new connection. Parameters in the URL win over those that are `usual`, and over those `of_several`
    that are added where the URL names several hosts."""
    in_url = parse_dsn(url)
    if "," in in_url.get("host", ""):
        usual = {**usual, **of_several}
    opened: preparing.Connection = psycopg2.connect(
        url,
        application_name="crimebook",
        connection_factory=preparing.Connection,
        cursor_factory=preparing.Cursor,
        options=(
            f"-c role={SERVICE_ROLE} -c TimeZone=UTC -c DateStyle=ISO -c"
            f" statement_timeout={statement_timeout() * 1000} -c"
            f" idle_in_transaction_session_timeout={SECONDS_A_READER_MAY_REST * 1000} {_NOT_COMPILED}"
        ),
        **{name: value for name, value in usual.items() if name not in in_url},
    )
    opened.autocommit = True
    return opened


def _make_durable(opened: Connection) -> bool:
    """Have each commit wait until it is on disk, here and on the replicas that the database waits for,
    whatever its default. Gives whether the book is distributed over several servers."""
    promises: Row = statement_at("store.server.promises")(opened)
    waits = "remote_apply" if promises["synchronous_commit"] == "remote_apply" else "on"
    with opened.cursor() as cursor:
        # Set for this connection, so that no reloading of the server's settings lowers it.
        cursor.execute(f"set synchronous_commit = {waits}")
    return bool(promises["distributed"])


def ask(file: str, name: str, **parameters: object) -> Any:
    """Run one statement of a file outside any transaction: `ask("store.changes", "latest")`. It is run again
    where the connection turns out to be lost, to lead to a server that is no primary any more, or to have
    planned the statement for a table that has changed. Gives what its mark says, as `Statement` does."""
    statement = statement_at(f"{file}.{name}")
    try:
        with commits.bounded(connection(), statement_timeout()):
            return statement(connection(), **parameters)
    except (
        psycopg2.OperationalError,
        psycopg2.errors.ReadOnlySqlTransaction,
        psycopg2.errors.FeatureNotSupported,
    ):
        release()
        return statement(connection(), **parameters)
