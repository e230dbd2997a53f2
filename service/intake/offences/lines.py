"""The lines of a file of offences, CSV or NDJSON, in our words or by a mapping in the force's own: the values
of each, field by field."""

import csv
from collections.abc import Iterator

import orjson

from service.intake.lines import LineReader, UnreadableLine, split_row
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


def _word_csv_fault(fault: csv.Error, text: str) -> str:
    """Why a line is no row of CSV, and what to do about it."""
    if "\r" in text:
        return "A carriage return stands inside the line: end each line with LF or CRLF."
    if "unexpected end" in str(fault):
        return (
            "A quote opens a cell that does not close on this line: a record is one line, so take line"
            " ends out of its cells."
        )
    return f"The line is not CSV ({fault}): check its quotes."


_READER = LineReader("The line is not UTF-8: save the file as UTF-8.", _word_csv_fault)


def _read_text(number: int, line: bytes, staged: Staged) -> str | None:
    """A line as text, or null and a fault."""
    try:
        return _READER.decode(line)
    except UnreadableLine as fault:
        staged.faults.note(number, "line", line[:60].decode(errors="replace"), str(fault))
        return None


def _read_cells(number: int, line: bytes, staged: Staged) -> list[str] | None:
    """The cells of a row of CSV, or null and a fault."""
    if (text := _read_text(number, line, staged)) is None:
        return None
    try:
        return _READER.split(text)
    except UnreadableLine as fault:
        staged.faults.note(number, "line", text[:60], str(fault))
        return None


def _check_header(names: list[str], staged: Staged) -> list[str | None]:
    """The fields that a header in our words names. Leaves a fault for each thing wrong with it."""
    fields = OffenceLine().fields
    for name in dict.fromkeys(names):
        if name not in fields:
            detail = (
                f"The header names {name[:100] or 'a field without a name'}; fields are"
                f" {', '.join(sorted(fields))}."
            )
            staged.faults.note(1, name, name, detail)
        elif names.count(name) > 1:
            staged.faults.note(1, name, name, f"The header names {name} more than once.")
    for name, field in fields.items():
        if name not in names and (field.required or (name == "force" and staged.force is None)):
            otherwise = ", and ?force=… does not name the force of the whole file" if name == "force" else ""
            staged.faults.note(1, name, None, f"The header has no column {name}{otherwise}.")
    return list(names)


def _translate_header(headings: list[str], mapping: Mapping, staged: Staged) -> list[str | None]:
    """The field of each heading of a header in the force's words. Leaves a fault for each thing wrong with
    it."""
    try:
        names = mapping.find_fields(headings)
    except Untranslatable as fault:
        staged.faults.note(1, "line", ",".join(headings)[:200], str(fault))
        return []
    for heading, name in mapping.columns.items():
        if names.count(name) > 1:
            staged.faults.note(1, name, heading, f"The heading {heading} stands there more than once.")
        elif name not in names and OffenceLine().fields[name].required:
            staged.faults.note(
                1, name, None, f"The header has no heading {heading}, from which {name} comes."
            )
    return names


class _Translator:
    """Puts cells and lines that are in the force's words into ours, by its mapping."""

    def __init__(self, mapping: Mapping, staged: Staged) -> None:
        self._staged = staged
        self._translations = {
            name: translate
            for name in mapping.columns.values()
            if (translate := mapping.find_translation(name)) is not None
        }
        self.mapping = mapping
        self.constants = mapping.constants
        self.headings = {name: heading for heading, name in mapping.columns.items()}

    @property
    def leaves_cells(self) -> bool:
        """Are cells ours as they stand, and only the headings theirs?"""
        return not self._translations and not self.constants

    def translate_cell(self, name: str, cell: str) -> str:
        """One cell in our words. Raises Untranslatable."""
        cell = cell.strip()
        translate = self._translations.get(name)
        return cell if translate is None or not cell else translate(cell)

    def translate_line(self, number: int, values: dict[str, object]) -> dict[str, object] | None:
        """A whole line, its constants added; null, and a fault for each cell that cannot be read."""
        translated: dict[str, object] = dict(self.constants)
        faults_before = self._staged.faults.count
        for name, value in values.items():
            try:
                ours = self.translate_cell(name, value) if isinstance(value, str) else value
            except Untranslatable as fault:
                self._staged.faults.note(number, name, value, f"Column {self.headings[name]}: {fault}")
                continue
            if ours not in ("", None):
                translated[name] = ours
        return translated if self._staged.faults.count == faults_before else None

    def word_column(self, name: str) -> str:
        """The beginning of a sentence that says in which of their columns a fault is; empty where none gives
        this field."""
        heading = self.headings.get(name)
        return f"Column {heading}: " if heading else ""


