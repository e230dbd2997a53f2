"""The control chart: points through time with centre and limits, signals by shape, breaks as upright lines
with their names."""

from typing import Literal

import altair as alt

from service.pictures import limits, standing
from service.pictures.breaks import height, placed, ruled
from service.pictures.framing import FILL, INK, QUIET, WIDTH, Frame, day, framed, listed, rows, sentence
from service.pictures.shapes import Break, DrawnPoint, Point, Series, SeriesAnswer, Spec, Standing

LEFT, RIGHT, HEIGHT = 48, 470, 200
"""Pixels for the labels of counts, where points end and the names of lines begin, and how high a chart is."""

STRONGEST = ("beyond_limits", "moving_range", "trend", "run")
NO_SIGNAL, PROVISIONAL = "no signal", "provisional"
SAID = {
    "beyond_limits": "beyond a limit",
    "moving_range": "moving range beyond its limit",
    "trend": "trend",
    "run": "run on one side",
}
DRAWN = {
    "beyond a limit": ("diamond", INK, 60),
    "moving range beyond its limit": ("square", INK, 45),
    "trend": ("triangle-up", FILL, 50),
    "run on one side": ("circle", FILL, 36),
    NO_SIGNAL: ("circle", "white", 22),
    PROVISIONAL: ("cross", "white", 40),
}
"""Shape, fill and size of each: told apart by shape, or filled and hollow, not by shade alone."""


def picture(told: SeriesAnswer, breaks: list[list[Break]], chart_names: dict[str, str]) -> Spec:
    """The spec of an answer of `service.figures.series.series.SeriesAnswer`, as it is dumped, with the breaks
    in each series and the names of the kinds of chart."""
    series = told["series"]
    first, last = series[0]["points"][0]["period"], series[0]["points"][-1]["period"]
    charts = [
        _chart(one, crossed, alone=len(series) == 1) for one, crossed in zip(series, breaks, strict=True)
    ]
    frame = Frame(
        heading=_heading(series),
        finding=". ".join(one["wording"] for one in series),
        area=listed(_names(series, "area")),
        period=f"{day(first['from'])} to {day(last['to'])}",
        source=series[0]["source"],
        change=told["as_of"]["change"],
        at=told["as_of"]["at"],
        reading=_reading(series, breaks, chart_names),
        notes=_notes(series),
        left=LEFT,
    )
    return framed(charts, frame)


def _names(series: list[Series], of: Literal["area", "category"]) -> list[str]:
    return list(dict.fromkeys(one[of]["name"] for one in series))


def _heading(series: list[Series]) -> str:
    one = series[0]
    each = "in twelve months" if one["every"] == "12m" else f"every {one['every']}"
    return (
        f"{sentence(one['measure'])[:-1]} {each}: {listed(_names(series, 'category'))},"
        f" {listed(_names(series, 'area'))}"
    )


def _prefix(one: Series, series: list[Series]) -> str:
    return f"{one['category']['name']}, {one['area']['name']}: " if len(series) > 1 else ""


def _reading(series: list[Series], breaks: list[list[Break]], chart_names: dict[str, str]) -> list[str]:
    """What each series says, how its limits were chosen, how signals are drawn, and the breaks."""
    told = []
    for one in series:
        kind = chart_names.get(one["chart"]["chart"] or "", "No limits")
        said = f"{kind}: {one['chart']['chosen_because']}."
        told.append(
            f"{_prefix(one, series)}{said}" if len(series) > 1 else f"{sentence(one['wording'])} {said}"
        )
    rules = {
        signal["rule"]: signal["rule_from"]
        for one in series
        for point in one["points"]
        for signal in point["signals"]
    }
    if rules:
        named = [rules[rule].split(":")[0] for rule in STRONGEST if rule in rules]
        told.append(
            f"Signals: {'; '.join(named)}."
            + (" A point with several is drawn as the first of these." if len(named) > 1 else "")
        )
    lines = {
        held["series_break"]: f"{held['name']} ({day(held['from_on'])})"
        for crossed in breaks
        for held in crossed
    }
    return told + (
        [f"Dotted lines are breaks, from which crime is counted otherwise: {'; '.join(lines.values())}."]
        if lines
        else []
    )


def _notes(series: list[Series]) -> list[str]:
    """The caution of each, and what has to be said of single points."""
    cautions = [f"{_prefix(one, series)}{one['caution']}" for one in series if one["caution"]]
    points = [
        (point["period"]["period"], Standing(status=point["status"], compared=None))
        for one in series
        for point in one["points"]
    ]
    return cautions + [
        note for note in standing.explained(points) if not note.startswith(("Incomplete", "Break"))
    ]


def _rules(point: Point) -> list[str]:
    return [signal["rule"] for signal in point["signals"]]


