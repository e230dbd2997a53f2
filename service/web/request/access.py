"""The access log (Data Protection Act 2018, section 62): no operation on records answers unless who, what and
why have been written down.

An operation that says `access=` is logged by itself where its answer is a record or comes from `listed`; else
it calls `shown`. What only reads is written in the round trip that ends its transaction, what streams before
its first byte, what writes in the transaction of its effect. An operation that says nothing of what it showed
is answered with 500.
"""

import functools
import logging
import unicodedata
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import psycopg2
from flask import Response, current_app, request

from service.store import database, reflected_change
from service.store.identifiers import new_id
from service.web import exchanges
from service.web.access_note import AccessNote, ShownRows
from service.web.answers import formats
from service.web.exchanges import Exchange
from service.web.fields import Row
from service.web.problems import Problem
from service.web.request.steps import Proceed

log = logging.getLogger(__name__)
KINDS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
LONGEST_JUSTIFICATION = 500

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def require_justification(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: keep why the caller asks for records. Raises 400 where it must say and does not, or says it in no
    readable way."""
    if exchange.operation.access is not None:
        exchange.justification = _justification()
    return proceed(exchange)


def _justification() -> str | None:
    sent = request.headers.get("Justification", "").strip()
    try:
        text = sent.encode("latin-1").decode()
    except UnicodeError:
        text = sent
    if len(text) > LONGEST_JUSTIFICATION or any(unicodedata.category(letter) == "Cc" for letter in text):
        raise Problem(
            "justification-required",
            f"Justification has at most {LONGEST_JUSTIFICATION} characters, and none that controls.",
        )
    if not text and current_app.config["JUSTIFICATION"] == "required":
        raise Problem(
            "justification-required",
            f"{request.method} {request.path} touches records, so it needs the header Justification.",
        )
    return text or None


def log_access(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: write into the log what the answer shows, before it leaves. Operations on no records have no
    entry."""
    exchange.access_note = None
    if exchange.operation.access is not None:
        begin(exchange, exchange.operation.access)
    response = proceed(exchange)
    write(exchange, response)
    return response


def log_replay(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: an answer given again to the same Idempotency-Key shows its record again, which is a
    consultation."""
    response = proceed(exchange)
    replayed = "Idempotent-Replay" in response.headers and response.status_code < 400
    if exchange.operation.access is not None and replayed:
        content = orjson.loads(response.get_data())
        note = begin(exchange, "consultation")
        note.show(1 if "offence_id" in content else 0, None, None, {})
        note.show_content(content)
        database.log_now(_entry(exchange, note, note.kind, note.entry))
    return response


def begin(exchange: Exchange, kind: str) -> AccessNote:
    """Begin the note of one attempt at a request. To take records out as a file is a disclosure."""
    exchange.access_note = note = AccessNote(exchange.operation.name, kind, exchanges.caller_of(exchange))
    if kind == "consultation" and exchange.media_type in formats.FILES:
        note.kind, note.entry["recipient"] = "disclosure", note.caller.name
    return note


def shown(records: int = 1, *, kind: str | None = None, asked: Row | None = None, **columns: object) -> None:
    """Say what this request shows or does: how many `records`; of one its `offence_id` and `force`; of
    several `offence_ids`, or the rows `first` and `last` of a list; what was `asked`, by code and never as
    free text. Said again, the later word counts.
    """
    if note := exchanges.current().access_note:
        note.show(records, kind, asked, columns)


def also(kind: str, **columns: object) -> None:
    """Leave a second row: the same request combines its record with another, or discloses it to another
    force."""
    if note := exchanges.current().access_note:
        note.others.append({"kind": kind, **columns})


def instant_of(access_id: UUID) -> datetime:
    """The instant that a UUIDv7 holds, so that the log is in the order of time."""
    return _BEGINNING + timedelta(milliseconds=access_id.int >> 80)


def entry(
    operation: str, kind: str, caller: str, trace_id: str, *, access_id: UUID | None = None, **columns: object
) -> bytes:
    """A row of the log, as JSON."""
    access_id = access_id or new_id()
    always = {
        "access_id": access_id,
        "at": instant_of(access_id),
        "caller": caller,
        "kind": kind,
        "operation": operation,
        "trace_id": trace_id,
    }
    return orjson.dumps(always | columns, default=str)


_PLAIN = frozenset({"asked", "force", "offence_id", "records"})
"""The columns of an entry about one record, where nothing else is said."""


def _entry(
    exchange: Exchange, note: AccessNote, kind: str, columns: Row, access_id: UUID | None = None
) -> database.LogRow:
    """The row of the log as JSON; as plain values where it says no more than that one record was shown."""
    # Each look through a proxy costs.
    asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    row = {
        "change": reflected_change.get(),
        "justification": exchange.justification,
        "media_type": exchange.media_type,
        "method": asked.method,
        "path": asked.path,
        **columns,
    }
    if access_id or "offence_id" not in columns or columns["asked"] or not columns.keys() <= _PLAIN:
        return entry(note.operation, kind, note.caller.name, exchange.trace_id, access_id=access_id, **row)
    access_id = new_id()
    return {
        "access_id": str(access_id),
        "at": str(instant_of(access_id)),
        "caller": note.caller.name,
        "kind": kind,
        "force": None,
        "operation": note.operation,
        "trace_id": exchange.trace_id,
        **row,
        "offence_id": str(columns["offence_id"]),
    }


def write(exchange: Exchange, response: Response) -> None:
    """Write what the note says. Raises a 500 problem where the operation showed something and said
    nothing."""
    note = exchange.access_note
    if note is None or (response.status_code >= 400 and not note.is_complete):
        return
    if not note.is_complete:
        log.error("%s did not say what it showed", note.operation)
        raise Problem(
            "internal-fault", "The service did not say what it was about to show, so it shows nothing."
        )
    if exchange.book_read is None:
        for more in ({}, *note.others):
            database.log_now(_entry(exchange, note, more.pop("kind", note.kind), note.entry | more))
    elif response.is_streamed:
        access_id = new_id()
        row = _entry(exchange, note, note.kind, note.entry, access_id=access_id)
        database.log_and_read_on(exchange.book_read, row)
        if note.rows:
            note.rows.access_id = access_id
    else:
        database.log_with_commit(_entry(exchange, note, note.kind, note.entry))


def ending(exchange: Exchange, transactions: ExitStack) -> Callable[[], None]:
    """What closes a streamed answer: its transaction ends, and the log is told how far it came, also where
    its reader went away."""
    note = exchange.access_note
    if note is None or note.rows is None:
        return transactions.close
    return functools.partial(_end, note.rows, transactions)


def _end(rows: ShownRows, transactions: ExitStack) -> None:
    at = datetime.now(UTC)
    columns = {"access_id": rows.access_id, "at": at, "complete": rows.complete, **rows.summary()}
    try:
        transactions.close()
    except psycopg2.Error as fault:  # the connection did not live as long as the stream
        log.warning("a stream broke off", exc_info=fault)
        database.release()
    database.ask("store.accesses", "end", **columns)
