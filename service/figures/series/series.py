"""Figures through time: the points of a series with their control limits, signals and season, each with the
records behind it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures import pictures
from service.figures.breaks_crossed import Breaks
from service.figures.question import Question, understood
from service.figures.series.charts import EVERY, charted, steps
from service.figures.spans import Span
from service.figures.statuses import FigureStatus
from service.figures.summaries import MOST_AREAS, MOST_CATEGORIES, Compared
from service.periods import PeriodField, whole_months
from service.pictures import rendering
from service.reference.areas import Place
from service.reference.categories import Counted
from service.store import Book
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Integer, Number, Output, Query, Reflected, Text, side_by_side
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

MOST_POINTS, MOST_POINTS_OF_A_RETURN = 10_000, 2_000
"""A point of a return costs more: which edition answers, and which of its cells, is found for each."""

COUNT = {"least": -(2**53), "most": 2**53}
WHOLE = {
    "month": "begins on the first day of a month and ends on the last of one",
    "quarter": "is whole quarters, which begin in April, July, October and January",
    "year": "is whole financial years, April to March",
}

series = Namespace("series", description="Figures through time.", path="/summaries/series")


class SeriesQuery(Query):
    """Which series."""

    area = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "Areas by code or slug; may be given many times."},
    )
    as_of = AsOf()
    category = fields.List(
        Text(),
        validate=validate.Length(min=1, max=MOST_CATEGORIES),
        metadata={"description": "Categories; may be given many times. all-crime where not given."},
    )
    every = Choice(
        "SeriesEvery",
        *EVERY,
        metadata={
            "description": (
                "month where not given; quarter and year are of the financial year. 12m is the twelve months"
                " to the end of each month of the period (of a return: of each quarter), compared with the"
                " twelve before."
            )
        },
    )
    measure = Choice(
        "CountedMeasure", "offences", "victims", metadata={"description": "offences where not given."}
    )
    method = Choice(
        "SeriesMethod",
        "chosen",
        "xmr",
        "c",
        "u",
        metadata={
            "description": (
                "Which limits. chosen where not given: c where the counts spread like Poisson counts, at 5"
                " per cent, else XmR."
            )
        },
    )
    period = PeriodField(
        required=True,
        metadata={"description": "Days that are whole points of the series, like 2008-04-01..2013-03-31."},
    )
    source = Text(
        longest=100,
        metadata={"description": "records where not given, or the source of a return, like home-office-pfa."},
    )

    @validates_schema
    def can_be_answered(self, data: dict[str, Any], **_: Any) -> None:
        """A source is asked for what it holds, the period is whole points, and the answer is not endless."""
        every, source = data.get("every", "month"), data.get("source", "records")
        if every not in steps(source):
            raise ValidationError("A return holds no months: ask for every=quarter, year or 12m.", "every")
        if source != "records" and data.get("measure", "offences") != "offences":
            raise ValidationError("A return counts offences only.", "measure")
        if every == "12m" and "method" in data:
            raise ValidationError(
                "Twelve months have no control limits, for one total shares most of its months with the"
                " next.",
                "method",
            )
        if "period" not in data:
            return
        points = _points(data, every, steps(source)[every].step)
        most = MOST_POINTS if source == "records" else MOST_POINTS_OF_A_RETURN
        if len(data.get("area", [])) * len(data.get("category", [1])) * points > most:
            raise ValidationError(
                f"That is over {most:,} points: ask for fewer areas, categories or years.", "area"
            )


def _points(data: dict[str, Any], every: str, step: int) -> int:
    """How many points the period is. Raises ValidationError where it is not whole ones."""
    period = data["period"]
    months = whole_months(period)
    if months is None or months % step or (period.from_on.month - 4) % step:
        kind = {1: "month", 3: "quarter", 12: "year"}[step]
        raise ValidationError(
            f"every={every} needs a period that {WHOLE[kind]}; {period.period} does not fit.", "period"
        )
    return months // step


class SeriesSignal(Output):
    """What a point says, and by which rule."""

    rule = Choice("SeriesRule", "beyond_limits", "run", "trend", "moving_range")
    rule_from = fields.String(metadata={"description": "The rule in words, and who published it."})
    says = fields.String()


class SeriesPoint(Output):
    """One period of a series."""

    as_of = Integer(least=0, most=2**62, metadata={"description": "The change at which it was known."})
    centre = Number(allow_none=True)
    compared = fields.Nested(
        Compared, allow_none=True, metadata={"description": "With every=12m: the twelve months before."}
    )
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    evidence = fields.String(
        allow_none=True,
        metadata={
            "description": (
                "The list of exactly `value` records (or of those that hold the victims), or the cells of a"
                " return."
            )
        },
    )
    lower = Number(allow_none=True)
    moving_range = Integer(
        least=0,
        most=2**54,
        allow_none=True,
        metadata={
            "description": (
                "How far the value is from that of the point before; null where either is incomplete."
            )
        },
    )
    period = fields.Nested(Span)
    signals = fields.List(
        fields.Nested(SeriesSignal), metadata={"description": "None of what is incomplete."}
    )
    status = fields.List(
        fields.Nested(FigureStatus),
        metadata={"description": "What has to be said of the value before it is quoted."},
    )
    upper = Number(allow_none=True)
    value = Integer(**COUNT, allow_none=True)


class SeriesChart(Output):
    """The limits within which a series stays while nothing but chance moves it.

    XmR: mean ± 2.66 mean moving ranges, moving range up to 3.267 of them; c: mean ± 3 √mean; u: the same of
    what `per_day` gives for the days of each point, so its centre and limits are the points' own. No limit of
    counts is below nought.
    """

    centre = Number(allow_none=True)
    chart = Choice("SeriesChartKind", "xmr", "c", "u", allow_none=True)
    chosen_because = fields.String()
    lower = Number(allow_none=True)
    moving_range_limit = Number(allow_none=True, metadata={"description": "Of XmR."})
    per_day = Number(allow_none=True, metadata={"description": "Of a u-chart."})
    points = Integer(
        least=0,
        most=2**31 - 1,
        allow_none=True,
        metadata={"description": "The complete ones that it was worked out from."},
    )
    upper = Number(allow_none=True)


class SeriesDispersion(Output):
    """Do the counts spread as Poisson counts do? chi_square = Σ (count − mean)² / mean; p is two-sided."""

    chi_square = Number()
    degrees_of_freedom = Integer(least=0, most=2**31 - 1)
    p = Number()


class SeriesSeason(Output):
    """The part of its year that a month or quarter of the financial year has, over whole financial years."""

    index = Number(
        metadata={"description": "The mean share against what its days alone would give: 1 is no season."}
    )
    month = Integer(
        least=1, most=12, allow_none=True, metadata={"description": "Of the calendar: 4 is April."}
    )
    quarter = Integer(
        least=1,
        most=4,
        allow_none=True,
        metadata={"description": "Of the financial year: 1 begins in April."},
    )
    share = Number(metadata={"description": "Its mean share of the year, in per cent."})
    years = Integer(least=1, most=2000, metadata={"description": "How many years it is the mean of."})


class Series(Output):
    """One category in one area through time."""

    area = fields.Nested(Place)
    caution = fields.String(allow_none=True)
    category = fields.Nested(Counted)
    chart = fields.Nested(SeriesChart)
    dispersion = fields.Nested(SeriesDispersion, allow_none=True)
    every = Choice("SeriesEvery", *EVERY)
    measure = fields.String()
    points = fields.List(fields.Nested(SeriesPoint))
    seasonal = fields.List(fields.Nested(SeriesSeason))
    seasonal_withheld = fields.String(
        allow_none=True, metadata={"description": "Why a series of months or quarters has no season."}
    )
    source = fields.String()
    wording = fields.String()


COLUMNS = [
    "area_code",
    "area_name",
    "category_code",
    "category_name",
    "category_definition",
    "every",
    "measure",
    "source",
    "edition",
    "period_period",
    "period_from",
    "period_to",
    "period_complete",
    "value",
    "moving_range",
    "chart_chart",
    "centre",
    "lower",
    "upper",
    "chart_moving_range_limit",
    "signals",
    "compared_period_period",
    "compared_value",
    "compared_difference",
    "compared_percent",
    "compared_percent_withheld",
    "compared_change",
    "as_of",
    "evidence",
]


def as_rows(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """One series as rows of CSV, a point in each; signals by the names of their rules."""
    of_all = {name: shown[name] for name in ("area", "category", "chart", "every", "measure", "source")}
    return [
        of_all | point | {"signals": [signal["rule"] for signal in point["signals"]]}
        for point in shown["points"]
    ]


class SeriesAnswer(Output):
    """Series, and the change they reflect."""

    table_key = ("area_code", "category_code", "period_period")

    as_of = fields.Nested(Reflected)
    series = fields.List(fields.Nested(Series))

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table of its points."""
        rules = fields.List(Choice("SeriesRule", "beyond_limits", "run", "trend", "moving_range"))
        found = side_by_side(Series()) | side_by_side(SeriesPoint()) | {"signals": rules}
        return {name: found[name] for name in COLUMNS}

    def table_items(self, content: object) -> Iterable[dict[str, Any]]:
        """Its series, each with its points."""
        found: list[dict[str, Any]] = self.dump(content)["series"]
        return found

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each point."""
        return (row for one in self.table_items(content) for row in as_rows(one))


rendering.register(SeriesAnswer, pictures.of_series)


@series.route("")
class SeriesAsked(Resource):
    """Series asked for."""

    @operation(
        "readSeries",
        "Read figures through time",
        query=SeriesQuery(),
        returns=SeriesAnswer(),
        lasting=True,
        tagged=True,
        formats=(formats.JSON, formats.NDJSON, formats.CSV, *formats.PICTURES),
    )
    def get(self, as_of: Any, every: str | None, method: str | None, **asked: Any) -> Answer:
        """Counts by month, quarter, financial year or twelve months, with control limits, the signals against
        them, and the season.

        A point of which something is missing is shown, says `complete: false`, and is left out of limits,
        signals and season. A picture is the control chart, one for each series.
        """
        with reading(as_of) as sql:
            question = understood(sql, {name: value for name, value in asked.items() if value is not None})
            unless_unchanged(sql)
            shown = charted(sql, question, every or "month", method or "chosen")
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, "series": shown}
            return Answer(answer, made_of=partial(_breaks_in, sql, question, shown), tag=sql.as_of)


def _breaks_in(book: Book, question: Question, shown: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The breaks within each of these series."""
    found = Breaks(book, question)
    return [found.throughout(one, one["points"][0]["period"], one["points"][-1]["period"]) for one in shown]
