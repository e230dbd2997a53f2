"""Connections on which a named statement is planned once, not each time that it is asked.

Most of what is asked here is small work under a long text: planning took the server more than half of its time. A statement that a
connection is asked a second time is prepared there under a name; from then on only its values are sent. What reads, and what writes one
thing, has one plan for all values; what takes a file in is planned for its values as long as that is cheaper. Parameters have the types
that the text gives them where they come first.

A list with filters that may be left out (`:force::text is null or force = :force`) is planned each time: what is left out folds away only
under a planner who knows its value.
"""

import re
from typing import Any

import psycopg2.extensions

from service.store.sight import ROLE_OF_ONE_FORCE, ROLE_OF_SOME_FORCES, SERVICE_ROLE

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_BESIDE_THE_POINT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
_MAY_BE_LEFT_OUT = re.compile(r"%\(\w+\)s(::[\w\[\] ]+)? is null or")
_OF_ONE_FILE = re.compile(r"\b(?:staged_\w+|lacking_\w+|understood|misunderstood|street_match)\b")
_WORDS = ("select", "with", "insert", "update", "delete")


class Named:
    """A named statement, as it is prepared and as it is then asked."""

    def __init__(self, name: str, sql: str) -> None:
        parameters = list(dict.fromkeys(found for found in _PARAMETER.findall(sql) if found))
        places = {parameter: f"${number}" for number, parameter in enumerate(parameters, 1)}
        text = _PARAMETER.sub(lambda found: places[found[1]] if found[1] else "%", sql)
        self.name, self._sql = name, sql
        self.prepare = f'prepare "{name}" as {text.rstrip().rstrip(";")}'
        self.execute = f'execute "{name}"' + (f" ({', '.join(f'%({parameter})s' for parameter in parameters)})" if parameters else "")

    def seeing(self, whose: str) -> "Named":
        """The same under a name of its own for a caller that does not see every force: it is asked in another role, and a statement that
        was prepared in one role is planned anew when it is asked in another."""
        return Named(f"{self.name}, {whose}", self._sql) if whose else self


_named: dict[str, Named] = {}
"""By the text that the driver is given."""


def named(sql: str) -> Named | None:
    """How this text is prepared and asked, where it is that of a named statement."""
    return _named.get(sql)


def register(name: str, sql: str) -> None:
    """This is the text of a named statement, of `offences.read` for one: the server is told that name too. Of several statements in one
    text nothing can be prepared; a list is not, nor what is asked of a file's own tables, which the next file makes anew."""
    body = _BESIDE_THE_POINT.sub("", sql).strip().rstrip(";")
    planned_anew = ";" in body or _MAY_BE_LEFT_OUT.search(body) or _OF_ONE_FILE.search(body)
    if body.lower().startswith(_WORDS) and not planned_anew and sql not in _named:
        _named[sql] = Named(name, sql)


class Connection(psycopg2.extensions.connection):
    """A connection that knows what it was asked: by text, nothing at first and from the second time on how to ask it again. One that
    `plans_anew` sends every text whole."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.plans_anew = False
        self.seeing = ""  # whose records the transaction that is open sees, where not those of every force
        self._asked: dict[tuple[str, str], Named | None] = {}

    def planned(self, sql: str) -> str | None:
        """How to ask a named statement that this connection was asked before; None for all else."""
        if self.plans_anew or (named := _named.get(sql)) is None:
            return None
        key = (sql, self.seeing)
        if key not in self._asked:
            self._asked[key] = None
            return None
        prepared = self._asked[key]
        if prepared is None:
            prepared = named.seeing(self.seeing)
            with self.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
                cursor.execute(prepared.prepare)
            self._asked[key] = prepared
        return prepared.execute


_WHOSE = {SERVICE_ROLE: "of no force", ROLE_OF_ONE_FORCE: "of one force", ROLE_OF_SOME_FORCES: "of some forces"}


def plan_for(held: psycopg2.extensions.connection, role: str | None) -> None:
    """Say in which role is asked over this connection until it is said anew; None for the role that it was opened in."""
    if isinstance(held, Connection):
        held.seeing = _WHOSE.get(role or "", "")


class Cursor(psycopg2.extensions.cursor):
    """Rows as dictionaries."""

    _names: tuple[str, ...] | None = None

    def execute(self, query: Any, values: Any = None) -> None:
        """Ask; by its name where it is prepared."""
        self._names = None
        planned = self.connection.planned(query) if isinstance(self.connection, Connection) else None
        super().execute(planned or query, values)

    def _row(self, values: tuple[Any, ...]) -> Any:
        if self._names is None:
            self._names = tuple(column.name for column in self.description or ())
        return dict(zip(self._names, values, strict=True))

    def fetchone(self) -> Any:
        """The next row, or None."""
        values = super().fetchone()
        return None if values is None else self._row(values)

    def fetchmany(self, size: int | None = None) -> Any:
        """The next rows."""
        return [self._row(values) for values in (super().fetchmany() if size is None else super().fetchmany(size))]

    def fetchall(self) -> Any:
        """All rows that are left."""
        return [self._row(values) for values in super().fetchall()]

    def __next__(self) -> Any:
        """The next row of a loop."""
        return self._row(super().__next__())
