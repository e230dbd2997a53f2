"""What a method is called with: the query and the body, held against their schemas."""

from collections.abc import Mapping
from typing import cast

import orjson
from flask import Response, current_app, request
from marshmallow import Schema, ValidationError, fields

from service.web.answers import formats
from service.web.exchanges import Exchange
from service.web.fields import Query, Row
from service.web.problems import Problem
from service.web.request import bodies
from service.web.request.steps import Proceed


def load_query(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: add the parameters of the query by their names, those that were not sent with their defaults or
    None. Raises 400."""
    exchange.arguments |= _query(exchange.operation.query)
    return proceed(exchange)


def load_body(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: add the JSON object that was sent as `body`; of a body that the method reads itself, only see
    that its type can be read. Raises 400, 413, 415 and 422."""
    if exchange.operation.body is not None:
        exchange.body, exchange.arguments["body"] = _body(exchange.operation.body)
    elif exchange.operation.streamed:
        _require_media_type(exchange.operation.streamed)
    return proceed(exchange)


def _query(schema: Query) -> dict[str, object]:
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
        loaded = cast(
            "dict[str, object]",
            schema.load({name: values if name in many else values[0] for name, values in sent.items()}),
        )
    except ValidationError as fault:
        faults = [
            {"parameter": pointer.strip("/").split("/")[0], "detail": detail}
            for pointer, detail in pointed(fault.messages)
        ]
        raise Problem(
            "invalid-parameter",
            " ".join(f"{one['parameter']}: {one['detail']}" for one in faults),
            errors=faults,
        ) from None
    return {name: loaded.get(name) for name in schema.fields}


def pointed(messages: object, pointer: str = "") -> list[tuple[str, str]]:
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


def _body(schema: Schema) -> tuple[bytes, Row]:
    """The body as it came, and what the schema makes of it."""
    _require_media_type((formats.JSON,))
    received = bodies.whole(current_app.config["LARGEST_BODY_BYTES"], "A body here")
    try:
        sent = orjson.loads(received)
    except orjson.JSONDecodeError as fault:
        raise Problem("malformed-body", f"The body is not JSON: {fault}.") from None
    if not isinstance(sent, dict):
        raise Problem("malformed-body", "The body is not a JSON object.")
    return received, load(schema, sent)


def load(schema: Schema, sent: Mapping[str, object]) -> Row:
    """Hold what was sent against the schema: 400 for members it does not know, 422 for values that break a
    rule."""
    try:
        loaded: Row = schema.load(sent)
    except ValidationError as fault:
        faults = [{"pointer": pointer, "detail": detail} for pointer, detail in pointed(fault.messages)]
        unknown = [one for one in faults if one["detail"] == "Unknown field."]
        kind = "unknown-field" if unknown else "invalid-body"
        for one in unknown:
            one["detail"] = "No field has this name."
        detail = " ".join(f"{one['pointer'].strip('/') or 'body'}: {one['detail']}" for one in faults[:5])
        raise Problem(kind, detail, errors=faults) from None
    return loaded
