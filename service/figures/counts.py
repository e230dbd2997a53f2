"""What a count is and what it says against another: counted in SQL, tested by scipy, each with the address of
what is behind it."""

from typing import Any

from service.figures import comparisons, evidence, statuses
from service.figures.breaks_crossed import Breaks
from service.figures.question import Question, understood
from service.figures.spans import span
from service.figures.wording import in_words
from service.periods import Period, parse
from service.store import Book


def figures(book: Book, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures asked for, as SummaryQuery loads a question. Raises 400 for an area, category or source
    that is not known."""
    return counted(book, understood(book, asked))


def counted(book: Book, question: Question) -> list[dict[str, Any]]:
    """The figures of a question that is understood."""
    subject = {
        "areas": question.areas,
        "categories": question.categories,
        "by_code": "code" in question.by,
        **question.spans(),
    }
    years: dict[tuple[str, str], int] = {}
    if question.source == "records":
        rows = book.figures.counts.count(
            **subject, measure=question.measure, by_month="month" in question.by, tallied=question.tallied
        )
        rows, years = _with_completeness(book, rows, question)
    else:
        rows = book.intake.returns.returns.figures(**subject, source=question.source)
    shown = [_figure(row, question, book.as_of) for row in rows]
    breaks = Breaks(book, question)
    if question.base:
        spans = [span(_days(question.base, row["base_month"]), row["base_complete"]) for row in rows]
        comparisons.compare(book, list(map(comparisons.Pair, shown, rows, spans)), question, years, breaks)
    statuses.tell(book, shown, rows, question, breaks)
    for figure in shown:
        figure["wording"] = in_words(figure)
    return shown


def _with_completeness(
    book: Book, rows: list[dict[str, Any]], question: Question
) -> tuple[list[dict[str, Any]], dict[tuple[str, str], int]]:
    """Each row with whether its periods are complete; and how many times twelve months before the period are,
    by area and category."""
    base, before = question.base, question.twelves_before() if question.base else []
    spans = [(one.from_on, one.to_on) for one in (question.period, base) if one] + before
    held = book.figures.counts.complete_spans(
        areas=question.areas,
        categories=question.categories,
        from_ons=[first for first, _ in spans],
        to_ons=[last for _, last in spans],
    )
    known = {(row["area"], row["category"], row["from_on"], row["to_on"]) for row in held if row["complete"]}

    def complete(row: dict[str, Any], period: Period | None) -> bool:
        return period is not None and (row["area"], row["category"], period.from_on, period.to_on) in known

    years: dict[tuple[str, str], int] = {}
    for area in question.areas:
        for category in question.categories:
            missing = [number for number, span in enumerate(before) if (area, category, *span) not in known]
            years[area, category] = min(missing, default=len(before))
    return [
        {
            **row,
            "edition": None,
            "base_edition": None,
            "withheld": None,
            "base_withheld": None,
            "complete": complete(row, question.period),
            "base_complete": complete(row, base),
        }
        for row in rows
    ], years


def _days(period: Period, month: str | None) -> Period:
    """The period, or what of it lies in the month that a row is of."""
    if month is None:
        return period
    whole = parse(month)
    return Period(month, max(period.from_on, whole.from_on), min(period.to_on, whole.to_on))


def _figure(row: dict[str, Any], question: Question, as_of: int) -> dict[str, Any]:
    period = _days(question.period, row["month"])
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": {"code": row["category"], "name": row["category_name"], "definition": row["definition"]},
        "code": row["code"],
        "month": row["month"],
        "measure": question.measure,
        "source": question.source,
        "edition": row["edition"],
        "period": span(period, row["complete"]),
        "value": row["value"],
        "compared": None,
        "evidence": (
            records_behind(row, period, as_of)
            if question.source == "records"
            else cells_behind(row, period, as_of)
        ),
    }


def records_behind(row: dict[str, Any], period: Period, as_of: int) -> str:
    """The list of the records that a row counts."""
    return evidence.records(
        as_of,
        area=row["area"],
        category=row["category"],
        code=row["code"],
        recorded_from=period.from_on,
        recorded_to=period.to_on,
    )


def cells_behind(row: dict[str, Any], period: Period, as_of: int) -> str | None:
    """The list of the cells of a return that a row adds up."""
    if row["return_id"] is None or row["value"] is None:
        return None
    return evidence.cells(
        as_of,
        row["return_id"],
        area=row["area"],
        category=row["category"],
        code=row["code"],
        from_on=period.from_on,
        to_on=period.to_on,
    )
