"""What is asked of the figures, with every name looked up and every default filled in."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from service.periods import Period
from service.reference import areas, categories
from service.settings import PERCENT_RULES
from service.store import Book
from service.web.fields import Choice
from service.web.problems import Problem

USUAL_PERCENT_RULE = PERCENT_RULES[0]
"""ONS withholds a percentage in tables of partnerships where either count is under 50, in those of forces
where the current one is."""
FEWEST_YEARS, MOST_YEARS = 2, 3
"""Twelve months each: one alone cannot tell season from chance."""


@dataclass(frozen=True)
class Question:
    """What is asked, with every name looked up."""

    areas: list[str]
    base: Period | None
    by: tuple[str, ...]
    categories: list[str]
    measure: str
    period: Period
    source: str
    tallied: bool
    exposure: str | None = None
    percent_rule: str = USUAL_PERCENT_RULE

    def spans(self) -> dict[str, Any]:
        """The days of the period and of the base, as statements take them."""
        base = self.base
        return {
            "from_on": self.period.from_on,
            "to_on": self.period.to_on,
            "base_from": base.from_on if base else None,
            "base_to": base.to_on if base else None,
        }

    def twelves_before(self) -> list[tuple[date, date]]:
        """The twelve whole months before the period, the twelve before those, and so on: what tells season
        from chance."""
        first = self.period.from_on.replace(day=1)
        begins = [first.replace(year=first.year - years) for years in range(MOST_YEARS + 1)]
        return [(earlier, later - timedelta(days=1)) for later, earlier in pairwise(begins)]


def understood(book: Book, asked: dict[str, Any]) -> Question:
    """The question, as SummaryQuery loads it. Raises 400 for an area, category or source that is not
    known."""
    named = areas.find_areas(book, asked["area"])
    counted = categories.find_categories(book, asked.get("category") or ["all-crime"])
    source = asked.get("source") or "records"
    if source != "records":
        _require_source(book, source)
    return Question(
        areas=list(dict.fromkeys(place.code for place in named)),
        base=asked.get("compare"),
        by=tuple(asked.get("by") or ()),
        categories=list(dict.fromkeys(category.code for category in counted)),
        measure=asked.get("measure") or "offences",
        period=asked["period"],
        source=source,
        tallied=book.present and all(place.kind != "beat" for place in named),
        exposure=asked.get("exposure"),
        percent_rule=asked.get("percent_rule") or USUAL_PERCENT_RULE,
    )


def _require_source(book: Book, source: str) -> None:
    known = [row["source"] for row in book.intake.returns.returns.sources()]
    if source not in known:
        detail = (
            f"No return has come from {source}: ask for records{''.join(f' or {name}' for name in known)}."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def percent_rule(**keywords: Any) -> Choice:
    """The field by which a percentage rule is named."""
    description = (
        "When a percentage is withheld: either count under 50 (ONS tables of partnerships), the current one"
        " (of forces), or none."
    )
    return Choice("PercentRule", *PERCENT_RULES, metadata={"description": description}, **keywords)
