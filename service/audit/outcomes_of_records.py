"""How many records have each outcome, none counted twice."""

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.audit.timeliness import RecordingFigure, RecordingQuery, load_concerned
from service.periods import Period
from service.reference.areas import Place
from service.reference.outcome_types import OUTCOMES
from service.store import database
from service.web.answers import pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import Boolean, Choice, Integer, Output, Reflected
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

outcomes_of_records = Namespace(
    "outcomes-of-records",
    description="How many records have each outcome: figures for auditors.",
    path="/audit/outcomes",
)


class OutcomeFigure(RecordingFigure):
    """How many records of an area have an outcome."""

    evidence = fields.String(metadata={"description": "The list of exactly these `records`."})
    name = fields.String()
    of_which = Boolean(
        metadata={"description": "Its records are in the row of another type too: adding both counts twice."}
    )
    outcome = Choice("OutcomeType", *OUTCOMES)
    outcome_group = fields.String()
    records = Integer(least=0, most=2**53)


class OutcomeGroup(Output):
    """How many records of an area have an outcome of a group, each counted once."""

    area = fields.Nested(Place)
    outcome_group = fields.String()
    records = Integer(least=0, most=2**53)


class OutcomeTotal(Output):
    """How many records an area has, each counted once."""

    area = fields.Nested(Place)
    assigned = Integer(
        least=0, most=2**53, metadata={"description": "With an outcome other than 0, not yet assigned."}
    )
    evidence = fields.String(metadata={"description": "The list of exactly these `records`."})
    records = Integer(least=0, most=2**53)


class OutcomesOfRecords(Output):
    """Records by outcome. The rows that are not `of_which` add up to the total, as do the groups."""

    as_of = fields.Nested(Reflected)
    groups = fields.List(fields.Nested(OutcomeGroup))
    items = fields.List(fields.Nested(OutcomeFigure))
    totals = fields.List(fields.Nested(OutcomeTotal))


@outcomes_of_records.route("")
class CountsOfOutcomes(Resource):
    """How many of each."""

    @operation(
        "readOutcomes",
        "Read how many records have each outcome",
        query=RecordingQuery(),
        returns=OutcomesOfRecords(),
        formats=pages.TABLED,
        lasting=True,
        tagged=True,
    )
    def get(self, as_of: database.AsOf, area: list[str], category: str | None, period: Period) -> Answer:
        """By area, of the records of the period that count, by the outcome they have as of the change. CSV
        holds the rows by type."""
        with reading(as_of) as sql:
            unless_unchanged(sql)
            records, counts = load_concerned(sql, area, category, period), sql.audit.outcomes_of_records
            items = [
                records.with_subject(
                    {**row, "evidence": records.evidence(row["area"], outcome=row["outcome"])}
                )
                for row in counts.count(**records.subject())
            ]
            groups = [records.with_subject(row) for row in counts.count_groups(**records.subject())]
            totals = [
                records.with_subject({**row, "evidence": records.evidence(row["area"])})
                for row in counts.totals(**records.subject())
            ]
            return pages.tabled(sql, {"items": items, "groups": groups, "totals": totals})
