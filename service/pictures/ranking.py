"""The dot plot of a ranking: each place's value in its interval, and its rank within the range that chance
leaves open."""

from collections import defaultdict

import altair as alt

from service.pictures.framing import (
    FAINT,
    FILL,
    INK,
    QUIET,
    WIDTH,
    Frame,
    framed,
    rows,
    sentence,
    span_in_words,
)
from service.pictures.shapes import Place, Ranking, Row, Spec

_STEP, _NAMES, _VALUES, _RANKS = 16, 172, (180, 380), (446, 602)
"""Pixels: of a row, where names end, and between which values and ranks lie."""
_ROW = {"y": alt.Y("row:O", axis=None)}
_TEXT = {"fontSize": 10, "baseline": "middle", "aria": False}
ORDERED = {
    "rate": "Offences per 1,000 residents",
    "change": "Change in offences, as a ratio",
    "number": "Offences",
}
FORMATS = {"rate": ",.1f", "change": ",.3f", "number": ","}
HOW = (
    "Lines are intervals: of the value at 95 per cent, of the rank where it lies in 95 of 100 draws by"
    " chance. Filled: above or below the average, {average}; hollow: within chance of it."
)


def picture(told: Ranking, source: str) -> Spec:
    """The spec of an answer of `service.figures.ranking.ranking.Ranking`, as it is dumped."""
    placed = [item for item in told["items"] if item["rank"] is not None]
    category, kind = told["items"][0]["category"]["name"], told["coverage"]["kind"]
    frame = Frame(
        heading=f"{ORDERED[told['order']]}: {category}, {kind}s {_of(told)}",
        finding=told["wording"],
        area=told["area"]["name"],
        period=_periods(told["items"][0]),
        source=source,
        change=told["as_of"]["change"],
        at=told["as_of"]["at"],
        reading=[told["wording"], _how(told)],
        notes=_notes(told),
    )
    return framed([_drawn(placed, told)] if placed else [], frame)


def _of(told: Ranking) -> str:
    return (
        f"that are {told['area']['name']} and its peers"
        if told["peer_group"]
        else f"of {told['area']['name']}"
    )


def _periods(item: Place) -> str:
    compared = item["compared"]
    against = f" over {span_in_words(compared['period'])}" if compared else ""
    return span_in_words(item["period"]) + against


def _how(told: Ranking) -> str:
    rule = told["average"]["rule"]
    return HOW.format(average=rule[:1].lower() + rule[1:].rstrip("."))


def _notes(told: Ranking) -> list[str]:
    """What to bear in mind, and who is not there, by reason."""
    missing: dict[str, list[str]] = defaultdict(list)
    for one in told["left_out"]:
        missing[one["reason"]].append(one["area"]["name"])
    return [
        " ".join(told["cautions"]),
        *(f"Not ranked, {reason}: {', '.join(names)}." for reason, names in missing.items()),
    ]


def _row(number: int, item: Place, told: Ranking) -> Row:
    low, high = item["interval_95"]
    own = bool(told["peer_group"]) and item["area"]["code"] == told["area"]["code"]
    return {
        "row": number,
        "name": item["area"]["name"],
        "own": own,
        "value": item["value"],
        "low": low,
        "high": high,
        "rank": item["rank"],
        "rank_low": item["rank_range"][0],
        "rank_high": item["rank_range"][1],
        "against": item["against_average"],
        "says": item["wording"],
    }


def _drawn(placed: list[Place], told: Ranking) -> alt.LayerChart:
    found = [_row(number, item, told) for number, item in enumerate(placed)]
    value = alt.Scale(range=list(_VALUES), zero=False, nice=True, padding=6)
    rank = alt.Scale(range=list(_RANKS), domain=[0.5, len(found) + 0.5], nice=False)
    ranks = {
        "axis": alt.Axis(orient="bottom", domain=False, grid=False, values=_marked(len(found)), format="d")
    }
    values = {
        "axis": alt.Axis(orient="bottom", domain=False, tickCount=5, labelExpr="format(datum.value, ',')")
    }
    left = [*_average(told, value), *_dots("value", ("low", "high"), value, values)]
    right = _dots("rank", ("rank_low", "rank_high"), rank, ranks)
    parts = [alt.layer(*_stripes(), *_texts(told["order"])), alt.layer(*left), alt.layer(*right)]
    whole = alt.layer(*parts, data=rows(found)).resolve_scale(x="independent")
    return whole.properties(width=WIDTH, height=_STEP * len(found))


