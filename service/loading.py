"""Files from this machine into the book: the same code as over HTTP, without the HTTP."""

import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from tqdm import tqdm

from service import returns, submissions
from service.store import Book, database
from service.web import access, formats
from service.web.problems import Problem

_TYPES = {".csv": formats.CSV, ".ndjson": formats.NDJSON, ".jsonl": formats.NDJSON}
SECONDS_BETWEEN_LINES = 5


def media_type_of(path: Path) -> str:
    """CSV or NDJSON, by the file's ending. Raises ValueError for others."""
    try:
        return _TYPES[path.suffix.lower()]
    except KeyError:
        raise ValueError(f"{path.name}: offences come as {', '.join(sorted(_TYPES))}.") from None


class Lines:
    """Progress as plain lines: one every few seconds and one at the end, like `Northamptonshire 2012/13: 46,984 rows, 8,400 rows/s`."""

    def __init__(self, title: str, unit: str = "rows") -> None:
        self._title, self._unit, self._count = title, unit, 0
        self._began = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._say()

    def update(self, count: int) -> None:
        """So many more are done."""
        self._count += count
        if self._count and time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        rate = self._count / max(self._said - self._began, 0.001)
        print(f"{self._title}: {self._count:,} {self._unit}, {rate:,.0f} {self._unit}/s", file=sys.stderr, flush=True)


def progress(title: str, unit: str = "rows") -> Any:
    """A bar on a terminal, a line now and then elsewhere; both with rows and rate."""
    return tqdm(desc=title, unit=f" {unit}", file=sys.stderr) if sys.stderr.isatty() else Lines(title, unit)


def _counted(pieces: Iterable[bytes], shown: Any, headings: int) -> Iterator[bytes]:
    """The pieces as they come, their lines counted less the headings; a last line without an end counts too."""
    last = b"\n"
    for piece in pieces:
        lines = piece.count(b"\n")
        shown.update(lines - min(headings, lines))
        headings -= min(headings, lines)
        last = piece[-1:] or last
        yield piece
    if last != b"\n":
        shown.update(1)


def load_offences(pieces: Iterable[bytes], media_type: str, title: str, asked: dict[str, Any], caller: str = "crimebook") -> dict[str, Any]:
    """Submit a stream of offences, showing progress; returns the receipt. `asked` has the members of SubmissionQuery."""
    trace_id = secrets.token_hex(16)

    def take_change(book: Book, receipt: dict[str, Any]) -> Book:
        return database.take_change(book, receipt["reason"], caller=caller, trace_id=trace_id, submission_id=receipt["submission_id"])

    sender = submissions.Sender(caller, lambda _force: None, lambda _book, _digest: None, take_change)
    with progress(title) as shown, database.preparing(submissions.SECONDS_TO_APPLY) as book:
        receipt = submissions.take(book, _counted(pieces, shown, 1 if media_type == formats.CSV else 0), media_type, asked, sender)
        said = {**submissions.collected(receipt), "change": receipt["change"], "media_type": media_type}
        database.log_now(access.entry("submitOffences", "collection", caller, trace_id, **said))
        return receipt


def load_return(file: bytes, asked: dict[str, Any], caller: str = "crimebook") -> dict[str, Any]:
    """Receive a return; returns it. `asked` has the members of ReturnQuery."""
    trace_id = secrets.token_hex(16)

    def take_change(book: Book) -> Book:
        return database.take_change(book, returns.reason_of(asked), caller=caller, trace_id=trace_id)

    with database.preparing(returns.SECONDS_TO_KEEP) as book:
        row, _ = returns.take(book, file, asked, take_change)
        return row


def said_plainly(fault: Problem) -> str:
    """A problem as lines for a terminal."""
    lines = [fault.detail]
    lines += [f"  line {one.get('line', '?')}: {one['detail']}" for one in fault.errors or []]
    return "\n".join(lines)
