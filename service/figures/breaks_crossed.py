"""Which breaks in series a figure, a comparison or a series crosses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from marshmallow import fields

from service.figures.question import Question
from service.figures.spans import Span
from service.store import Book
from service.web.fields import Date, Output


@dataclass(frozen=True)
class BreakCrossed:
    """A day from which crime is counted otherwise."""

    from_on: date
    name: str
    note: str
    series_break: str


class BreakCrossedSchema(Output):
    """A break between the two periods of a comparison."""

    from_on = Date()
    name = fields.String()
    note = fields.String()
    series_break = fields.String(metadata={"description": "GET /v1/breaks/{series_break} has its source."})


class _Break(NamedTuple):
    """A break of one category; of all its codes where `codes` is None."""

    category: str
    codes: list[str] | None
    crossed: BreakCrossed


class Breaks:
    """The breaks that may lie within the periods of a question, of the categories that it asks for."""

    def __init__(self, book: Book, question: Question) -> None:
        periods = [period for period in (question.period, question.base) if period]
        rows = book.figures.breaks_crossed.concerning(
            categories=question.categories,
            after=min(period.from_on for period in periods),
            until=max(period.to_on for period in periods),
        )
        self._breaks = [
            _Break(
                row["category"],
                row["codes"],
                BreakCrossed(row["from_on"], row["name"], row["note"], row["series_break"]),
            )
            for row in rows
        ]

    def within(self, category: str, code: str | None, span: Span) -> list[BreakCrossed]:
        """Those that a figure's own period holds: its first days are counted otherwise than its last."""
        return list(self._between(category, code, span.from_on, span.to_on))

    def crossed(self, category: str, code: str | None, span: Span, base: Span) -> list[BreakCrossed]:
        """Those between a figure's period and the one it is compared with, or within one of them."""
        first, last = min(span.from_on, base.from_on), max(span.to_on, base.to_on)
        return list(self._between(category, code, first, last))

    def throughout(self, category: str, first: Span, last: Span) -> list[BreakCrossed]:
        """Those within a series, from the first day of its first period to the last of its last."""
        return list(self._between(category, None, first.from_on, last.to_on))

    def _between(self, category: str, code: str | None, first: date, last: date) -> Iterator[BreakCrossed]:
        for one in self._breaks:
            of_code = code is None or one.codes is None or code in one.codes
            if of_code and one.category == category and first < one.crossed.from_on <= last:
                yield one.crossed
