"""Figures through time: the points of a series with their control limits, signals and season, each with the
records behind it."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures.breaks_crossed import BreakCrossed, Breaks
from service.figures.question import Question, resolve_question
from service.figures.series import pictures
from service.figures.series.charts import chart_series, paces_of
from service.figures.series.nouns import EVERY, RULES, Series, SeriesPointSchema, SeriesSchema
from service.figures.summaries import MOST_AREAS, MOST_CATEGORIES
from service.periods import PeriodField, whole_months
from service.pictures import rendering
from service.store import Book
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Output, Query, Reflected, Text, side_by_side
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

MOST_POINTS, MOST_POINTS_OF_A_RETURN = 10_000, 2_000
"""A point of a return costs more: which edition answers, and which of its cells, is found for each."""

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
        if every not in paces_of(source):
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
        points = _points(data, every, paces_of(source)[every].step)
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


def flatten_series(series: Mapping[str, Any]) -> list[dict[str, object]]:
    """One series, as SeriesSchema writes it, as rows of CSV, a point in each; signals by the names of their
    rules."""
    of_all = {name: series[name] for name in ("area", "category", "chart", "every", "measure", "source")}
    return [
        of_all | point | {"signals": [signal["rule"] for signal in point["signals"]]}
        for point in series["points"]
    ]


class SeriesAnswer(Output):
    """Series, and the change they reflect."""

    table_key = ("area_code", "category_code", "period_period")

    as_of = fields.Nested(Reflected)
    series = fields.List(fields.Nested(SeriesSchema))

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table of its points."""
        columns: dict[str, fields.Field[Any]] = side_by_side(SeriesSchema())
        columns |= side_by_side(SeriesPointSchema())
        columns["signals"] = fields.List(Choice("SeriesRule", *RULES))
        return {name: columns[name] for name in COLUMNS}

    def table_items(self, content: object) -> Iterable[dict[str, Any]]:
        """Its series, each with its points."""
        found: list[dict[str, Any]] = self.dump(content)["series"]
        return found

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each point."""
        return (row for one in self.table_items(content) for row in flatten_series(one))


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
            question = resolve_question(
                sql, **{name: value for name, value in asked.items() if value is not None}
            )
            unless_unchanged(sql)
            found = chart_series(sql, question, every or "month", method or "chosen")
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, "series": found}
            return Answer(answer, made_of=partial(_breaks_in, sql, question, found), tag=sql.as_of)


def _breaks_in(book: Book, question: Question, found: list[Series]) -> list[list[BreakCrossed]]:
    """The breaks within each of these series."""
    breaks = Breaks(book, question)
    return [
        breaks.throughout(one.category.code, one.points[0].period, one.points[-1].period) for one in found
    ]
