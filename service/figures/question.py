"""What is asked of the figures, with every name looked up and every default filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Required, TypedDict, Unpack

from service.periods import Period
from service.reference import areas, categories, measures
from service.settings import PERCENT_RULES
from service.store import Book
from service.web.fields import Choice
from service.web.problems import Problem

USUAL_PERCENT_RULE = PERCENT_RULES[0]
"""ONS withholds a percentage in tables of partnerships where either count is under 50, in those of forces
where the current one is."""
FEWEST_YEARS, MOST_YEARS = 2, 3
"""Twelve months each: one alone cannot tell season from chance."""
BASES = ("assigned", "recorded")
"""Outcomes assigned in the period, or outcomes of the crimes recorded in it."""
EXPOSURES = ("days", "months")


class Spans(TypedDict):
    """The days of a period and of its base, as statements take them."""

    from_on: date
    to_on: date
    base_from: date | None
    base_to: date | None


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

    def spans(self) -> Spans:
        """The days of the period and of the base."""
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


@dataclass(frozen=True, kw_only=True)
class MeasuredQuestion(Question):
    """A question of any measure: also by which outcomes count, by the population of which year, and what the
    measure is."""

    basis: str
    population_year: int | None
    description: measures.Measure


class Asked(TypedDict, total=False):
    """What is asked of counts, by the names of SummaryQuery; all but `area` and `period` may be left out or
    None."""

    area: Required[Sequence[str]]
    by: Sequence[str] | None
    category: Sequence[str] | None
    compare: Period | None
    exposure: str | None
    measure: str | None
    percent_rule: str | None
    period: Required[Period]
    source: str | None


class MeasureAsked(Asked, total=False):
    """What is asked of any measure."""

    basis: str | None
    population_year: int | None


def resolve_question(book: Book, **asked: Unpack[Asked]) -> Question:
    """Look up every name of a question and fill in its defaults. Raises 400 for an area, category or source
    that is not known."""
    found_areas = areas.find_areas(book, list(asked["area"]))
    found_categories = categories.find_categories(book, list(asked.get("category") or ["all-crime"]))
    source = asked.get("source") or "records"
    if source != "records":
        _require_source(book, source)
    return Question(
        areas=list(dict.fromkeys(area.code for area in found_areas)),
        base=asked.get("compare"),
        by=tuple(asked.get("by") or ()),
        categories=list(dict.fromkeys(category.code for category in found_categories)),
        measure=asked.get("measure") or "offences",
        period=asked["period"],
        source=source,
        tallied=book.present and all(area.kind != "beat" for area in found_areas),
        exposure=asked.get("exposure"),
        percent_rule=asked.get("percent_rule") or USUAL_PERCENT_RULE,
    )


def resolve_measured_question(book: Book, **asked: Unpack[MeasureAsked]) -> MeasuredQuestion:
    """Look up a question of any measure. Raises 400 for a name that is not known."""
    measure = measures.find_measure(book, asked.get("measure") or "offences")
    category = asked.get("category")
    if measure.measure == "household-rate" and not category:
        category = ["residential-burglary"]
    question = resolve_question(
        book,
        area=asked["area"],
        by=asked.get("by"),
        category=category,
        compare=asked.get("compare"),
        exposure=asked.get("exposure"),
        measure=measure.measure,
        percent_rule=asked.get("percent_rule"),
        period=asked["period"],
        source=asked.get("source"),
    )
    return MeasuredQuestion(
        **vars(question),
        basis=asked.get("basis") or BASES[0],
        population_year=asked.get("population_year"),
        description=measure,
    )


def _require_source(book: Book, source: str) -> None:
    known = [row["source"] for row in book.intake.returns.returns.sources()]
    if source not in known:
        detail = (
            f"No return has come from {source}: ask for records{''.join(f' or {name}' for name in known)}."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def percent_rule(*, allow_none: bool = False, **default: None) -> Choice:
    """The field by which a percentage rule is named; `default` is `load_default` or `dump_default`."""
    description = (
        "When a percentage is withheld: either count under 50 (ONS tables of partnerships), the current one"
        " (of forces), or none."
    )
    return Choice(
        "PercentRule",
        *PERCENT_RULES,
        metadata={"description": description},
        allow_none=allow_none,
        **default,
    )
