"""Lines of data.police.uk files: each row judged by itself and against the rest of its file, and put in the
form of a record."""

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from service.intake.faults import Faults
from service.intake.lines import LineReader, UnreadableLine, cut_lines
from service.intake.police_uk.archives import FILE_NAME, Part, Source
from service.intake.police_uk.layouts import LAYOUTS, Layout, Value, read_month
from service.store import tables
from service.store.identifiers import new_id

_OF_THE_FILE = ("month", "kind", "content")
_COLUMNS_OF_A_ROW = tuple(name for name in tables.STREET_RECORD.stated_names if name not in _OF_THE_FILE)
COLUMNS = ("force", "month", "kind", "street_record_id", "content", "file", "line", *_COLUMNS_OF_A_ROW)


def _word_csv_fault(_fault: csv.Error, _text: str) -> str:
    return (
        "The line is not CSV, for a quote or a line end stands where none can: send the file as it was"
        " downloaded."
    )


_READER = LineReader("The line is not UTF-8: send the file as it was downloaded.", _word_csv_fault)


@dataclass
class StagedFiles:
    """What came in: the files by force, month and kind, the number of their rows, and the faults found so
    far. `forces` gives the code of each force by its folded name."""

    forces: dict[str, str]
    crime_types: frozenset[str]
    today: dt.date
    faults: Faults = field(default_factory=Faults)
    files: dict[tuple[str, dt.date, str], str | None] = field(default_factory=dict)
    rows: int = 0

    def find_force(self, name: str) -> str | None:
        """`Avon and Somerset Constabulary` is the force that is called Avon and Somerset here."""
        folded = fold_name(name)
        shorter = (
            re.sub(ending, "", folded) for ending in ("", " service$", " (police|constabulary)( service)?$")
        )
        return next((self.forces[one] for one in shorter if one in self.forces), None)


def fold_name(name: str) -> str:
    """A name as it is compared: in lower case, without hyphens and ampersands."""
    return " ".join(name.lower().replace("&", " and ").replace("-", " ").split())


@dataclass(frozen=True)
class _Row:
    """A row of a file by the columns of its layout, and the three of them by which it is compared with its
    file."""

    month: dt.date
    reported_by: str
    crime_type: str | None
    values: dict[str, Value]


