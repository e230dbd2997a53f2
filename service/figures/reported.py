"""Reported measures as figures: what the observations of an area say of a period."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypedDict
from urllib.parse import quote

from service.figures import evidence
from service.figures.comparisons import word_incomplete
from service.figures.figure import Comparison, Figure
from service.figures.question import MeasuredQuestion
from service.figures.spans import span
from service.figures.wording_of_rates import word_reported
from service.periods import Period, days, whole_months
from service.reference.areas import NamedArea
from service.store import Book, as_json

NONE, OVERLAP = "nothing has been reported", "what has been reported overlaps and cannot be put together"


class ReportedRow(TypedDict):
    """A row of the statement `figures`: what the observations of an area come to."""

    area: str
    area_name: str
    value: Decimal | None
    complete: bool
    observations: int
    overlap: bool
    base_value: Decimal | None
    base_complete: bool


class ReportedDifference(TypedDict):
    """A row of the statement `compare`."""

    difference: Decimal | None
    percent: Decimal | None
    percent_withheld: str | None


def reported_figures(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """One figure for each area. The observation of the very period answers; else those of its parts, added up
    as the measure says."""
    rows: list[ReportedRow] = book.figures.observations.figures(
        measure=question.measure,
        areas=question.areas,
        adds_up=question.description.adds_up,
        decimals=question.description.decimals,
        **question.spans(),
    )
    compared = _compare(book, question, question.base, rows) if question.base else [None] * len(rows)
    return [
        _make_figure(question, row, comparison, book.as_of)
        for row, comparison in zip(rows, compared, strict=True)
    ]


def _make_figure(
    question: MeasuredQuestion, row: ReportedRow, compared: Comparison | None, as_of: int
) -> Figure:
    path, period = f"/v1/measures/{quote(question.measure)}/observations", question.period
    figure = Figure(
        area=NamedArea(row["area"], row["area_name"]),
        category=None,
        code=None,
        month=None,
        measure=question.measure,
        source="observations",
        edition=None,
        period=span(period, row["complete"]),
        value=row["value"],
        count=row["observations"],
        withheld=OVERLAP if row["overlap"] else NONE if row["value"] is None else None,
        compared=compared,
        evidence=evidence.address(path, area=row["area"], period=period.period, as_of=as_of),
        wording="",
    )
    return replace(figure, wording=word_reported(figure, question.description))


def _compare(
    book: Book, question: MeasuredQuestion, base: Period, rows: list[ReportedRow]
) -> Sequence[Comparison | None]:
    """Difference and percentage; what is reported is no count, so nothing is said of chance."""
    pairs = [
        {
            "position": position,
            "value": row["value"],
            "base": row["base_value"],
            "withheld": word_incomplete(row["complete"], row["base_complete"]),
        }
        for position, row in enumerate(rows)
    ]
    differences: list[ReportedDifference] = book.figures.observations.compare(
        pairs=as_json(pairs),
        adds_up=question.description.adds_up,
        length=_measure_length(question.period),
        base_length=_measure_length(base),
    )
    return [
        Comparison(
            period=span(base, row["base_complete"]),
            value=row["base_value"],
            edition=None,
            difference=difference["difference"],
            percent=difference["percent"],
            percent_withheld=difference["percent_withheld"],
            rate_ratio=None,
            p=None,
            change=None,
            interval_95=None,
        )
        for row, difference in zip(rows, differences, strict=True)
    ]


def _measure_length(period: Period) -> int:
    """In months where it is of whole ones, else in days, as a number below nought."""
    whole = whole_months(days(period.from_on, period.to_on))
    return whole if whole is not None else -((period.to_on - period.from_on).days + 1)
