"""What every answer tells a browser: guess no type, run nothing, frame nothing, keep no record; and which
pages elsewhere may ask.

A page of another origin gets no answer unless CORS_ORIGINS names its origin, letter by letter. There are no
cookies, so nothing is sent that the page does not send itself.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from service.web import exchanges

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ALWAYS = [
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]
_NOTHING_RUNS = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
_TLS_FOR_A_YEAR = ("Strict-Transport-Security", "max-age=31536000")
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SENT = (
    "Accept, Authorization, Content-Type, Crimebook-Change, Idempotency-Key, If-Match, If-None-Match,"
    " Justification, traceparent"
)
_READ = (
    "Crimebook-Change, ETag, Idempotent-Replay, Link, Location, RateLimit, RateLimit-Policy, Retry-After,"
    " Trace-Id"
)
_SECONDS_A_PREFLIGHT_HOLDS = "600"


def _cache_control() -> str:
    """How an answer may be cached: one that shows records nowhere; figures by the caller alone, who asks
    again with their ETag."""
    if exchanges.current().access_note is not None:
        return "no-store"
    return "private, no-cache" if request.path.startswith("/v1") else "no-cache"


class Guarded:
    """The application, with what is the same in all its answers put in where they leave: a tenth of the cost
    of doing it in Flask."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """As WSGI has it."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            headers.extend(_ALWAYS)
            if not any(name == _NOTHING_RUNS[0] for name, _ in headers):
                headers.append(_NOTHING_RUNS)
            if environ["wsgi.url_scheme"] == "https":
                headers.append(_TLS_FOR_A_YEAR)
            return start_response(status, headers, *rest)

        return self._application(environ, start)


def guard(app: Flask, origins: tuple[str, ...]) -> None:
    """Add the headers, and answer the preflights of those origins."""
    app.wsgi_app = Guarded(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def preflight() -> Response | None:
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not is_preflight or request.headers.get("Origin") not in origins:
            return None
        return Response(
            status=204,
            headers={
                "Access-Control-Allow-Headers": _SENT,
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Max-Age": _SECONDS_A_PREFLIGHT_HOLDS,
            },
        )

    @app.after_request
    def tell(answer: Response) -> Response:
        if "Cache-Control" not in answer.headers:
            answer.headers.add("Cache-Control", _cache_control())
        if origins:
            answer.vary.add("Origin")
            if (origin := request.headers.get("Origin")) in origins:
                answer.headers["Access-Control-Allow-Origin"] = str(origin)
                answer.headers["Access-Control-Expose-Headers"] = _READ
        return answer
