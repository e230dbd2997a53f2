"""How places stand to one another: counted as figures are, judged and divided in SQL, drawn again and again
by chance."""

import hashlib
from dataclasses import dataclass
from typing import Any

from service.figures.counts import counted
from service.figures.question import understood
from service.figures.ranking import chance
from service.figures.ranking.wording import cautions, in_words, of_place, rule_of_average, unit_of
from service.reference import areas, categories, peer_groups
from service.store import Book, as_json
from service.web.problems import Problem

KINDS = ("force", "district", "partnership")
MOST_PLACES = 400
FEWEST_RESIDENTS = 20_000
"""Below the City of London and the Isles of Scilly, above every other force and district of England and
Wales."""

_PARTS = {"nation": "force", "region": "force", "force": "district"}
_MODEL = (
    "Each true count is drawn from Gamma(count + 1/2, 1): a Poisson count under Jeffreys' prior, each place"
    " by itself."
)


@dataclass(frozen=True)
class Field:
    """Who is ranked: the places of a kind, with the area that they lie in or the force whose peers they
    are."""

    area: areas.NamedArea
    kind: str
    codes: list[str]
    group: dict[str, Any] | None


def _refused(parameter: str, detail: str) -> Problem:
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def field_of(book: Book, asked: dict[str, Any]) -> Field:
    """The places asked for. Raises 400 for an area that is not known, has no such parts, or too many; or has
    no peers."""
    place = areas.find_area(book, asked["area"])
    if asked["among"] == "peers":
        return _peers_of(book, place, asked)
    kind = asked["kind"] or _PARTS.get(place.kind)
    if kind is None:
        raise _refused(
            "area",
            f"{place.name} is a {place.kind}, which has no parts to rank: name a nation, a region or a"
            " force.",
        )
    period = asked["period"]
    rows = book.figures.ranking.ranking.within(
        area=place.code, kind=kind, from_on=period.from_on, to_on=period.to_on
    )
    codes = [row["area"] for row in rows if row["area"] != place.code]
    if not codes:
        raise _refused(
            "kind" if asked["kind"] else "area", f"No {kind} lay in {place.name} in {period.period}."
        )
    if len(codes) > MOST_PLACES:
        raise _refused(
            "area",
            f"{place.name} has {len(codes)} {kind}s, and at most {MOST_PLACES} are ranked: name an area"
            " within it.",
        )
    return Field(place, kind, codes, None)


def _peers_of(book: Book, place: areas.NamedArea, asked: dict[str, Any]) -> Field:
    if place.kind != "force":
        raise _refused("area", f"{place.name} is a {place.kind}: forces have peers.")
    last = asked["period"].to_on
    group = peer_groups.find_peer_group(book, place, last, asked["peer_group"], asked_by="among")
    mutual = {
        row["force"]
        for row in book.reference.peer_groups.naming(force=place.code, peers=group["peers"], on=last)
    }
    codes = sorted({place.code, *group["peers"]})
    return Field(
        place,
        "force",
        codes,
        {**group, "not_mutual": [peer for peer in group["peers"] if peer not in mutual]},
    )


def ranked(book: Book, asked: dict[str, Any]) -> dict[str, Any]:
    """The ranking, as Ranking shows it; `asked` as RankingQuery loads it. Raises 400 for an area, category or
    source that is not known."""
    category = categories.find_category(book, asked["category"])
    found = field_of(book, asked)
    question = understood(
        book,
        {
            "area": found.codes,
            "category": [category.code],
            "period": asked["period"],
            "compare": asked["compare"],
            "source": asked["source"],
        },
    )
    figures = {figure["area"]["code"]: figure for figure in counted(book, question)}
    judged = {row["area"]: row for row in _judged(book, list(figures.values()), question.spans(), asked)}
    seed = _seed(found, category.code, asked)
    standing, average = _standing(book, figures, judged, question.spans(), asked, seed)
    items = [
        _item(figures[code], judged[code], standing.get(code), asked)
        for code in [*standing, *(set_aside(judged))]
    ]
    ranks = len(standing)
    for item in items:
        item["wording"] = of_place(item, ranks, found.kind, asked["period"].period)
    answer = {
        "area": {"code": found.area.code, "name": found.area.name},
        "items": items,
        "order": asked["order"],
        "unit": unit_of(asked),
        "peer_group": found.group,
        "cautions": cautions(asked["order"]),
        "average": {
            "average": asked["average"],
            "value": average,
            "rule": rule_of_average(asked, found.kind, ranks),
        },
        "coverage": {
            "kind": found.kind,
            "expected": len(items),
            "ranked": ranks,
            "complete": ranks == len(items),
        },
        "left_out": [
            {"area": item["area"], "reason": item["withheld"]} for item in items if item["withheld"]
        ],
        "simulation": {"draws": chance.DRAWS, "seed": seed, "model": _MODEL},
    }
    return {**answer, "wording": in_words(answer)}


