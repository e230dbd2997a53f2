"""A request's body as it comes, to its end: within its limit, and whole."""

from collections.abc import Iterator
from contextlib import nullcontext

from flask import request
from werkzeug.exceptions import ClientDisconnected

from service.web.problems import Problem
from service.web.request.wiring import wiring

PIECE = 65_536
SHORT = 32_768
"""Bytes of a body that has come before a thread is asked for it (`service.web.server.worker`)."""


def pieces(limit: int, what: str, advice: str = "") -> Iterator[bytes]:
    """The body in pieces. Raises 413 beyond `limit` bytes, with the advice, before anything is read where the
    length is told; and 400 when it breaks off, since an end that comes too early may look like any other."""
    too_large = Problem("too-large", f"{what} has at most {limit:,} bytes{advice}.")
    promised, total = request.content_length, 0
    if (promised or 0) > limit:
        raise too_large
    while piece := _read(total):
        total += len(piece)
        if total > limit:
            raise too_large
        yield piece
    if promised is not None and total < promised:
        raise Problem(
            "malformed-body",
            f"The body broke off: {total:,} of {promised:,} bytes came, and nothing was kept.",
        )


def whole(limit: int, what: str) -> bytes:
    """The body at once. One that is long, or does not say how long it is, has a place among the files while
    it comes."""
    short = request.content_length is not None and request.content_length <= SHORT
    with nullcontext() if short else wiring().place("files"):
        return b"".join(pieces(limit, what))


def _read(so_far: int) -> bytes:
    try:
        return request.stream.read(PIECE)
    except TimeoutError:
        raise Problem(
            "too-slow", f"The body stopped after {so_far:,} bytes for too long, and nothing was kept."
        ) from None
    except (OSError, ClientDisconnected):  # a chunk that was never finished, or a caller that went away
        raise Problem(
            "malformed-body", f"The body broke off after {so_far:,} bytes, and nothing was kept."
        ) from None