def _state(point: Point) -> str:
    """How a point is drawn: what is not final first, then the strongest of its signals."""
    if any(one["status"] in standing.NOT_SURE for one in point["status"]):
        return PROVISIONAL
    return next((SAID[rule] for rule in STRONGEST if rule in _rules(point)), NO_SIGNAL)


def whole(point: Point) -> bool:
    """Is everything of it known? Else its value says nothing, and only that it is missing is drawn."""
    return bool(point["period"]["complete"]) and point["value"] is not None


def placed_at(one: Series) -> Literal["from", "to"]:
    """On which end of its period a point stands: twelve months are known by their last."""
    return "to" if one["every"] == "12m" else "from"


def _points(one: Series) -> list[DrawnPoint]:
    """The points with their own numbers; `run` parts the line where something is missing."""
    found: list[DrawnPoint] = []
    run, at = 0, placed_at(one)
    for point in one["points"]:
        run += not whole(point)
        signals = "; ".join(signal["says"] for signal in point["signals"]) or NO_SIGNAL
        if whole(point) and point["value"] is not None:
            found.append(
                {
                    "from": point["period"][at],
                    "run": run,
                    "state": _state(point),
                    "value": point["value"],
                    "centre": point["centre"],
                    "lower": point["lower"],
                    "upper": point["upper"],
                    "says": f"{point['period']['period']}: {point['value']:,}, {signals}",
                }
            )
    return found


def _chart(one: Series, breaks: list[Break], *, alone: bool) -> alt.LayerChart:
    found = _points(one)
    first, last = one["points"][0]["period"][placed_at(one)], one["points"][-1]["period"]["to"]
    lowest, highest = _ends(found)
    named = placed(breaks, first, last, RIGHT)
    x = alt.X(
        "from:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[first, last], range=[0, RIGHT]),
        axis=alt.Axis(
            tickCount=8, labelExpr="utcFormat(datum.value, '%b %Y')", labelOverlap=True, grid=False
        ),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[lowest, highest], zero=False, nice=False),
        axis=alt.Axis(
            tickCount=5, labelExpr="format(datum.value, ',')", minExtent=LEFT, maxExtent=LEFT, domain=False
        ),
    )
    line = alt.Chart().mark_line(color=QUIET, strokeWidth=1, aria=False).encode(x=x, y=y, detail="run:N")
    layers = [
        *limits.missing(one, placed_at(one), x, HEIGHT),
        *limits.drawn(one, x, lowest, highest, HEIGHT, RIGHT),
        line,
        _marks(found, x, y, _legend(one, found, height(named))),
        *ruled(named, x),
    ]
    name = f"{one['category']['name']}, {one['area']['name']}"
    title = {} if alone else {"title": alt.Title(name, fontSize=11, anchor="start")}
    return alt.layer(*layers, data=rows(found)).properties(width=WIDTH - LEFT, height=HEIGHT, **title)


def _ends(found: list[DrawnPoint]) -> tuple[float, float]:
    """Of the axis: from nought unless all would be pressed against its upper end, and a little beyond what is
    drawn."""
    ends = [end for one in found for end in (one["value"], one["lower"], one["upper"]) if end is not None]
    low, high = min(ends, default=0), max(ends, default=1)
    margin = (high - low) * 0.05 or 1
    return (min(0, low) if low < 0.5 * high else low - margin), high + margin


def _legend(one: Series, found: list[DrawnPoint], above: int) -> alt.Legend | None:
    """What shapes mean, so many pixels above the chart; none where nothing could signal."""
    used = [name for name in DRAWN if any(point["state"] == name for point in found)]
    if one["chart"]["chart"] is None and used in ([], [NO_SIGNAL]):
        return None
    return alt.Legend(title=None, orient="top", offset=6 + above, values=used)


def _marks(found: list[DrawnPoint], x: alt.X, y: alt.Y, legend: alt.Legend | None) -> alt.Chart:
    """The points, shaped by the rule they break, which the legend explains; hollow where they signal
    nothing."""
    small = 2 if len(found) > 120 else 1
    shapes, fills, sizes = zip(*DRAWN.values(), strict=True)
    told = {
        "shape": (alt.Shape, shapes),
        "fill": (alt.Fill, fills),
        "size": (alt.Size, [size / small for size in sizes]),
        "stroke": (alt.Stroke, [INK for _ in DRAWN]),
    }
    encoded = {
        name: channel("state:N", scale=alt.Scale(domain=list(DRAWN), range=list(ranged)), legend=legend)
        for name, (channel, ranged) in told.items()
    }
    return (
        alt.Chart().mark_point(strokeWidth=0.8, opacity=1).encode(x=x, y=y, description="says:N", **encoded)
    )
