"""The rolling years that ONS published are the sums of the quarters that the Home Office published; where
they are not, the cell is named.

Two editions of one series: ONS printed its table in April 2019, the Home Office the quarters as revised
since.
"""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from conftest import _client
from return_files import ROLLING_TABLE, send

DIFFERENCES = Path(__file__).parents[2] / "golden" / "rolling-years.differences.csv.gz"
ENDINGS = [
    f"{year}-{month:02}"
    for year in range(2013, 2019)
    for month in (3, 6, 9, 12)
    if (year, month) != (2017, 12)
]
"""From the first four quarters of the one to the last rolling year of the other; that to December 2017 is
misdated and was refused."""


def read():
    with gzip.open(DIFFERENCES, "rt", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


@pytest.fixture(scope="module")
def book(app, databases, demonstrated, home):
    """The demonstration's book, which holds the quarters, and the whole table of rolling years."""
    name = databases.make(like=demonstrated)
    client = _client(app, databases.url(name), home)
    assert (
        send(
            client, ROLLING_TABLE, source="ons-whole-table", edition="2019-04", understood_only="true"
        ).status_code
        == 201
    )
    yield client
    databases.drop(name)


def figures(book, areas, source, ending):
    categories = [one["category"] for one in book.get("/v1/categories?limit=1000").json["items"]]
    asked = {"area": areas, "category": categories, "source": source, "period": f"12m:{ending}"}
    answer = book.get("/v1/summaries", query_string=asked)
    assert answer.status_code == 200, answer.json
    return {
        (one["area"]["code"], ending, one["category"]["code"]): one["value"]
        for one in answer.json["figures"]
        if one["value"] is not None and one["period"]["complete"]
    }


@pytest.fixture(scope="module")
def pairs(book):
    """Each cell that both hold: what the rolling year says, and what the four quarters come to."""
    areas = [
        one["area"]
        for kind in ("force", "body")
        for one in book.get(f"/v1/areas?kind={kind}&limit=1000").json["items"]
    ]
    told = {}
    for ending in ENDINGS:
        years, quarters = (
            figures(book, areas, source, ending) for source in ("ons-whole-table", "home-office-pfa")
        )
        told |= {cell: (value, quarters[cell]) for cell, value in years.items() if cell in quarters}
    return told


def differing(pairs):
    return [
        (*map(str, cell), str(year), str(sums))
        for cell, (year, sums) in sorted(pairs.items())
        if year != sums
    ]


def test_every_rolling_year_is_the_sum_of_its_quarters_or_named_as_a_difference(pairs):
    assert len(pairs) == 16_918
    assert differing(pairs) == read()


def test_what_differs_was_revised_since_and_is_less_than_a_half_per_cent(pairs):
    """Nothing differs in the years that were final when both were printed, and most of what does is recorded
    better since 2015."""
    endings = Counter(row[1] for row in read())
    assert {"2014-03", "2014-12", "2015-03"} & set(endings) == set()
    moved, whole = (
        sum(abs(year - sums) for year, sums in pairs.values()),
        sum(year for year, _ in pairs.values()),
    )
    assert moved / whole < 0.005
