"""Two kinds of transaction, and the named statements of every noun.

A transaction that reads is READ ONLY, repeatable read, and knows the change it reads at. A transaction that
writes holds the change lock and has one row in `change`. Statements live in the `.sql` file beside the noun
that asks them; `book.reference.areas.read` is the statement `read` of `service/reference/areas.sql`, with
`as_of` (reading) or `change` and `changed_at` (writing) already given.

A reader that says which change it has seen may be answered by a replica that has that change too; everything
else is the primary's. Each says in whose name it is opened, in the round trip that begins it: the database
then shows the records of that `Sight` and no other.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg2

from service.store import connections
from service.store.book import Book, Connection, Row
from service.store.connections import SECONDS_A_READER_MAY_REST, _database, ask, connection
from service.store.scaling.replica import AtReplica, replica
from service.store.sight import OWN_SIGHT, Sight
from service.store.statements import statement_at
from service.store.transactions import (
    InDoubt,
    LogRow,
    Unlogged,
    log_and_read_on,
    log_now,
    log_with_commit,
    return_to_sight,
    transaction,
)

__all__ = [
    "SECONDS_A_READER_MAY_REST",
    "AsOf",
    "AtReplica",
    "Book",
    "InDoubt",
    "LogRow",
    "OutsideTheBook",
    "Unlogged",
    "_database",
    "ask",
    "connect",
    "connection",
    "is_of_replica",
    "log_and_read_on",
    "log_now",
    "log_with_commit",
    "preparing",
    "reading",
    "reflected_change",
    "release",
    "replica",
    "return_to_sight",
    "take_change",
    "wait_for_writers",
    "writing",
]

AsOf = int | datetime | None
"""A change number, an instant, or the present."""

CHANGE_LOCK = 4_201_031
"""Any number that nobody else locks; every writer holds it from its change row to its commit."""

SEALING_LOCK = 4_201_032  # one sealing or erasure at a time; readers and writers never wait for it

reflected_change: ContextVar[int | None] = ContextVar("reflected_change", default=None)
"""The change that the answer of this request reflects; None until something was read or written."""


class OutsideTheBook(ValueError):
    """The reader asked for a change that has not been made, or an instant that has not come."""


def connect(
    url: str,
    statement_timeout_seconds: int = 30,
    *,
    read_url: str | None = None,
    most_seconds_behind: int = 10,
) -> None:
    """Say which database this process serves, and which replica of it may be read while it is no further
    behind. Opens nothing yet."""
    connections.use(url, statement_timeout_seconds)
    replica.use(read_url, most_seconds_behind)


def release() -> None:
    """Close this thread's connections, if it has any."""
    connections.release()
    replica.release()


@contextmanager
def reading(
    as_of: AsOf = None, seconds: int | None = None, sight: Sight = OWN_SIGHT, *, seen: int | None = None
) -> Iterator[Book]:
    """Read the book in one snapshot, at the present or as it was known at a change or an instant.

    `seen` is the newest change that the reader has seen, nought for none: a replica that has it may answer;
    without it the primary does. Raises OutsideTheBook when that change or instant lies in the future, and
    AtReplica where the same had better be read at the primary.
    """
    with ExitStack() as stack:
        book = _of_replica(stack, as_of, seconds, sight, seen) if seen is not None else None
        book = book or _of_primary(stack, as_of, seconds, sight)
        reflected_change.set(book.as_of)
        yield book


def is_of_replica(book: Book) -> bool:
    """Was this book opened at a replica?"""
    return book.connection is not connections.open_primary()


@dataclass(frozen=True)
class Change:
    """A change by its number and its instant; nought and None before the first."""

    id: int
    at: datetime | None


def _of_primary(stack: ExitStack, as_of: AsOf, seconds: int | None, sight: Sight) -> Book:
    if isinstance(as_of, datetime):
        _settle(as_of)
    settled = f"select pg_advisory_xact_lock_shared({CHANGE_LOCK}); " if connections.distributed() else ""
    opening = (
        "isolation level repeatable read read only; " + _PLANNED_ONCE + "{settings}; " + settled + _LATEST
    )
    primary, row = stack.enter_context(transaction(connection(), opening, seconds, sight))
    return _book_of(primary, as_of, _change(row))


def _of_replica(stack: ExitStack, as_of: AsOf, seconds: int | None, sight: Sight, seen: int) -> Book | None:
    """The same book at the replica, if there is one that is fit and knows all that is asked for and was
    seen."""
    link = replica.connection()
    if link is None:
        return None
    with ExitStack() as attempt:
        try:
            opening = (
                "isolation level repeatable read read only; "
                + _PLANNED_ONCE
                + "{settings}; "
                + _LATEST_OF_REPLICA
            )
            _, row = attempt.enter_context(transaction(link, opening, seconds, sight))
        except psycopg2.Error as fault:
            replica.failed(link, fault)
            return None
        newest = _change(row)
        if row is not None and not row["in_recovery"]:
            replica.rest("is no replica")
        elif _knows(newest, as_of, seen) and replica.keeps_up(newest.id):
            stack.enter_context(_blaming_replica(link))
            stack.push(attempt.pop_all())
            return _book_of(link, as_of, newest)
    return None


