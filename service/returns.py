"""Official returns: files of counts that somebody published, kept as published, with source and edition."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service import areas, categories
from service.receiving import copy
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web import formats, logs, transactions
from service.web.fields import AsOf, Boolean, Date, Integer, Output, Query, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.transactions import reading

returns = Namespace("returns", description="Official counts, as published.")

LAYOUTS = {
    "home-office-force": {"year": "Financial Year", "quarter": "Financial Quarter", "area": "Force Name", "counted": "Offence Code",
                          "number": "Number of Offences"},
    "ons-rolling-year": {"year": "12 months ending", "area": "PFA", "counted": "Offence", "number": "Rolling year total number of offences"},
}  # fmt: skip
"""Files that are recognised by their headings, and the column in which each says what."""

SECONDS_TO_KEEP = 600
STAGED = ("year", "quarter", "area", "counted", "number")


class ReturnQuery(Query):
    """What the file is."""

    edition = Text(required=True, longest=10, metadata={"description": "When it was published: 2026-04-23, 2026-04 or 2026."})
    source = Text(required=True, longest=100, metadata={"description": "Who counts: home-office-pfa, ons-rolling-year, …"})
    title = Text(longest=300)
    understood_only = Boolean(
        metadata={"description": "Keep the lines that are understood and list the others; else one such line refuses the file."}
    )


class Return(Output):
    """A return received."""

    cells = Integer(least=0, most=2**31 - 1)
    digest = fields.String(metadata={"description": "SHA-256 of the bytes received."})
    edition = fields.String()
    first_day = Date(allow_none=True)
    last_day = Date(allow_none=True)
    layout = fields.String()
    refused = Integer(least=0, most=2**31 - 1, metadata={"description": "Lines that could not be understood."})
    return_id = Uuid()
    since_change = Integer(least=1, most=2**62)
    source = fields.String()
    title = fields.String()
    total = Integer(least=-(2**53), most=2**53, metadata={"description": "The sum of all its cells."})


class Cell(Output):
    """One count of a return, and the line it stood on."""

    area = fields.String()
    category = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    count = Integer(least=-(2**31), most=2**31 - 1)
    from_on = Date()
    line = Integer(least=1, most=2**31 - 1)
    to_on = Date()


class ReturnFault(Output):
    """A line that was not understood."""

    detail = fields.String()
    field = fields.String()
    line = Integer(least=1, most=2**31 - 1)
    value = fields.String(allow_none=True)


class ReturnFilter(Paged):
    """Which returns."""

    as_of = AsOf()
    source = Text(longest=100)


class CellFilter(Paged):
    """Which cells."""

    area = Text()
    as_of = AsOf()
    category = Text()
    code = Text(longest=24)
    from_on = Date()
    to_on = Date()


class Known(Query):
    """As known when."""

    as_of = AsOf()


def _read_layout(header: list[str]) -> tuple[str, list[int | None]]:
    """Which layout has these headings, and where each staged column stands."""
    for layout, headings in LAYOUTS.items():
        if set(headings.values()) <= set(header):
            return layout, [header.index(headings[name]) if name in headings else None for name in STAGED]
    known = "; ".join(", ".join(headings.values()) for headings in LAYOUTS.values())
    raise Problem("refused-file", f"The headings are of no layout known here. Known are: {known}.")


def _copied(rows: Iterator[list[str]], positions: list[int | None]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for line, row in enumerate(rows, start=2):
        if row:
            cells = (row[at].strip() if at is not None and at < len(row) else None for at in positions)
            writer.writerow((line, *cells))
        if buffer.tell() > 65_536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def held(book: Book, file: bytes, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The return, where this very file has been received as this edition before: then nothing needs to change."""
    row: dict[str, Any] | None = book.returns.same(source=asked["source"], edition=asked["edition"], digest=_digest(file))
    return row


