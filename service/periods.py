"""Periods as the field writes them: 2012/13 · 2012/13Q1 · 2013 · 2013-03 · 12m:2013-03 · ytd:2013-02-14 ·
2012-04-01..2013-03-31."""

import functools
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields

EARLIEST, LATEST = 1801, 2998
MANY = 4096  # periods that are remembered by their names and days
_FORMS = {
    "year": re.compile(r"([0-9]{4})/([0-9]{2})"),
    "quarter": re.compile(r"([0-9]{4})/([0-9]{2})Q([1-4])"),
    "calendar": re.compile(r"([0-9]{4})"),
    "month": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "twelve": re.compile(r"12m:([0-9]{4})-([0-9]{2})"),
    "to_date": re.compile(r"ytd:([0-9]{4}-[0-9]{2}-[0-9]{2})"),
    "days": re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})"),
}
EXPLAINED = (
    "A period is 2012/13, 2012/13Q1, 2013, 2013-03, 12m:2013-03, ytd:2013-02-14 or 2012-04-01..2013-03-31."
)


@dataclass(frozen=True)
class Period:
    """A run of days, both ends in, as it was named."""

    period: str
    from_on: date
    to_on: date

    def previous(self) -> "Period":
        """The period of the same kind just before."""
        kind, _ = _match(self.period)
        if kind in ("year", "calendar", "twelve", "to_date"):
            return self.last_year()
        if kind == "quarter":
            return parse(_quarter_of(months_before(self.from_on, 3)))
        if kind == "month":
            return parse(_month(months_before(self.from_on, 1)))
        if (months := whole_months(self)) is not None:
            return days(months_before(self.from_on, months), self.from_on - timedelta(days=1))
        length = self.to_on - self.from_on
        return days(self.from_on - timedelta(days=1) - length, self.from_on - timedelta(days=1))

    def last_year(self) -> "Period":
        """The same period a year earlier: whole months stay whole, and elsewhere 29 February falls on the
        28th."""
        kind, _ = _match(self.period)
        first, last = months_before(self.from_on, 12), months_before(self.to_on, 12)
        if kind == "days":
            if (
                whole_months(self) is not None
            ):  # the last day of a month is the last day of that month a year earlier
                last = months_before(self.to_on + timedelta(days=1), 12) - timedelta(days=1)
            return days(first, last)
        return parse(
            {
                "year": f"{first.year:04}/{(first.year + 1) % 100:02}",
                "quarter": _quarter_of(first),
                "calendar": f"{first.year:04}",
                "month": _month(first),
                "twelve": f"12m:{last.year:04}-{last.month:02}",
                "to_date": f"ytd:{last}",
            }[kind]
        )


def days(first: date, last: date) -> Period:
    """Any days, both ends in. Raises ValueError where they lie outside the years that can be asked for."""
    return parse(f"{first}..{last}")


@functools.lru_cache(MANY)  # a series asks for each of its months
def spanning(first: date, last: date) -> Period:
    """The period of these days by its shortest name: a month, quarter, financial year or twelve months where
    it is one."""
    whole = {1: _month(first), 3: _quarter_of(first), 12: _year_to(last)}
    named = whole.get(whole_months(days(first, last)) or 0)
    return found if named and (found := parse(named)).from_on == first else days(first, last)


def _year_to(last: date) -> str:
    return f"{last.year - 1:04}/{last.year % 100:02}" if last.month == 3 else f"12m:{_month(last)}"


def _month(first: date) -> str:
    return f"{first.year:04}-{first.month:02}"


def _quarter_of(first: date) -> str:
    year = _financial_year(first)
    return f"{year:04}/{(year + 1) % 100:02}Q{(first.month - 4) % 12 // 3 + 1}"


def _financial_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month where it is shorter."""
    month = day.year * 12 + day.month - 1 - months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _match(text: str) -> tuple[str, re.Match[str]]:
    for kind, form in _FORMS.items():
        if match := form.fullmatch(text):
            return kind, match
    raise ValueError(f"{text[:40]} is not a period. {EXPLAINED}")


def _bounds(kind: str, match: re.Match[str]) -> tuple[date, date]:
    if kind in ("year", "quarter"):
        year, following = int(match[1]), int(match[2])
        if following != (year + 1) % 100:
            raise ValueError(
                f"{match[0]} is not a financial year: {year} is followed by {(year + 1) % 100:02}."
            )
        if kind == "year":
            return date(year, 4, 1), date(year + 1, 3, 31)
        first = date(year + (match[3] == "4"), (int(match[3]) * 3) % 12 + 1, 1)
        return first, months_before(first, -3) - timedelta(days=1)
    if kind == "calendar":
        return date(int(match[1]), 1, 1), date(int(match[1]), 12, 31)
    if kind in ("month", "twelve"):
        first = date(int(match[1]), int(match[2]), 1)
        last = date(first.year, first.month, monthrange(first.year, first.month)[1])
        return (first if kind == "month" else months_before(first, 11)), last
    if kind == "to_date":
        last = date.fromisoformat(match[1])
        return date(_financial_year(last), 4, 1), last
    return date.fromisoformat(match[1]), date.fromisoformat(match[2])


@functools.lru_cache(MANY)
def parse(text: str) -> Period:
    """The period that the text names. Raises ValueError with the sentence to show."""
    kind, match = _match(text)
    try:
        first, last = _bounds(kind, match)
    except ValueError as fault:
        raise ValueError(
            str(fault)
            if "financial" in str(fault)
            else f"{text} holds a day that the calendar does not have."
        ) from None
    if first > last:
        raise ValueError(f"{text} ends before it begins.")
    if not EARLIEST <= first.year <= last.year <= LATEST:
        raise ValueError(f"Ask for a period between the years {EARLIEST} and {LATEST}.")
    return Period(text, first, last)


class PeriodField(fields.Field[Period]):
    """A period, written in any of its forms."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> Period:
        if not isinstance(value, str):
            raise ValidationError(EXPLAINED)
        try:
            return parse(value)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None


def compared_with(period: Period, compare: str | None) -> Period | None:
    """The period to compare with: previous, last-year, or one that is named. Raises ValueError with the
    sentence to show."""
    if compare is None:
        return None
    if compare in ("previous", "last-year"):
        return period.previous() if compare == "previous" else period.last_year()
    try:
        return parse(compare)
    except ValueError as fault:
        raise ValueError(f"{fault} compare also takes previous and last-year.") from None


def whole_months(period: Period) -> int | None:
    """How many months it is, where it begins with one and ends with one; else None."""
    after = period.to_on + timedelta(days=1)
    return (
        (after.year - period.from_on.year) * 12 + after.month - period.from_on.month
        if period.from_on.day == after.day == 1
        else None
    )


def months_touched(period: Period) -> int:
    """How many months have a day in it."""
    return (period.to_on.year - period.from_on.year) * 12 + period.to_on.month - period.from_on.month + 1
