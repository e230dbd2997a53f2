"""The named statements of every noun, read from the `.sql` files beside them.

What a statement says of the columns of a versioned table stands in a mark, as `{{ offence_version.columns
}}`, and is put there once, when the file is read; no mark can hold anything that a caller sent.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import aiosql
import jinja2
import orjson
import psycopg2.extensions
import psycopg2.extras
from aiosql.adapters.pyformat import PyFormatAdapter
from aiosql.queries import Queries

from service.store import preparing, tables

SERVICE = Path(__file__).parent.parent


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
def _marks() -> jinja2.Environment:
    """What puts the columns where the marks are; a mark that names nothing is refused."""
    marks = jinja2.Environment(  # noqa: S701 - SQL is no HTML, and no caller's text gets here # nosec B701
        loader=jinja2.FileSystemLoader(SERVICE),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    marks.globals |= {table.name: table for table in tables.TABLES} | {"versioned_tables": tables.TABLES}
    return marks


def written_out(path: Path) -> str:
    """The statements of a file with every mark replaced by what it stands for. Raises WrongDeclaration where
    a statement names a column that is not declared."""
    text = path.read_text()
    if "{{" not in text and "{%" not in text:
        return text
    return template(path.relative_to(SERVICE).as_posix()).render()


def template(path: str) -> jinja2.Template:
    """A file with marks, by its path below the service: what several statements have in common."""
    return _marks().get_template(path)


@functools.cache
def statements() -> dict[str, Queries]:
    """Every noun's named statements, read once, by the folder and name of their file:
    `{"offences.cancellations": <Queries>, …}`."""
    files = {
        ".".join(path.relative_to(SERVICE).with_suffix("").parts): path
        for path in sorted(SERVICE.rglob("*.sql"))
    }
    return {
        address: aiosql.from_str(
            written_out(path), functools.partial(_AsWritten, address), mandatory_parameters=False
        )
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
