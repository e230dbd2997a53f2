"""OpenAPI 3.1.1, written from the operations and their schemas: what runs is what is promised."""

import re
from collections.abc import Callable
from pathlib import Path

import flask_restx
import orjson

from service.web.answers import formats
from service.web.contract.links import links
from service.web.contract.served import Served, methods
from service.web.contract.shapes import JsonObject, Shapes
from service.web.declaration import Operation
from service.web.problems import KINDS
from service.web.request.access import LONGEST_JUSTIFICATION

VERSION = "1.0.0.dev0"
_FOLDER = Path(__file__).parents[3] / "openapi"
_ENDINGS = {formats.CSV: ".csv", formats.NDJSON: ".ndjson"}
_BINARY = {"type": "string", "format": "binary"}
_SPEC = {
    "type": "object",
    "required": ["$schema", "description"],
    "properties": {"$schema": {"type": "string"}, "description": {"type": "string"}},
}
_SHAPES = {formats.PARQUET: _BINARY, formats.PNG: _BINARY, formats.VEGA_LITE: _SPEC}
_LAST_HEADERS = {
    "Deprecation": {
        "description": "Since when this operation should not be used (RFC 9745).",
        "schema": {"type": "string"},
    },
    "Sunset": {
        "description": "From when on this operation may be gone (RFC 8594).",
        "schema": {"type": "string"},
    },
}
_ERROR_STATUSES = {400, 401, 403, 404, 406, 408, 409, 412, 413, 414, 415, 422, 428, 429, 431, 500, 503}


def _statuses(promised: Operation, in_path: bool) -> list[int]:
    """The faults an operation can answer with; they follow from what it takes."""
    found = {
        400,
        406,
        414,
        431,
        500,
        503,
        *promised.errors,
    }  # what the server in front of every operation says too
    if promised.scope:
        found |= {401, 403, 429}
    if promised.body is not None or promised.streamed:
        found |= {408, 413, 415, 422}
    if promised.guarded:
        found |= {412, 428}
    if in_path:
        found |= {404}
    return sorted(found)


def _example(name: str) -> JsonObject:
    """One whole example, where a file beside the contract has it; tests send each, and hold each against its
    schema."""
    file = _FOLDER / "examples" / name
    if not file.exists():
        return {}
    text = file.read_text(encoding="utf-8")
    return {"example": orjson.loads(text) if file.suffix == ".json" else text}


def _content(promised: Operation, shapes: Shapes) -> JsonObject:
    content: JsonObject = {}
    for media_type in promised.formats if promised.returns else ():
        if media_type == formats.JSON and promised.returns:
            content[media_type] = {
                "schema": shapes.schema(promised.returns),
                **_example(f"{promised.name}.answer.json"),
            }
        else:
            content[media_type] = {"schema": _SHAPES.get(media_type, {"type": "string"})}
    return content


def _answers(
    promised: Operation, shapes: Shapes, following: JsonObject, in_path: bool, method: str
) -> JsonObject:
    always = ("Trace-Id", "Crimebook-Change", *(("RateLimit", "RateLimit-Policy") if promised.scope else ()))
    headers: JsonObject = {name: {"$ref": f"#/components/headers/{name}"} for name in always}
    if promised.tagged or promised.listed:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if promised.returns is not None and "next" in promised.returns.fields:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    if promised.deprecated:
        headers |= _LAST_HEADERS | {"Link": {"$ref": "#/components/headers/Link"}}
    success: JsonObject = {
        "description": promised.summary + ".",
        "headers": headers,
        "content": _content(promised, shapes),
    }
    if following:
        success["links"] = following
    made = {**success, "headers": {**headers, "Location": {"$ref": "#/components/headers/Location"}}}
    answers: JsonObject = {str(promised.status): made if promised.status == 201 else success}
    if promised.creates:
        answers["201"] = {**made, "description": "Made anew."}
    if promised.streamed:
        answers["200"] = {**success, "description": "Rehearsed, or held already."}
    if method == "get":
        answers["304"] = {"description": "The caller holds this answer already (If-None-Match)."}
    for status in _statuses(promised, in_path):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return dict(sorted(answers.items()))


def _parameters(promised: Operation, path: str, shapes: Shapes, method: str) -> list[JsonObject]:
    found: list[JsonObject] = []
    for kind, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", path):
        shape = {
            "uuid": {"type": "string", "format": "uuid"},
            "int": {"type": "integer", "format": "int64", "minimum": 0},
        }.get(kind, {"type": "string"})
        found.append({"name": name, "in": "path", "required": True, "schema": shape})
    for name, field in promised.query.fields.items():
        parameter: JsonObject = {
            "name": name,
            "in": "query",
            "required": field.required,
            "schema": shapes.field(field),
        }
        if "description" in field.metadata:
            parameter["description"] = field.metadata["description"]
        if "example" in field.metadata:
            parameter["example"] = field.metadata["example"]
        found.append(parameter)
    if method == "get":
        found.append({"$ref": "#/components/parameters/Crimebook-Change"})
    if promised.access:
        found.append({"$ref": "#/components/parameters/Justification"})
    if promised.guarded:
        found.append({"$ref": "#/components/parameters/If-Match"})
    if method == "post":
        found.append({"$ref": "#/components/parameters/Idempotency-Key"})
    return found


