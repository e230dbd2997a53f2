"""The ranking: places of one kind side by side, with the ranks that chance leaves open and what is not there
to be ranked."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_restx import Resource
from marshmallow import ValidationError, fields, validates_schema

from service.figures import pictures
from service.figures.ranking.chance import DRAWS, MOST_SEED
from service.figures.ranking.places import KINDS, MOST_PLACES, ranked
from service.figures.spans import Span
from service.figures.summaries import Compared, summaries
from service.periods import PeriodField, compared_with
from service.pictures import rendering
from service.reference.areas import Place
from service.reference.categories import Counted
from service.reference.peer_groups import PeerGroup
from service.web.answers import formats, pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import (
    AsOf,
    Boolean,
    Choice,
    Integer,
    Number,
    Output,
    Query,
    Reflected,
    Text,
    side_by_side,
)
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

ORDERS, AVERAGES = ("rate", "change", "number"), ("mean", "weighted")


class RankingQuery(Query):
    """Which places, by what."""

    among = Choice(
        "RankedAmong",
        "parts",
        "peers",
        load_default="parts",
        metadata={"description": "peers: the force among its peer group. parts: what lies in the area."},
    )
    area = Text(
        required=True,
        metadata={
            "description": (
                "A nation or region, whose forces are ranked; a force, whose districts are; or the "
                "force that is ranked among its peers. By code or slug."
            )
        },
    )
    as_of = AsOf()
    average = Choice(
        "RankingAverage",
        *AVERAGES,
        load_default="mean",
        metadata={
            "description": (
                "mean: of the rates or changes, each place alike. weighted: all offences over all residents,"
                " or all of the base."
            )
        },
    )
    category = Text(load_default="all-crime", metadata={"description": "all-crime where not given."})
    compare = Text(
        longest=40,
        metadata={"description": "previous, last-year, or a period; with order=change, and only there."},
    )
    kind = Choice(
        "RankedKind",
        *KINDS,
        metadata={"description": "What of the area is ranked, where it is not its forces or districts."},
    )
    order = Choice(
        "RankingOrder",
        *ORDERS,
        load_default="rate",
        metadata={
            "description": (
                "rate: offences per 1,000 residents. change: the count over that of compare. number: the"
                " count."
            )
        },
    )
    peer_group = Text(
        longest=60,
        metadata={"description": "Its name, where the force has several in use at the end of the period."},
    )
    period = PeriodField(required=True)
    seed = Integer(
        least=0,
        most=MOST_SEED,
        metadata={"description": f"Of the {DRAWS:,} draws; made of the question where not given."},
    )
    source = Text(
        longest=100, load_default="records", metadata={"description": "records, or the source of a return."}
    )

    @validates_schema
    def can_be_answered(self, data: dict[str, Any], **_: Any) -> None:
        """A change has two periods and anything else one; a number has no weights; peers are forces."""
        if data.get("order") == "change" and "compare" not in data:
            raise ValidationError("order=change needs compare: previous, last-year, or a period.", "compare")
        if data.get("order") != "change" and "compare" in data:
            raise ValidationError("compare goes with order=change.", "compare")
        if data.get("order") == "number" and data.get("average") == "weighted":
            raise ValidationError(
                "Numbers are divided by nothing that could weigh them: average=mean.", "average"
            )
        if data.get("among") == "peers" and data.get("kind", "force") != "force":
            raise ValidationError("Peers are forces.", "kind")
        if data.get("among") != "peers" and "peer_group" in data:
            raise ValidationError("peer_group goes with among=peers.", "peer_group")
        if "compare" in data and "period" in data:
            try:
                data["compare"] = compared_with(data["period"], data["compare"])
            except ValueError as fault:
                raise ValidationError(str(fault), "compare") from None


class RankingDenominator(Output):
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


class Ranked(Output):
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
    compared = fields.Nested(Compared, allow_none=True, metadata={"description": "With order=change."})
    count = Integer(least=-(2**53), most=2**53, allow_none=True)
    denominator = fields.Nested(
        RankingDenominator, allow_none=True, metadata={"description": "With order=rate."}
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
    period = fields.Nested(Span)
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


class RankingCoverage(Output):
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


class RankingCentre(Output):
    """What each place is held against, itself taken in."""

    average = Choice("RankingAverage", *AVERAGES)
    rule = fields.String()
    value = Number(allow_none=True)


class RankingDraws(Output):
    """How the ranks were drawn: the same seed gives the same ranks."""

    draws = Integer(least=1, most=DRAWS)
    model = fields.String()
    seed = Integer(least=0, most=MOST_SEED)


class RankedPeers(PeerGroup):
    """The peer group that is ranked."""

    not_mutual = fields.List(
        fields.String(), metadata={"description": "Peers that have no group in use with the force in it."}
    )


class RankingLeftOut(Output):
    """A place that is not ranked."""

    area = fields.Nested(Place)
    reason = fields.String()


class Ranking(Output):
    """Places side by side, lowest first, those that are not ranked at the end."""

    area = fields.Nested(Place)
    as_of = fields.Nested(Reflected)
    average = fields.Nested(RankingCentre)
    cautions = fields.List(fields.String())
    coverage = fields.Nested(RankingCoverage)
    items = fields.List(fields.Nested(Ranked))
    left_out = fields.List(fields.Nested(RankingLeftOut))
    order = Choice("RankingOrder", *ORDERS)
    peer_group = fields.Nested(RankedPeers, allow_none=True)
    simulation = fields.Nested(RankingDraws)
    unit = fields.String(metadata={"description": "Of the values."})
    wording = fields.String()

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """Both ends of an interval side by side."""
        return map(as_row, self.table_items(content))


rendering.register(Ranking, pictures.of_ranking)


def as_row(item: dict[str, Any]) -> dict[str, Any]:
    """One place as a row of CSV: both ends of an interval side by side."""
    row = {**item, "compared": {**item["compared"]} if item["compared"] else None}
    for within in (row, row["compared"] or {}):
        for name in ("average_interval_95", "interval_95", "rank_range"):
            if name in within:
                within[f"{name}_low"], within[f"{name}_high"] = within.pop(name) or (None, None)
    return row


@summaries.route("/ranking")
class ReadRanking(Resource):
    """Places side by side."""

    @operation(
        "readRanking",
        "Rank places",
        query=RankingQuery(),
        returns=Ranking(),
        lasting=True,
        tagged=True,
        formats=(*pages.TABLED, *formats.PICTURES),
    )
    def get(self, as_of: Any, **asked: Any) -> Answer:
        """The forces of a nation or region, the districts of a force, or a force among its peers, by rate,
        change or number.

        A rank is given with the range that chance leaves open. A place whose period is incomplete, whose
        residents are not known or too few, or of which nothing is counted, is left out by name. CSV and
        NDJSON hold the places, a picture those that are ranked.
        """
        with reading(as_of) as sql:
            unless_unchanged(sql)
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, **ranked(sql, asked)}
            return Answer(answer, made_of=asked["source"], tag=sql.as_of)
