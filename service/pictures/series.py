"""The control chart: points through time with centre and limits, signals by shape, breaks as upright lines with their names."""

from typing import Any

import altair as alt

from service.pictures import standing
from service.pictures.breaks import ruled
from service.pictures.framing import FILL, INK, QUIET, WIDTH, Frame, day, framed, listed, require_drawable, rows, sentence
from service.signals import NAMES, RULES

MOST_SERIES, MOST_POINTS = 4, 360
"""In one picture; thirty years of months, a pixel and a half each."""
LEFT, _RIGHT, _HEIGHT = 48, 470, 200
"""Pixels for the labels of counts, where points end and the names of lines begin, and how high a chart is."""

STRONGEST = ("beyond_limits", "moving_range", "trend", "run")
SHAPES = {"beyond_limits": "diamond", "moving_range": "square", "trend": "triangle-up", "run": "circle", "no signal": "circle",
          "incomplete": "cross", "provisional": "circle"}  # fmt: skip
SAID = {"beyond_limits": "beyond a limit", "moving_range": "moving range beyond its limit", "trend": "trend", "run": "run on one side",
        "no signal": "no signal", "incomplete": "incomplete", "provisional": "provisional"}  # fmt: skip
HOLLOW = ("no signal", "incomplete", "provisional")


def picture(told: dict[str, Any], breaks: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The spec of an answer of `service.series.SeriesAnswer`, as it is dumped, with the breaks in each series. Raises 400 for too many."""
    series = told["series"]
    require_drawable(len(series), MOST_SERIES, "series", "category")
    require_drawable(max(len(one["points"]) for one in series), MOST_POINTS, "points of a series", "period")
    first, last = series[0]["points"][0]["period"], series[0]["points"][-1]["period"]
    charts = [_chart(one, crossed, alone=len(series) == 1) for one, crossed in zip(series, breaks, strict=True)]
    frame = Frame(
        heading=_heading(series), finding=". ".join(one["wording"] for one in series), area=listed(_names(series, "area")),
        period=f"{day(first['from'])} to {day(last['to'])}", source=series[0]["source"], change=told["as_of"]["change"],
        at=told["as_of"]["at"], notes=_notes(series, breaks), left=LEFT,
    )  # fmt: skip
    return framed(charts, frame)


def _names(series: list[dict[str, Any]], of: str) -> list[str]:
    return list(dict.fromkeys(one[of]["name"] for one in series))


def _heading(series: list[dict[str, Any]]) -> str:
    one = series[0]
    each = "in twelve months" if one["every"] == "12m" else f"every {one['every']}"
    return f"{sentence(one['measure'])[:-1]} {each}: {listed(_names(series, 'category'))}, {listed(_names(series, 'area'))}"


def _notes(series: list[dict[str, Any]], breaks: list[list[dict[str, Any]]]) -> list[str]:
    many = len(series) > 1
    told = []
    for one in series:
        prefix = f"{one['category']['name']}, {one['area']['name']}: " if many else ""
        told += [f"{prefix}{sentence(one['wording'])}"] if not many else []
        chart = one["chart"]
        kind = NAMES.get(chart["chart"] or "", "No limits")
        told += [f"{prefix}{kind}: {chart['chosen_because']}.", *([f"{prefix}{one['caution']}"] if one["caution"] else [])]
    rules = {signal["rule"] for one in series for point in one["points"] for signal in point["signals"]}
    told += [f"{sentence(SAID[rule])[:-1]}: {RULES[rule]}." for rule in STRONGEST if rule in rules]
    lines = {held["series_break"]: held for crossed in breaks for held in crossed}
    told += [f"Break from {day(str(held['from_on']))}, {held['name']}: {held['note']}" for held in lines.values()]
    points = [(f"{point['period']['period']}", point) for one in series for point in one["points"]]
    return told + [note for note in standing.explained(points) if not note.startswith(("Incomplete", "Break"))]


def _state(point: dict[str, Any]) -> str:
    """By what shape a point is drawn: what is not all there first, then the strongest of its signals."""
    said, rules = {one["status"] for one in point["status"]}, {one["rule"] for one in point["signals"]}
    if not point["period"]["complete"]:
        return "incomplete"
    if "provisional" in said:
        return "provisional"
    return next((rule for rule in STRONGEST if rule in rules), "no signal")


def _points(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Each point with its own numbers. A line runs only through what is complete: `run` parts it where something is missing."""
    found, run = [], 0
    for point in one["points"]:
        whole = point["period"]["complete"] and point["value"] is not None
        run += not whole
        signals = "; ".join(signal["says"] for signal in point["signals"]) or "no signal"
        found.append({
            **{name: point[name] for name in ("value", "centre", "lower", "upper")}, "from": point["period"]["from"],
            "run": run if whole else None, "state": SAID[_state(point)],
            "says": f"{point['period']['period']}: {point['value']:,}, {signals}" if whole else f"{point['period']['period']}: incomplete",
        })  # fmt: skip
    return [point for point in found if point["value"] is not None]


def _chart(one: dict[str, Any], breaks: list[dict[str, Any]], *, alone: bool) -> Any:
    found = _points(one)
    first, last = one["points"][0]["period"]["from"], one["points"][-1]["period"]["to"]
    x = alt.X("from:T", title=None, scale=alt.Scale(type="utc", domain=[first, last], range=[0, _RIGHT]),
              axis=alt.Axis(tickCount=8, labelExpr="utcFormat(datum.value, '%b %Y')", labelOverlap=True, grid=False))  # fmt: skip
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=_from_nought(found), nice=True),
              axis=alt.Axis(tickCount=5, format=",", minExtent=LEFT, maxExtent=LEFT, domain=False))  # fmt: skip
    line = alt.Chart().transform_filter("isValid(datum.run)").mark_line(color=QUIET, strokeWidth=1, aria=False)
    layers = [line.encode(x=x, y=y, detail="run:N"), *_limits(one, x), _marks(found, x, y), *ruled(breaks, x)]
    name = f"{one['category']['name']}, {one['area']['name']}"
    title = {} if alone else {"title": alt.Title(name, fontSize=11, anchor="start", dx=-LEFT)}
    return alt.layer(*layers, data=rows(found)).properties(width=WIDTH - LEFT, height=_HEIGHT, **title)


