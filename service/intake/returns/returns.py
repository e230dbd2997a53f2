"""Official returns: files of counts that somebody published, kept as published, with source and edition."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.intake.returns import home_office_tables, staging, tables, workbooks
from service.intake.returns.layouts import Layout
from service.periods import PeriodField
from service.reference import areas, categories
from service.reference.outcome_types import OUTCOMES
from service.store import Book, database
from service.store.identifiers import new_id
from service.web import exchanges, logs
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Boolean, Choice, Date, Integer, Known, Output, Query, Text, Uuid
from service.web.problems import Problem
from service.web.request import bodies, transactions
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading
from service.web.request.wiring import wiring

returns = Namespace("returns", description="Official counts, as published.")

SECONDS_TO_KEEP = 600
MOST_FAULTS_SHOWN = 50


READ = (formats.CSV, workbooks.ODS, workbooks.XLSX)
BASES = ("assigned", "recorded")


class ReturnQuery(Query):
    """What the file is."""

    basis = Choice(
        "OutcomeBasis", *BASES, metadata={"description": "Of outcomes whose heading does not say it."}
    )
    edition = Text(
        required=True,
        longest=10,
        metadata={"description": "When it was published: 2026-04-23, 2026-04 or 2026."},
    )
    period = PeriodField(metadata={"description": "Of a table of ONS that does not say it in a title."})
    source = Text(
        required=True,
        longest=100,
        metadata={"description": "Who counts: home-office-pfa, ons-rolling-year, …"},
    )
    title = Text(longest=300)
    understood_only = Boolean(
        metadata={
            "description": (
                "Keep the lines that are understood and list the others; else one such line refuses the file."
            )
        }
    )


class Return(Output):
    """A return received."""

    table_key = ("return_id",)

    cells = Integer(least=0, most=2**31 - 1)
    digest = fields.String(metadata={"description": "SHA-256 of the bytes received."})
    edition = fields.String()
    first_day = Date(allow_none=True)
    last_day = Date(allow_none=True)
    layout = fields.String()
    refused = Integer(
        least=0, most=2**31 - 1, metadata={"description": "Lines that could not be understood."}
    )
    return_id = Uuid()
    since_change = Integer(least=1, most=2**62)
    source = fields.String()
    title = fields.String()
    total = Integer(
        least=-(2**53),
        most=2**53,
        metadata={
            "description": (
                "The sum of its counts; of outcomes on the basis recorded where there is one, without"
                " of-which types."
            )
        },
    )


class Cell(Output):
    """One count of a return, and the line it stood on."""

    table_key = ("cell",)

    area = fields.String()
    basis = Choice(
        "OutcomeBasis",
        *BASES,
        allow_none=True,
        metadata={
            "description": "Of a count of outcomes: assigned in the period, or of the crimes recorded in it."
        },
    )
    category = fields.String(allow_none=True)
    cell = Integer(least=1, most=2**31 - 1, metadata={"description": "Its number in the file."})
    code = fields.String(allow_none=True)
    count = Integer(
        least=-(2**31),
        most=2**31 - 1,
        allow_none=True,
        metadata={"description": "Null where it is withheld."},
    )
    from_on = Date()
    line = Integer(least=1, most=2**31 - 1)
    outcome = fields.String(
        allow_none=True, metadata={"description": "The type of outcome counted; null where offences are."}
    )
    sheet = fields.String(allow_none=True)
    to_on = Date()
    unassigned = fields.String(
        allow_none=True,
        metadata={"description": "What the table calls a part of the force that no partnership has."},
    )
    withheld = fields.String(
        allow_none=True, metadata={"description": "The mark that stands in place of a count."}
    )
    withheld_because = fields.String(allow_none=True)


class ReturnFault(Output):
    """A line that was not understood."""

    table_key = ("cell", "field")

    cell = Integer(least=1, most=2**31 - 1)
    detail = fields.String()
    field = fields.String()
    line = Integer(least=1, most=2**31 - 1)
    sheet = fields.String(allow_none=True)
    value = fields.String(allow_none=True)


class ReturnFilter(Paged):
    """Which returns."""

    as_of = AsOf()
    source = Text(longest=100)


class CellFilter(Paged):
    """Which cells."""

    area = Text()
    as_of = AsOf()
    basis = Choice("OutcomeBasis", *BASES)
    category = Text()
    code = Text(longest=24)
    from_on = Date()
    outcome = Choice(
        "OutcomeType", *OUTCOMES, metadata={"description": "With its of-which types: 1 finds 1A too."}
    )
    to_on = Date()


class FaultFilter(Paged):
    """As known when."""

    as_of = AsOf()


def reason_of(asked: dict[str, Any]) -> str:
    """Why the change is made that keeps a return."""
    return f"return received: {asked['source']} {asked['edition']}"


def take(
    book: Book, file: bytes, asked: dict[str, Any], take_change: Callable[[Book], Book]
) -> tuple[dict[str, Any], bool]:
    """Take one file inside a prepared transaction; returns the return, and whether it is new.

    `asked` has the members of ReturnQuery. The very file received before as this edition is the return it was
    then. Raises a 422 problem, listing line and reason, when a line is not understood and understood_only was
    not asked for.
    """
    edition = {
        "source": asked["source"],
        "edition": asked["edition"],
        "digest": hashlib.sha256(file).hexdigest(),
    }
    if (row := book.intake.returns.returns.same(**edition)) is not None:
        return row, False
    layout = staging.stage(book, file, staging.Asked(asked.get("period"), asked.get("basis")))
    refused = _judged(book, layout, understood_only=bool(asked.get("understood_only")))
    database.wait_for_writers(book)
    if (row := book.intake.returns.returns.same(**edition)) is not None:  # it came twice at the same moment
        return row, False
    return_id, change = new_id(), take_change(book)
    change.intake.returns.returns.keep_cells(return_id=return_id)
    change.intake.returns.returns.keep_outcome_cells(return_id=return_id)
    change.intake.returns.returns.keep_faults(return_id=return_id)
    if layout.name == home_office_tables.LAYOUT and not file.startswith(tables.ZIP):
        home_office_tables.keep_wording(change, return_id, file)
    title = asked.get("title") or asked["source"]
    return (
        change.intake.returns.returns.keep(
            return_id=return_id, layout=layout.name, refused=refused, title=title, **edition
        ),
        True,
    )


def _judged(book: Book, layout: Layout, *, understood_only: bool) -> int:
    """How many lines are not understood. Raises a 422 problem unless all are, or the others are to be kept
    and there are any."""
    for name in (
        book.intake.returns.returns.name_forces,
        book.intake.returns.returns.name_partnerships,
        book.intake.returns.returns.name_codes,
    ):
        name()
    book.intake.returns.returns.understand(by_code=layout.by_code, rolling=layout.rolling)
    if layout.wide:
        book.intake.returns.returns.drop_said_twice()
    book.intake.returns.returns.judge(by_code=layout.by_code, rolling=layout.rolling)
    judged = book.intake.returns.returns.misunderstood()
    lines, kept = int(judged["lines"]), judged["staged"] - judged["cells"]
    if not judged["staged"]:
        raise Problem("refused-file", "The file holds no count.")
    if lines == 0 or (understood_only and kept > 0):
        return lines
    errors = [_told(one) for one in book.intake.returns.returns.first_faults(limit=MOST_FAULTS_SHOWN)]
    hint = (
        "Correct them, or send understood_only=true to keep the others and list these." if kept > 0 else None
    )
    said = "line is" if lines == 1 else "lines are"
    where = f"Sheet {errors[0]['sheet']}, line" if "sheet" in errors[0] else "Line"
    detail = (
        f"{lines:,} {said} not understood; nothing was kept. {where} {errors[0]['line']}:"
        f" {errors[0]['detail']}"
    )
    raise Problem("refused-file", detail, errors=errors, hint=hint)


def _told(fault: dict[str, Any]) -> dict[str, Any]:
    """A fault as an error of a problem."""
    told = {"line": fault["line"], "pointer": f"/{fault['field']}", "detail": fault["detail"]}
    return told | {"sheet": fault["sheet"]} if fault["sheet"] else told


def _require_type(file: bytes) -> None:
    """Raises a 422 problem for a workbook sent as CSV, or the other way about."""
    if file.startswith(tables.ZIP) != (request.mimetype != formats.CSV):
        raise Problem(
            "refused-file",
            f"The body is not {request.mimetype}.",
            hint="Send the Content-Type that the file has.",
        )


@returns.route("")
class Returns(Resource):
    """Every return."""

    @operation(
        "listReturns",
        "List returns",
        query=ReturnFilter(),
        returns=page_of(Return, "ReturnPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: Any, **filters: Any) -> Answer:
        """By source and edition; superseded ones too."""
        with reading(as_of) as sql:
            return listed(
                sql,
                sql.intake.returns.returns.list,
                Return(),
                {"source": str, "edition": str, "return_id": UUID},
                **filters,
            )

    @operation(
        "receiveReturn",
        "Receive a return",
        query=ReturnQuery(),
        returns=Return(),
        scope="administer",
        status=201,
        streamed=READ,
        tagged=True,
        errors=(409,),
    )
    def post(self, **asked: Any) -> Answer:
        """A table of the Home Office or of ONS that is known by its headings: CSV, as it is or gzipped, or a
        workbook, ODS or XLSX."""
        with wiring().place("files"):
            body = b"".join(bodies.pieces(current_app.config["LARGEST_RETURN_BYTES"], "A return"))
        _require_type(body)
        with transactions.preparing(SECONDS_TO_KEEP) as sql:
            transactions.received(sql, hashlib.sha256(body).digest())

            def take_change(book: Book) -> Book:
                return database.take_change(
                    book, reason_of(asked), caller=exchanges.caller().name, trace_id=logs.trace_id()
                )

            row, new = take(sql, body, asked, take_change)
            return Answer(row, {"Location": f"/v1/returns/{row['return_id']}"}, status=201 if new else 200)


@returns.route("/<uuid:return_id>")
class OneReturn(Resource):
    """One return."""

    @operation("readReturn", "Read one return", query=Known(), returns=Return(), tagged=True, errors=(404,))
    def get(self, return_id: UUID, as_of: Any) -> dict[str, Any]:
        """Its source, edition, extent and sum."""
        with reading(as_of) as sql:
            return found(
                sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}."
            )


@returns.route("/<uuid:return_id>/cells")
class ReturnCells(Resource):
    """What it holds."""

    @operation(
        "listReturnCells",
        "List the counts of a return",
        query=CellFilter(),
        returns=page_of(Cell, "CellPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(
        self, return_id: UUID, as_of: Any, area: str | None, category: str | None, **filters: Any
    ) -> Answer:
        """In the order of its lines."""
        with reading(as_of) as sql:
            found(sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            place = areas.named(sql, [area])[0]["area"] if area else None
            counted = categories.named(sql, [category])[0]["category"] if category else None
            return listed(
                sql,
                sql.intake.returns.returns.list_cells,
                Cell(),
                {"cell": int},
                return_id=return_id,
                area=place,
                category=counted,
                **filters,
            )


@returns.route("/<uuid:return_id>/faults")
class ReturnFaults(Resource):
    """What of it was not understood."""

    @operation(
        "listReturnFaults",
        "List the lines of a return that were refused",
        query=FaultFilter(),
        returns=page_of(ReturnFault, "ReturnFaultPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, return_id: UUID, as_of: Any, **paging: Any) -> Answer:
        """By line, each with its reason."""
        with reading(as_of) as sql:
            found(sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            return listed(
                sql,
                sql.intake.returns.returns.list_faults,
                ReturnFault(),
                {"cell": int, "field": str},
                return_id=return_id,
                **paging,
            )