def placed(book: Book, area: str, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """One place in the ranking of the parts of an area, and that ranking. Raises 400 as `ranked` does."""
    ranking = ranked(
        book,
        {"among": "parts", "average": "mean", "compare": None, "peer_group": None, "seed": None, **asked},
    )
    return next(item for item in ranking["items"] if item["area"]["code"] == area), ranking


def set_aside(judged: dict[str, dict[str, Any]]) -> list[str]:
    """The codes of those that are not ranked."""
    return [code for code, row in judged.items() if row["withheld"]]


def _judged(
    book: Book, figures: list[dict[str, Any]], spans: dict[str, Any], asked: dict[str, Any]
) -> list[dict[str, Any]]:
    told = [
        {
            "area": figure["area"]["code"],
            "count": figure["value"],
            "complete": figure["period"]["complete"],
            "base": compared["value"] if compared else None,
            "base_complete": bool(compared and compared["period"]["complete"]),
        }
        for figure in figures
        for compared in [figure["compared"]]
    ]
    rows: list[dict[str, Any]] = book.figures.ranking.ranking.judged(
        figures=as_json(told),
        from_on=spans["from_on"],
        to_on=spans["to_on"],
        order=asked["order"],
        period=asked["period"].period,
        source=asked["source"],
        fewest_residents=FEWEST_RESIDENTS,
    )
    return rows


def _seed(found: Field, category: str, asked: dict[str, Any]) -> int:
    """The seed asked for, or one made of the question: whoever asks the same draws the same."""
    if asked["seed"] is not None:
        return int(asked["seed"])
    compare = asked["compare"].period if asked["compare"] else None
    question = (
        found.area.code,
        found.kind,
        asked["among"],
        category,
        asked["period"].period,
        compare,
        asked["order"],
        asked["source"],
    )
    return int.from_bytes(hashlib.sha256(repr(question).encode()).digest()[:4])


def _standing(
    book: Book,
    figures: dict[str, Any],
    judged: dict[str, Any],
    spans: dict[str, Any],
    asked: dict[str, Any],
    seed: int,
) -> tuple[dict[str, dict[str, Any]], Any]:
    """The places that are ranked, lowest first, each with its value, rank and what chance leaves open; and
    the average."""
    rows = [
        {"area": code, "count": figures[code]["value"], "divisor": float(row["divisor"])}
        for code, row in judged.items()
        if not row["withheld"]
    ]
    if not rows:
        return {}, None
    ends = chance.garwood([row["count"] for row in rows])
    factor = book.figures.ranking.ranking.factor(**spans)
    drawn = chance.simulated(
        rows, seed=seed, factor=factor, over_a_base=asked["order"] == "change", average=asked["average"]
    )
    told = [{**row, "low": low, "high": high} for row, (low, high) in zip(rows, ends, strict=True)]
    placed = book.figures.ranking.ranking.ranked(
        rows=as_json(told), factor=factor, order=asked["order"], average=asked["average"], **spans
    )
    chances = {row["area"]: vars(one) for row, one in zip(rows, drawn, strict=True)}
    return {row["area"]: {**row, **chances[row["area"]]} for row in placed}, placed[0]["average"]


def _item(
    figure: dict[str, Any], judged: dict[str, Any], standing: dict[str, Any] | None, asked: dict[str, Any]
) -> dict[str, Any]:
    shown = standing or dict.fromkeys(
        (
            "value",
            "rank",
            "rank_range",
            "probability_first",
            "probability_first_quarter",
            "average_interval_95",
            "difference",
        )
    )
    divided = {"of": "residents", **{name: judged[name] for name in ("year", "number", "source", "note")}}
    return {
        **{
            name: figure[name]
            for name in ("area", "category", "compared", "edition", "evidence", "period", "source")
        },
        **{
            name: shown[name]
            for name in (
                "value",
                "rank",
                "rank_range",
                "probability_first",
                "probability_first_quarter",
                "average_interval_95",
            )
        },
        "average_difference": shown["difference"],
        "against_average": _against(shown["average_interval_95"]),
        "count": figure["value"],
        "denominator": divided if asked["order"] == "rate" else None,
        "interval_95": [shown["low"], shown["high"]] if standing else None,
        "order": asked["order"],
        "withheld": judged["withheld"],
    }


def _against(interval: list[float] | None) -> str | None:
    if interval is None:
        return None
    return "above" if interval[0] > 0 else "below" if interval[1] < 0 else "within_chance"
