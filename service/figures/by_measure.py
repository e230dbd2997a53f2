"""Figures of every measure: which questions each can answer, and who answers."""

from collections.abc import Callable, Mapping
from typing import Unpack

from service.figures.counts import count_figures
from service.figures.figure import Figure
from service.figures.outcomes import outcome_figures
from service.figures.question import MeasureAsked, MeasuredQuestion, resolve_measured_question
from service.figures.rates import rate_figures
from service.figures.reported import reported_figures
from service.figures.severity import score_figures
from service.store import Book
from service.web.problems import Problem

ANSWERS: dict[str, Callable[[Book, MeasuredQuestion], list[Figure]]] = {
    "rate": rate_figures,
    "household-rate": rate_figures,
    "severity": score_figures,
    "outcomes": outcome_figures,
    "positive-outcome-rate": outcome_figures,
}


def resolve_answerable(book: Book, **asked: Unpack[MeasureAsked]) -> MeasuredQuestion:
    """The question of any measure. Raises 400 for a name that is not known and for what its measure cannot be
    asked by."""
    question = resolve_measured_question(book, **asked)
    measure = question.measure
    if not question.description.built_in:
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


def _refuse(asked: Mapping[str, object], names: tuple[str, ...], why: str) -> None:
    """Raise 400 where one of these parameters is given."""
    if given := [name for name in names if asked.get(name)]:
        raise Problem(
            "invalid-parameter",
            f"{', '.join(given)}: {why}",
            errors=[{"parameter": name, "detail": why} for name in given],
        )


def answer_question(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """The figures of a question of any measure."""
    if not question.description.built_in:
        return reported_figures(book, question)
    return ANSWERS.get(question.measure, count_figures)(book, question)
