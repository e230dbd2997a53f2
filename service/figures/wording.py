"""A figure that counts in one plain sentence, and what all sentences about figures share."""

from collections.abc import Iterator, Sequence

from service.figures.breaks_crossed import BreakCrossed
from service.figures.figure import Comparison, Figure
from service.figures.spans import Span
from service.figures.statuses import FigureStatus

WITHIN_CHANCE = "within what chance alone would give"
"""Said of every change that the test does not tell from chance."""
CHANCE_EXPLAINED = (
    "Where nothing is said of chance, the change is more than chance alone would give: a two-sided exact test"
    " at 5 per cent,\nwith what months before varied more than by chance allowed for where that is known."
)


def name_subject(category: str, code: str | None, month: str | None) -> str:
    """The category, and the code and month where a figure is of one."""
    return f"{category}{f', code {code}' if code else ''}{f', {month}' if month else ''}"


def word_so_far(period: Span) -> str:
    """What is added to a figure of a period that is not complete."""
    return "" if period.complete else " so far as is known"


def word_chance(change: str | None) -> str:
    """What is added to a change that may be chance."""
    return f", {WITHIN_CHANCE}" if change == "within_chance" else ""


def word_uncompared(compared: Comparison | None) -> str:
    """Why there is no comparison, where one was asked for."""
    return f"; not compared, because {compared.percent_withheld}" if compared else ""


def word_count(
    subject: str, measure: str, period: Span, value: int | None, compared: Comparison | None
) -> str:
    """`Residential burglary: up by 27.0 per cent (676 more offences)`, or what can be said where a comparison
    cannot be made."""
    if value is None:
        return f"{subject}: not counted by this source in {period.period}"
    if compared is None or compared.difference is None:
        counted = f"{value:,} {_unit(value, measure)}"
        return f"{subject}: {counted} in {period.period}{word_so_far(period)}{word_uncompared(compared)}"
    return f"{subject}: {_word_change(compared, int(compared.difference), measure)}"


def _word_change(compared: Comparison, difference: int, measure: str) -> str:
    percent = compared.percent
    more = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} {_unit(abs(difference), measure)}"
    breaks, chance = _word_breaks(compared.breaks), word_chance(compared.change)
    if difference == 0:
        return f"no change{breaks}"
    if percent is None:
        return f"{more}{chance}; no percentage, because {compared.percent_withheld}{breaks}"
    way = "up" if difference > 0 else "down"
    return f"{way} by {abs(percent):.1f} per cent ({more}){chance}{breaks}"


def _word_breaks(breaks: Sequence[BreakCrossed]) -> str:
    """What changed between the two that is no change in crime."""
    if not breaks:
        return ""
    named = [f"{one.name[0].lower()}{one.name[1:]} ({one.from_on.day} {one.from_on:%B %Y})" for one in breaks]
    return f"; between the two, {' and '.join(named)}"


def word_figure(figure: Figure) -> list[str]:
    """The figure's sentence, and one for each thing that it does not say and that has to be known before a
    value in it is quoted."""
    return [f"{figure.wording}.", *_word_statuses(figure)]


def _word_statuses(figure: Figure) -> Iterator[str]:
    for status in figure.status:
        if status.status != "incomplete":
            yield f"  {figure.period.period} {_word_status(status)}."
    if base := figure.compared:
        for status in base.status:
            if status.status not in ("break", "incomplete"):
                yield f"  {base.period.period} {_word_status(status)}."


def _word_status(status: FigureStatus) -> str:
    """`is provisional: known on 5 May 2013, 35 days after it ended`."""
    if status.status == "revised":
        return f"was revised, first published as {status.why}"
    verb = "holds a break" if status.status == "break" else f"is {status.status}"
    return f"{verb}: {status.why}"


def _unit(number: int, measure: str) -> str:
    return measure[:-1] if number == 1 else measure
