"""The open pages: the contract as a file, rendered by Swagger UI without the network, and a page for each
kind of problem."""

import functools
import importlib.resources
from html import escape
from pathlib import Path

import flask_restx
import orjson
from flask import Blueprint, Response, abort, send_from_directory

from service.web.contract import openapi
from service.web.problems import KINDS

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SWAGGER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crimebook: the contract</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body><main id="contract"></main>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body>
</html>
"""
_START = (
    'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#contract", deepLinking: true, validatorUrl: null });\n'
)


def _page(html: str) -> Response:
    return Response(
        html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY}
    )


def pages(api: flask_restx.Api, contract_file: Path) -> Blueprint:
    """The blueprint. `contract_file` is the committed openapi.yaml."""
    blueprint = Blueprint("documentation", __name__)
    swagger = importlib.resources.files("flask_swagger_ui") / "dist"

    @functools.cache
    def contract() -> bytes:
        return orjson.dumps(openapi.document(api), option=orjson.OPT_INDENT_2)

    @blueprint.get("/openapi.json")
    def as_json() -> Response:
        return Response(contract(), content_type="application/json")

    @blueprint.get("/openapi.yaml")
    def as_yaml() -> Response:
        return send_from_directory(contract_file.parent, contract_file.name, mimetype="application/yaml")

    @blueprint.get("/docs")
    def index() -> Response:
        return _page(_INDEX)

    @blueprint.get("/docs/start.js")
    def start() -> Response:
        return Response(_START, content_type="text/javascript; charset=utf-8")

    @blueprint.get("/docs/<name>")
    def part(name: str) -> Response:
        if name not in _SWAGGER_FILES:
            abort(404)
        return send_from_directory(str(swagger), name)

    @blueprint.get("/docs/problems/<kind>")
    def problem(kind: str) -> Response:
        if kind not in KINDS:
            abort(404)
        one = KINDS[kind]
        title = escape(one.title)
        return _page(
            '<!doctype html><html lang="en"><head><meta'
            f' charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1><p>Status {one.status},'
            f" {kind}.</p><p>{escape(one.remedy)}</p></body></html>\n"
        )

    return blueprint
