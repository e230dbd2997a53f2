"""Reported measures as figures: what the observations of an area say of a period."""

from typing import Any
from urllib.parse import quote

from service.figures import evidence
from service.figures.rates import MeasuredQuestion, uncomparable
from service.figures.wording_of_rates import reported_in_words
from service.periods import Period, days, whole_months
from service.store import Book, as_json

NONE, OVERLAP = "nothing has been reported", "what has been reported overlaps and cannot be put together"


def reported_figures(book: Book, question: MeasuredQuestion) -> list[dict[str, Any]]:
    """One figure for each area. The observation of the very period answers; else those of its parts, added up
    as the measure says."""
    told = question.told
    rows = book.figures.observations.figures(
        measure=question.measure,
        areas=question.areas,
        adds_up=told.adds_up,
        decimals=told.decimals,
        **question.spans(),
    )
    shown = [_figure(row, question, book.as_of) for row in rows]
    if question.base:
        _compare(book, shown, rows, question)
    for figure in shown:
        figure["wording"] = reported_in_words(figure, told)
    return shown


def _span(period: Period, complete: bool) -> dict[str, Any]:
    return {"period": period.period, "from": period.from_on, "to": period.to_on, "complete": complete}


def _figure(row: dict[str, Any], question: MeasuredQuestion, as_of: int) -> dict[str, Any]:
    path = f"/v1/measures/{quote(question.measure)}/observations"
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": None,
        "code": None,
        "month": None,
        "measure": question.measure,
        "source": "observations",
        "edition": None,
        "period": _span(question.period, row["complete"]),
        "value": row["value"],
        "count": row["observations"],
        "withheld": _why(row["value"], row["overlap"]),
        "compared": None,
        "evidence": evidence.address(path, area=row["area"], period=question.period.period, as_of=as_of),
    }


def _why(value: Any, overlap: bool) -> str | None:
    return OVERLAP if overlap else NONE if value is None else None


def _compare(
    book: Book, shown: list[dict[str, Any]], rows: list[dict[str, Any]], question: MeasuredQuestion
) -> None:
    """Difference and percentage; what is reported is no count, so chance is not told."""
    base = question.base
    assert base is not None
    for figure, row in zip(shown, rows, strict=True):
        figure["compared"] = {
            "period": _span(base, row["base_complete"]),
            "value": row["base_value"],
            "edition": None,
            "rate_ratio": None,
            "p": None,
            "change": None,
            "interval_95": None,
        }
    pairs = [
        {
            "position": position,
            "value": one["value"],
            "base": one["compared"]["value"],
            "withheld": uncomparable(one),
        }
        for position, one in enumerate(shown)
    ]
    said = book.figures.observations.compare(
        pairs=as_json(pairs),
        adds_up=question.told.adds_up,
        length=_length(question.period),
        base_length=_length(base),
    )
    for figure, one in zip(shown, said, strict=True):
        figure["compared"].update({name: one[name] for name in ("difference", "percent", "percent_withheld")})


def _length(period: Period) -> int:
    """In months where it is of whole ones, else in days, as a number below nought."""
    whole = whole_months(days(period.from_on, period.to_on))
    return whole if whole is not None else -((period.to_on - period.from_on).days + 1)
