"""What a point of a series says against its limits, by which rule, and the series in one plain sentence."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from service.figures.series.nouns import SeriesChart, SeriesPoint, SeriesSignal
from service.figures.wording import word_count

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
NAMES = {"xmr": "XmR", "c": "c-chart", "u": "u-chart"}


class SpreadRow(TypedDict):
    """A row of the statement `dispersion`: how the usable points of a series spread."""

    series: int
    points: int
    least: int
    mean: Decimal
    mean_moving_range: Decimal | None
    per_day: Decimal | None
    degrees_of_freedom: int
    chi_square: Decimal | None


class TestedRow(SpreadRow):
    """The same, and the p of the test whether the counts spread as Poisson counts do."""

    p: float | None


class LimitRow(TypedDict):
    """A row of the statement `limits`."""

    series: int
    chart: str | None
    centre: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    moving_range_limit: Decimal | None
    per_day: Decimal | None
    because: str


class SignalRow(TypedDict):
    """A row of the statement `signals`: a usable point, its limits, and by position from where to where it
    is one of a run or a trend, or the first of the next trend."""

    series: int
    position: int
    centre: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    moving_range: int | None
    moving_range_limit: Decimal | None
    beyond: int | None
    leapt: bool
    run: int | None
    run_points: int
    run_from: int
    run_to: int
    trend: int | None
    trend_points: int
    trend_from: int
    trend_to: int
    next_trend: int | None
    next_points: int
    next_from: int
    next_to: int


def find_signals(row: SignalRow, periods: Sequence[str]) -> list[SeriesSignal]:
    """The signals at one point; `periods` are the names of all points of the series."""
    found = []
    if row["beyond"]:
        limit, word = (
            (row["upper"], "above the upper") if row["beyond"] > 0 else (row["lower"], "below the lower")
        )
        found.append(("beyond_limits", f"{word} limit of {_number(limit)}"))
    if row["run"]:
        side, ends = "above" if row["run"] > 0 else "below", (row["run_from"], row["run_to"])
        found.append(
            ("run", f"one of {row['run_points']} in a row {side} the centre, {_word_ends(ends, periods)}")
        )
    if way := row["trend"]:
        ends = row["trend_from"], row["trend_to"]
        found.append(("trend", _word_trend(row["trend_points"], way, ends, periods)))
    if way := row["next_trend"]:
        ends = row["next_from"], row["next_to"]
        found.append(("trend", _word_trend(row["next_points"], way, ends, periods)))
    if row["leapt"]:
        moved, most = row["moving_range"], _number(row["moving_range_limit"])
        found.append(("moving_range", f"moved by {moved:,}, beyond the limit of {most}"))
    return [SeriesSignal(rule, says, RULES[rule]) for rule, says in found]


def _word_trend(points: int, way: int, ends: tuple[int, int], periods: Sequence[str]) -> str:
    return f"one of {points} in a row {'rising' if way > 0 else 'falling'}, {_word_ends(ends, periods)}"


def _word_ends(ends: tuple[int, int], periods: Sequence[str]) -> str:
    return f"{periods[ends[0]]} to {periods[ends[1]]}"


def word_too_few(points: int) -> str:
    """Why a series of so many complete points has no chart."""
    return f"{points} complete points are too few for limits: at least 8 are needed"


def word_choice(limit: LimitRow, test: TestedRow) -> str:
    """Why a series has the chart that it has, or none."""
    spread = _word_spread(test)
    return {
        "asked": "it was asked for",
        "too_few": word_too_few(test["points"]),
        "nothing_counted": "nothing was counted in any complete point",
        "no_neighbours": "no two complete points follow each other, so there is no moving range",
        "negative": "a count is below nought, as only net counts are, so it is not Poisson",
        "poisson": f"the counts spread as chance alone would have it {spread}",
        "not_poisson": f"the counts do not spread as chance alone would have it {spread}",
    }[limit["because"]]


def _word_spread(test: TestedRow) -> str:
    if test["p"] is None or test["chi_square"] is None:
        return ""
    chance = f"p = {test['p']}" if test["p"] >= 0.001 else "p below 0.001"
    return (
        f"(chi-square {_number(test['chi_square'])} with {test['degrees_of_freedom']} degrees of freedom,"
        f" {chance})"
    )


def word_caution(every: str, points: Sequence[SeriesPoint], chart: SeriesChart) -> str | None:
    """What a reader must know before taking the series at its word."""
    missing = sum(1 for point in points if not point.period.complete or point.value is None)
    sentences = []
    if missing:
        left_out = ", and not compared" if every == "12m" else ", and left out of limits, signals and seasons"
        sentences.append(f"{missing} of {len(points)} points are incomplete{left_out}.")
    if chart.chart and chart.points is not None and chart.points < 20:
        sentences.append(f"Limits from {chart.points} points are provisional: they settle at about 20.")
    if chart.chart and every in ("month", "quarter"):
        sentences.append(
            f"Limits make no allowance for the season: hold a signal against the same {every} of other years."
        )
    return " ".join(sentences) or None


def word_series(
    name: str, measure: str, every: str, points: Sequence[SeriesPoint], chart: SeriesChart
) -> str:
    """`Robbery, Northamptonshire, every month: 58.2 on average, limits 33.9 to 82.5 (XmR); 2 of 24 points
    signal a change`."""
    if every == "12m":
        last = points[-1]
        subject = f"{name}, twelve months to {last.period.to_on}"
        return word_count(subject, measure, last.period, last.value, last.compared)
    name += f", every {every}"
    if chart.chart is None:
        return f"{name}: no limits, because {chart.chosen_because}"
    signalled = sum(1 for point in points if point.signals)
    change = f"{signalled} of {len(points)} points {'signals' if signalled == 1 else 'signal'} a change"
    if chart.chart == "u":
        return f"{name}: {_number(chart.per_day)} a day on average (u-chart); {change}"
    limits = f"limits {_number(chart.lower)} to {_number(chart.upper)} ({NAMES[chart.chart]})"
    return f"{name}: {_number(chart.centre)} on average, {limits}; {change}"


def _number(value: Decimal | None) -> str:
    return f"{value:,.1f}"
