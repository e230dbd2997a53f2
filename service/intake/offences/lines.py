"""The lines of a file of offences, CSV or NDJSON, in our words or by a mapping in the force's own: what each
says, field by field."""

import csv
from collections.abc import Iterator
from typing import Any

import orjson

from service.intake.lines import LONGEST_LINE
from service.intake.offences.fast_lines import Recognise, Recogniser
from service.intake.offences.staged import Staged
from service.intake.offences.translation import Mapping, Untranslatable
from service.offences.offences import OffenceDraft
from service.store import tables
from service.web.fields import Text

COLUMNS = tables.OFFENCE.stated_names
RECOGNISED = ("force", *COLUMNS)


class OffenceLine(OffenceDraft):
    """An offence on a line of a file: as a single one, but its force may be said once for the whole file."""

    force = Text(load_default=None)


class OffenceRow(OffenceLine):
    """The same where everything is text: a row of CSV."""

    from_text = True


def _text(number: int, line: bytes, staged: Staged) -> str | None:
    """A line as text, or null and a fault."""
    if len(line) > LONGEST_LINE:
        staged.note(
            number,
            "line",
            line[:60].decode(errors="replace"),
            f"The line is longer than {LONGEST_LINE:,} bytes.",
        )
        return None
    try:
        return line.decode()
    except UnicodeDecodeError:
        staged.note(
            number,
            "line",
            line[:60].decode(errors="replace"),
            "The line is not UTF-8: save the file as UTF-8.",
        )
        return None


def _cells(number: int, line: bytes, staged: Staged) -> list[str] | None:
    """The cells of a row of CSV, or null and a fault. A row is one line: what a quote opens closes on the
    same line."""
    if (text := _text(number, line, staged)) is None:
        return None
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as fault:
        detail = f"The line is not CSV ({fault}): check its quotes."
        if "\r" in text:
            detail = "A carriage return stands inside the line: end each line with LF or CRLF."
        elif "unexpected end" in str(fault):
            detail = (
                "A quote opens a cell that does not close on this line: a record is one line, so take line"
                " ends out of its cells."
            )
        staged.note(number, "line", text[:60], detail)
        return None


def _our_fields(names: list[str], staged: Staged) -> list[str | None]:
    """A header in our words: each of its names is a field. Leaves a fault for each thing wrong with it."""
    known = OffenceLine().fields
    for name in dict.fromkeys(names):
        if name not in known:
            staged.note(
                1,
                name,
                name,
                f"The header names {name[:100] or 'a field without a name'}; fields are"
                f" {', '.join(sorted(known))}.",
            )
        elif names.count(name) > 1:
            staged.note(1, name, name, f"The header names {name} more than once.")
    for name, one in known.items():
        if name not in names and (one.required or (name == "force" and staged.force is None)):
            otherwise = ", and ?force=… does not name the force of the whole file" if name == "force" else ""
            staged.note(1, name, None, f"The header has no column {name}{otherwise}.")
    return list(names)


def _their_fields(headings: list[str], mapping: Mapping, staged: Staged) -> list[str | None]:
    """A header in the force's words: what the mapping makes of each heading. Leaves a fault for each thing
    wrong with it."""
    try:
        names = mapping.fields_of(headings)
    except Untranslatable as fault:
        staged.note(1, "line", ",".join(headings)[:200], str(fault))
        return []
    for heading, name in mapping.columns.items():
        if names.count(name) > 1:
            staged.note(1, name, heading, f"The heading {heading} stands there more than once.")
        elif name not in names and OffenceLine().fields[name].required:
            staged.note(1, name, None, f"The header has no heading {heading}, from which {name} comes.")
    return names


class _Words:
    """What is said in the force's words, put into ours by its mapping."""

    def __init__(self, mapping: Mapping, staged: Staged) -> None:
        self._mapping, self._staged = mapping, staged
        self._readers = {
            name: read for name in mapping.columns.values() if (read := mapping.reader_of(name)) is not None
        }
        self.constants = mapping.constants
        self.headings = {name: heading for heading, name in mapping.columns.items()}

    @property
    def are_ours(self) -> bool:
        """Are cells ours as they stand, and only the headings theirs?"""
        return not self._readers and not self.constants

    def cell(self, name: str, said: str) -> str:
        """One cell in our words. Raises Untranslatable."""
        said = said.strip()
        read = self._readers.get(name)
        return said if read is None or not said else read(said)

    def line(self, number: int, said: dict[str, Any]) -> dict[str, Any] | None:
        """A whole line, its constants added; null, and a fault for each cell that cannot be read."""
        ours, before = dict(self.constants), len(self._staged.faults) + self._staged.more_faults
        for name, value in said.items():
            try:
                put = self.cell(name, value) if isinstance(value, str) else value
            except Untranslatable as fault:
                self._staged.note(number, name, value, f"Column {self.headings[name]}: {fault}")
                continue
            if put not in ("", None):
                ours[name] = put
        return ours if len(self._staged.faults) + self._staged.more_faults == before else None


