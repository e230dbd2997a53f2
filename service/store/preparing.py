"""Connections on which a named statement is planned once, not each time that it is asked.

Most of what is asked here is small work under a long text: planning took the server more than half of its
time. A statement that a connection is asked a second time is prepared there under a name; from then on only
its values are sent. What reads, and what writes one thing, has one plan for all values; what takes a file in
is planned for its values as long as that is cheaper. Parameters have the types that the text gives them where
they come first.

A list with filters that may be left out (`:force::text is null or force = :force`) is planned each time: what
is left out folds away only under a planner who knows its value.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2.extensions
from psycopg2.sql import Composable

from service.store.sight import ROLE_OF_ONE_FORCE, ROLE_OF_SOME_FORCES, SERVICE_ROLE

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_BESIDE_THE_POINT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
_MAY_BE_LEFT_OUT = re.compile(r"%\(\w+\)s(::[\w\[\] ]+)? is null\s+or")
_OF_ONE_FILE = re.compile(r"\b(?:staged_\w+|lacking_\w+|understood|misunderstood|street_match)\b")
_WORDS = ("select", "with", "insert", "update", "delete")


class PreparedStatement:
    """A named statement: the text that prepares it, and the text that executes it once it is prepared."""

    def __init__(self, name: str, sql: str) -> None:
        parameters = list(dict.fromkeys(name for name in _PARAMETER.findall(sql) if name))
        places = {parameter: f"${number}" for number, parameter in enumerate(parameters, 1)}
        text = _PARAMETER.sub(lambda match: places[match[1]] if match[1] else "%", sql)
        self.name, self._sql = name, sql
        self.prepare = f'prepare "{name}" as {text.rstrip().rstrip(";")}'
        self.execute = f'execute "{name}"' + (
            f" ({', '.join(f'%({parameter})s' for parameter in parameters)})" if parameters else ""
        )

    def seeing(self, whose: str) -> "PreparedStatement":
        """The same under a name of its own for a caller that does not see every force: it is asked in another
        role, and a statement that was prepared in one role is planned anew when it is asked in another."""
        return PreparedStatement(f"{self.name}, {whose}", self._sql) if whose else self


_statements: dict[str, PreparedStatement] = {}
"""By the text that the driver is given."""


def find_prepared(sql: str) -> PreparedStatement | None:
    """How this text is prepared and executed; None where it is sent whole each time."""
    return _statements.get(sql)


def register(name: str, sql: str) -> None:
    """Keep the text of a named statement, such as `reference.areas.read`: the server is given that name too.
    A text of several statements cannot be prepared; a list is not, nor is a statement on the staging tables
    of a file, which the next file makes anew.
    """
    body = _BESIDE_THE_POINT.sub("", sql).strip().rstrip(";")
    planned_anew = ";" in body or _MAY_BE_LEFT_OUT.search(body) or _OF_ONE_FILE.search(body)
    if body.lower().startswith(_WORDS) and not planned_anew and sql not in _statements:
        _statements[sql] = PreparedStatement(name, sql)


class Connection(psycopg2.extensions.connection):
    """A connection that remembers by their text the statements it has run: None after the first time, and
    from the second time on what was prepared. One that `plans_anew` sends every text whole."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.plans_anew = False
        self.seeing = ""
        """Whose records the transaction that is open sees, where not those of every force."""
        self._prepared: dict[tuple[str, str], PreparedStatement | None] = {}

    def planned(self, sql: str) -> str | None:
        """How to execute a named statement that this connection has run before; None for all else."""
        if self.plans_anew or (statement := _statements.get(sql)) is None:
            return None
        key = (sql, self.seeing)
        if key not in self._prepared:
            self._prepared[key] = None
            return None
        prepared = self._prepared[key]
        if prepared is None:
            prepared = statement.seeing(self.seeing)
            with self.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
                cursor.execute(prepared.prepare)
            self._prepared[key] = prepared
        return prepared.execute


_WHOSE = {
    SERVICE_ROLE: "of no force",
    ROLE_OF_ONE_FORCE: "of one force",
    ROLE_OF_SOME_FORCES: "of some forces",
}


def plan_for(held: psycopg2.extensions.connection, role: str | None) -> None:
    """Say in which role is asked over this connection until it is said anew; None for the role that it was
    opened in."""
    if isinstance(held, Connection):
        held.seeing = _WHOSE.get(role or "", "")


class Cursor(psycopg2.extensions.cursor):
    """Rows as dictionaries. Their type is Any, since psycopg2 says that they are tuples."""

    _names: tuple[str, ...] | None = None

    def execute(
        self, query: str | bytes | Composable, values: Sequence[object] | Mapping[str, object] | None = None
    ) -> None:
        """Run a statement; by its name where it is prepared."""
        self._names = None
        planned = (
            self.connection.planned(query)
            if isinstance(self.connection, Connection) and isinstance(query, str)
            else None
        )
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
        return [
            self._row(values) for values in (super().fetchmany() if size is None else super().fetchmany(size))
        ]

    def fetchall(self) -> Any:
        """All rows that are left."""
        return [self._row(values) for values in super().fetchall()]

    def __next__(self) -> Any:
        """The next row of a loop."""
        return self._row(super().__next__())
