"""Random samples of records that anybody can draw again, with the interval that each supports."""

from typing import Any

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.figures import evidence
from service.offences.offences import Offence
from service.periods import PeriodField
from service.reference import areas, categories
from service.store import Book, database
from service.web.answers import pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Integer, Number, Output, Query, Reflected, Text
from service.web.problems import Problem
from service.web.request import access
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

LARGEST_SAMPLE, USUAL_SAMPLE = 1000, 100
STRATIFIED = ("area", "code", "force", "month", "outcome", "status")
STATUSES = ("recorded", "cancelled", "any")

samples = Namespace("samples", description="Random samples of records, by seed.", path="/audit/samples")


class SampleQuery(Query):
    """Which records to draw from, and how many."""

    area = Text(
        metadata={
            "description": "By code or slug, with everything that lies in it; every area where not given."
        }
    )
    as_of = AsOf()
    category = Text(metadata={"description": "Every code where not given."})
    period = PeriodField(required=True)
    right = Integer(
        least=0,
        most=LARGEST_SAMPLE,
        metadata={"description": "How many of the sample were found right, for their interval."},
    )
    seed = Text(
        longest=100, required=True, metadata={"description": "Any text; another draws another sample."}
    )
    size = Integer(
        least=1,
        most=LARGEST_SAMPLE,
        metadata={"description": f"{USUAL_SAMPLE} where not given; all, where there are fewer."},
    )
    status = Choice("OffenceStatusAsked", *STATUSES, metadata={"description": "recorded where not given."})
    stratify = Choice(
        "SampleStrata",
        *STRATIFIED,
        metadata={
            "description": (
                "Take of each stratum in proportion to its records, by largest remainder; area is the"
                " district."
            )
        },
    )


class Stratum(Output):
    """Records of one kind, and how many of them the sample took."""

    population = Integer(least=1, most=2**53)
    sample = Integer(least=0, most=LARGEST_SAMPLE)
    stratum = fields.String()


class Supported(Output):
    """A share of the sample, and where the share of all records then lies: Wilson, 95 per cent; null where
    nothing was drawn."""

    high = Number(allow_none=True)
    low = Number(allow_none=True)
    right = Number()
    share = Number(allow_none=True)


class Interval(Output):
    """What a sample of this size can say: were all found right, half of them, or as many as `right` says."""

    all_right = fields.Nested(Supported)
    found_right = fields.Nested(Supported, allow_none=True)
    half_right = fields.Nested(Supported)


class Sample(Output):
    """A sample, in the order drawn."""

    area = fields.String(allow_none=True)
    as_of = fields.Nested(Reflected)
    category = fields.String(allow_none=True)
    drawn = Integer(least=0, most=LARGEST_SAMPLE)
    evidence = fields.String(
        metadata={"description": "The list of exactly the `population` records drawn from."}
    )
    interval = fields.Nested(Interval)
    items = fields.List(fields.Nested(Offence))
    period = fields.String()
    population = Integer(least=0, most=2**53)
    seed = fields.String()
    size = Integer(least=1, most=LARGEST_SAMPLE)
    status = Choice("OffenceStatusAsked", *STATUSES)
    strata = fields.List(
        fields.Nested(Stratum),
        metadata={"description": "Those that have records; one, called all, where not stratified."},
    )
    stratify = Choice("SampleStrata", *STRATIFIED, allow_none=True)


def drawn(book: Book, asked: dict[str, Any]) -> dict[str, Any]:
    """The sample asked for, as SampleQuery loads it. Raises 400 for an area or category not known, or more
    found right than drawn."""
    area = areas.find_code(book, asked["area"])
    category = categories.find_code(book, asked["category"])
    period, status, size = asked["period"], asked["status"] or "recorded", asked["size"] or USUAL_SAMPLE
    population = {
        "areas": [area] if area else None,
        "category": category,
        "from_on": period.from_on,
        "to_on": period.to_on,
        "status": status,
        "stratify": asked["stratify"],
    }
    strata = book.audit.samples.strata(**population, size=size)
    whole, number = (strata[0]["whole"], strata[0]["drawn"]) if strata else (0, 0)
    items = book.audit.samples.draw(
        **population,
        seed=asked["seed"],
        strata=[one["stratum"] for one in strata],
        samples=[one["sample"] for one in strata],
    )
    return {
        "area": area,
        "category": category,
        "drawn": number,
        "interval": _interval(book, number, asked["right"]),
        "items": items,
        "as_of": {"change": book.as_of, "at": book.at},
        "period": period.period,
        "population": whole,
        "seed": asked["seed"],
        "size": size,
        "status": status,
        "strata": strata,
        "stratify": asked["stratify"],
        "evidence": evidence.records(
            book.as_of,
            area=area,
            category=category,
            recorded_from=period.from_on,
            recorded_to=period.to_on,
            status=status,
        ),
    }


def _interval(book: Book, number: int, right: int | None) -> dict[str, object]:
    if right is not None and right > number:
        detail = f"{right} cannot have been found right: {number} were drawn."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "right", "detail": detail}])
    rows = book.audit.samples.intervals(drawn=number, found=right)
    return {"found_right": None, **{row["finding"]: row for row in rows}}


@samples.route("")
class Samples(Resource):
    """Samples asked for."""

    @operation(
        "drawSample",
        "Draw a random sample of records",
        query=SampleQuery(),
        returns=Sample(),
        formats=pages.LISTED,
        scope="audit",
        access="consultation",
        tagged=True,
    )
    def get(self, as_of: database.AsOf, **asked: Any) -> Answer:
        """By seed: ordered by SHA-256 of the seed followed by offence_id, so that anybody can draw it again
        and nobody can choose.

        The same seed and as_of draw the same records for ever. A larger simple sample begins with the smaller
        one of the same seed. Intervals are those of a simple sample of a large population; stratified by
        proportion, a sample says no less. CSV and NDJSON hold the records alone.
        """
        with reading(as_of) as sql:
            unless_unchanged(sql)
            sample = drawn(sql, asked)
            question = {name: sample[name] for name in ("area", "category", "period", "seed", "status")}
            access.shown(
                len(sample["items"]),
                offence_ids=[one["offence_id"] for one in sample["items"]],
                asked=question,
            )
            return Answer(sample, tag=sql.as_of)
