"""The formats of tables and of whole lists: rows that Python has, or lines that the database has written
(`service.web.answers.exports`), as one file."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import orjson

from service.web.answers import formats, parquet
from service.web.answers.exports import Lines
from service.web.fields import Output, Row


class RowFormat(Protocol):
    """How rows become a file.

    `nested` rows keep what lies in them, as JSON does: the database writes each as a line of JSON; of others
    it writes the cells, as CSV. `about` is said of the whole file, where a format has a place for it.
    """

    nested: bool

    def write(self, schema: Output, rows: Iterable[Row], about: dict[str, str]) -> Iterator[bytes]:
        """The file of rows as their schema dumps them."""

    def join(self, schema: Output, lines: Lines, about: dict[str, str]) -> Iterator[bytes]:
        """The same file of lines that the database has written."""

    def reader(self, schema: Output) -> Callable[[bytes], Row]:
        """What makes a row of such a line again, its members as they were written."""


class _Ndjson:
    """One JSON object on each line."""

    nested = True

    def write(self, schema: Output, rows: Iterable[Row], about: dict[str, str]) -> Iterator[bytes]:
        return formats.ndjson_lines(rows)

    def join(self, schema: Output, lines: Lines, about: dict[str, str]) -> Iterator[bytes]:
        return (b"".join(piece) for piece in lines)

    def reader(self, schema: Output) -> Callable[[bytes], Row]:
        return orjson.loads


class _Csv:
    """RFC 4180, with a header."""

    nested = False

    def write(self, schema: Output, rows: Iterable[Row], about: dict[str, str]) -> Iterator[bytes]:
        return formats.csv_lines(list(schema.table_columns()), rows)

    def join(self, schema: Output, lines: Lines, about: dict[str, str]) -> Iterator[bytes]:
        # RFC 4180 ends a row with CRLF, COPY with LF; a LF inside a cell stays what it is.
        end = schema.table_dialect.get("lineTerminators", ["\r\n"])[0].encode()
        titles = [schema.table_titles.get(name, name) for name in schema.table_columns()]
        yield ",".join(titles).encode() + end
        for piece in lines:
            yield b"".join(piece) if end == b"\n" else end.join([row[:-1] for row in piece]) + end

    def reader(self, schema: Output) -> Callable[[bytes], Row]:
        return _cells_reader(schema)


class _Parquet:
    """Apache Parquet, typed by the schema."""

    nested = False

    def write(self, schema: Output, rows: Iterable[Row], about: dict[str, str]) -> Iterator[bytes]:
        columns = schema.table_columns()
        lines = formats.csv_lines(list(columns), rows, headed=False)
        return parquet.file(columns, ([line] for line in lines), about)

    def join(self, schema: Output, lines: Lines, about: dict[str, str]) -> Iterator[bytes]:
        return parquet.file(schema.table_columns(), lines, about)

    def reader(self, schema: Output) -> Callable[[bytes], Row]:
        return _cells_reader(schema)


def _cells_reader(schema: Output) -> Callable[[bytes], Row]:
    names = list(schema.table_columns())
    return lambda line: dict(
        zip(names, next(csv.reader(io.StringIO(line.decode(), newline=""))), strict=True)
    )


NDJSON: RowFormat = _Ndjson()
CSV: RowFormat = _Csv()
PARQUET: RowFormat = _Parquet()
