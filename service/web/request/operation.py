"""@operation holds the whole contract of one method: it runs it, and the contract document is read off it."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
import psycopg2
from flask import Response, after_this_request, current_app, g, request
from marshmallow import Schema, ValidationError, fields

from service.store import reflected_change
from service.web.answers import formats
from service.web.fields import Query
from service.web.problems import Problem
from service.web.request import access, bodies, lasting, preconditions, rate_limits, retries, transactions
from service.web.request.deprecations import Deprecated

Method = Callable[..., Any]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Operation:
    """What a method promises.

    `formats` are the media types of its answer; `guarded` needs If-Match; `streamed` reads its own body;
    `creates` is a PUT that can make what it names; `lasting` is an answer that the change it reflects decides
    for ever (see `lasting`); `secret` is one that is shown once and never kept; `access` is what it does to
    records, as the access log calls it; `deprecated` says since when, until when and instead of it what.
    """

    name: str
    summary: str
    access: str | None = None
    body: Schema | None = None
    creates: bool = False
    deprecated: Deprecated | None = None
    errors: tuple[int, ...] = ()
    formats: tuple[str, ...] = (formats.JSON,)
    guarded: bool = False
    lasting: bool = False
    listed: bool = False
    query: Query = field(default_factory=Query)
    returns: Schema | None = None
    scope: str | None = "read"
    secret: bool = False
    status: int = 200
    streamed: tuple[str, ...] = ()
    tagged: bool = False


@dataclass(frozen=True)
class Answer:
    """What a method gives back when a plain row is not enough.

    `content` in bytes is JSON already; `tag` is the change of the ETag, `stream` replaces the content,
    `response` the whole answer.
    """

    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    response: Response | None = None
    status: int | None = None
    stream: Iterable[bytes] | None = None
    tag: int | None = None


def operation(name: str, summary: str, **contract: Any) -> Callable[[Method], Method]:
    """Make a Resource method an operation of the contract. Its docstring is the longer description."""
    promised = Operation(name, summary, **contract)

    def wrap(method: Method) -> Method:
        @functools.wraps(method)
        def run(resource: Any, **path: Any) -> Response:
            return _run(promised, functools.partial(method, resource), path)

        run.operation = promised  # type: ignore[attr-defined]
        return run

    return wrap


def _run(promised: Operation, method: Method, path: dict[str, Any]) -> Response:
    reflected_change.set(None)
    if promised.deprecated:
        after_this_request(promised.deprecated.told)
    if promised.scope is not None:
        with rate_limits.counted():
            current_app.extensions["authorise"](promised.scope)
    media_type = formats.negotiate(promised.formats)
    g.media_type, g.lasts = media_type, promised.lasting
    if request.method in ("GET", "HEAD"):
        _refuse_body()
        g.last_seen = preconditions.last_seen()
        if promised.lasting and (ready := lasting.answered_at_newest()):
            return ready
    if promised.access:
        access.require_justification()
    given = _given(promised, path)
    work = functools.partial(_attempt, promised, method, given, media_type)
    if request.method == "POST" and "Idempotency-Key" in request.headers:
        answer = retries.answered_once(work)
        return access.repeated(promised.name, answer) if promised.access else answer
    return work()


def _given(promised: Operation, path: dict[str, Any]) -> dict[str, Any]:
    """What the method is called with: parts of the path, the query by name, `seen` and `body` where it takes
    them."""
    g.known_parameters = frozenset(promised.query.fields)
    given = {**path, **_query(promised.query)}
    if promised.guarded:
        given["seen"] = preconditions.seen()
    if promised.body is not None:
        given["body"] = _body(promised.body)
    elif promised.streamed:
        _require_media_type(promised.streamed)
    return given


def _refuse_body() -> None:
    if (request.content_length or 0) > 0 and request.method == "GET":
        raise Problem("malformed-body", f"GET {request.path} takes no body.")


def _attempt(promised: Operation, method: Method, given: dict[str, Any], media_type: str) -> Response:
    """Answer; once more where the database asked for a repeat, or its connection was found lost before
    anything was done."""
    try:
        return _answer_inside_transactions(promised, method, given, media_type)
    except psycopg2.Error as fault:
        if promised.streamed or not retries.may_be_repeated(
            fault
        ):  # a body that streams in cannot be read a second time
            raise
        reflected_change.set(None)
        g.pop("last_seen", None)  # the primary knows
        return _answer_inside_transactions(promised, method, given, media_type)


def _answer_inside_transactions(
    promised: Operation, method: Method, given: dict[str, Any], media_type: str
) -> Response:
    with transactions.begin() as stack:
        access.begin(promised.name, promised.access)
        response, streams = _made(promised, method, given, media_type)
        access.write(response)
        retries.keep(_shown_already(response) if promised.secret else response)
        if streams:
            response.call_on_close(access.ending(stack.pop_all()))
        return response


def _made(
    promised: Operation, method: Method, given: dict[str, Any], media_type: str
) -> tuple[Response, bool]:
    """The answer, and whether it streams."""
    try:
        result = method(**given)
        answer = result if isinstance(result, Answer) else Answer(result)
        access.answered(answer.content)
        response = _answer(promised, answer, media_type)
        lasting.keep(response)
        return response, answer.stream is not None
    except preconditions.Ready as held:
        if held.code == 304:
            access.not_modified()
        return held.answer, False


def _shown_already(answer: Response) -> Response:
    """What a repeat of this request is told instead of the secret, with the address of what was made."""
    headers = {name: answer.headers[name] for name in ("Location",) if name in answer.headers}
    detail = (
        "It was made already by a request with the same Idempotency-Key; it was shown then and is not kept."
    )
    return Problem(
        "conflict",
        detail,
        headers=headers,
        hint="Withdraw what Location names, and make another with a new key.",
    ).response()


def _query(schema: Query) -> dict[str, Any]:
    sent = request.args.to_dict(flat=False)
    if strangers := sorted(set(sent) - set(schema.fields)):
        known = ", ".join(sorted(schema.fields)) or "none"
        raise Problem(
            "unknown-parameter",
            f"{request.path} does not know {', '.join(strangers)}; it knows {known}.",
            errors=[{"parameter": name, "detail": "No parameter has this name."} for name in strangers],
        )
    many = {name for name, one in schema.fields.items() if isinstance(one, fields.List)}
    if repeated := sorted(name for name, values in sent.items() if name not in many and len(values) > 1):
        raise Problem(
            "invalid-parameter",
            f"Give {', '.join(repeated)} once.",
            errors=[{"parameter": name, "detail": "Given more than once."} for name in repeated],
        )
    try:
        loaded: dict[str, Any] = schema.load(
            {name: values if name in many else values[0] for name, values in sent.items()}
        )
    except ValidationError as fault:
        found = [
            {"parameter": pointer.strip("/").split("/")[0], "detail": detail}
            for pointer, detail in pointed(fault.messages)
        ]
        raise Problem(
            "invalid-parameter",
            " ".join(f"{one['parameter']}: {one['detail']}" for one in found),
            errors=found,
        ) from None
    return {name: loaded.get(name) for name in schema.fields}


def pointed(messages: Any, pointer: str = "") -> list[tuple[str, str]]:
    """The tree of messages of a ValidationError as (JSON Pointer, sentence) pairs."""
    if isinstance(messages, dict):
        return [
            pair
            for name, inner in messages.items()
            for pair in pointed(inner, pointer if name == "_schema" else f"{pointer}/{name}")
        ]
    if isinstance(messages, list):
        return [pair for inner in messages for pair in pointed(inner, pointer)]
    return [(pointer, str(messages))]


def _require_media_type(accepted: tuple[str, ...]) -> None:
    if request.mimetype not in accepted:
        raise Problem(
            "unsupported-media-type",
            f"{request.method} {request.path} reads {' or '.join(accepted)}, not "
            f"{request.mimetype or 'a body without Content-Type'}.",
            headers={"Accept": ", ".join(accepted)},
        )


def _body(schema: Schema) -> dict[str, Any]:
    _require_media_type((formats.JSON,))
    received = bodies.whole(current_app.config["LARGEST_BODY_BYTES"], "A body here")
    try:
        sent = orjson.loads(received)
    except orjson.JSONDecodeError as fault:
        raise Problem("malformed-body", f"The body is not JSON: {fault}.") from None
    if not isinstance(sent, dict):
        raise Problem("malformed-body", "The body is not a JSON object.")
    g.received = received
    return load(schema, sent)


def load(schema: Schema, sent: dict[str, Any]) -> dict[str, Any]:
    """Hold what was sent against the schema: 400 for members it does not know, 422 for values that break a
    rule."""
    try:
        loaded: dict[str, Any] = schema.load(sent)
    except ValidationError as fault:
        found = [{"pointer": pointer, "detail": detail} for pointer, detail in pointed(fault.messages)]
        unknown = [one for one in found if one["detail"] == "Unknown field."]
        kind = "unknown-field" if unknown else "invalid-body"
        for one in unknown:
            one["detail"] = "No field has this name."
        detail = " ".join(f"{one['pointer'].strip('/') or 'body'}: {one['detail']}" for one in found[:5])
        raise Problem(kind, detail, errors=found) from None
    return loaded


def _answer(promised: Operation, answer: Answer, media_type: str) -> Response:
    if answer.response is not None:
        return answer.response
    status = answer.status or promised.status
    if answer.stream is not None:
        response = Response(answer.stream, status, content_type=_content_type(media_type))
    elif promised.returns is None or answer.content is None:
        response = Response(b"", status if promised.returns is not None or status != 200 else 204)
    else:
        written = (
            answer.content
            if isinstance(answer.content, bytes)
            else formats.json_bytes(promised.returns.dump(answer.content))
        )
        response = Response(written + b"\n", status, content_type=formats.JSON)
    response.headers.update(answer.headers)
    if media_type == formats.CSV and answer.stream is not None:
        described = (
            f"</csvw/{promised.name}.json?{urlencode({'of': request.full_path.rstrip('?')})}>;"
            ' rel="describedby"'
        )
        links = [*response.headers.getlist("Link"), f'{described}; type="application/csvm+json"']
        response.headers["Link"] = ", ".join(links)
    tag = answer.tag
    if tag is None and promised.tagged and isinstance(answer.content, dict):
        tag = answer.content.get("since_change")
    if tag is not None:
        response.headers["ETag"] = preconditions.etag(tag, media_type)
        if request.method == "GET" and status == 200:
            preconditions.unless_seen(reflected_change.get() or tag, response.headers["ETag"])
    if len(promised.formats) > 1:
        response.headers["Vary"] = "Accept"
    if (change := reflected_change.get()) is not None:
        response.headers["Crimebook-Change"] = str(change)
    return response


def _content_type(media_type: str) -> str:
    written = {
        formats.CSV: "text/csv; charset=utf-8; header=present",
        formats.TEXT: "text/plain; charset=utf-8",
    }
    return written.get(media_type, media_type)


def found(row: Found | None, otherwise: str) -> Found:
    """The row or the noun, or a 404 problem with that sentence."""
    if row is None:
        raise Problem("not-found", otherwise)
    return row
