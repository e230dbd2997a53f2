"""The one place that answers faults: problem+json (RFC 9457), on every path, and never SQL or a stack."""

import functools
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import orjson
import psycopg2
from flask import Flask, Response, abort, has_request_context, request
from werkzeug.exceptions import HTTPException

from service.store import database
from service.web import logs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its status, its title, and what a caller can do about it."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "malformed-body": Kind(
        400, "The body cannot be read", "Send one JSON object, in UTF-8, as the contract at /docs shows."
    ),
    "malformed-request": Kind(
        400,
        "The request is not HTTP as the server reads it",
        "Send it by a library or a tool that speaks HTTP/1.1.",
    ),
    "unknown-field": Kind(
        400, "A field is not known", "Take out the fields named in errors, or correct their spelling."
    ),
    "unknown-parameter": Kind(
        400,
        "A query parameter is not known",
        "Take out the parameters named in errors, or correct their spelling.",
    ),
    "invalid-parameter": Kind(
        400, "A query parameter cannot be understood", "Correct the parameters named in errors."
    ),
    "invalid-header": Kind(
        400, "A header cannot be understood", "Correct the header named in detail, or leave it out."
    ),
    "justification-required": Kind(
        400,
        "Say why you ask",
        "Send a header Justification of 1 to 500 characters, without control characters: a case, a request, a"
        " duty.",
    ),
    "unauthenticated": Kind(
        401, "Who are you?", "Send Authorization: Bearer <key>, with a key that is in use."
    ),
    "forbidden": Kind(
        403,
        "Your key may not do this",
        "Ask an administrator for a key with the scope or the force named in detail.",
    ),
    "not-found": Kind(
        404, "There is no such thing", "Check the address; the lists under /v1 say what there is."
    ),
    "method-not-allowed": Kind(
        405, "This address does not do that", "Use one of the methods in the Allow header."
    ),
    "not-acceptable": Kind(
        406, "None of the types you accept can be made here", "Accept one of the types named in detail."
    ),
    "too-slow": Kind(
        408,
        "The body came too slowly",
        "Send it again, over a faster line or in smaller parts; nothing was changed.",
    ),
    "conflict": Kind(409, "The book already says otherwise", "Read what is there now and decide again."),
    "stale-version": Kind(
        412, "Somebody changed it since you read it", "Read it again and send the new ETag in If-Match."
    ),
    "too-large": Kind(
        413, "The body is too large", "Send less at once; files of offences go to /v1/submissions."
    ),
    "address-too-long": Kind(
        414,
        "The address is too long",
        "Name fewer things at once: ask several times, or for what holds them all.",
    ),
    "unsupported-media-type": Kind(
        415, "The body has a type that cannot be read here", "Send one of the types in the Accept header."
    ),
    "invalid-body": Kind(
        422, "The body breaks a rule", "Correct the fields named in errors; nothing was changed."
    ),
    "refused-file": Kind(
        422,
        "The file was refused whole",
        "Correct the lines that faults lists and send the file again; nothing was changed.",
    ),
    "idempotency-key-reused": Kind(
        422, "That Idempotency-Key came with another request", "Use a new key for a new request."
    ),
    "precondition-required": Kind(
        428, "Say which version you mean", "Read it first and send its ETag in If-Match."
    ),
    "too-many-requests": Kind(
        429,
        "You ask too often",
        "Wait the seconds in Retry-After; RateLimit says what is left. Send files, take whole lists.",
    ),
    "headers-too-large": Kind(
        431, "A header is too large", "Send fewer or shorter headers; a body may be longer."
    ),
    "internal-fault": Kind(500, "The service failed", "Nothing was changed. Tell us the trace_id."),
    "unavailable": Kind(
        503,
        "The database cannot answer now",
        "Nothing was changed. Try again after the seconds in Retry-After.",
    ),
    "busy": Kind(
        503, "Too many wait already", "Nothing was changed. Try again after the seconds in Retry-After."
    ),
    "in-doubt": Kind(
        503,
        "It may have been done",
        "It may have been done: send it again with the same Idempotency-Key, or look before you repeat it.",
    ),
    "not-drawn": Kind(
        503,
        "The picture was not drawn",
        "Nothing was changed. Try again after the seconds in Retry-After, or ask for JSON.",
    ),
    "not-sealed": Kind(
        503,
        "Seals cannot be signed now",
        "Nothing was changed. Whoever runs the service puts right what detail says.",
    ),
    "took-too-long": Kind(
        503, "The answer took too long", "Ask for less at once: a shorter period or fewer areas."
    ),
}

_BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    400: "malformed-body",
    500: "internal-fault",
    503: "unavailable",
}
_RETRY_SOON = {"Retry-After": "2"}


