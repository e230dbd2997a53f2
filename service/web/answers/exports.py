"""Lists as the database itself writes them: whole ones as files of NDJSON or CSV, pages as JSON, just as the
schema of an item would.

A list is one `select`; around it goes a COPY whose columns are made from the fields of the item, so that a
list of millions is one plan in one snapshot and no row becomes a Python object. A line of JSON comes in the
binary form of COPY, which alters no letter. Around a page goes a plain `select` of the same text: a hundred
lines need no thread to take them. What stands here and marshmallow must agree on every value:
tests/web/answers/test_exports.py holds the one against the other.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2.extensions
from marshmallow import fields

from service.store import Book, copying_out
from service.web.fields import Boolean, Choice, Date, Field, Instant, Integer, Number, Output, Text, Uuid

Lines = Iterator[list[bytes]]
"""Lines as they come from the database, in lists, each line with its LF."""

_DAY, _NUMERIC, _UUID = 1082, 1700, 2950  # what PostgreSQL numbers its types by
_TEXT = {25, 1042, 1043}
_AS_COPIED = {20, 21, 23, *_TEXT, _DAY, _UUID}
_ARRAYS = {1009, 1005, 1007, 1016, 2951}
_HEADER, _BEFORE_TEXT, _END = 19, 6, b"\xff\xff"  # of the binary form of COPY, in bytes
_WRITTEN = frozenset({fields.String, Text, Choice, Integer, Number, Boolean, Uuid, Date, Instant})


def copying(
    book: Book, select: Callable[..., Any], item: Output, asked: dict[str, Any], *, as_json: bool
) -> Lines | None:
    """The lines of a list as the database writes them, of JSON or of CSV; None where an item has members that
    only Python can write.

    Nothing is asked of the database before the first line is.
    """
    if not _writable(select, item):
        return None

    def lines() -> Lines:
        statement = select.text_with(**asked)  # type: ignore[attr-defined]
        found, numbered = _numbered(_described(book, statement))
        columns = [(name, field, *found[name]) for name, field in item.dump_fields.items()]
        told = (
            f"{_object(columns)} || E'\\n'"
            if as_json
            else ", ".join(_cell(column, field, kind) for _, field, column, kind in columns)
        )
        how = "binary" if as_json else "csv"
        rows = f"select {told} from ({statement}) as {numbered}"  # all ours # nosec B608
        around = f"copy ({rows}) to stdout (format {how})"
        made = copying_out.copy_out(book.connection, around)
        yield from _unpacked(made) if as_json else made

    return lines()


def page(book: Book, select: Callable[..., Any], item: Output, asked: dict[str, Any]) -> list[bytes] | None:
    """The items of a page as JSON, as the database writes them; None where only Python can, or where two
    columns have one name."""
    if not _writable(select, item):
        return None
    statement = select.text_with(**asked)  # type: ignore[attr-defined]
    which = (select.text, type(item), tuple(item.dump_fields))  # type: ignore[attr-defined]
    if which not in _lines:
        _lines[which] = _line(book, statement, item)
    if (line := _lines[which]) is None:
        return None
    with book.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
        cursor.execute(f"select {line} from ({statement}) as item")  # all ours # nosec B608
        return [line.encode() for (line,) in cursor]


_lines: dict[tuple[str, type[Output], tuple[str, ...]], str | None] = {}
"""How a named statement, as it stands in its file, has the items of a schema written: asked of the database
once in the life of a process.

