"""Dated reference data from open data files: areas with populations, the offence classification, and
categories.

Each module here turns files of `data` into drafts: plain dictionaries in the shape that callers send to the
service, dates as ISO strings.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

from service.reference.areas import define_areas
from service.reference.breaks import define_breaks
from service.reference.categories import define_categories, follow_classification, register_groups
from service.reference.offence_codes import define_codes
from service.reference.open_data.areas import drafts as area_drafts
from service.reference.open_data.breaks import drafts as break_drafts
from service.reference.open_data.categories import drafts as category_drafts
from service.reference.open_data.codes import drafts as code_drafts
from service.store import Book, connect, database

Draft = dict[str, Any]

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
    missing = {
        "area": _missing("area", area_drafts(), _held_areas, put_back),
        "code": _missing("code", codes, _held_codes, put_back),
        "category": _missing("category", category_drafts(codes), _held_categories, put_back),
        "break": _missing("series_break", break_drafts(), _held_breaks, put_back),
    }
    if missing["area"]:
        with _change("reference data: areas") as book:
            define_areas(book, missing["area"])
    if missing["code"] or missing["category"] or missing["break"]:
        with _change("reference data: offence codes and categories") as book:
            define_codes(book, missing["code"])
            register_groups(book)
            define_categories(
                book, missing["category"]
            )  # first: what is shipped by hand takes the place of an ONS group of its name
            follow_classification(book)
            define_breaks(book, missing["break"])
    if any(missing.values()):
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


def _missing(
    noun: str, drafts: list[Draft], held: Callable[[Book], list[Draft]], put_back: bool
) -> list[Draft]:
    """Those drafts that the book does not hold; with `put_back`, does not hold word for word."""
    with database.reading() as book:
        known = {row[noun]: row for row in held(book)}
    return [
        draft
        for draft in drafts
        if draft[noun] not in known or (put_back and not _same(draft, known[draft[noun]]))
    ]


def _held_areas(book: Book) -> list[Draft]:
    return list(book.reference.areas.list(kind=None, within=None, after_area=None, limit=EVERYTHING))


def _held_codes(book: Book) -> list[Draft]:
    return list(book.reference.offence_codes.list(on=None, after_code=None, limit=EVERYTHING))


def _held_breaks(book: Book) -> list[Draft]:
    return list(book.reference.breaks.list(category=None, after_series_break=None, limit=EVERYTHING))


def _held_categories(book: Book) -> list[Draft]:
    """Those defined by hand, their codes in the order of the drafts: how a database sorts depends on its
    locale."""
    rows = book.reference.categories.list(after_category=None, limit=EVERYTHING)
    return [
        {**row, "codes": sorted(row["codes"], key=lambda one: str(one["code"]))}
        for row in rows
        if not row["derived"]
    ]


def _same(draft: Draft, held: Draft) -> bool:
    return all(column in held and _plain(held[column]) == said for column, said in draft.items())


def _plain(value: Any) -> Any:
    """A value of the database as a draft writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
