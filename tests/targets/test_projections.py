"""Projections: three methods on real quarters of Northamptonshire, worked out apart from the service, and how
sure each says it is.

golden/projections-given.csv has the counts by part of each year and of the whole (ago 0 is the year that is
projected), from data/home-office-pfa; golden/projections-expected.csv what plain Python and scipy's quantiles
make of the formulas.
"""

import csv
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extras import RealDictCursor
from return_files import DATA, send
from scipy.stats import t

from service.store import Book, as_json

GOLDEN = Path(__file__).parents[1] / "golden"
ARTICLE = DATA / "home-office-pfa" / "northamptonshire-2012-13-to-2013-14.csv"


def by_case(name):
    found = defaultdict(list)
    for row in csv.DictReader((GOLDEN / name).read_text().splitlines()):
        found[row["case"]].append(row)
    return found


GIVEN, EXPECTED = by_case("projections-given.csv"), by_case("projections-expected.csv")


@pytest.fixture(scope="module")
def book(databases, migrated):
    name = databases.make(like=migrated)
    with closing(psycopg2.connect(databases.url(name), cursor_factory=RealDictCursor)) as connection:
        yield Book(connection, 1, None, {"as_of": 1})
    databases.drop(name)


def projected(book, years):
    present, *earlier = [
        {name: int(value) for name, value in year.items() if name != "case" and value != ""} for year in years
    ]
    del present["ago"]
    return book.targets.projections.project(years=as_json(earlier), **present)


@pytest.mark.parametrize("case", GIVEN)
def test_each_method_gives_what_was_worked_out_apart(book, case):
    told = projected(book, GIVEN[case])
    assert [row["method"] for row in told] == [row["method"] for row in EXPECTED[case]]
    for row, expected in zip(told, EXPECTED[case], strict=True):
        for name in (
            "projected",
            "phi",
            "low_80",
            "high_80",
            "low_95",
            "high_95",
            "learnt_from",
            "tested_on",
            "tested_inside",
        ):
            if expected[name] == "":
                assert row[name] is None, (row["method"], name)
            else:  # the quantiles are tabled to four decimals, so the last digit may turn
                assert float(row[name]) == pytest.approx(float(expected[name]), abs=0.11, rel=1e-4), (
                    row["method"],
                    name,
                )


def test_the_quantiles_are_those_of_students_t(book):
    with book.connection.cursor() as cursor:
        for errors in range(1, 11):
            cursor.execute(
                "select student_quantile(%s, 80) as eighty, student_quantile(%s, 95) as ninety_five",
                (errors, errors),
            )
            assert {name: round(float(value), 4) for name, value in cursor.fetchone().items()} == {
                "eighty": round(t.ppf(0.9, errors), 4),
                "ninety_five": round(t.ppf(0.975, errors), 4),
            }


def test_no_interval_ends_below_what_is_counted_already(book):
    years = [
        {"ago": ago, "part": "50", "whole": whole, "days_part": "183", "days": "365"}
        for ago, whole in enumerate(("", "51", "400", "60", "390"))
    ]
    for row in projected(book, years):
        assert row["low_95"] >= 50
        assert row["low_95"] <= row["low_80"] <= row["projected"] <= row["high_80"] <= row["high_95"]


def test_nothing_counted_yet_is_projected_to_nothing_by_days_alone(book):
    told = projected(
        book,
        [
            {"ago": "0", "part": "0", "whole": "", "days_part": "91", "days": "365"},
            {"ago": "1", "part": "0", "whole": "4", "days_part": "91", "days": "365"},
        ],
    )
    assert [(row["method"], row["projected"]) for row in told] == [
        ("seasonal", None),
        ("straight_line", Decimal(0)),
        ("last_year_rest", None),
    ]
    assert all(row["withheld"] for row in told)


def test_the_article_after_six_months_by_the_official_count(service):
    send(service, ARTICLE)
    draft = {
        "area": "northamptonshire",
        "amount": 48584.48,
        "category": "all-crime",
        "kind": "reduce-to",
        "name": "Two per cent less",
        "owner": "Northamptonshire Police Authority",
        "period": "2012/13",
        "source": "home-office-pfa",
    }
    made = service.post("/v1/targets", json=draft)
    told = service.get(f"{made.headers['Location']}/progress?on=2012-09-30").json
    straight = told["projections"][1]
    assert (told["actual"]["value"], straight["method"], straight["projected"]) == (
        24301,
        "straight_line",
        48469.2,
    )
    assert (round(straight["projected"], -1), straight["interval_80"]) == (48470, None)
    assert (told["status"], told["rule"].split("; ")[-1]) == (
        "too_early",
        "too_early: no projection of the end has an interval",
    )
    ended = service.get(f"{made.headers['Location']}/progress").json
    assert (ended["actual"]["value"], ended["distance"], ended["status"], ended["projections"]) == (
        46983,
        1601.48,
        "exceeded",
        [],
    )
