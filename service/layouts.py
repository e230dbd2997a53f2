"""Files of official counts on their way in: which layout a file has, and its lines into staging as they stand.

Beside the file as it came nothing is kept but the line at hand: a gzipped file is unpacked as it is read.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import IO

from service.receiving import LONGEST_LINE
from service.store import Book
from service.store.copying import copy
from service.web.problems import Problem

LAYOUTS = {
    "home-office-force": {"year": "Financial Year", "quarter": "Financial Quarter", "area": "Force Name", "counted": "Offence Code",
                          "number": "Number of Offences"},
    "ons-rolling-year": {"year": "12 months ending", "area": "PFA", "counted": "Offence",
                         "number": "Rolling year total number of offences"},
}  # fmt: skip
"""Files that are recognised by their headings, and the column in which each says what."""

STAGED = ("year", "quarter", "area", "counted", "number")
LARGEST_UNPACKED = 2**30
"""Bytes of a gzipped file once unpacked: a small file can be packed so that it fills a disk."""

_GZIP = b"\x1f\x8b"


def stage(book: Book, file: bytes) -> str:
    """Put the lines of a file, as it is or gzipped, into staged_count; returns its layout.

    Raises a 422 problem, with the line, for a file that cannot be read as CSV in UTF-8 or has other headings.
    """
    rows = _rows(_lines(_opened(file)))
    _, headings = next(rows, (1, []))
    layout, positions = _recognised([heading.strip() for heading in headings])
    book.returns.begin_staging()
    copy(book, "staged_count", ("line", *STAGED, "stray"), _staged(rows, positions, len(headings)))
    return layout


def _opened(file: bytes) -> IO[bytes]:
    held = io.BytesIO(file)
    return io.BufferedReader(gzip.GzipFile(fileobj=held)) if file.startswith(_GZIP) else held


def _refused(line: int, detail: str) -> Problem:
    return Problem("refused-file", f"Line {line}: {detail}", errors=[{"line": line, "pointer": "/line", "detail": detail}])


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a file as text."""
    number, length = 0, 0
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            number, length = number + 1, length + len(line)
            if len(line) > LONGEST_LINE:
                raise _refused(number, f"The line is longer than {LONGEST_LINE:,} bytes.")
            if length > LARGEST_UNPACKED:
                raise Problem("too-large", f"An unpacked return has at most {LARGEST_UNPACKED:,} bytes.")
            if b"\x00" in line:
                raise _refused(number, "The line holds the character NUL: save the file as CSV in UTF-8.")
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise _refused(number, "The line is not UTF-8: save the file as CSV in UTF-8.") from None
    except (OSError, EOFError, zlib.error) as fault:
        raise _refused(number + 1, f"The gzipped file ends or breaks off here ({fault}): send it again.") from None


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of CSV, each with the line on which it ends."""
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise _refused(reader.line_num, f"The line is not CSV ({fault}): check its quotes and line ends.") from None


def _recognised(headings: list[str]) -> tuple[str, list[int | None]]:
    """Which layout has these headings, and where each staged column stands."""
    for layout, named in LAYOUTS.items():
        if set(named.values()) <= set(headings):
            if twice := [heading for heading in named.values() if headings.count(heading) > 1]:
                raise _refused(1, f"The heading {twice[0]} stands there twice: which of the two is meant?")
            return layout, [headings.index(named[name]) if name in named else None for name in STAGED]
    known = "; ".join(f"{layout}: {', '.join(named.values())}" for layout, named in LAYOUTS.items())
    raise _refused(1, f"The headings are of no layout known here. Known are {known}.")


def _staged(rows: Iterator[tuple[int, list[str]]], positions: list[int | None], columns: int) -> Iterator[tuple[object, ...]]:
    """The staged columns of each row. Cells that no heading names are a fault, unless a spreadsheet left them empty at the end."""
    for line, row in rows:
        if not any(row):
            continue
        stray = len(row) < columns or any(row[columns:])
        cells = [None if stray or at is None else row[at].strip() for at in positions]
        yield line, *cells, f"The line has {len(row)} cells, the header {columns}." if stray else None
