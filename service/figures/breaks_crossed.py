"""Which breaks in series a figure, a comparison or a series crosses."""

from datetime import date
from typing import Any

from marshmallow import fields

from service.figures.question import Question
from service.store import Book
from service.web.fields import Date, Output

Row = dict[str, Any]


class BreakCrossed(Output):
    """A break between the two periods of a comparison."""

    from_on = Date()
    name = fields.String()
    note = fields.String()
    series_break = fields.String(metadata={"description": "GET /v1/breaks/{series_break} has its source."})


class Breaks:
    """The breaks that may lie within the periods of a question, of the categories that it asks for."""

    def __init__(self, book: Book, question: Question) -> None:
        spans = [one for one in (question.period, question.base) if one]
        self._held: list[Row] = book.figures.breaks_crossed.concerning(
            categories=question.categories,
            after=min(one.from_on for one in spans),
            until=max(one.to_on for one in spans),
        )

    def within(self, figure: Row) -> list[Row]:
        """Those that a figure's own period holds: its first days are counted otherwise than its last."""
        return self._between(figure, figure["period"]["from"], figure["period"]["to"])

    def crossed(self, figure: Row, base: Row) -> list[Row]:
        """Those between a figure's period and the one it is compared with, or within one of them."""
        own = figure["period"]
        return self._between(figure, min(own["from"], base["from"]), max(own["to"], base["to"]))

    def throughout(self, series: Row, first: Row, last: Row) -> list[Row]:
        """Those within a series, from the first day of its first period to the last of its last."""
        return self._between({**series, "code": None}, first["from"], last["to"])

    def _between(self, figure: Row, first: date, last: date) -> list[Row]:
        category, code = figure["category"]["code"], figure["code"]
        return [
            one
            for one in self._held
            if one["category"] == category
            and first < one["from_on"] <= last
            and (code is None or one["codes"] is None or code in one["codes"])
        ]