def _marked(ranks: int) -> list[int]:
    """The ranks that an axis names: all of a few, else every fifth."""
    return list(range(1, ranks + 1)) if ranks <= 8 else list(range(5, ranks + 1, 5))


def _stripes() -> list[alt.Chart]:
    """A hairline under every fifth place guides the eye across."""
    every = (
        alt.Chart()
        .transform_filter("datum.row % 5 == 4")
        .mark_rule(color=FAINT, aria=False, yOffset=_STEP / 2)
    )
    return [every.encode(x=alt.value(0), x2=alt.value(WIDTH), **_ROW)]


def _texts(order: str) -> list[alt.Chart]:
    """Names, values and ranks in words."""
    told = {
        "value_text": f"format(datum.value, '{FORMATS[order]}')",
        "rank_text": (
            "datum.rank_low == datum.rank_high ? format(datum.rank_low, 'd') : datum.rank_low + '–' +"
            " datum.rank_high"
        ),
    }
    chart = alt.Chart().transform_calculate(**told)
    weight = alt.ExprRef("datum.own ? 'bold' : 'normal'")
    name = chart.mark_text(align="right", fontWeight=weight, **_TEXT).encode(
        x=alt.value(_NAMES - 4), text="name:N", **_ROW
    )
    cells = [
        chart.mark_text(align="right", **_TEXT).encode(x=alt.value(at), text=f"{field}:N", **_ROW)
        for field, at in (("value_text", 420), ("rank_text", WIDTH))
    ]
    headings = [
        alt.Chart(rows([{"heading": heading}]))
        .mark_text(align="right", color=QUIET, fontSize=10, baseline="bottom", aria=False)
        .encode(x=alt.value(at), y=alt.value(-5), text="heading:N")
        for heading, at in (("value", 420), ("rank from the lowest", WIDTH))
    ]
    return [name, *cells, *headings]


def _dots(field: str, ends: tuple[str, str], scale: alt.Scale, axis: dict[str, alt.Axis]) -> list[alt.Chart]:
    """A dot in its interval; hollow where it is within chance of the average, a diamond for the force that
    asks among its peers."""
    x = alt.X(f"{field}:Q", title=None, scale=scale, **axis)
    line = alt.Chart().mark_rule(color=INK, strokeWidth=1.3, aria=False)
    within = alt.when("datum.against == 'within_chance'").then(alt.value("white")).otherwise(alt.value(FILL))
    shape = alt.when("datum.own").then(alt.value("diamond")).otherwise(alt.value("circle"))
    dot = (
        alt.Chart()
        .mark_point(stroke=INK, strokeWidth=1, size=28, opacity=1)
        .encode(x=x, fill=within, shape=shape, description="says:N", **_ROW)
    )
    return [
        line.encode(x=alt.X(f"{ends[0]}:Q", title=None, scale=scale, **axis), x2=f"{ends[1]}:Q", **_ROW),
        dot,
    ]


def _average(told: Ranking, scale: alt.Scale) -> list[alt.Chart]:
    """The average as an upright line with its number above."""
    if told["average"]["value"] is None:
        return []
    data = alt.Chart(rows([{"average": told["average"]["value"], "says": sentence(told["average"]["rule"])}]))
    x = alt.X("average:Q", title=None, scale=scale)
    text = data.mark_text(fontSize=10, color=QUIET, baseline="bottom", aria=False)
    numbers = ",.1f" if told["order"] == "number" else FORMATS[told["order"]]
    named = text.transform_calculate(said=f"'average ' + format(datum.average, '{numbers}')")
    return [
        data.mark_rule(color=QUIET, strokeDash=[3, 2]).encode(x=x, description="says:N"),
        named.encode(x=x, y=alt.value(-5), text="said:N"),
    ]
