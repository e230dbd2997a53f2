"""Files from this machine into the book: the same code as over HTTP, without the HTTP."""

import csv
import hashlib
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from tqdm import tqdm

from service.intake.lines import lines_of
from service.intake.offences import mapping_guess, mappings, submissions, submitting
from service.intake.offences.translation import Mapping
from service.intake.police_uk import archives
from service.intake.police_uk import submissions as street_submissions
from service.intake.returns import returns
from service.store import Book, database
from service.web.answers import formats
from service.web.problems import Problem
from service.web.request import access, unpacking
from service.web.request.arguments import load

_TYPES = {".csv": formats.CSV, ".ndjson": formats.NDJSON, ".jsonl": formats.NDJSON}
SECONDS_BETWEEN_LINES = 5
ROWS_GUESSED_FROM = 100


def media_type_of(path: Path) -> str:
    """CSV or NDJSON, by the file's ending, with or without .gz behind it. Raises ValueError for others."""
    try:
        return _TYPES[Path(path.name.lower().removesuffix(".gz")).suffix]
    except KeyError:
        raise ValueError(
            f"{path.name}: offences come as {', '.join(sorted(_TYPES))}, each also with .gz."
        ) from None


class Lines:
    """Progress as plain lines: one every few seconds and one at the end, like `Northamptonshire 2012/13:
    46,984 rows, 8,400 rows/s`; where the size is known, with the share that is read and the seconds left to
    read the rest."""

    def __init__(self, title: str, unit: str = "rows", size: int | None = None) -> None:
        self._title, self._unit, self._count, self._size, self._read = title, unit, 0, size, 0
        self._began = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._say("")

    def update(self, count: int) -> None:
        """So many more rows are done."""
        self._count += count
        if self._count and time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._say(self._rest())

    def read(self, length: int) -> None:
        """So many more bytes of the file are read."""
        self._read += length

    def _rest(self) -> str:
        if not self._size or not self._read:
            return ""
        left = (time.monotonic() - self._began) * (self._size - self._read) / self._read
        return f", {100 * self._read // self._size} % read" + (
            f", {left:,.0f} s left to read" if self._read < self._size else ""
        )

    def _say(self, rest: str) -> None:
        self._said = time.monotonic()
        rate = self._count / max(self._said - self._began, 0.001)
        print(
            f"{self._title}: {self._count:,} {self._unit}, {rate:,.0f} {self._unit}/s{rest}",
            file=sys.stderr,
            flush=True,
        )


class Bar(tqdm):  # type: ignore[type-arg]
    """The same as a bar: of the bytes, where the size is known, with rows, rate and the time left to read
    beside it."""

    def __init__(self, title: str, unit: str = "rows", size: int | None = None) -> None:
        self._rows, self._unit, self._began = 0, unit, time.monotonic()
        known: dict[str, Any] = (
            {
                "total": size,
                "bar_format": "{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]",
            }
            if size
            else {}
        )
        super().__init__(desc=title, unit=f" {unit}", file=sys.stderr, **known)

    def update(self, n: float | None = 1) -> bool | None:
        """So many more rows are done."""
        if not self.total:
            return bool(super().update(n))
        self._rows += int(n or 0)
        rate = self._rows / max(time.monotonic() - self._began, 0.001)
        self.set_postfix_str(f"{self._rows:,} {self._unit}, {rate:,.0f} {self._unit}/s", refresh=False)
        return None

    def read(self, length: int) -> None:
        """So many more bytes of the file are read."""
        if self.total:
            super().update(length)


def progress(title: str, unit: str = "rows", size: int | None = None) -> Any:
    """A bar on a terminal, a line now and then elsewhere; both with rows and rate, and the time left where
    the size is known."""
    return (Bar if sys.stderr.isatty() else Lines)(title, unit, size)


def pieces_of(path: Path, read: Callable[[int], None], most: int) -> Iterator[bytes]:
    """A file's bytes as they come, unpacked where its name ends with .gz; `read` is told how many were
    read."""

    def packed() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(65_536):
                read(len(piece))
                yield piece

    return unpacking.unpacked(packed(), most) if path.suffix.lower() == ".gz" else packed()


def _counted(pieces: Iterable[bytes], shown: Any, headings: int) -> Iterator[bytes]:
    """The pieces as they come, their lines counted less the headings; a last line without an end counts
    too."""
    last = b"\n"
    for piece in pieces:
        lines = piece.count(b"\n")
        shown.update(lines - min(headings, lines))
        headings -= min(headings, lines)
        last = piece[-1:] or last
        yield piece
    if last != b"\n":
        shown.update(1)


