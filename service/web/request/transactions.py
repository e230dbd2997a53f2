"""The book inside a request. What an operation opens here is committed only once its answer is made, so that
an answer kept for a repeated request stands or falls with its effect, and a streamed list comes from one
snapshot to its last row.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import current_app, g

from service.store import Book, database
from service.store.sight import OWN_SIGHT, Sight
from service.web import logs
from service.web.fields import OfRelease
from service.web.request import lasting, retries
from service.web.request.places import place


def begin() -> ExitStack:
    """Start collecting the transactions of one attempt at a request; the operation closes them after the
    answer."""
    stack = ExitStack()
    g.transactions, g.book_written, g.book_read = stack, None, None
    return stack


def sight() -> Sight:
    """Whose records the caller of this request sees: those of its forces, and without a caller nobody's."""
    caller = g.get("caller")
    return Sight(caller.name, caller.sees) if caller else Sight("", "")


def known_by(as_of: database.AsOf | OfRelease) -> database.AsOf:
    """The change or instant that is meant. Raises 400 for a release that the caller cannot see."""
    return (
        current_app.extensions["change_of_release"](as_of.release_id)
        if isinstance(as_of, OfRelease)
        else as_of
    )


class _Unversioned:
    """What no change tells of: the access log, seals, files on their way."""


@contextmanager
def reading(
    as_of: database.AsOf | OfRelease | type[_Unversioned] = _Unversioned, *, seen: int = 0
) -> Iterator[Book]:
    """Read the book as known at a change or an instant, when a release was, or now: at a replica that has the
    change `seen`, and whatever the caller has seen besides. Without `as_of` read what no change tells of, and
    so no replica knows to be as it should.
    """
    known = None if isinstance(as_of, type) else known_by(as_of)
    least = max(seen, g.last_seen) if as_of is not _Unversioned and "last_seen" in g else None
    g.book_read = g.transactions.enter_context(database.reading(known, sight=sight(), seen=least))
    g.read_at = "replica" if database.is_of_replica(g.book_read) else "primary"
    if g.get("lasts") and as_of is not _Unversioned:
        lasting.unless_answered(g.book_read)
    yield g.book_read


@contextmanager
def writing(reason: str) -> Iterator[Book]:
    """Make one change in the name of the caller of this request. Raises 503 where too many wait to make
    theirs."""
    g.transactions.enter_context(place("writers"))
    book = g.transactions.enter_context(
        database.writing(reason, caller=g.caller.name, trace_id=logs.trace_id(), sight=sight())
    )
    yield written(book)


@contextmanager
def preparing(seconds: int, of_every_force: bool = False) -> Iterator[Book]:
    """A long transaction that stages and judges before it takes the change lock, if it ever does. Raises 503
    where too many are open.

    `of_every_force` is for work on the book as a whole, of which no record is shown.
    """
    g.transactions.enter_context(place("files"))
    yield g.transactions.enter_context(
        database.preparing(seconds, sight=OWN_SIGHT if of_every_force else sight())
    )


def written(book: Book) -> Book:
    """This book now writes under a change: an answer to a repeated request is kept with it."""
    retries.unless_answered(book)
    g.book_written = book
    return book


def received(book: Book, content: bytes) -> None:
    """A streamed body is read now; `content` tells it from any other. From here on a request with an
    Idempotency-Key is answered once, also where the answer comes without a change."""
    g.received = content
    if "idempotency" in g:
        book.web.request.retries.take_turn(**g.idempotency)
    written(book)
