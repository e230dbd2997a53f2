"""Street crimes of data.police.uk: rows with a month and a coarse type, counted apart from recorded
offences."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.intake.police_uk.receipts import MOST, Month
from service.periods import Period, PeriodField, whole_months
from service.reference import areas
from service.store import Book, database
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.answers.tags import unless_unchanged
from service.web.fields import (
    AsOf,
    Boolean,
    Integer,
    Known,
    Number,
    OfRelease,
    Output,
    Query,
    Reflected,
    Text,
    Uuid,
)
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

MOST_MONTHS = 240
street_crimes = Namespace(
    "street-crimes",
    description="Crimes as data.police.uk publishes them: a month and a type, no code and no day.",
)
street_crime_types = Namespace("street-crime-types", description="The crime types of data.police.uk.")


class OfMonths(Query):
    """What is asked of a period of whole months."""

    @validates_schema
    def check_months(self, data: dict[str, Any], **_: object) -> None:
        """These records have no day."""
        months = whole_months(data["period"]) if "period" in data else 1
        if months is None:
            raise ValidationError("These records have a month and no day: ask for whole months.", "period")
        if months > MOST_MONTHS:
            raise ValidationError(f"Ask for at most {MOST_MONTHS} months.", "period")


class StreetCrimeFilter(Paged, OfMonths):
    """Which street crimes."""

    anti_social_behaviour = Boolean(
        metadata={"description": "false leaves it out: it is no crime. Included where not given."}
    )
    area = Text(
        metadata={"description": "Where the LSOA lies, by code or slug. Rows without an LSOA lie nowhere."}
    )
    as_of = AsOf()
    crime_id = Text(longest=100)
    crime_type = Text(longest=100)
    force = Text(metadata={"description": "Who reported it, by code or slug."})
    has_outcome = Boolean(
        metadata={"description": "Whether the row says an outcome, or an outcome has its Crime ID."}
    )
    period = PeriodField()


class CountFilter(OfMonths):
    """What is counted."""

    anti_social_behaviour = Boolean(
        metadata={"description": "true counts it too; left out where not given, for it is no crime."}
    )
    area = Text(
        metadata={"description": "Where the LSOA lies, by code or slug. Rows without an LSOA lie nowhere."}
    )
    as_of = AsOf()
    crime_type = Text(longest=100)
    force = Text(metadata={"description": "Who reported it, by code or slug."})
    period = PeriodField(required=True)


class StreetCrimeTypeFilter(Paged):
    """As known when."""

    as_of = AsOf()


class LinkedOutcome(Output):
    """An outcome with the same Crime ID."""

    month = Month()
    outcome_type = fields.String()
    street_outcome_id = Uuid()


class StreetRecord(Output):
    """What rows of both kinds say."""

    area = fields.String(
        allow_none=True, metadata={"description": "The district that the name of the LSOA begins with."}
    )
    classification = fields.String(
        metadata={"description": "police-uk: neither a code nor a category of recorded offences."}
    )
    crime_id = fields.String(
        allow_none=True, metadata={"description": "As published; a few repeat, some forces give none."}
    )
    falls_within = fields.String(allow_none=True)
    force = fields.String()
    latitude = Number(allow_none=True)
    location = fields.String(allow_none=True)
    longitude = Number(allow_none=True)
    lsoa = fields.String(allow_none=True)
    lsoa_name = fields.String(allow_none=True)
    month = Month()
    reported_by = fields.String()
    since_change = Integer(least=1, most=2**62)


class StreetCrime(StreetRecord):
    """A row of a street file as known at a change."""

    table_key = ("street_crime_id",)

    context = fields.String(allow_none=True)
    crime_type = fields.String()
    easting = Integer(
        least=0, most=MOST, allow_none=True, metadata={"description": "In files of before 2013."}
    )
    last_outcome = fields.String(allow_none=True)
    northing = Integer(least=0, most=MOST, allow_none=True)
    outcomes = fields.List(fields.Nested(LinkedOutcome))
    street_crime_id = Uuid()


class StreetCrimeType(Output):
    """A crime type, and the first and last month that has it."""

    table_key = ("crime_type",)

    crime_type = fields.String()
    from_month = Month()
    is_crime = Boolean()
    to_month = Month(allow_none=True)


class StreetCount(Output):
    """How many there are in a month, of a type or (crime_type null) of all that was asked for."""

    count = Integer(least=0, most=2**53)
    crime_type = fields.String(allow_none=True)
    evidence = fields.String(metadata={"description": "The list of exactly these."})
    forces = Integer(
        least=0,
        most=MOST,
        metadata={"description": "How many forces they are from. A month that is not here was not sent."},
    )
    month = Month()


class StreetCounts(Output):
    """Counts, and the change they reflect."""

    as_of = fields.Nested(Reflected)
    classification = fields.String()
    items = fields.List(fields.Nested(StreetCount))


@dataclass(frozen=True)
class StreetQuestion:
    """What is asked of street crimes or outcomes, by code; months by the first day of each."""

    area: str | None
    force: str | None
    from_month: date | None
    to_month: date | None


def look_up_question(sql: Book, area: str | None, force: str | None, period: Period | None) -> StreetQuestion:
    """The question that these names and this period make. Raises 400 for a name that is not known."""
    return StreetQuestion(
        areas.find_code(sql, area),
        areas.find_code(sql, force, "force"),
        period.from_on if period else None,
        period.to_on.replace(day=1) if period else None,
    )


def make_evidence(as_of: int, **filters: str | bool | None) -> str:
    """The address of the list of exactly what was counted."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in filters.items()
        if value is not None
    }
    return "/v1/street-crimes?" + urlencode({**given, "as_of": as_of})