What types its columns have does not hang on what is asked. They are called by their names, so that a column
which a migration adds meanwhile moves no other.
"""


def _line(book: Book, statement: str, item: Output) -> str | None:
    described = _described(book, statement)
    kinds = dict(described)
    if len(kinds) < len(described):
        return None
    return _object([(name, field, f'item."{name}"', kinds[name]) for name, field in item.dump_fields.items()])


def _writable(select: Callable[..., Any], item: Output) -> bool:
    return hasattr(select, "text_with") and all(_fits(field) for field in item.dump_fields.values())


def _unpacked(pieces: Lines) -> Lines:
    """The lines in binary rows of one text: before the first stands the header of the file, before each its
    numbers of columns, bytes."""
    header = _HEADER
    for piece in pieces:
        piece[0], header = piece[0][header:], 0
        if lines := [row[_BEFORE_TEXT:] for row in piece if row not in (b"", _END)]:
            yield lines


def _described(book: Book, statement: str) -> list[tuple[str, int]]:
    """The name and type of each column, without asking for a row."""
    with book.connection.cursor() as cursor:
        described = f"select * from ({statement}) as item limit 0"  # a named statement of ours # nosec B608
        cursor.execute(described)
        return [(column.name, column.type_code) for column in cursor.description or ()]


def _numbered(described: list[tuple[str, int]]) -> tuple[dict[str, tuple[str, int]], str]:
    """What each column is called in the COPY, and its type. Of two columns with one name, the last counts."""
    found = {name: (f"item.c{number}", kind) for number, (name, kind) in enumerate(described)}
    return found, f"item ({', '.join(f'c{number}' for number in range(len(described)))})"


def _fits(field: Field) -> bool:
    """Can SQL write it? Scalars, lists of scalars, and lists of things that hold nothing but scalars."""
    if isinstance(field, fields.List):
        inner = field.inner
        return _scalar(inner) or (
            isinstance(inner, fields.Nested)
            and all(_scalar(one) for one in inner.schema.dump_fields.values())
        )
    return _scalar(field)


def _scalar(field: Field) -> bool:
    return type(field) in _WRITTEN  # one that is made from another may write itself otherwise


def _object(columns: list[tuple[str, Field, str, int]]) -> str:
    """One row as the text of a JSON object. Concatenated as a balanced tree: a chain would copy the growing
    text once for each member."""
    parts = []
    for position, (name, field, column, kind) in enumerate(columns):
        lead = _lead(position, name)
        parts.append(f"coalesce('{lead}' || {_json(column, field, kind)}, '{lead}null')")
    return f"({_balanced(parts)} || '}}')"


def _lead(position: int, name: str) -> str:
    """What stands before a member of an object."""
    return f'{"," if position else "{"}"{name}":'


def _balanced(parts: list[str]) -> str:
    middle = len(parts) // 2
    return parts[0] if len(parts) == 1 else f"({_balanced(parts[:middle])} || {_balanced(parts[middle:])})"


def _json(column: str, field: Field, kind: int) -> str:
    """A value as the text of JSON; null stays null."""
    if isinstance(field, fields.List):
        return _list(column, field, kind)
    if isinstance(field, fields.Float):
        return _number(column, field, kind)
    if isinstance(field, (fields.Integer, fields.Boolean)):
        return _cell(column, field, kind)
    if isinstance(field, (fields.UUID, fields.Date, Instant)) or kind in (_UUID, _DAY):
        return f"""'"' || {_cell(column, field, kind)} || '"'"""
    return f"to_json({column}{'' if kind in _TEXT else '::text'})::text"


def _number(column: str, field: Field, kind: int) -> str:
    """A double as orjson writes it: as Python does, but for the smallest."""
    plain, double = _cell(column, field, kind), f"({column}::float8)::text"
    tiny = (
        f"case when abs({column}) < 1e-5 then replace({double}, 'e-0', 'e-') else"
        f" ({double})::numeric::text end"
    )
    return f"case when {column} <> 0 and abs({column}) < 1e-4 then {tiny} else {plain} end"


def _cell(column: str, field: Field, kind: int) -> str:
    """A value as the text of a cell; null stays null."""
    if isinstance(field, fields.List):
        return (
            f"nullif({_words(column, kind)}, '')"
            if _scalar(field.inner)
            else f"nullif({_list(column, field, kind)}, '[]')"
        )
    if isinstance(field, Instant):  # the session is in UTC
        return f"{column}::date || 'T' || {column}::time || 'Z'"
    if isinstance(field, fields.Float):  # as Python writes a double: with a point where it is whole
        least = "1e16" if kind == _NUMERIC else "1e15"  # a double is written with an exponent from there on
        whole = f"{column} = trunc({column}) and abs({column}) < {least}"
        return f"case when {whole} then trunc({column}) || '.0' else ({column}::float8)::text end"
    if kind in _AS_COPIED:  # COPY writes it as it should be, and faster than a cast
        return column
    return f"{column}::bigint" if isinstance(field, fields.Integer) else f"{column}::text"


def _words(column: str, kind: int) -> str:
    if kind in _ARRAYS:
        return f"array_to_string({column}, ' ')"
    parts = f"jsonb_array_elements({column}) with ordinality as told (part, place)"
    return f"(select string_agg(part #>> '{{}}', ' ' order by place) from {parts})"  # ours # nosec B608


def _list(column: str, field: Field, kind: int) -> str:
    """A list as compact JSON, its objects with their members in the order of the schema."""
    if kind in _ARRAYS:
        return f"array_to_json({column})::text"
    part = "part::text"
    if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
        members = []
        for position, (name, inner) in enumerate(field.inner.schema.dump_fields.items()):
            lead = _lead(position, name)
            members.append(f"coalesce('{lead}' || {_member(name, inner)}, '{lead}null')")
        part = f"{_balanced(members)} || '}}'"
    joined = f"'[' || coalesce(string_agg({part}, ',' order by place), '') || ']'"
    parts = f"jsonb_array_elements({column}) with ordinality as told (part, place)"
    return f"(select {joined} from {parts} where {column} is not null)"  # ours # nosec B608


def _member(name: str, field: Field) -> str:
    if isinstance(field, fields.Float):
        number = f"(part ->> '{name}')::numeric"
        return f"({_number(number, field, _NUMERIC)})"
    return f"(part -> '{name}')::text"
