"""What the columns of an answer in CSV mean: CSV on the Web (W3C, 2015), written from the schema that writes
the cells.

Every answer in CSV names its document in `Link: rel="describedby"`. The document is open to all, like the
contract: it holds no data.
"""

import re

import flask_restx
from flask import Blueprint, Response, abort, request
from marshmallow import fields, validate

from service.web.answers import formats
from service.web.contract.served import Served, methods
from service.web.contract.shapes import JsonObject
from service.web.declaration import Operation
from service.web.fields import Choice, Field, Instant
from service.web.problems import Problem

MEDIA_TYPE = "application/csvm+json"
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DIALECT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "header": True,
    "headerRowCount": 1,
    "lineTerminators": ["\r\n", "\n"],
    "skipBlankRows": False,
    "trim": False,
}

_BASES: tuple[tuple[type[Field], str], ...] = (
    (fields.Integer, "integer"),
    (fields.Float, "double"),
    (fields.Boolean, "boolean"),
    (fields.Date, "date"),
    (Instant, "dateTimeStamp"),
    (fields.List, "json"),
    (fields.Field, "string"),
)


def pages(api: flask_restx.Api) -> Blueprint:
    """The blueprint: a document for every operation of this API that can be had as CSV."""
    blueprint = Blueprint("csvw", __name__)
    found: dict[str, Served] = {}

    @blueprint.get("/csvw/<operation>.json")
    def described(operation: str) -> Response:
        found.update({} if found else tables(api))  # once, when every route has been added
        if operation not in found:
            abort(404)
        return _described(operation, found[operation])

    return blueprint


def tables(api: flask_restx.Api) -> dict[str, Served]:
    """Every operation that can be had as CSV, by name."""
    return {
        served.promised.name: served
        for served, _, _ in methods(api)
        if served.verb == "get" and formats.CSV in served.promised.formats
    }


def _described(operation: str, table: Served) -> Response:
    """The columns of what an operation answers. `of` is the address whose answer is described; it is given
    back as `url`."""
    if strangers := sorted(set(request.args) - {"of"}):
        raise Problem("unknown-parameter", f"{request.path} knows of, not {', '.join(strangers)}.")
    address = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", table.path)
    of = request.args.get("of", address)
    if of != address and not re.fullmatch(re.sub(r"<[^<>]+>", r"[^/?#]+", table.path), of.split("?")[0]):
        raise Problem(
            "invalid-parameter",
            f"{operation} is answered at {address}.",
            errors=[{"parameter": "of", "detail": "Another address."}],
        )
    return Response(formats.json_bytes(document(table.promised, of)) + b"\n", content_type=MEDIA_TYPE)


def document(promised: Operation, url: str) -> JsonObject:
    """The metadata of one table."""
    assert promised.returns is not None
    row = promised.returns.table_schema()
    columns = row.table_columns()
    shape: JsonObject = {
        "columns": [_column(name, field, row.table_titles.get(name, name)) for name, field in columns.items()]
    }
    if row.table_key:
        shape["primaryKey"] = list(row.table_key)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        "dc:title": promised.summary,
        "dialect": _DIALECT | row.table_dialect,
        "null": "",
        "tableSchema": shape,
    }


def _column(name: str, field: Field, title: str) -> JsonObject:
    column: JsonObject = {
        "name": name,
        "titles": title,
        "datatype": _datatype(field),
        "required": not field.allow_none,
    }
    if isinstance(field, fields.List):
        column["required"] = False
        if not isinstance(field.inner, fields.Nested):
            column |= {"datatype": _datatype(field.inner), "separator": " "}
    if description := field.metadata.get("description"):
        column["dc:description"] = description
    return column


def _datatype(field: Field) -> str | JsonObject:
    """A field's datatype with the restrictions that its schema holds it to."""
    bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
    length = next((one for one in field.validators if isinstance(one, validate.Length)), None)
    base = next(named for kind, named in _BASES if isinstance(field, kind))
    if isinstance(field, Choice):
        return {
            "base": base,
            "format": "|".join(re.escape(word).replace(r"\-", "-") for word in field.choices),
        }
    if base == "string" and length:
        return {"base": base, "minLength": length.min, "maxLength": length.max}
    if base == "integer" and bounds:
        return {"base": base, "minimum": bounds.min, "maximum": bounds.max}
    if isinstance(field, fields.UUID):
        return {"base": base, "format": _UUID}
    if isinstance(field, fields.Boolean):
        return {"base": base, "format": "true|false"}
    return base
