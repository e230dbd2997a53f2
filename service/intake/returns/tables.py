"""The tables in a file of official counts: one in a CSV file, as it is or gzipped, and one on each sheet of a
workbook.

Of a CSV file nothing is kept but the line at hand, and a gzipped one is unpacked as it is read.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from service.intake.faults import Fault
from service.intake.lines import BYTE_ORDER_MARK, LONGEST_LINE, LineReader, UnreadableLine
from service.web.problems import Problem

Cell = str | float | bool | None
"""What stands in a cell: text, or in a workbook a number, true or false, or nothing too."""

Row = tuple[int, Sequence[Cell]]
"""The line on which a row stands, and its cells."""

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


def refuse_line(line: int, detail: str, place: str = "Line") -> Problem:
    """The problem of a line that cannot be read, so that the file is refused whole."""
    return Problem(
        "refused-file", f"{place} {line}: {detail}", errors=[Fault(line, "line", None, detail).as_error()]
    )


def _word_csv_fault(fault: csv.Error, _text: str) -> str:
    return f"The line is not CSV ({fault}): check its quotes and line ends."


_READER = LineReader("The line is not UTF-8: save the file as CSV in UTF-8.", _word_csv_fault)


def read_csv(file: bytes) -> Table:
    """The table in a CSV file. Reading it raises a 422 problem where it is no CSV in UTF-8."""
    if file.startswith(ZIP):
        raise Problem(
            "refused-file",
            "The file is a workbook or another zip file, not CSV: send a workbook under its own media type.",
        )
    return Table(None, _read_rows(_read_lines(_open(file))))


def read_again(file: bytes) -> Iterator[Row]:
    """The rows of a CSV file that was read before without a fault: nothing is looked for a second time."""
    reader = csv.reader(io.TextIOWrapper(_open(file), "utf-8-sig", newline="\n"))
    for row in reader:
        yield reader.line_num, row


def _open(file: bytes) -> IO[bytes]:
    """The bytes of a file, unpacked as they are read."""
    packed = io.BytesIO(file)
    return io.BufferedReader(gzip.GzipFile(fileobj=packed)) if file.startswith(GZIP) else packed


def _read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file with their ends and without a byte order mark; of one that is too long so much that
    it is found faulty."""
    number, length = 0, 0
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            number, length = number + 1, length + len(line)
            if len(line) <= LONGEST_LINE:
                if length > LARGEST_UNPACKED:
                    raise Problem("too-large", f"An unpacked return has at most {LARGEST_UNPACKED:,} bytes.")
                if b"\x00" in line:
                    raise refuse_line(
                        number, "The line holds the character NUL: save the file as CSV in UTF-8."
                    )
                if number == 1:
                    line = line.removeprefix(BYTE_ORDER_MARK)
            yield line
    except (OSError, EOFError, zlib.error) as fault:
        raise refuse_line(
            number + 1, f"The gzipped file ends or breaks off here ({fault}): send it again."
        ) from None


def _read_rows(lines: Iterator[bytes]) -> Iterator[Row]:
    """The rows of CSV, each with the line on which it ends."""
    try:
        yield from _READER.read_rows(lines)
    except UnreadableLine as fault:
        raise refuse_line(fault.line, str(fault)) from None
