"""Files from this machine into the book: the same code as over HTTP, without the HTTP."""

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from service import returns, submissions
from service.store import Book, database
from service.web import formats
from service.web.problems import Problem

_TYPES = {".csv": formats.CSV, ".ndjson": formats.NDJSON, ".jsonl": formats.NDJSON}


def media_type_of(path: Path) -> str:
    """CSV or NDJSON, by the file's ending. Raises ValueError for others."""
    try:
        return _TYPES[path.suffix.lower()]
    except KeyError:
        raise ValueError(f"{path.name}: offences come as {', '.join(sorted(_TYPES))}.") from None


def progress(title: str, total: int | None = None, unit: str = "rows") -> Any:
    """A bar on a terminal, a line now and then elsewhere; both with rows and rate."""
    if sys.stderr.isatty():
        return tqdm(total=total, desc=title, unit=f" {unit}", file=sys.stderr)
    return tqdm(
        total=total,
        desc=title,
        unit=f" {unit}",
        file=sys.stderr,
        mininterval=5,
        maxinterval=5,
        ncols=0,
        bar_format="{desc}: {n_fmt}{unit}, {rate_fmt}\n",
    )


def _counted(pieces: Iterator[bytes], bar: Any) -> Iterator[bytes]:
    for piece in pieces:
        bar.update(piece.count(b"\n"))
        yield piece


def load_offences(pieces: Iterator[bytes], media_type: str, title: str, asked: dict[str, Any], caller: str = "crimebook") -> dict[str, Any]:
    """Submit a stream of offences, showing progress; returns the receipt. `asked` has the members of SubmissionQuery."""
    trace_id = secrets.token_hex(16)

    def take_change(book: Book, receipt: dict[str, Any]) -> Book:
        return database.take_change(book, receipt["reason"], caller=caller, trace_id=trace_id, submission_id=receipt["submission_id"])

    sender = submissions.Sender(caller, lambda force: None, take_change)
    with progress(title) as bar, database.preparing(submissions.SECONDS_TO_APPLY) as book:
        return submissions.take(book, _counted(pieces, bar), media_type, asked, sender)


def load_return(file: bytes, asked: dict[str, Any], caller: str = "crimebook") -> dict[str, Any]:
    """Receive a return; returns it. `asked` has the members of ReturnQuery."""
    with database.preparing(returns.SECONDS_TO_KEEP) as book:
        if (row := returns.held(book, file, asked)) is not None:
            return row
        reason = f"return received: {asked['source']} {asked['edition']}"
        change = database.take_change(book, reason, caller=caller, trace_id=secrets.token_hex(16))
        return returns.receive(change, file, asked)


def said_plainly(fault: Problem) -> str:
    """A problem as lines for a terminal."""
    lines = [fault.detail]
    lines += [f"  line {one.get('line', '?')}: {one['detail']}" for one in fault.errors or []]
    return "\n".join(lines)
