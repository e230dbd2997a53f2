"""Gzipped bodies and files, unpacked as they come: within a size, within a ratio, and whole."""

import zlib
from collections.abc import Iterable, Iterator

from flask import request

from service.web.problems import Problem

GREATEST_RATIO = 200
"""How many times its packed size a file may have. Crime records pack five to twenty times; a thousand times
is a bomb."""
UNPACKED_UNMEASURED = 2**20  # bytes for which the ratio says nothing yet
PIECE = 65_536
_GZIP = 31  # zlib's word for a gzip header, with its largest window


def as_said(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The body of this request, unpacked where its Content-Encoding says gzip. Raises 415 for another
    encoding."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return unpacked(pieces, most)
    if encoding not in ("identity", ""):
        detail = f"Content-Encoding is gzip or left out, not {encoding[:40]}."
        raise Problem(
            "unsupported-media-type",
            detail,
            headers={"Accept-Encoding": "gzip, identity"},
            hint="Pack it with gzip, or send it as it is without Content-Encoding.",
        )
    return iter(pieces)


def unpacked(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """What gzip packed, one member or several, in pieces of a bounded size.

    Raises 413 beyond `most` bytes or GREATEST_RATIO, and 400 where it is not gzip, is damaged, or ends too
    early.
    """
    member, packed, total, begun = zlib.decompressobj(_GZIP), 0, 0, False
    for piece in pieces:
        packed, rest = packed + len(piece), piece
        while rest:
            if member.eof:
                member, begun = zlib.decompressobj(_GZIP), False
            begun = True
            got = _unpack_some(member, rest)
            total += len(got)
            _require_size(total, packed, most)
            if got:
                yield got
            rest = member.unconsumed_tail or member.unused_data
    while begun and not member.eof and (got := _unpack_some(member, b"")):
        total += len(got)
        _require_size(total, packed, most)
        yield got
    if not member.eof:
        raise Problem(
            "malformed-body",
            f"The gzipped file ends before its end: {packed:,} bytes came, and nothing was kept.",
            hint="Pack it again, check it with gzip -t, and send it whole.",
        )


def _unpack_some(member: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return member.decompress(packed, PIECE)
    except zlib.error as fault:
        raise Problem(
            "malformed-body",
            f"The file is not gzip, or is damaged ({fault}); nothing was kept.",
            hint="Pack it again, check it with gzip -t, and send it whole.",
        ) from None


def _require_size(total: int, packed: int, most: int) -> None:
    if total > most:
        raise Problem("too-large", f"Unpacked, a file has at most {most:,} bytes: send it in several files.")
    if total > UNPACKED_UNMEASURED and total > packed * GREATEST_RATIO:
        raise Problem(
            "too-large",
            f"The gzipped file unpacks to more than {GREATEST_RATIO} times its size: send it as it is.",
        )
