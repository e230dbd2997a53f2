"""A figure in one plain sentence."""

from typing import Any


def in_words(figure: dict[str, Any]) -> str:
    """`Residential burglary: up by 27.0 per cent (676 more offences)`, or what can be said where a comparison cannot be made."""
    name, compared, value = figure["category"]["name"], figure["compared"], figure["value"]
    if figure["code"]:
        name += f", code {figure['code']}"
    if figure["month"]:
        name += f", {figure['month']}"
    if value is None:
        return f"{name}: not counted by this source in {figure['period']['period']}"
    if compared is None or compared["difference"] is None:
        uncompared = f"; not compared, because {compared['percent_withheld']}" if compared else ""
        return f"{name}: {_counted(value, figure['measure'])} in {figure['period']['period']}{_incomplete(figure)}{uncompared}"
    return f"{name}: {_moved(compared, figure['measure'])}"


def _moved(compared: dict[str, Any], measure: str) -> str:
    difference, percent = compared["difference"], compared["percent"]
    more = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} {_unit(abs(difference), measure)}"
    if difference == 0:
        return "no change"
    if percent is None:
        return f"{more}; no percentage, because {compared['percent_withheld']}"
    chance = ", within what chance alone would give" if compared["change"] == "within_chance" else ""
    return f"{'up' if difference > 0 else 'down'} by {abs(percent):.1f} per cent ({more}){chance}"


def _incomplete(figure: dict[str, Any]) -> str:
    return "" if figure["period"]["complete"] else " so far as is known"


def _counted(value: int, measure: str) -> str:
    return f"{value:,} {_unit(value, measure)}"


def _unit(number: int, measure: str) -> str:
    return measure[:-1] if number == 1 else measure
