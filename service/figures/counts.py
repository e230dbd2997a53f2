"""Counts of records, or those that a return gives, as figures: counted in SQL, tested by scipy, each with the
address of what is behind it."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from service.figures import evidence
from service.figures.breaks_crossed import Breaks
from service.figures.comparisons import Pair, Years, compare
from service.figures.figure import Comparison, Figure
from service.figures.question import Question
from service.figures.spans import Span, span
from service.figures.statuses import CountKey, Statuses, find_firsts
from service.figures.wording import name_subject, word_count
from service.periods import Period, parse
from service.reference.areas import NamedArea
from service.reference.categories import NamedCategory
from service.store import Book


class RecordsRow(TypedDict):
    """A row of the statement `count`: the records of the period, and of the base where there is one."""

    area: str
    area_name: str
    category: str
    category_name: str
    definition: int
    code: str | None
    month: str | None
    base_month: str | None
    value: int | None
    base_value: int | None


class CountRow(RecordsRow):
    """The same of any source: with the return and edition that it was read from, and whether and why
    something of either is missing."""

    return_id: UUID | None
    edition: str | None
    withheld: str | None
    complete: bool
    base_edition: str | None
    base_withheld: str | None
    base_complete: bool


def count_figures(book: Book, question: Question) -> list[Figure]:
    """The figures of a question of counts, by area, category, month and code."""
    rows, years = (
        _count_records(book, question)
        if question.source == "records"
        else (
            _read_return(book, question),
            {},
        )
    )
    spans = [span(_part_of(question.period, row["month"]), row["complete"]) for row in rows]
    breaks, statuses = Breaks(book, question), Statuses(book, question, find_firsts(book, question))
    compared: Sequence[Comparison | None] = [None] * len(rows)
    if base := question.base:
        pairs = [_pair(row, period, base) for row, period in zip(rows, spans, strict=True)]
        compared = compare(book, question, pairs, years, breaks, statuses)
    return [
        _make_figure(question, row, period, comparison, breaks, statuses, book.as_of)
        for row, period, comparison in zip(rows, spans, compared, strict=True)
    ]


def _count_records(book: Book, question: Question) -> tuple[list[CountRow], Years]:
    """Each row with whether its periods are complete; and how many times twelve months before the period are,
    by area and category."""
    rows: list[RecordsRow] = book.figures.counts.count(
        areas=question.areas,
        categories=question.categories,
        by_code="code" in question.by,
        by_month="month" in question.by,
        measure=question.measure,
        tallied=question.tallied,
        **question.spans(),
    )
    base, before = question.base, question.twelves_before() if question.base else []
    periods = [(period.from_on, period.to_on) for period in (question.period, base) if period] + before
    completeness = book.figures.counts.complete_spans(
        areas=question.areas,
        categories=question.categories,
        from_ons=[first for first, _ in periods],
        to_ons=[last for _, last in periods],
    )
    complete = {
        (row["area"], row["category"], row["from_on"], row["to_on"])
        for row in completeness
        if row["complete"]
    }

    def is_complete(row: RecordsRow, period: Period | None) -> bool:
        return period is not None and (row["area"], row["category"], period.from_on, period.to_on) in complete

    years: Years = {}
    for area in question.areas:
        for category in question.categories:
            missing = [
                number for number, days in enumerate(before) if (area, category, *days) not in complete
            ]
            years[area, category] = min(missing, default=len(before))
    return [
        {
            **row,
            "return_id": None,
            "edition": None,
            "base_edition": None,
            "withheld": None,
            "base_withheld": None,
            "complete": is_complete(row, question.period),
            "base_complete": is_complete(row, base),
        }
        for row in rows
    ], years


def _read_return(book: Book, question: Question) -> list[CountRow]:
    rows: list[CountRow] = book.intake.returns.returns.figures(
        areas=question.areas,
        categories=question.categories,
        by_code="code" in question.by,
        source=question.source,
        **question.spans(),
    )
    return rows


def _part_of(period: Period, month: str | None) -> Period:
    """The period, or what of it lies in the month that a row is of."""
    if month is None:
        return period
    whole = parse(month)
    return Period(month, max(period.from_on, whole.from_on), min(period.to_on, whole.to_on))


def _pair(row: CountRow, period: Span, base: Period) -> Pair:
    return Pair(
        CountKey(row["area"], row["category"], row["code"]),
        period,
        row["value"],
        span(_part_of(base, row["base_month"]), row["base_complete"]),
        row["base_value"],
        row["base_edition"],
        row["base_withheld"],
    )


def _make_figure(
    question: Question,
    row: CountRow,
    period: Span,
    compared: Comparison | None,
    breaks: Breaks,
    statuses: Statuses,
    as_of: int,
) -> Figure:
    key, value = CountKey(row["area"], row["category"], row["code"]), row["value"]
    subject = name_subject(row["category_name"], row["code"], row["month"])
    return Figure(
        area=NamedArea(row["area"], row["area_name"]),
        category=NamedCategory(row["category"], row["category_name"], row["definition"]),
        code=row["code"],
        month=row["month"],
        measure=question.measure,
        source=question.source,
        edition=row["edition"],
        period=period,
        value=value,
        compared=compared,
        evidence=find_evidence(question.source, key, value, row["return_id"], period, as_of),
        status=statuses.of(
            key, period, value, breaks.within(row["category"], row["code"], period), row["withheld"]
        ),
        wording=word_count(subject, question.measure, period, value, compared),
    )


def find_evidence(
    source: str, key: CountKey, value: int | None, return_id: UUID | None, period: Span, as_of: int
) -> str | None:
    """The list of the records that are counted, or of the cells of a return that are added up; None of a
    return where there are none."""
    if source == "records":
        return evidence.records(
            as_of,
            area=key.area,
            category=key.category,
            code=key.code,
            recorded_from=period.from_on,
            recorded_to=period.to_on,
        )
    if return_id is None or value is None:
        return None
    return evidence.cells(
        as_of,
        return_id,
        area=key.area,
        category=key.category,
        code=key.code,
        from_on=period.from_on,
        to_on=period.to_on,
    )
