"""What every answer tells a browser: guess no type, run nothing, frame nothing, keep no record; and which pages elsewhere may ask.

A page of another origin gets no answer unless CORS_ORIGINS names its origin, letter by letter. There are no cookies, so nothing is sent
that the page does not send itself.
"""

from flask import Flask, Response, g, request

ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TLS_FOR_A_YEAR = "max-age=31536000"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SENT = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Justification, traceparent"
_READ = "Crimebook-Change, ETag, Idempotent-Replay, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Trace-Id"
_SECONDS_A_PREFLIGHT_HOLDS = "600"


def _kept_where() -> str:
    """How an answer may be kept: one that shows records nowhere, figures by the caller alone and asked for again by ETag."""
    if g.get("access") is not None:
        return "no-store"
    return "private, no-cache" if request.path.startswith("/v1") else "no-cache"


def guard(app: Flask, origins: tuple[str, ...]) -> None:
    """Add the headers, and answer the preflights of those origins."""

    @app.before_request
    def preflight() -> Response | None:
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not asked or request.headers.get("Origin") not in origins:
            return None
        return Response(status=204, headers={"Access-Control-Allow-Headers": _SENT, "Access-Control-Allow-Methods": _METHODS,
                                             "Access-Control-Max-Age": _SECONDS_A_PREFLIGHT_HOLDS})  # fmt: skip

    @app.after_request
    def tell(answer: Response) -> Response:
        for name, value in ALWAYS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", _kept_where())
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = _TLS_FOR_A_YEAR
        if origins:
            answer.vary.add("Origin")
            if (origin := request.headers.get("Origin")) in origins:
                answer.headers["Access-Control-Allow-Origin"] = str(origin)
                answer.headers["Access-Control-Expose-Headers"] = _READ
        return answer
