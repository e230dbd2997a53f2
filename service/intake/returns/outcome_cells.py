"""Outcomes of investigations as a return counts them: by type, on each basis, and in all without counting
anything twice."""

from datetime import date
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.intake.returns.options import BASES
from service.reference import areas, categories
from service.store import database
from service.web.fields import AsOf, Choice, Date, Integer, OfRelease, Output, Query, Text
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

return_outcomes = Namespace(
    "return-outcomes", description="Outcomes of investigations, as published.", path="/returns"
)


class ReturnOutcomeQuery(Query):
    """Which outcomes."""

    area = Text(required=True, metadata={"description": "By code or slug."})
    as_of = AsOf()
    category = Text(metadata={"description": "all-crime where not given."})
    from_on = Date()
    to_on = Date()


class ReturnOutcomeCount(Output):
    """One type of outcome on one basis."""

    basis = Choice("OutcomeBasis", *BASES)
    name = fields.String()
    number = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        metadata={"description": "Null where some of the counts are withheld."},
    )
    outcome = fields.String()
    outcome_group = fields.String()
    part_of = fields.String(
        allow_none=True, metadata={"description": "The type whose number has these in it already."}
    )


class ReturnOutcomeTotal(Output):
    """All types on one basis; those that are part of another are counted in that one."""

    basis = Choice("OutcomeBasis", *BASES)
    not_yet_assigned = Integer(
        least=-(2**53), most=2**53, allow_none=True, metadata={"description": "Type 0."}
    )
    number = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        metadata={"description": "outcomes and not_yet_assigned."},
    )
    outcomes = Integer(least=-(2**53), most=2**53, allow_none=True)


class ReturnOutcomeSummary(Output):
    """Outcomes by type, and in all."""

    outcomes = fields.List(fields.Nested(ReturnOutcomeCount))
    totals = fields.List(fields.Nested(ReturnOutcomeTotal))


@return_outcomes.route("/<uuid:return_id>/outcomes")
class ReturnOutcomes(Resource):
    """The outcomes it counts."""

    @operation(
        "readReturnOutcomes",
        "Add up the outcomes of a return",
        query=ReturnOutcomeQuery(),
        returns=ReturnOutcomeSummary(),
        errors=(404,),
    )
    def get(
        self,
        return_id: UUID,
        as_of: database.AsOf | OfRelease,
        area: str,
        category: str | None,
        from_on: date | None,
        to_on: date | None,
    ) -> Answer:
        """By type, for an area and a category, in the days asked for; the cells behind it are listed with the
        same filters."""
        with reading(as_of) as sql:
            found(sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}.")
            question = {
                "return_id": return_id,
                "area": areas.find_area(sql, area).code,
                "category": categories.find_category(sql, category or "all-crime").code,
                "from_on": from_on,
                "to_on": to_on,
            }
            return Answer(
                {
                    "outcomes": sql.intake.returns.outcome_cells.by_type(**question),
                    "totals": sql.intake.returns.outcome_cells.totals(**question),
                }
            )
