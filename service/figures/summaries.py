"""The figures: counts compared, with how sure they are, and the address of the records behind each."""

from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures import pictures
from service.figures.by_measure import answer_question, resolve_answerable
from service.figures.figure import FigureSchema
from service.figures.figure_table import figure_columns, flatten_figure
from service.figures.question import BASES, EXPOSURES, percent_rule
from service.periods import PeriodField, compared_with, months_touched, whole_months
from service.pictures import rendering
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Integer, Output, Query, Reflected, Text
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

BY = ("area", "category", "code", "month")
MOST_AREAS, MOST_CATEGORIES = 100, 200
MOST_FIGURES = 50_000
CODES_IN_A_CATEGORY = 250
"""More than there are: what by=code may multiply a question by."""

summaries = Namespace("summaries", description="The figures.")


class SummaryQuery(Query):
    """Which figures."""

    area = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "Areas by code or slug; may be given many times."},
    )
    as_of = AsOf()
    basis = Choice(
        "OutcomeBasis",
        *BASES,
        metadata={
            "description": (
                "Of outcomes: assigned in the period, as where not given, or of the crimes recorded in it."
            )
        },
    )
    by = fields.List(
        Choice("SummaryGrouping", *BY),
        metadata={"description": "Also by code, or by month; area and category are always told apart."},
    )
    category = fields.List(
        Text(),
        validate=validate.Length(min=1, max=MOST_CATEGORIES),
        metadata={"description": "Categories; may be given many times. all-crime where not given."},
    )
    compare = Text(longest=40, metadata={"description": "previous, last-year, or a period."})
    exposure = Choice(
        "ExposureUnit",
        *EXPOSURES,
        metadata={
            "description": (
                "In what periods are measured for rates: months for whole years where not given, else days."
            )
        },
    )
    measure = Text(
        longest=100, metadata={"description": "One that GET /v1/measures lists; offences where not given."}
    )
    percent_rule = percent_rule()
    period = PeriodField(required=True)
    population_year = Integer(
        least=1801,
        most=2999,
        metadata={
            "description": (
                "Divide by the people or households of this year, and not of that in which the period begins."
            )
        },
    )
    source = Text(
        longest=100,
        metadata={"description": "records where not given, or the source of a return, like home-office-pfa."},
    )

    @validates_schema
    def can_be_answered(self, data: dict[str, Any], **_: Any) -> None:
        """`compare` is a period, a return is asked only for what it holds, and the answer is not endless."""
        if "period" not in data:
            return
        if "compare" in data:
            try:
                data["compare"] = compared_with(data["period"], data["compare"])
            except ValueError as fault:
                raise ValidationError(str(fault), "compare") from None
        if data.get("exposure") == "months" and None in (
            whole_months(data["period"]),
            whole_months(data.get("compare") or data["period"]),
        ):
            raise ValidationError("Only whole months can be measured in months: ask for days.", "exposure")
        if "month" in data.get("by", []):
            _can_go_by_month(data)
        months = months_touched(data["period"]) if "month" in data.get("by", []) else 1
        codes = CODES_IN_A_CATEGORY if "code" in data.get("by", []) else 1
        if len(data.get("area", [])) * len(data.get("category", [1])) * months * codes > MOST_FIGURES:
            raise ValidationError(
                f"That is over {MOST_FIGURES:,} figures: ask for fewer areas, categories or months.", "area"
            )


def _can_go_by_month(data: dict[str, Any]) -> None:
    """A return holds no months; and months are compared one by one, so both periods need equally many whole
    ones."""
    if data.get("source", "records") != "records":
        raise ValidationError("A return holds no months: ask for its quarters, each as a period.", "by")
    base = data.get("compare")
    if base and (whole_months(data["period"]) is None or whole_months(data["period"]) != whole_months(base)):
        raise ValidationError("by=month compares periods of equally many whole months.", "compare")


class Summary(Output):
    """Figures, and the change they reflect."""

    as_of = fields.Nested(Reflected)
    figures = fields.List(fields.Nested(FigureSchema))

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table of its figures."""
        return figure_columns()

    def table_items(self, content: object) -> Iterable[dict[str, Any]]:
        """Its figures."""
        figures: list[dict[str, Any]] = self.dump(content)["figures"]
        return figures

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each figure."""
        return map(flatten_figure, self.table_items(content))


rendering.register(Summary, pictures.of_figures)


@summaries.route("")
class Summaries(Resource):
    """Figures asked for."""

    @operation(
        "readSummary",
        "Read figures",
        query=SummaryQuery(),
        returns=Summary(),
        lasting=True,
        tagged=True,
        formats=(formats.JSON, formats.NDJSON, formats.CSV, *formats.PICTURES),
    )
    def get(self, as_of: Any, **asked: Any) -> Answer:
        """Counts by area and category in a period, compared with another where asked, from records or from a
        return.

        An offence belongs to the period it was recorded in. A period of which something is missing says
        `complete: false`. A picture shows the changes in per cent with their intervals, or the figures
        themselves where there is no percentage.
        """
        with reading(as_of) as sql:
            usual = {"percent_rule": current_app.config["PERCENT_RULE"]}
            question = resolve_answerable(
                sql, **usual | {name: value for name, value in asked.items() if value is not None}
            )
            unless_unchanged(sql)
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, "figures": answer_question(sql, question)}
            return Answer(answer, made_of=question, tag=sql.as_of)
