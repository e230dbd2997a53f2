"""Rows into a table by COPY, the fastest way in; memory stays constant."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg2

from service.store.database import Book

_PIECE = 65_536


class _Pieces:
    """Strings that arrive one by one, as the file that COPY reads."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces, self._rest = pieces, ""
        self.fault: BaseException | None = None

    def read(self, size: int = -1) -> str:
        """Up to `size` characters; empty at the end."""
        parts, length = [self._rest], len(self._rest)
        try:
            while length < size and (piece := next(self._pieces, None)) is not None:
                parts.append(piece)
                length += len(piece)
        except BaseException as fault:
            self.fault = fault
            raise
        text = "".join(parts)
        text, self._rest = text[:size], text[size:]
        return text


def copy(book: Book, table: str, columns: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    """COPY rows into a staging table. What goes wrong while they are made is raised as it is, not as an error
    of COPY."""
    copy_written(book, table, columns, _written(rows))


def copy_written(book: Book, table: str, columns: tuple[str, ...], written: Iterator[str]) -> None:
    """The same for rows that are CSV already, in pieces of any length."""
    pieces: Any = _Pieces(written)
    try:
        with book.connection.cursor() as cursor:
            cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin (format csv)", pieces, _PIECE)
    except psycopg2.Error:
        if pieces.fault is not None:
            raise pieces.fault from None
        raise


def _written(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows as CSV, in pieces."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")  # so that a lone CR or LF in a cell is quoted
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def row(*cells: object) -> str:
    """One row as CSV."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
