"""Two kinds of transaction, and the named statements of every noun.

A transaction that reads is READ ONLY, repeatable read, and knows the change it reads at. A transaction that writes holds the change
lock and has one row in `change`. Statements live in the `.sql` file beside the noun that asks them; `sql.offences.read(…)` runs the
statement `read` of `service/offences.sql` with `as_of` (reading) or `change` and `changed_at` (writing) already given.

A reader that says which change it has seen may be answered by a replica that has that change too; everything else is the primary's.
Each says in whose name it is opened, in the round trip that begins it: the database then shows the records of that `Sight` and no other.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2

from service.store import connections
from service.store.book import Book as Book  # noqa: PLC0414 (as database.Book it is known everywhere)
from service.store.book import Connection
from service.store.connections import SECONDS_A_READER_MAY_REST as SECONDS_A_READER_MAY_REST  # noqa: PLC0414
from service.store.connections import _database as _database  # noqa: PLC0414
from service.store.connections import ask as ask  # noqa: PLC0414
from service.store.connections import connection as connection  # noqa: PLC0414
from service.store.replica import AtReplica as AtReplica  # noqa: PLC0414
from service.store.replica import replica as replica  # noqa: PLC0414
from service.store.sight import OWN_SIGHT, Sight
from service.store.statements import statements
from service.store.transactions import InDoubt as InDoubt  # noqa: PLC0414
from service.store.transactions import LogRow as LogRow  # noqa: PLC0414
from service.store.transactions import Unlogged as Unlogged  # noqa: PLC0414
from service.store.transactions import log_and_read_on as log_and_read_on  # noqa: PLC0414
from service.store.transactions import log_now as log_now  # noqa: PLC0414
from service.store.transactions import log_with_commit as log_with_commit  # noqa: PLC0414
from service.store.transactions import return_to_sight as return_to_sight  # noqa: PLC0414
from service.store.transactions import transaction

AsOf = int | datetime | None
"""A change number, an instant, or the present."""

CHANGE_LOCK = 4_201_031  # any number that nobody else locks; held by every writer from its change row to its commit

reflected_change: ContextVar[int | None] = ContextVar("reflected_change", default=None)
"""The change that the answer of this request reflects; None until something was read or written."""


class OutsideTheBook(ValueError):
    """The reader asked for a change that has not been made, or an instant that has not come."""


def connect(url: str, statement_timeout_seconds: int = 30, *, read_url: str | None = None, most_seconds_behind: int = 10) -> None:
    """Say which database this process serves, and which replica of it may be read while it is no further behind. Opens nothing yet."""
    connections.use(url, statement_timeout_seconds)
    replica.use(read_url, most_seconds_behind)


def release() -> None:
    """Close this thread's connections, if it has any."""
    connections.release()
    replica.release()


@contextmanager
def reading(as_of: AsOf = None, seconds: int | None = None, sight: Sight = OWN_SIGHT, *, seen: int | None = None) -> Iterator[Book]:
    """Read the book in one snapshot, at the present or as it was known at a change or an instant.

    `seen` is the newest change that the reader has seen, nought for none: a replica that has it may answer; without it the primary does.
    Raises OutsideTheBook when that change or instant lies in the future, and AtReplica where the same had better be read at the primary.
    """
    with ExitStack() as stack:
        book = _of_replica(stack, as_of, seconds, sight, seen) if seen is not None else None
        book = book or _of_primary(stack, as_of, seconds, sight)
        reflected_change.set(book.as_of)
        yield book


def is_of_replica(book: Book) -> bool:
    """Was this book opened at a replica?"""
    return book.connection is not connections.held_primary()


def _of_primary(stack: ExitStack, as_of: AsOf, seconds: int | None, sight: Sight) -> Book:
    if isinstance(as_of, datetime):
        _settle(as_of)
    settled = f"select pg_advisory_xact_lock_shared({CHANGE_LOCK}); " if connections.distributed() else ""
    opening = "isolation level repeatable read read only; " + _PLANNED_ONCE + "{settings}; " + settled + _LATEST
    held, first = stack.enter_context(transaction(connection(), opening, seconds, sight))
    return _opened(held, as_of, first or _NOTHING)


def _of_replica(stack: ExitStack, as_of: AsOf, seconds: int | None, sight: Sight, seen: int) -> Book | None:
    """The same book at the replica, if there is one that is fit and has all that is asked for and was seen."""
    held = replica.connection()
    if held is None:
        return None
    with ExitStack() as attempt:
        try:
            opening = "isolation level repeatable read read only; " + _PLANNED_ONCE + "{settings}; " + _LATEST_OF_REPLICA
            first = attempt.enter_context(transaction(held, opening, seconds, sight))[1] or _NOTHING
        except psycopg2.Error as fault:
            replica.failed(held, fault)
            return None
        if not first.get("in_recovery", True):
            replica.rest("is no replica")
        elif _has(first, as_of, seen) and replica.keeps_up(first["id"]):
            stack.enter_context(_told_of_replica(held))
            stack.push(attempt.pop_all())
            return _opened(held, as_of, first)
    return None


def _has(newest: dict[str, Any], as_of: AsOf, seen: int) -> bool:
    """Does a server whose newest change is this one know what was seen, and all that was known at a change or an instant?"""
    if isinstance(as_of, datetime):  # changes of that very instant or before may still come, unless a later one is here
        return bool(newest["id"] >= seen and newest["at"] is not None and newest["at"] > as_of)
    return bool(newest["id"] >= max(seen, as_of or 0))


@contextmanager
def _told_of_replica(held: Connection) -> Iterator[None]:
    """What goes wrong at a replica, save what takes too long anywhere, may go well at the primary."""
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as fault:
        if isinstance(fault, (Unlogged, psycopg2.errors.QueryCanceled)):
            raise
        replica.failed(held, fault)
        raise AtReplica(*fault.args) from fault


def _opened(held: Connection, as_of: AsOf, newest: dict[str, Any]) -> Book:
    known = _known(held, as_of, newest)
    return Book(held, known["id"], known["at"], {"as_of": known["id"], "present": known["id"] == newest["id"]})


_PLANNED_ONCE = "set local plan_cache_mode = force_generic_plan; "  # see preparing
_NOTHING: dict[str, Any] = {"id": 0, "at": None}
_LATEST = "select id, at from change order by id desc limit 1"
_LATEST_OF_REPLICA = "select id, at, pg_is_in_recovery() as in_recovery from change order by id desc limit 1"


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
    opening = "; " + _PLANNED_ONCE + "{settings}; select pg_advisory_xact_lock(" + str(CHANGE_LOCK) + "), clock_timestamp() as now"
    with transaction(connection(), opening, seconds, sight) as (held, first):
        now = first["now"] if first else None
        change = statements()["changes"].begin(held, at=now, caller=caller, reason=reason, trace_id=trace_id, submission_id=submission_id)
        reflected_change.set(change["id"])
        yield Book(held, change["id"], change["at"], {"as_of": change["id"], "change": change["id"], "changed_at": change["at"]})


@contextmanager
def preparing(seconds: int | None = None, sight: Sight = OWN_SIGHT) -> Iterator[Book]:
    """A transaction that stages and judges without the change lock. `take_change` turns it into a change when all is well."""
    with transaction(connection(), "; {settings}; select clock_timestamp() as now", seconds, sight) as (
        held,
        first,
    ):
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
