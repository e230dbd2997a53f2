"""Parts of a target's period, and the same parts of its base and of earlier periods."""

from dataclasses import replace
from datetime import date

from service.periods import Period, days, whole_months


def shift_back(span: Period, years: int) -> Period:
    """The same days so many years earlier."""
    shifted = days(span.from_on, span.to_on)
    for _ in range(years):
        shifted = shifted.last_year()
    return shifted


def cut_off(period: Period, last: date) -> Period:
    """The days of a period up to this one."""
    return replace(period, period=f"{period.from_on}..{last}", to_on=last)


def same_part(period: Period, part: Period, base: Period | None) -> Period | None:
    """The days of the base that are to it what the part is to the period. None where the base begins on
    another day of the year or is of another length in whole months."""
    if base is None:
        return None
    years, rest = divmod(_months(base, period), 12)
    is_alike = rest == 0 and whole_months(period) is not None and whole_months(period) == whole_months(base)
    return shift_back(part, years) if is_alike else None


def _months(earlier: Period, later: Period) -> int:
    """From the month in which one begins to that in which the other does."""
    first, last = earlier.from_on, later.from_on
    return (last.year - first.year) * 12 + last.month - first.month
