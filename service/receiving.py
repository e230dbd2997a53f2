"""A file of offences on its way in: bytes to lines to drafts, each held against the same schema as a single record, on into staging.

Memory stays constant: nothing is kept but the line at hand and the first faults.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from marshmallow import ValidationError

from service.offences import OffenceDraft
from service.recognising import Recognise, Recogniser
from service.store import Book
from service.store.copying import copy_written, row
from service.store.identifiers import ids_in_turn
from service.web import formats
from service.web.fields import Text
from service.web.operations import pointed

LONGEST_LINE = 65_536
MOST_FAULTS_KEPT = 10_000
ROWS_AT_ONCE = 500
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which spreadsheets put before UTF-8
COLUMNS = (
    "area",
    "code",
    "committed_from",
    "committed_to",
    "crime_ref",
    "location",
    "outcome",
    "outcome_on",
    "recorded_at",
    "recorded_by",
    "recorded_on",
    "reported_at",
    "reported_by",
    "transferred_from",
    "victims",
    "victims_told_on",
)
RECOGNISED = ("force", *COLUMNS)


class OffenceLine(OffenceDraft):
    """An offence on a line of a file: as a single one, but its force may be said once for the whole file."""

    force = Text(load_default=None)


class OffenceRow(OffenceLine):
    """The same where everything is text: a row of CSV."""

    from_text = True


@dataclass
class Staged:
    """What came in: its force (null when no line says it), its lines, its SHA-256, and the faults found so far.

    `forces` gives the code of each force by slug and by code, `said` are the names by which the lines called theirs.
    """

    forces: dict[str, str]
    digest: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    force: str | None = None
    lines: int = 0
    more_faults: int = 0
    said: set[str | None] = field(default_factory=set)

    def note(self, line: int, name: str, value: Any, detail: str) -> None:
        """Keep a fault, or count it when there are too many to keep."""
        if len(self.faults) >= MOST_FAULTS_KEPT:
            self.more_faults += 1
            return
        shown = value if value is None or isinstance(value, str) else orjson.dumps(value, default=str).decode()
        kept = {"field": name[:100] or "line", "value": shown and shown[:200], "detail": detail}
        plain = {said: text and text.replace("\x00", "␀") for said, text in kept.items()}  # no text of the database holds NUL
        self.faults.append({"line": line, **plain})

    def is_of_the_force(self, line: int, name: Any) -> bool:
        """Does a line belong to the file's one force? One that names another, or none, is a fault."""
        if name is not None and not isinstance(name, str):
            return False  # the schema says so
        if name in self.said:
            return True
        code = self.force if name is None else self.forces.get(name) or self.forces.get(name.lower())
        self.force = self.force or code
        if code is None:
            detail = "The line names no force, and none was named for the file: ?force=… names it once." if name is None else (
                f"No force is called {name[:100]}. GET /v1/areas?kind=force lists them.")  # fmt: skip
            self.note(line, "force", name, detail)
        elif code != self.force:
            self.note(line, "force", name, f"The file is of force {self.force}: send each force's records in a file of their own.")
        if code is None or code != self.force:
            return False
        self.said.add(name)
        return True


