"""Actuals: what a target's measure came to in a span of days, whichever part of the book it is observed in.

One function for each kind of observation, chosen by `actual_of` and `known_to` alone: a measure that comes to
be held in another way is joined there, and nothing of progress, projections or caveats changes.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from service.figures import by_measure, evidence
from service.figures.counts import count_figures
from service.figures.question import resolve_question
from service.figures.ranking.places import RankingQuestion, find_place, rank_places
from service.figures.spans import Span
from service.periods import Period, days
from service.reference import areas
from service.store import Book
from service.targets.kinds import POLICE_MEASURES

COUNTED = ("offences", "victims")
"""Measures that are counted from records or read from a return."""
DIVIDED = ("rate", "household-rate", "severity")
"""Those that are not annualised."""
RANKED_BY = {"offences": "number", "rate": "rate"}
"""By which order places are ranked, for a target that aims at a rank."""


def is_counted(target: dict[str, Any]) -> bool:
    """Is its actual a count of recorded crime, which adds up day by day and can be projected?"""
    return target["measure"] in COUNTED and target["kind"] != "rank"


def is_divided(target: dict[str, Any]) -> bool:
    """Is its actual divided by who lives there, so that what a part of the period comes to says nothing of
    the whole?"""
    return target["measure"] in DIVIDED and target["kind"] != "rank"


def adds_up(book: Book, target: dict[str, Any]) -> bool:
    """Does its actual grow day by day to that of the period?"""
    if target["kind"] == "rank":
        return False
    told = book.reference.measures.read(measure=target["measure"])
    return target["measure"] in (*COUNTED, "outcomes") or (
        told is not None and not told["built_in"] and told["adds_up"] == "sum"
    )


def actual_of(book: Book, target: dict[str, Any], span: Period, base: Period | None = None) -> dict[str, Any]:
    """What the target's measure came to in the span, compared with the base where one is given.

    As a figure is told (`service.figures.summaries.Figure`), and `reason`: why there is no value, or null;
    and `cautions`: what else bears on it.
    """
    if target["kind"] == "rank":
        return _rank(book, target, span)
    if book.reference.measures.read(measure=target["measure"]) is None:
        return _unobserved(book, target, span, f"no measure is called {target['measure']}")
    figure = _figure(book, target, span, base)
    missing = None if figure["value"] is not None else _not_observed(target, span, figure.get("withheld"))
    return {**figure, "cautions": [], "reason": missing}


def known_to(book: Book, target: dict[str, Any], span: Period) -> date | None:
    """The last day of the span up to which everything is known from its first; None where nothing is known
    whole."""
    last: date | None
    if target["measure"] not in POLICE_MEASURES:
        asked = {
            "area": target["area"],
            "measure": target["measure"],
            "from_on": span.from_on,
            "to_on": span.to_on,
        }
        last = book.targets.actuals.observed_to(**asked)
        return last
    if target["source"] == "records":
        last = book.targets.actuals.recorded_to(
            area=target["area"], category=target["category"], from_on=span.from_on, to_on=span.to_on
        )
        return last
    return _returned_to(book, target, span)


def _figure(book: Book, target: dict[str, Any], span: Period, base: Period | None = None) -> dict[str, Any]:
    """As a summary counts it; what is reported has no category and no source to name."""
    of = (
        {"category": [target["category"]], "source": target["source"]}
        if target["measure"] in POLICE_MEASURES
        else {}
    )
    asked = {"area": [target["area"]], "measure": target["measure"], "period": span, **of}
    if target["measure"] in COUNTED:
        [figure] = count_figures(book, replace(resolve_question(book, **asked), base=base))
    else:
        question = replace(by_measure.resolve_answerable(book, **asked), base=base)
        [figure] = by_measure.answer_question(book, question)
    members: dict[str, Any] = _members(figure)
    return members


def _members(noun: Any) -> Any:
    """A figure, and what is in it, as dicts by the names that JSON has."""
    if isinstance(noun, Span):
        return {
            "period": noun.period,
            "from": noun.from_on,
            "to": noun.to_on,
            "complete": noun.complete,
        }
    if is_dataclass(noun):
        return {one.name: _members(getattr(noun, one.name)) for one in fields(noun)}
    return [_members(one) for one in noun] if isinstance(noun, (list, tuple)) else noun


def _returned_to(book: Book, target: dict[str, Any], span: Period) -> date | None:
    for row in book.targets.actuals.days_returned(
        area=target["area"], source=target["source"], from_on=span.from_on, to_on=span.to_on
    ):
        if _figure(book, target, days(span.from_on, row["to_on"]))["period"]["complete"]:
            last: date = row["to_on"]
            return last
    return None


def _rank(book: Book, target: dict[str, Any], span: Period) -> dict[str, Any]:
    """Its place among those of its kind: the forces of the widest nation that it lies in, or the districts of
    its force.

    It is known whole where all can be ranked; or where those that cannot would change nothing, the rank aimed
    at being lost without them.
    """
    order, within = RANKED_BY.get(target["measure"]), book.targets.actuals.ranked_within(area=target["area"])
    if order is None:
        return _unobserved(book, target, span, f"places are not ranked by {target['measure']}")
    if within is None:
        return _unobserved(book, target, span, f"{target['area']} lies in nothing whose parts are ranked")
    asked = {
        "area": within["area"],
        "kind": within["kind"],
        "category": target["category"],
        "order": order,
        "source": target["source"],
    }
    ranking = rank_places(book, RankingQuestion(**asked, period=span))
    item = _members(find_place(ranking, target["area"]))
    lost = item["rank"] is not None and item["rank"] > target["rank"]
    complete = item["period"]["complete"] and (ranking.coverage.complete or lost)
    return {
        **item,
        "cautions": [item["wording"], *ranking.cautions],
        "code": None,
        "compared": None,
        "denominator": None,
        "evidence": evidence.address("/v1/summaries/ranking", **asked, period=span.period, as_of=book.as_of),
        "measure": target["measure"],
        "month": None,
        "note": item["wording"],
        "period": {**item["period"], "complete": complete},
        "reason": _not_observed(target, span, item["withheld"]) if item["rank"] is None else None,
        "value": item["rank"],
    }


def _not_observed(target: dict[str, Any], span: Period, why: str | None) -> str:
    what = f"a rank by {target['measure']}" if target["kind"] == "rank" else target["measure"]
    return f"no observation of {what} in {span.period}" + (f": {why}" if why else "")


def _unobserved(book: Book, target: dict[str, Any], span: Period, why: str) -> dict[str, Any]:
    """What is told of a measure that nothing in the book observes."""
    place = areas.find_area(book, target["area"])
    reason = _not_observed(target, span, why)
    return {
        "area": {"code": place.code, "name": place.name},
        "category": None,
        "cautions": [],
        "code": None,
        "compared": None,
        "edition": None,
        "evidence": None,
        "measure": target["measure"],
        "month": None,
        "period": {"period": span.period, "from": span.from_on, "to": span.to_on, "complete": False},
        "reason": reason,
        "source": target["source"],
        "value": None,
        "wording": reason,
    }
