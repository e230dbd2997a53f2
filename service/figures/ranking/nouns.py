"""A ranking: its places, what they are held against, and how the ranks that chance leaves open were drawn.

Each noun is a frozen dataclass, made whole in one place, beside the schema that writes it as JSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import fields

from service.figures.figure import ComparedSchema, Comparison
from service.figures.ranking.chance import DRAWS, MOST_SEED
from service.figures.spans import Span, SpanSchema
from service.reference.areas import NamedArea, Place
from service.reference.categories import Counted, NamedCategory
from service.reference.peer_groups import PeerGroup, PeerGroupSchema
from service.web.fields import Boolean, Choice, Integer, Number, Output, Reflected, side_by_side

KINDS = ("force", "district", "partnership")
MOST_PLACES = 400
ORDERS, AVERAGES = ("rate", "change", "number"), ("mean", "weighted")


@dataclass(frozen=True)
class RankingDenominator:
    """The residents that a count is divided by."""

    of: str
    year: int | None
    number: int | None
    source: str | None
    note: str | None


class RankingDenominatorSchema(Output):
    """What a count is divided by."""

    note = fields.String(
        allow_none=True, metadata={"description": "What is to be known of it, or why there is none."}
    )
    number = Integer(least=0, most=2**53, allow_none=True)
    of = fields.String()
    source = fields.String(allow_none=True)
    year = Integer(
        least=1801, most=2999, allow_none=True, metadata={"description": "Of the middle of this year."}
    )


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One place of a ranking; one that is not ranked says why, and has neither value nor rank."""

    area: NamedArea
    category: NamedCategory
    order: str
    source: str
    edition: str | None
    period: Span
    count: int | None
    denominator: RankingDenominator | None
    compared: Comparison | None
    evidence: str | None
    withheld: str | None
    wording: str
    value: Decimal | None = None
    interval_95: Sequence[Decimal] | None = None
    rank: int | None = None
    rank_range: Sequence[int] | None = None
    probability_first: float | None = None
    probability_first_quarter: float | None = None
    average_difference: Decimal | None = None
    average_interval_95: Sequence[float] | None = None
    against_average: str | None = None


