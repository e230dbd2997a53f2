"""Outcomes of data.police.uk, beside the street crimes that have their Crime ID, where any has."""

from datetime import date
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.intake.police_uk.crimes import OfMonths, StreetRecord, look_up_question
from service.periods import Period, PeriodField
from service.store import database
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Boolean, OfRelease, Text, Uuid
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

street_outcomes = Namespace("street-outcomes", description="Outcomes as data.police.uk publishes them.")


class StreetOutcomeFilter(Paged, OfMonths):
    """Which outcomes."""

    area = Text(
        metadata={"description": "Where the LSOA lies, by code or slug. Rows without an LSOA lie nowhere."}
    )
    as_of = AsOf()
    crime_id = Text(longest=100)
    force = Text(metadata={"description": "Who reported it, by code or slug."})
    linked = Boolean(metadata={"description": "Whether a street crime of that force has its Crime ID."})
    outcome_type = Text(longest=200)
    period = PeriodField()


class StreetOutcome(StreetRecord):
    """A row of an outcomes file as known at a change."""

    table_key = ("street_outcome_id",)

    outcome_type = fields.String()
    street_crime_ids = fields.List(
        Uuid(),
        metadata={"description": "The street crimes with its Crime ID: none, one, or a few that share it."},
    )
    street_outcome_id = Uuid()


@street_outcomes.route("")
class StreetOutcomes(Resource):
    """Every outcome."""

    @operation(
        "listStreetOutcomes",
        "List outcomes of street crimes",
        query=StreetOutcomeFilter(),
        returns=page_of(StreetOutcome, "StreetOutcomePage"),
        formats=LISTED,
        listed=True,
    )
    def get(
        self,
        as_of: database.AsOf | OfRelease,
        area: str | None,
        force: str | None,
        period: Period | None,
        **filters: Any,
    ) -> Answer:
        """By the month of the outcome. Those whose crime is not held are here too."""
        with reading(as_of) as sql:
            key = {"month": date, "street_outcome_id": UUID}
            return listed(
                sql,
                sql.intake.police_uk.outcomes.list,
                StreetOutcome(),
                key,
                **vars(look_up_question(sql, area, force, period)),
                **filters,
            )
