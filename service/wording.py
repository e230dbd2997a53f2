"""A figure in one plain sentence."""

from typing import Any

ONE_WAY = ("recorded_late", "transferred_in", "cancelled", "transferred", "reinstated", "reclassified_in", "reclassified_out")
"""Parts of a revision that can only add, or only take away."""


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


def revised_in_words(revision: dict[str, Any], parts: list[dict[str, Any]]) -> str:
    """`Residential burglary: 3,182 when released, 3,179 now: 2 recorded late, 4 cancelled, 1 reclassified out`."""
    said = f"{revision['category']['name']}, {revision['area']['name']}, {revision['period']}"
    before, after = (format(revision[name], ",") if revision[name] is not None else "not counted" for name in ("then", "now"))
    if before == after and not parts:
        return f"{said}: {before} when released, and now"
    return f"{said}: {before} when released, {after} now: {', '.join(map(_part, parts))}"


def _part(part: dict[str, Any]) -> str:
    """What can only go one way is a plain number; what goes both ways has its sign."""
    name, difference = part["part"].replace("_", " "), part["difference"]
    if part["part"] == "superseded_edition":
        return f"edition {part['edition_then']} superseded by {part['edition_now']}"
    if difference is None:
        return str(name)
    return f"{abs(difference):,} {name}" if part["part"] in ONE_WAY else f"{difference:+,} {name}"
