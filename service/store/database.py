"""One connection for each thread, two kinds of transaction, and the named statements of every noun.

A transaction that reads is READ ONLY, repeatable read, and knows the change it reads at. A transaction that writes holds the change
lock and has one row in `change`. Statements live in the `.sql` file beside the noun that asks them; `sql.offences.read(…)` runs the
statement `read` of `service/offences.sql` with `as_of` (reading) or `change` and `changed_at` (writing) already given.

Each says in whose name it is opened, in the round trip that begins it: the database then shows the records of that `Sight` and no other.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras

from service.store.book import Book as Book  # noqa: PLC0414 (as database.Book it is known everywhere)
from service.store.book import Connection
from service.store.sight import OWN_SIGHT, Sight
from service.store.statements import statements

AsOf = int | datetime | None
"""A change number, an instant, or the present."""

SERVICE_ROLE = "crimebook_service"
CHANGE_LOCK = 4_201_031  # any number that nobody else locks; held by every writer from its change row to its commit

SECONDS_A_READER_MAY_REST = 60  # between two rows of a streamed list; else a slow reader would hold its thread and snapshot for ever

reflected_change: ContextVar[int | None] = ContextVar("reflected_change", default=None)
"""The change that the answer of this request reflects; None until something was read or written."""

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]


class OutsideTheBook(ValueError):
    """The reader asked for a change that has not been made, or an instant that has not come."""


LogRow = bytes | dict[str, Any]  # of the access log: as JSON whatever it says, or as the plain values of `accesses.log_one`


class _Connections(threading.local):
    """Each thread's own connection. Opened on first use, so never carried across a fork. `parting` is logged with a commit."""

    held: Connection | None = None
    parting: LogRow | None = None
    settings: str = ""  # of the transaction that is open


_connections = _Connections()
_database: dict[str, Any] = {"url": None, "timeout": 30}


def connect(url: str, statement_timeout_seconds: int = 30) -> None:
    """Say which database this process serves. Opens nothing yet."""
    release()
    _database.update(url=url, timeout=statement_timeout_seconds)


def release() -> None:
    """Close this thread's connection, if it has one."""
    if _connections.held is not None:
        with suppress(psycopg2.Error):
            _connections.held.close()
    _connections.held = None


def connection() -> Connection:
    """This thread's connection, in autocommit and in the role that may not rewrite history."""
    if _connections.held is None or _connections.held.closed:
        opened = psycopg2.connect(
            _database["url"],
            application_name="crimebook",
            connect_timeout=5,
            cursor_factory=psycopg2.extras.RealDictCursor,
            options=f"-c role={SERVICE_ROLE} -c TimeZone=UTC -c DateStyle=ISO -c synchronous_commit=on "
            f"-c statement_timeout={int(_database['timeout']) * 1000} "
            f"-c idle_in_transaction_session_timeout={SECONDS_A_READER_MAY_REST * 1000}",
        )
        opened.autocommit = True
        _connections.held = opened
    return _connections.held


def ask(noun: str, name: str, **parameters: Any) -> Any:
    """The answer of one reading statement outside any transaction; asked again where the connection turns out to be lost."""
    statement = getattr(statements()[noun], name)
    try:
        return statement(connection(), **parameters)
    except psycopg2.OperationalError:
        release()
        return statement(connection(), **parameters)


@contextmanager
def _transaction(opening: str, seconds: int | None, sight: Sight) -> Iterator[tuple[Connection, dict[str, Any] | None]]:
    """Begin with the statements given, in one round trip; commit at the end, roll back on any fault, drop a broken connection."""
    held = connection()
    _connections.parting = None
    timeout = int(_database["timeout"]) if seconds is None else seconds
    _connections.settings = f"set local statement_timeout = {timeout * 1000}; {sight.said()}"
    try:
        with held.cursor() as cursor:
            cursor.execute(f"begin {opening.replace('{settings}', _connections.settings)}")
            first: Any = cursor.fetchone()
        yield held, first
        _commit(held)
    except psycopg2.OperationalError:
        release() if held.closed else _roll_back(held)
        raise
    except BaseException:
        _roll_back(held)
        raise


class InDoubt(psycopg2.OperationalError):
    """The connection was lost while committing: the work may have been done, so it must not be repeated unasked."""


class Unlogged(psycopg2.OperationalError):
    """What was asked could not be written into the access log, so it must not be answered."""


def log_with_commit(row: LogRow) -> None:
    """Write this row of the access log when the transaction that reads ends, in the same round trip, or raise `Unlogged`."""
    _connections.parting = row


def log_and_read_on(book: Book, row: LogRow) -> None:
    """Write this row for good now, and read on in a new transaction, at the same change: what a change says, it says for ever."""
    try:
        _log(row, "commit; begin; {}; commit; begin isolation level repeatable read read only; " + _connections.settings)
    except psycopg2.Error as fault:
        raise Unlogged(*fault.args) from fault
    book.be_past()


def log_now(row: LogRow) -> None:
    """Write this row in the transaction that is open, or at once where none is."""
    try:
        _log(row)
    except psycopg2.Error as fault:
        raise Unlogged(*fault.args) from fault


