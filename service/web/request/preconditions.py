"""The conditions that callers put on their requests (RFC 9110, RFC 6585)."""

import re

from flask import Response, request

from service.web.answers.tags import etag
from service.web.exchanges import Exchange
from service.web.fields import Row
from service.web.problems import Problem
from service.web.request.steps import Proceed

_ETAG = re.compile(r'"([0-9]{1,18})(?:\.[a-z]+)?"')
_CHANGE = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_conditions(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: what a reader has seen already. Raises 400 for a header that cannot be understood, or a body."""
    if request.method in ("GET", "HEAD"):
        if request.method == "GET" and (request.content_length or 0) > 0:
            raise Problem("malformed-body", f"GET {request.path} takes no body.")
        exchange.last_seen = _last_seen()
    return proceed(exchange)


def _last_seen() -> int:
    """The newest change of which the caller says to have seen something: in Crimebook-Change, or by a tag in
    If-None-Match; nought for none."""
    sent = request.headers.get("Crimebook-Change", "0").strip()
    if not _CHANGE.fullmatch(sent):
        raise Problem(
            "invalid-header",
            f"Crimebook-Change: {sent[:80]!r} is no number of a change, as answers carry it.",
        )
    tags = request.headers.get("If-None-Match")
    return max([int(sent), *(int(change) for change in _ETAG.findall(tags or ""))])


def require_version(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: the method is called with `seen`, the change in If-Match, which the writing statement compares.

    Raises 428 when the header is absent, 412 when it is no tag of ours.
    """
    if exchange.operation.guarded:
        sent = request.headers.get("If-Match")
        if sent is None:
            raise Problem(
                "precondition-required",
                f"{request.method} {request.path} needs If-Match with the ETag you last saw.",
            )
        match = _ETAG.fullmatch(sent.strip())
        if match is None:
            raise Problem("stale-version", f"If-Match: {sent[:80]} is not a tag that this service gives.")
        exchange.arguments["seen"] = int(match[1])
    return proceed(exchange)


def require_seen(row: Row, seen: int) -> None:
    """Raise 412 with the present ETag unless the caller saw this very version."""
    if row["since_change"] != seen:
        detail = f"It was changed at change {row['since_change']}; you saw change {seen}."
        raise Problem("stale-version", detail, headers={"ETag": etag(row["since_change"])})
