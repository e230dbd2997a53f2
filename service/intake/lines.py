"""The lines of a file on its way in, at each of the three doors: bytes are cut into lines, none of them
endless, and a line is read as text or as a row of CSV."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

LONGEST_LINE = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # which spreadsheets put before UTF-8


class Digest(Protocol):
    """What hashlib makes: it takes bytes in turn."""

    def update(self, data: bytes, /) -> None:
        """Add these bytes."""


class UnreadableLine(ValueError):
    """A line that cannot be read, with the sentence for the sender; `line` is its number, 0 where the caller
    counts the lines."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


def hash_pieces(pieces: Iterable[bytes], digest: Digest) -> Iterator[bytes]:
    """The pieces as they come, each added to the digest."""
    for piece in pieces:
        digest.update(piece)
        yield piece


def cut_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into lines without their ends or a byte order mark; LF and CRLF alike.

    Of a line over LONGEST_LINE no more than that and one byte more is kept, by which it is found faulty.
    """
    rest, mark = b"", BYTE_ORDER_MARK
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if lines and mark:
            lines[0], mark = lines[0].removeprefix(mark), b""
        for line in lines:
            yield (line[:-1] if line.endswith(b"\r") else line)[: LONGEST_LINE + 1]
        if len(rest) > 4 * LONGEST_LINE:
            rest = rest[: 2 * LONGEST_LINE]
    if rest.removeprefix(mark):
        yield rest.removeprefix(mark).removesuffix(b"\r")[: LONGEST_LINE + 1]


def split_row(text: str) -> list[str]:
    """The cells of a row of CSV that stands on one line; none of an empty line. Raises csv.Error."""
    return next(csv.reader([text], strict=True), [])


@dataclass(frozen=True)
class LineReader:
    """Reads lines of UTF-8 and rows of CSV, and says in the words of its door why one cannot be read.

    `not_utf8` is a sentence; `word_csv_fault` makes one of what the csv module says and the text it says it
    of.
    """

    not_utf8: str
    word_csv_fault: Callable[[csv.Error, str], str]

    def decode(self, line: bytes) -> str:
        """A line as text. Raises UnreadableLine for one that is too long or is not UTF-8."""
        if len(line) > LONGEST_LINE:
            raise UnreadableLine(f"The line is longer than {LONGEST_LINE:,} bytes.")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise UnreadableLine(self.not_utf8) from None

    def split(self, text: str) -> list[str]:
        """The cells of a row: what a quote opens closes on the same line. Raises UnreadableLine."""
        try:
            return split_row(text)
        except csv.Error as fault:
            raise UnreadableLine(self.word_csv_fault(fault, text)) from None

    def read_rows(self, lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
        """Rows whose cells may hold line ends, each with the number of the line on which it ends; of lines
        with their ends. Raises UnreadableLine, with its number."""
        reader = csv.reader(map(self.decode, lines), strict=True)
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as fault:
            raise UnreadableLine(self.word_csv_fault(fault, ""), reader.line_num) from None
        except UnreadableLine as fault:
            raise UnreadableLine(str(fault), reader.line_num + 1) from None
