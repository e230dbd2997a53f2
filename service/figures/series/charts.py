"""Counts through time: each point counted in SQL, charted in SQL against limits of its own series, with the
records behind it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TypedDict
from uuid import UUID

from service.figures.breaks_crossed import Breaks
from service.figures.comparisons import Pair, compare
from service.figures.counts import find_evidence
from service.figures.figure import Comparison
from service.figures.question import Question
from service.figures.series import signals
from service.figures.series.nouns import (
    Series,
    SeriesChart,
    SeriesDispersion,
    SeriesPoint,
    SeriesSeason,
    SeriesSignal,
)
from service.figures.series.signals import LimitRow, SignalRow, SpreadRow, TestedRow
from service.figures.spans import Span, span
from service.figures.statuses import CountKey, Statuses
from service.periods import Period, months_before, spanning
from service.reference.areas import NamedArea
from service.reference.categories import NamedCategory
from service.store import Book, as_json

FEWEST_POINTS, FEWEST_YEARS = 8, 3
SEASONS = {"month": 12, "quarter": 4}
NO_SEASON = f"fewer than {FEWEST_YEARS} whole financial years are complete and hold anything"


@dataclass(frozen=True)
class Pace:
    """How many months a point counts, and how many lie between one and the next."""

    length: int
    step: int


PACES = {"month": Pace(1, 1), "quarter": Pace(3, 3), "year": Pace(12, 12), "12m": Pace(12, 1)}
PACES_OF_RETURNS = {"quarter": Pace(3, 3), "year": Pace(12, 12), "12m": Pace(12, 3)}
"""A return holds no months: its twelve months end with a quarter."""


class PointRow(TypedDict):
    """A row of the statements `counted` and `returned`: a point, and the twelve months before where the
    points are of twelve months."""

    area: str
    area_name: str
    category: str
    category_name: str
    definition: int
    value: int | None
    return_id: UUID | None
    from_on: date
    to_on: date
    days: int
    complete: bool
    edition: str | None
    base_from: date
    base_to: date
    base_value: int | None
    base_complete: bool
    base_edition: str | None


class ChartPoint(TypedDict):
    """A point as the statements of charts take it: one that is not usable is left out of limits, signals and
    seasons."""

    series: int
    position: int
    days: int
    from_on: date | None
    value: int | None
    usable: bool


@dataclass(frozen=True)
class Chart:
    """A series against its own limits: by position, what each usable point is to them."""

    chart: SeriesChart
    dispersion: SeriesDispersion | None
    rows: dict[int, SignalRow]
    signals: dict[int, list[SeriesSignal]]


def paces_of(source: str) -> dict[str, Pace]:
    """What series a source can give."""
    return PACES if source == "records" else PACES_OF_RETURNS


def chart_series(book: Book, question: Question, every: str, method: str) -> list[Series]:
    """The series of a question, one for each category in each area. `method` is chosen, xmr, c or u."""
    rows = _count_points(book, question, every)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: (row["area"], row["category"]))]
    name_period = _twelve_months if every == "12m" else spanning
    spans = [
        [span(name_period(row["from_on"], row["to_on"]), row["complete"]) for row in group]
        for group in groups
    ]
    statuses = Statuses(book, question, {})
    compared: list[list[Comparison]] = []
    charts: list[Chart] = []
    seasons: list[list[SeriesSeason]] = []
    if every == "12m":
        compared = _compare(book, question, groups, spans, statuses)
    else:
        points = _number_points(groups)
        charts = chart_points(book, points, [[one.period for one in group] for group in spans], method)
        seasons = _find_seasons(book, points, len(groups), every)
    breaks = Breaks(book, question)
    series = []
    for number, (group, periods) in enumerate(zip(groups, spans, strict=True)):
        chart = charts[number] if charts else None
        made = [
            _make_point(
                question,
                row,
                period,
                compared[number][position] if compared else None,
                chart.rows.get(position) if chart else None,
                chart.signals.get(position, []) if chart else [],
                statuses,
                breaks,
                book.as_of,
            )
            for position, (row, period) in enumerate(zip(group, periods, strict=True))
        ]
        series.append(
            _make_series(question, every, group[0], made, chart, seasons[number] if seasons else [])
        )
    return series


def _count_points(book: Book, question: Question, every: str) -> list[PointRow]:
    pace, rolling = paces_of(question.source)[every], every == "12m"
    reach = pace.length - pace.step + (12 if rolling else 0)
    asked = {
        "areas": question.areas,
        "categories": question.categories,
        "from_on": question.period.from_on,
        "length": pace.length,
        "since": months_before(question.period.from_on, reach),
        "step": pace.step,
        "to_on": question.period.to_on,
    }
    statements = book.figures.series.series
    rows: list[PointRow] = (
        statements.counted(**asked, measure=question.measure, tallied=question.tallied)
        if question.source == "records"
        else statements.returned(**asked, source=question.source)
    )
    return rows


def _twelve_months(first: date, last: date) -> Period:
    return Period(f"12m:{last.year}-{last.month:02}", first, last)


def _number_points(groups: list[list[PointRow]]) -> list[ChartPoint]:
    return [
        {
            "series": number,
            "position": position,
            "days": row["days"],
            "from_on": row["from_on"],
            "value": row["value"],
            "usable": row["complete"] and row["value"] is not None,
        }
        for number, group in enumerate(groups)
        for position, row in enumerate(group)
    ]


def _make_point(
    question: Question,
    row: PointRow,
    period: Span,
    compared: Comparison | None,
    charted: SignalRow | None,
    signalled: list[SeriesSignal],
    statuses: Statuses,
    breaks: Breaks,
    as_of: int,
) -> SeriesPoint:
    key, value = CountKey(row["area"], row["category"], None), row["value"]
    return SeriesPoint(
        as_of=as_of,
        period=period,
        value=value,
        edition=row["edition"],
        evidence=find_evidence(question.source, key, value, row["return_id"], period, as_of),
        compared=compared,
        centre=charted["centre"] if charted else None,
        lower=charted["lower"] if charted else None,
        upper=charted["upper"] if charted else None,
        moving_range=charted["moving_range"] if charted else None,
        signals=signalled,
        status=statuses.of(key, period, value, breaks.within(key.category, None, period)),
    )


def _make_series(
    question: Question,
    every: str,
    row: PointRow,
    points: list[SeriesPoint],
    charted: Chart | None,
    seasons: list[SeriesSeason],
) -> Series:
    area = NamedArea(row["area"], row["area_name"])
    category = NamedCategory(row["category"], row["category_name"], row["definition"])
    chart = charted.chart if charted else SeriesChart(chosen_because=signals.ROLLING)
    return Series(
        area=area,
        category=category,
        every=every,
        measure=question.measure,
        source=question.source,
        points=points,
        chart=chart,
        dispersion=charted.dispersion if charted else None,
        seasonal=seasons,
        seasonal_withheld=NO_SEASON if every in SEASONS and not seasons else None,
        caution=signals.word_caution(every, points, chart),
        wording=signals.word_series(f"{category.name}, {area.name}", question.measure, every, points, chart),
    )


def _compare(
    book: Book,
    question: Question,
    groups: list[list[PointRow]],
    spans: list[list[Span]],
    statuses: Statuses,
) -> list[list[Comparison]]:
    """What twelve months count against the twelve before: consecutive totals share most of their months."""
    rows = [row for group in groups for row in group]
    if not rows:
        return []
    base = _twelve_months(min(row["base_from"] for row in rows), max(row["base_to"] for row in rows))
    pairs = [
        Pair(
            CountKey(row["area"], row["category"], None),
            period,
            row["value"],
            span(_twelve_months(row["base_from"], row["base_to"]), row["base_complete"]),
            row["base_value"],
            row["base_edition"],
        )
        for row, period in zip(rows, (period for periods in spans for period in periods), strict=True)
    ]
    breaks = Breaks(book, replace(question, base=base))
    compared = iter(compare(book, question, pairs, {}, breaks, statuses))
    return [[next(compared) for _ in group] for group in groups]


def chart_points(
    book: Book, points: Sequence[ChartPoint], periods: Sequence[Sequence[str]], method: str
) -> list[Chart]:
    """The chart that suits each series, and what its points say against it; `periods` are the names of the
    points of each series."""
    statements, sent = book.figures.series.series, as_json(points)
    spreads: list[SpreadRow] = statements.dispersion(points=sent, method=method)
    tests: list[TestedRow] = [{**row, "p": _test_spread(row)} for row in spreads]
    limits: list[LimitRow] = statements.limits(tests=as_json(tests), method=method, fewest=FEWEST_POINTS)
    signal_rows: list[SignalRow] = statements.signals(
        points=sent, charts=as_json(limits), run_length=signals.RUN, trend_length=signals.TREND
    )
    tested = {test["series"]: (test, limit) for test, limit in zip(tests, limits, strict=True)}
    by_series: dict[int, list[SignalRow]] = defaultdict(list)
    for row in signal_rows:
        by_series[row["series"]].append(row)
    return [
        _make_chart(*tested[number], by_series[number], names)
        if number in tested
        else Chart(SeriesChart(chosen_because=signals.word_too_few(0)), None, {}, {})
        for number, names in enumerate(periods)
    ]


def _make_chart(test: TestedRow, limit: LimitRow, rows: list[SignalRow], periods: Sequence[str]) -> Chart:
    found = {row["position"]: signals.find_signals(row, periods) for row in rows} if limit["chart"] else {}
    return Chart(
        _make_limits(limit, test), _make_dispersion(test), {row["position"]: row for row in rows}, found
    )


def _test_spread(spread: SpreadRow) -> float | None:
    """Two-sided: twice the smaller tail of chi-square, at most 1. Null where there is nothing to test or a
    count is below nought."""
    from scipy.special import chdtr, chdtrc  # here: it takes 44 MB that most commands never need

    if spread["chi_square"] is None or spread["least"] < 0:
        return None
    freedom, chi_square = spread["degrees_of_freedom"], float(spread["chi_square"])
    return float(f"{min(1.0, 2 * min(chdtrc(freedom, chi_square), chdtr(freedom, chi_square))):.3g}")


def _make_dispersion(test: TestedRow) -> SeriesDispersion | None:
    if test["p"] is None or test["chi_square"] is None:
        return None
    return SeriesDispersion(round(test["chi_square"], 3), test["degrees_of_freedom"], test["p"])


def _make_limits(limit: LimitRow, test: TestedRow) -> SeriesChart:
    """The limits, rounded once; of a u-chart they are each point's own."""
    because = signals.word_choice(limit, test)
    if limit["chart"] is None:
        return SeriesChart(chosen_because=because, points=test["points"])
    return SeriesChart(
        chosen_because=because,
        chart=limit["chart"],
        points=test["points"],
        centre=_rounded(limit["centre"]),
        lower=_rounded(limit["lower"]),
        upper=_rounded(limit["upper"]),
        moving_range_limit=_rounded(limit["moving_range_limit"]),
        per_day=_rounded(limit["per_day"]),
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 3)


def _find_seasons(book: Book, points: list[ChartPoint], number: int, every: str) -> list[list[SeriesSeason]]:
    """The share of the year that each month or quarter of each series has; none of so many series where the
    points are neither."""
    seasons: list[list[SeriesSeason]] = [[] for _ in range(number)]
    if every in SEASONS:
        for row in book.figures.series.series.seasonal(
            points=as_json(points), seasons=SEASONS[every], fewest_years=FEWEST_YEARS
        ):
            season = SeriesSeason(
                month=row["season"] if every == "month" else None,
                quarter=row["season"] if every == "quarter" else None,
                index=row["index"],
                share=row["share"],
                years=row["years"],
            )
            seasons[row["series"]].append(season)
    return seasons
