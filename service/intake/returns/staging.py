"""A file of official counts into staging, cell by cell, as its tables have them; SQL then finds what they
mean."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from service.intake.returns import tables, workbooks
from service.intake.returns.layouts import (
    Head,
    Layout,
    find_head,
    refuse_headings,
    strip_notes,
    write_cell,
)
from service.intake.returns.options import BASES, ReturnOptions
from service.intake.returns.tables import Cell, Row, Table
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


Staged = list[Cell | date]
"""What staging holds of a cell, in the order of STAGED."""


def stage_return(book: Book, file: bytes, options: ReturnOptions) -> Layout:
    """Put the cells of a file, CSV as it is or gzipped, ODS or XLSX, into staged_count; returns its layout.

    Raises a 422 problem, with the line, for a file that cannot be read or has headings of no layout.
    """
    book.intake.returns.returns.begin_staging()
    if not file.startswith(tables.ZIP):
        staging = Staging(options)
        copy(book, "staged_count", STAGED, staging.read_cells(iter([tables.read_csv(file)])))
    else:
        alike = frozenset(row["code"] for row in book.intake.returns.returns.codes_alike_as_numbers())
        staging = Staging(options, alike)
        with closing(workbooks.read_workbook(file)) as sheets:
            copy(book, "staged_count", STAGED, staging.read_cells(sheets))
    assert staging.layout is not None
    return staging.layout


@dataclass
class Staging:
    """The cells of one file, and what is found out on the way: its layout, the sheets that hold no counts,
    and the sheet of each year that one is named by. `alike_codes` are the codes that would be the same as
    another if both were numbers."""

    options: ReturnOptions
    alike_codes: frozenset[str] = frozenset()
    layout: Layout | None = None
    passed_over: list[str] = field(default_factory=list)
    years: dict[str, str] = field(default_factory=dict)
    _cell: int = 0

    def read_cells(self, found: Iterator[Table]) -> Iterator[Staged]:
        """Every cell of every table."""
        for table in found:
            year = self._find_year(table)
            head = find_head(table)
            if head is None and (table.sheet is None or year):
                raise refuse_headings(table)
            if head is None:
                self.passed_over.append(str(table.sheet))
            else:
                yield from self._read_under(head, table, year)
        if self.layout is None:
            raise Problem(
                "refused-file",
                "No sheet has counts under headings that are known here. "
                f"The workbook has {', '.join(self.passed_over) or 'none at all'}.",
            )

    def _find_year(self, table: Table) -> str | None:
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

    def _read_under(self, head: Head, table: Table, year: str | None) -> Iterator[Staged]:
        """The cells of a table below its headings; none of one that holds rates or percentages."""
        rows: Iterator[Row] = table.rows
        if head.layout.wide:
            read = list(islice(rows, _LONGEST_WIDE))
            if head.has_no_counts(read):
                if table.sheet is None:
                    raise Problem(
                        "refused-file",
                        "The table is of percentages or rates, not of counts: send the table of numbers.",
                    )
                self.passed_over.append(table.sheet)
                return
            rows = iter(read)
        if self.layout not in (None, head.layout):
            raise Problem(
                "refused-file",
                f"Sheet {table.sheet} is {head.layout.name}, an earlier one is not: send each alone.",
            )
        self.layout = head.layout
        empty: Staged = [None] * len(STAGED)
        empty[_SLOT["sheet"]] = table.sheet
        cells = (
            self._read_wide(head, rows, empty)
            if head.layout.wide
            else self._read_long(head, rows, empty, year)
        )
        for cell in cells:
            self._cell += 1
            cell[_CELL] = self._cell
            yield cell

    def _read_wide(self, head: Head, rows: Iterator[Row], empty: Staged) -> Iterator[Staged]:
        """Each group of each row; a row that names a place and counts nothing of it holds no cell."""
        period = head.find_period(self.options.period)
        empty[_SLOT["from_on"]], empty[_SLOT["to_on"]] = period.from_on, period.to_on
        groups = head.groups
        for line, row in rows:
            cells = empty.copy()
            cells[_LINE] = line
            counts = {at: write_cell(row[at]) for at in groups if at < len(row)}
            if not any(counts.values()):
                continue
            if fault := _find_fault(head, row):
                cells[_STRAY] = fault
                yield cells
                continue
            for column, slot in head.layout.staged.items():
                if column in head.columns:
                    cells[_SLOT[slot]] = strip_notes(write_cell(row[head.columns[column]]))
            for at, group in groups.items():
                cell = cells.copy()
                cell[_SLOT["counted"]], cell[_NUMBER] = group, counts[at]
                yield cell

    def _read_long(
        self, head: Head, rows: Iterator[Row], empty: Staged, year: str | None
    ) -> Iterator[Staged]:
        """The count of each row, or its two: outcomes are counted on two bases."""
        if self.options.period is not None:
            raise _refuse_parameter(
                "period", "The file says itself of which period each count is: leave period out."
            )
        clean: Callable[..., str] = write_cell if head.sheet else str.strip
        places = [
            (_SLOT[slot], head.columns[column])
            for column, slot in head.layout.staged.items()
            if column in head.columns
        ]
        counts = self._find_counts(head)
        code_at = head.columns.get("code") if head.sheet else None
        for line, row in rows:
            if not any(row):
                continue
            cell = empty.copy()
            cell[_LINE] = line
            if (fault := _find_fault(head, row)) is None:
                for slot, at in places:
                    cell[slot] = clean(row[at])
                if year and cell[_YEAR] != year:
                    fault = f"The sheet is of {year}, and this line of {cell[_YEAR] or 'no year'}."
                elif (
                    code_at is not None
                    and isinstance(row[code_at], float)
                    and (code := write_cell(row[code_at])) in self.alike_codes
                ):
                    fault = (
                        f"{code} stands in a cell of numbers, where a nought at the end is"
                        " lost: make the codes text."
                    )
            if fault is not None:
                cell = empty.copy()
                cell[_LINE], cell[_STRAY] = line, fault
                yield cell
                continue
            for at, basis in counts:
                cell[_NUMBER], cell[_BASIS] = clean(row[at]), basis
                yield cell.copy() if len(counts) > 1 else cell

    def _find_counts(self, head: Head) -> list[tuple[int, str | None]]:
        """The columns of counts, each with the basis on which it counts outcomes."""
        found: list[tuple[int, str | None]] = [
            (head.columns[column], column if column in BASES else self.options.basis)
            for column in head.layout.counts
            if column in head.columns
        ]
        if "outcomes" in head.columns and (self.options.basis is None or len(found) > 1):
            raise _refuse_parameter(
                "basis",
                "The heading Outcomes does not say of what: add basis=recorded where they are outcomes of"
                " crimes recorded in the quarter, basis=assigned where they are those assigned in it.",
            )
        if "outcomes" not in head.columns and self.options.basis is not None:
            raise _refuse_parameter(
                "basis",
                "The file says itself on which basis it counts outcomes, or counts none: leave basis out.",
            )
        return found


def _refuse_parameter(parameter: str, detail: str) -> Problem:
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def _find_fault(head: Head, row: Sequence[Cell]) -> str | None:
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