class Problem(Exception):
    """A fault with an answer. errors: [{"pointer" | "parameter": …, "detail": …}]."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, object]] | None = None,
        hint: str | None = None,
        headers: dict[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors, self.hint = kind, detail, errors, hint
        self.headers, self.members = headers or {}, members

    def response(self) -> Response:
        """The answer: status, application/problem+json, trace_id."""
        kind = KINDS[self.kind]
        body: dict[str, object] = {
            "type": f"/docs/problems/{self.kind}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "instance": quote(request.path),
            "hint": self.hint or kind.remedy,
            "trace_id": logs.trace_id(),
        }
        if self.errors:
            body["errors"] = self.errors
        answer = Response(
            orjson.dumps({**body, **self.members}, default=str) + b"\n",
            kind.status,
            content_type="application/problem+json",
        )
        answer.headers.update(self.headers)
        return answer


@contextmanager
def of_the_body(**called: str) -> Iterator[None]:
    """Inside this, what would be a wrong parameter of a question is a wrong member of the body: 422, with a
    pointer.

    `called` says what the body calls a parameter where it calls it otherwise.
    """
    try:
        yield
    except Problem as fault:
        if fault.kind != "invalid-parameter":
            raise
        errors = [
            {"pointer": f"/{called.get(str(one['parameter']), one['parameter'])}", "detail": one["detail"]}
            for one in fault.errors or []
        ]
        raise Problem("invalid-body", fault.detail, errors=errors) from None


@functools.lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    """What each constraint and unique index says to callers: its comment in the database, read once."""
    with database.reading() as book:
        return {row["name"]: row["sentence"] for row in book.web.problems.sentences()}


def _constraint_of(fault: psycopg2.Error) -> str:
    """The constraint that was broken, by the name its sentence is kept under: a shard of a table adds its own
    number to it."""
    name = fault.diag.constraint_name if fault.diag else None
    in_message = re.search(r'constraint "([^"]+)"', str(fault))
    return re.sub(r"_[0-9]+$", "", name or (in_message[1] if in_message else ""))


def _not_holdable(fault: psycopg2.Error) -> Problem:
    log.warning("the database could not take a value", exc_info=fault)
    sent_a_body = has_request_context() and request.method in ("POST", "PUT", "PATCH")
    return Problem(
        "malformed-body" if sent_a_body else "invalid-parameter",
        "A value that was sent is outside what can be held here.",
    )


def _not_reached(fault: psycopg2.Error) -> Problem:
    """Without an answer from the database: nothing was done, unless the connection broke in the very moment
    of committing."""
    if isinstance(fault, database.Unlogged):
        log.error("an access could not be logged", exc_info=fault)
        return Problem(
            "unavailable", "The access could not be logged, so nothing is shown.", headers=_RETRY_SOON
        )
    if isinstance(fault, database.InDoubt):
        return Problem(
            "in-doubt",
            "The connection to the database was lost while the change was being committed.",
            headers=_RETRY_SOON,
        )
    return Problem("unavailable", "The database did not answer.", headers=_RETRY_SOON)


def from_database(fault: psycopg2.Error) -> Problem:
    """The problem that a database error is: one table from SQLSTATE to status."""
    state = fault.pgcode or ""
    if state in ("23505", "23503", "23514", "23P01"):
        name = _constraint_of(fault)
        sentence = _sentences().get(name) or f"The book refuses this: {name.replace('_', ' ')}."
        return Problem("conflict" if state == "23505" else "invalid-body", sentence)
    if state[:2] == "22":
        return _not_holdable(fault)
    if state == "57014":
        return Problem(
            "took-too-long", "The statement reached its time limit and was stopped.", headers=_RETRY_SOON
        )
    if state == "42501":
        return Problem(
            "forbidden", "The database refuses that to the service's own role: history is not rewritten."
        )
    if (
        state[:2] in ("08", "53", "40")
        or state in ("25006", "57P01", "57P02", "57P03")
        or isinstance(fault, psycopg2.OperationalError)
    ):
        return _not_reached(fault)
    log.error("database error", exc_info=fault)
    return Problem("internal-fault", "The service met an error it did not expect.")


def _from_http(fault: HTTPException) -> Problem:
    kind = _BY_STATUS.get(fault.code or 500, "internal-fault")
    headers = {
        name: value
        for name, value in fault.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    details = {
        "not-found": f"Nothing is at {request.path}.",
        "method-not-allowed": f"{request.method} is not something {request.path} does.",
        "internal-fault": "The service met an error it did not expect.",
    }
    return Problem(kind, details.get(kind, str(fault.description)), headers=headers)


def answer_faults(app: Flask) -> None:
    """Make this module the answer to everything raised anywhere."""

    @app.before_request
    def nothing_is_named_by_control_characters() -> None:
        if any(unicodedata.category(letter) == "Cc" for letter in request.path):
            abort(404)

    @app.errorhandler(Problem)
    def problem(fault: Problem) -> Response:
        return fault.response()

    @app.errorhandler(database.OutsideTheBook)
    def outside(fault: database.OutsideTheBook) -> Response:
        return Problem(
            "invalid-parameter", str(fault), errors=[{"parameter": "as_of", "detail": str(fault)}]
        ).response()

    @app.errorhandler(psycopg2.Error)
    def refused(fault: psycopg2.Error) -> Response:
        return from_database(fault).response()

    @app.errorhandler(HTTPException)
    def http(fault: HTTPException) -> Response:
        return fault.response if isinstance(fault.response, Response) else _from_http(fault).response()
