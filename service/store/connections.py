"""Where the book is, and each thread's own connection to it: in autocommit, in the role that may not rewrite history.

Of several hosts in the URL the one that takes changes is found by libpq, so that a replica that was promoted is found as well.
"""

import threading
from contextlib import suppress
from typing import Any

import psycopg2
import psycopg2.extras
from psycopg2.extensions import parse_dsn

from service.store import commits, preparing
from service.store.book import Connection
from service.store.sight import SERVICE_ROLE
from service.store.statements import statements

SECONDS_A_READER_MAY_REST = 60  # between two rows of a streamed list; else a slow reader would hold its thread and snapshot for ever
SECONDS_TO_CONNECT = 5  # to each host
_NOT_COMPILED = "-c jit=off"
"""A server with LLVM, as Debian's, goes by its estimates alone: it compiled for 18 seconds what takes 1.5 (each category in 49 areas)."""

_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""A host that vanished without a word is noticed within a minute, also in the middle of a statement."""

_FINDS_THE_PRIMARY = {"target_session_attrs": "read-write"}

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]


class _Held(threading.local):
    """This thread's connection to the primary. Opened on first use, so never carried across a fork."""

    primary: Connection | None = None
    distributed = False


_held = _Held()
_database: dict[str, Any] = {"url": None, "timeout": 30}


def use(url: str, statement_timeout_seconds: int) -> None:
    """Say which database this process serves. Opens nothing yet."""
    release()
    _database.update(url=url, timeout=statement_timeout_seconds)


def statement_timeout() -> int:
    """Seconds that one statement may take where nothing else is said."""
    return int(_database["timeout"])


def release() -> None:
    """Close this thread's connection to the primary, if it has one."""
    held, _held.primary = _held.primary, None
    if held is not None:
        with suppress(psycopg2.Error):
            held.close()


def connection() -> Connection:
    """This thread's connection to the primary."""
    if _held.primary is None or _held.primary.closed:
        opened = open_to(_database["url"], {**_ALIVE, "connect_timeout": SECONDS_TO_CONNECT}, _FINDS_THE_PRIMARY)
        _held.distributed = opened.plans_anew = _promise(opened)  # which server is asked depends on the values
        _held.primary = opened
    return _held.primary


def held_primary() -> Connection | None:
    """This thread's connection to the primary, if one was opened."""
    return _held.primary


def distributed() -> bool:
    """Is the book spread over several servers, so that no snapshot spans it?"""
    return connection() is not None and _held.distributed


def open_to(url: str, usual: dict[str, Any], of_several: dict[str, str]) -> preparing.Connection:
    """A new connection. What the URL says itself counts more than what is `usual`, or is so where it names several hosts."""
    said = parse_dsn(url)
    if "," in said.get("host", ""):
        usual = usual | of_several
    opened: preparing.Connection = psycopg2.connect(
        url,
        application_name="crimebook",
        connection_factory=preparing.Connection,
        cursor_factory=preparing.Cursor,
        options=f"-c role={SERVICE_ROLE} -c TimeZone=UTC -c DateStyle=ISO -c statement_timeout={statement_timeout() * 1000} "
        f"-c idle_in_transaction_session_timeout={SECONDS_A_READER_MAY_REST * 1000} {_NOT_COMPILED}",
        **{name: value for name, value in usual.items() if name not in said},
    )
    opened.autocommit = True
    return opened


def _promise(opened: Connection) -> bool:
    """What is committed is to be on disk, here and on replicas that the database waits for, whatever its default; and is it spread?"""
    told = statements()["health"].promises(opened)
    waits = "remote_apply" if told["synchronous_commit"] == "remote_apply" else "on"
    with opened.cursor() as cursor:
        cursor.execute(f"set synchronous_commit = {waits}")  # said, so that no reloading of the server's settings lowers it
    return bool(told["distributed"])


def ask(noun: str, name: str, **parameters: Any) -> Any:
    """The answer of one statement outside any transaction; asked again where the connection turns out to be lost, to lead to a server that
    is no primary any more, or to have planned it for a table that has changed."""
    statement = getattr(statements()[noun], name)
    try:
        with commits.bounded(connection(), statement_timeout()):
            return statement(connection(), **parameters)
    except (psycopg2.OperationalError, psycopg2.errors.ReadOnlySqlTransaction, psycopg2.errors.FeatureNotSupported):
        release()
        return statement(connection(), **parameters)
