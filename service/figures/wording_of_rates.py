"""Rates, scores, outcomes and reported values in one plain sentence."""

from typing import Any

from service.reference.measures import Measure


def rate_in_words(figure: dict[str, Any]) -> str:
    """`Robbery: 0.88 per 1,000 residents in 2012/13 (622 offences, 703,143 residents in mid-2012)`, or what
    it says of another rate."""
    of, name = figure["denominator"]["of"], subject(figure)
    if figure["value"] is None:
        return unsaid(figure, f"no rate by {of}")
    return said_against(
        figure, f"{figure['value']:,.2f} per 1,000 {of}", name, _divided(figure), "", f" per 1,000 {of}"
    )


def severity_in_words(figure: dict[str, Any]) -> str:
    """`All recorded crime: severity score 8.55 in 2012/13 (…)`, with what has no weight."""
    if figure["value"] is None:
        return unsaid(figure, "no severity score")
    left = figure["left_out"]
    without = f"; {left['offences']:,} offences without a weight left out" if left and left["codes"] else ""
    return said_against(
        figure,
        f"severity score {figure['value']:,.2f}",
        subject(figure),
        _divided(figure) + without,
        "severity score ",
        "",
    )


def outcomes_in_words(figure: dict[str, Any]) -> str:
    """`Robbery: 112 outcomes assigned in 2024/25`, or `Robbery: positive outcome rate 20.1 per cent in
    2024/25 (45 of 224)`."""
    basis = "assigned in" if figure["basis"] == "assigned" else "of crimes recorded in"
    name = f"{subject(figure)}, outcomes {basis} {figure['period']['period']}"
    if figure["value"] is None:
        return f"{name}: {figure['withheld'] or 'not counted by this source'}"
    if figure["measure"] == "outcomes":
        moved = figure["compared"] and figure["compared"]["difference"]
        return f"{name}: {figure['value']:,}" + (
            f", {moved:+,} against {figure['compared']['period']['period']}" if moved is not None else ""
        )
    whole = (
        f"{figure['count']:,} positive of {figure['denominator']['number']:,} {figure['denominator']['of']}"
    )
    difference = figure["compared"] and figure["compared"]["difference"]
    against = (
        f", {difference:+.1f} points against {figure['compared']['period']['period']}"
        if difference is not None
        else ""
    )
    return f"{name}: {figure['value']:.1f} per cent ({whole}){against}"


def reported_in_words(figure: dict[str, Any], measure: Measure) -> str:
    """`Savings: 6,800,000 pounds in 2010/11..2013/14`, as reported."""
    name, period, compared = measure.name, figure["period"]["period"], figure["compared"]
    if figure["value"] is None:
        return f"{name}: {figure['withheld']} for {period}"
    shown = f"{name}: {figure['value']:,.{measure.decimals}f} {measure.unit} in {period}{so_far(figure)}"
    if compared is None or compared["difference"] is None:
        return shown + (f"; not compared, because {compared['percent_withheld']}" if compared else "")
    return f"{shown}, {compared['difference']:+,.{measure.decimals}f} against {compared['period']['period']}"


def subject(figure: dict[str, Any]) -> str:
    """The category, and the code and month where a figure is of one."""
    code, month = figure["code"], figure["month"]
    return f"{figure['category']['name']}{f', code {code}' if code else ''}{f', {month}' if month else ''}"


def so_far(figure: dict[str, Any]) -> str:
    """What is added to a figure of a period that is not complete."""
    return "" if figure["period"]["complete"] else " so far as is known"


def unsaid(figure: dict[str, Any], what: str) -> str:
    """Why there is no figure."""
    return (
        f"{subject(figure)}: {what} in {figure['period']['period']}, because"
        f" {figure['withheld'] or 'this source does not count it'}"
    )


def _divided(figure: dict[str, Any]) -> str:
    under = figure["denominator"]
    return f"{figure['count']:,} offences, {under['number']:,} {under['of']} in mid-{under['year']}"


def said_against(figure: dict[str, Any], shown: str, name: str, behind: str, before: str, after: str) -> str:
    """A value with what is behind it; where it is compared, how far it moved and from what to what."""
    compared, period = figure["compared"], figure["period"]["period"]
    if compared is None or compared["difference"] is None:
        uncompared = f"; not compared, because {compared['percent_withheld']}" if compared else ""
        return f"{name}: {shown} in {period}{so_far(figure)} ({behind}){uncompared}"
    moved = f"from {before}{compared['value']:,.2f} to {figure['value']:,.2f}{after} ({behind})"
    if compared["percent"] is None:
        return f"{name}: {moved}; no percentage, because {compared['percent_withheld']}"
    chance = ", within what chance alone would give" if compared["change"] == "within_chance" else ""
    if compared["percent"] == 0:
        return f"{name}: no change, {moved}"
    way = "up" if compared["percent"] > 0 else "down"
    return f"{name}: {way} by {abs(compared['percent']):.1f} per cent, {moved}{chance}"
