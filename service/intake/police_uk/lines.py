"""Lines of data.police.uk files: each row judged by itself and against the rest of its file, and put in the
form it is held in."""

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service.intake.lines import LONGEST_LINE, lines_of
from service.intake.offences.staged import MOST_FAULTS_KEPT
from service.intake.police_uk.archives import NAMED, Part, Source
from service.intake.police_uk.layouts import LAYOUTS, Layout, month
from service.store import tables
from service.store.identifiers import new_id

_OF_THE_FILE = ("month", "kind", "content")
_SAID = tuple(name for name in tables.STREET_RECORD.stated_names if name not in _OF_THE_FILE)
COLUMNS = ("force", "month", "kind", "street_record_id", "content", "file", "line", *_SAID)


@dataclass
class Read:
    """What came in: the files, the rows, and the faults found so far. `forces` gives the code of each force
    by its plain name."""

    forces: dict[str, str]
    crime_types: frozenset[str]
    today: dt.date
    faults: list[dict[str, Any]] = field(default_factory=list)
    files: dict[tuple[str, dt.date, str], str | None] = field(default_factory=dict)
    more_faults: int = 0
    rows: int = 0

    def force_of(self, name: str) -> str | None:
        """`Avon and Somerset Constabulary` is the force that is called Avon and Somerset here."""
        plain = plain_name(name)
        shorter = (
            re.sub(ending, "", plain) for ending in ("", " service$", " (police|constabulary)( service)?$")
        )
        return next((self.forces[one] for one in shorter if one in self.forces), None)


def plain_name(name: str) -> str:
    """A name as it is compared: in lower case, without hyphens and ampersands."""
    return " ".join(name.lower().replace("&", " and ").replace("-", " ").split())


