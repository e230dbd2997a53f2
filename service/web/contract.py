"""OpenAPI 3.1.1, written from the operations and their schemas: what runs is what is promised."""

import re
from pathlib import Path
from typing import Any

from flask import Flask

from service.web import formats
from service.web.access import LONGEST_JUSTIFICATION
from service.web.operations import Operation
from service.web.problems import KINDS
from service.web.shapes import Shapes

VERSION = "0.1.0"
_PREFACE = Path(__file__).parents[2] / "openapi" / "preface.md"
_ERROR_STATUSES = {400, 401, 403, 404, 406, 408, 409, 412, 413, 415, 422, 428, 429, 500, 503}


def _statuses(promised: Operation, in_path: bool) -> list[int]:
    """The faults an operation can answer with; they follow from what it takes."""
    found = {400, 406, 500, 503, *promised.errors}
    if promised.scope:
        found |= {401, 403, 429}
    if promised.body is not None or promised.streamed:
        found |= {408, 413, 415, 422}
    if promised.guarded:
        found |= {412, 428}
    if in_path:
        found |= {404}
    return sorted(found)


def _answers(promised: Operation, shapes: Shapes, in_path: bool, method: str) -> dict[str, Any]:
    always = ("Trace-Id", "Crimebook-Change", *(("RateLimit", "RateLimit-Policy") if promised.scope else ()))
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in always}
    if promised.tagged or promised.listed:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if promised.returns is not None and "next" in promised.returns.fields:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    content: dict[str, Any] = {}
    for media_type in promised.formats if promised.returns else ():
        shape = shapes.schema(promised.returns) if media_type == formats.JSON and promised.returns else {"type": "string"}
        content[media_type] = {"schema": shape}
    success: dict[str, Any] = {"description": promised.summary + ".", "headers": headers, "content": content}
    made = {**success, "headers": {**headers, "Location": {"$ref": "#/components/headers/Location"}}}
    answers: dict[str, Any] = {str(promised.status): made if promised.status == 201 else success}
    if promised.creates:
        answers["201"] = {**made, "description": "Made anew."}
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
    if promised.access:
        found.append({"$ref": "#/components/parameters/Justification"})
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
    if promised.access:
        told["description"] += f" Logged as {promised.access} of records."
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
        "sheet": {"type": "string"},
    },
}


def _problem_response(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    text = " ".join(f"{kind.title}. {kind.remedy}" for kind in kinds)
    told: dict[str, Any] = {"description": text}
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return told | {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


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
            "Justification": {"name": "Justification", "in": "header", "required": False,
                              "schema": {"type": "string", "maxLength": LONGEST_JUSTIFICATION, "pattern": r"^[^\u0000-\u001f\u007f]*$"},
                              "description": "Why these records are touched; kept in the access log. Some services require it."},
        },
        "headers": {
            "Crimebook-Change": {"description": "The change this answer reflects.", "schema": {"type": "integer", "format": "int64"}},
            "ETag": {"description": "Of this version, for If-Match and If-None-Match.", "schema": {"type": "string"}},
            "Link": {"description": "The next page, with rel=next, where there is one.", "schema": {"type": "string"}},
            "Location": {"description": "The address of what was made.", "schema": {"type": "string", "format": "uri-reference"}},
            "RateLimit": {"description": "What the caller has left: r requests in the next t seconds.", "schema": {"type": "string"}},
            "RateLimit-Policy": {"description": "What a caller may: q requests in w seconds.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}},
            "Trace-Id": {"description": "Walks from this request to its log line and its change.", "schema": {"type": "string"}},
        },
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A key, or a token of the trusted issuer."}},
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
