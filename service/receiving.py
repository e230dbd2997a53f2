"""A file of offences on its way in: bytes to lines to drafts, each held against the same schema as a single record, on into staging.

Memory stays constant: nothing is kept but the line at hand and the first faults.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from marshmallow import ValidationError

from service.readers import COLUMNS, LONGEST_LINE, Objects, Rows
from service.store import Book
from service.store.copying import copy_written, row
from service.store.identifiers import ids_in_turn
from service.translating import Mapping
from service.web import formats
from service.web.operations import pointed

MOST_FAULTS_KEPT = 10_000
ROWS_AT_ONCE = 500
_MARK = b"\xef\xbb\xbf"  # a byte order mark, which spreadsheets put before UTF-8


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


READERS: dict[str, type[Rows] | type[Objects]] = {formats.CSV: Rows, formats.NDJSON: Objects}


def _judged(number: int, sent: dict[str, Any], reader: Rows | Objects, staged: Staged) -> dict[str, Any] | None:
    """The draft that a line is, or null and its faults."""
    of_the_force = staged.is_of_the_force(number, sent.get("force"))
    try:
        draft: dict[str, Any] = reader.schema.load(sent)
    except ValidationError as fault:
        for pointer, detail in pointed(fault.messages):
            name = pointer.strip("/").split("/")[0]
            said = "No field has this name." if detail == "Unknown field." else detail
            staged.note(number, name, sent.get(name), f"{reader.comes_from(name)}{said}")
        return None
    return draft if of_the_force else None


def _written(lines: Iterator[bytes], reader: Rows | Objects, staged: Staged) -> Iterator[str]:
    """Each good line as a row for COPY, many at a time; the others leave their faults."""
    recognise, beginning, held = reader.recognise, ids_in_turn(), []
    for number, line in enumerate(lines, start=reader.begins):
        cells = recognise(line)
        if cells is not None and len(line) <= LONGEST_LINE:
            staged.lines += 1
            if staged.is_of_the_force(number, cells[0].strip('"') or None):
                held.append(f"{number},{beginning}{number:08x},{','.join(cells[1:])}\r\n")
        elif (sent := reader.read(number, line)) is not None and (draft := _judged(number, sent, reader, staged)) is not None:
            held.append(row(number, f"{beginning}{number:08x}", *(draft[name] for name in COLUMNS)))
        if len(held) >= ROWS_AT_ONCE:
            yield "".join(held)
            held = []
    yield "".join(held)


def stage(book: Book, pieces: Iterable[bytes], media_type: str, force: str | None, mapping: Mapping | None = None) -> Staged:
    """Put every good line into staged_offence and return what was found. `force` is the file's, by code; None takes its lines' word.
    With a mapping the lines are in the force's own words."""
    codes = {row["slug"]: row["area"] for row in book.submissions.forces()}  # now: the connection will be busy copying
    staged, digest = Staged({**codes, **{code: code for code in codes.values()}}, force=force), hashlib.sha256()
    lines = lines_of(pieces, digest)
    reader = READERS[media_type](lines, staged, mapping)
    book.submissions.begin_staging()
    copy_written(book, "staged_offence", ("line", "offence_id", *COLUMNS), _written(lines, reader, staged))
    book.submissions.analyse_staging()
    staged.digest = digest.hexdigest()
    return staged
