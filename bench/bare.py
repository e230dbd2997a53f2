"""The floor: a Flask application with one route for each answer, which it holds ready. Nothing is looked up,
checked, counted or logged."""

import base64
import functools
import json
import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, request


def _answer(status: int, headers: list[tuple[str, str]], body: bytes) -> Response:
    if request.method != "GET":
        request.get_data()
    return Response(body, status, headers)


def create_bare_app() -> Flask:
    """Answers of BARE_ANSWERS, a JSON file of `[status, headers, body in base64]`, at /0, /1 and so on."""
    app = Flask("bare", static_folder=None)
    kept: list[Any] = json.loads(Path(os.environ["BARE_ANSWERS"]).read_text())
    for number, (status, headers, body) in enumerate(kept):
        held = functools.partial(
            _answer, status, [(name, value) for name, value in headers], base64.b64decode(body)
        )
        app.add_url_rule(f"/{number}", str(number), held, methods=["GET", "POST", "PUT"])
    app.add_url_rule("/ready", "ready", lambda: "ready")
    return app
