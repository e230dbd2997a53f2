"""Official returns: files of counts that somebody published, kept as published, with source and edition."""

import hashlib
from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.intake.returns import tables, workbooks
from service.intake.returns.options import BASES, ReturnOptions, ReturnQuery
from service.intake.returns.receiving import receive_return
from service.intake.senders import sender_of_request
from service.reference import areas, categories
from service.reference.outcome_types import OUTCOMES
from service.store import database
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Choice, Date, Integer, Known, OfRelease, Output, Text, Uuid
from service.web.problems import Problem
from service.web.request import bodies, transactions
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading
from service.web.request.wiring import wiring

returns = Namespace("returns", description="Official counts, as published.")

SECONDS_TO_KEEP = 600
MEDIA_TYPES = (formats.CSV, workbooks.ODS, workbooks.XLSX)


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
    def get(self, as_of: database.AsOf | OfRelease, **filters: Any) -> Answer:
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
        streamed=MEDIA_TYPES,
        tagged=True,
        errors=(409,),
    )
    def post(self, **options: Any) -> Answer:
        """A table of the Home Office or of ONS that is known by its headings: CSV, as it is or gzipped, or a
        workbook, ODS or XLSX."""
        with wiring().place("files"):
            body = b"".join(bodies.pieces(current_app.config["LARGEST_RETURN_BYTES"], "A return"))
        _require_type(body)
        sender = sender_of_request()
        with transactions.preparing(SECONDS_TO_KEEP) as sql:
            sender.note_received(sql, hashlib.sha256(body).digest())
            row, is_new = receive_return(sql, body, ReturnOptions(**options), sender)
            headers = {"Location": f"/v1/returns/{row['return_id']}"}
            return Answer(row, headers, status=201 if is_new else 200)


@returns.route("/<uuid:return_id>")
class OneReturn(Resource):
    """One return."""

    @operation("readReturn", "Read one return", query=Known(), returns=Return(), tagged=True, errors=(404,))
    def get(self, return_id: UUID, as_of: database.AsOf | OfRelease) -> dict[str, Any]:
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
        self,
        return_id: UUID,
        as_of: database.AsOf | OfRelease,
        area: str | None,
        category: str | None,
        **filters: Any,
    ) -> Answer:
        """In the order of its lines."""
        with reading(as_of) as sql:
            found(sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            area_code = areas.find_code(sql, area)
            category_code = categories.find_code(sql, category)
            return listed(
                sql,
                sql.intake.returns.returns.list_cells,
                Cell(),
                {"cell": int},
                return_id=return_id,
                area=area_code,
                category=category_code,
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
    def get(self, return_id: UUID, as_of: database.AsOf | OfRelease, **paging: Any) -> Answer:
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
