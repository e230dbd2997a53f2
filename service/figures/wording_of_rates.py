"""Rates, scores, outcomes and reported values in one plain sentence."""

from typing import NamedTuple

from service.figures.figure import Denominator, Figure, LeftOut, Value
from service.figures.wording import name_subject, word_chance, word_so_far, word_uncompared
from service.reference.measures import Measure


class _Words(NamedTuple):
    """What is said of a divided value: itself, what is behind it, and what stands before and after the two
    values of a comparison."""

    value: str
    behind: str
    before: str = ""
    after: str = ""


def word_rate(figure: Figure, denominator: Denominator) -> str:
    """`Robbery: 0.88 per 1,000 residents in 2012/13 (622 offences, 703,143 residents in mid-2012)`, or what
    it says of another rate."""
    of = denominator.of
    if figure.value is None:
        return _word_withheld(figure, f"no rate by {of}")
    words = _Words(
        value=f"{figure.value:,.2f} per 1,000 {of}",
        behind=_word_division(figure, denominator),
        after=f" per 1,000 {of}",
    )
    return _word_compared(figure, figure.value, words)


def word_score(figure: Figure, denominator: Denominator, left_out: LeftOut) -> str:
    """`All recorded crime: severity score 8.55 in 2012/13 (…)`, with what has no weight."""
    if figure.value is None:
        return _word_withheld(figure, "no severity score")
    without = f"; {left_out.offences:,} offences without a weight left out" if left_out.codes else ""
    words = _Words(
        value=f"severity score {figure.value:,.2f}",
        behind=_word_division(figure, denominator) + without,
        before="severity score ",
    )
    return _word_compared(figure, figure.value, words)


def word_outcomes(figure: Figure) -> str:
    """`Robbery: 112 outcomes assigned in 2024/25`, or `Robbery: positive outcome rate 20.1 per cent in
    2024/25 (45 of 224)`."""
    basis = "assigned in" if figure.basis == "assigned" else "of crimes recorded in"
    name = f"{_name(figure)}, outcomes {basis} {figure.period.period}"
    if figure.value is None:
        return f"{name}: {figure.withheld or 'not counted by this source'}"
    compared, under = figure.compared, figure.denominator
    difference = compared.difference if compared else None
    against = f" against {compared.period.period}" if compared else ""
    if under is None:
        return f"{name}: {figure.value:,}" + (f", {difference:+,}{against}" if difference is not None else "")
    whole = f"{figure.count:,} positive of {under.number:,} {under.of}"
    points = f", {difference:+.1f} points{against}" if difference is not None else ""
    return f"{name}: {figure.value:.1f} per cent ({whole}){points}"


def word_reported(figure: Figure, measure: Measure) -> str:
    """`Savings: 6,800,000 pounds in 2010/11..2013/14`, as reported."""
    period, compared, decimals = figure.period.period, figure.compared, measure.decimals
    if figure.value is None:
        return f"{measure.name}: {figure.withheld} for {period}"
    value = f"{figure.value:,.{decimals}f} {measure.unit}"
    sentence = f"{measure.name}: {value} in {period}{word_so_far(figure.period)}"
    if compared is None or compared.difference is None:
        return sentence + word_uncompared(compared)
    return f"{sentence}, {compared.difference:+,.{decimals}f} against {compared.period.period}"


def _name(figure: Figure) -> str:
    assert figure.category is not None
    return name_subject(figure.category.name, figure.code, figure.month)


def _word_withheld(figure: Figure, what: str) -> str:
    """Why there is no figure."""
    why = figure.withheld or "this source does not count it"
    return f"{_name(figure)}: {what} in {figure.period.period}, because {why}"


def _word_division(figure: Figure, denominator: Denominator) -> str:
    return f"{figure.count:,} offences, {denominator.number:,} {denominator.of} in mid-{denominator.year}"


def _word_compared(figure: Figure, value: Value, words: _Words) -> str:
    """A value with what is behind it; where it is compared, how far it moved and from what to what."""
    name, compared = _name(figure), figure.compared
    if compared is None or compared.difference is None:
        period = f"{figure.period.period}{word_so_far(figure.period)}"
        return f"{name}: {words.value} in {period} ({words.behind}){word_uncompared(compared)}"
    values = f"from {words.before}{compared.value:,.2f} to {value:,.2f}{words.after} ({words.behind})"
    if compared.percent is None:
        return f"{name}: {values}; no percentage, because {compared.percent_withheld}"
    if compared.percent == 0:
        return f"{name}: no change, {values}"
    way = "up" if compared.percent > 0 else "down"
    chance = word_chance(compared.change)
    return f"{name}: {way} by {abs(compared.percent):.1f} per cent, {values}{chance}"
