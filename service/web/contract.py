"""OpenAPI 3.1.1, written from the operations and their schemas: what runs is what is promised."""

import re
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from flask import Flask
from marshmallow import RAISE, Schema, fields, missing, validate

from service.periods import EXPLAINED, PeriodField
from service.web import formats
from service.web.fields import AsOf, Choice, Instant, Output, Text
from service.web.operations import Operation
from service.web.problems import KINDS

VERSION = "0.1.0"
_PREFACE = Path(__file__).parents[2] / "openapi" / "preface.md"
_ERROR_STATUSES = {400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 428, 500, 503}


class Shapes:
    """marshmallow schemas and fields as JSON Schema 2020-12. Raises TypeError for what it does not know, rather than guess."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def reference(self, name: str, make: Any) -> dict[str, Any]:
        """A named component, made once."""
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = make()
        return {"$ref": f"#/components/schemas/{name}"}

    def schema(self, schema: Schema) -> dict[str, Any]:
        """A schema as a named component."""
        name = schema.__class__.__name__ + ("Patch" if schema.partial else "")
        return self.reference(name, lambda: self._object(schema))

    def _object(self, schema: Schema) -> dict[str, Any]:
        properties = {name: self.field(one) for name, one in schema.fields.items()}
        shape: dict[str, Any] = {"type": "object", "properties": properties}
        if schema.__doc__:
            shape["description"] = schema.__doc__.split("\n\n")[0].replace("\n", " ")
        required = list(properties) if isinstance(schema, Output) else [
            name for name, one in schema.fields.items() if one.required and not schema.partial]  # fmt: skip
        if required:
            shape["required"] = required
        if schema.unknown == RAISE and not isinstance(schema, Output):
            shape["additionalProperties"] = False
        return shape

    def field(self, field: Any) -> dict[str, Any]:
        """A field with what every field may say: null, description, default."""
        shape = dict(self.shape(field))
        if field.allow_none:
            shape = {"anyOf": [shape, {"type": "null"}]} if "$ref" in shape else {**shape, "type": [shape["type"], "null"]}
        if "description" in field.metadata and "$ref" not in shape:
            shape["description"] = field.metadata["description"]
        if (
            field.load_default is not missing
            and field.load_default is not None
            and not callable(field.load_default)
            and "$ref" not in shape
        ):
            shape["default"] = field.load_default
        return shape

    @singledispatchmethod
    def shape(self, field: Any) -> dict[str, Any]:
        """The type of a field."""
        raise TypeError(f"No JSON Schema is known for {type(field).__name__}.")

    @shape.register
    def _(self, field: fields.String) -> dict[str, Any]:
        return {"type": "string"}

    @shape.register
    def _(self, field: Text) -> dict[str, Any]:
        length = next(one for one in field.validators if isinstance(one, validate.Length))
        pattern = r"^[^\u0000\s]([^\u0000]*[^\u0000\s])?$"
        return {"type": "string", "minLength": length.min, "maxLength": length.max, "pattern": pattern}

    @shape.register
    def _(self, field: Choice) -> dict[str, Any]:
        return self.reference(field.called, lambda: {"type": "string", "enum": list(field.choices)})

    @shape.register
    def _(self, field: fields.Integer) -> dict[str, Any]:
        bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
        size = {"format": "int64"} if bounds and bounds.max > 2**31 else {"format": "int32"}
        return {"type": "integer", **size} | ({"minimum": bounds.min, "maximum": bounds.max} if bounds else {})

    @shape.register
    def _(self, field: fields.Float) -> dict[str, Any]:
        return {"type": "number", "format": "double"}

    @shape.register
    def _(self, field: fields.Boolean) -> dict[str, Any]:
        return {"type": "boolean"}

    @shape.register
    def _(self, field: fields.UUID) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}

    @shape.register
    def _(self, field: fields.Date) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    @shape.register
    def _(self, field: Instant) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    @shape.register
    def _(self, field: AsOf) -> dict[str, Any]:
        return {"type": "string", "maxLength": 40, "description": "A change number, like 1042, or an instant, like 2013-04-18T09:00:00Z."}

    @shape.register
    def _(self, field: PeriodField) -> dict[str, Any]:
        return self.reference(
            "Period", lambda: {"type": "string", "minLength": 4, "maxLength": 22, "description": EXPLAINED, "examples": ["2012/13"]}
        )

    @shape.register
    def _(self, field: fields.Nested) -> dict[str, Any]:
        return self.schema(field.schema)

    @shape.register(fields.List)
    def _(self, field: Any) -> dict[str, Any]:
        length = next((one for one in field.validators if isinstance(one, validate.Length)), None)
        limits = {"minItems": length.min, "maxItems": length.max} if length else {}
        return {"type": "array", "items": self.field(field.inner), **limits}


def _statuses(promised: Operation, in_path: bool) -> list[int]:
    """The faults an operation can answer with; they follow from what it takes."""
    found = {400, 406, 500, 503, *promised.errors}
    if promised.scope:
        found |= {401, 403}
    if promised.body is not None or promised.streamed:
        found |= {413, 415, 422}
    if promised.guarded:
        found |= {412, 428}
    if in_path:
        found |= {404}
    return sorted(found)


def _answers(promised: Operation, shapes: Shapes, in_path: bool, method: str) -> dict[str, Any]:
    headers = {"Trace-Id": {"$ref": "#/components/headers/Trace-Id"}, "Crimebook-Change": {"$ref": "#/components/headers/Crimebook-Change"}}
    if promised.tagged or promised.listed:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    content: dict[str, Any] = {}
    for media_type in promised.formats if promised.returns else ():
        shape = shapes.schema(promised.returns) if media_type == formats.JSON and promised.returns else {"type": "string"}
        content[media_type] = {"schema": shape}
    success: dict[str, Any] = {"description": promised.summary + ".", "headers": headers, "content": content}
    answers: dict[str, Any] = {str(promised.status): success}
    if method == "put" and promised.guarded and promised.scope == "administer":
        answers["201"] = {**success, "description": "Made anew."}
    if promised.streamed:
        answers["200"] = {**success, "description": "Rehearsed, or held already."}
    if method == "get":
        answers["304"] = {"description": "The caller holds this answer already (If-None-Match)."}
    for status in _statuses(promised, in_path):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return dict(sorted(answers.items()))


def _parameters(promised: Operation, path: str, shapes: Shapes, method: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", path):
        shape = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer", "format": "int64", "minimum": 0}}.get(
            kind, {"type": "string"}
        )
        found.append({"name": name, "in": "path", "required": True, "schema": shape})
    for name, field in promised.query.fields.items():
        parameter: dict[str, Any] = {"name": name, "in": "query", "required": field.required, "schema": shapes.field(field)}
        if "description" in field.metadata:
            parameter["description"] = field.metadata["description"]
        found.append(parameter)
    if promised.guarded:
        found.append({"$ref": "#/components/parameters/If-Match"})
    if method == "post":
        found.append({"$ref": "#/components/parameters/Idempotency-Key"})
    return found


def _described(promised: Operation, method: Any, tag: str, path: str, verb: str, shapes: Shapes) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": promised.name, "tags": [tag], "summary": promised.summary,
        "description": re.sub(r"\s*\n\s*", " ", (method.__doc__ or promised.summary).strip()),
        "parameters": _parameters(promised, path, shapes, verb),
        "responses": _answers(promised, shapes, "<" in path, verb),
    }  # fmt: skip
    if promised.scope is None:
        told["security"] = []
    else:
        told["description"] += f" Needs scope `{promised.scope}`."
    if promised.body is not None:
        told["requestBody"] = {"required": True, "content": {formats.JSON: {"schema": shapes.schema(promised.body)}}}
    elif promised.streamed:
        content = {media_type: {"schema": {"type": "string"}} for media_type in promised.streamed}
        told["requestBody"] = {"required": True, "content": content}
    return told


_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "instance", "hint", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int32"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "hint": {"type": "string"},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "submission": {"type": "string", "format": "uuid"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemDetail"}},
    },
}
_PROBLEM_DETAIL = {
    "type": "object",
    "description": "One fault: where it is, by JSON Pointer, parameter or line, and what to do.",
    "required": ["detail"],
    "properties": {
        "detail": {"type": "string"},
        "line": {"type": "integer", "format": "int32"},
        "parameter": {"type": "string"},
        "pointer": {"type": "string"},
    },
}


def _problem_response(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    text = " ".join(f"{kind.title}. {kind.remedy}" for kind in kinds)
    return {"description": text, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _components(shapes: Shapes) -> dict[str, Any]:
    return {
        "schemas": dict(sorted({**shapes.components, "Problem": _PROBLEM, "ProblemDetail": _PROBLEM_DETAIL}.items())),
        "responses": {f"Problem{status}": _problem_response(status) for status in sorted(_ERROR_STATUSES)},
        "parameters": {
            "If-Match": {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                         "description": "The ETag of the version you mean to change."},
            "Idempotency-Key": {"name": "Idempotency-Key", "in": "header", "required": False,
                                "schema": {"type": "string", "minLength": 1, "maxLength": 202, "pattern": r'^"?[!#-~]{1,200}"?$'},
                                "description": "The same key and body within 24 hours get the first answer again."},
        },
        "headers": {
            "Crimebook-Change": {"description": "The change this answer reflects.", "schema": {"type": "integer", "format": "int64"}},
            "ETag": {"description": "Of this version, for If-Match and If-None-Match.", "schema": {"type": "string"}},
            "Trace-Id": {"description": "Walks from this request to its log line and its change.", "schema": {"type": "string"}},
        },
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A key made by POST /v1/callers."}},
    }  # fmt: skip


def document(app: Flask) -> dict[str, Any]:
    """The whole contract, from the routes that are served."""
    api, shapes = app.extensions["api"], Shapes()
    paths: dict[str, Any] = {}
    tags = []
    for namespace in api.namespaces:
        if not namespace.resources:
            continue
        tags.append({"name": namespace.name, "description": namespace.description})
        for route in namespace.resources:
            for url in api.ns_urls(namespace, route.urls):
                path = "/v1" + url
                told = paths.setdefault(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", path), {})
                for verb in sorted(name.lower() for name in route.resource.methods):
                    method = getattr(route.resource, verb)
                    told[verb] = _described(method.operation, method, namespace.name, path, verb, shapes)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Crimebook", "version": VERSION, "description": _PREFACE.read_text(encoding="utf-8"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}, "contact": {"name": "The Crimebook authors"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": _components(shapes),
    }  # fmt: skip