def _digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def receive(book: Book, file: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """Keep a return, inside a change. `asked` has the members of ReturnQuery.

    Raises a 422 problem, listing line and reason, when a line is not understood and understood_only was not asked for.
    """
    digest, return_id = _digest(file), new_id()
    layout = _stage(book, file)
    book.returns.understand()
    faults = book.returns.faults()
    if faults and not asked.get("understood_only"):
        errors = [{"line": one["line"], "pointer": f"/{one['field']}", "detail": one["detail"]} for one in faults[:50]]
        lines = len({one["line"] for one in faults})
        raise Problem("refused-file", f"{lines:,} lines are not understood; nothing was kept. Line {errors[0]['line']}: {errors[0]['detail']}",
                      errors=errors, hint="Correct them, or send understood_only=true to keep the others and list these.")  # fmt: skip
    refused = sorted({one["line"] for one in faults})
    book.returns.keep_cells(return_id=return_id, refused=refused)
    book.returns.keep_faults(return_id=return_id, faults=as_json(faults))
    return dict(book.returns.keep(return_id=return_id, source=asked["source"], edition=asked["edition"], digest=digest, layout=layout,
                                  refused=len(refused), title=asked.get("title") or asked["source"]))  # fmt: skip


def _stage(book: Book, file: bytes) -> str:
    """Put the lines as they came into staged_count; returns their layout."""
    try:
        text = (gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file).decode("utf-8-sig")
    except (UnicodeDecodeError, OSError, EOFError) as fault:
        raise Problem("refused-file", f"The file is not CSV in UTF-8: {fault}.") from None
    if "\x00" in text:
        raise Problem("refused-file", "The file holds the character NUL.")
    rows = csv.reader(io.StringIO(text))
    layout, positions = _read_layout([cell.strip() for cell in next(rows, [])])
    book.returns.begin_staging()
    copy(book, "staged_count", ("line", *STAGED), _copied(rows, positions))
    return layout


def _whole_body() -> bytes:
    limit: int = current_app.config["LARGEST_RETURN_BYTES"]
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise Problem("too-large", f"A return has at most {limit:,} bytes.")
    g.received = hashlib.sha256(body).digest()
    return body


@returns.route("")
class Returns(Resource):
    """Every return."""

    @operation("listReturns", "List returns", query=ReturnFilter(), returns=page_of(Return, "ReturnPage"), formats=LISTED, listed=True)
    def get(self, as_of: Any, **filters: Any) -> Answer:
        """By source and edition; superseded ones too."""
        with reading(as_of) as sql:
            return listed(sql, sql.returns.list, Return(), {"source": str, "edition": str, "return_id": UUID}, **filters)

    @operation("receiveReturn", "Receive a return", query=ReturnQuery(), returns=Return(), scope="administer", status=201,
               streamed=(formats.CSV,), tagged=True, errors=(409,))  # fmt: skip
    def post(self, **asked: Any) -> Answer:
        """A CSV file with the headings of a Home Office force table or an ONS rolling-year table, as it is or gzipped."""
        body = _whole_body()
        with transactions.preparing(SECONDS_TO_KEEP) as sql:
            row = held(sql, body, asked)
            if row is None:
                change = database.take_change(sql, f"return received: {asked['source']} {asked['edition']}", caller=g.caller.name,
                                              trace_id=logs.trace_id())  # fmt: skip
                row = receive(transactions.written(change), body, asked)
            return Answer(row, {"Location": f"/v1/returns/{row['return_id']}"})


@returns.route("/<uuid:return_id>")
class OneReturn(Resource):
    """One return."""

    @operation("readReturn", "Read one return", query=Known(), returns=Return(), tagged=True, errors=(404,))
    def get(self, return_id: UUID, as_of: Any) -> dict[str, Any]:
        """Its source, edition, extent and sum."""
        with reading(as_of) as sql:
            return found(sql.returns.read(return_id=return_id), f"No return has the id {return_id}.")


@returns.route("/<uuid:return_id>/cells")
class ReturnCells(Resource):
    """What it holds."""

    @operation("listReturnCells", "List the counts of a return", query=CellFilter(), returns=page_of(Cell, "CellPage"), formats=LISTED,
               listed=True, errors=(404,))  # fmt: skip
    def get(self, return_id: UUID, as_of: Any, area: str | None, category: str | None, **filters: Any) -> Answer:
        """In the order of its lines."""
        with reading(as_of) as sql:
            found(sql.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            place = areas.named(sql, [area])[0]["area"] if area else None
            counted = categories.named(sql, [category])[0]["category"] if category else None
            return listed(sql, sql.returns.list_cells, Cell(), {"line": int}, return_id=return_id, area=place, category=counted, **filters)


@returns.route("/<uuid:return_id>/faults")
class ReturnFaults(Resource):
    """What of it was not understood."""

    @operation("listReturnFaults", "List the lines of a return that were refused", query=Paged(), returns=page_of(ReturnFault, "ReturnFaultPage"),
               formats=LISTED, listed=True, errors=(404,))  # fmt: skip
    def get(self, return_id: UUID, **paging: Any) -> Answer:
        """By line, each with its reason."""
        with reading() as sql:
            found(sql.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            return listed(sql, sql.returns.list_faults, ReturnFault(), {"line": int, "field": str}, return_id=return_id, **paging)
