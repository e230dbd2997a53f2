"""The ranking: places of one kind side by side, with the ranks that chance leaves open and what is not there
to be ranked."""

from typing import Any

from flask_restx import Resource
from marshmallow import ValidationError, validates_schema

from service.figures import pictures
from service.figures.ranking.chance import DRAWS, MOST_SEED
from service.figures.ranking.nouns import AVERAGES, KINDS, ORDERS, RankingSchema
from service.figures.ranking.places import RankingQuestion, rank_places
from service.figures.summaries import summaries
from service.periods import PeriodField, compared_with
from service.pictures import rendering
from service.web.answers import formats, pages
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Integer, Query, Text
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading


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


rendering.register(RankingSchema, pictures.of_ranking)


@summaries.route("/ranking")
class ReadRanking(Resource):
    """Places side by side."""

    @operation(
        "readRanking",
        "Rank places",
        query=RankingQuery(),
        returns=RankingSchema(),
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
            ranking = rank_places(sql, RankingQuestion(**asked))
            answer = {"as_of": {"change": sql.as_of, "at": sql.at}, **vars(ranking)}
            return Answer(answer, made_of=asked["source"], tag=sql.as_of)
