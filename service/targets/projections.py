"""Projections: where a count that is part of the way will end, by three methods, each with how far it erred
in earlier periods."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypedDict

from marshmallow import fields

from service.figures.by_measure import answer_question
from service.periods import Period, months_touched
from service.store import as_json
from service.targets.actuals import Observation
from service.targets.parts import shift_back
from service.web.fields import Choice, Integer, Number, Output

EARLIER = 8
"""How many periods back are looked at: more would reach across breaks and other ways of recording."""
EARLIEST_YEAR = 1850


@dataclass(frozen=True)
class ProjectedInterval:
    """Both ends of an interval that should hold the end with that chance."""

    low: Decimal
    high: Decimal


class ProjectedIntervalSchema(Output):
    """Both ends of an interval that should hold the end with that chance."""

    high = Number()
    low = Number()


@dataclass(frozen=True)
class BackTest:
    """How a method did in earlier periods: of how many, how many ended inside their 80 per cent interval, and
    their share in per cent."""

    inside: int
    periods: int
    share_inside: float | None


class BackTestSchema(Output):
    """The same method at the same day of earlier periods, each held against an interval made from the
    others."""

    inside = Integer(
        least=0, most=EARLIER, metadata={"description": "How many ended inside their 80 per cent interval."}
    )
    periods = Integer(least=0, most=EARLIER)
    share_inside = Number(
        allow_none=True, metadata={"description": "In per cent; null where nothing could be tested."}
    )


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Where a count would end by one method, and how far the method erred in earlier periods."""

    back_test: BackTest
    interval_80: ProjectedInterval | None
    interval_95: ProjectedInterval | None
    learnt_from: int
    method: str
    phi: Decimal | None
    projected: Decimal | None
    withheld: str | None


class ProjectionSchema(Output):
    """Where the count would end by one method.

    straight_line: count × days / days so far. seasonal: count / the mean share of a period that earlier ones
    had by that day (three to five of them). last_year_rest: count + the rest of the period before × count /
    its count by that day. The rest M has a variance of phi × M; phi is learnt from the method's own errors in
    up to eight earlier periods, and the quantile is of Student's t.
    """

    back_test = fields.Nested(BackTestSchema)
    interval_80 = fields.Nested(ProjectedIntervalSchema, allow_none=True)
    interval_95 = fields.Nested(ProjectedIntervalSchema, allow_none=True)
    learnt_from = Integer(
        least=0, most=EARLIER, metadata={"description": "From the errors of how many earlier periods."}
    )
    method = Choice("ProjectionMethod", "straight_line", "seasonal", "last_year_rest")
    phi = Number(allow_none=True)
    projected = Number(allow_none=True)
    withheld = fields.String(
        allow_none=True, metadata={"description": "Why there is no projection, or no interval."}
    )


class EarlierPeriod(TypedDict):
    """What an earlier period came to, so many steps back: by the same day, and at its end."""

    ago: int
    part: int | None
    whole: int | None
    days_part: int
    days: int


def project(observation: Observation, part: Period, count: int | None) -> list[Projection]:
    """Project a count of the first part of a target's period to its end; by each method, the surest first."""
    return observation.book.targets.projections.project.all(
        _make_projection,
        years=as_json(_read_earlier(observation, part)),
        part=count,
        days_part=_length(part),
        days=_length(observation.target.days),
    )


def _list_earlier(period: Period, part: Period) -> list[tuple[int, Period, Period]]:
    """How many steps back, the same part and the same whole of earlier periods, the latest first."""
    step = math.ceil(months_touched(period) / 12)
    return [
        (ago, shift_back(part, ago * step), shift_back(period, ago * step))
        for ago in range(1, EARLIER + 1)
        if period.from_on.year - ago * step >= EARLIEST_YEAR
    ]


def _read_earlier(observation: Observation, part: Period) -> list[EarlierPeriod]:
    """What earlier periods came to, back to the first that is not known whole."""
    assert observation.question is not None  # only what is counted is projected
    found: list[EarlierPeriod] = []
    for ago, days_part, days in _list_earlier(observation.target.days, part):
        question = replace(observation.question, period=days_part, base=days)
        [figure] = answer_question(observation.book, question)
        compared = figure.compared
        if compared is None or not (figure.period.complete and compared.period.complete):
            break
        found.append(
            {
                "ago": ago,
                "part": figure.counted(),
                "whole": compared.counted(),
                "days_part": (days_part.to_on - days_part.from_on).days + 1,
                "days": (days.to_on - days.from_on).days + 1,
            }
        )
    return found


def _length(period: Period) -> int:
    return (period.to_on - period.from_on).days + 1


def _make_projection(
    *,
    method: str,
    projected: Decimal | None,
    low_80: Decimal | None,
    high_80: Decimal | None,
    low_95: Decimal | None,
    high_95: Decimal | None,
    phi: Decimal | None,
    learnt_from: int,
    tested_on: int,
    tested_inside: int,
    withheld: str | None,
) -> Projection:
    share = round(100 * tested_inside / tested_on, 1) if tested_on else None
    return Projection(
        back_test=BackTest(tested_inside, tested_on, share),
        interval_80=_make_interval(low_80, high_80),
        interval_95=_make_interval(low_95, high_95),
        learnt_from=learnt_from,
        method=method,
        phi=phi,
        projected=projected,
        withheld=withheld,
    )


def _make_interval(low: Decimal | None, high: Decimal | None) -> ProjectedInterval | None:
    return None if low is None or high is None else ProjectedInterval(low, high)
