"""Outcomes as figures: how many, and what share of them is positive, of a period's outcomes or of a period's
crimes."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from service.figures import evidence
from service.figures.certainty import exact_p
from service.figures.comparisons import Difference, Pair, compare_counts, ends, judge_change
from service.figures.figure import Comparison, Denominator, Figure
from service.figures.question import MeasuredQuestion
from service.figures.spans import span
from service.figures.statuses import CountKey
from service.figures.wording_of_rates import word_outcomes
from service.reference.areas import NamedArea
from service.reference.categories import NamedCategory
from service.store import Book
from service.web.problems import Problem

SHARE = "positive-outcome-rate"
UNDATED = "{} records have an outcome and no day on which it was assigned: they are left out"


class RecordsRow(TypedDict):
    """A row of the statement `of_records`: how many outcomes of one category in one area, how many of them
    positive, of how many outcomes or crimes, and their share in per cent."""

    area: str
    area_name: str
    category: str
    category_name: str
    definition: int
    edition: str | None
    return_id: UUID | None
    undated: int
    outcomes: int | None
    positive: int | None
    denominator: int | None
    share: Decimal | None
    points: Decimal | None
    base_edition: str | None
    base_outcomes: int | None
    base_positive: int | None
    base_denominator: int | None
    base_share: Decimal | None


class OutcomeRow(RecordsRow):
    """The same of any source, and whether it is complete."""

    complete: bool
    base_complete: bool


def outcome_figures(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """Outcomes, or in per cent those that are positive: `basis` says whether of the outcomes assigned in the
    period or of its crimes."""
    read_rows = _count_records if question.source == "records" else _read_return
    rows = read_rows(book, question)
    compared = _compare(book, question, rows)
    return [
        _make_figure(question, row, comparison, book.as_of)
        for row, comparison in zip(rows, compared, strict=True)
    ]


def _count_records(book: Book, question: MeasuredQuestion) -> list[OutcomeRow]:
    spans = question.spans()
    rows: list[RecordsRow] = book.figures.outcomes.of_records(
        areas=question.areas, categories=question.categories, basis=question.basis, **spans
    )
    completeness = book.figures.counts.completeness(
        areas=question.areas, categories=question.categories, **spans
    )
    complete = {(row["area"], row["category"], row["from_on"]): row["complete"] for row in completeness}
    return [
        {
            **row,
            "complete": complete.get((row["area"], row["category"], spans["from_on"]), False),
            "base_complete": complete.get((row["area"], row["category"], spans["base_from"]), False),
        }
        for row in rows
    ]


def _read_return(book: Book, question: MeasuredQuestion) -> list[OutcomeRow]:
    """Raises 400 where the return counts no outcomes at all: it was asked for what it does not hold."""
    rows = book.figures.outcomes.of_return(
        areas=question.areas,
        categories=question.categories,
        basis=question.basis,
        source=question.source,
        **question.spans(),
    )
    if not any(row["holds_outcomes"] for row in rows):
        detail = (
            f"{question.source} counts no outcomes by that basis: ask for records, or for a source that does."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])
    found: list[OutcomeRow] = rows
    return found


def _make_figure(
    question: MeasuredQuestion, row: OutcomeRow, compared: Comparison | None, as_of: int
) -> Figure:
    is_share = question.measure == SHARE
    value = row["share"] if is_share else row["outcomes"]
    withheld = None
    if row["outcomes"] is None:
        withheld = "this source does not count them"
    elif value is None:
        withheld = "there is nothing to divide by"
    figure = Figure(
        area=NamedArea(row["area"], row["area_name"]),
        category=NamedCategory(row["category"], row["category_name"], row["definition"]),
        code=None,
        month=None,
        measure=question.measure,
        source=question.source,
        edition=row["edition"],
        period=span(question.period, row["complete"]),
        basis=question.basis,
        value=value,
        count=row["positive"] if is_share else row["outcomes"],
        denominator=_denominator(question, row["denominator"]),
        compared=compared,
        evidence=_find_evidence(question, row, as_of),
        note=UNDATED.format(f"{row['undated']:,}") if row["undated"] else None,
        withheld=withheld,
        wording="",
    )
    return replace(figure, wording=word_outcomes(figure))


def _denominator(question: MeasuredQuestion, number: int | None) -> Denominator | None:
    """What a share is of; a number of outcomes has none."""
    if question.measure != SHARE:
        return None
    of = "outcomes" if question.basis == "assigned" else "crimes"
    return Denominator(of=of, number=number, source=question.source)


def _find_evidence(question: MeasuredQuestion, row: OutcomeRow, as_of: int) -> str | None:
    """The records that are counted, or the cells of the return, by type."""
    first, last, return_id = question.period.from_on, question.period.to_on, row["return_id"]
    subject = {"area": row["area"], "category": row["category"]}
    if question.source != "records":
        if return_id is None:
            return None
        return evidence.cells(as_of, return_id, **subject, basis=question.basis, from_on=first, to_on=last)
    kind = "positive" if question.measure == SHARE else "assigned"
    if question.basis == "assigned":
        return evidence.records(as_of, **subject, outcome_kind=kind, outcome_from=first, outcome_to=last)
    return evidence.records(as_of, **subject, outcome_kind=kind, recorded_from=first, recorded_to=last)


def _compare(book: Book, question: MeasuredQuestion, rows: list[OutcomeRow]) -> Sequence[Comparison | None]:
    """Counts as offences are compared; a share in points, for a percentage of a percentage misleads."""
    if question.base is None:
        return [None] * len(rows)
    pairs = [
        Pair(
            CountKey(row["area"], row["category"], None),
            span(question.period, row["complete"]),
            row["positive"] if question.measure == SHARE else row["outcomes"],
            span(question.base, row["base_complete"]),
            row["base_positive"] if question.measure == SHARE else row["base_outcomes"],
            row["base_edition"],
        )
        for row in rows
    ]
    if question.measure == SHARE:
        return [_compare_shares(question, pair, row) for pair, row in zip(pairs, rows, strict=True)]
    differences = compare_counts(book, question, pairs)
    return [_compare_counts(*parts) for parts in zip(pairs, differences, strict=True)]


def _compare_shares(question: MeasuredQuestion, pair: Pair, row: OutcomeRow) -> Comparison:
    return Comparison(
        period=pair.base,
        value=row["base_share"],
        count=pair.base_value,
        denominator=_denominator(question, row["base_denominator"]),
        edition=pair.base_edition,
        difference=row["points"] if pair.withheld is None else None,
        percent=None,
        percent_withheld=pair.withheld or "shares are compared in points",
        rate_ratio=None,
        interval_95=None,
        p=None,
        change=None,
    )


def _compare_counts(pair: Pair, row: Difference) -> Comparison:
    p = exact_p(pair.value, pair.base_value, row["share"]) if pair.withheld is None else None
    return Comparison(
        period=pair.base,
        value=pair.base_value,
        count=pair.base_value,
        edition=pair.base_edition,
        difference=row["difference"],
        percent=row["percent"],
        percent_withheld=row["percent_withheld"],
        rate_ratio=row["rate_ratio"],
        interval_95=ends(row["interval_low"], row["interval_high"]),
        p=p,
        change=judge_change(p, row["rate_ratio"], row["difference"]),
    )
