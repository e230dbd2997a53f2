"""The access log (Data Protection Act 2018, section 62): no operation on records answers unless who, what and
why have been written down.

An operation that says `access=` is logged by itself where its answer is a record or comes from `listed`; else
it calls `shown`. What only reads is written in the round trip that ends its transaction, what streams before
its first byte, what writes in the transaction of its effect. An operation that says nothing of what it showed
is answered with 500.
"""

import functools
import logging
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg2
from flask import Response, current_app, g, request

from service.store import database, reflected_change
from service.store.identifiers import new_id
from service.web.answers import formats
from service.web.problems import Problem

log = logging.getLogger(__name__)
KINDS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
LONGEST_JUSTIFICATION = 500
ANSWERED_AGAIN = frozenset({"listOffences"})
"""Lists whose question `accesses.sql` can ask again of one record; of others the ids are kept."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Stream:
    """A list on its way out, and how far it has come."""

    by_question: bool
    access_id: UUID | None = None
    complete: bool = False
    first: dict[str, Any] | None = None
    ids: list[UUID] = field(default_factory=list)
    last: dict[str, Any] | None = None
    records: int = 0

    def counted(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows, each counted as it is handed over."""
        for row in rows:
            self.first, self.last = self.first or row, row
            self.records += 1
            if not self.by_question and "offence_id" in row:
                self.ids.append(row["offence_id"])
            yield row
        self.complete = True

    def counted_lines(
        self, pieces: Iterator[list[bytes]], read: Callable[[bytes], dict[str, Any]]
    ) -> Iterator[list[bytes]]:
        """The same of lines that the database has written, of which `read` makes a row again where one must
        be looked into."""
        for lines in pieces:
            self.first, self.last = self.first or read(lines[0]), read(lines[-1])
            self.records += len(lines)
            if not self.by_question and "offence_id" in self.first:
                self.ids.extend(UUID(one) for one in (read(line)["offence_id"] for line in lines) if one)
            yield lines
        self.complete = True

    def told(self) -> dict[str, Any]:
        """What has been handed over so far."""
        return {
            "records": self.records,
            "offence_ids": self.ids or None,
            **(_ends(self.first, self.last) if self.by_question else _ends()),
        }


@dataclass
class Note:
    """What the present request will leave in the log."""

    operation: str
    kind: str
    said: dict[str, Any] = field(default_factory=lambda: {"asked": {}})
    others: list[dict[str, Any]] = field(default_factory=list)
    stream: Stream | None = None


def _note() -> Note | None:
    note: Note | None = g.get("access")
    return note


def _ends(first: dict[str, Any] | None = None, last: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "first_offence_id": first and first["offence_id"],
        "first_recorded_on": first and first["recorded_on"],
        "last_offence_id": last and last["offence_id"],
        "last_recorded_on": last and last["recorded_on"],
    }


def require_justification() -> None:
    """Keep why the caller asks. Raises 400 where it must say and does not, or says it in no readable way."""
    sent = request.headers.get("Justification", "").strip()
    try:
        said = sent.encode("latin-1").decode()
    except UnicodeError:
        said = sent
    if len(said) > LONGEST_JUSTIFICATION or any(unicodedata.category(letter) == "Cc" for letter in said):
        raise Problem(
            "justification-required",
            f"Justification has at most {LONGEST_JUSTIFICATION} characters, and none that controls.",
        )
    if not said and current_app.config["JUSTIFICATION"] == "required":
        raise Problem(
            "justification-required",
            f"{request.method} {request.path} touches records, so it needs the header Justification.",
        )
    g.justification = said or None


def begin(operation: str, kind: str | None) -> None:
    """Begin the note of one attempt at a request; operations on no records have none. To take records out as
    a file is a disclosure."""
    g.access = Note(operation, kind) if kind else None
    if kind == "consultation" and g.media_type in formats.FILES:
        g.access.kind, g.access.said["recipient"] = "disclosure", g.caller.name


def shown(
    records: int = 1, *, kind: str | None = None, asked: dict[str, Any] | None = None, **said: Any
) -> None:
    """Say what this request shows or does: how many `records`; of one its `offence_id` and `force`; of
    several `offence_ids`, or the rows `first` and `last` of a list; what was `asked`, by code and never as
    free text. Said again, the later word counts.
    """
    if note := _note():
        note.kind = kind or note.kind
        if "first" in said:
            said.update(_ends(said.pop("first"), said.pop("last")))
        note.said.update(said, records=records)
        note.said["asked"] |= {name: value for name, value in (asked or {}).items() if value is not None}


def also(kind: str, **said: Any) -> None:
    """Leave a second row: the same request combines its record with another, or discloses it to another
    force."""
    if note := _note():
        note.others.append({"kind": kind, **said})


def answered(content: Any) -> None:
    """An answer that is one record speaks for itself."""
    if (
        isinstance(content, dict)
        and "offence_id" in content
        and (note := _note())
        and "offence_id" not in note.said
    ):
        shown(offence_id=content["offence_id"], force=content.get("force"))


def not_modified() -> None:
    """The caller holds the answer already: one record was consulted again, of a list nothing was shown."""
    if (note := _note()) and "records" not in note.said:
        shown(0)


