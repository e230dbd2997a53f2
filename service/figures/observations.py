"""Observations: the values that others report of a measure, each of an area and a period, corrected and
withdrawn as versions."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_restx import Resource
from marshmallow import fields

from service.periods import Period, PeriodField
from service.reference import areas
from service.reference.measures import Measure, find_reported_measure, measures
from service.store import Book
from service.store.identifiers import new_id
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Date, Input, Integer, Known, Number, Output, Text, Uuid
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

MOST = 10**15
"""What a value may be, either way: a double holds it with the decimals that a measure may have."""


class ObservationDraft(Input):
    """A value of a measure."""

    area = Text(required=True, metadata={"description": "By code or slug."})
    note = Text(
        longest=500,
        allow_none=True,
        load_default=None,
        metadata={"description": "Where it comes from, what it leaves out."},
    )
    period = PeriodField(required=True)
    value = Number(
        required=True,
        metadata={"description": "In the unit of the measure, with no more decimals than it has."},
    )


class Observation(Output):
    """A reported value as known at a change."""

    table_key = ("observation_id",)

    area = fields.String()
    measure = fields.String()
    note = fields.String(allow_none=True)
    observation_id = Uuid()
    period = fields.String()
    period_from = Date()
    period_to = Date()
    since_change = Integer(least=1, most=2**62)
    value = Number()


class ObservationFilter(Paged):
    """Which observations."""

    area = Text(metadata={"description": "By code or slug: of this very area."})
    as_of = AsOf()
    period = PeriodField(metadata={"description": "Those of this period and of parts of it."})


def observe(
    book: Book, measure: Measure, body: dict[str, Any], observation_id: UUID | None = None
) -> dict[str, Any]:
    """Begin an observation, or a version of one. Raises 422 for an unknown area, a period to come, a value
    finer than the measure."""
    with of_the_body():
        place = areas.find_area(book, body["area"]).code
    value, period = Decimal(str(body["value"])), body["period"]
    if not book.figures.observations.has_begun(from_on=period.from_on):
        detail = f"{period.period} has not begun: what is to come cannot be observed."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/period", "detail": detail}])
    if abs(value) > MOST or round(value, measure.decimals) != value:
        detail = (
            f"{measure.measure} has {measure.decimals} decimals and lies within {MOST:,} either way:"
            f" {body['value']} cannot be held."
        )
        raise Problem("invalid-body", detail, errors=[{"pointer": "/value", "detail": detail}])
    row: dict[str, Any] = book.figures.observations.begin(
        observation_id=observation_id or new_id(),
        **body
        | {
            "measure": measure.measure,
            "area": place,
            "value": value,
            "period": period.period,
            "period_from": period.from_on,
            "period_to": period.to_on,
        },
    )
    return row


def _present(book: Book, measure: str, observation_id: UUID, seen: int) -> dict[str, Any]:
    row = found(
        _read(book, measure, observation_id), f"{measure} has no observation of the id {observation_id}."
    )
    require_seen(row, seen)
    return row


def _read(book: Book, measure: str, observation_id: UUID) -> dict[str, Any] | None:
    row: dict[str, Any] | None = book.figures.observations.read(
        measure=measure, observation_id=observation_id
    )
    return row


@measures.route("/<string:measure>/observations")
class Observations(Resource):
    """Every observation of a measure."""

    @operation(
        "listObservations",
        "List the observations of a measure",
        query=ObservationFilter(),
        returns=page_of(Observation, "ObservationPage"),
        formats=LISTED,
        listed=True,
        errors=(404, 409),
    )
    def get(self, measure: str, as_of: Any, area: str | None, period: Period | None, **paging: Any) -> Answer:
        """In the order they were reported."""
        with reading(as_of) as sql:
            find_reported_measure(sql, measure)
            place = areas.find_code(sql, area)
            days: dict[str, Any] = {
                "from_on": period.from_on if period else None,
                "to_on": period.to_on if period else None,
            }
            return listed(
                sql,
                sql.figures.observations.list,
                Observation(),
                {"observation_id": UUID},
                measure=measure,
                area=place,
                **days,
                **paging,
            )

    @operation(
        "reportObservation",
        "Report an observation",
        body=ObservationDraft(),
        returns=Observation(),
        scope="administer",
        status=201,
        tagged=True,
        errors=(404, 409),
    )
    def post(self, measure: str, body: dict[str, Any]) -> Answer:
        """A measure has one observation for an area and a period: a second is a conflict, to be corrected
        with PUT."""
        with writing("observation reported") as sql:
            row = observe(sql, find_reported_measure(sql, measure), body)
            return Answer(row, {"Location": f"/v1/measures/{measure}/observations/{row['observation_id']}"})


@measures.route("/<string:measure>/observations/<uuid:observation_id>")
class OneObservation(Resource):
    """One observation."""

    @operation(
        "readObservation",
        "Read one observation",
        query=Known(),
        returns=Observation(),
        tagged=True,
        errors=(404,),
    )
    def get(self, measure: str, observation_id: UUID, as_of: Any) -> dict[str, Any]:
        """As known at a change."""
        with reading(as_of) as sql:
            return found(
                _read(sql, measure, observation_id),
                f"{measure} has no observation {observation_id} at change {sql.as_of}.",
            )

    @operation(
        "correctObservation",
        "Correct an observation",
        body=ObservationDraft(),
        returns=Observation(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(self, measure: str, observation_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """The whole observation as it should be; the version before can still be read as of an earlier
        change."""
        with writing("observation corrected") as sql:
            _present(sql, measure, observation_id, seen)
            sql.figures.observations.end(observation_id=observation_id, seen=seen)
            return observe(sql, find_reported_measure(sql, measure), body, observation_id)

    @operation(
        "withdrawObservation",
        "Withdraw an observation",
        returns=Observation(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, measure: str, observation_id: UUID, seen: int) -> dict[str, Any]:
        """It can still be read as of an earlier change."""
        with writing("observation withdrawn") as sql:
            present = _present(sql, measure, observation_id, seen)
            sql.figures.observations.end(observation_id=observation_id, seen=seen)
            return present
