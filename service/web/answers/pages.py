"""Lists: keyset pages as JSON, or the whole result as CSV, NDJSON or Parquet, from one snapshot either
way."""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import request
from marshmallow import Schema, fields

from service.store import Book
from service.web import exchanges
from service.web.answers import exports, formats
from service.web.answers.answer import Answer
from service.web.answers.renderers import Rendered
from service.web.answers.row_formats import RowFormat
from service.web.answers.tags import unless_unchanged
from service.web.fields import Field, Integer, Output, Query, Row, Text
from service.web.problems import Problem

LONGEST_PAGE, USUAL_PAGE = 1000, 100
SHORT_PAGE = 20  # so few rows are written sooner here than the database can plan how to
CHUNK = 5000
"""Rows of a whole list fetched at once: each fetch sorts what is left, and so many take few megabytes."""
LISTED = (formats.JSON, formats.NDJSON, formats.CSV, formats.PARQUET)
TABLED = (formats.JSON, formats.NDJSON, formats.CSV)

Key = Mapping[str, type]
"""The columns a list is ordered by, unique together, with the type each has in Python."""

Select = Callable[..., list[Row]]
"""A statement of the book, or a function that takes what it takes."""


class Paged(Query):
    """What every list takes: a page's length and where it begins."""

    after = Text(longest=2000, metadata={"description": "The cursor in the next of the page before; opaque."})
    limit = Integer(
        least=1,
        most=LONGEST_PAGE,
        metadata={"description": f"Items in a page; {USUAL_PAGE} where not given."},
    )