def lines_of(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    """Cut a stream into lines without their ends or a byte order mark; LF and CRLF alike.

    Of a line over LONGEST_LINE no more than that and one byte more is kept, by which it is found faulty.
    """
    held, mark = b"", _MARK
    for piece in pieces:
        digest.update(piece)
        *whole, held = (held + piece).split(b"\n")
        if whole and mark:
            whole[0], mark = whole[0].removeprefix(mark), b""
        for one in whole:
            yield (one[:-1] if one.endswith(b"\r") else one)[: LONGEST_LINE + 1]
        if len(held) > 4 * LONGEST_LINE:
            held = held[: 2 * LONGEST_LINE]
    if held.removeprefix(mark):
        yield held.removeprefix(mark).removesuffix(b"\r")[: LONGEST_LINE + 1]


def _text(number: int, line: bytes, staged: Staged) -> str | None:
    """A line as text, or null and a fault."""
    if len(line) > LONGEST_LINE:
        staged.note(number, "line", line[:60].decode(errors="replace"), f"The line is longer than {LONGEST_LINE:,} bytes.")
        return None
    try:
        return line.decode()
    except UnicodeDecodeError:
        staged.note(number, "line", line[:60].decode(errors="replace"), "The line is not UTF-8: save the file as UTF-8.")
        return None


def _cells(number: int, line: bytes, staged: Staged) -> list[str] | None:
    """The cells of a row of CSV, or null and a fault. A row is one line: what a quote opens closes on the same line."""
    if (text := _text(number, line, staged)) is None:
        return None
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as fault:
        detail = f"The line is not CSV ({fault}): check its quotes."
        if "\r" in text:
            detail = "A carriage return stands inside the line: end each line with LF or CRLF."
        elif "unexpected end" in str(fault):
            detail = "A quote opens a cell that does not close on this line: a record is one line, so take line ends out of its cells."
        staged.note(number, "line", text[:60], detail)
        return None


def _header(line: bytes, staged: Staged) -> list[str] | None:
    """The fields that the first line names, or null and a fault for each thing wrong with it."""
    if (names := _cells(1, line, staged)) is None:
        return None
    known = OffenceLine().fields
    for name in dict.fromkeys(names):
        if name not in known:
            staged.note(1, name, name, f"The header names {name[:100] or 'a field without a name'}; fields are {', '.join(sorted(known))}.")
        elif names.count(name) > 1:
            staged.note(1, name, name, f"The header names {name} more than once.")
    for name, one in known.items():
        if name not in names and (one.required or (name == "force" and staged.force is None)):
            otherwise = ", and ?force=… does not name the force of the whole file" if name == "force" else ""
            staged.note(1, name, None, f"The header has no column {name}{otherwise}.")
    return None if staged.faults else names


class _Rows:
    """CSV: a header of field names, then a row on each line; rows of empty cells are passed over."""

    schema: OffenceLine = OffenceRow()

    def __init__(self, lines: Iterator[bytes], staged: Staged) -> None:
        first = next(lines, None)
        self._header = None if first is None else _header(first, staged)
        self._staged = staged
        self.begins = 2
        self.recognise: Recognise = Recogniser(self.schema, RECOGNISED).of_rows(self._header or [])

    def read(self, number: int, line: bytes) -> dict[str, Any] | None:
        """What the line says, field by field; null where it says nothing or cannot be read."""
        if self._header is None:
            return None
        cells = _cells(number, line, self._staged)
        self._staged.lines += cells is None or any(cells)
        if not cells or not any(cells):
            return None
        if len(cells) == len(self._header):
            return {name: cell for name, cell in zip(self._header, cells, strict=True) if cell}
        self._staged.note(number, "line", ",".join(cells)[:60], f"The line has {len(cells)} cells, the header {len(self._header)}.")
        return None


class _Objects:
    """NDJSON: an object on each line; empty lines are passed over."""

    schema = OffenceLine()

    def __init__(self, lines: Iterator[bytes], staged: Staged) -> None:
        self._staged = staged
        self.begins = 1
        self.recognise: Recognise = Recogniser(self.schema, RECOGNISED).of_objects()

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
        return sent


READERS: dict[str, type[_Rows] | type[_Objects]] = {formats.CSV: _Rows, formats.NDJSON: _Objects}


def _judged(number: int, sent: dict[str, Any], schema: OffenceLine, staged: Staged) -> dict[str, Any] | None:
    """The draft that a line is, or null and its faults."""
    of_the_force = staged.is_of_the_force(number, sent.get("force"))
    try:
        draft: dict[str, Any] = schema.load(sent)
    except ValidationError as fault:
        for pointer, detail in pointed(fault.messages):
            name = pointer.strip("/").split("/")[0]
            staged.note(number, name, sent.get(name), "No field has this name." if detail == "Unknown field." else detail)
        return None
    return draft if of_the_force else None


def _written(lines: Iterator[bytes], reader: _Rows | _Objects, staged: Staged) -> Iterator[str]:
    """Each good line as a row for COPY, many at a time; the others leave their faults."""
    recognise, beginning, held = reader.recognise, ids_in_turn(), []
    for number, line in enumerate(lines, start=reader.begins):
        cells = recognise(line)
        if cells is not None and len(line) <= LONGEST_LINE:
            staged.lines += 1
            if staged.is_of_the_force(number, cells[0].strip('"') or None):
                held.append(f"{number},{beginning}{number:08x},{','.join(cells[1:])}\r\n")
        elif (sent := reader.read(number, line)) is not None and (draft := _judged(number, sent, reader.schema, staged)) is not None:
            held.append(row(number, f"{beginning}{number:08x}", *(draft[name] for name in COLUMNS)))
        if len(held) >= ROWS_AT_ONCE:
            yield "".join(held)
            held = []
    yield "".join(held)


def stage(book: Book, pieces: Iterable[bytes], media_type: str, force: str | None) -> Staged:
    """Put every good line into staged_offence and return what was found. `force` is the file's, by code; None takes its lines' word."""
    codes = {row["slug"]: row["area"] for row in book.submissions.forces()}  # now: the connection will be busy copying
    staged, digest = Staged({**codes, **{code: code for code in codes.values()}}, force=force), hashlib.sha256()
    lines = lines_of(pieces, digest)
    reader = READERS[media_type](lines, staged)
    book.submissions.begin_staging()
    copy_written(book, "staged_offence", ("line", "offence_id", *COLUMNS), _written(lines, reader, staged))
    book.submissions.analyse_staging()
    staged.digest = digest.hexdigest()
    return staged
