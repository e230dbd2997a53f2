"""What may safely be done again: a statement the database asked to repeat, and a POST that a caller sent
twice."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
import psycopg2
from flask import Response, g, request

from service.store import database
from service.web.problems import Problem

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


class _Answered(Exception):
    """The same request was answered while this one waited for its turn."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__()
        self.given = given


def answered_once(work: Callable[[], Response]) -> Response:
    """Answer a POST that carries an Idempotency-Key: the first time by doing the work, later with the same
    bytes.

    The answer is kept in the transaction of its effect (`keep`), so there is never one without the other. Of
    two such requests at once, the second waits for the change lock and then finds the first one's answer
    (`unless_answered`). Raises 422 when the key came with another request.
    """
    match = _KEY.fullmatch(request.headers["Idempotency-Key"].strip())
    if match is None:
        raise Problem("malformed-body", "Idempotency-Key is 1 to 200 visible ASCII characters.")
    g.idempotency = {"caller": g.caller.name, "idempotency_key": match[1]}
    try:
        if (
            "received" in g
        ):  # a streamed body is known only when it has been read; then `unless_answered` asks
            with database.reading() as book:
                unless_answered(book)
        return work()
    except _Answered as other:
        return _again(other.given)


def _fingerprint() -> str:
    return hashlib.sha256(
        b"\0".join([request.full_path.encode(), request.mimetype.encode(), g.received])
    ).hexdigest()


def _given(book: database.Book) -> dict[str, Any] | None:
    given: dict[str, Any] | None = book.web.request.retries.given(**g.idempotency)
    return given


def unless_answered(book: database.Book) -> None:
    """Stop before doing twice what another request with the same key did while this one waited."""
    if "idempotency" in g and (given := _given(book)):
        raise _Answered(given)


def _again(given: dict[str, Any]) -> Response:
    if given["fingerprint"] != _fingerprint():
        raise Problem(
            "idempotency-key-reused", "That Idempotency-Key came before, with another body or address."
        )
    return Response(bytes(given["body"]), given["status"], {**given["headers"], "Idempotent-Replay": "true"})


def keep(answer: Response) -> None:
    """Put the answer beside its effect, where the request carried a key and changed the book."""
    if "idempotency" in g and g.book_written is not None:
        headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
        g.book_written.web.request.retries.keep(
            **g.idempotency,
            fingerprint=_fingerprint(),
            at=g.book_written.at,
            status=answer.status_code,
            headers=orjson.dumps(headers).decode(),
            body=answer.get_data(),
        )
