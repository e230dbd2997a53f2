"""The book inside one transaction, and the statements of its nouns."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg2.extensions

from service.store.statements import folders, statements

Connection = psycopg2.extensions.connection


class _Statement:
    """One statement, bound to a transaction."""

    def __init__(self, statement: Any, connection: Connection, given: dict[str, Any]) -> None:
        self._statement, self._connection, self._given = statement, connection, given

    def __call__(self, **parameters: Any) -> Any:
        answer = self._statement(self._connection, **self._given, **parameters)
        return list(answer) if isinstance(answer, Iterator) else answer

    def knowing(self, **given: Any) -> "_Statement":
        """The same statement, which knows this besides what it is asked."""
        return _Statement(self._statement, self._connection, self._given | given)

    @property
    def named(self) -> str:
        """The statement as it stands in its file, with the places of its parameters."""
        return str(self._statement.sql)

    def bound(self, **parameters: Any) -> str:
        """The statement as text with every parameter in its place, as the driver would send it: what COPY can
        be made of."""
        with self._connection.cursor() as cursor:
            return (
                cursor.mogrify(self._statement.sql, {**self._given, **parameters})
                .decode()
                .rstrip()
                .rstrip(";")
            )


class _Noun:
    """The statements of one noun, bound to a transaction."""

    def __init__(self, queries: Any, connection: Connection, given: dict[str, Any]) -> None:
        self._queries, self._connection, self._given = queries, connection, given

    def __getattr__(self, name: str) -> _Statement:
        return _Statement(getattr(self._queries, name), self._connection, self._given)


class _Room:
    """The nouns of one folder of the service, bound to a transaction."""

    def __init__(self, address: str, connection: Connection, given: dict[str, Any]) -> None:
        self._address, self._connection, self._given = address, connection, given

    def __getattr__(self, name: str) -> Any:
        address = f"{self._address}.{name}"
        if queries := statements().get(address):
            return _Noun(queries, self._connection, self._given)
        if address in folders():
            return _Room(address, self._connection, self._given)
        raise AttributeError(f"no file of statements is at {address}")


class Book:
    """The book inside one transaction: `book.offences.offences.read(offence_id=…)` runs that statement.

    `as_of` is the change being read, or in a writing transaction the change being made; `at` is its instant.
    """

    def __init__(
        self, connection: Connection, as_of: int, at: datetime | None, given: dict[str, Any]
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

    def __getattr__(self, name: str) -> _Room:
        if name in folders():
            return _Room(name, self.connection, self._given)
        raise AttributeError(f"no folder of the service is called {name}")
