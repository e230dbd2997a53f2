"""The types of outcome: how an investigation can end."""

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Boolean, Choice, Date, Integer, Output
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

OUTCOMES = ("0", "1", "1A", "2", "2A", "3", "3A", *(str(number) for number in range(4, 23)))

outcomes = Namespace("outcomes", description="How an investigation can end.")


class Outcome(Output):
    """A type of outcome."""

    table_key = ("outcome",)

    from_on = Date(
        allow_none=True,
        metadata={
            "description": "First day it could be assigned, where later than the framework of April 2013."
        },
    )
    name = fields.String()
    outcome = Choice("OutcomeType", *OUTCOMES)
    outcome_group = fields.String()
    part_of = fields.String(
        allow_none=True, metadata={"description": "The type whose records take in those of this one."}
    )
    position = Integer(least=1, most=2**31 - 1)
    positive = Boolean(
        metadata={"description": "Something was done with an offender: it counts in positive-outcome-rate."}
    )
    positive_source = fields.String(
        allow_none=True, metadata={"description": "Why it is held to be positive."}
    )


@outcomes.route("")
class Outcomes(Resource):
    """Every type."""

    @operation(
        "listOutcomes",
        "List the types of outcome",
        query=Paged(),
        returns=page_of(Outcome, "OutcomePage"),
        formats=LISTED,
    )
    def get(self, after: str | None, limit: int | None) -> Answer:
        """As the Home Office counts them, 0 to 22."""
        with reading() as sql:
            return listed(
                sql,
                sql.reference.outcome_types.list,
                Outcome(),
                {"position": int},
                tagged=False,
                after=after,
                limit=limit,
            )
