"""One request with its answer on the way: what the steps of an operation find out and hand on to each
other."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import g

from service.store import Book
from service.web.access_note import AccessNote
from service.web.caller import Caller
from service.web.declaration import Operation

Question = tuple[str, bytes, str, int | None, datetime | None, str, bool]
"""What decides a lasting answer: path, query, media type, the change with its instant, whose records the
caller sees, and whether it publishes."""


@dataclass(slots=True)
class Exchange:
    """Everything that belongs to one request.

    Flask makes one with each context of the application (`service.app.Application`) and calls it `g`; nothing
    else is kept there. Members without a value are set by the step that is named beside them, before anyone
    needs them.
    """

    # As the request arrived: service.web.logs
    began: float = 0.0
    """Of `time.perf_counter`, in seconds."""
    trace_id: str = ""
    """32 hexadecimal digits; empty until somebody asks for it."""

    # What is called: service.web.request.operation
    operation: Operation = field(init=False)
    method: Callable[..., object] = field(init=False)
    arguments: dict[str, object] = field(init=False)
    """What the method is called with: parts of the path, the query by name, `seen`, `body`."""

    # Who asks: authorise, and justify
    caller: Caller | None = None
    newest_change: int | None = None
    newest_at: datetime | None = None
    """The newest change and its instant, where they came with the caller's key."""
    rate_limit: dict[str, str] | None = None
    """Headers that say what the caller has left."""
    justification: str | None = None

    # What is asked for: negotiate, read_conditions, load_body, answer_once
    media_type: str = "application/json"
    last_seen: int | None = None
    """The newest change of which a reader says to have seen something, nought for none; None of a writer, and
    of a reader whom only the primary can answer."""
    body: bytes | None = None
    """As it came, or what tells a streamed body from any other; None until it has been read."""
    idempotency_key: str | None = None

    # While the method runs: open_transactions, log_access, and what the method opens
    transactions: ExitStack = field(init=False)
    """Committed once the answer is made."""
    book_read: Book | None = None
    book_written: Book | None = None
    read_at: str | None = None
    """`replica`, `primary` or `memory`."""
    access_note: AccessNote | None = None
    question: Question | None = None
    """Under which the answer may be kept, where it may."""


def current() -> Exchange:
    """That of the request being answered in this thread."""
    return cast("Exchange", g._get_current_object())  # noqa: SLF001


def caller() -> Caller:
    """Who sent the request being answered. Raises RuntimeError in an operation that is open to everybody."""
    return caller_of(current())


def caller_of(exchange: Exchange) -> Caller:
    """Who sent this request. Raises RuntimeError where nobody was asked who it is."""
    if exchange.caller is None:
        raise RuntimeError("Who asks is not known here: the operation has no scope.")
    return exchange.caller