@dataclass
class _File:
    """One file while it is read. A file is of one force and one month: those its name tells, else those of
    its first row."""

    read: Read
    name: str | None
    number: int
    force: str | None = None
    kind: str = ""
    month: dt.date | None = None
    rows: int = 0

    def note(self, line: int, heading: str, value: str | None, detail: str) -> None:
        """Keep a fault, or count it when there are too many to keep."""
        if len(self.read.faults) >= MOST_FAULTS_KEPT:
            self.read.more_faults += 1
            return
        fault = {"file": self.name, "field": heading[:100], "value": value and value[:200], "detail": detail}
        self.read.faults.append(
            {"line": line, **{said: text and text.replace("\x00", "␀") for said, text in fault.items()}}
        )

    def cells(self, line: int, sent: bytes) -> list[str] | None:
        """The cells of a line, or null and a fault. What a quote opens closes on the same line."""
        try:
            if len(sent) > LONGEST_LINE:
                raise ValueError(f"The line is longer than {LONGEST_LINE:,} bytes.")
            text = sent.decode()
            if "\x00" in text:
                raise ValueError("The line holds the character NUL: the file is damaged.")
            return next(csv.reader([text], strict=True), [])
        except UnicodeDecodeError:
            detail = "The line is not UTF-8: send the file as it was downloaded."
        except csv.Error:
            detail = (
                "The line is not CSV, for a quote or a line end stands where none can: send the file as it"
                " was downloaded."
            )
        except ValueError as fault:
            detail = str(fault)
        self.note(line, "line", sent[:60].decode(errors="replace"), detail)
        return None

    def layout(self, sent: bytes) -> Layout | None:
        """What the headings are, or null and a fault."""
        headings = self.cells(1, sent)
        if headings is None:
            return None
        for kind, layout in LAYOUTS:
            if headings == list(layout):
                self.kind = kind if self._is_what_its_name_says(kind) else ""
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

    def _is_what_its_name_says(self, kind: str) -> bool:
        """Take the month and force from the file's name, where it is one of the publisher's; a fault where
        the headings belie it."""
        named = NAMED.fullmatch((self.name or "").rsplit("/", 1)[-1])
        if named is None:
            return True
        if named["kind"] != kind:
            self.note(
                1, "line", named[0], f"The name of the file says {named['kind']}, its headings say {kind}."
            )
            return False
        try:
            self.month = month(named["month"])
        except ValueError:
            self.note(1, "line", named[0], f"{named['month']} is not a month that was published.")
            return False
        self.force = self.read.force_of(named["force"])
        return True

    def record(self, line: int, cells: list[str], layout: Layout) -> dict[str, Any] | None:
        """A row as it is held, or null and its faults."""
        if len(cells) != len(layout):
            self.note(
                line,
                "line",
                ",".join(cells)[:60],
                f"The line has {len(cells)} cells, the headings {len(layout)}.",
            )
            return None
        said: dict[str, Any] = {}
        for (heading, (member, read)), cell in zip(layout.items(), cells, strict=True):
            try:
                said[member] = read(cell)
            except ValueError as fault:
                self.note(line, heading, cell, str(fault))
        return said if len(said) == len(layout) and self._belongs(line, said) else None

    def _belongs(self, line: int, said: dict[str, Any]) -> bool:
        """Is a row of the file's month and force, and of a crime type that is known?"""
        force, of, crime_type = self.read.force_of(said["reported_by"]), said["month"], said.get("crime_type")
        self.force, self.month = self.force or force, self.month or of
        faults = (
            (of != self.month, "Month", f"The file is of {self.month:%Y-%m}: a file is of one month."),
            (of > self.read.today, "Month", "This month has not come yet."),
            (
                force is None,
                "Reported by",
                f"No force is called {said['reported_by']}: PUT /v1/areas/… can give one that alias.",
            ),
            (
                force not in (None, self.force),
                "Reported by",
                "The file is of another force: a file is of one force.",
            ),
            (
                crime_type is not None and crime_type not in self.read.crime_types,
                "Crime type",
                f"No crime type is called {crime_type}. GET /v1/street-crime-types lists those that are.",
            ),
        )
        for wrong, heading, detail in faults:
            if wrong:
                self.note(
                    line,
                    heading,
                    {"Month": f"{of:%Y-%m}", "Reported by": said["reported_by"]}.get(heading, crime_type),
                    detail,
                )
        return not any(wrong for wrong, *_ in faults)

    def close(self) -> None:
        """Count the file in; a second one of the same force, month and kind is a fault."""
        self.read.rows += self.rows
        if self.force is None or self.month is None:
            return
        key = (self.force, self.month, self.kind)
        if key in self.read.files:
            self.note(
                1,
                "line",
                self.name,
                f"{self.read.files[key]} is of the same force, month and kind: send one of the two.",
            )
        self.read.files[key] = self.name


def records(source: Source, read: Read) -> Iterator[tuple[Any, ...]]:
    """Every good row of every file, in the order of COLUMNS. The others leave their faults."""
    for number, part in enumerate(source.parts):
        file = _File(read, part.name, number)
        yield from _records_of(part, file)
        if file.rows:
            file.close()
        elif file.kind and len(source.parts) + source.passed_over_count > 1:
            source.pass_over(part.name or "", "It holds no row.")


def _records_of(part: Part, file: _File) -> Iterator[tuple[Any, ...]]:
    layout: Layout | None = None
    unused = (
        hashlib.sha256()
    )  # of the bytes as sent, which may have been compressed, the source keeps its own
    for line, sent in enumerate(lines_of(part.pieces(), unused), start=1):
        if layout is None:
            if (layout := file.layout(sent)) is None:
                return
            continue
        if not sent:
            continue
        file.rows += 1
        cells = file.cells(line, sent)
        said = file.record(line, cells, layout) if cells is not None else None
        if said is not None:
            content = hashlib.blake2b("\x1f".join(cells or ()).encode(), digest_size=16).digest()
            yield (
                file.force,
                said["month"],
                file.kind,
                new_id(),
                UUID(bytes=content),
                file.number,
                line,
                *(said.get(name) for name in _SAID),
            )
