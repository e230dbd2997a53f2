"""What may safely be done again: a statement the database asked to repeat, and a POST that a caller sent
twice."""

import hashlib
import re

import orjson
import psycopg2
from flask import Response, request

from service.store import Book, database, reflected_change
from service.web.exchanges import Exchange, caller_of
from service.web.fields import Row
from service.web.problems import Problem
from service.web.request.steps import Proceed

_REPEATABLE = frozenset({"40001", "40P01", "57P01", "08006", "08003", "25006", "0A000"})
"""The last but one: the server is no primary any more. The last: a table is no longer what a statement was
planned for."""
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,200})"?')
_KEPT = ("Content-Type", "ETag", "Location", "Crimebook-Change")


def may_be_repeated(fault: psycopg2.Error) -> bool:
    """True where nothing was committed and the same statements may now succeed.

    A connection lost while committing is in doubt: only the caller's Idempotency-Key can repeat that safely.
    One found lost before anything was read or written, as after a restart of the database, is opened anew.
    """
    if isinstance(fault, database.InDoubt):
        return False
    if fault.pgcode in _REPEATABLE or isinstance(fault, database.AtReplica):
        return True
    return (
        isinstance(fault, psycopg2.OperationalError)
        and fault.pgcode is None
        and database.reflected_change.get() is None
    )


class _AnsweredMeanwhile(Exception):
    """The same request was answered while this one waited for its turn; `row` holds that answer."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


def answer_once(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: answer a POST that carries an Idempotency-Key the first time by doing the work, later with the
    same bytes.

    The answer is kept in the transaction of its effect (`keep_answer`), so there is never one without the
    other. Of two such requests at once, the second waits for the change lock and then finds the first one's
    answer (`unless_answered`). Raises 422 when the key came with another request.
    """
    if request.method != "POST" or "Idempotency-Key" not in request.headers:
        return proceed(exchange)
    match = _KEY.fullmatch(request.headers["Idempotency-Key"].strip())
    if match is None:
        raise Problem("malformed-body", "Idempotency-Key is 1 to 200 visible ASCII characters.")
    exchange.idempotency_key = match[1]
    try:
        # A streamed body is known only when it has been read; then `unless_answered` looks.
        if exchange.body is not None:
            with database.reading() as book:
                unless_answered(exchange, book)
        return proceed(exchange)
    except _AnsweredMeanwhile as other:
        return _given_again(exchange, other.row)


def repeat_once(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: go on once more where the database asked for a repeat, or its connection was found lost before
    anything was done."""
    try:
        return proceed(exchange)
    except psycopg2.Error as fault:
        # A body that streams in cannot be read a second time.
        if exchange.operation.streamed or not may_be_repeated(fault):
            raise
        reflected_change.set(None)
        exchange.last_seen = None  # the primary knows
        return proceed(exchange)


def keep_answer(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: put the answer beside its effect, where the request carries a key and changed the book."""
    response = proceed(exchange)
    if exchange.idempotency_key is not None and exchange.book_written is not None:
        _keep(
            exchange,
            exchange.book_written,
            _without_secret(response) if exchange.operation.secret else response,
        )
    return response


def unless_answered(exchange: Exchange, book: Book) -> None:
    """Stop before doing twice what another request with the same key did while this one waited."""
    if exchange.idempotency_key is not None:
        row: Row | None = book.web.request.retries.given(
            caller=caller_of(exchange).name, idempotency_key=exchange.idempotency_key
        )
        if row is not None:
            raise _AnsweredMeanwhile(row)


def _fingerprint(exchange: Exchange) -> str:
    """What tells this request from any other that comes with the same key."""
    return hashlib.sha256(
        b"\0".join([request.full_path.encode(), request.mimetype.encode(), exchange.body or b""])
    ).hexdigest()


def _given_again(exchange: Exchange, row: Row) -> Response:
    if row["fingerprint"] != _fingerprint(exchange):
        raise Problem(
            "idempotency-key-reused", "That Idempotency-Key came before, with another body or address."
        )
    return Response(bytes(row["body"]), row["status"], {**row["headers"], "Idempotent-Replay": "true"})


def _without_secret(response: Response) -> Response:
    """What a repeat of this request is answered instead of the secret, with the address of what was made."""
    headers = {name: response.headers[name] for name in ("Location",) if name in response.headers}
    detail = (
        "It was made already by a request with the same Idempotency-Key; it was shown then and is not kept."
    )
    return Problem(
        "conflict",
        detail,
        headers=headers,
        hint="Withdraw what Location names, and make another with a new key.",
    ).response()


def _keep(exchange: Exchange, book: Book, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    book.web.request.retries.keep(
        caller=caller_of(exchange).name,
        idempotency_key=exchange.idempotency_key,
        fingerprint=_fingerprint(exchange),
        at=book.at,
        status=response.status_code,
        headers=orjson.dumps(headers).decode(),
        body=response.get_data(),
    )
