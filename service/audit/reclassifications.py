"""Reclassifications: from which code to which, how many into each and out of it, and each one with its
decider."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.audit.timeliness import Concerned, RecordingFigure, RecordingQuery, load_concerned
from service.figures.evidence import address
from service.periods import Period, PeriodField
from service.reference import areas, categories
from service.reference.areas import Place
from service.store import database
from service.web.answers import pages
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Date, Instant, Integer, Output, Reflected, Text, Uuid
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

reclassifications = Namespace(
    "reclassifications",
    description="From code to code: figures for auditors, and each one.",
    path="/audit/reclassifications",
)


class ReclassificationFlow(RecordingFigure):
    """Reclassifications of an area's records from one code to another."""

    evidence = fields.String(metadata={"description": "The list of exactly these `reclassifications`."})
    from_code = fields.String()
    reclassifications = Integer(least=1, most=2**53)
    records = Integer(
        least=1, most=2**53, metadata={"description": "Fewer, where one went the same way twice."}
    )
    to_code = fields.String()


class ReclassifiedCode(Output):
    """How many reclassifications led into a code, and how many out of it."""

    area = fields.Nested(Place)
    code = fields.String()
    net = Integer(least=-(2**53), most=2**53)
    reclassified_in = Integer(least=0, most=2**53)
    reclassified_out = Integer(least=0, most=2**53)


class Reclassifications(Output):
    """The matrix from code to code, cells of nought left out, and what it adds up to for each code."""

    as_of = fields.Nested(Reflected)
    codes = fields.List(fields.Nested(ReclassifiedCode))
    items = fields.List(fields.Nested(ReclassificationFlow))


class OneReclassification(Output):
    """A record that took another code, by whose decision and why."""

    table_key = ("change", "offence_id")

    at = Instant()
    caller = fields.String()
    change = Integer(least=1, most=2**62)
    decided_by = fields.String(allow_none=True)
    force = fields.String()
    from_code = fields.String()
    offence_id = Uuid()
    reason = fields.String()
    recorded_on = Date()
    to_code = fields.String()


class ReclassificationFilter(Paged):
    """Which reclassifications."""

    area = Text(required=True)
    as_of = AsOf()
    category = Text(metadata={"description": "all-crime where not given."})
    from_code = Text(longest=24)
    period = PeriodField(required=True)
    to_code = Text(longest=24)


@reclassifications.route("")
class ReclassificationsOfRecords(Resource):
    """The matrix."""

    @operation(
        "readReclassifications",
        "Read how many records took another code",
        query=RecordingQuery(),
        returns=Reclassifications(),
        formats=pages.TABLED,
        tagged=True,
    )
    def get(self, as_of: database.AsOf, area: list[str], category: str | None, period: Period) -> Answer:
        """From code to code, by area, of the records made in the period, those cancelled since too. With a
        category: out of it, into it and within it. Corrections that changed the code are among them. CSV
        holds the matrix."""
        with reading(as_of) as sql:
            unless_unchanged(sql)
            records = load_concerned(sql, area, category, period)
            items = [
                records.with_subject({**row, "evidence": _behind(records, row)})
                for row in sql.audit.reclassifications.count(**records.subject())
            ]
            codes = [
                {**row, "area": {"code": row["area"], "name": row["area_name"]}}
                for row in sql.audit.reclassifications.count_codes(**records.subject())
            ]
            return pages.tabled(sql, {"items": items, "codes": codes})


def _behind(records: Concerned, row: Mapping[str, Any]) -> str:
    return address(
        "/v1/audit/reclassifications/records",
        area=row["area"],
        category=records.category.code,
        period=records.period.period,
        from_code=row["from_code"],
        to_code=row["to_code"],
        as_of=records.as_of,
    )


@reclassifications.route("/records")
class ReclassifiedRecords(Resource):
    """What is behind the matrix."""

    @operation(
        "listReclassifications",
        "List reclassifications of records",
        query=ReclassificationFilter(),
        returns=page_of(OneReclassification, "ReclassificationPage"),
        access="consultation",
        formats=LISTED,
        listed=True,
    )
    def get(
        self, as_of: database.AsOf, area: str, category: str | None, period: Period, **filters: Any
    ) -> Answer:
        """In the order they were made. The `evidence` of a cell of the matrix is this list."""
        with reading(as_of) as sql:
            of_area = areas.find_area(sql, area).code
            of_category = categories.find_category(sql, category or "all-crime").code
            return listed(
                sql,
                sql.audit.reclassifications.list,
                OneReclassification(),
                {"change": int, "offence_id": UUID},
                area=of_area,
                category=of_category,
                from_on=period.from_on,
                to_on=period.to_on,
                **filters,
            )
