"""A list as an Apache Parquet file, typed by its schema, a row group at a time: memory stays that of one
group.

pyarrow reads the lines of CSV that the database writes, and is imported only here and only when such a file
is asked for.
"""

from collections.abc import Iterator
from typing import Any

from marshmallow import fields, validate

from service.web.fields import Field, Instant

GROUP = 16 * 2**20  # bytes of CSV that make a row group


class _Sink:
    """A file that is never sought in: what was written since it was last taken."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes | memoryview) -> int:
        """Keep a copy: the writer uses its buffer again."""
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What has come since."""
        written, self._written = self._written, []
        return b"".join(written)

    def flush(self) -> None: ...

    def close(self) -> None: ...


def _type(field: Field) -> Any:
    """The Arrow type of a column."""
    import pyarrow as pa

    if isinstance(field, Instant):
        return pa.timestamp("us", tz="UTC")
    if isinstance(field, fields.Integer):
        bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
        return pa.int32() if bounds and bounds.min >= -(2**31) and bounds.max < 2**31 else pa.int64()
    for kind, made in ((fields.Float, pa.float64), (fields.Boolean, pa.bool_), (fields.Date, pa.date32)):
        if isinstance(field, kind):
            return made()
    return pa.string()


def file(columns: dict[str, Field], pieces: Iterator[list[bytes]], about: dict[str, str]) -> Iterator[bytes]:
    """The file, piece by piece, from lines of CSV without a header; `about` goes into its footer."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet as arrow_parquet

    types = {name: _type(field) for name, field in columns.items()}
    schema = pa.schema(list(types.items()), metadata=about)
    how = {
        "parse_options": arrow_csv.ParseOptions(newlines_in_values=True),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
        ),
    }
    sink = _Sink()
    writer = arrow_parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema)
    for group in _groups(pieces):
        reading = arrow_csv.ReadOptions(
            column_names=list(types), use_threads=False, block_size=len(group) + 1
        )
        table = arrow_csv.read_csv(pa.BufferReader(group), read_options=reading, **how)
        writer.write_table(table.replace_schema_metadata(about), row_group_size=table.num_rows)
        yield sink.take()
    writer.close()
    yield sink.take()


def _groups(pieces: Iterator[list[bytes]]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for piece in pieces:
        lines.extend(piece)
        size += sum(map(len, piece))
        if size >= GROUP:
            yield b"".join(lines)
            lines, size = [], 0
    if size:
        yield b"".join(lines)
