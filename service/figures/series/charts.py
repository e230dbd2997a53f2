"""Counts through time: each point counted in SQL, charted in SQL against limits of its own series, with the
records behind it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from service.figures import comparisons, statuses
from service.figures.breaks_crossed import Breaks
from service.figures.counts import cells_behind, records_behind
from service.figures.question import Question
from service.figures.series import signals
from service.figures.spans import span
from service.periods import Period, months_before, spanning
from service.store import Book, as_json

FEWEST_POINTS, FEWEST_YEARS = 8, 3
SEASONS = {"month": 12, "quarter": 4}


@dataclass(frozen=True)
class Every:
    """How many months a point counts, and how many lie between one and the next."""

    length: int
    step: int


EVERY = {"month": Every(1, 1), "quarter": Every(3, 3), "year": Every(12, 12), "12m": Every(12, 1)}
EVERY_IN_RETURNS = {"quarter": Every(3, 3), "year": Every(12, 12), "12m": Every(12, 3)}
"""A return holds no months: its twelve months end with a quarter."""


def steps(source: str) -> dict[str, Every]:
    """What series a source can give."""
    return EVERY if source == "records" else EVERY_IN_RETURNS


def charted(book: Book, question: Question, every: str, method: str) -> list[dict[str, Any]]:
    """The series of a question that is understood, in the shape of the schema Series. `method` is chosen,
    xmr, c or u."""
    rows = _rows(book, question, every)
    shown = [
        _series(list(group), question, every, book.as_of)
        for _, group in groupby(rows, key=lambda row: (row["area"], row["category"]))
    ]
    if every == "12m":
        _compare(book, rows, shown, question)
    else:
        chart(book, as_json(_points(shown, rows)), shown, method)
        _find_seasons(book, as_json(_points(shown, rows)), shown, every)
    _tell(book, rows, shown, question)
    for series in shown:
        series |= {"caution": signals.caution(series), "wording": signals.in_words(series)}
    return shown


def _rows(book: Book, question: Question, every: str) -> list[dict[str, Any]]:
    pace, rolling = steps(question.source)[every], every == "12m"
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
    rows: list[dict[str, Any]]
    if question.source == "records":
        rows = book.figures.series.series.counted(**asked, measure=question.measure, tallied=question.tallied)
    else:
        rows = book.figures.series.series.returned(**asked, source=question.source)
    return rows


def _twelve_months(first: date, last: date) -> Period:
    return Period(f"12m:{last.year}-{last.month:02}", first, last)


def _series(rows: list[dict[str, Any]], question: Question, every: str, as_of: int) -> dict[str, Any]:
    row, name = rows[0], _twelve_months if every == "12m" else spanning
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": {"code": row["category"], "name": row["category_name"], "definition": row["definition"]},
        "every": every,
        "measure": question.measure,
        "source": question.source,
        "points": [_point(row, question, name(row["from_on"], row["to_on"]), as_of) for row in rows],
        "chart": signals.NO_CHART | {"chosen_because": signals.ROLLING},
        "dispersion": None,
        "seasonal": [],
        "seasonal_withheld": None,
    }


def _point(row: dict[str, Any], question: Question, period: Period, as_of: int) -> dict[str, Any]:
    counted = {**row, "code": None}
    return {
        "as_of": as_of,
        "centre": None,
        "compared": None,
        "edition": row["edition"],
        "lower": None,
        "moving_range": None,
        "period": span(period, row["complete"]),
        "signals": [],
        "upper": None,
        "value": row["value"],
        "evidence": (
            records_behind(counted, period, as_of)
            if question.source == "records"
            else cells_behind(counted, period, as_of)
        ),
    }


def _points(shown: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every point as the statements take it; what is not all there is left out of limits, signals and
    seasons."""
    placed = [
        (number, position)
        for number, series in enumerate(shown)
        for position, _ in enumerate(series["points"])
    ]
    return [
        {
            "series": number,
            "position": position,
            "days": row["days"],
            "from_on": row["from_on"],
            "value": row["value"],
            "usable": row["complete"] and row["value"] is not None,
        }
        for (number, position), row in zip(placed, rows, strict=True)
    ]


def _compare(book: Book, rows: list[dict[str, Any]], shown: list[dict[str, Any]], question: Question) -> None:
    """Say what twelve months count against the twelve before: consecutive totals share most of their
    months."""
    if not rows:
        return
    base = _twelve_months(min(row["base_from"] for row in rows), max(row["base_to"] for row in rows))
    figures = [
        {**point, "category": series["category"], "code": None}
        for series in shown
        for point in series["points"]
    ]
    pairs = [
        comparisons.Pair(
            figure,
            {**row, "code": None},
            span(_twelve_months(row["base_from"], row["base_to"]), row["base_complete"]),
        )
        for figure, row in zip(figures, rows, strict=True)
    ]
    comparisons.compare(book, pairs, question, {}, Breaks(book, replace(question, base=base)))
    points = (point for series in shown for point in series["points"])
    for point, figure in zip(points, figures, strict=True):
        point["compared"] = figure["compared"]


