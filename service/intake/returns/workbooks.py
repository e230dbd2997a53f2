"""The sheets of a workbook, ODS or XLSX, one table after another, read by a process of its own whose memory
and time are limited."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO

import orjson

from service.intake.returns import tables
from service.intake.returns.tables import Row, Table
from service.web.problems import Problem

ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_FILES_INSIDE = 2_000
MOST_SHEETS = 100
MOST_COLUMNS = 200
MOST_MEMORY = 3 * 2**29
MOST_SECONDS = 300
"""Of the processor, for one workbook. The Home Office's largest, of 359 million bytes of XML, takes some
three seconds."""

_READER = Path(__file__).with_name("workbook_reader.py")


def read_workbook(file: bytes) -> Generator[Table, None, None]:
    """The table of each sheet, in the workbook's order; each is to be read before the next is asked for.

    Raises a 422 problem for what is no workbook, is broken or encrypted, and 413 for one that is too large
    once unpacked.
    """
    _require_size(file)
    command = [sys.executable, "-P", str(_READER), str(MOST_MEMORY), str(MOST_SECONDS), str(MOST_COLUMNS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        try:
            assert reader.stdin is not None
            assert reader.stdout is not None
            _hand_over(file, reader.stdin)
            yield from _read_sheets(reader.stdout)
        finally:
            reader.kill()


def _require_size(file: bytes) -> None:
    """Raise a problem by the directory of the zip file, before anything is unpacked: one whose directory is
    false meets the reader's own limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            inside = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise _refuse_broken(
            "it is no ODS or XLSX file, or it was cut short, or protected by a password"
        ) from None
    if any(entry.flag_bits & 1 for entry in inside):
        raise _refuse_encrypted()
    if len(inside) > MOST_FILES_INSIDE or sum(entry.file_size for entry in inside) > tables.LARGEST_UNPACKED:
        raise Problem(
            "too-large",
            f"An unpacked workbook has at most {tables.LARGEST_UNPACKED:,} bytes in {MOST_FILES_INSIDE:,}"
            " files.",
        )


def _hand_over(file: bytes, stream: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # the reader ended first; `_read_messages` finds out how
        stream.write(file)
    with suppress(BrokenPipeError):
        stream.close()


def _refuse_broken(why: str) -> Problem:
    return Problem(
        "refused-file",
        f"The workbook cannot be read: {why}.",
        hint="Open it, save it again as ODS or XLSX, and send that.",
    )


def _refuse_encrypted() -> Problem:
    return Problem(
        "refused-file",
        "The workbook is protected by a password.",
        hint="Save it without a password and send that.",
    )


def _read_sheets(lines: IO[bytes]) -> Iterator[Table]:
    """Each sheet that the reader writes; what is left unread of one is passed over."""
    for (number, name), rows in groupby(_number_rows(lines), key=itemgetter(0)):
        if number > MOST_SHEETS:
            raise Problem("too-large", f"A workbook has at most {MOST_SHEETS} sheets.")
        yield Table(name, (row for _, row in rows if row is not None))


def _number_rows(lines: IO[bytes]) -> Iterator[tuple[tuple[int, str], Row | None]]:
    """Each sheet, by number and name, with nothing; then with each of its rows."""
    sheet, line = (0, ""), 0
    for message in _read_messages(lines):
        match message:
            case {"sheet": name}:
                sheet, line = (sheet[0] + 1, name), 0
                yield sheet, None
            case {"wide": columns}:
                raise _refuse_broken(
                    f"sheet {sheet[1]} has {columns:,} columns, and {MOST_COLUMNS} are the most"
                )
            case list(cells):
                line += 1
                yield sheet, (line, cells)


def _read_messages(lines: IO[bytes]) -> Iterator[object]:
    """What the reader writes, to its end: the name of a sheet, how wide one is that is too wide, or the cells
    of a row. Raises a problem when it writes that something is wrong, or breaks off."""
    for line in lines:
        message = orjson.loads(line)
        match message:
            case {"end": True}:
                return
            case {"fault": "encrypted"}:
                raise _refuse_encrypted()
            case {"fault": _}:
                reason = message["reason"]
                raise _refuse_broken(
                    "inside it is not, or not wholly, what an ODS or XLSX file is"
                    if "detect" in reason
                    else reason
                )
        yield message
    raise _refuse_broken(
        f"it asks for more than {MOST_MEMORY // 2**20:,} MiB of memory or {MOST_SECONDS} seconds, or it is"
        " damaged"
    )
