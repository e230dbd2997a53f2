"""Statements are reached by the folder and the file that they stand in, and give what they are asked for."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import pytest

from service.store import database
from service.store.book import Statement
from service.store.statements import addresses

NORTHAMPTONSHIRE = "E23000022"


@dataclass(frozen=True)
class Alike:
    target_id: UUID
    owner: str
    name: str


@pytest.fixture
def book(service):
    with database.reading() as book:
        yield book


def test_no_folder_file_or_statement_has_the_name_of_a_method():
    methods = {name for name in dir(Statement) if not name.startswith("_")}
    assert {address for address in addresses() if address.rpartition(".")[2] in methods} == set()


@pytest.mark.parametrize(
    "ask",
    [
        lambda book: book.nowhere,
        lambda book: book.reference.nowhere,
        lambda book: book.reference.areas.nowhere,
        lambda book: book.reference.areas.read.nowhere,
        lambda book: book.reference.areas(),
    ],
)
def test_what_is_no_statement_cannot_be_run(book, ask):
    with pytest.raises(AttributeError):
        ask(book)


def test_a_row_is_read_as_it_is_or_as_a_noun(book):
    row = book.reference.areas.read.row(area=NORTHAMPTONSHIRE)
    assert row["name"] == "Northamptonshire"
    assert book.reference.areas.read.one(dict, area=NORTHAMPTONSHIRE) == row
    assert book.reference.areas.read.one(dict, area="nowhere") is None
    assert book.reference.areas.read.row(area="nowhere") is None


def test_a_noun_with_a_field_that_is_no_column_is_a_fault(book):
    assert book.targets.caveats.aiming_alike.all(Alike, target_id=UUID(int=0)) == []
    with pytest.raises(KeyError):
        book.reference.areas.read.one(Alike, area=NORTHAMPTONSHIRE)


def test_a_value_of_another_type_is_a_fault(book):
    days = {"area": NORTHAMPTONSHIRE, "category": "all-crime"}
    span = {"from_on": dt.date(2012, 4, 1), "to_on": dt.date(2013, 3, 31)}
    assert book.targets.actuals.recorded_to.value(dt.date, **days, **span) is None
    with pytest.raises(TypeError):
        book.reference.areas.nesting_changed.value(str, change=book.as_of)


def test_a_statement_remembers_the_parameters_it_was_given(book):
    statement = book.reference.areas.read.with_parameters(area=NORTHAMPTONSHIRE)
    assert statement.row()["area"] == NORTHAMPTONSHIRE
    assert f"'{NORTHAMPTONSHIRE}'" in statement.text_with()
    assert NORTHAMPTONSHIRE not in statement.text