def _described(
    served: Served, method: Callable[..., object], tag: str, following: JsonObject, shapes: Shapes
) -> JsonObject:
    path, verb, promised = served
    description = re.sub(r"\s*\n\s*", " ", (method.__doc__ or promised.summary).strip())
    if promised.scope is not None:
        description += f" Needs scope `{promised.scope}`."
    if promised.access:
        description += f" Logged as {promised.access} of records."
    if promised.deprecated:
        description += f" {promised.deprecated.sentence()}"
    described: JsonObject = {
        "operationId": promised.name,
        "tags": [tag],
        "summary": promised.summary,
        "description": description,
        "parameters": _parameters(promised, path, shapes, verb),
        "responses": _answers(promised, shapes, following, "<" in path, verb),
    }
    if promised.scope is None:
        described["security"] = []
    if promised.deprecated:
        described["deprecated"] = True
    if promised.body is not None:
        content = {
            formats.JSON: {"schema": shapes.schema(promised.body), **_example(f"{promised.name}.json")}
        }
        described["requestBody"] = {"required": True, "content": content}
    elif promised.streamed:
        content = {
            media_type: {"schema": _BINARY, **_example(promised.name + _ENDINGS.get(media_type, ""))}
            for media_type in promised.streamed
        }
        described["requestBody"] = {"required": True, "content": content}
    return described


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


def _problem_response(status: int) -> JsonObject:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    text = " ".join(f"{kind.title}. {kind.remedy}" for kind in kinds)
    response: JsonObject = {"description": text}
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return response | {
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    }


def _components(shapes: Shapes) -> JsonObject:
    return {
        "schemas": dict(
            sorted({**shapes.components, "Problem": _PROBLEM, "ProblemDetail": _PROBLEM_DETAIL}.items())
        ),
        "responses": {f"Problem{status}": _problem_response(status) for status in sorted(_ERROR_STATUSES)},
        "parameters": {
            "Crimebook-Change": {
                "name": "Crimebook-Change",
                "in": "header",
                "required": False,
                "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 10**18 - 1},
                "description": (
                    "The change that an earlier answer reflected: this one will reflect it too, or a later."
                ),
            },
            "If-Match": {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": "The ETag of the version you mean to change.",
            },
            "Idempotency-Key": {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 202,
                    "pattern": r'^"?[!#-~]{1,200}"?$',
                },
                "description": "The same key and body within 24 hours get the first answer again.",
            },
            "Justification": {
                "name": "Justification",
                "in": "header",
                "required": False,
                "schema": {
                    "type": "string",
                    "maxLength": LONGEST_JUSTIFICATION,
                    "pattern": r"^[^\u0000-\u001f\u007f]*$",
                },
                "description": (
                    "Why these records are touched; kept in the access log. Some services require it."
                ),
            },
        },
        "headers": {
            "Crimebook-Change": {
                "description": "The change this answer reflects.",
                "schema": {"type": "integer", "format": "int64"},
            },
            "ETag": {
                "description": "Of this version, for If-Match and If-None-Match.",
                "schema": {"type": "string"},
            },
            "Link": {
                "description": "The next page (rel=next); what to use instead (rel=successor-version).",
                "schema": {"type": "string"},
            },
            "Location": {
                "description": "The address of what was made.",
                "schema": {"type": "string", "format": "uri-reference"},
            },
            "RateLimit": {
                "description": "What the caller has left: r requests in the next t seconds.",
                "schema": {"type": "string"},
            },
            "RateLimit-Policy": {
                "description": "What a caller may: q requests in w seconds.",
                "schema": {"type": "string"},
            },
            "Retry-After": {
                "description": "Seconds after which to try again.",
                "schema": {"type": "integer", "minimum": 1},
            },
            "Trace-Id": {
                "description": "Walks from this request to its log line and its change.",
                "schema": {"type": "string"},
            },
        },
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key, or a token of the trusted issuer.",
            }
        },
    }


def document(api: flask_restx.Api) -> JsonObject:
    """The whole contract, from the routes that are served."""
    shapes, operations = Shapes(), list(methods(api))
    every = [one.served for one in operations]
    paths: dict[str, JsonObject] = {}
    tags: dict[str, str] = {}
    for served, namespace, method in operations:
        tags[namespace.name] = namespace.description
        path = paths.setdefault(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", served.path), {})
        path[served.verb] = _described(served, method, namespace.name, links(served, every), shapes)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Crimebook",
            "version": VERSION,
            "description": (_FOLDER / "preface.md").read_text(encoding="utf-8"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "The Crimebook authors"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": description} for name, description in tags.items()],
        "paths": paths,
        "components": _components(shapes),
    }