def write_month(day: date) -> str:
    """`2018-10`."""
    return f"{day:%Y-%m}"


@street_crimes.route("")
class StreetCrimes(Resource):
    """Every street crime."""

    @operation(
        "listStreetCrimes",
        "List street crimes",
        query=StreetCrimeFilter(),
        returns=page_of(StreetCrime, "StreetCrimePage"),
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
        """By month, in the order they came. Equal rows are separate crimes or incidents, each with an id of
        this service's own."""
        with reading(as_of) as sql:
            key = {"month": date, "street_crime_id": UUID}
            return listed(
                sql,
                sql.intake.police_uk.crimes.list,
                StreetCrime(),
                key,
                **vars(look_up_question(sql, area, force, period)),
                **filters,
            )


@street_crimes.route("/counts")
class StreetCrimeCounts(Resource):
    """Counted."""

    @operation(
        "countStreetCrimes",
        "Count street crimes",
        query=CountFilter(),
        returns=StreetCounts(),
        formats=(formats.JSON, formats.CSV),
        tagged=True,
    )
    def get(
        self,
        as_of: database.AsOf | OfRelease,
        period: Period,
        area: str | None,
        force: str | None,
        crime_type: str | None,
        anti_social_behaviour: bool | None,
    ) -> Answer:
        """By month and crime type, and by month. These are rows of a publication, not figures of recorded
        crime."""
        with reading(as_of) as sql:
            question = look_up_question(sql, area, force, period)
            unless_unchanged(sql)
            # A type that is named counts.
            included = crime_type is not None if anti_social_behaviour is None else anti_social_behaviour
            rows = sql.intake.police_uk.crimes.counts(
                **vars(question), crime_type=crime_type, anti_social_behaviour=included
            )
            counts = [
                {
                    **row,
                    "evidence": make_evidence(
                        sql.as_of,
                        force=question.force,
                        area=question.area,
                        period=write_month(row["month"]),
                        crime_type=row["crime_type"] or crime_type,
                        anti_social_behaviour=included,
                    ),
                }
                for row in rows
            ]
            return Answer(
                {
                    "as_of": {"change": sql.as_of, "at": sql.at},
                    "classification": "police-uk",
                    "items": counts,
                },
                tag=sql.as_of,
            )


@street_crimes.route("/<uuid:street_crime_id>")
class OneStreetCrime(Resource):
    """One street crime."""

    @operation(
        "readStreetCrime", "Read one street crime", query=Known(), returns=StreetCrime(), errors=(404,)
    )
    def get(self, street_crime_id: UUID, as_of: database.AsOf | OfRelease) -> dict[str, Any]:
        """With the outcomes of its Crime ID."""
        with reading(as_of) as sql:
            return found(
                sql.intake.police_uk.crimes.read(street_crime_id=street_crime_id),
                f"No street crime has the id {street_crime_id}.",
            )


@street_crime_types.route("")
class StreetCrimeTypes(Resource):
    """Every crime type."""

    @operation(
        "listStreetCrimeTypes",
        "List the crime types of data.police.uk",
        query=StreetCrimeTypeFilter(),
        returns=page_of(StreetCrimeType, "StreetCrimeTypePage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: database.AsOf | OfRelease, **paging: Any) -> Answer:
        """With their first and last months. They answer to no offence code and no category, and are the same
        at every change."""
        with reading(as_of) as sql:
            return listed(
                sql, sql.intake.police_uk.crimes.types, StreetCrimeType(), {"crime_type": str}, **paging
            )
