"""How well records were made: in time or late, and how many were cancelled, for which reason."""

from dataclasses import dataclass
from typing import Any

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.figures import evidence
from service.figures.spans import SpanSchema
from service.figures.summaries import MOST_AREAS
from service.offences.offences import CANCELLED_REASONS
from service.periods import Period, PeriodField
from service.reference import areas, categories
from service.reference.areas import Place
from service.reference.categories import Counted
from service.store import Book, database
from service.web.answers import pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Boolean, Choice, Integer, Number, Output, Query, Reflected, Text
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

RULE = (
    "A crime is recorded within 24 hours of the report, or 72 where that came before April 2015. Where only"
    " the day of recording is known, it was in time if all of that day lies within, late if none does, and"
    " cannot be told otherwise."
)

recording = Namespace(
    "recording", description="How well records were made: figures for auditors.", path="/audit"
)


class RecordingQuery(Query):
    """Which records. Both ends of the period count; it is the one they were recorded in, by what is known of
    them as of the change."""

    area = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "Areas by code or slug; may be given many times."},
    )
    as_of = AsOf()
    category = Text(metadata={"description": "all-crime where not given."})
    period = PeriodField(required=True)


class RecordingFigure(Output):
    """Of which records a row speaks."""

    area = fields.Nested(Place)
    category = fields.Nested(Counted)
    period = fields.Nested(SpanSchema)


@dataclass(frozen=True)
class Concerned:
    """The records asked for, with every name looked up, and whether a force has sent them all."""

    areas: list[str]
    as_of: int
    category: categories.NamedCategory
    complete: dict[str, bool]
    period: Period

    def subject(self) -> dict[str, object]:
        """As statements take them."""
        return {
            "areas": self.areas,
            "category": self.category.code,
            "from_on": self.period.from_on,
            "to_on": self.period.to_on,
        }

    def with_subject(self, row: dict[str, Any]) -> dict[str, object]:
        """A row of one of these areas, with the members that RecordingFigure adds."""
        span = {"period": self.period.period, "from": self.period.from_on, "to": self.period.to_on}
        category = {
            "code": self.category.code,
            "name": self.category.name,
            "definition": self.category.definition,
        }
        return {
            **row,
            "area": {"code": row["area"], "name": row["area_name"]},
            "category": category,
            "period": {**span, "complete": self.complete.get(row["area"], False)},
        }

    def evidence(self, area: str, **filters: str | None) -> str:
        """The list of those of these records that answer to the filters."""
        return evidence.records(
            self.as_of,
            area=area,
            category=self.category.code,
            recorded_from=self.period.from_on,
            recorded_to=self.period.to_on,
            **filters,
        )


def load_concerned(book: Book, area: list[str], category: str | None, period: Period) -> Concerned:
    """The records that RecordingQuery asks for. Raises 400 for an area or category that is not known."""
    codes = list(dict.fromkeys(place.code for place in areas.find_areas(book, area)))
    of_category = categories.find_category(book, category or "all-crime")
    rows = book.figures.counts.completeness(
        areas=codes,
        categories=[of_category.code],
        from_on=period.from_on,
        to_on=period.to_on,
        base_from=None,
        base_to=None,
    )
    complete = {row["area"]: row["complete"] for row in rows}
    return Concerned(codes, book.as_of, of_category, complete, period)


class TimelinessEvidence(Output):
    """The lists of exactly those records."""

    in_time = fields.String()
    late = fields.String()
    records = fields.String()
    not_known = fields.String()


class TimelinessFigure(RecordingFigure):
    """How soon the records of an area were made."""

    evidence = fields.Nested(TimelinessEvidence)
    in_time = Integer(least=0, most=2**53)
    late = Integer(least=0, most=2**53)
    median_hours = Number(
        allow_none=True, metadata={"description": "From report to record, where both instants are known."}
    )
    records = Integer(
        least=0, most=2**53, metadata={"description": "That count: cancelled ones are left out."}
    )
    reported = Integer(
        least=0, most=2**53, metadata={"description": "Of which it is known when they were reported."}
    )
    share = Number(allow_none=True, metadata={"description": "In time, of those of which it can be told."})
    share_high = Number(allow_none=True)
    share_low = Number(
        allow_none=True,
        metadata={"description": "Wilson, 95 per cent, down to share_low and up to share_high."},
    )
    not_known = Integer(least=0, most=2**53, metadata={"description": "Of which it cannot be told."})