@dataclass
class _File:
    """One file while it is read. A file is of one force and one month: those of its name, else those of its
    first row."""

    staged: StagedFiles
    name: str | None
    number: int
    force: str | None = None
    kind: str = ""
    month: dt.date | None = None
    rows: int = 0

    def note(self, line: int, heading: str, value: str | None, detail: str) -> None:
        """Note a fault of this file."""
        self.staged.faults.note(line, heading, value, detail, self.name)

    def read_cells(self, line: int, sent: bytes) -> list[str] | None:
        """The cells of a line, or null and a fault."""
        try:
            text = _READER.decode(sent)
            if "\x00" in text:
                raise UnreadableLine("The line holds the character NUL: the file is damaged.")
            return _READER.split(text)
        except UnreadableLine as fault:
            self.note(line, "line", sent[:60].decode(errors="replace"), str(fault))
            return None

    def find_layout(self, sent: bytes) -> Layout | None:
        """The layout that has these headings, or null and a fault."""
        headings = self.read_cells(1, sent)
        if headings is None:
            return None
        for kind, layout in LAYOUTS:
            if headings == list(layout):
                self.kind = kind if self._agrees_with_name(kind) else ""
                return layout if self.kind else None
        if {"Type", "Date", "Legislation"} <= set(headings):
            detail = (
                "This is a file of stops and searches, which are no crimes and are not held here: send street"
                " and outcomes files."
            )
        else:
            known = " or ".join(", ".join(layout) for _, layout in LAYOUTS)
            detail = f"These are not the headings of a street or outcomes file of data.police.uk: {known}."
        self.note(1, "line", ",".join(headings), detail)
        return None

    def _agrees_with_name(self, kind: str) -> bool:
        """Take the month and force from the file's name, where it is one of the publisher's; a fault where
        the headings belie it."""
        parts = FILE_NAME.fullmatch((self.name or "").rsplit("/", 1)[-1])
        if parts is None:
            return True
        if parts["kind"] != kind:
            self.note(
                1, "line", parts[0], f"The name of the file says {parts['kind']}, its headings say {kind}."
            )
            return False
        try:
            self.month = read_month(parts["month"])
        except ValueError:
            self.note(1, "line", parts[0], f"{parts['month']} is not a month that was published.")
            return False
        self.force = self.staged.find_force(parts["force"])
        return True

    def read_row(self, line: int, cells: list[str], layout: Layout) -> _Row | None:
        """A row by the columns of its record, or null and its faults."""
        if len(cells) != len(layout):
            detail = f"The line has {len(cells)} cells, the headings {len(layout)}."
            self.note(line, "line", ",".join(cells)[:60], detail)
            return None
        values: dict[str, Value] = {}
        for (heading, (column, read)), cell in zip(layout.items(), cells, strict=True):
            try:
                values[column] = read(cell)
            except ValueError as fault:
                self.note(line, heading, cell, str(fault))
        if len(values) < len(layout):
            return None
        month, reported_by, crime_type = (
            values.get(column) for column in ("month", "reported_by", "crime_type")
        )
        assert isinstance(month, dt.date)
        row = _Row(month, str(reported_by), str(crime_type) if crime_type else None, values)
        return row if self._fits(line, row) else None

    def _fits(self, line: int, row: _Row) -> bool:
        """Is a row of the file's month and force, and of a crime type that the publisher uses?"""
        force = self.staged.find_force(row.reported_by)
        self.force, self.month = self.force or force, self.month or row.month
        crime_type_is_known = row.crime_type is None or row.crime_type in self.staged.crime_types
        if (
            self.month == row.month <= self.staged.today
            and force is not None
            and force == self.force
            and crime_type_is_known
        ):
            return True
        month = f"{row.month:%Y-%m}"
        if row.month != self.month:
            detail = f"The file is of {self.month:%Y-%m}: a file is of one month."
            self.note(line, "Month", month, detail)
        if row.month > self.staged.today:
            self.note(line, "Month", month, "This month has not come yet.")
        if force is None:
            detail = f"No force is called {row.reported_by}: PUT /v1/areas/… can give one that alias."
            self.note(line, "Reported by", row.reported_by, detail)
        elif force != self.force:
            detail = "The file is of another force: a file is of one force."
            self.note(line, "Reported by", row.reported_by, detail)
        if not crime_type_is_known:
            detail = (
                f"No crime type is called {row.crime_type}. GET /v1/street-crime-types lists those that are."
            )
            self.note(line, "Crime type", row.crime_type, detail)
        return False

    def close(self) -> None:
        """Count the file in; a second one of the same force, month and kind is a fault."""
        self.staged.rows += self.rows
        if self.force is None or self.month is None:
            return
        key = (self.force, self.month, self.kind)
        if key in self.staged.files:
            self.note(
                1,
                "line",
                self.name,
                f"{self.staged.files[key]} is of the same force, month and kind: send one of the two.",
            )
        self.staged.files[key] = self.name


def read_records(source: Source, staged: StagedFiles) -> Iterator[tuple[Value | UUID, ...]]:
    """Every good row of every file, in the order of COLUMNS. The others leave their faults."""
    for number, part in enumerate(source.parts):
        file = _File(staged, part.name, number)
        yield from _read_records_of(part, file)
        if file.rows:
            file.close()
        elif file.kind and len(source.parts) + source.passed_over_count > 1:
            source.pass_over(part.name or "", "It holds no row.")


def _read_records_of(part: Part, file: _File) -> Iterator[tuple[Value | UUID, ...]]:
    layout: Layout | None = None
    for line, sent in enumerate(cut_lines(part.pieces()), start=1):
        if layout is None:
            if (layout := file.find_layout(sent)) is None:
                return
            continue
        if not sent:
            continue
        file.rows += 1
        cells = file.read_cells(line, sent)
        row = file.read_row(line, cells, layout) if cells is not None else None
        if row is not None:
            content = hashlib.blake2b("\x1f".join(cells or ()).encode(), digest_size=16).digest()
            yield (
                file.force,
                row.month,
                file.kind,
                new_id(),
                UUID(bytes=content),
                file.number,
                line,
                *(row.values.get(column) for column in _COLUMNS_OF_A_ROW),
            )
