"""Dated reference data from open data files: areas with populations, the offence classification, and categories.

Each module here turns files of `data` into drafts: plain dictionaries in the shape that callers send to the service, dates as ISO strings.
"""

import secrets
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from service.areas import define as define_areas
from service.categories import define as define_categories
from service.classifications import define as define_codes
from service.reference.areas import drafts as area_drafts
from service.reference.categories import drafts as category_drafts
from service.reference.codes import drafts as code_drafts
from service.store import Book, connect, database

Draft = dict[str, Any]

EVERYTHING = 100_000
"""More than there are areas, codes or categories."""


def load(database_url: str) -> None:
    """Make the book say what the reference data say: one change each for areas, codes and categories, and none where nothing differs.

    What somebody defined here under another name stays; what they redefined under one of these names is put back.
    """
    connect(database_url)
    codes = code_drafts()
    _bring("area", area_drafts(), _held_areas, define_areas)
    _bring("code", codes, _held_codes, define_codes)
    _bring("category", category_drafts(codes), _held_categories, define_categories)


def _bring(noun: str, drafts: list[Draft], held: Callable[[Book], list[Draft]], define: Callable[[Book, list[Draft]], None]) -> None:
    """Define those drafts that the book does not hold word for word."""
    with database.reading() as book:
        known = {row[noun]: row for row in held(book)}
    differing = [draft for draft in drafts if not _same(draft, known.get(draft[noun], {}))]
    if differing:
        with database.writing(f"reference data: {noun}", caller="crimebook", trace_id=secrets.token_hex(16)) as book:
            define(book, differing)


def _held_areas(book: Book) -> list[Draft]:
    return list(book.areas.list(kind=None, within=None, after_area=None, limit=EVERYTHING))


def _held_codes(book: Book) -> list[Draft]:
    return list(book.classifications.list(on=None, after_code=None, limit=EVERYTHING))


def _held_categories(book: Book) -> list[Draft]:
    """Those defined by hand, their codes in the order of the drafts: how a database sorts depends on its locale."""
    rows = book.categories.list(after_category=None, limit=EVERYTHING)
    return [{**row, "codes": sorted(row["codes"], key=lambda one: str(one["code"]))} for row in rows if not row["derived"]]


def _same(draft: Draft, held: Draft) -> bool:
    return all(column in held and _plain(held[column]) == said for column, said in draft.items())


def _plain(value: Any) -> Any:
    """A value of the database as a draft writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
