"""The layouts of data.police.uk files: which headings they have, and how each cell is read."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

Value = str | int | Decimal | dt.date | None
"""What stands in a cell: of an empty one null."""

Reader = Callable[[str], Value]
"""Reads a cell. Raises ValueError with the sentence to show."""

Layout = dict[str, tuple[str, Reader]]
"""For each heading the column that its cells go to, and how they are read."""

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
_METRES = re.compile(r"[0-9]{1,7}(\.0{1,6})?")
EARLIEST = dt.date(2010, 12, 1)
"""The first month that was published."""


def _text(longest: int) -> Reader:
    def read(cell: str) -> str | None:
        if len(cell) > longest:
            raise ValueError(f"It has more than {longest} characters.")
        return cell or None

    return read


def _needed(read: Reader) -> Reader:
    def read_needed(cell: str) -> Value:
        if not cell:
            raise ValueError("It may not be empty.")
        return read(cell)

    return read_needed


def read_month(cell: str) -> dt.date:
    """The first day of a month. Raises ValueError with the sentence to show."""
    if not _MONTH.fullmatch(cell):
        raise ValueError("Send a month as YYYY-MM.")
    first = dt.date.fromisoformat(f"{cell}-01")
    if first < EARLIEST:
        raise ValueError("Nothing was published of months before December 2010.")
    return first


def _degrees(most: int) -> Reader:
    def read(cell: str) -> Decimal | None:
        if cell and (not _DEGREES.fullmatch(cell) or abs(Decimal(cell)) > most):
            raise ValueError(f"Send degrees from -{most} to {most}, like -0.897363.")
        return Decimal(cell) if cell else None

    return read


def _read_metres(cell: str) -> int | None:
    if cell and not _METRES.fullmatch(cell):
        raise ValueError("Send whole metres of the National Grid, like 475312.")
    return int(cell.partition(".")[0]) if cell else None


_PLACED: Layout = {
    "Crime ID": ("crime_id", _text(100)),
    "Month": ("month", _needed(read_month)),
    "Reported by": ("reported_by", _needed(_text(200))),
    "Falls within": ("falls_within", _text(200)),
    "Longitude": ("longitude", _degrees(180)),
    "Latitude": ("latitude", _degrees(90)),
    "Location": ("location", _text(500)),
    "LSOA code": ("lsoa", _text(20)),
    "LSOA name": ("lsoa_name", _text(100)),
}
_TYPED: Layout = {"Crime type": ("crime_type", _needed(_text(100)))}
LAYOUTS: tuple[tuple[str, Layout], ...] = (
    (
        "street",
        {
            **_PLACED,
            **_TYPED,
            "Last outcome category": ("last_outcome", _text(200)),
            "Context": ("context", _text(500)),
        },
    ),
    (
        "street",
        {
            "Month": _PLACED["Month"],
            "Reported by": _PLACED["Reported by"],
            "Falls within": _PLACED["Falls within"],
            "Easting": ("easting", _read_metres),
            "Northing": ("northing", _read_metres),
            "Location": _PLACED["Location"],
            **_TYPED,
            "Context": ("context", _text(500)),
        },
    ),
    ("outcomes", {**_PLACED, "Outcome type": ("outcome_type", _needed(_text(200)))}),
)
"""The headings that a file can have, in the order published: of street crimes, of street crimes before 2013,
of outcomes."""
