"""Actuals: what a target's measure came to in a span of days, whichever part of the book it is observed in.

`observe` looks up the names of a target once. A measure that comes to be kept in another way is joined to
`Observation`, and nothing of progress, projections or caveats changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypedDict
from uuid import UUID

from marshmallow import fields

from service.figures import by_measure, evidence
from service.figures.figure import Figure, FigureSchema
from service.figures.question import MeasuredQuestion
from service.figures.ranking.places import RankingQuestion, find_place, rank_places
from service.figures.spans import span
from service.periods import Period
from service.periods import days as spanning_days
from service.reference import areas
from service.reference.areas import NamedArea
from service.reference.categories import Counted
from service.store import Book
from service.store.book import Row
from service.targets.kinds import POLICE_MEASURES
from service.targets.target import Target
from service.web.fields import Boolean, Date, Quantity, Uuid

COUNTED = ("offences", "victims")
"""Measures that are counted from records or read from a return."""
ADDING_UP = (*COUNTED, "outcomes")
"""Those of the police that grow day by day."""
DIVIDED = ("rate", "household-rate", "severity")
"""Those that are not annualised."""
Span = tuple[Period, Period | None]
"""Days, and those they are compared with."""
RANKED_BY = {"offences": "number", "rate": "rate"}
"""By which order places are ranked, for a target that aims at a rank."""


@dataclass(frozen=True, kw_only=True)
class Actual(Figure):
    """What a target's measure came to in a span of days: a figure; or `reason`, why there is no value."""

    reason: str | None
    release_id: UUID | None = None
    """Of a frozen base: the release that published it."""
    cautions: tuple[str, ...] = ()
    """What else bears on it."""


class ObservedSchema(FigureSchema):
    """What the measure came to, from the first day to the last that is known: a figure, where it is
    counted."""

    category = fields.Nested(Counted, allow_none=True)
    complete = Boolean(
        attribute="period.complete", metadata={"description": "Is everything known of these days?"}
    )
    reason = fields.String(allow_none=True, metadata={"description": "Why there is no value."})
    release_id = Uuid(
        allow_none=True, metadata={"description": "Of a frozen base: the release that published it."}
    )
    value = Quantity(allow_none=True)

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(attribute="period.from_on"), "to": Date(attribute="period.to_on")}


def is_counted(target: Target) -> bool:
    """Is its actual a count of recorded crime, which adds up day by day and can be projected?"""
    return target.measure in COUNTED and target.kind != "rank"


def is_divided(target: Target) -> bool:
    """Is its actual divided by who lives there, so that what a part of the period comes to says nothing of
    the whole?"""
    return target.measure in DIVIDED and target.kind != "rank"


@dataclass(frozen=True)
class Observation:
    """How the measure of a target is observed: by a question that the figures answer for any days; None for a
    measure that is not known."""

    book: Book
    target: Target
    question: MeasuredQuestion | None

    @property
    def adds_up(self) -> bool:
        """Does its actual grow day by day to that of the period?"""
        if self.target.kind == "rank" or self.question is None:
            return False
        measure = self.question.description
        return measure.adds_up == "sum" if not measure.built_in else measure.measure in ADDING_UP

    def read_actual(self, days: Period, base: Period | None = None) -> Actual:
        """What the measure came to in these days, compared with the base where one is given."""
        [actual] = self.read_actuals([(days, base)])
        return actual

    def read_actuals(self, spans: Sequence[Span]) -> list[Actual]:
        """What the measure came to in each of these spans of days, each compared with its base."""
        book, target, question = self.book, self.target, self.question
        if target.kind == "rank":
            return [_read_rank(book, target, days) for days, _ in spans]
        if question is None:
            cause = f"no measure is called {target.measure}"
            return [_unobserved(book, target, days, cause) for days, _ in spans]
        figures = [
            figure
            for days, base in spans
            for figure in by_measure.answer_question(book, replace(question, period=days, base=base))
        ]
        return [_make_actual(target, figure) for figure in figures]

    def find_last_day(self, days: Period) -> date | None:
        """The last of these days up to which everything is known from the first; None where nothing is known
        whole."""
        statements, target = self.book.targets.actuals, self.target
        where: Row = {"area": target.area, "from_on": days.from_on, "to_on": days.to_on}
        if target.measure not in POLICE_MEASURES:
            return statements.observed_to.value(date, measure=target.measure, **where)
        if target.source == "records":
            return statements.recorded_to.value(date, category=target.category, **where)
        assert self.question is not None  # a measure of the police is always known
        rows: list[EndRow] = statements.days_returned(source=target.source, **where)
        for row in rows:
            question = replace(self.question, period=spanning_days(days.from_on, row["to_on"]), base=None)
            [figure] = by_measure.answer_question(self.book, question)
            if figure.period.complete:
                return row["to_on"]
        return None


