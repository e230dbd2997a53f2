"""The trajectory of a target: what its measure came to by the end of each month, and the base by the same
day, counted as the target is."""

import datetime as dt
from dataclasses import replace
from typing import Any

from service.periods import Period, months_before, parse, whole_months
from service.pictures.drawable import MOST_MONTHS, require_drawable
from service.store import Book
from service.targets.actuals import actual_of, is_counted
from service.targets.projections import shifted


def trajectory(book: Book, target: dict[str, Any], to_on: dt.date) -> list[dict[str, Any]]:
    """From the first day of the target's period to the ends of its months up to `to_on`, and to that; nothing
    of what does not add up.

    Each `{"on", "value", "complete", "base", "base_complete"}`, where `base` is null unless the base begins
    on the same day of its year.
    """
    period = parse(target["period"])
    if not is_counted(target):
        return []
    ends = _ends(period.from_on, min(to_on, period.to_on))
    require_drawable(len(ends), MOST_MONTHS, "months of a target", "on")
    base = parse(target["base_period"]) if target["base_period"] else None
    return [_at(book, target, period, base, end) for end in ends]


def _ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of the months from the first day on, and the last day."""
    found, month = [], first.replace(day=1)
    while (month := months_before(month, -1)) <= last:
        found.append(month - dt.timedelta(days=1))
    return found if found and found[-1] == last else [*found, last]


def _at(
    book: Book, target: dict[str, Any], period: Period, base: Period | None, end: dt.date
) -> dict[str, Any]:
    part = replace(period, period=f"{period.from_on}..{end}", to_on=end)
    figure = actual_of(book, target, part, _same_part(period, base, part))
    compared = figure["compared"]
    return {
        "on": str(end),
        "value": figure["value"],
        "complete": figure["period"]["complete"],
        "base": compared and compared["value"],
        "base_complete": bool(compared and compared["period"]["complete"]),
    }


def _same_part(period: Period, base: Period | None, part: Period) -> Period | None:
    if base is None:
        return None
    years, rest = divmod(
        (period.from_on.year - base.from_on.year) * 12 + period.from_on.month - base.from_on.month, 12
    )
    alike = (
        rest == 0
        and years > 0
        and whole_months(period) is not None
        and whole_months(period) == whole_months(base)
    )
    return shifted(part, years) if alike else None
