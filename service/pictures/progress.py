"""The trajectory of a target: what it came to so far, its ceiling or floor, and the fan in which its end should lie."""

from typing import Any

import altair as alt

from service.periods import parse
from service.pictures.framing import FILL, INK, QUIET, WIDTH, Frame, day, framed, rows, sentence, span_in_words

LEFT, _RIGHT, _HEIGHT = 48, 430, 240
FANS = {"interval_95": "#d9d9d9", "interval_80": "#b8b8b8"}
"""The likelier, the darker; both are outlined, so that they are told apart without their shades."""
STATUSES = {"met": "met", "exceeded": "exceeded", "missed": "missed", "on_track": "on track", "off_track": "off track",
            "too_early": "too early to say"}  # fmt: skip
MILESTONES = {"exceeded": "triangle-up", "met": "triangle-up", "missed": "cross", "too_early": "circle"}
METHODS = {"straight_line": "straight line", "seasonal": "season of earlier years", "last_year_rest": "rest of last year"}
FAN = (
    "The fan leads to the intervals in which the end should lie with 80 and with 95 per cent chance ({method}, learnt from the errors of "
    "{learnt_from} earlier {periods}); only its right edge is worked out."
)
UNFANNED = "Projected by {method} to {projected:,.0f}, without an interval: {withheld}"


def picture(told: dict[str, Any], trajectory: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    """The spec of an answer of `service.progress.TargetProgress`, as it is dumped; `asked` says as of which change and when that was."""
    target, actual = told["target"], told["actual"]
    frame = Frame(
        heading=f"{target['name']}: {STATUSES[told['status']]}", finding=_finding(told), area=_where(told),
        period=f"{_where(told)}, {span_in_words(_span(target['period']))}", source=target["source"], change=asked["change"], at=asked["at"],
        notes=_notes(told), left=LEFT,
    )  # fmt: skip
    points = trajectory or ([{"on": actual["to"], "value": actual["value"], "complete": actual["complete"], "base": None}]
                            if actual["value"] is not None else [])  # fmt: skip
    return framed([_drawn(told, points)], frame)


def _span(named: str) -> dict[str, str]:
    period = parse(named)
    return {"period": named, "from": str(period.from_on), "to": str(period.to_on)}


def _where(told: dict[str, Any]) -> str:
    category = told["actual"]["category"]
    return f"{category['name']}, {told['actual']['area']['name']}" if category else str(told["actual"]["area"]["name"])


def _finding(told: dict[str, Any]) -> str:
    target, actual = told["target"], told["actual"]
    came = f"{actual['value']:,} from {day(actual['from'])} to {day(actual['to'])}" if actual["value"] is not None else actual["wording"]
    aim = "".join(f"; {name} {told[name]:,.0f}" for name in ("ceiling", "floor") if told[name] is not None)
    return f"{target['name']}, target of {target['owner']}: {STATUSES[told['status']]}. {came}{aim}. {sentence(told['rule'])}"


def _deciding(told: dict[str, Any]) -> dict[str, Any] | None:
    """The projection that decides: the first that has an interval, else the first there is."""
    held = [one for one in told["projections"] if one["projected"] is not None]
    return next((one for one in held if one["interval_80"]), held[0] if held else None)


def _notes(told: dict[str, Any]) -> list[str]:
    notes = [f"Target of {told['target']['owner']}. {sentence(told['rule'])}"]
    one = _deciding(told)
    if one and one["interval_80"]:
        periods = "period" if one["learnt_from"] == 1 else "periods"
        notes.append(FAN.format(method=METHODS[one["method"]], learnt_from=one["learnt_from"], periods=periods))
    elif one:
        notes.append(UNFANNED.format(method=METHODS[one["method"]], projected=one["projected"], withheld=one["withheld"]))
    return notes + [sentence(one["says"]) for one in told["caveats"]]


def _x(period: dict[str, str]) -> Any:
    axis = alt.Axis(tickCount=6, labelExpr="utcFormat(datum.value, '%b %Y')", labelOverlap=True, grid=False)
    return alt.X("on:T", title=None, scale=alt.Scale(type="utc", domain=[period["from"], period["to"]], range=[0, _RIGHT]), axis=axis)


_Y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True, nice=True),
           axis=alt.Axis(tickCount=6, labelExpr="format(datum.value, ',')", minExtent=LEFT, maxExtent=LEFT, domain=False))  # fmt: skip


def _drawn(told: dict[str, Any], points: list[dict[str, Any]]) -> Any:
    period = _span(told["target"]["period"])
    x = _x(period)
    layers = [*_fan(told, period, x), *_aims(told, period, x), *_base(points, period, x), *_actual(told, points, period, x),
              *_milestones(told, x)]  # fmt: skip
    labels = _labels(told, points)
    return alt.layer(*layers, *labels).properties(width=WIDTH - LEFT, height=_HEIGHT)


