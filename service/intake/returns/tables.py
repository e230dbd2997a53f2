"""The tables in a file of official counts: one in a CSV file, as it is or gzipped, and one on each sheet of a
workbook.

Of a CSV file nothing is kept but the line at hand, and a gzipped one is unpacked as it is read.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from service.intake.lines import LONGEST_LINE
from service.web.problems import Problem

Row = tuple[int, list[Any]]
"""The line on which a row stands, and its cells: text, or in a workbook numbers too."""

LARGEST_UNPACKED = 2**30
"""Bytes of a gzipped file or of a workbook once unpacked: a small file can be packed so that it fills a
disk."""

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """A table before its headings are found: the name of its sheet, if it stands on one, and its rows, each
    with its line."""

    sheet: str | None
    rows: Iterator[Row]

    @property
    def place(self) -> str:
        """Where faults say a line of it stands: nothing more where there is one table only."""
        return f"Sheet {self.sheet}, line" if self.sheet else "Line"


def refused(line: int, detail: str, place: str = "Line") -> Problem:
    """The problem of a line that cannot be read, so that the file is refused whole."""
    return Problem(
        "refused-file",
        f"{place} {line}: {detail}",
        errors=[{"line": line, "pointer": "/line", "detail": detail}],
    )


def of_csv(file: bytes) -> Table:
    """The table in a CSV file. Reading it raises a 422 problem where it is no CSV in UTF-8."""
    if file.startswith(ZIP):
        raise Problem(
            "refused-file",
            "The file is a workbook or another zip file, not CSV: send a workbook under its own media type.",
        )
    held = io.BytesIO(file)
    stream: IO[bytes] = io.BufferedReader(gzip.GzipFile(fileobj=held)) if file.startswith(GZIP) else held
    return Table(None, _rows(_lines(stream)))


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a file as text."""
    number, length = 0, 0
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            number, length = number + 1, length + len(line)
            if len(line) > LONGEST_LINE:
                raise refused(number, f"The line is longer than {LONGEST_LINE:,} bytes.")
            if length > LARGEST_UNPACKED:
                raise Problem("too-large", f"An unpacked return has at most {LARGEST_UNPACKED:,} bytes.")
            if b"\x00" in line:
                raise refused(number, "The line holds the character NUL: save the file as CSV in UTF-8.")
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise refused(number, "The line is not UTF-8: save the file as CSV in UTF-8.") from None
    except (OSError, EOFError, zlib.error) as fault:
        raise refused(
            number + 1, f"The gzipped file ends or breaks off here ({fault}): send it again."
        ) from None


def _rows(lines: Iterator[str]) -> Iterator[Row]:
    """The rows of CSV, each with the line on which it ends."""
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise refused(
            reader.line_num, f"The line is not CSV ({fault}): check its quotes and line ends."
        ) from None