class Timeliness(Output):
    """How soon records were made, by area, and the rule they were held against."""

    as_of = fields.Nested(Reflected)
    items = fields.List(fields.Nested(TimelinessFigure))
    rule = fields.String()


class CancellationFigure(RecordingFigure):
    """Records of an area that no longer count, for one reason or for any."""

    cancelled = Integer(least=0, most=2**53)
    cancelled_reason = Choice(
        "CancelledReason",
        *CANCELLED_REASONS,
        allow_none=True,
        metadata={"description": "null is the row for all."},
    )
    evidence = fields.String(metadata={"description": "The list of exactly the `cancelled` records."})
    of_which = Boolean(metadata={"description": "A part of the row for all: adding both counts twice."})
    rate = Number(allow_none=True, metadata={"description": "Cancelled, of records."})
    rate_high = Number(allow_none=True)
    rate_low = Number(
        allow_none=True,
        metadata={"description": "Wilson, 95 per cent, down to rate_low and up to rate_high."},
    )
    records = Integer(
        least=0,
        most=2**53,
        metadata={"description": "Recorded originally: those that count and those cancelled since."},
    )
    records_evidence = fields.String(metadata={"description": "The list of exactly the `records`."})


class Cancellations(Output):
    """Cancellations by area and reason."""

    as_of = fields.Nested(Reflected)
    items = fields.List(fields.Nested(CancellationFigure))


@recording.route("/timeliness")
class TimelinessOfRecords(Resource):
    """In time or late."""

    @operation(
        "readTimeliness",
        "Read how many records were made in time",
        query=RecordingQuery(),
        returns=Timeliness(),
        formats=pages.TABLED,
        lasting=True,
        tagged=True,
    )
    def get(self, as_of: database.AsOf, area: list[str], category: str | None, period: Period) -> Answer:
        """By area, of the records that count: one made by mistake has no report that it could have been late
        for."""
        with reading(as_of) as sql:
            unless_unchanged(sql)
            records = load_concerned(sql, area, category, period)
            items = [
                records.with_subject({**row, "evidence": _by_time(records, row["area"])})
                for row in sql.audit.timeliness.timeliness(**records.subject())
            ]
            return pages.tabled(sql, {"items": items, "rule": RULE})


def _by_time(records: Concerned, area: str) -> dict[str, str]:
    answers = {"in_time": "true", "late": "false", "not_known": "unknown", "records": None}
    return {name: records.evidence(area, recorded_in_time=value) for name, value in answers.items()}


@recording.route("/cancellations")
class CancellationsOfRecords(Resource):
    """Recorded and cancelled since."""

    @operation(
        "readCancellations",
        "Read how many records were cancelled",
        query=RecordingQuery(),
        returns=Cancellations(),
        formats=pages.TABLED,
        lasting=True,
        tagged=True,
    )
    def get(self, as_of: database.AsOf, area: list[str], category: str | None, period: Period) -> Answer:
        """By area and reason, of all records ever made of the period, by the day, area and code that their
        last version gives."""
        with reading(as_of) as sql:
            unless_unchanged(sql)
            records = load_concerned(sql, area, category, period)
            rows = sql.audit.timeliness.cancellations(reasons=list(CANCELLED_REASONS), **records.subject())
            items = [
                records.with_subject(
                    {
                        **row,
                        "evidence": records.evidence(
                            row["area"], status="cancelled", cancelled_reason=row["cancelled_reason"]
                        ),
                        "records_evidence": records.evidence(row["area"], status="any"),
                    }
                )
                for row in rows
            ]
            return pages.tabled(sql, {"items": items})
