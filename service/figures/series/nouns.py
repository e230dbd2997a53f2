"""A series: its points, the limits of its control chart, how its counts spread, and its season.

Each noun is a frozen dataclass, made whole in one place, beside the schema that writes it as JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marshmallow import fields

from service.figures.figure import ComparedSchema, Comparison
from service.figures.spans import Span, SpanSchema
from service.figures.statuses import FigureStatus, FigureStatusSchema
from service.reference.areas import NamedArea, Place
from service.reference.categories import Counted, NamedCategory
from service.web.fields import Choice, Integer, Number, Output

COUNT = {"least": -(2**53), "most": 2**53}
EVERY = ("month", "quarter", "year", "12m")
RULES = ("beyond_limits", "run", "trend", "moving_range")


@dataclass(frozen=True)
class SeriesSignal:
    """What a point says against the limits of its series, and by which rule."""

    rule: str
    says: str
    rule_from: str


class SeriesSignalSchema(Output):
    """What a point says, and by which rule."""

    rule = Choice("SeriesRule", *RULES)
    rule_from = fields.String(metadata={"description": "The rule in words, and who published it."})
    says = fields.String()


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """One period of a series: its count, its limits and signals, or the twelve months before it."""

    as_of: int
    period: Span
    value: int | None
    edition: str | None
    evidence: str | None
    compared: Comparison | None
    centre: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    moving_range: int | None
    signals: Sequence[SeriesSignal]
    status: Sequence[FigureStatus]


class SeriesPointSchema(Output):
    """One period of a series."""

    as_of = Integer(least=0, most=2**62, metadata={"description": "The change at which it was known."})
    centre = Number(allow_none=True)
    compared = fields.Nested(
        ComparedSchema, allow_none=True, metadata={"description": "With every=12m: the twelve months before."}
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
    period = fields.Nested(SpanSchema)
    signals = fields.List(
        fields.Nested(SeriesSignalSchema), metadata={"description": "None of what is incomplete."}
    )
    status = fields.List(
        fields.Nested(FigureStatusSchema),
        metadata={"description": "What has to be said of the value before it is quoted."},
    )
    upper = Number(allow_none=True)
    value = Integer(**COUNT, allow_none=True)


@dataclass(frozen=True, kw_only=True)
class SeriesChart:
    """The limits of a series, rounded to three decimals; without a kind of chart there are none."""

    chosen_because: str
    chart: str | None = None
    points: int | None = None
    centre: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    moving_range_limit: Decimal | None = None
    per_day: Decimal | None = None


class SeriesChartSchema(Output):
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


@dataclass(frozen=True)
class SeriesDispersion:
    """Whether the counts of a series spread as Poisson counts do."""

    chi_square: Decimal
    degrees_of_freedom: int
    p: float


class SeriesDispersionSchema(Output):
    """Do the counts spread as Poisson counts do? chi_square = Σ (count − mean)² / mean; p is two-sided."""

    chi_square = Number()
    degrees_of_freedom = Integer(least=0, most=2**31 - 1)
    p = Number()


@dataclass(frozen=True, kw_only=True)
class SeriesSeason:
    """The part of its year that a month or a quarter has."""

    month: int | None
    quarter: int | None
    index: Decimal
    share: Decimal
    years: int


class SeriesSeasonSchema(Output):
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


@dataclass(frozen=True, kw_only=True)
class Series:
    """One category in one area through time."""

    area: NamedArea
    category: NamedCategory
    every: str
    measure: str
    source: str
    points: Sequence[SeriesPoint]
    chart: SeriesChart
    dispersion: SeriesDispersion | None
    seasonal: Sequence[SeriesSeason]
    seasonal_withheld: str | None
    caution: str | None
    wording: str


class SeriesSchema(Output):
    """One category in one area through time."""

    area = fields.Nested(Place)
    caution = fields.String(allow_none=True)
    category = fields.Nested(Counted)
    chart = fields.Nested(SeriesChartSchema)
    dispersion = fields.Nested(SeriesDispersionSchema, allow_none=True)
    every = Choice("SeriesEvery", *EVERY)
    measure = fields.String()
    points = fields.List(fields.Nested(SeriesPointSchema))
    seasonal = fields.List(fields.Nested(SeriesSeasonSchema))
    seasonal_withheld = fields.String(
        allow_none=True, metadata={"description": "Why a series of months or quarters has no season."}
    )
    source = fields.String()
    wording = fields.String()
