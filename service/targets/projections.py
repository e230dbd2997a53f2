"""Projections: where a count that is part of the way will end, by three methods, each with how far it erred
in earlier periods."""

from typing import Any

from marshmallow import fields

from service.periods import Period, days
from service.store import Book, as_json
from service.targets.actuals import actual_of
from service.web.fields import Choice, Integer, Number, Output

EARLIER = 8
"""How many periods back are looked at: more would reach across breaks and other ways of recording."""
EARLIEST_YEAR = 1850


class ProjectedInterval(Output):
    """Both ends of an interval that should hold the end with that chance."""

    high = Number()
    low = Number()


class BackTest(Output):
    """The same method at the same day of earlier periods, each held against an interval made from the
    others."""

    inside = Integer(
        least=0, most=EARLIER, metadata={"description": "How many ended inside their 80 per cent interval."}
    )
    periods = Integer(least=0, most=EARLIER)
    share_inside = Number(
        allow_none=True, metadata={"description": "In per cent; null where nothing could be tested."}
    )


class Projection(Output):
    """Where the count would end by one method.

    straight_line: count × days / days so far. seasonal: count / the mean share of a period that earlier ones
    had by that day (three to five of them). last_year_rest: count + the rest of the period before × count /
    its count by that day. The rest M has a variance of phi × M; phi is learnt from the method's own errors in
    up to eight earlier periods, and the quantile is of Student's t.
    """

    back_test = fields.Nested(BackTest)
    interval_80 = fields.Nested(ProjectedInterval, allow_none=True)
    interval_95 = fields.Nested(ProjectedInterval, allow_none=True)
    learnt_from = Integer(
        least=0, most=EARLIER, metadata={"description": "From the errors of how many earlier periods."}
    )
    method = Choice("ProjectionMethod", "straight_line", "seasonal", "last_year_rest")
    phi = Number(allow_none=True)
    projected = Number(allow_none=True)
    withheld = fields.String(
        allow_none=True, metadata={"description": "Why there is no projection, or no interval."}
    )


def shifted(span: Period, years: int) -> Period:
    """The same days so many years earlier."""
    moved = days(span.from_on, span.to_on)
    for _ in range(years):
        moved = moved.last_year()
    return moved


def project(
    book: Book, target: dict[str, Any], period: Period, span: Period, part: int | None
) -> list[dict[str, Any]]:
    """Project a target's count of `part` in `span`, with which `period` begins, to the end of that; by each
    method, the surest first."""
    held = list(_earlier(book, target, period, span))
    rows = book.targets.projections.project(
        years=as_json(held),
        part=part,
        days_part=(span.to_on - span.from_on).days + 1,
        days=(period.to_on - period.from_on).days + 1,
    )
    return [_told(row) for row in rows]


def _earlier(book: Book, target: dict[str, Any], period: Period, span: Period) -> Any:
    """The same part and the same whole of earlier periods, back to the first that is not known whole."""
    step = max(
        1,
        -(
            -(
                period.to_on.year * 12
                + period.to_on.month
                - period.from_on.year * 12
                - period.from_on.month
                + 1
            )
            // 12
        ),
    )
    for ago in range(1, EARLIER + 1):
        if period.from_on.year - ago * step < EARLIEST_YEAR:
            return
        whole, part = shifted(period, ago * step), shifted(span, ago * step)
        figure = actual_of(book, target, part, whole)
        if not (figure["period"]["complete"] and figure["compared"]["period"]["complete"]):
            return
        yield {
            "ago": ago,
            "part": figure["value"],
            "whole": figure["compared"]["value"],
            "days_part": (part.to_on - part.from_on).days + 1,
            "days": (whole.to_on - whole.from_on).days + 1,
        }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    share = round(100 * row["tested_inside"] / row["tested_on"], 1) if row["tested_on"] else None
    return {
        **row,
        "back_test": {"inside": row["tested_inside"], "periods": row["tested_on"], "share_inside": share},
        **{
            f"interval_{level}": (
                {"low": row[f"low_{level}"], "high": row[f"high_{level}"]}
                if row[f"low_{level}"] is not None
                else None
            )
            for level in (80, 95)
        },
    }
