"""What a count says against another period's: difference, percentage and rate ratio from SQL, certainty from
scipy, breaks crossed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict

from service.figures import certainty
from service.figures.breaks_crossed import Breaks
from service.figures.figure import Comparison, Dispersion, Exposure, Value
from service.figures.question import FEWEST_YEARS, Question
from service.figures.spans import Span
from service.figures.statuses import CountKey, Statuses
from service.store import Book, as_json

Years = dict[tuple[str, str], int]
"""Of how many times twelve months before a period an area and a category are complete."""


class Pair(NamedTuple):
    """Two counts of one thing: that of a period, and that of the base it is compared with."""

    key: CountKey
    period: Span
    value: int | None
    base: Span
    base_value: int | None
    base_edition: str | None
    base_withheld: str | None = None

    @property
    def withheld(self) -> str | None:
        """Why the two may not be compared, where one of them is not all there."""
        return word_incomplete(self.period.complete, self.base.complete)


class Difference(TypedDict):
    """A row of the statement `compare`."""

    base_exposure: int
    difference: int | None
    exposure: int
    exposure_unit: str
    interval_high: Decimal | None
    interval_low: Decimal | None
    percent: Decimal | None
    percent_withheld: str | None
    rate_ratio: Decimal | None
    share: Decimal


class DispersionRow(TypedDict):
    """A row of the statement `dispersion`."""

    area: str
    category: str
    code: str | None
    from_on: date
    months: int
    phi: float
    to_on: date


def word_incomplete(complete: bool, base_complete: bool) -> str | None:
    """Why a period and its base may not be compared; None where both are complete."""
    spans = {"period": complete, "base period": base_complete}
    missing = [name for name, is_complete in spans.items() if not is_complete]
    if not missing:
        return None
    return f"the {' and the '.join(missing)} {'are' if len(missing) > 1 else 'is'} incomplete"


def compare_counts(book: Book, question: Question, pairs: Sequence[Pair]) -> list[Difference]:
    """What each count says against its base, before anything is said of chance."""
    rows: list[Difference] = book.figures.comparisons.compare(
        pairs=as_json(
            [
                {
                    "position": position,
                    "value": pair.value,
                    "base": pair.base_value,
                    "withheld": pair.withheld,
                    "from_on": pair.period.from_on,
                    "to_on": pair.period.to_on,
                    "base_from": pair.base.from_on,
                    "base_to": pair.base.to_on,
                }
                for position, pair in enumerate(pairs)
            ]
        ),
        exposure=question.exposure,
        percent_rule=question.percent_rule,
    )
    return rows


def compare(
    book: Book,
    question: Question,
    pairs: Sequence[Pair],
    years: Years,
    breaks: Breaks,
    statuses: Statuses,
) -> list[Comparison]:
    """What each count says against its base, with how sure that is; where the pairs are of months, month
    against month."""
    dispersions = _measure_dispersions(book, question, years)
    return [
        _make_comparison(pair, row, dispersions.get(pair.key), question.percent_rule, breaks, statuses)
        for pair, row in zip(pairs, compare_counts(book, question, pairs), strict=True)
    ]


def _make_comparison(
    pair: Pair,
    row: Difference,
    varied: DispersionRow | None,
    rule: str,
    breaks: Breaks,
    statuses: Statuses,
) -> Comparison:
    """The comparison of a pair: the exact test and interval, and the same with over-dispersion allowed for
    where it is known, which decides then."""
    value, base = (pair.value, pair.base_value) if pair.withheld is None else (None, None)
    share = float(row["share"])
    plain = certainty.exact(value, base, share)
    wider = certainty.dispersed(value, base, share, varied["phi"]) if varied and varied["phi"] > 1 else plain
    dispersion = None
    if varied and wider:
        dispersion = Dispersion(
            varied["phi"], varied["months"], varied["from_on"], varied["to_on"], wider.p, wider.interval
        )
    crossed = breaks.crossed(pair.key.category, pair.key.code, pair.period, pair.base)
    return Comparison(
        period=pair.base,
        value=pair.base_value,
        edition=pair.base_edition,
        difference=row["difference"],
        percent=row["percent"],
        percent_rule=rule,
        percent_withheld=row["percent_withheld"],
        rate_ratio=row["rate_ratio"],
        exposure=Exposure(row["exposure"], row["base_exposure"], row["exposure_unit"]),
        interval_95=ends(row["interval_low"], row["interval_high"]),
        interval_95_exact=plain.interval if plain else None,
        p=plain.p if plain else None,
        change=judge_change(wider.p if wider else None, row["rate_ratio"], row["difference"]),
        dispersion=dispersion,
        breaks=crossed,
        status=statuses.of(pair.key, pair.base, pair.base_value, crossed, pair.base_withheld),
    )


def ends(low: Decimal | None, high: Decimal | None) -> list[Decimal | None] | None:
    """Both ends of an interval, or None where there is none."""
    return None if low is None else [low, high]


def judge_change(p: float | None, ratio: Decimal | None, difference: Value | None) -> str | None:
    """rise, fall or within_chance; None where the two cannot be compared."""
    if p is None or difference is None:
        return None
    if p >= certainty.SIGNIFICANT:
        return "within_chance"
    return "rise" if (ratio > 1 if ratio is not None else difference > 0) else "fall"


def _measure_dispersions(book: Book, question: Question, years: Years) -> dict[CountKey, DispersionRow]:
    """Over-dispersion of each count, where enough months before the period are complete; one statement, or
    none."""
    wanted = [
        {"area": area, "category": category, "years": complete}
        for (area, category), complete in years.items()
        if complete >= FEWEST_YEARS
    ]
    if not wanted:
        return {}
    blocks = question.twelves_before()
    rows: list[DispersionRow] = book.figures.comparisons.dispersion(
        wanted=as_json(wanted),
        areas=list(dict.fromkeys(one["area"] for one in wanted)),
        by_code="code" in question.by,
        first=blocks[-1][0],
        last=blocks[0][1],
        measure=question.measure,
        tallied=question.tallied,
    )
    return {CountKey(row["area"], row["category"], row["code"]): row for row in rows}
