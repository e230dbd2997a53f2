"""Files from this machine into the book: the same code as over HTTP, without the HTTP."""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from tqdm import tqdm

from service.callers.callers import OWN_NAME
from service.intake.lines import cut_lines, split_row
from service.intake.offences import mapping_guess, mappings, submissions
from service.intake.offences.options import SubmissionOptions
from service.intake.offences.receipts import SubmissionReceipt
from service.intake.offences.submitting import submit_offences
from service.intake.offences.translation import Mapping
from service.intake.police_uk import archives
from service.intake.police_uk import submissions as street_submissions
from service.intake.police_uk.receipts import StreetReceipt
from service.intake.police_uk.submitting import submit_street_files
from service.intake.returns import returns
from service.intake.returns.options import ReturnOptions
from service.intake.returns.receiving import receive_return
from service.intake.senders import sender_at_terminal
from service.store import database
from service.web.answers import formats
from service.web.problems import Problem
from service.web.request import access, unpacking
from service.web.request.arguments import load

_MEDIA_TYPES = {".csv": formats.CSV, ".ndjson": formats.NDJSON, ".jsonl": formats.NDJSON}
SECONDS_BETWEEN_LINES = 5
ROWS_GUESSED_FROM = 100


def find_media_type(path: Path) -> str:
    """CSV or NDJSON, by the file's ending, with or without .gz behind it. Raises ValueError for others."""
    try:
        return _MEDIA_TYPES[Path(path.name.lower().removesuffix(".gz")).suffix]
    except KeyError:
        raise ValueError(
            f"{path.name}: offences come as {', '.join(sorted(_MEDIA_TYPES))}, each also with .gz."
        ) from None


class ProgressLines:
    """Progress as plain lines: one every few seconds and one at the end, like `Northamptonshire 2012/13:
    46,984 rows, 8,400 rows/s`; where the size is known, with the share that is read and the seconds left to
    read the rest."""

    def __init__(self, title: str, size: int | None = None) -> None:
        self._title, self._count, self._size, self._read = title, 0, size, 0
        self._began = self._printed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._print("")

    def add_rows(self, count: int) -> None:
        """So many more rows are done."""
        self._count += count
        if self._count and time.monotonic() - self._printed >= SECONDS_BETWEEN_LINES:
            self._print(self._word_rest())

    def add_bytes(self, length: int) -> None:
        """So many more bytes of the file are read."""
        self._read += length

    def _word_rest(self) -> str:
        if not self._size or not self._read:
            return ""
        left = (time.monotonic() - self._began) * (self._size - self._read) / self._read
        return f", {100 * self._read // self._size} % read" + (
            f", {left:,.0f} s left to read" if self._read < self._size else ""
        )

    def _print(self, rest: str) -> None:
        self._printed = time.monotonic()
        rate = self._count / max(self._printed - self._began, 0.001)
        print(
            f"{self._title}: {self._count:,} rows, {rate:,.0f} rows/s{rest}",
            file=sys.stderr,
            flush=True,
        )