def _log(row: LogRow, within: str = "{}") -> None:
    log = statements()["accesses"]
    statement, given = (log.log, {"row": row.decode()}) if isinstance(row, bytes) else (log.log_one, row)
    with connection().cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
        cursor.execute(within.replace("{}", statement.sql.rstrip(";"), 1), given)


def _commit(held: Connection) -> None:
    parting, _connections.parting = _connections.parting, None
    try:
        if parting is not None:
            _log(parting, "commit; {}")
            return
        with held.cursor() as cursor:
            cursor.execute("commit")
    except psycopg2.Error as fault:
        if parting is not None:
            raise Unlogged(*fault.args) from fault
        if isinstance(fault, psycopg2.OperationalError) and not isinstance(fault, psycopg2.errors.TransactionRollbackError):
            raise InDoubt(*fault.args) from fault
        raise


def _roll_back(held: Connection) -> None:
    try:
        with held.cursor() as cursor:
            cursor.execute("rollback")
    except psycopg2.Error:
        release()


@contextmanager
def reading(as_of: AsOf = None, seconds: int | None = None, sight: Sight = OWN_SIGHT) -> Iterator[Book]:
    """Read the book in one snapshot, at the present or as it was known at a change or an instant.

    Raises OutsideTheBook when that change or instant lies in the future.
    """
    if isinstance(as_of, datetime):
        _settle(as_of)
    with _transaction("isolation level repeatable read read only; {settings}; " + _LATEST, seconds, sight) as (held, first):
        newest = first or _NOTHING
        known = _known(held, as_of, newest)
        reflected_change.set(known["id"])
        yield Book(held, known["id"], known["at"], {"as_of": known["id"], "present": known["id"] == newest["id"]})


_NOTHING: dict[str, Any] = {"id": 0, "at": None}
_LATEST = "select id, at from change order by id desc limit 1"


def _settle(instant: datetime) -> None:
    """A writer at work may carry an instant before this one: wait for it, or the same question could get two answers.

    Instants only grow, so one before the last change is settled already. The lock is held for this statement alone.
    """
    latest = ask("changes", "latest")
    if latest is None or instant >= latest["at"]:
        now = ask("changes", "wait_for_writers", lock=CHANGE_LOCK)["now"]
        if instant > now:
            raise OutsideTheBook(f"{instant.isoformat()} has not come: as_of is an instant in the past.")


def _known(held: Connection, as_of: AsOf, newest: dict[str, Any]) -> dict[str, Any]:
    if isinstance(as_of, datetime):
        return statements()["changes"].known_at_instant(held, instant=as_of) or _NOTHING
    if as_of is None or as_of == newest["id"]:
        return newest
    if as_of > newest["id"]:
        raise OutsideTheBook(f"Change {as_of} has not been made: the latest is {newest['id']}.")
    return statements()["changes"].read(held, change=as_of) or _NOTHING


@contextmanager
def writing(
    reason: str, *, caller: str, trace_id: str, submission_id: UUID | None = None, seconds: int | None = None, sight: Sight = OWN_SIGHT
) -> Iterator[Book]:
    """Make one change: numbered in commit order under the change lock, all of it or nothing."""
    opening = "; {settings}; select pg_advisory_xact_lock(" + str(CHANGE_LOCK) + "), clock_timestamp() as now"
    with _transaction(opening, seconds, sight) as (held, first):
        now = first["now"] if first else None
        change = statements()["changes"].begin(held, at=now, caller=caller, reason=reason, trace_id=trace_id, submission_id=submission_id)
        reflected_change.set(change["id"])
        yield Book(held, change["id"], change["at"], {"as_of": change["id"], "change": change["id"], "changed_at": change["at"]})


@contextmanager
def preparing(seconds: int | None = None, sight: Sight = OWN_SIGHT) -> Iterator[Book]:
    """A transaction that stages and judges without the change lock. `take_change` turns it into a change when all is well."""
    with _transaction("; {settings}; select clock_timestamp() as now", seconds, sight) as (held, first):
        now = first["now"] if first else None
        latest = statements()["changes"].latest(held)
        yield Book(held, latest["id"] if latest else 0, now, {"as_of": latest["id"] if latest else 0, "changed_at": now})


def wait_for_writers(book: Book) -> None:
    """Take the change lock inside a prepared transaction without making a change yet: what the book says now, it says until the end."""
    with book.connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({CHANGE_LOCK})")


def take_change(book: Book, reason: str, *, caller: str, trace_id: str, submission_id: UUID | None = None) -> Book:
    """Take the change lock inside a prepared transaction; the book returned writes under the new change."""
    with book.connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({CHANGE_LOCK}), clock_timestamp() as now")
        now = cursor.fetchone()["now"]  # type: ignore[index,call-overload]
    change = statements()["changes"].begin(
        book.connection, at=now, caller=caller, reason=reason, trace_id=trace_id, submission_id=submission_id
    )
    reflected_change.set(change["id"])
    return Book(book.connection, change["id"], change["at"], {"as_of": change["id"], "change": change["id"], "changed_at": change["at"]})
