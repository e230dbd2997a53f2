"""A figure in one plain sentence."""

from typing import Any

ONE_WAY = (
    "recorded_late",
    "transferred_in",
    "cancelled",
    "transferred",
    "reinstated",
    "reclassified_in",
    "reclassified_out",
)
"""Parts of a revision that can only add, or only take away."""


def in_words(figure: dict[str, Any]) -> str:
    """`Residential burglary: up by 27.0 per cent (676 more offences)`, or what can be said where a comparison
    cannot be made."""
    name, compared, value = figure["category"]["name"], figure["compared"], figure["value"]
    if figure["code"]:
        name += f", code {figure['code']}"
    if figure["month"]:
        name += f", {figure['month']}"
    if value is None:
        return f"{name}: not counted by this source in {figure['period']['period']}"
    if compared is None or compared["difference"] is None:
        uncompared = f"; not compared, because {compared['percent_withheld']}" if compared else ""
        return (
            f"{name}: {_counted(value, figure['measure'])} in"
            f" {figure['period']['period']}{_incomplete(figure)}{uncompared}"
        )
    return f"{name}: {_moved(compared, figure['measure'])}"


def _moved(compared: dict[str, Any], measure: str) -> str:
    difference, percent = compared["difference"], compared["percent"]
    more = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} {_unit(abs(difference), measure)}"
    if difference == 0:
        return f"no change{_unlike(compared)}"
    chance = ", within what chance alone would give" if compared["change"] == "within_chance" else ""
    if percent is None:
        return f"{more}{chance}; no percentage, because {compared['percent_withheld']}{_unlike(compared)}"
    return (
        f"{'up' if difference > 0 else 'down'} by {abs(percent):.1f} per cent"
        f" ({more}){chance}{_unlike(compared)}"
    )


def _unlike(compared: dict[str, Any]) -> str:
    """What changed between the two that is no change in crime."""
    if not compared["breaks"]:
        return ""
    told = [
        f"{one['name'][0].lower()}{one['name'][1:]} ({one['from_on'].day} {one['from_on']:%B %Y})"
        for one in compared["breaks"]
    ]
    return f"; between the two, {' and '.join(told)}"


def _incomplete(figure: dict[str, Any]) -> str:
    return "" if figure["period"]["complete"] else " so far as is known"


CHANCE_EXPLAINED = (
    "Where nothing is said of chance, the change is more than chance alone would give: a two-sided exact test"
    " at 5 per cent,\nwith what months before varied more than by chance allowed for where that is known."
)


def certain_in_words(figure: dict[str, Any]) -> list[str]:
    """The figure's sentence, and one for each thing that it does not say and that has to be known before a
    value in it is quoted."""
    base = figure["compared"]
    told = [
        (figure["period"]["period"], one) for one in figure.get("status", ())
    ]  # releases made before there were any have none
    told += (
        [(base["period"]["period"], one) for one in base.get("status", ()) if one["status"] != "break"]
        if base
        else []
    )
    return [
        f"{figure['wording']}.",
        *(f"  {period} {_status(one)}." for period, one in told if one["status"] != "incomplete"),
    ]


def _status(status: dict[str, Any]) -> str:
    """`is provisional: known on 5 May 2013, 35 days after it ended`."""
    joined = {"break": "holds a break", "revised": "was revised, first published as"}.get(
        status["status"], f"is {status['status']}"
    )
    return f"{joined}{' ' if status['status'] == 'revised' else ': '}{status['why']}"


def _counted(value: int, measure: str) -> str:
    return f"{value:,} {_unit(value, measure)}"


def _unit(number: int, measure: str) -> str:
    return measure[:-1] if number == 1 else measure


def revised_in_words(revision: dict[str, Any], parts: list[dict[str, Any]]) -> str:
    """`Residential burglary: 3,182 when released, 3,179 now: 2 recorded late, 4 cancelled, 1 reclassified
    out`."""
    said = f"{revision['category']['name']}, {revision['area']['name']}, {revision['period']}"
    before, after = (
        format(revision[name], ",") if revision[name] is not None else "not counted"
        for name in ("then", "now")
    )
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