def load_file(path: Path, asked: dict[str, Any], most: int) -> dict[str, Any]:
    """Submit a file of offences, showing progress; returns the receipt. Unpacked it has at most `most`
    bytes."""
    media_type = media_type_of(path)
    with progress(path.name, size=path.stat().st_size) as shown:
        return _load(pieces_of(path, shown.read, most), media_type, shown, asked)


def load_offences(
    pieces: Iterable[bytes], media_type: str, title: str, asked: dict[str, Any], caller: str = "crimebook"
) -> dict[str, Any]:
    """Submit a stream of offences, showing progress; returns the receipt. `asked` has the members of
    SubmissionQuery."""
    with progress(title) as shown:
        return _load(pieces, media_type, shown, asked, caller)


def _load(
    pieces: Iterable[bytes], media_type: str, shown: Any, asked: dict[str, Any], caller: str = "crimebook"
) -> dict[str, Any]:
    trace_id = secrets.token_hex(16)

    def take_change(book: Book, receipt: dict[str, Any]) -> Book:
        return database.take_change(
            book, receipt["reason"], caller=caller, trace_id=trace_id, submission_id=receipt["submission_id"]
        )

    sender = submitting.Sender(caller, lambda _force: None, lambda _book, _digest: None, take_change)
    with database.preparing(submissions.SECONDS_TO_APPLY) as book:
        receipt = submitting.take(
            book, _counted(pieces, shown, 1 if media_type == formats.CSV else 0), media_type, asked, sender
        )
        said = {**submissions.collected(receipt), "change": receipt["change"], "media_type": media_type}
        database.log_now(access.entry("submitOffences", "collection", caller, trace_id, **said))
        return receipt


def mapping_of(said: str | None) -> Mapping | str | None:
    """The mapping that --mapping gives: a name, or what a file of JSON holds. Raises a problem for a mapping
    that breaks a rule."""
    if said is None or not said.lower().endswith(".json"):
        return said
    return Mapping(**load(mappings.MappingDraft(), json.loads(Path(said).read_text(encoding="utf-8"))))


def guessed(path: Path, most: int) -> dict[str, Any]:
    """The mapping guessed from a CSV file's header and its first rows. Raises ValueError where it has
    none."""
    rows: list[list[str]] = []
    try:
        for line in lines_of(pieces_of(path, lambda _: None, most), hashlib.sha256()):
            rows.append(next(csv.reader([line.decode()], strict=True), []))
            if len(rows) > ROWS_GUESSED_FROM:
                break
    except (UnicodeDecodeError, csv.Error) as fault:
        raise ValueError(f"{path.name}, line {len(rows) + 1}: this is no CSV in UTF-8 ({fault}).") from None
    if not rows:
        raise ValueError(f"{path.name} has no header.")
    return mapping_guess.guess(rows[0], rows[1:])


def load_return(file: bytes, asked: dict[str, Any], caller: str = "crimebook") -> dict[str, Any]:
    """Receive a return; returns it. `asked` has the members of ReturnQuery."""
    trace_id = secrets.token_hex(16)

    def take_change(book: Book) -> Book:
        return database.take_change(book, returns.reason_of(asked), caller=caller, trace_id=trace_id)

    with database.preparing(returns.SECONDS_TO_KEEP) as book:
        row, _ = returns.take(book, file, asked, take_change)
        return row


def load_street_files(path: Path, most: int, reason: str | None, caller: str = "crimebook") -> dict[str, Any]:
    """Submit a file, folder or archive of data.police.uk, showing progress; returns the receipt. It may
    unpack to `most` bytes."""
    trace_id = secrets.token_hex(16)

    def take_change(book: Book, reason: str) -> Book:
        return database.take_change(book, reason, caller=caller, trace_id=trace_id)

    sender = street_submissions.Sender(caller, lambda _force: None, lambda _book, _digest: None, take_change)
    with ExitStack() as opened:
        source = archives.of_path(path, archives.Allowance(most), opened)
        shown = opened.enter_context(progress(path.name))
        source.parts = [
            replace(part, pieces=partial(_counted_of, part.pieces, shown)) for part in source.parts
        ]
        with database.preparing(street_submissions.SECONDS_TO_APPLY) as book:
            return street_submissions.take(book, source, reason, sender)


def _counted_of(pieces: Callable[[], Iterable[bytes]], shown: Any) -> Iterator[bytes]:
    return _counted(pieces(), shown, 1)


def said_plainly(fault: Problem) -> str:
    """A problem as lines for a terminal."""
    lines = [fault.detail]
    lines += [
        f"  {one.get('pointer') if 'line' not in one else 'line ' + str(one['line'])}: {one['detail']}"
        for one in fault.errors or []
    ]
    return "\n".join(lines)
