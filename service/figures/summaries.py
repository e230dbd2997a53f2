"""The figures: counts compared, with how sure they are, and the address of the records behind each."""

from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures import pictures
from service.figures.breaks_crossed import BreakCrossed
from service.figures.by_measure import counted, understood
from service.figures.comparisons import CHANGE_EXPLAINED, CHANGES, EXPOSURES, Dispersion, Exposure
from service.figures.question import percent_rule
from service.figures.rates import BASES, Denominator
from service.figures.severity import LeftOut
from service.figures.spans import Span
from service.figures.statuses import STATUSES, FigureStatus
from service.periods import PeriodField, compared_with, months_touched, whole_months
from service.pictures import rendering
from service.reference.areas import Place
from service.reference.categories import Counted
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import (
    AsOf,
    Boolean,
    Choice,
    Integer,
    Number,
    Output,
    Quantity,
    Query,
    Reflected,
    Text,
    side_by_side,
)
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


class Compared(Output):
    """What the figure says against another period's."""

    breaks = fields.List(
        fields.Nested(BreakCrossed),
        dump_default=list,
        metadata={"description": "Days between the two from which crime is counted otherwise."},
    )
    change = Choice("ChangeSeen", *CHANGES, allow_none=True, metadata={"description": CHANGE_EXPLAINED})
    count = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        dump_default=None,
        metadata={"description": "As that of the figure."},
    )
    denominator = fields.Nested(Denominator, allow_none=True, dump_default=None)
    denominator_changed = Boolean(
        allow_none=True,
        dump_default=None,
        metadata={
            "description": (
                "Are the two divided by another number, of another year or source? null where nothing"
                " divides."
            )
        },
    )
    difference = Quantity(
        allow_none=True,
        metadata={"description": "Between rates, to four decimals; between shares, in points."},
    )
    dispersion = fields.Nested(
        Dispersion,
        allow_none=True,
        dump_default=None,
        metadata={"description": "null where too few months before are held to know."},
    )
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    exposure = fields.Nested(
        Exposure,
        allow_none=True,
        dump_default=None,
        metadata={"description": "null where people or households are what counts are divided by."},
    )
    interval_95 = fields.List(
        Number(),
        allow_none=True,
        metadata={
            "description": (
                "Of the rate ratio, by its logarithm: exp(ln RR ± 1.96 √(1/c + 1/b)), chance alone."
            )
        },
    )
    interval_95_exact = fields.List(
        Number(allow_none=True),
        allow_none=True,
        dump_default=None,
        metadata={
            "description": (
                "The same by Clopper and Pearson, chance alone; an end that is null is without end."
            )
        },
    )
    left_out = fields.Nested(LeftOut, allow_none=True, dump_default=None)
    note = fields.String(allow_none=True, dump_default=None)
    p = Number(allow_none=True, metadata={"description": "Two-sided conditional exact test, chance alone."})
    percent = Number(
        allow_none=True,
        metadata={"description": "On unrounded counts, rounded once, half away from zero, to one decimal."},
    )
    percent_rule = percent_rule(allow_none=True, dump_default=None)
    percent_withheld = fields.String(allow_none=True)
    period = fields.Nested(Span)
    points = Number(allow_none=True, dump_default=None)
    rate_ratio = Number(allow_none=True)
    status = fields.List(
        fields.Nested(FigureStatus),
        dump_default=list,
        metadata={"description": "Of the value compared with."},
    )
    value = Quantity(allow_none=True)


class Figure(Output):
    """One figure."""

    area = fields.Nested(Place)
    basis = Choice(
        "OutcomeBasis", *BASES, allow_none=True, dump_default=None, metadata={"description": "Of outcomes."}
    )
    category = fields.Nested(
        Counted, allow_none=True, metadata={"description": "null where the measure is reported."}
    )
    code = fields.String(allow_none=True, metadata={"description": "With by=code."})
    compared = fields.Nested(Compared, allow_none=True)
    count = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        dump_default=None,
        metadata={
            "description": (
                "Offences behind a rate or score, outcomes that are positive, observations put together."
            )
        },
    )
    denominator = fields.Nested(Denominator, allow_none=True, dump_default=None)
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    evidence = fields.String(
        allow_none=True,
        metadata={
            "description": (
                "The list of exactly `value` records (`count` where it is not the value; or of those that"
                " hold the victims), the cells of a return, or observations."
            )
        },
    )
    left_out = fields.Nested(LeftOut, allow_none=True, dump_default=None)
    measure = fields.String()
    month = fields.String(allow_none=True, metadata={"description": "With by=month."})
    note = fields.String(
        allow_none=True, dump_default=None, metadata={"description": "What to know of the value."}
    )
    period = fields.Nested(Span)
    points = Number(
        allow_none=True, dump_default=None, metadata={"description": "Of severity: Σ offences × weight."}
    )
    source = fields.String()
    status = fields.List(
        fields.Nested(FigureStatus),
        dump_default=list,
        metadata={"description": "What has to be said of the value before it is quoted."},
    )
    value = Quantity(
        allow_none=True,
        metadata={
            "description": "Whole where it counts; a rate has four decimals, a score two, a share one."
        },
    )
    withheld = fields.String(
        allow_none=True, dump_default=None, metadata={"description": "Why there is no value."}
    )
    wording = fields.String()


