"""The lines of a target's trajectory, and the fan in which its end should lie."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from service.pictures.framing import FILL, INK, QUIET, apart, day, rows
from service.pictures.shapes import Period

LEFT, RIGHT, HEIGHT = 48, 450, 240
"""Pixels for the labels of counts, where the period ends and the names of lines begin, and how high the
picture is."""
FANS = {"interval_95": "#e0e0e0", "interval_80": "#bdbdbd"}
"""The likelier, the darker; both are outlined, so that they are told apart without their shades."""
MILESTONES = {"exceeded": "triangle-up", "met": "triangle-up", "missed": "cross", "too_early": "circle"}


@dataclass(frozen=True)
class Ground:
    """A target's progress with the axes that it is drawn on: days of its period from the left, counts from
    nought to the highest drawn."""

    told: dict[str, Any]
    period: Period
    points: list[dict[str, Any]]
    projection: dict[str, Any] | None

    def highest(self) -> float:
        """A little above the highest that is drawn."""
        ends = [self.projection[name]["high"] for name in FANS if self.projection and self.projection[name]]
        held = [one[name] for one in self.points for name in ("value", "base") if one[name] is not None]
        aims = [self.told[name] for name in ("ceiling", "floor") if self.told[name] is not None]
        milestones = [one["amount"] for one in self.told["milestones"]]
        return 1.06 * float(max([*ends, *held, *aims, *milestones, 1]))

    def x(self) -> alt.X:
        """Days."""
        axis = alt.Axis(
            tickCount=6, labelExpr="utcFormat(datum.value, '%b %Y')", labelOverlap=True, grid=False
        )
        scale = alt.Scale(type="utc", domain=[self.period["from"], self.period["to"]], range=[0, RIGHT])
        return alt.X("on:T", title=None, scale=scale, axis=axis)

    def y(self, field: str = "value") -> alt.Y:
        """Counts."""
        axis = alt.Axis(
            tickCount=6, labelExpr="format(datum.value, ',')", minExtent=LEFT, maxExtent=LEFT, domain=False
        )
        return alt.Y(
            f"{field}:Q", title=None, scale=alt.Scale(domain=[0, self.highest()], nice=False), axis=axis
        )

    def line(self, points: list[dict[str, Any]], **look: object) -> alt.Chart:
        """A line through points."""
        return alt.Chart(rows(points)).mark_line(aria=False, **look).encode(x=self.x(), y=self.y())


def fan(ground: Ground) -> list[alt.Chart]:
    """From where it stands to both ends of each interval on the last day, the wider behind."""
    one, actual, last = ground.projection, ground.told["actual"], ground.period["to"]
    if one is None:
        return []
    start = {"on": actual["to"], "low": actual["value"], "high": actual["value"], "value": actual["value"]}
    layers = []
    for name, shade in FANS.items():
        if held := one[name]:
            area = alt.Chart(rows([start, {"on": last, "low": held["low"], "high": held["high"]}]))
            drawn = area.mark_area(
                fill=shade, opacity=1, line={"stroke": QUIET, "strokeWidth": 0.8}, aria=False
            )
            layers += [
                drawn.encode(x=ground.x(), y=ground.y("low"), y2="high:Q"),
                ground.line([start, {"on": last, "value": held["high"]}], color=QUIET, strokeWidth=0.8),
            ]
    return [
        *layers,
        ground.line(
            [start, {"on": last, "value": one["projected"]}], color=INK, strokeWidth=1.2, strokeDash=[5, 3]
        ),
    ]


def aims(ground: Ground) -> list[alt.Chart]:
    """Ceiling and floor across the period."""
    held = [ground.told[name] for name in ("ceiling", "floor") if ground.told[name] is not None]
    ends = [[{"on": ground.period[end], "value": value} for end in ("from", "to")] for value in held]
    return [ground.line(line, color=INK, strokeWidth=2) for line in ends]


def earlier(ground: Ground) -> list[alt.Chart]:
    """What the base had come to by the same day: a thin dotted line, named where it ends before the period
    does."""
    known = [
        {"on": one["on"], "value": one["base"]}
        for one in ground.points
        if one["base"] is not None and one["base_complete"]
    ]
    if not known:
        return []
    drawn = ground.line(
        [{"on": ground.period["from"], "value": 0}, *known], color=QUIET, strokeWidth=1.2, strokeDash=[2, 2]
    )
    name = ground.told["target"]["base_period"]
    named = (
        []
        if known[-1]["on"] == ground.period["to"]
        else [_named(ground, known[-1], f"{name} by the same day", -12)]
    )
    return [drawn, *named]


def so_far(ground: Ground) -> list[alt.Chart]:
    """What is known, month by month: filled where everything of it is held, hollow where not."""
    known = [
        {**one, "says": f"{one['value']:,} by {day(one['on'])}{'' if one['complete'] else ', incomplete'}"}
        for one in ground.points
        if one["value"] is not None
    ]
    if not known:
        return []
    nought = [{"on": ground.period["from"], "value": 0}] if ground.told["run_rate"] is not None else []
    shade = alt.when("datum.complete").then(alt.value(INK)).otherwise(alt.value("white"))
    dots = alt.Chart(rows(known)).mark_point(stroke=INK, strokeWidth=1, size=26, opacity=1)
    named = (
        [] if known[-1]["on"] == ground.period["to"] else [_named(ground, known[-1], known[-1]["says"], 22)]
    )
    return [
        ground.line([*nought, *known], color=INK, strokeWidth=2),
        dots.encode(x=ground.x(), y=ground.y(), fill=shade, description="says:N"),
        *named,
    ]


def _named(ground: Ground, at: dict[str, Any], text: str, dy: int) -> alt.Chart:
    at_the_end = alt.Chart(rows([{"on": at["on"], "value": at["value"], "text": text}]))
    mark = at_the_end.mark_text(dy=dy, aria=False, align="right" if dy < 0 else "left")
    return mark.encode(x=ground.x(), y=ground.y(), text="text:N")


def milestones(ground: Ground) -> list[alt.Chart]:
    """Where it was to be on the way: by shape whether it was reached."""
    found = [
        {
            "on": one["on"],
            "value": one["amount"],
            "shape": one["status"],
            "text": f"milestone {one['amount']:,.0f}",
            "says": f"Milestone {one['amount']:,.0f} on {day(one['on'])}: {one['status'].replace('_', ' ')}",
        }
        for one in ground.told["milestones"]
    ]
    if not found:
        return []
    shape = alt.Shape(
        "shape:N", scale=alt.Scale(domain=list(MILESTONES), range=list(MILESTONES.values())), legend=None
    )
    marks = alt.Chart(rows(found)).mark_point(stroke=INK, fill=FILL, size=70, opacity=1)
    text = alt.Chart(rows(found)).mark_text(align="right", dx=-7, dy=-7, fontSize=9, aria=False)
    return [
        marks.encode(x=ground.x(), y=ground.y(), shape=shape, description="says:N"),
        text.encode(x=ground.x(), y=ground.y(), text="text:N"),
    ]


def ends(ground: Ground) -> list[alt.Chart]:
    """What each line comes to on the last day, named to its right, moved apart where names would touch."""
    found = [(name, ground.told[name]) for name in ("ceiling", "floor") if ground.told[name] is not None]
    if one := ground.projection:
        interval = one["interval_80"] or {}
        found += [
            ("projected", one["projected"]),
            *((f"80 per cent {end}", interval[end]) for end in ("high", "low") if interval),
        ]
    elif ground.points and ground.points[-1]["on"] == ground.period["to"]:
        target, last = ground.told["target"], ground.points[-1]
        found += [
            (target[name], last[of])
            for name, of in (("period", "value"), ("base_period", "base"))
            if last[of] is not None
        ]
    moved = apart([value for _, value in found], ground.highest(), 0, HEIGHT)
    said = [
        {"value": value, "name": name, "moved": by} for (name, value), by in zip(found, moved, strict=True)
    ]
    text = alt.Chart(rows(said)).mark_text(align="left", dx=6, dy=alt.ExprRef("datum.moved"), aria=False)
    told = text.transform_calculate(said="datum.name + ' ' + format(datum.value, ',.0f')")
    return [told.encode(x=alt.value(RIGHT), y=ground.y(), text="said:N")]