def _knows(newest: Change, as_of: AsOf, seen: int) -> bool:
    """Does a server whose newest change is this one know what was seen, and all that was known at a change or
    an instant?"""
    if isinstance(as_of, datetime):
        # Changes of that very instant or before may still come, unless a later one is here.
        return newest.id >= seen and newest.at is not None and newest.at > as_of
    return newest.id >= max(seen, as_of or 0)


@contextmanager
def _blaming_replica(link: Connection) -> Iterator[None]:
    """What goes wrong at a replica, save what takes too long anywhere, may go well at the primary."""
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as fault:
        if isinstance(fault, (Unlogged, psycopg2.errors.QueryCanceled)):
            raise
        replica.failed(link, fault)
        raise AtReplica(*fault.args) from fault


def _book_of(link: Connection, as_of: AsOf, newest: Change) -> Book:
    change = _find_change(link, as_of, newest)
    return Book(link, change.id, change.at, {"as_of": change.id, "present": change.id == newest.id})


_PLANNED_ONCE = "set local plan_cache_mode = force_generic_plan; "  # see preparing
_LATEST = "select id, at from change order by id desc limit 1"
_LATEST_OF_REPLICA = "select id, at, pg_is_in_recovery() as in_recovery from change order by id desc limit 1"


def _change(row: Mapping[str, Any] | None) -> Change:
    return Change(row["id"], row["at"]) if row else Change(0, None)


def _settle(instant: datetime) -> None:
    """A writer at work may carry an instant before this one: wait for it, or the same question could get two
    answers.

    Instants only grow, so one before the last change is settled already. The lock is held for this statement
    alone.
    """
    latest = ask("store.changes", "latest")
    if latest is None or instant >= latest["at"]:
        now = ask("store.changes", "wait_for_writers", lock=CHANGE_LOCK)["now"]
        if instant > now:
            raise OutsideTheBook(f"{instant.isoformat()} has not come: as_of is an instant in the past.")


def _find_change(link: Connection, as_of: AsOf, newest: Change) -> Change:
    """The last change made by that number or instant. Raises OutsideTheBook for one that is not made yet."""
    if isinstance(as_of, datetime):
        return _change(statement_at("store.changes.known_at_instant")(link, instant=as_of))
    if as_of is None or as_of == newest.id:
        return newest
    if as_of > newest.id:
        raise OutsideTheBook(f"Change {as_of} has not been made: the latest is {newest.id}.")
    return _change(statement_at("store.changes.read")(link, change=as_of))


@contextmanager
def writing(
    reason: str,
    *,
    caller: str,
    trace_id: str,
    submission_id: UUID | None = None,
    seconds: int | None = None,
    sight: Sight = OWN_SIGHT,
) -> Iterator[Book]:
    """Make one change: numbered in commit order under the change lock, all of it or nothing."""
    opening = (
        "; "
        + _PLANNED_ONCE
        + "{settings}; select pg_advisory_xact_lock("
        + str(CHANGE_LOCK)
        + "), clock_timestamp() as now"
    )
    with transaction(connection(), opening, seconds, sight) as (primary, row):
        now = row["now"] if row else None
        yield _begin_change(primary, now, reason, caller, trace_id, submission_id)


@contextmanager
def preparing(seconds: int | None = None, sight: Sight = OWN_SIGHT) -> Iterator[Book]:
    """A transaction that stages and judges without the change lock. `take_change` turns it into a change when
    all is well."""
    with transaction(connection(), "; {settings}; select clock_timestamp() as now", seconds, sight) as (
        primary,
        row,
    ):
        now = cast("datetime | None", row["now"]) if row else None
        latest = _change(statement_at("store.changes.latest")(primary))
        yield Book(primary, latest.id, now, {"as_of": latest.id, "changed_at": now})


def wait_for_writers(book: Book) -> None:
    """Take the change lock inside a prepared transaction without making a change yet: what the book says now,
    it says until the end."""
    with book.connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({CHANGE_LOCK})")


def take_turn_to_seal(book: Book) -> datetime:
    """Wait until nobody else seals or erases, and keep others waiting until this transaction ends: the
    instant from which on that holds.

    Who erases what is personal takes it too, else a sealing at work could keep a salt for what is just being
    erased. Sealing never takes the change lock, so the two cannot block each other.
    """
    now: datetime = book.store.changes.take_turn_to_seal(lock=SEALING_LOCK)["now"]
    return now


def take_change(
    book: Book, reason: str, *, caller: str, trace_id: str, submission_id: UUID | None = None
) -> Book:
    """Take the change lock inside a prepared transaction; the book returned writes under the new change."""
    with book.connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({CHANGE_LOCK}), clock_timestamp() as now")
        row = cast("Row", cursor.fetchone())
    return _begin_change(book.connection, row["now"], reason, caller, trace_id, submission_id)


def _begin_change(
    primary: Connection, now: object, reason: str, caller: str, trace_id: str, submission_id: UUID | None
) -> Book:
    """Number the change that this transaction makes; only under the change lock."""
    change = _change(
        statement_at("store.changes.begin")(
            primary, at=now, caller=caller, reason=reason, trace_id=trace_id, submission_id=submission_id
        )
    )
    reflected_change.set(change.id)
    given: Row = {"as_of": change.id, "change": change.id, "changed_at": change.at}
    return Book(primary, change.id, change.at, given)