class ProgressBar:
    """The same as a bar: of the bytes, where the size is known, with rows, rate and the time left to read
    beside it."""

    def __init__(self, title: str, size: int | None = None) -> None:
        self._rows, self._began = 0, time.monotonic()
        self._bar: tqdm[Any] = (
            tqdm(
                desc=title,
                unit=" rows",
                file=sys.stderr,
                total=size,
                bar_format="{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]",
            )
            if size
            else tqdm(desc=title, unit=" rows", file=sys.stderr)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def add_rows(self, count: int) -> None:
        """So many more rows are done."""
        if not self._bar.total:
            self._bar.update(count)
            return
        self._rows += count
        rate = self._rows / max(time.monotonic() - self._began, 0.001)
        self._bar.set_postfix_str(f"{self._rows:,} rows, {rate:,.0f} rows/s", refresh=False)

    def add_bytes(self, length: int) -> None:
        """So many more bytes of the file are read."""
        if self._bar.total:
            self._bar.update(length)


Progress = ProgressLines | ProgressBar


def show_progress(title: str, size: int | None = None) -> Progress:
    """A bar on a terminal, a line now and then elsewhere; both with rows and rate, and the time left where
    the size in bytes is known."""
    return (ProgressBar if sys.stderr.isatty() else ProgressLines)(title, size)


def read_pieces(path: Path, add_bytes: Callable[[int], None], most: int) -> Iterator[bytes]:
    """A file's bytes as they come, unpacked where its name ends with .gz; `add_bytes` is called with how many
    were read."""

    def read_packed() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(65_536):
                add_bytes(len(piece))
                yield piece

    return unpacking.unpacked(read_packed(), most) if path.suffix.lower() == ".gz" else read_packed()


def _count_rows(pieces: Iterable[bytes], progress: Progress, headings: int) -> Iterator[bytes]:
    """The pieces as they come, their lines counted less the headings; a last line without an end counts
    too."""
    last = b"\n"
    for piece in pieces:
        lines = piece.count(b"\n")
        progress.add_rows(lines - min(headings, lines))
        headings -= min(headings, lines)
        last = piece[-1:] or last
        yield piece
    if last != b"\n":
        progress.add_rows(1)


def load_file(path: Path, options: SubmissionOptions, most: int) -> SubmissionReceipt:
    """Submit a file of offences, showing progress; returns the receipt. Unpacked it has at most `most`
    bytes."""
    media_type = find_media_type(path)
    with show_progress(path.name, size=path.stat().st_size) as progress:
        return _submit(read_pieces(path, progress.add_bytes, most), media_type, progress, options)


def load_offences(
    pieces: Iterable[bytes], media_type: str, title: str, options: SubmissionOptions
) -> SubmissionReceipt:
    """Submit a stream of offences, showing progress; returns the receipt."""
    with show_progress(title) as progress:
        return _submit(pieces, media_type, progress, options)


def _submit(
    pieces: Iterable[bytes], media_type: str, progress: Progress, options: SubmissionOptions
) -> SubmissionReceipt:
    sender = sender_at_terminal(OWN_NAME)
    rows = _count_rows(pieces, progress, 1 if media_type == formats.CSV else 0)
    with database.preparing(submissions.SECONDS_TO_APPLY) as book:
        receipt = submit_offences(book, rows, media_type, options, sender)
        members = submissions.summarise_access(receipt)
        members |= {"change": receipt.change, "media_type": media_type}
        database.log_now(
            access.entry("submitOffences", "collection", sender.name, sender.trace_id, **members)
        )
        return receipt


def load_mapping(name: str | None) -> Mapping | str | None:
    """The mapping that --mapping gives: a name, or what a file of JSON holds. Raises a problem for a mapping
    that breaks a rule."""
    if name is None or not name.lower().endswith(".json"):
        return name
    return Mapping(**load(mappings.MappingDraft(), json.loads(Path(name).read_text(encoding="utf-8"))))


def guess_mapping(path: Path, most: int) -> mapping_guess.Guess:
    """The mapping guessed from a CSV file's header and its first rows. Raises ValueError where it has
    none."""
    rows: list[list[str]] = []
    try:
        for line in cut_lines(read_pieces(path, lambda _: None, most)):
            rows.append(split_row(line.decode()))
            if len(rows) > ROWS_GUESSED_FROM:
                break
    except (UnicodeDecodeError, csv.Error) as fault:
        raise ValueError(f"{path.name}, line {len(rows) + 1}: this is no CSV in UTF-8 ({fault}).") from None
    if not rows:
        raise ValueError(f"{path.name} has no header.")
    return mapping_guess.guess_mapping(rows[0], rows[1:])


def load_return(file: bytes, options: ReturnOptions) -> dict[str, Any]:
    """Receive a return; gives back its row."""
    with database.preparing(returns.SECONDS_TO_KEEP) as book:
        row, _ = receive_return(book, file, options, sender_at_terminal(OWN_NAME))
        return row


def load_street_files(path: Path, most: int, reason: str | None) -> StreetReceipt:
    """Submit a file, folder or archive of data.police.uk, showing progress; returns the receipt. It may
    unpack to `most` bytes."""
    with ExitStack() as opened:
        source = archives.open_path(path, archives.Allowance(most), opened)
        with show_progress(path.name) as progress:
            source.parts = [
                replace(part, pieces=partial(_count_rows_of, part.pieces, progress)) for part in source.parts
            ]
            with database.preparing(street_submissions.SECONDS_TO_APPLY) as book:
                return submit_street_files(book, source, reason, sender_at_terminal(OWN_NAME))


def _count_rows_of(pieces: Callable[[], Iterable[bytes]], progress: Progress) -> Iterator[bytes]:
    return _count_rows(pieces(), progress, 1)


def write_problem(fault: Problem) -> str:
    """A problem as lines for a terminal."""
    lines = [fault.detail]
    for error in fault.errors or []:
        place = f"line {error['line']}" if "line" in error else error.get("pointer")
        lines.append(f"  {place}: {error['detail']}")
    return "\n".join(lines)
