"""What has to be said of a value before it is quoted: provisional, revised, estimated, withheld, break or
incomplete, each with why."""

from datetime import date
from typing import Any, NamedTuple

from marshmallow import fields

from service.figures.breaks_crossed import Breaks
from service.figures.question import Question
from service.store import Book
from service.web.fields import Choice, Output

STATUSES = ("provisional", "revised", "estimated", "withheld", "break", "incomplete")
PROVISIONAL_DAYS = 92
"""A quarter: records of a period are provisional so long after its end, until the return after next says what
was corrected."""

Row = dict[str, Any]
Key = tuple[str, str, date, date]
"""An area, a category, and the first and last day."""


class FigureStatus(Output):
    """Something to be known of a value before it is quoted."""

    status = Choice(
        "FigureStatusName", *STATUSES, metadata={"description": "As government statistics mark their values."}
    )
    why = fields.String()


class First(NamedTuple):
    """What a count was first known as, and where that stands."""

    value: int
    where: str


class Subject(NamedTuple):
    """A value and what is known of it: its days, whether they are all held, why its source withholds it, what
    it first was."""

    value: int | float | None
    from_on: date
    to_on: date
    complete: bool
    of_records: bool = True
    withheld: str | None = None
    first: First | None = None
    estimated: str | None = None


def of(subject: Subject, known_on: date | None, breaks: list[Row]) -> list[Row]:
    """The statuses of one value, in the order of STATUSES; `known_on` is the day as of which it is told,
    `breaks` those to be flagged."""
    told: list[tuple[str, str]] = []
    if subject.of_records and known_on and (known_on - subject.to_on).days < PROVISIONAL_DAYS:
        told.append(("provisional", _provisional(subject.to_on, known_on)))
    if subject.first and subject.value != subject.first.value:
        told.append(("revised", f"{subject.first.value:,} in {subject.first.where}"))
    if subject.estimated:
        told.append(("estimated", subject.estimated))
    if subject.withheld:
        told.append(("withheld", subject.withheld))
    told += [("break", f"{one['name']}, from {_day(one['from_on'])}") for one in breaks]
    if not subject.complete and not subject.withheld:
        source = (
            "not every record of these days is held"
            if subject.of_records
            else "the source does not give all of these days"
        )
        told.append(("incomplete", source))
    return [{"status": status, "why": why} for status, why in told]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _provisional(to_on: date, known_on: date) -> str:
    days = (known_on - to_on).days
    if days <= 0:
        return f"known on {_day(known_on)}, before it had ended"
    return f"known on {_day(known_on)}, {days} {'day' if days == 1 else 'days'} after it ended"


def tell(book: Book, shown: list[Row], rows: list[Row], question: Question, breaks: Breaks) -> None:
    """Give each figure, and each count that it is compared with, its `status`; `rows` are what the figures
    were made of."""
    known_on = book.figures.statuses.known_on(at=book.at) if book.at else None
    firsts = _firsts(book, question)
    for figure, row in zip(shown, rows, strict=True):
        own, base = figure["period"], figure["compared"]
        figure["status"] = of(
            _subject(figure["value"], own, row, firsts, row["withheld"]), known_on, breaks.within(figure)
        )
        if base:
            subject = _subject(base["value"], base["period"], row, firsts, row["base_withheld"])
            base["status"] = of(subject, known_on, base["breaks"])


def _subject(
    value: int | None, span: Row, row: Row, firsts: dict[Any, First], withheld: str | None
) -> Subject:
    first = (
        firsts.get((row["area"], row["category"], row["code"], span["from"], span["to"]))
        if span["complete"]
        else None
    )
    return Subject(value, span["from"], span["to"], span["complete"], "return_id" not in row, withheld, first)


def _firsts(book: Book, question: Question) -> dict[Any, First]:
    """What each count was first published as: in a release, or of a return in the first of its editions."""
    spans = [one for one in (question.period, question.base) if one]
    if question.source != "records":
        return _first_editions(book, question)
    rows = book.figures.statuses.first_published(
        areas=question.areas,
        at=book.at,
        categories=question.categories,
        first=min(one.from_on for one in spans),
        last=max(one.to_on for one in spans),
        measure=question.measure,
        source=question.source,
    )
    return {
        (row["area"], row["category"], None, row["from_on"], row["to_on"]): First(row["value"], row["title"])
        for row in rows
    }


def _first_editions(book: Book, question: Question) -> dict[Any, First]:
    """What each count was in the edition that first gave it whole; nothing where there is one edition
    only."""
    editions, found = book.figures.statuses.editions(source=question.source), {}
    for edition in reversed(editions[:-1]):
        earlier = book.earlier(edition["change"], edition["at"])
        rows = earlier.intake.returns.returns.figures(
            areas=question.areas,
            categories=question.categories,
            by_code="code" in question.by,
            source=question.source,
            **question.spans(),
        )
        for row in rows:
            for role, span in (("", question.period), ("base_", question.base)):
                if span and row[f"{role}complete"]:
                    key = (row["area"], row["category"], row["code"], span.from_on, span.to_on)
                    found[key] = First(row[f"{role}value"], f"edition {row[f'{role}edition']}")
    return found
