"""What a point of a series says against its limits, by which rule, and the series in one plain sentence."""

from typing import Any

from service.figures.wording import in_words as figure_in_words

RUN, TREND = 8, 6
RULES = {
    "beyond_limits": (
        "one point beyond a three-sigma limit: W. A. Shewhart, Economic Control of Quality of Manufactured"
        " Product, 1931"
    ),
    "run": (
        "eight points in a row on one side of the centre: Western Electric, Statistical Quality Control"
        " Handbook, 1956"
    ),
    "trend": (
        "six points in a row all rising or all falling: L. S. Nelson, Journal of Quality Technology 16, 1984"
    ),
    "moving_range": "one moving range beyond its limit: D. J. Wheeler, Understanding Variation, 1993",
}
ROLLING = "rolling totals have no control limits: one shares most of its months with the next"
NO_CHART: dict[str, Any] = dict.fromkeys(
    ("centre", "chart", "lower", "moving_range_limit", "per_day", "points", "upper")
)
NAMES = {"xmr": "XmR", "c": "c-chart", "u": "u-chart"}


def signals(row: dict[str, Any], periods: list[str]) -> list[dict[str, str]]:
    """The signals at one point, as the statement `signals` tells of it; `periods` are the names of all points
    of the series."""
    found = []
    if row["beyond"]:
        limit, word = ("upper", "above") if row["beyond"] > 0 else ("lower", "below")
        found.append(("beyond_limits", f"{word} the {limit} limit of {_number(row[limit])}"))
    if row["run"]:
        ends = f"{periods[row['run_from']]} to {periods[row['run_to']]}"
        found.append(
            (
                "run",
                (
                    f"one of {row['run_points']} in a row {'above' if row['run'] > 0 else 'below'} the"
                    f" centre, {ends}"
                ),
            )
        )
    for role in ("", "next_"):
        if way := row[f"{role}trend"]:
            prefix = role or "trend_"
            ends = f"{periods[row[f'{prefix}from']]} to {periods[row[f'{prefix}to']]}"
            found.append(
                (
                    "trend",
                    f"one of {row[f'{prefix}points']} in a row {'rising' if way > 0 else 'falling'}, {ends}",
                )
            )
    if row["leapt"]:
        found.append(
            (
                "moving_range",
                f"moved by {row['moving_range']:,}, beyond the limit of {_number(row['moving_range_limit'])}",
            )
        )
    return [{"rule": rule, "says": says, "rule_from": RULES[rule]} for rule, says in found]


def because(limit: dict[str, Any], test: dict[str, Any]) -> str:
    """Why a series has the chart that it has, or none."""
    spread = _spread(test) if test["p"] is not None else ""
    return {
        "asked": "it was asked for",
        "too_few": f"{test['points']} complete points are too few for limits: at least 8 are needed",
        "nothing_counted": "nothing was counted in any complete point",
        "no_neighbours": "no two complete points follow each other, so there is no moving range",
        "negative": "a count is below nought, as only net counts are, so it is not Poisson",
        "poisson": f"the counts spread as chance alone would have it {spread}",
        "not_poisson": f"the counts do not spread as chance alone would have it {spread}",
    }[limit["because"]]


def _spread(test: dict[str, Any]) -> str:
    chance = f"p = {test['p']}" if test["p"] >= 0.001 else "p below 0.001"
    return (
        f"(chi-square {_number(test['chi_square'])} with {test['degrees_of_freedom']} degrees of freedom,"
        f" {chance})"
    )


def caution(series: dict[str, Any]) -> str | None:
    """What a reader must know before taking the series at its word."""
    points, charted = series["points"], series["chart"]["chart"]
    missing = sum(1 for point in points if not point["period"]["complete"] or point["value"] is None)
    said = []
    if missing:
        left_out = (
            ", and left out of limits, signals and seasons"
            if series["every"] != "12m"
            else ", and not compared"
        )
        said.append(f"{missing} of {len(points)} points are incomplete{left_out}.")
    if charted and series["chart"]["points"] < 20:
        said.append(
            f"Limits from {series['chart']['points']} points are provisional: they settle at about 20."
        )
    if charted and series["every"] in ("month", "quarter"):
        said.append(
            f"Limits make no allowance for the season: hold a signal against the same {series['every']} of"
            " other years."
        )
    return " ".join(said) or None


def in_words(series: dict[str, Any]) -> str:
    """`Robbery, Northamptonshire, every month: 58.2 on average, limits 33.9 to 82.5 (XmR); 2 of 24 points
    signal a change`."""
    name, points, chart = (
        f"{series['category']['name']}, {series['area']['name']}",
        series["points"],
        series["chart"],
    )
    if series["every"] == "12m":
        last = f"{name}, twelve months to {points[-1]['period']['to']}"
        return figure_in_words(
            {**series, **points[-1], "code": None, "month": None, "category": {"name": last}}
        )
    name += f", every {series['every']}"
    if chart["chart"] is None:
        return f"{name}: no limits, because {chart['chosen_because']}"
    signalled = sum(1 for point in points if point["signals"])
    told = f"{signalled} of {len(points)} points {'signals' if signalled == 1 else 'signal'} a change"
    if chart["chart"] == "u":
        return f"{name}: {_number(chart['per_day'])} a day on average (u-chart); {told}"
    within = f"limits {_number(chart['lower'])} to {_number(chart['upper'])} ({NAMES[chart['chart']]})"
    return f"{name}: {_number(chart['centre'])} on average, {within}; {told}"


def _number(value: Any) -> str:
    return f"{value:,.1f}"
