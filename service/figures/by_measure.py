"""Figures of every measure: which questions each can answer, and who answers."""

from typing import Any

from service.figures import counts
from service.figures.outcomes import outcome_figures
from service.figures.rates import MeasuredQuestion, asked_of, rates
from service.figures.reported import reported_figures
from service.figures.severity import scores
from service.store import Book
from service.web.problems import Problem

ANSWERS = {
    "rate": rates,
    "household-rate": rates,
    "severity": scores,
    "outcomes": outcome_figures,
    "positive-outcome-rate": outcome_figures,
}


def understood(book: Book, asked: dict[str, Any]) -> MeasuredQuestion:
    """The question, as SummaryQuery loads it. Raises 400 for a name that is not known and for what its
    measure cannot be asked by."""
    question = asked_of(book, asked)
    measure, told = question.measure, question.told
    if not told.built_in:
        _refuse(
            asked,
            ("basis", "by", "category", "population_year", "source"),
            f"{measure} is reported for an area and a period alone.",
        )
        return question
    if not measure.endswith(("rate", "severity")) or measure == "positive-outcome-rate":
        _refuse(asked, ("population_year",), f"{measure} is not divided by a population.")
    if not measure.startswith(("outcomes", "positive")):
        _refuse(asked, ("basis",), f"{measure} counts no outcomes.")
    elif set(question.by) & {"code", "month"}:
        _refuse(asked, ("by",), f"{measure} is told by area and category alone.")
    if measure == "victims" and question.source != "records":
        _refuse(asked, ("measure",), "A return counts no victims.")
    return question


def _refuse(asked: dict[str, Any], names: tuple[str, ...], why: str) -> None:
    """Raise 400 where one of these parameters is given."""
    if given := [name for name in names if asked.get(name)]:
        raise Problem(
            "invalid-parameter",
            f"{', '.join(given)}: {why}",
            errors=[{"parameter": name, "detail": why} for name in given],
        )


def counted(book: Book, question: MeasuredQuestion) -> list[dict[str, Any]]:
    """The figures of a question that is understood."""
    if not question.told.built_in:
        return reported_figures(book, question)
    return ANSWERS.get(question.measure, counts.counted)(book, question)
