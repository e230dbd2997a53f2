"""A file of official counts into staging, cell by cell, as its tables have them; what they mean is then told
by SQL."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from service.intake.returns import tables, workbooks
from service.intake.returns.layouts import Head, Layout, headed, text, unknown, unnoted
from service.intake.returns.tables import Row, Table
from service.periods import Period
from service.store import Book
from service.store.copying import copy
from service.web.problems import Problem

STAGED = (
    "cell",
    "sheet",
    "line",
    "stray",
    "from_on",
    "to_on",
    "force_code",
    "force",
    "partnership_code",
    "partnership",
    "counted",
    "quarter",
    "year",
    "outcome",
    "number",
    "basis",
)
_SLOT = {column: at for at, column in enumerate(STAGED)}
_CELL, _LINE, _STRAY, _YEAR, _NUMBER, _BASIS = (
    _SLOT[column] for column in ("cell", "line", "stray", "year", "number", "basis")
)
_YEAR_SHEET = re.compile(r"([12][0-9]{3})[_/ -]([0-9]{2})")
_LONGEST_WIDE = 20_000
"""Lines of a table with a column for each group of offences; England and Wales has some 350 partnerships."""


@dataclass(frozen=True)
class Asked:
    """What the sender says of a file that does not say it itself: the period of its counts, the basis of its
    outcomes."""

    period: Period | None = None
    basis: str | None = None


def stage(book: Book, file: bytes, asked: Asked) -> Layout:
    """Put the cells of a file, CSV as it is or gzipped, ODS or XLSX, into staged_count; returns its layout.

    Raises a 422 problem, with the line, for a file that cannot be read or has headings that are not known.
    """
    book.intake.returns.returns.begin_staging()
    if not file.startswith(tables.ZIP):
        staging = Staging(asked)
        copy(book, "staged_count", STAGED, staging.cells(iter([tables.of_csv(file)])))
    else:
        alike = frozenset(row["code"] for row in book.intake.returns.returns.codes_alike_as_numbers())
        staging = Staging(asked, alike)
        with closing(workbooks.of_workbook(file)) as sheets:
            copy(book, "staged_count", STAGED, staging.cells(sheets))
    assert staging.layout is not None
    return staging.layout


@dataclass
class Staging:
    """The cells of one file, and what is found out on the way: its layout, and the sheets that hold no
    counts."""

    asked: Asked
    alike_codes: frozenset[str] = frozenset()
    layout: Layout | None = None
    passed_over: list[str] = field(default_factory=list)
    years: dict[str, str] = field(default_factory=dict)
    _cell: int = 0

    def cells(self, found: Iterator[Table]) -> Iterator[list[Any]]:
        """Every cell of every table."""
        for table in found:
            year = self._year_of(table)
            head = headed(table)
            if head is None and (table.sheet is None or year):
                raise unknown(table)
            if head is None:
                self.passed_over.append(str(table.sheet))
            else:
                yield from self._cells_under(head, table, year)
        if self.layout is None:
            raise Problem(
                "refused-file",
                "No sheet has counts under headings that are known here. "
                f"The workbook has {', '.join(self.passed_over) or 'none at all'}.",
            )

    def _year_of(self, table: Table) -> str | None:
        """The financial year that a sheet is named by. Raises a 422 problem for a second sheet of a year."""
        named = _YEAR_SHEET.fullmatch(table.sheet.strip()) if table.sheet else None
        if named is None:
            return None
        year = f"{named[1]}/{named[2]}"
        if year in self.years:
            raise Problem(
                "refused-file",
                f"Sheets {self.years[year]} and {table.sheet} are both of {year}: which of the two is meant?",
            )
        self.years[year] = str(table.sheet)
        return year

    def _cells_under(self, head: Head, table: Table, year: str | None) -> Iterator[list[Any]]:
        rows: Iterator[Row] = table.rows
        if head.layout.wide:
            held = list(islice(rows, _LONGEST_WIDE))
            if head.counts_nothing(held):
                if table.sheet is None:
                    raise Problem(
                        "refused-file",
                        "The table is of percentages or rates, not of counts: send the table of numbers.",
                    )
                self.passed_over.append(table.sheet)
                return
            rows = iter(held)
        if self.layout not in (None, head.layout):
            raise Problem(
                "refused-file",
                f"Sheet {table.sheet} is {head.layout.name}, an earlier one is not: send each alone.",
            )
        self.layout = head.layout
        begun: list[Any] = [None] * len(STAGED)
        begun[_SLOT["sheet"]] = table.sheet
        cells = self._wide(head, rows, begun) if head.layout.wide else self._long(head, rows, begun, year)
        for cell in cells:
            self._cell += 1
            cell[_CELL] = self._cell
            yield cell

    def _wide(self, head: Head, rows: Iterator[Row], begun: list[Any]) -> Iterator[list[Any]]:
        """Each group of each row; a row that names a place and counts nothing of it holds no cell."""
        period = head.period(self.asked.period)
        begun[_SLOT["from_on"]], begun[_SLOT["to_on"]] = period.from_on, period.to_on
        groups = head.groups
        for line, row in rows:
            cells = begun.copy()
            cells[_LINE] = line
            counts = {at: text(row[at]) for at in groups if at < len(row)}
            if not any(counts.values()):
                continue
            if amiss := _amiss(head, row):
                cells[_STRAY] = amiss
                yield cells
                continue
            for column, slot in head.layout.staged.items():
                if column in head.columns:
                    cells[_SLOT[slot]] = unnoted(text(row[head.columns[column]]))
            for at, group in groups.items():
                cell = cells.copy()
                cell[_SLOT["counted"]], cell[_NUMBER] = group, counts[at]
                yield cell

    def _long(
        self, head: Head, rows: Iterator[Row], begun: list[Any], year: str | None
    ) -> Iterator[list[Any]]:
        """The count of each row, or its two: outcomes are counted on two bases."""
        if self.asked.period is not None:
            raise _not_asked(
                "period", "The file says itself of which period each count is: leave period out."
            )
        clean: Callable[[Any], str] = text if head.sheet else str.strip
        taken = [
            (_SLOT[slot], head.columns[column])
            for column, slot in head.layout.staged.items()
            if column in head.columns
        ]
        counts = self._bases(head)
        code_at = head.columns.get("code") if head.sheet else None
        for line, row in rows:
            if not any(row):
                continue
            cell = begun.copy()
            cell[_LINE] = line
            if (amiss := _amiss(head, row)) is None:
                for slot, at in taken:
                    cell[slot] = clean(row[at])
                if year and cell[_YEAR] != year:
                    amiss = f"The sheet is of {year}, and this line of {cell[_YEAR] or 'no year'}."
                elif (
                    code_at is not None
                    and isinstance(row[code_at], float)
                    and text(row[code_at]) in self.alike_codes
                ):
                    amiss = (
                        f"{text(row[code_at])} stands in a cell of numbers, where a nought at the end is"
                        " lost: make the codes text."
                    )
            if amiss is not None:
                cell = begun.copy()
                cell[_LINE], cell[_STRAY] = line, amiss
                yield cell
                continue
            for at, basis in counts:
                cell[_NUMBER], cell[_BASIS] = clean(row[at]), basis
                yield cell.copy() if len(counts) > 1 else cell

    def _bases(self, head: Head) -> list[tuple[int, str | None]]:
        """The columns of counts, each with the basis on which it counts outcomes."""
        found: list[tuple[int, str | None]] = [
            (head.columns[one], one if one in ("assigned", "recorded") else self.asked.basis)
            for one in head.layout.counts
            if one in head.columns
        ]
        if "outcomes" in head.columns and (self.asked.basis is None or len(found) > 1):
            raise _not_asked(
                "basis",
                "The heading Outcomes does not say of what: add basis=recorded where they are outcomes of"
                " crimes recorded in the quarter, basis=assigned where they are those assigned in it.",
            )
        if "outcomes" not in head.columns and self.asked.basis is not None:
            raise _not_asked(
                "basis",
                "The file says itself on which basis it counts outcomes, or counts none: leave basis out.",
            )
        return found


def _not_asked(parameter: str, detail: str) -> Problem:
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def _amiss(head: Head, row: list[Any]) -> str | None:
    """What is wrong with a row as a row: cells that no heading names are a fault, unless a spreadsheet left
    them empty at the end."""
    columns = len(head.headings)
    if len(row) < columns or any(row[columns:]):
        return f"The line has {len(row)} cells, the header {columns}."
    if not all(head.headings) and any(row[at] for at, heading in enumerate(head.headings) if not heading):
        return (
            "The line has a cell under an empty heading: a heading of merged cells names the first of its"
            " columns only."
        )
    return None
