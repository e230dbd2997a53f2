"""The figure: a value of an area in a period, what it says against another period's, what has to be known of
it, and the address of what is behind it.

Each noun is a frozen dataclass, made whole in one place, beside the schema that writes it as JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from marshmallow import fields

from service.figures.breaks_crossed import BreakCrossed, BreakCrossedSchema
from service.figures.certainty import Interval
from service.figures.question import BASES, EXPOSURES, percent_rule
from service.figures.spans import Span, SpanSchema
from service.figures.statuses import FigureStatus, FigureStatusSchema
from service.reference.areas import NamedArea, Place
from service.reference.categories import Counted, NamedCategory
from service.web.fields import Boolean, Choice, Date, Integer, Number, Output, Quantity

CHANGES = ("rise", "fall", "within_chance")
CHANGE_EXPLAINED = (
    "Two-sided exact test at 5 per cent, over-dispersion allowed for where it is known; null where the two"
    " cannot be compared."
)
Value = int | float | Decimal
"""Whole where it counts; a rate has four decimals, a score two, a share one."""


@dataclass(frozen=True, kw_only=True)
class Denominator:
    """What a figure was divided by: so many of what, in the middle of which year."""

    of: str
    number: int | None
    year: int | None = None
    source: str | None = None
    note: str | None = None


class DenominatorSchema(Output):
    """What a figure was divided by."""

    note = fields.String(
        allow_none=True, metadata={"description": "What to know of it: another year, or none held."}
    )
    number = Integer(least=0, most=2**53, allow_none=True)
    of = Choice("DenominatorOf", "residents", "households", "outcomes", "crimes")
    source = fields.String(allow_none=True)
    year = Integer(
        least=1801,
        most=2999,
        allow_none=True,
        metadata={
            "description": "Its middle: the year in which the period begins, or the nearest earlier one held."
        },
    )


@dataclass(frozen=True)
class LeftOut:
    """Offences whose codes have no weight, and these codes."""

    codes: Sequence[str]
    offences: int


class LeftOutSchema(Output):
    """Offences whose codes have no weight on the first day of the period."""

    codes = fields.List(fields.String())
    offences = Integer(least=-(2**53), most=2**53)


@dataclass(frozen=True)
class Exposure:
    """How long a period and its base were, in one unit."""

    period: int
    base: int
    unit: str


class ExposureSchema(Output):
    """How long both periods were, in one unit: what counts are divided by before they are compared."""

    base = Integer(least=1, most=2**31 - 1)
    period = Integer(least=1, most=2**31 - 1)
    unit = Choice("ExposureUnit", *EXPOSURES)


@dataclass(frozen=True)
class Dispersion:
    """How many times as much as by chance alone the months between two days varied, and how sure that leaves
    us."""

    phi: float
    months: int
    from_on: date
    to_on: date
    p: float
    interval_95: Interval


class DispersionSchema(Output):
    """How much more than by chance the months before the period varied, and how sure that leaves us."""

    interval_95 = fields.List(
        Number(allow_none=True), metadata={"description": "Of the rate ratio, over-dispersion allowed for."}
    )
    months = Integer(
        least=24, most=36, metadata={"description": "How many were looked at: whole years before the period."}
    )
    p = Number(
        metadata={"description": "Over-dispersion allowed for: as though both counts were phi times smaller."}
    )
    phi = Number(
        metadata={
            "description": (
                "Pearson chi-square over degrees of freedom, season and yearly level removed; never below 1."
            )
        }
    )

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(attribute="from_on"), "to": Date(attribute="to_on")}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a figure says against another period's; of other measures than counts, what is left at its default
    does not apply."""

    period: Span
    value: Value | None
    edition: str | None
    difference: Value | None
    percent: Value | None
    percent_withheld: str | None
    rate_ratio: Value | None
    p: float | None
    change: str | None
    interval_95: Sequence[Value | None] | None
    interval_95_exact: Interval | None = None
    dispersion: Dispersion | None = None
    exposure: Exposure | None = None
    percent_rule: str | None = None
    breaks: Sequence[BreakCrossed] = ()
    status: Sequence[FigureStatus] = ()
    count: int | None = None
    denominator: Denominator | None = None
    denominator_changed: bool | None = None
    points: Value | None = None
    left_out: LeftOut | None = None
    note: str | None = None

    def counted(self) -> int | None:
        """The value of a comparison of counts."""
        assert self.value is None or isinstance(self.value, int)
        return self.value


class ComparedSchema(Output):
    """What the figure says against another period's."""

    breaks = fields.List(
        fields.Nested(BreakCrossedSchema),
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
    denominator = fields.Nested(DenominatorSchema, allow_none=True, dump_default=None)
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
        DispersionSchema,
        allow_none=True,
        dump_default=None,
        metadata={"description": "null where too few months before are held to know."},
    )
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    exposure = fields.Nested(
        ExposureSchema,
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
    left_out = fields.Nested(LeftOutSchema, allow_none=True, dump_default=None)
    note = fields.String(allow_none=True, dump_default=None)
    p = Number(allow_none=True, metadata={"description": "Two-sided conditional exact test, chance alone."})
    percent = Number(
        allow_none=True,
        metadata={"description": "On unrounded counts, rounded once, half away from zero, to one decimal."},
    )
    percent_rule = percent_rule(allow_none=True, dump_default=None)
    percent_withheld = fields.String(allow_none=True)
    period = fields.Nested(SpanSchema)
    points = Number(allow_none=True, dump_default=None)
    rate_ratio = Number(allow_none=True)
    status = fields.List(
        fields.Nested(FigureStatusSchema),
        dump_default=list,
        metadata={"description": "Of the value compared with."},
    )
    value = Quantity(allow_none=True)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value of a measure; what is left at its default does not apply to the measure."""

    area: NamedArea
    category: NamedCategory | None
    code: str | None
    month: str | None
    measure: str
    source: str
    edition: str | None
    period: Span
    value: Value | None
    compared: Comparison | None
    evidence: str | None
    wording: str
    status: Sequence[FigureStatus] = ()
    withheld: str | None = None
    note: str | None = None
    count: int | None = None
    denominator: Denominator | None = None
    basis: str | None = None
    points: Value | None = None
    left_out: LeftOut | None = None

    def counted(self) -> int | None:
        """The value of a figure that counts."""
        assert self.value is None or isinstance(self.value, int)
        return self.value


class FigureSchema(Output):
    """One figure."""

    area = fields.Nested(Place)
    basis = Choice(
        "OutcomeBasis", *BASES, allow_none=True, dump_default=None, metadata={"description": "Of outcomes."}
    )
    category = fields.Nested(
        Counted, allow_none=True, metadata={"description": "null where the measure is reported."}
    )
    code = fields.String(allow_none=True, metadata={"description": "With by=code."})
    compared = fields.Nested(ComparedSchema, allow_none=True)
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
    denominator = fields.Nested(DenominatorSchema, allow_none=True, dump_default=None)
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
    left_out = fields.Nested(LeftOutSchema, allow_none=True, dump_default=None)
    measure = fields.String()
    month = fields.String(allow_none=True, metadata={"description": "With by=month."})
    note = fields.String(
        allow_none=True, dump_default=None, metadata={"description": "What to know of the value."}
    )
    period = fields.Nested(SpanSchema)
    points = Number(
        allow_none=True, dump_default=None, metadata={"description": "Of severity: Σ offences × weight."}
    )
    source = fields.String()
    status = fields.List(
        fields.Nested(FigureStatusSchema),
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
