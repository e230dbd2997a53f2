"""A file of offences on its way in: bytes to lines to drafts, each judged by the same schema as a single
record, on into staging.

Memory stays constant: nothing is kept but the line at hand and the first faults.
"""

import hashlib
from collections.abc import Iterable, Iterator

from marshmallow import ValidationError

from service.intake.lines import LONGEST_LINE, cut_lines, hash_pieces
from service.intake.offences.lines import COLUMNS, ObjectReader, RowReader
from service.intake.offences.staged import Staged
from service.intake.offences.translation import Mapping
from service.store import Book
from service.store.copying import copy_written, row
from service.store.identifiers import ids_in_turn
from service.web.answers import formats
from service.web.request.arguments import pointed

ROWS_AT_ONCE = 500
READERS: dict[str, type[RowReader] | type[ObjectReader]] = {
    formats.CSV: RowReader,
    formats.NDJSON: ObjectReader,
}


def _load_draft(
    number: int, values: dict[str, object], reader: RowReader | ObjectReader, staged: Staged
) -> dict[str, object] | None:
    """The draft that a line is, or null and its faults."""
    is_of_force = staged.check_force(number, values.get("force"))
    try:
        draft: dict[str, object] = reader.schema.load(values)
    except ValidationError as fault:
        for pointer, message in pointed(fault.messages):
            name = pointer.strip("/").split("/")[0]
            detail = "No field has this name." if message == "Unknown field." else message
            staged.faults.note(number, name, values.get(name), f"{reader.word_column(name)}{detail}")
        return None
    return draft if is_of_force else None


def _write_rows(lines: Iterator[bytes], reader: RowReader | ObjectReader, staged: Staged) -> Iterator[str]:
    """Each good line as a row for COPY, many at a time; the others leave their faults."""
    recognise, id_beginning = reader.recognise, ids_in_turn()
    rows: list[str] = []
    for number, line in enumerate(lines, start=reader.first_line):
        cells = recognise(line)
        if cells is not None and len(line) <= LONGEST_LINE:
            staged.lines += 1
            if staged.check_force(number, cells[0].strip('"') or None):
                rows.append(f"{number},{id_beginning}{number:08x},{','.join(cells[1:])}\r\n")
        elif (values := reader.read_line(number, line)) is not None and (
            draft := _load_draft(number, values, reader, staged)
        ) is not None:
            rows.append(row(number, f"{id_beginning}{number:08x}", *(draft[name] for name in COLUMNS)))
        if len(rows) >= ROWS_AT_ONCE:
            yield "".join(rows)
            rows = []
    yield "".join(rows)


def stage_offences(
    book: Book, pieces: Iterable[bytes], media_type: str, force: str | None, mapping: Mapping | None = None
) -> Staged:
    """Put every good line into staged_offence and return what was found. `force` is the file's, by code;
    where it is null the lines say it. With a mapping the lines are in the force's own words."""
    forces = book.intake.offences.submissions.forces()  # now: the connection will be busy copying
    codes = {place[name]: place["area"] for place in forces for name in ("slug", "area")}
    staged, digest = Staged(codes, force=force), hashlib.sha256()
    lines = cut_lines(hash_pieces(pieces, digest))
    reader = READERS[media_type](lines, staged, mapping)
    book.intake.offences.submissions.begin_staging()
    copy_written(book, "staged_offence", ("line", "offence_id", *COLUMNS), _write_rows(lines, reader, staged))
    book.intake.offences.submissions.analyse_staging()
    staged.digest = digest.hexdigest()
    return staged
