"""Dated reference data from open data files: areas with populations, the offence classification, and
categories.

Each module here turns files of `data` into drafts: plain dictionaries in the shape that callers send to the
service, dates as ISO strings.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import TypeVar, cast

from service.reference.areas import define_areas
from service.reference.breaks import define_breaks
from service.reference.categories import define_categories, follow_classification, register_groups
from service.reference.offence_codes import define_codes
from service.reference.open_data.areas import drafts as area_drafts
from service.reference.open_data.breaks import drafts as break_drafts
from service.reference.open_data.categories import drafts as category_drafts
from service.reference.open_data.codes import drafts as code_drafts
from service.store import Book, connect, database
from service.store.book import Row

Draft = Mapping[str, object]
Shipped = TypeVar("Shipped", bound=Draft)

EVERYTHING = 100_000
"""More than there are areas, codes or categories."""


def load(database_url: str, *, put_back: bool = False) -> None:
    """Make the book hold the reference data: a change for areas and one for the classification with its
    categories, or none.

    What the book holds already stays as it is, however it was defined here since; with `put_back` it is made
    to say again what the reference data say. What was defined under other names stays in any case.
    """
    connect(database_url)
    codes = code_drafts()
    areas = _find_missing("area", area_drafts(), _read_areas, put_back)
    missing_codes = _find_missing("code", codes, _read_codes, put_back)
    categories = _find_missing("category", category_drafts(codes), _read_categories, put_back)
    breaks = _find_missing("series_break", break_drafts(), _read_breaks, put_back)
    if areas:
        with _change("reference data: areas") as book:
            define_areas(book, areas)
    if missing_codes or categories or breaks:
        with _change("reference data: offence codes and categories") as book:
            define_codes(book, missing_codes)
            register_groups(book)
            # First: what is shipped by hand takes the place of an ONS group of its name.
            define_categories(book, categories)
            follow_classification(book)
            define_breaks(book, breaks)
    if areas or missing_codes or categories or breaks:
        _tell_the_planner()


def _tell_the_planner() -> None:
    """Autovacuum comes within a minute; until then each question would be planned as if there were hardly an
    area. Who does not own the tables is told so in a notice."""
    with database.connection().cursor() as cursor:
        cursor.execute(
            "set role none; analyze area_ancestor, area_version, category_code, category_version,"
            " code_version, population; reset role"
        )


def _change(reason: str) -> AbstractContextManager[Book]:
    return database.writing(reason, caller="crimebook", trace_id=secrets.token_hex(16))


def _find_missing(
    noun: str, drafts: Sequence[Shipped], read: Callable[[Book], list[Row]], put_back: bool
) -> list[Shipped]:
    """Those drafts that the book does not have; with `put_back`, does not have word for word."""
    with database.reading() as book:
        present = {row[noun]: row for row in read(book)}
    return [
        draft
        for draft in drafts
        if draft[noun] not in present or (put_back and not _is_same(draft, present[draft[noun]]))
    ]


def _read_areas(book: Book) -> list[Row]:
    return book.reference.areas.list.rows(kind=None, within=None, after_area=None, limit=EVERYTHING)


def _read_codes(book: Book) -> list[Row]:
    return book.reference.offence_codes.list.rows(on=None, after_code=None, limit=EVERYTHING)


def _read_breaks(book: Book) -> list[Row]:
    return book.reference.breaks.list.rows(category=None, after_series_break=None, limit=EVERYTHING)


def _read_categories(book: Book) -> list[Row]:
    """Those defined by hand, their codes in the order of the drafts: how a database sorts depends on its
    locale."""
    rows = book.reference.categories.list.rows(after_category=None, limit=EVERYTHING)
    for row in rows:
        codes = cast("list[dict[str, str]]", row["codes"])
        row["codes"] = sorted(codes, key=itemgetter("code"))
    return [row for row in rows if not row["derived"]]


def _is_same(draft: Draft, row: Row) -> bool:
    return all(column in row and _write(row[column]) == value for column, value in draft.items())


def _write(value: object) -> object:
    """A value of the database as a draft writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
