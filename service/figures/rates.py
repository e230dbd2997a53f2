"""Rates: offences by the people or the households there are, with the number they were divided by and the
year it is of."""

from dataclasses import dataclass, replace
from typing import Any

from marshmallow import fields

from service.figures import certainty, comparisons, counts
from service.figures.question import Question, understood
from service.figures.wording_of_rates import rate_in_words
from service.periods import parse, whole_months
from service.reference.measures import Measure, find_measure
from service.store import Book, as_json
from service.web.fields import Choice, Integer, Output

DIVIDED_BY = {"rate": "residents", "household-rate": "households", "severity": "residents"}
BASES = ("assigned", "recorded")


class Denominator(Output):
    """What a figure was divided by."""

    note = fields.String(
        allow_none=True, metadata={"description": "What to know of it: another year, or none held."}
    )
    number = Integer(least=0, most=2**53, allow_none=True)
    of = Choice("DenominatorOf", "residents", "households", "outcomes", "crimes")
    source = fields.String(allow_none=True)
    year = Integer(
        least=1801,
        most=2999,
        allow_none=True,
        metadata={
            "description": "Its middle: the year in which the period begins, or the nearest earlier one held."
        },
    )


@dataclass(frozen=True, kw_only=True)
class MeasuredQuestion(Question):
    """A question of any measure: also by which outcomes count, by the population of which year, and what the
    measure is."""

    basis: str
    population_year: int | None
    told: Measure


def asked_of(book: Book, asked: dict[str, Any]) -> MeasuredQuestion:
    """The question, with its measure looked up. Raises 400 for a name that is not known."""
    told = find_measure(book, asked.get("measure") or "offences")
    if told.measure == "household-rate" and not asked.get("category"):
        asked = {**asked, "category": ["residential-burglary"]}
    return MeasuredQuestion(
        **vars(understood(book, asked)),
        basis=asked.get("basis") or "assigned",
        population_year=asked.get("population_year"),
        told=told,
    )


def offences_of(book: Book, question: MeasuredQuestion, **otherwise: Any) -> list[dict[str, Any]]:
    """The offences that the question is about, counted and compared."""
    return counts.counted(book, replace(question, measure="offences", **otherwise))


def uncomparable(figure: dict[str, Any]) -> str | None:
    """Why a figure may not be compared, where one of the two periods is not all there."""
    spans = {"period": figure["period"], "base period": figure["compared"]["period"]}
    missing = [name for name, span in spans.items() if not span["complete"]]
    return (
        f"the {' and the '.join(missing)} {'are' if len(missing) > 1 else 'is'} incomplete"
        if missing
        else None
    )


def rates(book: Book, question: MeasuredQuestion) -> list[dict[str, Any]]:
    """Offences per 1,000 residents or households, as SummaryQuery asks; the count and what it was divided by
    stand beside each."""
    shown = offences_of(book, question)
    pairs = as_json([pair_of(position, figure, question) for position, figure in enumerate(shown)])
    for figure, said in zip(
        shown, book.figures.rates.compare(pairs=pairs, divided_by=DIVIDED_BY[question.measure]), strict=True
    ):
        divide(figure, said, question)
        figure["value"] = said["rate"]
        if figure["compared"]:
            _compare(figure["compared"], said, pair_of(0, figure, question)["withheld"])
        figure["wording"] = rate_in_words(figure)
    return shown


def pair_of(position: int, figure: dict[str, Any], question: MeasuredQuestion) -> dict[str, Any]:
    """A figure and its base as the statements take them."""
    compared, year = figure["compared"], question.population_year
    base = compared["period"] if compared else {"from": None, "to": None}
    begins = base["from"]
    return {
        "position": position,
        "area": figure["area"]["code"],
        "count": figure["value"],
        "year": year or figure["period"]["from"].year,
        "from_on": figure["period"]["from"],
        "to_on": figure["period"]["to"],
        "base_count": compared["value"] if compared else None,
        "base_year": (year or begins.year) if begins else None,
        "base_from": begins,
        "base_to": base["to"],
        "withheld": uncomparable(figure) if compared else None,
    }


def divide(figure: dict[str, Any], said: dict[str, Any], question: MeasuredQuestion) -> None:
    """Say what the figure counts and what it is divided by; and of what it is compared with, and whether that
    has changed."""
    of = DIVIDED_BY[question.measure]
    part = (
        None
        if whole_months(_period(figure)) == 12
        else "the rate of this period, not of a year: it is not annualised"
    )
    figure.update(
        measure=question.measure,
        count=figure["value"],
        denominator=_denominator(said, "", of),
        withheld=said["withheld"],
        note=part,
    )
    if compared := figure["compared"]:
        under = _denominator(said, "base_", of)
        known = said["number"] is not None and said["base_number"] is not None
        changed = any(figure["denominator"][name] != under[name] for name in ("number", "year", "source"))
        compared.update(
            count=compared["value"],
            denominator=under,
            denominator_changed=changed if known else None,
            value=None,
        )
    figure["withheld"] = figure["withheld"] or (None if said["number"] else figure["denominator"]["note"])


def _period(figure: dict[str, Any]) -> Any:
    span = figure["period"]
    return parse(f"{span['from']}..{span['to']}")


def _denominator(said: dict[str, Any], prefix: str, of: str) -> dict[str, Any]:
    return {"of": of, **{name: said[f"{prefix}{name}"] for name in ("note", "number", "source", "year")}}


def _compare(compared: dict[str, Any], said: dict[str, Any], withheld: str | None) -> None:
    """The rates' difference and percentage; ratio, interval and test with the populations as exposure."""
    p = (
        exact_test(compared["count"], said["count"], said["share"])
        if withheld is None and not said["withheld"]
        else None
    )
    ratio, difference = said["rate_ratio"], said["difference"]
    compared.update(
        value=said["base_rate"],
        difference=difference,
        percent=said["percent"],
        percent_withheld=said["percent_withheld"],
        rate_ratio=ratio,
        p=p,
        change=comparisons.change(p, ratio, difference),
        interval_95=(
            [said["interval_low"], said["interval_high"]] if said["interval_low"] is not None else None
        ),
    )


def exact_test(base: int | None, value: int | None, share: Any) -> float | None:
    """Two-sided conditional exact test of two counts, `share` being the first one's of both exposures:
    residents times length."""
    told = None if share is None else certainty.exact(value, base, float(share))
    return told.p if told else None
