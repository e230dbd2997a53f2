"""Actuals: what a target's measure came to in a span of days, whichever part of the book it is observed in.

One function for each kind of observation, chosen by `actual_of` and `known_to` alone: a measure that comes to be held in another way is
joined there, and nothing of progress, projections or caveats changes.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from service import areas
from service.figures import Question, counted, understood
from service.periods import Period, days
from service.store import Book

COUNTED = ("offences", "victims")
"""Measures that are counted from records or read from a return."""


def is_counted(target: dict[str, Any]) -> bool:
    """Is its actual a count of recorded crime, which adds up day by day and can be projected?"""
    return target["measure"] in COUNTED and target["kind"] != "rank"


def actual_of(book: Book, target: dict[str, Any], span: Period, base: Period | None = None) -> dict[str, Any]:
    """What the target's measure came to in the span, compared with the base where one is given.

    As a figure is told (`service.summaries.Figure`), and `reason`: why there is no value, or null.
    """
    if is_counted(target):
        return {**counted(book, replace(_question(book, target, span), base=base))[0], "reason": None}
    return _unobserved(book, target, span)


def known_to(book: Book, target: dict[str, Any], span: Period) -> date | None:
    """The last day of the span up to which everything is known from its first; None where nothing is known whole."""
    if not is_counted(target):
        return None
    if target["source"] == "records":
        asked = {"area": target["area"], "category": target["category"], "from_on": span.from_on, "to_on": span.to_on}
        last: date | None = book.actuals.recorded_to(**asked)
        return last
    return _returned_to(book, target, span)


def _question(book: Book, target: dict[str, Any], span: Period) -> Question:
    asked = {"area": [target["area"]], "category": [target["category"]], "measure": target["measure"], "source": target["source"]}
    return understood(book, {**asked, "period": span})


def _returned_to(book: Book, target: dict[str, Any], span: Period) -> date | None:
    question = _question(book, target, span)
    for row in book.actuals.days_returned(area=target["area"], source=target["source"], from_on=span.from_on, to_on=span.to_on):
        if counted(book, replace(question, period=days(span.from_on, row["to_on"])))[0]["period"]["complete"]:
            last: date = row["to_on"]
            return last
    return None


def _unobserved(book: Book, target: dict[str, Any], span: Period) -> dict[str, Any]:
    """What is told of a measure that nothing in the book observes."""
    what = f"a rank by {target['measure']}" if target["kind"] == "rank" else target["measure"]
    place = areas.named(book, [target["area"]])[0]
    return {
        "area": {"code": place["area"], "name": place["name"]}, "category": None, "code": None, "compared": None, "edition": None,
        "evidence": None, "measure": target["measure"], "month": None,
        "period": {"period": span.period, "from": span.from_on, "to": span.to_on, "complete": False},
        "reason": f"no observation of {what} in {span.period}", "source": target["source"], "value": None,
        "wording": f"{what}: no observation in {span.period}",
    }  # fmt: skip
