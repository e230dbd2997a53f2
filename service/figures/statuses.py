"""What has to be said of a value before it is quoted: provisional, revised, estimated, withheld, break or
incomplete, each with why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from marshmallow import fields

from service.figures.breaks_crossed import BreakCrossed
from service.figures.question import Question
from service.figures.spans import Span
from service.store import Book
from service.web.fields import Choice, Output

STATUSES = ("provisional", "revised", "estimated", "withheld", "break", "incomplete")
PROVISIONAL_DAYS = 92
"""A quarter: records of a period are provisional so long after its end, until the return after next says what
was corrected."""


@dataclass(frozen=True)
class FigureStatus:
    """One of STATUSES, and why a value has it."""

    status: str
    why: str


class FigureStatusSchema(Output):
    """Something to be known of a value before it is quoted."""

    status = Choice(
        "FigureStatusName", *STATUSES, metadata={"description": "As government statistics mark their values."}
    )
    why = fields.String()


class First(NamedTuple):
    """What a count was first known as, and where that stands."""

    value: int
    where: str


class CountKey(NamedTuple):
    """What a count is of: an area, a category, and a code where it is of one alone."""

    area: str
    category: str
    code: str | None


Firsts = dict[tuple[CountKey, date, date], First]
"""What counts were first published as, by what they count and the first and last day."""


class Subject(NamedTuple):
    """A value and what is known of it: its days, whether all of them are complete, why its source withholds
    it, what it first was."""

    value: int | float | None
    from_on: date
    to_on: date
    complete: bool
    of_records: bool = True
    withheld: str | None = None
    first: First | None = None
    estimated: str | None = None


def list_statuses(
    subject: Subject, known_on: date | None, breaks: Sequence[BreakCrossed]
) -> list[FigureStatus]:
    """The statuses of one value, in the order of STATUSES; `known_on` is the day as of which it is read,
    `breaks` those to be flagged."""
    found: list[FigureStatus] = []
    if subject.of_records and known_on and (known_on - subject.to_on).days < PROVISIONAL_DAYS:
        found.append(FigureStatus("provisional", _word_provisional(subject.to_on, known_on)))
    if subject.first and subject.value != subject.first.value:
        found.append(FigureStatus("revised", f"{subject.first.value:,} in {subject.first.where}"))
    if subject.estimated:
        found.append(FigureStatus("estimated", subject.estimated))
    if subject.withheld:
        found.append(FigureStatus("withheld", subject.withheld))
    found += [FigureStatus("break", f"{one.name}, from {_word_day(one.from_on)}") for one in breaks]
    if not subject.complete and not subject.withheld:
        source = (
            "not every record of these days is held"
            if subject.of_records
            else "the source does not give all of these days"
        )
        found.append(FigureStatus("incomplete", source))
    return found


def _word_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _word_provisional(to_on: date, known_on: date) -> str:
    days = (known_on - to_on).days
    if days <= 0:
        return f"known on {_word_day(known_on)}, before it had ended"
    return f"known on {_word_day(known_on)}, {days} {'day' if days == 1 else 'days'} after it ended"


class Statuses:
    """The statuses of the values that answer a question; `firsts` is what they were first published as."""

    def __init__(self, book: Book, question: Question, firsts: Firsts) -> None:
        self._known_on: date | None = book.figures.statuses.known_on(at=book.at) if book.at else None
        self._of_records = question.source == "records"
        self._firsts = firsts

    def of(
        self,
        key: CountKey,
        span: Span,
        value: int | None,
        breaks: Sequence[BreakCrossed],
        withheld: str | None = None,
    ) -> list[FigureStatus]:
        """The statuses of a value of those days."""
        first = self._firsts.get((key, span.from_on, span.to_on)) if span.complete else None
        subject = Subject(value, span.from_on, span.to_on, span.complete, self._of_records, withheld, first)
        return list_statuses(subject, self._known_on, breaks)


def find_firsts(book: Book, question: Question) -> Firsts:
    """What each count was first published as: in a release, or of a return in the first of its editions."""
    if question.source != "records":
        return _find_first_editions(book, question)
    periods = [period for period in (question.period, question.base) if period]
    rows = book.figures.statuses.first_published(
        areas=question.areas,
        at=book.at,
        categories=question.categories,
        first=min(period.from_on for period in periods),
        last=max(period.to_on for period in periods),
        measure=question.measure,
        source=question.source,
    )
    return {
        (CountKey(row["area"], row["category"], None), row["from_on"], row["to_on"]): First(
            row["value"], row["title"]
        )
        for row in rows
    }


def _find_first_editions(book: Book, question: Question) -> Firsts:
    """What each count was in the edition that first gave it whole; nothing where there is one edition
    only."""
    editions = book.figures.statuses.editions(source=question.source)
    firsts: Firsts = {}
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
            key = CountKey(row["area"], row["category"], row["code"])
            for role, period in (("", question.period), ("base_", question.base)):
                if period and row[f"{role}complete"]:
                    where = f"edition {row[f'{role}edition']}"
                    firsts[key, period.from_on, period.to_on] = First(row[f"{role}value"], where)
    return firsts
