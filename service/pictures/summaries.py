"""Figures in a picture: how they changed where there is a change to draw, else as they are."""

from datetime import date
from types import ModuleType

from service.pictures import changes, standing, values
from service.pictures.framing import Frame, framed, listed, span_in_words
from service.pictures.shapes import Figure, Question, Spec, Summary

MOST_SAID, MOST_NAMED = 12, 3
"""Findings in the alternative text, and areas in a heading."""


def picture(told: Summary, question: Question) -> Spec:
    """The spec of an answer of `service.figures.summaries.Summary`, as it is dumped.

    `question` says `by`, `decimals`, `name` and `source`, and `period` and `base` (or null) as spans.
    """
    figures = told["figures"]
    of_change = changes.is_of_change(figures)
    drawn: ModuleType = changes if of_change else values
    called = [(_label(figure, figures), figure) for figure in figures]
    numbers = "," if question["decimals"] == 0 else f",.{min(question['decimals'], 2)}f"
    reading = changes.reading(figures) if of_change else values.reading(figures, _base(question))
    frame = Frame(
        heading=_heading(question, figures, of_change=of_change),
        finding=_finding(figures),
        area=_areas(figures),
        period=_periods(question),
        source=question["source"],
        change=told["as_of"]["change"],
        at=told["as_of"]["at"],
        reading=reading,
        notes=[*drawn.notes(called), *standing.explained(called)],
    )
    found = [drawn.row(number, label, figure) for number, (label, figure) in enumerate(called)]
    return framed([drawn.drawn(found, _headings(question), numbers)], frame) if found else framed([], frame)


def _named(figure: Figure) -> dict[str, str]:
    """By what a figure may be told from the others."""
    category = figure["category"]["name"] if figure["category"] else None
    parts = {
        "area": figure["area"]["name"],
        "category": category,
        "code": figure["code"],
        "month": _month(figure),
    }
    return {name: said for name, said in parts.items() if said}


def _month(figure: Figure) -> str | None:
    return f"{date.fromisoformat(figure['month'] + '-01'):%B %Y}" if figure["month"] else None


def _varying(figures: list[Figure]) -> list[str]:
    named = [_named(figure) for figure in figures]
    return [
        name for name in ("area", "category", "code", "month") if len({one.get(name) for one in named}) > 1
    ]


def _label(figure: Figure, figures: list[Figure]) -> str:
    named = _named(figure)
    told = [named[name] for name in _varying(figures) if name in named]
    return ", ".join(told) or named.get("category") or named["area"]


def _heading(question: Question, figures: list[Figure], *, of_change: bool) -> str:
    """`Change in offences by category, Northamptonshire`."""
    measure = question["name"]
    what = f"Change in {measure[:1].lower()}{measure[1:]}" if of_change else measure
    varying = _varying(figures)
    by = f" by {listed(varying)}" if varying else ""
    category = (
        figures[0]["category"]["name"]
        if figures and figures[0]["category"] and "category" not in varying
        else None
    )
    return ", ".join(part for part in (what + by, category, _areas(figures)) if part)


def _areas(figures: list[Figure]) -> str:
    names = list(dict.fromkeys(figure["area"]["name"] for figure in figures))
    return listed(names) if len(names) <= MOST_NAMED else f"{len(names)} areas"


def _periods(question: Question) -> str:
    base, own = _base(question), span_in_words(question["period"])
    return f"{own} compared with {base}" if base else own


def _base(question: Question) -> str | None:
    return span_in_words(question["base"]) if question["base"] else None


def _headings(question: Question) -> tuple[str, str]:
    """Of the columns: the periods, where their names are short enough; with by=month they differ from row to
    row."""
    own, base = question["period"]["period"], question["base"]["period"] if question["base"] else ""
    short = max(len(own), len(base)) <= 9 and "month" not in question["by"]
    return (base, own) if short else ("before", "now") if base else ("", "value")


def _finding(figures: list[Figure]) -> str:
    """What each figure says, the largest change that is no chance first."""
    many = len({figure["area"]["code"] for figure in figures}) > 1
    said = [
        f"{figure['area']['name']}: {figure['wording']}" if many else figure["wording"]
        for figure in sorted(figures, key=_weight)
    ]
    more = [f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
    return ". ".join([*said[:MOST_SAID], *more]) or "Nothing is counted"


def _weight(figure: Figure) -> tuple[bool, float]:
    compared = figure["compared"] or {"change": None, "difference": 0}
    return compared["change"] not in ("rise", "fall"), -abs(compared["difference"] or 0)