class RankedSchema(Output):
    """One place. `rank` 1 is the lowest; what is withheld has neither value nor rank."""

    table_key: ClassVar[tuple[str, ...]] = ("area_code",)

    against_average = Choice(
        "AgainstAverage",
        "above",
        "below",
        "within_chance",
        allow_none=True,
        metadata={"description": "within_chance: the interval of the distance holds nought."},
    )
    area = fields.Nested(Place)
    average_difference = Number(allow_none=True, metadata={"description": "The value less the average."})
    average_interval_95 = fields.List(
        Number(), allow_none=True, metadata={"description": "Of that difference, from the draws."}
    )
    category = fields.Nested(Counted)
    compared = fields.Nested(ComparedSchema, allow_none=True, metadata={"description": "With order=change."})
    count = Integer(least=-(2**53), most=2**53, allow_none=True)
    denominator = fields.Nested(
        RankingDenominatorSchema, allow_none=True, metadata={"description": "With order=rate."}
    )
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    evidence = fields.String(
        allow_none=True,
        metadata={"description": "The list of exactly `count` records, or the cells of a return."},
    )
    interval_95 = fields.List(
        Number(),
        allow_none=True,
        metadata={
            "description": (
                "Of the value: exact for a Poisson count (Garwood 1936); of a change, as a rate ratio has it."
            )
        },
    )
    order = Choice("RankingOrder", *ORDERS)
    period = fields.Nested(SpanSchema)
    probability_first = Number(
        allow_none=True, metadata={"description": "The share of the draws in which it is the lowest."}
    )
    probability_first_quarter = Number(
        allow_none=True, metadata={"description": "In which it is in the lowest quarter, rounded up."}
    )
    rank = Integer(
        least=1,
        most=MOST_PLACES,
        allow_none=True,
        metadata={"description": "By the value as it is; equal ones share a rank."},
    )
    rank_range = fields.List(
        Integer(least=1, most=MOST_PLACES),
        allow_none=True,
        metadata={"description": "Between which ranks it lies in 95 of 100 draws."},
    )
    source = fields.String()
    value = Number(
        allow_none=True,
        metadata={"description": "Offences per 1,000 residents, the change as a ratio, or the count."},
    )
    withheld = fields.String(allow_none=True, metadata={"description": "Why it is not ranked."})
    wording = fields.String()

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Both ends of an interval side by side."""
        found: dict[str, fields.Field[Any]] = {}
        for name, field in side_by_side(self).items():
            if isinstance(field, fields.List):
                ends: fields.Field[Any] = (
                    Integer(least=1, most=MOST_PLACES, allow_none=True)
                    if "rank" in name
                    else Number(allow_none=True)
                )
                found |= {f"{name}_low": ends, f"{name}_high": ends}
            else:
                found[name] = field
        return found


@dataclass(frozen=True)
class RankingCoverage:
    """How many places of a kind there are, and how many of them are ranked."""

    kind: str
    expected: int
    ranked: int
    complete: bool


class RankingCoverageSchema(Output):
    """How many there are, and how many are ranked."""

    complete = Boolean(
        metadata={"description": "Is every one ranked? Else the lowest of all cannot be told."}
    )
    expected = Integer(
        least=0,
        most=MOST_PLACES,
        metadata={"description": "Places of the kind that there were in the period."},
    )
    kind = Choice("RankedKind", *KINDS)
    ranked = Integer(least=0, most=MOST_PLACES)


@dataclass(frozen=True)
class RankingCentre:
    """The average that each place is held against, and how it is worked out."""

    average: str
    rule: str
    value: Decimal | None


class RankingCentreSchema(Output):
    """What each place is held against, itself taken in."""

    average = Choice("RankingAverage", *AVERAGES)
    rule = fields.String()
    value = Number(allow_none=True)


@dataclass(frozen=True)
class RankingDraws:
    """How many draws, from which seed, by which model."""

    draws: int
    model: str
    seed: int


class RankingDrawsSchema(Output):
    """How the ranks were drawn: the same seed gives the same ranks."""

    draws = Integer(least=1, most=DRAWS)
    model = fields.String()
    seed = Integer(least=0, most=MOST_SEED)


@dataclass(frozen=True)
class RankedPeers(PeerGroup):
    """The peer group that is ranked, and those of its peers that do not have the force among theirs."""

    not_mutual: Sequence[str]


class RankedPeersSchema(PeerGroupSchema):
    """The peer group that is ranked."""

    not_mutual = fields.List(
        fields.String(), metadata={"description": "Peers that have no group in use with the force in it."}
    )


@dataclass(frozen=True)
class RankingLeftOut:
    """A place that is not ranked, and why."""

    area: NamedArea
    reason: str


class RankingLeftOutSchema(Output):
    """A place that is not ranked."""

    area = fields.Nested(Place)
    reason = fields.String()


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Places of one kind side by side, lowest first, those that are not ranked at the end."""

    area: NamedArea
    items: Sequence[Ranked]
    order: str
    unit: str
    peer_group: RankedPeers | None
    cautions: Sequence[str]
    average: RankingCentre
    coverage: RankingCoverage
    left_out: Sequence[RankingLeftOut]
    simulation: RankingDraws
    wording: str


def flatten_place(place: Mapping[str, Any]) -> dict[str, Any]:
    """One place, as RankedSchema writes it, as a row of CSV: both ends of an interval side by side."""
    compared = place["compared"]
    return _part_ends(place) | {"compared": compared and _part_ends(compared)}


def _part_ends(members: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(members)
    for name in ("average_interval_95", "interval_95", "rank_range"):
        if name in row:
            row[f"{name}_low"], row[f"{name}_high"] = row.pop(name) or (None, None)
    return row


class RankingSchema(Output):
    """Places side by side, lowest first, those that are not ranked at the end."""

    area = fields.Nested(Place)
    as_of = fields.Nested(Reflected)
    average = fields.Nested(RankingCentreSchema)
    cautions = fields.List(fields.String())
    coverage = fields.Nested(RankingCoverageSchema)
    items = fields.List(fields.Nested(RankedSchema))
    left_out = fields.List(fields.Nested(RankingLeftOutSchema))
    order = Choice("RankingOrder", *ORDERS)
    peer_group = fields.Nested(RankedPeersSchema, allow_none=True)
    simulation = fields.Nested(RankingDrawsSchema)
    unit = fields.String(metadata={"description": "Of the values."})
    wording = fields.String()

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """Both ends of an interval side by side."""
        return map(flatten_place, self.table_items(content))