def page(rows: list[Any], asked: dict[str, Any]) -> None:
    """Part of a list is shown: rows, or the lines of JSON that the database has written."""
    if note := _note():
        whole = Stream(note.operation in ANSWERED_AGAIN)
        written = bool(rows) and isinstance(rows[0], bytes)
        list(whole.counted_lines(iter([rows]), orjson.loads) if written else whole.counted(iter(rows)))
        _listed(note, asked, whole.told())


def stream(rows: Iterator[dict[str, Any]], asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A whole list is about to be shown; how much of it was is told when it ends."""
    return whole.counted(rows) if (whole := _streamed(asked)) else rows


def lines(
    pieces: Iterator[list[bytes]], asked: dict[str, Any], read: Callable[[bytes], dict[str, Any]]
) -> Iterator[list[bytes]]:
    """The same of a list that the database writes line by line."""
    return whole.counted_lines(pieces, read) if (whole := _streamed(asked)) else pieces


def _streamed(asked: dict[str, Any]) -> Stream | None:
    """What will count a whole list, where its operation is logged."""
    if (note := _note()) is None:
        return None
    whole = Stream(note.operation in ANSWERED_AGAIN)
    if _listed(note, asked, {"records": None}):
        note.stream = whole
    return whole


def _listed(note: Note, asked: dict[str, Any], told: dict[str, Any]) -> bool:
    """Note a list; False where it is the history of one record, which its method has named already."""
    one = "offence_id" in note.said
    note.said["asked"] |= {name: value for name, value in asked.items() if value is not None} | g.caller.bound
    note.said = (
        ({"force": asked.get("force") or g.caller.only_force} if not one else {})
        | note.said
        | ({} if one else told)
    )
    return not one


def instant_of(access_id: UUID) -> datetime:
    """The instant that a UUIDv7 holds, so that the log is in the order of time."""
    return _BEGINNING + timedelta(milliseconds=access_id.int >> 80)


def entry(operation: str, kind: str, caller: str, trace_id: str, **said: Any) -> bytes:
    """A row of the log, as JSON."""
    access_id = said.pop("access_id", None) or new_id()
    told = {
        "access_id": access_id,
        "at": instant_of(access_id),
        "caller": caller,
        "kind": kind,
        "operation": operation,
        "trace_id": trace_id,
    }
    return orjson.dumps(told | said, default=str)


_PLAIN = frozenset({"asked", "force", "offence_id", "records"})
"""What is said of one record, where nothing else is."""


def _entry(note: Note, kind: str, said: dict[str, Any], **more: Any) -> database.LogRow:
    # Each look through a proxy costs.
    here = g._get_current_object()  # noqa: SLF001
    asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    row = {
        "change": reflected_change.get(),
        "justification": here.justification,
        "media_type": here.media_type,
        "method": asked.method,
        "path": asked.path,
        **said,
        **more,
    }
    if "offence_id" not in said or said["asked"] or more or not said.keys() <= _PLAIN:
        return entry(note.operation, kind, here.caller.name, here.trace_id, **row)
    access_id = new_id()
    return {
        "access_id": str(access_id),
        "at": str(instant_of(access_id)),
        "caller": here.caller.name,
        "kind": kind,
        "force": None,
        "operation": note.operation,
        "trace_id": here.trace_id,
        **row,
        "offence_id": str(said["offence_id"]),
    }


def write(answer: Response) -> None:
    """Write what the note says, before the answer leaves. Raises a 500 problem where the operation showed
    something and said nothing."""
    if (note := _note()) is None or (answer.status_code >= 400 and "records" not in note.said):
        return
    if "records" not in note.said:
        log.error("%s did not say what it showed", note.operation)
        raise Problem(
            "internal-fault", "The service did not say what it was about to show, so it shows nothing."
        )
    if g.book_read is None:
        for said in ({}, *note.others):
            database.log_now(_entry(note, said.pop("kind", note.kind), note.said | said))
    elif answer.is_streamed:
        access_id = new_id()
        database.log_and_read_on(g.book_read, _entry(note, note.kind, note.said, access_id=access_id))
        if note.stream:
            note.stream.access_id = access_id
    else:
        database.log_with_commit(_entry(note, note.kind, note.said))


def ending(transactions: ExitStack) -> Callable[[], None]:
    """What closes a streamed answer: its transaction ends, and the log is told how far it came, also where
    its reader went away."""
    note = _note()
    if note is None or note.stream is None:
        return transactions.close
    return functools.partial(_end, note.stream, transactions)


def _end(whole: Stream, transactions: ExitStack) -> None:
    told = {"access_id": whole.access_id, "at": datetime.now(UTC), "complete": whole.complete, **whole.told()}
    try:
        transactions.close()
    except psycopg2.Error as fault:  # the connection did not live as long as the stream
        log.warning("a stream broke off", exc_info=fault)
        database.release()
    database.ask("store.accesses", "end", **told)


def repeated(operation: str, answer: Response) -> Response:
    """An answer given again to the same Idempotency-Key shows its record again: a consultation."""
    if "Idempotent-Replay" in answer.headers and answer.status_code < 400:
        content = orjson.loads(answer.get_data())
        begin(operation, "consultation")
        shown(1 if "offence_id" in content else 0)
        answered(content)
        database.log_now(_entry(g.access, g.access.kind, g.access.said))
    return answer