def observe(book: Book, target: Target) -> Observation:
    """How the measure of this target is observed. Raises 400 for a name that is not known any more."""
    is_police = target.measure in POLICE_MEASURES
    if not is_police and book.reference.measures.read.row(measure=target.measure) is None:
        return Observation(book, target, None)
    question = by_measure.resolve_answerable(
        book,
        area=[target.area],
        category=[target.category] if target.category else None,
        measure=target.measure,
        period=target.days,
        source=target.source if is_police else None,
    )
    return Observation(book, target, question)


def _make_actual(target: Target, figure: Figure) -> Actual:
    is_absent = figure.value is None
    reason = _word_absence(target, figure.period.period, figure.withheld) if is_absent else None
    return Actual(**vars(figure), reason=reason)


class EndRow(TypedDict):
    """A row of the statement `days_returned`."""

    to_on: date


class Whole(TypedDict):
    """The area among whose parts a target's area is ranked, and of which kind these are."""

    area: str
    kind: str


def _read_rank(book: Book, target: Target, days: Period) -> Actual:
    """Its place among those of its kind: the forces of the widest nation that it lies in, or the districts of
    its force.

    It is known whole where all can be ranked; or where those that cannot would change nothing, the rank aimed
    at being lost without them.
    """
    order = RANKED_BY.get(target.measure)
    whole = book.targets.actuals.ranked_within.one(Whole, area=target.area)
    if order is None:
        return _unobserved(book, target, days, f"places are not ranked by {target.measure}")
    if whole is None:
        return _unobserved(book, target, days, f"{target.area} lies in nothing whose parts are ranked")
    assert target.category is not None  # what is ranked is recorded crime
    assert target.rank is not None
    question = RankingQuestion(
        **whole, category=target.category, order=order, source=target.source, period=days
    )
    ranking = rank_places(book, question)
    place = find_place(ranking, target.area)
    is_lost = place.rank is not None and place.rank > target.rank
    complete = place.period.complete and (ranking.coverage.complete or is_lost)
    return Actual(
        area=place.area,
        category=place.category,
        code=None,
        month=None,
        measure=target.measure,
        source=place.source,
        edition=place.edition,
        period=replace(place.period, complete=complete),
        value=place.rank,
        compared=None,
        evidence=evidence.address(
            "/v1/summaries/ranking",
            area=question.area,
            kind=question.kind,
            category=question.category,
            order=order,
            source=question.source,
            period=days.period,
            as_of=book.as_of,
        ),
        wording=place.wording,
        withheld=place.withheld,
        note=place.wording,
        count=place.count,
        reason=_word_absence(target, days.period, place.withheld) if place.rank is None else None,
        cautions=(place.wording, *ranking.cautions),
    )


def _unobserved(book: Book, target: Target, days: Period, cause: str) -> Actual:
    """The actual of a measure that nothing in the book observes."""
    area = areas.find_area(book, target.area)
    reason = _word_absence(target, days.period, cause)
    return Actual(
        area=NamedArea(area.code, area.name),
        category=None,
        code=None,
        month=None,
        measure=target.measure,
        source=target.source,
        edition=None,
        period=span(days, complete=False),
        value=None,
        compared=None,
        evidence=None,
        wording=reason,
        reason=reason,
    )


def _word_absence(target: Target, period: str, cause: str | None) -> str:
    """`no observation of savings-gbp in 2013/14: no measure is called savings-gbp`."""
    what = f"a rank by {target.measure}" if target.kind == "rank" else target.measure
    return f"no observation of {what} in {period}" + (f": {cause}" if cause else "")
