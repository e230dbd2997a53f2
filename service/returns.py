"""Official returns: files of counts that somebody published, kept as published, with source and edition."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app, g
from flask_restx import Namespace, Resource
from marshmallow import fields

from service import areas, categories, layouts
from service.store import Book, database
from service.store.identifiers import new_id
from service.web import bodies, formats, logs, transactions
from service.web.fields import AsOf, Boolean, Date, Integer, Known, Output, Query, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.transactions import reading

returns = Namespace("returns", description="Official counts, as published.")

SECONDS_TO_KEEP = 600
MOST_FAULTS_SHOWN = 50


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


class FaultFilter(Paged):
    """As known when."""

    as_of = AsOf()


def reason_of(asked: dict[str, Any]) -> str:
    """Why the change is made that keeps a return."""
    return f"return received: {asked['source']} {asked['edition']}"


def take(book: Book, file: bytes, asked: dict[str, Any], take_change: Callable[[Book], Book]) -> tuple[dict[str, Any], bool]:
    """Take one file inside a prepared transaction; returns the return, and whether it is new.

    `asked` has the members of ReturnQuery. The very file received before as this edition is the return it was then. Raises a 422
    problem, listing line and reason, when a line is not understood and understood_only was not asked for.
    """
    edition = {"source": asked["source"], "edition": asked["edition"], "digest": hashlib.sha256(file).hexdigest()}
    if (row := book.returns.same(**edition)) is not None:
        return row, False
    layout = layouts.stage(book, file)
    refused = _judged(book, understood_only=bool(asked.get("understood_only")))
    database.wait_for_writers(book)
    if (row := book.returns.same(**edition)) is not None:  # it came twice at the same moment
        return row, False
    return_id, change = new_id(), take_change(book)
    change.returns.keep_cells(return_id=return_id)
    change.returns.keep_faults(return_id=return_id)
    title = asked.get("title") or asked["source"]
    return change.returns.keep(return_id=return_id, layout=layout, refused=refused, title=title, **edition), True


def _judged(book: Book, *, understood_only: bool) -> int:
    """How many lines are not understood. Raises a 422 problem unless all are, or the others are to be kept and there are any."""
    book.returns.understand()
    book.returns.judge()
    judged = book.returns.misunderstood()
    lines, refused = judged["lines"], int(judged["refused"])
    if not lines:
        raise Problem("refused-file", "The file holds no count.")
    if refused == 0 or (understood_only and refused < lines):
        return refused
    errors = [{"line": one["line"], "pointer": f"/{one['field']}", "detail": one["detail"]}
              for one in book.returns.first_faults(limit=MOST_FAULTS_SHOWN)]  # fmt: skip
    hint = "Correct them, or send understood_only=true to keep the others and list these." if refused < lines else None
    said = "line is" if refused == 1 else "lines are"
    raise Problem("refused-file", f"{refused:,} {said} not understood; nothing was kept. Line {errors[0]['line']}: {errors[0]['detail']}",
                  errors=errors, hint=hint)  # fmt: skip


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
        body = b"".join(bodies.pieces(current_app.config["LARGEST_RETURN_BYTES"], "A return"))
        with transactions.preparing(SECONDS_TO_KEEP) as sql:
            transactions.received(sql, hashlib.sha256(body).digest())

            def take_change(book: Book) -> Book:
                return database.take_change(book, reason_of(asked), caller=g.caller.name, trace_id=logs.trace_id())

            row, new = take(sql, body, asked, take_change)
            return Answer(row, {"Location": f"/v1/returns/{row['return_id']}"}, status=201 if new else 200)


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

    @operation("listReturnFaults", "List the lines of a return that were refused", query=FaultFilter(),
               returns=page_of(ReturnFault, "ReturnFaultPage"), formats=LISTED, listed=True, errors=(404,))  # fmt: skip
    def get(self, return_id: UUID, as_of: Any, **paging: Any) -> Answer:
        """By line, each with its reason."""
        with reading(as_of) as sql:
            found(sql.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            return listed(sql, sql.returns.list_faults, ReturnFault(), {"line": int, "field": str}, return_id=return_id, **paging)
