"""ETags and the conditions callers put on them (RFC 9110, RFC 6585)."""

import re
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from service.web.answers.formats import CSV, JSON, NDJSON, PARQUET, PNG, SVG, TEXT, VEGA_LITE
from service.web.problems import Problem

_ETAG = re.compile(r'"([0-9]{1,18})(?:\.[a-z]+)?"')
_CHANGE = re.compile(r"[0-9]{1,18}", re.ASCII)
_SUFFIX = {
    JSON: "",
    CSV: ".csv",
    NDJSON: ".ndjson",
    PARQUET: ".parquet",
    TEXT: ".txt",
    SVG: ".svg",
    PNG: ".png",
    VEGA_LITE: ".vegalite",
}


def etag(change: int, media_type: str = JSON) -> str:
    """The strong tag of what is known at a change, in one representation."""
    return f'"{change}{_SUFFIX.get(media_type, "")}"'


def seen() -> int:
    """The change in If-Match, which the writing statement compares. Raises 428 when absent, 412 when it is no
    tag of ours."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise Problem(
            "precondition-required",
            f"{request.method} {request.path} needs If-Match with the ETag you last saw.",
        )
    match = _ETAG.fullmatch(sent.strip())
    if match is None:
        raise Problem("stale-version", f"If-Match: {sent[:80]} is not a tag that this service gives.")
    return int(match[1])


def last_seen() -> int:
    """The newest change of which the caller says to have seen something: in Crimebook-Change, or by a tag in
    If-None-Match; nought for none. Raises 400."""
    sent = request.headers.get("Crimebook-Change", "0").strip()
    if not _CHANGE.fullmatch(sent):
        raise Problem(
            "invalid-header",
            f"Crimebook-Change: {sent[:80]!r} is no number of a change, as answers carry it.",
        )
    tags = request.headers.get("If-None-Match")
    return max([int(sent), *(int(change) for change in _ETAG.findall(tags or ""))])


class Ready(HTTPException):
    """An answer that is there already, and skips the work of making one."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        super().__init__(response=answer)


class NotModified(Ready):
    """A 304: the caller holds the answer."""

    code = 304

    def __init__(self, tag: str, change: int) -> None:
        super().__init__(
            Response(status=304, headers={"ETag": tag, "Crimebook-Change": str(change), "Vary": "Accept"})
        )


def unless_seen(change: int, tag: str) -> None:
    """Stop here with 304 when If-None-Match already holds the tag of the answer about to be made."""
    sent = request.headers.get("If-None-Match", "")
    if sent.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in sent.split(",")):
        raise NotModified(tag, change)


def require_seen(row: dict[str, Any], seen: int) -> None:
    """Raise 412 with the present ETag unless the caller saw this very version."""
    if row["since_change"] != seen:
        detail = f"It was changed at change {row['since_change']}; you saw change {seen}."
        raise Problem("stale-version", detail, headers={"ETag": etag(row["since_change"])})
