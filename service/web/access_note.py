"""What the access log will say of one request, gathered while its answer is made
(`service.web.request.access` writes it)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from service.web.caller import Caller
from service.web.fields import Row

ANSWERED_AGAIN = frozenset({"listOffences"})
"""Lists whose question `accesses.sql` can put again to one record; of others the ids are kept."""


@dataclass(slots=True)
class ShownRows:
    """The rows of a list that have been handed over so far."""

    by_question: bool
    access_id: UUID | None = None
    complete: bool = False
    first: Row | None = None
    ids: list[UUID] = field(default_factory=list)
    last: Row | None = None
    records: int = 0

    def count(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, each counted as it is handed over."""
        for row in rows:
            self.first, self.last = self.first or row, row
            self.records += 1
            if not self.by_question and "offence_id" in row:
                self.ids.append(row["offence_id"])
            yield row
        self.complete = True

    def count_lines(
        self, pieces: Iterable[list[bytes]], read: Callable[[bytes], Row]
    ) -> Iterator[list[bytes]]:
        """The same of lines that the database has written; `read` makes a row of a line again where one must
        be looked into."""
        for lines in pieces:
            self.first, self.last = self.first or read(lines[0]), read(lines[-1])
            self.records += len(lines)
            if not self.by_question and "offence_id" in self.first:
                self.ids.extend(UUID(one) for one in (read(line)["offence_id"] for line in lines) if one)
            yield lines
        self.complete = True

    def summary(self) -> Row:
        """How many rows, and which: their ids, or the first and the last where the question says the rest."""
        return {
            "records": self.records,
            "offence_ids": self.ids or None,
            **(ends(self.first, self.last) if self.by_question else ends()),
        }


def ends(first: Row | None = None, last: Row | None = None) -> Row:
    """The columns of the access log for the first and last row of a list."""
    return {
        "first_offence_id": first and first["offence_id"],
        "first_recorded_on": first and first["recorded_on"],
        "last_offence_id": last and last["offence_id"],
        "last_recorded_on": last and last["recorded_on"],
    }


@dataclass(slots=True)
class AccessNote:
    """What one attempt at a request will leave in the log. `entry` holds columns of the log by name; `others`
    are further rows of the same request; `rows` counts a list that streams."""

    operation: str
    kind: str
    caller: Caller
    entry: Row = field(default_factory=lambda: {"asked": {}})
    others: list[Row] = field(default_factory=list)
    rows: ShownRows | None = None

    @property
    def is_complete(self) -> bool:
        """Has the operation said how many records it shows?"""
        return "records" in self.entry

    def show(self, records: int, kind: str | None, asked: Row | None, columns: Row) -> None:
        """See `service.web.request.access.shown`."""
        self.kind = kind or self.kind
        if "first" in columns:
            columns.update(ends(columns.pop("first"), columns.pop("last")))
        self.entry.update(columns, records=records)
        self.entry["asked"] |= _without_nulls(asked or {})

    def show_content(self, content: object) -> None:
        """An answer that is one record speaks for itself."""
        if isinstance(content, dict) and "offence_id" in content and "offence_id" not in self.entry:
            self.show(1, None, None, {"offence_id": content["offence_id"], "force": content.get("force")})

    def show_nothing_new(self) -> None:
        """The caller has the answer already: one record was consulted again, of a list nothing was shown."""
        if not self.is_complete:
            self.show(0, None, None, {})

    def show_page(self, rows: list[Row] | list[bytes], asked: Row) -> None:
        """Part of a list is shown: rows, or the lines of JSON that the database has written."""
        shown = ShownRows(self.operation in ANSWERED_AGAIN)
        lines = [row for row in rows if isinstance(row, bytes)]
        if lines:
            list(shown.count_lines([lines], orjson.loads))
        else:
            list(shown.count(row for row in rows if not isinstance(row, bytes)))
        self._note_list(asked, shown.summary())

    def show_stream(self, asked: Row) -> ShownRows:
        """A whole list is about to be shown: what counts its rows on their way out."""
        shown = ShownRows(self.operation in ANSWERED_AGAIN)
        if self._note_list(asked, {"records": None}):
            self.rows = shown
        return shown

    def _note_list(self, asked: Row, summary: Row) -> bool:
        """Note a list; False where it is the history of one record, which its method has named already."""
        of_one_record = "offence_id" in self.entry
        self.entry["asked"] |= _without_nulls(asked) | self.caller.bound
        if not of_one_record:
            self.entry = {"force": asked.get("force") or self.caller.only_force} | self.entry | summary
        return not of_one_record


def _without_nulls(asked: Row) -> Row:
    return {name: value for name, value in asked.items() if value is not None}
