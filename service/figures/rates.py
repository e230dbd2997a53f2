"""Rates: offences by the people or the households there are, with the number they were divided by and the
year it is of."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict

from service.figures.certainty import exact_p
from service.figures.comparisons import ends, judge_change, word_incomplete
from service.figures.counts import count_figures
from service.figures.figure import Comparison, Denominator, Figure
from service.figures.question import MeasuredQuestion
from service.figures.spans import Span
from service.figures.wording_of_rates import word_rate
from service.periods import days, whole_months
from service.store import Book, as_json

DIVIDED_BY = {"rate": "residents", "household-rate": "households", "severity": "residents"}
PART_OF_A_YEAR = "the rate of this period, not of a year: it is not annualised"


class DivisionRow(TypedDict):
    """What a count and its base were divided by, as the statements `compare` of rates and severity give
    it."""

    withheld: str | None
    number: int | None
    year: int | None
    source: str | None
    note: str | None
    base_number: int | None
    base_year: int | None
    base_source: str | None
    base_note: str | None


class RateRow(DivisionRow):
    """A row of the statement `compare`."""

    rate: Decimal | None
    base_rate: Decimal | None
    difference: Decimal | None
    percent: Decimal | None
    percent_withheld: str | None
    rate_ratio: Decimal | None
    interval_low: Decimal | None
    interval_high: Decimal | None
    share: Decimal | None


class DividedPair(TypedDict):
    """A count and its base as the statements take them."""

    position: int
    area: str
    count: int | None
    year: int
    from_on: date
    to_on: date
    base_count: int | None
    base_year: int | None
    base_from: date | None
    base_to: date | None
    withheld: str | None


class Division(NamedTuple):
    """What a figure and its base were divided by, whether that differs (None where either is not known), and
    what has to be said of it."""

    denominator: Denominator
    base: Denominator
    changed: bool | None
    withheld: str | None
    note: str | None


def count_offences(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """The offences that the question is about, counted and compared."""
    return count_figures(book, replace(question, measure="offences"))


def rate_figures(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """Offences per 1,000 residents or households; the count and what it was divided by stand beside each."""
    offences = count_offences(book, question)
    pairs = [pair_offences(position, count, question) for position, count in enumerate(offences)]
    rows: list[RateRow] = book.figures.rates.compare(
        pairs=as_json(pairs), divided_by=DIVIDED_BY[question.measure]
    )
    return [_make_figure(question, count, row) for count, row in zip(offences, rows, strict=True)]


def pair_offences(position: int, offences: Figure, question: MeasuredQuestion) -> DividedPair:
    """A count of offences and its base, to be divided."""
    period, compared, year = offences.period, offences.compared, question.population_year
    base = compared.period if compared else None
    return {
        "position": position,
        "area": offences.area.code,
        "count": offences.counted(),
        "year": year or period.from_on.year,
        "from_on": period.from_on,
        "to_on": period.to_on,
        "base_count": compared.counted() if compared else None,
        "base_year": (year or base.from_on.year) if base else None,
        "base_from": base.from_on if base else None,
        "base_to": base.to_on if base else None,
        "withheld": word_incomplete(period.complete, base.complete) if base else None,
    }


def read_division(question: MeasuredQuestion, period: Span, row: DivisionRow) -> Division:
    """What a row says of the denominators of a figure of this period."""
    of = DIVIDED_BY[question.measure]
    now = Denominator(of=of, number=row["number"], year=row["year"], source=row["source"], note=row["note"])
    base = Denominator(
        of=of,
        number=row["base_number"],
        year=row["base_year"],
        source=row["base_source"],
        note=row["base_note"],
    )
    both_known = now.number is not None and base.number is not None
    changed = (now.number, now.year, now.source) != (base.number, base.year, base.source)
    of_a_year = whole_months(days(period.from_on, period.to_on)) == 12
    return Division(
        denominator=now,
        base=base,
        changed=changed if both_known else None,
        withheld=row["withheld"] or (None if now.number else now.note),
        note=None if of_a_year else PART_OF_A_YEAR,
    )


def _make_figure(question: MeasuredQuestion, offences: Figure, row: RateRow) -> Figure:
    division = read_division(question, offences.period, row)
    figure = Figure(
        area=offences.area,
        category=offences.category,
        code=offences.code,
        month=offences.month,
        measure=question.measure,
        source=offences.source,
        edition=offences.edition,
        period=offences.period,
        value=row["rate"],
        count=offences.counted(),
        denominator=division.denominator,
        compared=offences.compared and _compare(offences, offences.compared, row, division),
        evidence=offences.evidence,
        status=offences.status,
        withheld=division.withheld,
        note=division.note,
        wording="",
    )
    return replace(figure, wording=word_rate(figure, division.denominator))


def _compare(offences: Figure, base: Comparison, row: RateRow, division: Division) -> Comparison:
    """The rates' difference and percentage; ratio, interval and test with the populations as exposure."""
    comparable = base.period.complete and offences.period.complete and not row["withheld"]
    p = exact_p(offences.counted(), base.counted(), row["share"]) if comparable else None
    return Comparison(
        period=base.period,
        value=row["base_rate"],
        count=base.counted(),
        denominator=division.base,
        denominator_changed=division.changed,
        edition=base.edition,
        difference=row["difference"],
        percent=row["percent"],
        percent_rule=base.percent_rule,
        percent_withheld=row["percent_withheld"],
        rate_ratio=row["rate_ratio"],
        interval_95=ends(row["interval_low"], row["interval_high"]),
        p=p,
        change=judge_change(p, row["rate_ratio"], row["difference"]),
        breaks=base.breaks,
        status=base.status,
        exposure=base.exposure,  # this and the next two are of the offences, not of the rate
        interval_95_exact=base.interval_95_exact,
        dispersion=base.dispersion,
    )
