"""Lines of a file on its way in: bytes cut into lines, none of them endless."""

from collections.abc import Iterable, Iterator
from typing import Any

LONGEST_LINE = 65_536
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which spreadsheets put before UTF-8


def lines_of(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    """Cut a stream into lines without their ends or a byte order mark; LF and CRLF alike.

    Of a line over LONGEST_LINE no more than that and one byte more is kept, by which it is found faulty.
    """
    held, mark = b"", _MARK
    for piece in pieces:
        digest.update(piece)
        *whole, held = (held + piece).split(b"\n")
        if whole and mark:
            whole[0], mark = whole[0].removeprefix(mark), b""
        for one in whole:
            yield (one[:-1] if one.endswith(b"\r") else one)[: LONGEST_LINE + 1]
        if len(held) > 4 * LONGEST_LINE:
            held = held[: 2 * LONGEST_LINE]
    if held.removeprefix(mark):
        yield held.removeprefix(mark).removesuffix(b"\r")[: LONGEST_LINE + 1]
