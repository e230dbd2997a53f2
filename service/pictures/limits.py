"""Centre and limits of a control chart, each with its name and number; and a band along the axis where
something is missing."""

from itertools import groupby
from typing import Literal, cast

import altair as alt

from service.pictures.framing import INK, QUIET, apart, rows
from service.pictures.shapes import Series

LimitName = Literal["upper", "centre", "lower"]
LINES: dict[LimitName, tuple[str, list[int]]] = {
    "upper": ("upper limit", [4, 3]),
    "centre": ("mean", [1, 0]),
    "lower": ("lower limit", [4, 3]),
}
BAND = 7  # pixels


def drawn(one: Series, x: alt.X, lowest: float, highest: float, height: int, right: int) -> list[alt.Chart]:
    """Lines across where all points share them; steps where each has its own, as in a u-chart. None where
    there is no chart."""
    held = [point for point in one["points"] if point["centre"] is not None]
    if one["chart"]["chart"] is None or not held:
        return []
    line = {"color": INK, "strokeWidth": 0.9, "aria": False}
    layers: list[alt.Chart] = []
    for name, (_, dashes) in LINES.items():
        if one["chart"][name] is None:
            steps = (
                alt.Chart()
                .transform_filter(f"isValid(datum.{name})")
                .mark_line(interpolate="step", strokeDash=dashes, **line)
            )
            layers.append(steps.encode(x=x, y=f"{name}:Q"))
        else:
            across = alt.Chart(rows([{"at": one["chart"][name]}])).mark_rule(strokeDash=dashes, **line)
            layers.append(across.encode(x=alt.value(0), x2=alt.value(right), y="at:Q"))
    ends = [cast("float", held[-1][name]) for name in LINES]
    moved = apart(ends, highest, lowest, height)
    named = [
        {"at": at, "name": called, "moved": by}
        for at, (called, _), by in zip(ends, LINES.values(), moved, strict=True)
    ]
    text = alt.Chart(rows(named)).mark_text(align="left", dy=alt.ExprRef("datum.moved"), aria=False)
    said = text.transform_calculate(said="datum.name + ' ' + format(datum.at, ',.1f')")
    return [*layers, said.encode(x=alt.value(right + 6), y="at:Q", text="said:N")]


def missing(one: Series, at: Literal["from", "to"], x: alt.X, height: int) -> list[alt.Chart]:
    """A band for each run of points of which not everything is known; their values are not drawn, for they
    say nothing yet."""
    runs = [
        list(run)
        for known, run in groupby(
            one["points"], key=lambda point: point["period"]["complete"] and point["value"] is not None
        )
        if not known
    ]
    if not runs:
        return []
    bands = [
        {"from": run[0]["period"][at], "to": run[-1]["period"]["to"], "says": f"{len(run)} points incomplete"}
        for run in runs
    ]
    longest = max(zip(runs, bands, strict=True), key=lambda pair: len(pair[0]))[1]
    band = alt.Chart(rows(bands)).mark_rect(fill="white", stroke=QUIET, strokeDash=[2, 2])
    text = alt.Chart(rows([longest])).mark_text(
        align="left", baseline="bottom", fontSize=9, fontStyle="italic", dx=2, aria=False
    )
    return [
        band.encode(x=x, x2="to:T", y=alt.value(height - BAND), y2=alt.value(height), description="says:N"),
        text.encode(x=x, y=alt.value(height - BAND - 2), text=alt.value("incomplete")),
    ]
