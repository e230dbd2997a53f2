"""The book inside one transaction, and the statements of its nouns."""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg2.extensions

from service.store.statements import addresses, statement_at

Connection = psycopg2.extensions.connection
Row = dict[str, object]
"""A row that passes through untouched. What Python works with becomes a noun: see `Statement.one`."""
Noun = TypeVar("Noun")
Value = TypeVar("Value")


class Statement:
    """A named statement, bound to a transaction: `book.reference.areas.read` is the statement `read` of
    `service/reference/areas.sql`.

    Folders and files on the way to it are of this class too; they cannot be run. None of them, and no
    statement, may have the name of a method here.
    """

    __slots__ = ("_address", "_connection", "_given")

    def __init__(self, address: str, connection: Connection, given: Mapping[str, object]) -> None:
        self._address, self._connection, self._given = address, connection, given

    def __getattr__(self, name: str) -> "Statement":
        address = f"{self._address}.{name}"
        if address not in addresses():
            raise AttributeError(f"no folder, file or statement is at {address}")
        return Statement(address, self._connection, self._given)

    def __call__(self, **parameters: object) -> Any:
        """What the mark of the statement says: rows, a row or None (`^`), a value or None (`$`), or how many
        rows were changed (`!`). The methods below say which of these it is, and of what type."""
        answer = statement_at(self._address)(self._connection, **self._given, **parameters)
        return list(answer) if isinstance(answer, Iterator) else answer

    def rows(self, **parameters: object) -> list[Row]:
        """All rows."""
        rows: list[Row] = self(**parameters)
        return rows

    def row(self, **parameters: object) -> Row | None:
        """The one row of a statement marked `^`, or None."""
        row: Row | None = self(**parameters)
        return row

    def all(self, noun: Callable[..., Noun], **parameters: object) -> list[Noun]:
        """All rows, each as `noun` makes it of its columns; a dataclass of those that it has fields for."""
        return [_make(noun, row) for row in self(**parameters)]

    def one(self, noun: Callable[..., Noun], **parameters: object) -> Noun | None:
        """The one row of a statement marked `^`, as `noun` makes it of its columns, or None. Raises KeyError
        for a dataclass with a field that is no column."""
        row = self.row(**parameters)
        return None if row is None else _make(noun, row)

    def value(self, kind: type[Value], **parameters: object) -> Value | None:
        """The value of a statement marked `$`, or None. Raises TypeError for one of another type."""
        value = self(**parameters)
        if value is None or isinstance(value, kind):
            return value
        raise TypeError(f"{self._address} gives {type(value).__name__}, not {kind.__name__}")

    def changed(self, **parameters: object) -> int:
        """How many rows a statement marked `!` inserted, updated or deleted."""
        return int(self(**parameters))

    def with_parameters(self, **given: object) -> "Statement":
        """The same statement with these parameters given already."""
        return Statement(self._address, self._connection, {**self._given, **given})

    @property
    def text(self) -> str:
        """The statement as it stands in its file, with the places of its parameters."""
        return str(statement_at(self._address).sql)

    def text_with(self, **parameters: object) -> str:
        """The statement as text with every parameter in its place, as the driver would send it: what COPY can
        be made of."""
        with self._connection.cursor() as cursor:
            text = cursor.mogrify(self.text, {**self._given, **parameters}).decode()
        return text.rstrip().rstrip(";")


@functools.cache
def _fields_of(noun: Callable[..., object]) -> tuple[str, ...] | None:
    """The fields of a dataclass; None of what else makes a noun."""
    if isinstance(noun, type) and is_dataclass(noun):
        return tuple(field.name for field in fields(noun))
    return None


def _make(noun: Callable[..., Noun], row: Row) -> Noun:
    names = _fields_of(noun)
    return noun(**row) if names is None else noun(**{name: row[name] for name in names})


class Book:
    """The book inside one transaction: `book.reference.areas.read` is a statement.

    `as_of` is the change being read, or in a writing transaction the change being made; `at` is its instant.
    """

    def __init__(
        self, connection: Connection, as_of: int, at: datetime | None, given: dict[str, object]
    ) -> None:
        self.connection, self.as_of, self.at, self._given = connection, as_of, at, given

    @property
    def present(self) -> bool:
        """Is this the book as it stands, and not as it was known earlier?"""
        return bool(self._given.get("present", True))

    def earlier(self, change: int, at: datetime | None, *, present: bool = False) -> "Book":
        """The same snapshot as it was known at an earlier change, to be read; `present` says that no fact has
        changed since."""
        return Book(self.connection, change, at, {"as_of": change, "present": present})

    def be_past(self) -> None:
        """Others may have written since this book was opened: read as of its change from here on."""
        self._given["present"] = False

    def __getattr__(self, name: str) -> Statement:
        if name not in addresses():
            raise AttributeError(f"no folder of the service is called {name}")
        return Statement(name, self.connection, self._given)
