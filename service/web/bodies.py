"""A request's body as it comes, to its end: within its limit, and whole."""

from collections.abc import Iterator

from flask import request
from werkzeug.exceptions import ClientDisconnected

from service.web.problems import Problem

PIECE = 65_536


def pieces(limit: int, what: str, advice: str = "") -> Iterator[bytes]:
    """The body in pieces. Raises 413 beyond `limit` bytes, with the advice, before anything is read where the length is told; and 400
    when it breaks off, since an end that comes too early may look like any other."""
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
        raise Problem("malformed-body", f"The body broke off: {total:,} of {promised:,} bytes came, and nothing was kept.")


def _read(so_far: int) -> bytes:
    try:
        return request.stream.read(PIECE)
    except (OSError, ClientDisconnected):  # a chunk that was never finished, or a caller that went away
        raise Problem("malformed-body", f"The body broke off after {so_far:,} bytes, and nothing was kept.") from None
