"""How places stand to one another: counted as figures are, judged and divided in SQL, drawn again and again
by chance."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from service.figures.counts import count_figures
from service.figures.figure import Figure
from service.figures.question import Question, resolve_question
from service.figures.ranking import chance, wording
from service.figures.ranking.chance import RankedByChance
from service.figures.ranking.nouns import (
    MOST_PLACES,
    Ranked,
    RankedPeers,
    Ranking,
    RankingCentre,
    RankingCoverage,
    RankingDenominator,
    RankingDraws,
    RankingLeftOut,
)
from service.periods import Period
from service.reference import areas, categories, peer_groups
from service.reference.areas import NamedArea
from service.reference.categories import NamedCategory
from service.store import Book, as_json
from service.web.problems import Problem

FEWEST_RESIDENTS = 20_000
"""Below the City of London and the Isles of Scilly, above every other force and district of England and
Wales."""

_PARTS = {"nation": "force", "region": "force", "force": "district"}
_MODEL = (
    "Each true count is drawn from Gamma(count + 1/2, 1): a Poisson count under Jeffreys' prior, each place"
    " by itself."
)


@dataclass(frozen=True, kw_only=True)
class RankingQuestion:
    """Which places are ranked by what, by the names of RankingQuery."""

    area: str
    category: str
    period: Period
    order: str
    source: str
    among: str = "parts"
    average: str = "mean"
    compare: Period | None = None
    kind: str | None = None
    peer_group: str | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Field:
    """Who is ranked: the places of a kind, with the area that they lie in or the force whose peers they
    are."""

    area: NamedArea
    kind: str
    codes: list[str]
    group: RankedPeers | None


class JudgedRow(TypedDict):
    """A row of the statement `judged`: what a count is divided by, or why it is not ranked."""

    area: str
    divisor: Decimal | None
    year: int | None
    number: int | None
    source: str | None
    note: str | None
    withheld: str | None


class StandingRow(TypedDict):
    """A row of the statement `ranked`: a place that is ranked."""

    area: str
    value: Decimal
    rank: int
    low: Decimal
    high: Decimal
    average: Decimal
    difference: Decimal


@dataclass(frozen=True)
class Standing:
    """Where a place that is ranked stands, and what chance leaves open."""

    row: StandingRow
    by_chance: RankedByChance


def _refuse(parameter: str, detail: str) -> Problem:
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def find_field(book: Book, question: RankingQuestion) -> Field:
    """The places asked for. Raises 400 for an area that is not known, has no such parts, or too many; or has
    no peers."""
    place = areas.find_area(book, question.area)
    if question.among == "peers":
        return _find_peers(book, place, question)
    kind = question.kind or _PARTS.get(place.kind)
    if kind is None:
        raise _refuse(
            "area",
            f"{place.name} is a {place.kind}, which has no parts to rank: name a nation, a region or a"
            " force.",
        )
    period = question.period
    rows = book.figures.ranking.ranking.within(
        area=place.code, kind=kind, from_on=period.from_on, to_on=period.to_on
    )
    codes = [row["area"] for row in rows if row["area"] != place.code]
    if not codes:
        raise _refuse(
            "kind" if question.kind else "area", f"No {kind} lay in {place.name} in {period.period}."
        )
    if len(codes) > MOST_PLACES:
        raise _refuse(
            "area",
            f"{place.name} has {len(codes)} {kind}s, and at most {MOST_PLACES} are ranked: name an area"
            " within it.",
        )
    return Field(NamedArea(place.code, place.name), kind, codes, None)


def _find_peers(book: Book, place: areas.FoundArea, question: RankingQuestion) -> Field:
    if place.kind != "force":
        raise _refuse("area", f"{place.name} is a {place.kind}: forces have peers.")
    last = question.period.to_on
    group = peer_groups.find_peer_group(book, place, last, question.peer_group, asked_by="among")
    mutual = {
        row["force"]
        for row in book.reference.peer_groups.naming(force=place.code, peers=group.peers, on=last)
    }
    peers = RankedPeers(**vars(group), not_mutual=[peer for peer in group.peers if peer not in mutual])
    codes = sorted({place.code, *group.peers})
    return Field(NamedArea(place.code, place.name), "force", codes, peers)


def rank_places(book: Book, question: RankingQuestion) -> Ranking:
    """Places side by side, lowest first. Raises 400 for an area, category or source that is not known."""
    category = categories.find_category(book, question.category)
    field = find_field(book, question)
    counted = resolve_question(
        book,
        area=field.codes,
        category=[category.code],
        period=question.period,
        compare=question.compare,
        source=question.source,
    )
    figures = {figure.area.code: figure for figure in count_figures(book, counted)}
    judged = {row["area"]: row for row in _judge(book, figures.values(), counted, question)}
    seed = _choose_seed(field, category.code, question)
    standings = _find_standings(book, figures, judged, counted, question, seed)
    ranks, withheld = len(standings), [code for code, row in judged.items() if row["withheld"]]
    items = [
        _make_place(figures[code], judged[code], standings.get(code), field.kind, ranks, question)
        for code in [*standings, *withheld]
    ]
    coverage = RankingCoverage(field.kind, len(items), ranks, ranks == len(items))
    first = next(iter(standings.values()), None)
    return Ranking(
        area=field.area,
        items=items,
        order=question.order,
        unit=wording.word_unit(question.order, question.period, question.compare),
        peer_group=field.group,
        cautions=wording.list_cautions(question.order),
        average=RankingCentre(
            question.average,
            wording.word_average(question.order, question.average, field.kind, ranks),
            first.row["average"] if first else None,
        ),
        coverage=coverage,
        left_out=[RankingLeftOut(item.area, item.withheld) for item in items if item.withheld],
        simulation=RankingDraws(chance.DRAWS, _MODEL, seed),
        wording=wording.word_ranking(field.area, question.order, items, coverage, field.group),
    )


def find_place(ranking: Ranking, area: str) -> Ranked:
    """One place of a ranking."""
    return next(place for place in ranking.items if place.area.code == area)


def _judge(
    book: Book, figures: Iterable[Figure], counted: Question, question: RankingQuestion
) -> list[JudgedRow]:
    counts = [
        {
            "area": figure.area.code,
            "count": figure.counted(),
            "complete": figure.period.complete,
            "base": figure.compared.value if figure.compared else None,
            "base_complete": bool(figure.compared and figure.compared.period.complete),
        }
        for figure in figures
    ]
    rows: list[JudgedRow] = book.figures.ranking.ranking.judged(
        figures=as_json(counts),
        from_on=counted.period.from_on,
        to_on=counted.period.to_on,
        order=question.order,
        period=question.period.period,
        source=question.source,
        fewest_residents=FEWEST_RESIDENTS,
    )
    return rows


def _choose_seed(field: Field, category: str, question: RankingQuestion) -> int:
    """The seed asked for, or one made of the question: whoever asks the same draws the same."""
    if question.seed is not None:
        return question.seed
    members = (
        field.area.code,
        field.kind,
        question.among,
        category,
        question.period.period,
        question.compare.period if question.compare else None,
        question.order,
        question.source,
    )
    return int.from_bytes(hashlib.sha256(repr(members).encode()).digest()[:4])


def _find_standings(
    book: Book,
    figures: Mapping[str, Figure],
    judged: Mapping[str, JudgedRow],
    counted: Question,
    question: RankingQuestion,
    seed: int,
) -> dict[str, Standing]:
    """The places that are ranked, by code, lowest first."""
    codes = [code for code, row in judged.items() if not row["withheld"]]
    if not codes:
        return {}
    counts = [_count_of(figures[code]) for code in codes]
    divisors = [_divisor_of(judged[code]) for code in codes]
    statements, spans = book.figures.ranking.ranking, counted.spans()
    factor: float = statements.factor(**spans)
    draws = chance.draw_ranks(
        counts,
        divisors,
        seed=seed,
        factor=factor,
        over_a_base=question.order == "change",
        average=question.average,
    )
    given = [
        {"area": code, "count": count, "divisor": divisor, "low": low, "high": high}
        for code, count, divisor, (low, high) in zip(
            codes, counts, divisors, chance.garwood(counts), strict=True
        )
    ]
    rows: list[StandingRow] = statements.ranked(
        rows=as_json(given), factor=factor, order=question.order, average=question.average, **spans
    )
    by_chance = dict(zip(codes, draws, strict=True))
    return {row["area"]: Standing(row, by_chance[row["area"]]) for row in rows}


def _count_of(figure: Figure) -> int:
    count = figure.counted()
    assert count is not None  # else it is not ranked
    return count


def _divisor_of(row: JudgedRow) -> float:
    assert row["divisor"] is not None  # else it is not ranked
    return float(row["divisor"])


def _make_place(
    figure: Figure,
    judged: JudgedRow,
    standing: Standing | None,
    kind: str,
    ranks: int,
    question: RankingQuestion,
) -> Ranked:
    assert isinstance(figure.category, NamedCategory)
    divided = RankingDenominator(
        "residents", judged["year"], judged["number"], judged["source"], judged["note"]
    )
    row, by_chance = (standing.row, standing.by_chance) if standing else (None, None)
    return Ranked(
        area=figure.area,
        category=figure.category,
        order=question.order,
        source=figure.source,
        edition=figure.edition,
        period=figure.period,
        count=figure.counted(),
        denominator=divided if question.order == "rate" else None,
        compared=figure.compared,
        evidence=figure.evidence,
        withheld=judged["withheld"],
        value=row["value"] if row else None,
        interval_95=[row["low"], row["high"]] if row else None,
        rank=row["rank"] if row else None,
        rank_range=by_chance.rank_range if by_chance else None,
        probability_first=by_chance.probability_first if by_chance else None,
        probability_first_quarter=by_chance.probability_first_quarter if by_chance else None,
        average_difference=row["difference"] if row else None,
        average_interval_95=by_chance.average_interval_95 if by_chance else None,
        against_average=_judge_distance(by_chance.average_interval_95) if by_chance else None,
        wording=wording.word_place(
            figure, question.order, judged["withheld"], row["value"] if row else None, by_chance, ranks, kind
        ),
    )


def _judge_distance(interval: list[float]) -> str:
    """Whether the interval of the distance from the average lies above nought, below it or around it."""
    return "above" if interval[0] > 0 else "below" if interval[1] < 0 else "within_chance"
