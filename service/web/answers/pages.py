"""Lists: keyset pages as JSON, or the whole result as CSV, NDJSON or Parquet, from one snapshot either
way."""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import request
from marshmallow import Schema, fields

from service.store import Book
from service.web import exchanges
from service.web.answers import exports, formats
from service.web.answers.answer import Answer
from service.web.answers.tags import unless_unchanged
from service.web.fields import Integer, Output, Query, Text
from service.web.problems import Problem

LONGEST_PAGE, USUAL_PAGE = 1000, 100
SHORT_PAGE = 20  # so few rows are written sooner here than the database can plan how to
CHUNK = 5000
"""Rows of a whole list fetched at once: each fetch sorts what is left, and so many take few megabytes."""
LISTED = (formats.JSON, formats.NDJSON, formats.CSV, formats.PARQUET)
TABLED = (formats.JSON, formats.NDJSON, formats.CSV)

Key = dict[str, type]
"""The columns a list is ordered by, unique together, with the type each has in Python."""

Run = Callable[[dict[str, Any], int], list[dict[str, Any]]]
"""At most so many rows after a position."""


class Paged(Query):
    """What every list takes: a page's length and where it begins."""

    after = Text(longest=2000, metadata={"description": "The cursor in the next of the page before; opaque."})
    limit = Integer(
        least=1,
        most=LONGEST_PAGE,
        metadata={"description": f"Items in a page; {USUAL_PAGE} where not given."},
    )


def page_of(item: type[Schema], name: str) -> Schema:
    """The schema of one page: {"items": […], "next": url or null}."""
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True),
    }
    return Output.from_dict(members, name=name)()


def listed(
    book: Book,
    select: Callable[..., list[dict[str, Any]]],
    item: Output,
    key: Key,
    *,
    after: str | None,
    limit: int | None,
    tagged: bool = True,
    fixed: dict[str, str] | None = None,
    **filters: Any,
) -> Answer:
    """Answer a list. `select` takes the filters, `limit`, and `after_<column>` for each column of the key
    (None at the start).

    JSON is one page, all else the whole result, either written by the database where it can be; or one page
    where `limit` is given. A list that can grow without a change is not `tagged`: no change tells its
    versions apart, so none may be answered with 304. `fixed` are parameters that the next page keeps whether
    or not they were sent. Where the operation is logged as an access, so are the filters and the rows that
    are shown.
    """
    fingerprint = hashlib.sha256(
        repr(sorted((name, str(value)) for name, value in filters.items())).encode()
    ).hexdigest()[:16]
    start = _read_cursor(after, key, fingerprint) if after else dict.fromkeys(key)
    tag = book.as_of if tagged else None
    if tagged:
        unless_unchanged(book)
    if exchanges.current().media_type != formats.JSON and limit is None:
        return Answer(stream=everything(book, select, item, start, **filters), tag=tag)
    size = limit or USUAL_PAGE
    rows = _rows(
        book,
        select,
        item,
        key,
        {**filters, **{f"after_{name}": value for name, value in start.items()}, "limit": size + 1},
    )
    shown = rows[:size]
    kept = ({"as_of": str(book.as_of)} if "as_of" in exchanges.current().operation.query.fields else {}) | (
        fixed or {}
    )
    following = _next_address(shown[-1], key, fingerprint, kept) if len(rows) > size else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    if note := exchanges.current().access_note:
        note.show_page(shown, filters)
    if exchanges.current().media_type == formats.JSON:
        return Answer(_page(shown, following), headers, tag=tag)
    return Answer(headers=headers, stream=exports.written(item, iter(shown), _about(book)), tag=tag)


def _rows(book: Book, select: Callable[..., Any], item: Output, key: Key, asked: dict[str, Any]) -> list[Any]:
    """What a page shows and one more: lines of JSON where the database can write them and the key can be read
    from them, else rows."""
    wanted = (
        exchanges.current().media_type == formats.JSON
        and asked["limit"] > SHORT_PAGE
        and key.keys() <= item.dump_fields.keys()
    )
    lines = exports.page(book, select, item, asked) if wanted else None
    return list(select(**asked)) if lines is None else lines


def _page(shown: list[Any], following: str | None) -> bytes | dict[str, Any]:
    """A page as JSON, written already where its items are."""
    if shown and isinstance(shown[0], bytes):
        return b'{"items":[%b],"next":%b}' % (b",".join(shown), formats.json_bytes(following))
    return {"items": shown, "next": following}


def everything(
    book: Book,
    select: Callable[..., list[dict[str, Any]]],
    item: Output,
    start: dict[str, Any],
    **filters: Any,
) -> Iterator[bytes]:
    """The whole result after a position, in the representation that the caller asked for."""
    asked = {**filters, **{f"after_{name}": value for name, value in start.items()}}
    if lines := exports.copying(book, select, item, {**asked, "limit": None}):
        if note := exchanges.current().access_note:
            lines = note.show_stream(asked).count_lines(lines, exports.reader(item))
        return exports.copied(item, lines, _about(book))

    def run(position: dict[str, Any], most: int) -> list[dict[str, Any]]:
        return select(**filters, **{f"after_{name}": value for name, value in position.items()}, limit=most)

    rows = whole(run, start)
    if note := exchanges.current().access_note:
        rows = note.show_stream(asked).count(rows)
    return exports.written(item, rows, _about(book))


def _about(book: Book) -> dict[str, str]:
    return {"crimebook:change": str(book.as_of)}


def whole(run: Run, position: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every row from a position on, a chunk at a time."""
    while True:
        rows = run(position, CHUNK)
        yield from rows
        if len(rows) < CHUNK:
            return
        position = {name: rows[-1][name] for name in position}


def tabled(book: Book, answer: dict[str, Any], item: Output) -> Answer:
    """Answer with `items` and what is said of them all: JSON is the whole, CSV and NDJSON the items alone."""
    if exchanges.current().media_type != formats.JSON:
        return Answer(stream=exports.written(item, iter(answer["items"]), {}), tag=book.as_of)
    return Answer({"as_of": {"change": book.as_of, "at": book.at}, **answer}, tag=book.as_of)


def _next_address(last: dict[str, Any] | bytes, key: Key, fingerprint: str, kept: dict[str, str]) -> str:
    """The same question from the next row on, as known at the same change. The last row shown may be written
    already."""
    if isinstance(last, bytes):
        told = orjson.loads(last)
        last = {name: _typed(told[name], kind) for name, kind in key.items()}
    cursor = (
        base64.urlsafe_b64encode(orjson.dumps([fingerprint, *(str(last[name]) for name in key)]))
        .decode()
        .rstrip("=")
    )
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in ("after", *kept)]
    return f"{request.path}?{urlencode([*asked, *kept.items(), ('after', cursor)])}"


def _read_cursor(cursor: str, key: Key, fingerprint: str) -> dict[str, Any]:
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


def _typed(value: str, kind: type) -> Any:
    makers: dict[type, Callable[[str], Any]] = {
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
