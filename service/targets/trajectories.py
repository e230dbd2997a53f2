"""The trajectory of a target: what its measure came to by the end of each month, and the base by the same
day, counted as the target is."""

import datetime as dt
from dataclasses import dataclass

from service.figures.figure import Value
from service.periods import Period, months_before
from service.pictures.drawable import MOST_MONTHS, require_drawable
from service.store import Book
from service.targets.actuals import Observation, is_counted, observe
from service.targets.parts import cut_off, same_part
from service.targets.target import Target


@dataclass(frozen=True)
class TrajectoryPoint:
    """What a measure came to from the first day of the period to this one, and the base by the same day of
    its year; `base` is None unless the base begins on the same day of its year."""

    on: str
    value: Value | None
    complete: bool
    base: Value | None
    base_complete: bool


def read_trajectory(book: Book, target: Target, to_on: dt.date) -> list[TrajectoryPoint]:
    """From the first day of the target's period to the ends of its months up to `to_on`, and to that; nothing
    of what does not add up."""
    if not is_counted(target):
        return []
    period, observation = target.days, observe(book, target)
    ends = _list_ends(period.from_on, min(to_on, period.to_on))
    require_drawable(len(ends), MOST_MONTHS, "months of a target", "on")
    return [_read_point(observation, cut_off(period, end)) for end in ends]


def _list_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of the months from the first day on, and the last day."""
    ends, month = [], first.replace(day=1)
    while (month := months_before(month, -1)) <= last:
        ends.append(month - dt.timedelta(days=1))
    return ends if ends and ends[-1] == last else [*ends, last]


def _read_point(observation: Observation, part: Period) -> TrajectoryPoint:
    target = observation.target
    actual = observation.read_actual(part, same_part(target.days, part, target.base_days))
    compared = actual.compared
    return TrajectoryPoint(
        on=str(part.to_on),
        value=actual.value,
        complete=actual.period.complete,
        base=compared.value if compared else None,
        base_complete=bool(compared and compared.period.complete),
    )
