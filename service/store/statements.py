"""The named statements of every noun, read from the `.sql` files beside them."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import aiosql
import orjson
import psycopg2.extensions
import psycopg2.extras
from aiosql.adapters.pyformat import PyFormatAdapter
from aiosql.queries import Queries

from service.store import preparing


class _AsWritten(PyFormatAdapter):
    """Statements of one noun as they would run in psql: a per cent sign is a per cent sign, and only `:name`
    is a parameter."""

    def __init__(self, noun: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._noun = noun

    def process_sql(self, query_name: str, op_type: object, sql: str) -> str:
        doubled = sql.replace("%", "%%")
        text = str(super().process_sql(query_name, op_type, doubled))  # type: ignore[no-untyped-call]
        preparing.register(f"{self._noun}.{query_name}", text)
        return text


def as_json(value: object) -> psycopg2.extras.Json:
    """A parameter that the statement reads as jsonb: a set of rows in one go."""
    return psycopg2.extras.Json(value, dumps=lambda rows: orjson.dumps(rows, default=str).decode())


@functools.cache
def statements() -> dict[str, Queries]:
    """Every noun's named statements, read once, by the folder and name of their file:
    `{"offences.cancellations": <Queries>, …}`."""
    folder = Path(__file__).parent.parent
    files = {
        ".".join(path.relative_to(folder).with_suffix("").parts): path
        for path in sorted(folder.rglob("*.sql"))
    }
    return {
        address: aiosql.from_path(path, functools.partial(_AsWritten, address), mandatory_parameters=False)
        for address, path in files.items()
        if address != "store.schema" and not address.startswith(("store.schema.", "store.scaling."))
    }


class Query(Protocol):
    """One statement as aiosql makes it, to be run over any connection."""

    sql: str

    def __call__(self, connection: psycopg2.extensions.connection, **parameters: object) -> Any:
        """Run it."""


@functools.cache
def addresses() -> Mapping[str, Query | None]:
    """What there is at each address: a statement, or None for a folder or a file on the way to one.
    `{"reference": None, "reference.areas": None, "reference.areas.read": <Query>, …}`."""
    found: dict[str, Query | None] = {}
    for file, queries in statements().items():
        parts = file.split(".")
        found |= {".".join(parts[:depth]): None for depth in range(1, len(parts) + 1)}
        found |= {f"{file}.{name}": getattr(queries, name) for name in queries.available_queries}
    return found


def statement_at(address: str) -> Query:
    """The statement at this address. Raises AttributeError where it is that of a folder or a file."""
    query = addresses()[address]
    if query is None:
        raise AttributeError(f"{address} is no statement")
    return query
