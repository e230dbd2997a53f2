"""Reconciliations: our records against an official return, cell by cell, with what is behind each side of a
difference."""

from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.figures import evidence
from service.figures.spans import SpanSchema
from service.periods import Period, PeriodField, spanning
from service.reference import areas
from service.reference.areas import Place
from service.store import Book, as_json, database
from service.web.answers import pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Boolean, Integer, Output, Query, Reflected, Text, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

reconciliations = Namespace("reconciliations", description="Our records against official returns.")


class ReconciliationQuery(Query):
    """Which return, and where and when."""

    all = Boolean(metadata={"description": "Also the cells that are equal, which are folded away else."})
    area = Text(required=True, metadata={"description": "By code or slug."})
    as_of = AsOf()
    period = PeriodField(required=True)
    source = Text(
        required=True,
        longest=100,
        metadata={"description": "Of the return, like home-office-pfa; its latest edition is read."},
    )


class ReconciledCell(Output):
    """What a cell counts here and there."""

    category = fields.String(
        allow_none=True, metadata={"description": "Where the return counts groups of codes."}
    )
    code = fields.String(allow_none=True)
    difference = Integer(least=-(2**53), most=2**53, metadata={"description": "Ours less official."})
    evidence = fields.String(metadata={"description": "The list of exactly our `records`."})
    of_which = Boolean(
        metadata={"description": "Counted by the return within another of its cells: no sum takes it in."}
    )
    official = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        metadata={"description": "null where the return has no such cell."},
    )
    official_evidence = fields.String(
        allow_none=True, metadata={"description": "The lines of the return that add up to `official`."}
    )
    period = fields.Nested(SpanSchema)
    records = Integer(least=0, most=2**53)


class Reconciliation(Output):
    """Our records against the latest edition of a return: what differs, and the sums of both. The spans are
    those of the return."""

    all = Boolean()
    area = fields.Nested(Place)
    as_of = fields.Nested(Reflected)
    cells = Integer(least=0, most=2**53)
    difference = Integer(least=-(2**53), most=2**53, metadata={"description": "Ours less official."})
    differing = Integer(least=0, most=2**53)
    edition = fields.String()
    equal = Integer(least=0, most=2**53)
    items = fields.List(fields.Nested(ReconciledCell))
    official = Integer(least=-(2**53), most=2**53)
    period = fields.String()
    periods = fields.List(
        fields.String(),
        metadata={"description": "Those of the return within the period: what was reconciled."},
    )
    records = Integer(least=0, most=2**53)
    return_id = Uuid()
    source = fields.String()


def reconciled(book: Book, area: str, period: Period, source: str, *, unfolded: bool) -> dict[str, object]:
    """Our records against a source. Raises 400 for an area or source that is not known, 404 where no return
    counts anything there then."""
    _require_return(book, source)
    place = areas.find_area(book, area)
    edition = found(
        book.audit.reconciliations.edition(
            area=place.code, source=source, from_on=period.from_on, to_on=period.to_on
        ),
        f"No return of {source} counts anything of {place.name} within {period.period}.",
    )
    tallied = book.present and place.kind != "beat" and edition["whole_months"]
    spans = {name: edition[name] for name in ("return_id", "begins", "ends", "first", "last")}
    rows = book.audit.reconciliations.compare(
        area=place.code, from_on=period.from_on, to_on=period.to_on, tallied=tallied, all=unfolded, **spans
    )
    whole = rows[0]
    return {
        "all": unfolded,
        "area": {"code": place.code, "name": place.name},
        "edition": edition["edition"],
        "period": period.period,
        "periods": [
            spanning(first, last).period
            for first, last in zip(edition["begins"], edition["ends"], strict=True)
        ],
        "return_id": edition["return_id"],
        "source": source,
        "cells": whole["cells"],
        "equal": whole["equal"],
        "differing": whole["differing"],
        "records": whole["all_records"],
        "official": whole["all_official"],
        "difference": whole["all_difference"],
        "items": _cells(
            book, place.code, edition["return_id"], [row for row in rows if row["records"] is not None]
        ),
    }


def _require_return(book: Book, source: str) -> None:
    sources = [row["source"] for row in book.intake.returns.returns.sources()]
    if source in sources:
        return
    if source == "records":
        detail = "Records are what a return is held against: name the source of a return."
    else:
        detail = (
            f"No return has come from {source}: {' or '.join(sources)} can be asked for."
            if sources
            else "No return has come from anyone."
        )
    raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def _cells(book: Book, area: str, return_id: UUID, rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """The rows with their spans, whether our records of them are complete, and what is behind either side."""
    cells = [
        {"position": position, **{name: row[name] for name in ("code", "category", "from_on", "to_on")}}
        for position, row in enumerate(rows)
    ]
    complete = {
        row["position"]: row["complete"]
        for row in book.audit.reconciliations.completeness(area=area, cells=as_json(cells))
    }
    return [
        _cell(book.as_of, area, return_id, row, complete=complete.get(position, False))
        for position, row in enumerate(rows)
    ]


def _cell(
    as_of: int, area: str, return_id: UUID, row: dict[str, Any], *, complete: bool
) -> dict[str, object]:
    counted = {"area": area, "category": row["category"], "code": row["code"]}
    first, last = row["from_on"], row["to_on"]
    official = evidence.cells(as_of, return_id, **counted, from_on=first, to_on=last)
    return {
        **row,
        "evidence": evidence.records(as_of, **counted, recorded_from=first, recorded_to=last),
        "official_evidence": official if row["official"] is not None else None,
        "period": {"period": spanning(first, last).period, "from": first, "to": last, "complete": complete},
    }


@reconciliations.route("")
class Reconciliations(Resource):
    """Reconciliations asked for."""

    @operation(
        "readReconciliation",
        "Reconcile records with a return",
        query=ReconciliationQuery(),
        returns=Reconciliation(),
        formats=pages.TABLED,
        lasting=True,
        tagged=True,
        errors=(404,),
    )
    def get(
        self, as_of: database.AsOf, area: str, period: Period, source: str, **options: bool | None
    ) -> Answer:
        """By code and quarter, or by group and twelve months, as the return counts. What only one side has is
        a difference too; days of which the return says nothing at all are left out: `periods` are those
        reconciled.

        CSV holds the cells. A negative official count is a cancellation of an earlier quarter; records are
        never negative, so it differs.
        """
        with reading(as_of) as sql:
            unless_unchanged(sql)
            return pages.tabled(sql, reconciled(sql, area, period, source, unfolded=bool(options["all"])))
