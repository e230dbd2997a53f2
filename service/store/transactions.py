"""One transaction over one connection, and the row of the access log that must be there for good before its
answer is.

The row goes to the primary, whatever server was read.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import cast

import psycopg2
import psycopg2.extensions

from service.store import commits, connections, preparing
from service.store.book import Book, Connection, Row
from service.store.sight import Sight
from service.store.statements import statement_at

LogRow = bytes | Mapping[str, object]
"""A row of the access log: as JSON, or as the parameters of `store/accesses.sql`'s `log_one`."""


class _Open(threading.local):
    """What is known of this thread's transaction. `parting` is the row that is logged when it ends."""

    parting: LogRow | None = None
    settings: str = ""
    """The statements with which it began: how long a statement may take, and whose records it sees."""


_open = _Open()


@contextmanager
def transaction(
    connection: Connection, opening: str, seconds: int | None, sight: Sight
) -> Iterator[tuple[Connection, Row | None]]:
    """Begin with the statements of `opening`, in one round trip, where `{settings}` stands for those of this
    transaction; commit at the end, roll back on any fault, drop a broken connection. Gives the connection
    with the first row of the opening."""
    _open.parting = None
    timeout = connections.statement_timeout() if seconds is None else seconds
    _open.settings = f"set local statement_timeout = {timeout * 1000}; {sight.settings()}"
    preparing.plan_for(connection, sight.role)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"begin {opening.replace('{settings}', _open.settings)}")
            first = cast("Row | None", cursor.fetchone())
        yield connection, first
        _commit(connection)
    except (psycopg2.errors.ReadOnlySqlTransaction, psycopg2.errors.FeatureNotSupported):
        # No primary any more, or its tables are not those that statements were planned for: the next
        # connection is right.
        _drop(connection)
        raise
    except psycopg2.OperationalError:
        _drop(connection) if connection.closed else _roll_back(connection)
        raise
    except BaseException:
        _roll_back(connection)
        raise
    finally:
        preparing.plan_for(connection, None)


def return_to_sight(book: Book) -> None:
    """Be again who this transaction was opened as, after statements in another role."""
    with book.connection.cursor() as cursor:
        cursor.execute(_open.settings)


def _drop(connection: Connection) -> None:
    """Close this connection, so that the next one is a new one."""
    with suppress(psycopg2.Error):
        connection.close()


class InDoubt(psycopg2.OperationalError):
    """The connection was lost while committing: the work may have been done, so it must not be repeated
    unasked."""


class Unlogged(psycopg2.OperationalError):
    """The row of the access log could not be written, so the request must not be answered."""


def log_with_commit(row: LogRow) -> None:
    """Write this row of the access log when the transaction that reads ends, in the same round trip, or raise
    `Unlogged`."""
    _open.parting = row


def log_and_read_on(book: Book, row: LogRow) -> None:
    """Write this row for good now, and read on at the same change: at the primary in a new transaction, for
    what a change says, it says for ever; at a replica in the same."""
    try:
        if book.connection is not connections.open_primary():
            _log_apart(row)
            return
        _log(
            row,
            "commit; begin; {}; commit; begin isolation level repeatable read read only; " + _open.settings,
        )
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
    statement, parameters = (
        (statement_at("store.accesses.log"), {"row": row.decode()})
        if isinstance(row, bytes)
        else (statement_at("store.accesses.log_one"), row)
    )
    connection = connections.connection()
    connection.notices.clear()
    with (
        commits.bounded(connection, connections.statement_timeout()),
        connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor,
    ):
        cursor.execute(within.replace("{}", statement.sql.rstrip(";"), 1), parameters)
    _require_replicated(connection)


def _log_apart(row: LogRow) -> None:
    """Write this row at the primary while a replica is read; over a new connection where the old one was
    lost, perhaps with the row written: its id then is there already."""
    try:
        _log(row)
    except (psycopg2.OperationalError, psycopg2.errors.ReadOnlySqlTransaction):
        connections.release()
        with suppress(psycopg2.errors.UniqueViolation):
            _log(row)


def _require_replicated(connection: Connection) -> None:
    """A commit that gave up waiting for the replicas it should wait for says so in a warning, and gives no
    other."""
    if connection.notices:
        raise InDoubt("Committed here, but on no replica: " + " ".join(connection.notices).strip())


def _commit(connection: Connection) -> None:
    parting, _open.parting = _open.parting, None
    try:
        if parting is not None and connection is connections.open_primary():
            _log(parting, "commit; {}")
            return
        connection.notices.clear()
        with commits.bounded(connection, connections.statement_timeout()), connection.cursor() as cursor:
            cursor.execute("commit")
        _require_replicated(connection)
        if parting is not None:
            _log_apart(parting)
    except psycopg2.Error as fault:
        if parting is not None:
            raise Unlogged(*fault.args) from fault
        if isinstance(fault, psycopg2.OperationalError) and not isinstance(
            fault, (psycopg2.errors.TransactionRollbackError, InDoubt)
        ):
            raise InDoubt(*fault.args) from fault
        raise


def _roll_back(connection: Connection) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("rollback")
    except psycopg2.Error:
        _drop(connection)
