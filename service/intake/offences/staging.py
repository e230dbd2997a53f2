"""A file of offences on its way in: bytes to lines to drafts, each held against the same schema as a single
record, on into staging.

Memory stays constant: nothing is kept but the line at hand and the first faults.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import ValidationError

from service.intake.lines import LONGEST_LINE, lines_of
from service.intake.offences.lines import COLUMNS, Objects, Rows
from service.intake.offences.staged import Staged
from service.intake.offences.translation import Mapping
from service.store import Book
from service.store.copying import copy_written, row
from service.store.identifiers import ids_in_turn
from service.web.answers import formats
from service.web.request.arguments import pointed

ROWS_AT_ONCE = 500


READERS: dict[str, type[Rows] | type[Objects]] = {formats.CSV: Rows, formats.NDJSON: Objects}


def _judged(
    number: int, sent: dict[str, Any], reader: Rows | Objects, staged: Staged
) -> dict[str, Any] | None:
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
        elif (sent := reader.read(number, line)) is not None and (
            draft := _judged(number, sent, reader, staged)
        ) is not None:
            held.append(row(number, f"{beginning}{number:08x}", *(draft[name] for name in COLUMNS)))
        if len(held) >= ROWS_AT_ONCE:
            yield "".join(held)
            held = []
    yield "".join(held)


def stage(
    book: Book, pieces: Iterable[bytes], media_type: str, force: str | None, mapping: Mapping | None = None
) -> Staged:
    """Put every good line into staged_offence and return what was found. `force` is the file's, by code; None
    takes its lines' word. With a mapping the lines are in the force's own words."""
    codes = {
        row["slug"]: row["area"] for row in book.intake.offences.submissions.forces()
    }  # now: the connection will be busy copying
    staged, digest = (
        Staged({**codes, **{code: code for code in codes.values()}}, force=force),
        hashlib.sha256(),
    )
    lines = lines_of(pieces, digest)
    reader = READERS[media_type](lines, staged, mapping)
    book.intake.offences.submissions.begin_staging()
    copy_written(book, "staged_offence", ("line", "offence_id", *COLUMNS), _written(lines, reader, staged))
    book.intake.offences.submissions.analyse_staging()
    staged.digest = digest.hexdigest()
    return staged