class RowReader:
    """CSV: a header, then a row on each line; rows of empty cells are passed over."""

    first_line = 2
    schema: OffenceLine = OffenceRow()

    def __init__(self, lines: Iterator[bytes], staged: Staged, mapping: Mapping | None = None) -> None:
        self._staged = staged
        self._translator = _Translator(mapping, staged) if mapping else None
        self._names = self._read_header(lines, mapping)
        recogniser = Recogniser(self.schema, RECOGNISED)
        if self._translator is None or self._translator.leaves_cells:
            self.recognise: Recognise = recogniser.of_rows(self._names)
        else:
            self._recognise_our_words = recogniser.of_rows(
                [*filter(None, self._names), *self._translator.constants]
            )
            self.recognise = self._recognise_translated

    def _read_header(self, lines: Iterator[bytes], mapping: Mapping | None) -> list[str | None]:
        """The field of each column, null for one that is ignored; no column where the header is at fault."""
        line = next(lines, None)
        headings = None if line is None else _read_cells(1, line, self._staged)
        if headings is None:
            return []
        names = (
            _check_header(headings, self._staged)
            if mapping is None
            else _translate_header(headings, mapping, self._staged)
        )
        return [] if self._staged.faults.count else names

    def word_column(self, name: str) -> str:
        """The beginning of a sentence that says in which column a fault is; empty for columns in our
        words."""
        return self._translator.word_column(name) if self._translator else ""

    def read_line(self, number: int, line: bytes) -> dict[str, object] | None:
        """The values of a line, field by field; null where it is empty or cannot be read."""
        if not self._names:
            return None
        cells = _read_cells(number, line, self._staged)
        self._staged.lines += cells is None or any(cells)
        if not cells or not any(cells):
            return None
        if len(cells) != len(self._names):
            detail = f"The line has {len(cells)} cells, the header {len(self._names)}."
            self._staged.faults.note(number, "line", ",".join(cells)[:60], detail)
            return None
        values: dict[str, object] = {
            name: cell for name, cell in zip(self._names, cells, strict=True) if cell and name is not None
        }
        return values if self._translator is None else self._translator.translate_line(number, values)

    def _recognise_translated(self, line: bytes) -> tuple[str, ...] | None:
        """Recognise what the mapping makes of the line; what it cannot read at a glance is read again with
        its faults."""
        try:
            text = line.decode()
            cells = text.split(",") if '"' not in text else split_row(text)
            if self._translator is None or len(cells) != len(self._names) or not any(cells):
                return None
            translated = [
                self._translator.translate_cell(name, cell)
                for name, cell in zip(self._names, cells, strict=True)
                if name is not None
            ]
        except (UnicodeDecodeError, csv.Error, Untranslatable):
            return None
        translated += self._translator.constants.values()
        ours = ",".join(f'"{cell}"' if "," in cell else cell for cell in translated)
        return self._recognise_our_words(ours.encode())


class ObjectReader:
    """NDJSON: an object on each line; empty lines are passed over."""

    first_line = 1

    def __init__(self, lines: Iterator[bytes], staged: Staged, mapping: Mapping | None = None) -> None:
        self._staged = staged
        self._translator = _Translator(mapping, staged) if mapping else None
        self.schema: OffenceLine = OffenceLine() if mapping is None else OffenceRow()
        self.recognise: Recognise = (
            Recogniser(self.schema, RECOGNISED).of_objects() if mapping is None else lambda _: None
        )

    def word_column(self, name: str) -> str:
        """The beginning of a sentence that says in which member a fault is; empty for members in our
        words."""
        return self._translator.word_column(name) if self._translator else ""

    def read_line(self, number: int, line: bytes) -> dict[str, object] | None:
        """The values of a line, field by field; null where it is empty or cannot be read."""
        if not line.strip():
            return None
        self._staged.lines += 1
        if (text := _read_text(number, line, self._staged)) is None:
            return None
        try:
            values = orjson.loads(text)
        except orjson.JSONDecodeError as fault:
            self._staged.faults.note(number, "line", text[:60], f"The line is not JSON: {fault}.")
            return None
        if not isinstance(values, dict):
            self._staged.faults.note(number, "line", text[:60], "The line is not a JSON object.")
            return None
        return values if self._translator is None else self._translate(self._translator, number, values)

    def _translate(
        self, translator: _Translator, number: int, sent: dict[str, object]
    ) -> dict[str, object] | None:
        try:
            names = translator.mapping.find_fields(list(sent))
        except Untranslatable as fault:
            self._staged.faults.note(number, "line", None, str(fault))
            return None
        values = {name: value for name, value in zip(names, sent.values(), strict=True) if name is not None}
        return translator.translate_line(number, values)