class Rows:
    """CSV: a header, then a row on each line; rows of empty cells are passed over."""

    begins = 2
    schema: OffenceLine = OffenceRow()

    def __init__(self, lines: Iterator[bytes], staged: Staged, mapping: Mapping | None = None) -> None:
        self._staged, self._words = staged, _Words(mapping, staged) if mapping else None
        first = next(lines, None)
        header = None if first is None else _cells(1, first, staged)
        names = (
            []
            if header is None
            else _our_fields(header, staged)
            if mapping is None
            else _their_fields(header, mapping, staged)
        )
        self._names = [] if staged.faults else names
        recogniser = Recogniser(self.schema, RECOGNISED)
        if self._words is None or self._words.are_ours:
            self.recognise: Recognise = recogniser.of_rows(self._names)
        else:
            self._inner = recogniser.of_rows([*filter(None, self._names), *self._words.constants])
            self.recognise = self._recognise_translated

    def comes_from(self, name: str) -> str:
        """Which column a fault is about, where the file has headings of its own."""
        heading = self._words and self._words.headings.get(name)
        return f"Column {heading}: " if heading else ""

    def read(self, number: int, line: bytes) -> dict[str, Any] | None:
        """What the line says, field by field; null where it says nothing or cannot be read."""
        if not self._names:
            return None
        cells = _cells(number, line, self._staged)
        self._staged.lines += cells is None or any(cells)
        if not cells or not any(cells):
            return None
        if len(cells) != len(self._names):
            self._staged.note(
                number,
                "line",
                ",".join(cells)[:60],
                f"The line has {len(cells)} cells, the header {len(self._names)}.",
            )
            return None
        said = {
            name: cell for name, cell in zip(self._names, cells, strict=True) if cell and name is not None
        }
        return said if self._words is None else self._words.line(number, said)

    def _recognise_translated(self, line: bytes) -> tuple[str, ...] | None:
        """Recognise what the mapping makes of the line; what it cannot read at a glance is read again with
        its faults."""
        try:
            text = line.decode()
            cells = text.split(",") if '"' not in text else next(csv.reader([text], strict=True), [])
            if self._words is None or len(cells) != len(self._names) or not any(cells):
                return None
            put = [
                self._words.cell(name, cell)
                for name, cell in zip(self._names, cells, strict=True)
                if name is not None
            ]
        except (UnicodeDecodeError, csv.Error, Untranslatable):
            return None
        put += self._words.constants.values()
        return self._inner(",".join(f'"{cell}"' if "," in cell else cell for cell in put).encode())


class Objects:
    """NDJSON: an object on each line; empty lines are passed over."""

    begins = 1

    def __init__(self, lines: Iterator[bytes], staged: Staged, mapping: Mapping | None = None) -> None:
        self._staged, self._mapping, self._words = (
            staged,
            mapping,
            _Words(mapping, staged) if mapping else None,
        )
        self.schema: OffenceLine = OffenceLine() if mapping is None else OffenceRow()
        self.recognise: Recognise = (
            Recogniser(self.schema, RECOGNISED).of_objects() if mapping is None else lambda _: None
        )

    def comes_from(self, name: str) -> str:
        """Which member a fault is about, where the file has names of its own."""
        heading = self._words and self._words.headings.get(name)
        return f"Column {heading}: " if heading else ""

    def read(self, number: int, line: bytes) -> dict[str, Any] | None:
        """What the line says, field by field; null where it says nothing or cannot be read."""
        if not line.strip():
            return None
        self._staged.lines += 1
        if (text := _text(number, line, self._staged)) is None:
            return None
        try:
            sent = orjson.loads(text)
        except orjson.JSONDecodeError as fault:
            self._staged.note(number, "line", text[:60], f"The line is not JSON: {fault}.")
            return None
        if not isinstance(sent, dict):
            self._staged.note(number, "line", text[:60], "The line is not a JSON object.")
            return None
        return sent if self._words is None or self._mapping is None else self._translated(number, sent)

    def _translated(self, number: int, sent: dict[str, Any]) -> dict[str, Any] | None:
        try:
            names = self._mapping.fields_of(list(sent)) if self._mapping else []
        except Untranslatable as fault:
            self._staged.note(number, "line", None, str(fault))
            return None
        said = {name: value for name, value in zip(names, sent.values(), strict=True) if name is not None}
        return self._words.line(number, said) if self._words else None