def page_of(item: type[Schema], name: str) -> Output:
    """The schema of one page: {"items": […], "next": url or null}."""
    members: dict[str, Field] = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True),
    }
    return cast("Output", Output.from_dict(members, name=name)())


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as the content of an answer: what asks for its rows, and where it begins.

    `select` takes the filters, `limit`, and `after_<column>` for each column of the key (None at the start).
    JSON is one page; all other formats are the whole result, or one page where `limit` is given.
    `address_after` gives the address of the page after a row, as that is dumped. Where the operation is
    logged as an access, so are the filters and the rows that are shown.
    """

    book: Book
    select: Select
    item: Output
    key: Key = field(default_factory=dict)
    start: Row = field(default_factory=dict)
    filters: Row = field(default_factory=dict)
    limit: int | None = None
    address_after: Callable[[Row], str] | None = None

    def page_as_json(self, schema: Output) -> Rendered:
        """`items` and `next`, by the schema of a page."""
        rows, following = self._page(by_database=True)
        if lines := [row for row in rows if isinstance(row, bytes)]:
            body = b'{"items":[%b],"next":%b}' % (b",".join(lines), formats.json_bytes(following))
        else:
            body = formats.json_bytes(schema.dump({"items": rows, "next": following}))
        return Rendered(body + b"\n", _link_to(following))

    def in_rows(self, row_format: RowFormat) -> Rendered:
        """Every row from the start on, or those of a page."""
        about = {"crimebook:change": str(self.book.as_of)}
        if self.limit is None:
            return Rendered(self._whole(row_format, about))
        rows, following = self._page(by_database=False)
        dumped = (self.item.dump(row) for row in rows)
        return Rendered(row_format.write(self.item, dumped, about), _link_to(following))

    def _page(self, *, by_database: bool) -> tuple[list[Row] | list[bytes], str | None]:
        """The rows of a page, or lines of JSON where the database may write them and can; and the address of
        the next page, where there is one."""
        size = self.limit or USUAL_PAGE
        asked = self._asked() | {"limit": size + 1}
        rows: list[Row] | list[bytes] | None = None
        if by_database and size + 1 > SHORT_PAGE and self.key.keys() <= self.item.dump_fields.keys():
            rows = exports.page(self.book, self.select, self.item, asked)
        if rows is None:
            rows = list(self.select(**asked))
        shown = rows[:size]
        if note := exchanges.current().access_note:
            note.show_page(shown, self.filters)
        if len(rows) <= size or self.address_after is None:
            return shown, None
        return shown, self.address_after(self._position_of(shown[-1]))

    def _whole(self, row_format: RowFormat, about: dict[str, str]) -> Iterator[bytes]:
        """Written by the database where it can be, in one statement; else row by row."""
        asked, note = self._asked(), exchanges.current().access_note
        as_json = row_format.nested
        lines = exports.copying(self.book, self.select, self.item, asked | {"limit": None}, as_json=as_json)
        if lines is not None:
            if note is not None:
                lines = note.show_stream(asked).count_lines(lines, row_format.reader(self.item))
            return row_format.join(self.item, lines, about)
        rows = self._chunks()
        if note is not None:
            rows = note.show_stream(asked).count(rows)
        return row_format.write(self.item, (self.item.dump(row) for row in rows), about)

    def _asked(self) -> Row:
        return self.filters | _after(self.start)

    def _chunks(self) -> Iterator[Row]:
        """Every row from the start on, a chunk at a time."""
        position = self.start
        while True:
            rows = self.select(**self.filters, **_after(position), limit=CHUNK)
            yield from rows
            if len(rows) < CHUNK:
                return
            position = {name: rows[-1][name] for name in position}

    def _position_of(self, row: Row | bytes) -> Row:
        """The columns of the key in a row, which may be written already."""
        if isinstance(row, bytes):
            written = orjson.loads(row)
            return {name: _typed(written[name], kind) for name, kind in self.key.items()}
        return {name: row[name] for name in self.key}


def _after(position: Row) -> Row:
    return {f"after_{name}": value for name, value in position.items()}


def _link_to(following: str | None) -> dict[str, str] | None:
    return {"Link": f'<{following}>; rel="next"'} if following else None


def listed(
    book: Book,
    select: Select,
    item: Output,
    key: Key,
    *,
    after: str | None,
    limit: int | None,
    tagged: bool = True,
    fixed: dict[str, str] | None = None,
    **filters: Any,
) -> Answer:
    """Answer a list, from the cursor `after` on (see `Listing`).

    A list that can grow without a change is not `tagged`: no change tells its versions apart, so none may be
    answered with 304. `fixed` are parameters that the next page keeps whether or not they were sent.
    """
    fingerprint = hashlib.sha256(
        repr(sorted((name, str(value)) for name, value in filters.items())).encode()
    ).hexdigest()[:16]
    start = _read_cursor(after, key, fingerprint) if after else dict.fromkeys(key)
    if tagged:
        unless_unchanged(book)
    kept = {"as_of": str(book.as_of)} if "as_of" in exchanges.current().operation.query.fields else {}
    address_after = partial(_next_address, fingerprint, kept | (fixed or {}))
    listing = Listing(book, select, item, key, start, filters, limit, address_after)
    return Answer(listing, tag=book.as_of if tagged else None)


def tabled(book: Book, content: Row) -> Answer:
    """Answer with `items` and what is said of them all: JSON is the whole, other formats the items alone."""
    return Answer({"as_of": {"change": book.as_of, "at": book.at}, **content}, tag=book.as_of)


def _next_address(fingerprint: str, kept: dict[str, str], position: Row) -> str:
    """The same question from the next row on, as known at the same change."""
    cursor = (
        base64.urlsafe_b64encode(orjson.dumps([fingerprint, *(str(value) for value in position.values())]))
        .decode()
        .rstrip("=")
    )
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in ("after", *kept)]
    return f"{request.path}?{urlencode([*asked, *kept.items(), ('after', cursor)])}"


def _read_cursor(cursor: str, key: Key, fingerprint: str) -> Row:
    try:
        sent, *values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = {
            name: _typed(value, kind) for (name, kind), value in zip(key.items(), values, strict=True)
        }
    except (ValueError, TypeError, AttributeError):
        sent, position = None, {}
    if sent != fingerprint:
        detail = (
            "This cursor does not belong to this question: begin again without after, or follow next as"
            " it is."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "after", "detail": detail}])
    return position


def _typed(value: str, kind: type) -> object:
    makers: dict[type, Callable[[str], object]] = {
        dt.date: dt.date.fromisoformat,
        UUID: UUID,
        int: int,
        str: str,
        dt.datetime: dt.datetime.fromisoformat,
    }
    made = makers[kind](value)
    if isinstance(made, str) and "\x00" in made:
        raise ValueError(made)
    if isinstance(made, int) and not -(2**63) <= made < 2**63:  # what bigint can hold
        raise ValueError(value)
    return made
