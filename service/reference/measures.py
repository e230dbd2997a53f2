"""Measures: what can be asked of an area and a period. Some are worked out here, others are reported from
outside, value by value."""

from dataclasses import dataclass
from typing import TypedDict

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.store import Book
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Boolean, Choice, Input, Integer, Known, Output, Text
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

ADDS_UP = ("sum", "mean", "last")
BETTER = ("higher", "lower", "neither")

measures = Namespace("measures", description="What is measured.")


class MeasureBody(TypedDict):
    """What MeasureDraft loads."""

    adds_up: str
    better: str
    decimals: int
    description: str
    name: str
    unit: str


class MeasureDraft(Input):
    """What a reported measure means."""

    adds_up = Choice(
        "MeasureAddsUp",
        *ADDS_UP,
        required=True,
        metadata={
            "description": (
                "How values of parts of a period make up the whole: added, the mean weighted by days, or the"
                " last."
            )
        },
    )
    better = Choice(
        "MeasureBetter",
        *BETTER,
        required=True,
        metadata={"description": "Whether higher or lower is better."},
    )
    decimals = Integer(
        least=0, most=6, load_default=0, metadata={"description": "How many a value may have."}
    )
    description = Text(longest=1000, required=True)
    name = Text(required=True)
    unit = Text(longest=60, required=True, metadata={"description": "pounds, per cent, hours, count…"})


@dataclass(frozen=True)
class Measure:
    """A measure as known at a change; `since_change` and `adds_up` are None for what is built in."""

    adds_up: str | None
    better: str
    built_in: bool
    decimals: int
    description: str
    measure: str
    name: str
    since_change: int | None
    unit: str


class MeasureSchema(Output):
    """A measure as known at a change."""

    table_key = ("measure",)

    adds_up = Choice(
        "MeasureAddsUp",
        *ADDS_UP,
        allow_none=True,
        metadata={"description": "null for what is worked out here."},
    )
    better = Choice("MeasureBetter", *BETTER)
    built_in = Boolean(
        metadata={"description": "Worked out here from records, returns and populations; else reported."}
    )
    decimals = Integer(least=0, most=6)
    description = fields.String()
    measure = fields.String()
    name = fields.String()
    since_change = Integer(
        least=1, most=2**62, allow_none=True, metadata={"description": "null for what is built in."}
    )
    unit = fields.String()


class MeasureFilter(Paged):
    """Which measures."""

    as_of = AsOf()


def find_measure(book: Book, name: str) -> Measure:
    """The measure of this name. Raises 400 where there is none."""
    measure = book.reference.measures.read.one(Measure, measure=name)
    if measure is None:
        detail = f"No measure is called {name}. GET /v1/measures lists those that are."
        raise Problem(
            "invalid-parameter",
            detail,
            errors=[{"parameter": "measure", "detail": f"No measure is called {name}."}],
        )
    return measure


def find_reported_measure(book: Book, name: str) -> Measure:
    """The reported measure of this name, as the address of a request has it. Raises 404 where there is none,
    409 where it is built in."""
    measure = found(
        book.reference.measures.read.one(Measure, measure=name),
        f"No measure is called {name} at change {book.as_of}.",
    )
    if measure.built_in:
        detail = f"{name} is worked out here and cannot be told: register a measure of another name."
        raise Problem("conflict", detail, hint="GET /v1/summaries?measure= reads it.")
    return measure


def define_measure(book: Book, measure: str, body: MeasureBody) -> Measure:
    """Begin a version of a reported measure; the one before ends."""
    book.reference.measures.know(measure=measure)
    book.reference.measures.end(measure=measure)
    defined = book.reference.measures.begin.one(Measure, measure=measure, **body)
    assert defined is not None
    return defined


@measures.route("")
class Measures(Resource):
    """Every measure."""

    @operation(
        "listMeasures",
        "List measures",
        query=MeasureFilter(),
        returns=page_of(MeasureSchema, "MeasurePage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: AsKnown, after: str | None, limit: int | None) -> Answer:
        """Those worked out here and those reported, by name."""
        with reading(as_of) as sql:
            return listed(
                sql, sql.reference.measures.list, MeasureSchema(), {"measure": str}, after=after, limit=limit
            )


@measures.route("/<string:measure>")
class OneMeasure(Resource):
    """One measure."""

    @operation("readMeasure", "Read one measure", query=Known(), returns=MeasureSchema(), errors=(404,))
    def get(self, measure: str, as_of: AsKnown) -> Answer:
        """As known at a change. What is built in never changes: its tag is 0."""
        with reading(as_of) as sql:
            found_measure = found(
                sql.reference.measures.read.one(Measure, measure=measure),
                f"No measure is called {measure} at change {sql.as_of}.",
            )
            return Answer(found_measure, tag=found_measure.since_change or 0)

    @operation(
        "defineMeasure",
        "Define a reported measure",
        body=MeasureDraft(),
        returns=MeasureSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
        errors=(409,),
    )
    def put(self, measure: str, body: MeasureBody, seen: int) -> Answer:
        """A new version, or with `If-Match: "0"` a new measure. What is built in cannot be defined."""
        with writing("measure defined") as sql:
            present = sql.reference.measures.read.row(measure=measure)
            if present:
                find_reported_measure(sql, measure)
            require_seen(present or {"since_change": 0}, seen)
            defined = define_measure(sql, measure, body)
            status, headers = (200, {}) if present else (201, {"Location": f"/v1/measures/{measure}"})
            return Answer(defined, headers, status=status, tag=defined.since_change)