def _tell(book: Book, rows: list[dict[str, Any]], shown: list[dict[str, Any]], question: Question) -> None:
    """Give each point, and the total it is compared with, what has to be said of it before it is quoted."""
    known_on, breaks = book.figures.statuses.known_on(at=book.at) if book.at else None, Breaks(book, question)
    points = [(series, point) for series in shown for point in series["points"]]
    for (series, point), row in zip(points, rows, strict=True):
        own, records, figure = (
            point["period"],
            question.source == "records",
            {**point, "category": series["category"], "code": None},
        )
        subject = statuses.Subject(point["value"], own["from"], own["to"], own["complete"], records)
        point["status"] = statuses.of(subject, known_on, breaks.within(figure))
        if base := point["compared"]:
            subject = statuses.Subject(
                base["value"], row["base_from"], row["base_to"], row["base_complete"], records
            )
            base["status"] = statuses.of(subject, known_on, base["breaks"])


def chart(book: Book, points: Any, shown: list[dict[str, Any]], method: str) -> None:
    """Give each series the chart that suits it, and its points what they say against it; `points` as
    `_points` makes them."""
    tests = [
        row | {"p": _p(row)} for row in book.figures.series.series.dispersion(points=points, method=method)
    ]
    limits = book.figures.series.series.limits(tests=as_json(tests), method=method, fewest=FEWEST_POINTS)
    for series in shown:
        series["chart"] = signals.NO_CHART | {
            "chosen_because": signals.because({"because": "too_few"}, {"points": 0, "p": None})
        }
    for test, limit in zip(tests, limits, strict=True):
        series = shown[test["series"]]
        series["dispersion"] = _dispersion(test)
        series["chart"] = _limits(limit) | {
            "chosen_because": signals.because(limit, test),
            "points": test["points"],
        }
    said = book.figures.series.series.signals(
        points=points, charts=as_json(limits), run_length=signals.RUN, trend_length=signals.TREND
    )
    periods = [[point["period"]["period"] for point in series["points"]] for series in shown]
    for row in said:
        points_of = shown[row["series"]]["points"]
        points_of[row["position"]] |= {
            name: row[name] for name in ("centre", "lower", "moving_range", "upper")
        }
        if shown[row["series"]]["chart"]["chart"]:
            points_of[row["position"]]["signals"] = signals.signals(row, periods[row["series"]])


def _p(test: dict[str, Any]) -> float | None:
    """Two-sided: twice the smaller tail of chi-square, at most 1. Null where there is nothing to test or a
    count is below nought."""
    from scipy.special import chdtr, chdtrc  # here: it takes 44 MB that most commands never need

    if test["chi_square"] is None or test["least"] < 0:
        return None
    told = test["degrees_of_freedom"], float(test["chi_square"])
    return float(f"{min(1.0, 2 * min(chdtrc(*told), chdtr(*told))):.3g}")


def _dispersion(test: dict[str, Any]) -> dict[str, Any] | None:
    if test["p"] is None:
        return None
    return {
        "chi_square": round(test["chi_square"], 3),
        "degrees_of_freedom": test["degrees_of_freedom"],
        "p": test["p"],
    }


def _limits(limit: dict[str, Any]) -> dict[str, Any]:
    """The limits as they are shown, rounded once; of a u-chart they are each point's own."""
    if limit["chart"] is None:
        return signals.NO_CHART
    shown = {name: limit[name] for name in ("centre", "lower", "moving_range_limit", "per_day", "upper")}
    return {"chart": limit["chart"]} | {
        name: None if value is None else round(value, 3) for name, value in shown.items()
    }


def _find_seasons(book: Book, points: Any, shown: list[dict[str, Any]], every: str) -> None:
    """Give each series the share of the year that each of its months or quarters has."""
    if every not in SEASONS:
        return
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in book.figures.series.series.seasonal(
        points=points, seasons=SEASONS[every], fewest_years=FEWEST_YEARS
    ):
        season = {"month": None, "quarter": None} | {every: row["season"]}
        found[row["series"]].append(season | {name: row[name] for name in ("index", "share", "years")})
    for number, series in enumerate(shown):
        series["seasonal"] = found[number]
        if not found[number]:
            series["seasonal_withheld"] = (
                f"fewer than {FEWEST_YEARS} whole financial years are complete and hold anything"
            )
