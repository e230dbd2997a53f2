"""The trajectory of a target: what it came to so far, its ceiling or floor, and the fan in which its end
should lie."""

from typing import Any

import altair as alt

from service.periods import parse
from service.pictures import fan
from service.pictures.framing import WIDTH, Frame, day, framed, sentence, span_in_words
from service.pictures.shapes import Period, Spec

STATUSES = {
    "met": "met",
    "exceeded": "exceeded",
    "missed": "missed",
    "on_track": "on track",
    "off_track": "off track",
    "too_early": "too early to say",
}
METHODS = {
    "straight_line": "straight line",
    "seasonal": "season of earlier years",
    "last_year_rest": "rest of last year",
}
FAN = (
    "The fan leads to the intervals in which the end should lie with 80 and with 95 per cent chance (by"
    " {method}, learnt from the errors of {learnt_from} earlier {periods}); only its right edge is worked"
    " out."
)
UNFANNED = "Projected by {method} to {projected:,.0f}, without an interval: {withheld}"


def picture(told: dict[str, Any], trajectory: list[dict[str, Any]], reflected: dict[str, Any]) -> Spec:
    """The spec of an answer of `service.targets.progress.TargetProgress`, as it is dumped, with its way so
    far and the change it reflects."""
    target, actual = told["target"], told["actual"]
    period = parse(target["period"])
    span: Period = {"period": period.period, "from": str(period.from_on), "to": str(period.to_on)}
    frame = Frame(
        heading=f"{target['name']}: {STATUSES[told['status']]}",
        finding=_finding(told),
        area=actual["area"]["name"],
        period=f"{_where(told)}, {span_in_words(span)}",
        source=target["source"],
        change=reflected["change"],
        at=reflected["at"],
        reading=_reading(told),
        notes=_notes(told),
        left=fan.LEFT,
    )
    alone = {
        "on": actual["to"],
        "value": actual["value"],
        "complete": actual["complete"],
        "base": None,
        "base_complete": False,
    }
    ground = fan.Ground(told, span, trajectory or [alone], _deciding(told))
    layers = [
        part
        for draw in (fan.fan, fan.aims, fan.earlier, fan.so_far, fan.milestones, fan.ends)
        for part in draw(ground)
    ]
    return framed([alt.layer(*layers).properties(width=WIDTH - fan.LEFT, height=fan.HEIGHT)], frame)


def _where(told: dict[str, Any]) -> str:
    category, area = told["actual"]["category"], str(told["actual"]["area"]["name"])
    return f"{category['name']}, {area}" if category else area


def _finding(told: dict[str, Any]) -> str:
    target, actual = told["target"], told["actual"]
    came = (
        f"{actual['value']:,} from {day(actual['from'])} to {day(actual['to'])}"
        if actual["value"] is not None
        else actual["wording"]
    )
    aim = "".join(f"; {name} {told[name]:,.0f}" for name in ("ceiling", "floor") if told[name] is not None)
    return (
        f"{target['name']}, target of {target['owner']}: {STATUSES[told['status']]}. {came}{aim}."
        f" {_rule(told)}"
    )


def _rule(told: dict[str, Any]) -> str:
    return sentence(told["rule"].replace("_", " "))


def _deciding(told: dict[str, Any]) -> dict[str, Any] | None:
    """The projection that decides: the first that has an interval, else the first there is."""
    held = [one for one in told["projections"] if one["projected"] is not None]
    return next((one for one in held if one["interval_80"]), held[0] if held else None)


def _notes(told: dict[str, Any]) -> list[str]:
    return [" ".join(sentence(one["says"]) for one in told["caveats"])] if told["caveats"] else []


def _reading(told: dict[str, Any]) -> list[str]:
    notes = [f"Target of {told['target']['owner']}. {_rule(told)}"]
    one = _deciding(told)
    if one and one["interval_80"]:
        periods = "period" if one["learnt_from"] == 1 else "periods"
        notes.append(
            FAN.format(method=METHODS[one["method"]], learnt_from=one["learnt_from"], periods=periods)
        )
    elif one:
        notes.append(
            UNFANNED.format(
                method=METHODS[one["method"]], projected=one["projected"], withheld=one["withheld"]
            )
        )
    return notes
