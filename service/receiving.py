"""A file of offences on its way in: bytes to lines to drafts, each held against the same schema as a single record, on into staging.

Memory stays constant: nothing is kept but the line at hand and the first faults.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg2
from marshmallow import ValidationError

from service.offences import OffenceDraft
from service.store import Book
from service.store.identifiers import new_id
from service.web import formats
from service.web.fields import Text
from service.web.operations import pointed

LONGEST_LINE = 65_536
MOST_FAULTS_KEPT = 10_000
COLUMNS = (
    "area",
    "code",
    "committed_from",
    "committed_to",
    "crime_ref",
    "location",
    "recorded_at",
    "recorded_on",
    "reported_at",
    "victims",
)


class OffenceLine(OffenceDraft):
    """An offence on a line of a file: as a single one, but its force may be said once for the whole file."""

    force = Text(load_default=None)


class OffenceRow(OffenceLine):
    """The same where everything is text: a row of CSV."""

    from_text = True


@dataclass
class Staged:
    """What came in: its force (null when no line says it), its lines, its SHA-256, and the faults found so far."""

    digest: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    force: str | None = None
    lines: int = 0
    more_faults: int = 0

    def note(self, line: int, name: str, value: Any, detail: str) -> None:
        """Keep a fault, or count it when there are too many to keep."""
        if len(self.faults) < MOST_FAULTS_KEPT:
            shown = None if value is None else str(value)[:200]
            self.faults.append({"line": line, "field": name or "line", "value": shown, "detail": detail})
        else:
            self.more_faults += 1


def lines_of(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    """Cut a stream into lines without their ends; LF and CRLF alike. A line over LONGEST_LINE is cut there and found faulty."""
    held = b""
    for piece in pieces:
        digest.update(piece)
        held += piece
        *whole, held = held.split(b"\n")
        yield from (one[: LONGEST_LINE + 1].removesuffix(b"\r") for one in whole)
        if len(held) > 4 * LONGEST_LINE:
            held = held[: LONGEST_LINE + 1]
    if held:
        yield held[: LONGEST_LINE + 1].removesuffix(b"\r")


def _rows(lines: Iterator[bytes], staged: Staged) -> Iterator[tuple[int, dict[str, Any]]]:
    """CSV: a header of field names, then a row on each line."""
    header: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            cells = next(csv.reader([text], strict=True), [])
        except UnicodeDecodeError:
            staged.note(number, "line", line[:60], "The line is not UTF-8: save the file as UTF-8.")
            continue
        except csv.Error as fault:
            staged.note(number, "line", line[:60].decode(errors="replace"), f"The line is not CSV ({fault}): check its quotes.")
            continue
        if header is None:
            header = cells
            known = set(OffenceLine().fields)
            for name in header:
                if name not in known or header.count(name) > 1:
                    staged.note(1, name, name, f"The header must name these fields, each once: {', '.join(sorted(known))}.")
            if staged.faults:
                return
        elif len(cells) != len(header):
            if cells:
                staged.note(number, "line", text[:60], f"The line has {len(cells)} cells, the header {len(header)}.")
        else:
            yield number, {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}


def _objects(lines: Iterator[bytes], staged: Staged) -> Iterator[tuple[int, dict[str, Any]]]:
    """NDJSON: an object on each line; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            sent = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            staged.note(number, "line", line[:60].decode(errors="replace"), f"The line is not JSON: {fault}.")
            continue
        if isinstance(sent, dict):
            yield number, sent
        else:
            staged.note(number, "line", line[:60].decode(errors="replace"), "The line is not a JSON object.")


READERS: dict[str, tuple[Callable[[Iterator[bytes], Staged], Iterator[tuple[int, dict[str, Any]]]], OffenceLine]] = {
    formats.CSV: (_rows, OffenceRow()),
    formats.NDJSON: (_objects, OffenceLine()),
}


def _drafts(lines: Iterator[bytes], media_type: str, staged: Staged) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each good line as a draft; the others leave their faults."""
    read, schema = READERS[media_type]
    for number, sent in read(lines, staged):
        staged.lines += 1
        try:
            draft = schema.load(sent)
        except ValidationError as fault:
            for pointer, detail in pointed(fault.messages):
                name = pointer.strip("/").split("/")[0]
                staged.note(number, name, sent.get(name), "No field has this name." if detail == "Unknown field." else detail)
            continue
        yield number, draft


class Reading:
    """Strings that arrive one by one, as the file that COPY reads."""

    def __init__(self, rows: Iterator[str]) -> None:
        self._rows, self._held = rows, ""
        self.fault: BaseException | None = None

    def read(self, size: int = -1) -> str:
        """Up to `size` characters; empty at the end."""
        parts, length = [self._held], len(self._held)
        try:
            while length < size and (row := next(self._rows, None)) is not None:
                parts.append(row)
                length += len(row)
        except BaseException as fault:
            self.fault = fault
            raise
        text = "".join(parts)
        text, self._held = text[:size], text[size:]
        return text


def copy(book: Book, table: str, columns: tuple[str, ...], rows: Iterator[str]) -> None:
    """COPY rows of CSV into a staging table. What goes wrong while they are made is raised as it is, not as an error of COPY."""
    reading = Reading(rows)
    try:
        with book.connection.cursor() as cursor:
            cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin (format csv)", reading, 65_536)
    except psycopg2.Error:
        if reading.fault is not None:
            raise reading.fault from None
        raise


def stage(book: Book, pieces: Iterable[bytes], media_type: str, force: str | None) -> Staged:
    """Put every good line into staged_offence and return what was found. `force` is the file's, by code, or None to take its lines' word."""
    staged, digest = Staged(force=force), hashlib.sha256()
    forces = {row["slug"]: row["area"] for row in book.submissions.forces()}  # now: the connection will be busy copying
    drafts = _of_one_force(forces, _drafts(lines_of(pieces, digest), media_type, staged), staged)
    book.submissions.begin_staging()
    copy(book, "staged_offence", ("line", "offence_id", *COLUMNS), _copied(drafts))
    book.submissions.analyse_staging()
    staged.digest = digest.hexdigest()
    return staged


def _of_one_force(
    forces: dict[str, str], drafts: Iterator[tuple[int, dict[str, Any]]], staged: Staged
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The drafts of the file's one force; a line that names another, or none, is a fault. `forces` gives the code of each slug."""
    named = {**forces, **{code: code for code in forces.values()}}
    for number, draft in drafts:
        name = draft["force"]
        code = staged.force if name is None else named.get(name) or named.get(name.lower())
        staged.force = staged.force or code
        if code is None:
            staged.note(number, "force", name, "The line names no force that is known, and none was named for the file.")
        elif code != staged.force:
            staged.note(number, "force", name, f"The file is of force {staged.force}: send each force's records in a file of their own.")
        else:
            yield number, draft


def _copied(drafts: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[str]:
    """The drafts as the CSV that COPY reads, in pieces of some 64 kB."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, draft in drafts:
        writer.writerow((number, new_id(), *(draft[name] for name in COLUMNS)))
        if buffer.tell() > 65_536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