COLUMNS = [
    "area_code",
    "area_name",
    "category_code",
    "category_name",
    "category_definition",
    "code",
    "month",
    "measure",
    "source",
    "edition",
    "period_period",
    "period_from",
    "period_to",
    "period_complete",
    "value",
    "compared_period_period",
    "compared_period_from",
    "compared_period_to",
    "compared_period_complete",
    "compared_value",
    "compared_difference",
    "compared_percent",
    "compared_percent_withheld",
    "compared_rate_ratio",
    "compared_interval_95_low",
    "compared_interval_95_high",
    "compared_p",
    "compared_change",
    "wording",
    "evidence",
    # Added later, at the end: who takes columns by their place finds the others where they were.
    "status",
    "compared_status",
    "compared_breaks",
    "compared_percent_rule",
    "compared_exposure_period",
    "compared_exposure_base",
    "compared_exposure_unit",
    "compared_interval_95_exact_low",
    "compared_interval_95_exact_high",
    "compared_dispersion_phi",
    "compared_dispersion_months",
    "compared_dispersion_p",
    "compared_dispersion_interval_95_low",
    "compared_dispersion_interval_95_high",
    "count",
    "denominator_of",
    "denominator_number",
    "denominator_year",
    "denominator_source",
    "denominator_note",
    "points",
    "left_out_codes",
    "left_out_offences",
    "basis",
    "note",
    "withheld",
    "compared_count",
    "compared_denominator_number",
    "compared_denominator_year",
    "compared_denominator_changed",
]
INTERVALS = ("interval_95", "interval_95_exact", "dispersion_interval_95")


def as_row(figure: dict[str, Any]) -> dict[str, Any]:
    """One figure as a row of CSV: nested members side by side, statuses and breaks by their names, intervals
    by their ends."""
    row = {
        **figure,
        "status": _names(figure.get("status", []), "status"),
    }  # releases made before there were any have none
    if compared := figure["compared"]:
        spread = dict(compared.get("dispersion") or {})
        ends = {f"{name}_{end}": value for name in INTERVALS[:2] for end, value in _ends(compared.get(name))}
        spread |= {f"interval_95_{end}": value for end, value in _ends(spread.pop("interval_95", None))}
        row["compared"] = {
            **compared,
            **ends,
            "dispersion": spread,
            "status": _names(compared.get("status", []), "status"),
            "breaks": _names(compared.get("breaks", []), "series_break"),
        }
    return row


def _names(told: list[dict[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(one[name] for one in told))


def _ends(interval: list[float | None] | None) -> list[tuple[str, float | None]]:
    return list(zip(("low", "high"), interval or (None, None), strict=True))


def figure_columns() -> dict[str, fields.Field[Any]]:
    """What the columns of a table of figures hold."""
    within: dict[str, fields.Field[Any]] = {
        f"compared_{name}_{end}": Number(allow_none=True) for name in INTERVALS for end in ("low", "high")
    }
    within |= {
        name: fields.List(Choice("FigureStatusName", *STATUSES)) for name in ("status", "compared_status")
    }
    found = side_by_side(Figure()) | within | {"compared_breaks": fields.List(fields.String())}
    return {name: found[name] for name in COLUMNS}


class Summary(Output):
    """Figures, and the change they reflect."""

    as_of = fields.Nested(Reflected)
    figures = fields.List(fields.Nested(Figure))

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table of its figures."""
        return figure_columns()

    def table_items(self, content: object) -> Iterable[dict[str, Any]]:
        """Its figures."""
        figures: list[dict[str, Any]] = self.dump(content)["figures"]
        return figures

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each figure."""
        return map(as_row, self.table_items(content))


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
            question = understood(
                sql, usual | {name: value for name, value in asked.items() if value is not None}
            )
            unless_unchanged(sql)
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, "figures": counted(sql, question)}
            return Answer(answer, made_of=question, tag=sql.as_of)
