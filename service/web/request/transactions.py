"""The book inside a request. What an operation opens here is committed only once its answer is made, so that
an answer kept for a repeated request stands or falls with its effect, and a streamed list comes from one
snapshot to its last row.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Response

from service.store import Book, database
from service.store.sight import OWN_SIGHT, Sight
from service.web import exchanges, logs
from service.web.exchanges import Exchange
from service.web.fields import AsKnown, OfRelease
from service.web.request import access, lasting, retries
from service.web.request.steps import Proceed
from service.web.request.wiring import wiring


def open_transactions(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: commit what the method opens once its answer is made, or roll it back on any fault. Where the
    answer streams, that is when it has been read to its end."""
    with ExitStack() as stack:
        exchange.transactions, exchange.book_written, exchange.book_read = stack, None, None
        response = proceed(exchange)
        if response.is_streamed:
            response.call_on_close(access.ending(exchange, stack.pop_all()))
        return response


def sight() -> Sight:
    """Whose records the caller of this request sees: those of its forces, and without a caller nobody's."""
    caller = exchanges.current().caller
    return Sight(caller.name, caller.sees) if caller else Sight("", "")


def known_by(as_of: AsKnown) -> database.AsOf:
    """The change or instant that is meant. Raises 400 for a release that the caller cannot see."""
    return wiring().change_of_release(as_of.release_id) if isinstance(as_of, OfRelease) else as_of


class _Unversioned:
    """What no change tells of: the access log, seals, files on their way."""


@contextmanager
def reading(as_of: AsKnown | type[_Unversioned] = _Unversioned, *, seen: int = 0) -> Iterator[Book]:
    """Read the book as known at a change or an instant, when a release was, or now: at a replica that has the
    change `seen`, and whatever the caller has seen besides. Without `as_of` read what no change tells of, and
    so no replica knows to be as it should.
    """
    exchange = exchanges.current()
    versioned = as_of is not _Unversioned
    known = None if isinstance(as_of, type) else known_by(as_of)
    least = max(seen, exchange.last_seen) if versioned and exchange.last_seen is not None else None
    book = exchange.transactions.enter_context(database.reading(known, sight=sight(), seen=least))
    exchange.book_read = book
    exchange.read_at = "replica" if database.is_of_replica(book) else "primary"
    if versioned and exchange.operation.lasting:
        lasting.unless_answered(book)
    yield book


@contextmanager
def writing(reason: str) -> Iterator[Book]:
    """Make one change in the name of the caller of this request. Raises 503 where too many wait to make
    theirs."""
    exchange = exchanges.current()
    exchange.transactions.enter_context(wiring().place("writers"))
    book = exchange.transactions.enter_context(
        database.writing(reason, caller=exchanges.caller().name, trace_id=logs.trace_id(), sight=sight())
    )
    yield written(book)


@contextmanager
def preparing(seconds: int, of_every_force: bool = False) -> Iterator[Book]:
    """A long transaction that stages and judges before it takes the change lock, if it ever does. Raises 503
    where too many are open.

    `of_every_force` is for work on the book as a whole, of which no record is shown.
    """
    transactions = exchanges.current().transactions
    transactions.enter_context(wiring().place("files"))
    yield transactions.enter_context(
        database.preparing(seconds, sight=OWN_SIGHT if of_every_force else sight())
    )


def written(book: Book) -> Book:
    """This book now writes under a change: an answer to a repeated request is kept with it."""
    exchange = exchanges.current()
    retries.unless_answered(exchange, book)
    exchange.book_written = book
    return book


def received(book: Book, content: bytes) -> None:
    """A streamed body is read now; `content` tells it from any other. From here on a request with an
    Idempotency-Key is answered once, also where the answer comes without a change."""
    exchange = exchanges.current()
    exchange.body = content
    if exchange.idempotency_key is not None:
        book.web.request.retries.take_turn(
            caller=exchanges.caller().name, idempotency_key=exchange.idempotency_key
        )
    written(book)