def _fan(told: dict[str, Any], period: dict[str, str], x: Any) -> list[Any]:
    """From where it stands to both ends of each interval on the last day, the wider behind."""
    one, actual = _deciding(told), told["actual"]
    if one is None:
        return []
    start = {"on": actual["to"], "low": actual["value"], "high": actual["value"], "value": actual["value"]}
    layers = []
    for name, shade in FANS.items():
        if held := one[name]:
            ends = [start, {"on": period["to"], "low": held["low"], "high": held["high"], "says": f"{name[-2:]} per cent"}]
            area = alt.Chart(rows(ends)).mark_area(fill=shade, stroke=QUIET, strokeWidth=0.8, line={"stroke": QUIET, "strokeWidth": 0.8}, aria=False)
            layers.append(area.encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q"))
    middle = alt.Chart(rows([start, {"on": period["to"], "value": one["projected"]}]))
    return [*layers, middle.mark_line(color=INK, strokeWidth=1.2, strokeDash=[5, 3], aria=False).encode(x=x, y=_Y)]


def _aims(told: dict[str, Any], period: dict[str, str], x: Any) -> list[Any]:
    """Ceiling and floor across the period."""
    layers = []
    for name in ("ceiling", "floor"):
        if told[name] is not None:
            ends = [{"on": period[end], "value": told[name]} for end in ("from", "to")]
            layers.append(alt.Chart(rows(ends)).mark_line(color=INK, strokeWidth=2, aria=False).encode(x=x, y=_Y))
    return layers


def _base(points: list[dict[str, Any]], period: dict[str, str], x: Any) -> list[Any]:
    """What the base had come to by the same day: a thin dashed line."""
    known = [{"on": one["on"], "value": one["base"]} for one in points if one["base"] is not None and one.get("base_complete")]
    if not known:
        return []
    line = alt.Chart(rows([{"on": period["from"], "value": 0}, *known]))
    return [line.mark_line(color=QUIET, strokeWidth=1, strokeDash=[2, 2], aria=False).encode(x=x, y=_Y)]


def _actual(told: dict[str, Any], points: list[dict[str, Any]], period: dict[str, str], x: Any) -> list[Any]:
    """What is known, month by month: filled where everything of it is held, hollow where not."""
    known = [{**one, "says": f"{one['value']:,} by {day(one['on'])}{'' if one['complete'] else ', incomplete'}"}
             for one in points if one["value"] is not None]  # fmt: skip
    nought = [{"on": period["from"], "value": 0}] if len(known) > 1 or told["run_rate"] is not None else []
    line = alt.Chart(rows([*nought, *known])).mark_line(color=INK, strokeWidth=2, aria=False).encode(x=x, y=_Y)
    shade = alt.when("datum.complete").then(alt.value(INK)).otherwise(alt.value("white"))
    dots = alt.Chart(rows(known)).mark_point(stroke=INK, strokeWidth=1, size=26, opacity=1)
    return [line, dots.encode(x=x, y=_Y, fill=shade, description="says:N")]


def _milestones(told: dict[str, Any], x: Any) -> list[Any]:
    """Where it was to be on the way: by shape whether it was reached."""
    if not told["milestones"]:
        return []
    found = [{"on": one["on"], "value": one["amount"], "shape": one["status"], "text": f"milestone {one['amount']:,.0f}",
              "says": f"Milestone {one['amount']:,.0f} on {day(one['on'])}: {STATUSES[one['status']]}"}
             for one in told["milestones"]]  # fmt: skip
    scale = alt.Scale(domain=list(MILESTONES), range=list(MILESTONES.values()))
    marks = alt.Chart(rows(found)).mark_point(stroke=INK, fill=FILL, size=70, opacity=1)
    text = alt.Chart(rows(found)).mark_text(align="right", dx=-7, dy=-7, fontSize=9, aria=False)
    return [marks.encode(x=x, y=_Y, shape=alt.Shape("shape:N", scale=scale, legend=None), description="says:N"),
            text.encode(x=x, y=_Y, text="text:N")]  # fmt: skip


def _labels(told: dict[str, Any], points: list[dict[str, Any]]) -> list[Any]:
    """What each line is, with its number, at the right beside where it ends; labels that would touch are moved apart by the picture itself."""
    one = _deciding(told)
    found = [{"value": told[name], "text": name} for name in ("ceiling", "floor") if told[name] is not None]
    if one:
        found.append({"value": one["projected"], "text": "projected"})
        if held := one["interval_80"]:
            found += [{"value": held["high"], "text": "80% up to"}, {"value": held["low"], "text": "80% from"}]
    elif points and points[-1]["value"] is not None:
        found.append({"value": points[-1]["value"], "text": "actual"})
    return [alt.Chart(rows(found)).mark_text(align="left", dx=6, aria=False)
            .transform_calculate(said="datum.text + ' ' + format(datum.value, ',.0f')")
            .encode(x=alt.value(_RIGHT), y=_Y, text="said:N")]  # fmt: skip