def _from_nought(found: list[dict[str, Any]]) -> bool:
    """An axis begins at nought unless all would be pressed against its upper end; then its numbers say where it begins."""
    held = [one[name] for one in found for name in ("value", "lower") if one[name] is not None]
    highest = max((one[name] for one in found for name in ("value", "upper") if one[name] is not None), default=0)
    return not held or min(held) < 0.5 * highest


def _limits(one: dict[str, Any], x: Any) -> list[Any]:
    """Centre and limits, each with its name and number at its end; those of a u-chart are steps, one for each point."""
    if one["chart"]["chart"] is None:
        return []
    layers = []
    held = [point for point in one["points"] if point["centre"] is not None]
    for name, called, dashes in (("upper", "upper limit", [4, 3]), ("centre", "mean", [1, 0]), ("lower", "lower limit", [4, 3])):
        known = alt.Chart().transform_filter(f"isValid(datum.{name})")
        layers.append(known.mark_line(interpolate="step-after", color=INK, strokeWidth=0.9, strokeDash=dashes, aria=False)
                      .encode(x=x, y=f"{name}:Q"))  # fmt: skip
        end = alt.Chart(rows([{"at": held[-1][name], "called": called}] if held else [])).mark_text(align="left", aria=False)
        layers.append(end.transform_calculate(text="datum.called + ' ' + format(datum.at, ',.1f')")
                      .encode(x=alt.value(_RIGHT + 6), y="at:Q", text="text:N"))  # fmt: skip
    return layers


def _marks(found: list[dict[str, Any]], x: Any, y: Any) -> Any:
    """The points, shaped by the rule they break and explained above the chart; filled where they signal, hollow where not."""
    used = [state for state in (*STRONGEST, "no signal", "provisional", "incomplete") if any(one["state"] == SAID[state] for one in found)]
    names = [SAID[state] for state in used]
    small = len(found) > 120
    legend = alt.Legend(title=None, orient="top", symbolStrokeColor=INK, offset=4)
    told = {
        "shape": (alt.Shape, [SHAPES[state] for state in used]), "fill": (alt.Fill, [_shade(state) for state in used]),
        "size": (alt.Size, [_size(state, small=small) for state in used]),
        "strokeDash": (alt.StrokeDash, [[2, 1] if state == "provisional" else [1, 0] for state in used]),
    }  # fmt: skip
    encoded = {name: channel("state:N", scale=alt.Scale(domain=names, range=ranged), legend=legend) for name, (channel, ranged) in told.items()}
    return alt.Chart().mark_point(stroke=INK, strokeWidth=0.8, opacity=1).encode(x=x, y=y, description="says:N", **encoded)


def _shade(state: str) -> str:
    if state in HOLLOW:
        return "white"
    return INK if state in ("beyond_limits", "moving_range") else FILL


def _size(state: str, *, small: bool) -> int:
    whole = {"beyond_limits": 60, "moving_range": 45, "trend": 50, "run": 36, "no signal": 22, "provisional": 30, "incomplete": 22}[state]
    return whole // 2 if small else whole
