"""Outcomes as figures: how many, and what share of them is positive, of a period's outcomes or of a period's
crimes."""

from typing import Any

from service.figures import comparisons, evidence
from service.figures.rates import MeasuredQuestion, exact_test, uncomparable
from service.figures.wording_of_rates import outcomes_in_words
from service.store import Book, as_json
from service.web.problems import Problem

UNDATED = "{} records have an outcome and no day on which it was assigned: they are left out"


def outcome_figures(book: Book, question: MeasuredQuestion) -> list[dict[str, Any]]:
    """Outcomes, or in per cent those that are positive: `basis` says whether of the outcomes assigned in the
    period or of its crimes."""
    subject = {
        "areas": question.areas,
        "categories": question.categories,
        "basis": question.basis,
        **question.spans(),
    }
    if question.source == "records":
        rows = _with_completeness(book, book.figures.outcomes.of_records(**subject), question)
    else:
        rows = book.figures.outcomes.of_return(**subject, source=question.source)
        _require_some(rows, question)
    shown = [_figure(row, question, book.as_of) for row in rows]
    if question.base:
        _compare(book, shown, rows, question)
    for figure in shown:
        figure["wording"] = outcomes_in_words(figure)
    return shown


def _require_some(rows: list[dict[str, Any]], question: MeasuredQuestion) -> None:
    """Raise 400 where a return counts no outcomes at all: it was asked for what it does not hold."""
    if not any(row["holds_outcomes"] for row in rows):
        detail = (
            f"{question.source} counts no outcomes by that basis: ask for records, or for a source that does."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def _with_completeness(
    book: Book, rows: list[dict[str, Any]], question: MeasuredQuestion
) -> list[dict[str, Any]]:
    held = book.figures.counts.completeness(
        areas=question.areas, categories=question.categories, **question.spans()
    )
    known = {(row["area"], row["category"], row["from_on"]): row["complete"] for row in held}
    spans = question.spans()
    return [
        {
            **row,
            "complete": known.get((row["area"], row["category"], spans["from_on"]), False),
            "base_complete": known.get((row["area"], row["category"], spans["base_from"]), False),
        }
        for row in rows
    ]


def _figure(row: dict[str, Any], question: MeasuredQuestion, as_of: int) -> dict[str, Any]:
    period, rate = question.period, question.measure == "positive-outcome-rate"
    of = "outcomes" if question.basis == "assigned" else "crimes"
    note = UNDATED.format(f"{row['undated']:,}") if row["undated"] else None
    under = (
        {"of": of, "number": row["denominator"], "note": None, "source": question.source, "year": None}
        if rate
        else None
    )
    why = (
        "this source does not count them"
        if row["outcomes"] is None
        else "there is nothing to divide by"
        if rate
        else None
    )
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": {"code": row["category"], "name": row["category_name"], "definition": row["definition"]},
        "code": None,
        "month": None,
        "measure": question.measure,
        "source": question.source,
        "edition": row["edition"],
        "period": {
            "period": period.period,
            "from": period.from_on,
            "to": period.to_on,
            "complete": row["complete"],
        },
        "basis": question.basis,
        "value": row["share"] if rate else row["outcomes"],
        "count": row["positive"] if rate else row["outcomes"],
        "denominator": under,
        "note": note,
        "withheld": why if (row["share"] if rate else row["outcomes"]) is None else None,
        "compared": None,
        "evidence": _behind(row, question, as_of),
    }


def _behind(row: dict[str, Any], question: MeasuredQuestion, as_of: int) -> str | None:
    """The records that are counted, or the cells of the return, by type."""
    days, place = question.period, {"area": row["area"], "category": row["category"]}
    if question.source != "records":
        return row["return_id"] and evidence.cells(
            as_of, row["return_id"], **place, basis=question.basis, from_on=days.from_on, to_on=days.to_on
        )
    within = {"assigned": ("outcome_from", "outcome_to"), "recorded": ("recorded_from", "recorded_to")}[
        question.basis
    ]
    kind = "positive" if question.measure == "positive-outcome-rate" else "assigned"
    return evidence.records(
        as_of, **place, outcome_kind=kind, **dict(zip(within, (days.from_on, days.to_on), strict=True))
    )


def _compare(
    book: Book, shown: list[dict[str, Any]], rows: list[dict[str, Any]], question: MeasuredQuestion
) -> None:
    """Counts as offences are compared; a share in points, for a percentage of a percentage misleads."""
    assert question.base is not None
    base, rate = question.base, question.measure == "positive-outcome-rate"
    for figure, row in zip(shown, rows, strict=True):
        span = {
            "period": base.period,
            "from": base.from_on,
            "to": base.to_on,
            "complete": row["base_complete"],
        }
        of = figure["denominator"] and {**figure["denominator"], "number": row["base_denominator"]}
        figure["compared"] = {
            "period": span,
            "value": row["base_share"] if rate else row["base_outcomes"],
            "edition": row["base_edition"],
            "count": row["base_positive"] if rate else row["base_outcomes"],
            "denominator": of,
        }
    days = question.spans()
    pairs = [
        {
            "position": position,
            "value": one["count"],
            "base": one["compared"]["count"],
            "withheld": uncomparable(one),
            **days,
        }
        for position, one in enumerate(shown)
    ]
    answered = book.figures.comparisons.compare(
        pairs=as_json(pairs), exposure=question.exposure, percent_rule=question.percent_rule
    )
    for figure, row, said in zip(shown, rows, answered, strict=True):
        known = uncomparable(figure) is None
        p = (
            exact_test(figure["compared"]["count"], figure["count"], said["share"])
            if known and not rate
            else None
        )
        figure["compared"].update(
            {
                "difference": row["points"] if known else None,
                "percent": None,
                "rate_ratio": None,
                "p": None,
                "change": None,
                "percent_withheld": uncomparable(figure) or "shares are compared in points",
                "interval_95": None,
            }
            if rate
            else {
                "difference": said["difference"],
                "percent": said["percent"],
                "percent_withheld": said["percent_withheld"],
                "rate_ratio": said["rate_ratio"],
                "p": p,
                "change": comparisons.change(p, said["rate_ratio"], said["difference"]),
                "interval_95": (
                    [said["interval_low"], said["interval_high"]]
                    if said["interval_low"] is not None
                    else None
                ),
            }
        )
