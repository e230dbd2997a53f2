"""The plans of what is asked most, on a book of 20,000 records: who loses an index, or writes a statement
that cannot use one, is told here.

The golden files hold what PostgreSQL 15 and 18 agree on: which of the large tables is read, by which index,
and how many of its rows. PLANS=write writes them anew.
"""

import csv
import json
import os
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from plans import explained

from bench import capture, questions
from bench.seeding import seed
from service import store
from service.store import database

GOLDEN = Path(__file__).parents[1] / "golden" / "plans"
OFFENCES, SLACK = 20_000, 50
COMPARED = questions.summary("northamptonshire", compare="previous")
READS = {
    "one-offence": "/v1/offences/{one}",
    "list": "/v1/offences?force=northamptonshire&recorded_from=2016-06-01",
    "summary": questions.summary("northamptonshire"),
    "summary-compared": COMPARED,
    "summary-of-the-nation": questions.summary("england-and-wales", compare="previous"),
    "summary-as-of": COMPARED + "&as_of={past}",
    "summary-as-of-long-ago": COMPARED + "&as_of={long_ago}",
    "series": f"/v1/summaries/series?area=northamptonshire&category=all-crime&period={questions.TEN_YEARS}",
    "ranking": "/v1/summaries/ranking?area=england-and-wales&category=robbery&period=2018/19",
    "evidence": (
        "/v1/offences?area=northamptonshire&category=robbery&recorded_from=2018-04-01&recorded_to=2019-03-31&as_of={latest}"
    ),
    "versions": "/v1/offences/{one}/versions",
    "changes": "/v1/changes?after={past}&limit=10",
}
KEYS = {"category_tally_counts_a_cell_once": "category_tally", "tally_counts_a_cell_once": "tally"}
LOST = [
    ("offence_by_id", "one-offence"),
    ("offence_listed", "list"),
    ("category_tally_counts_a_cell_once", "summary"),
    ("category_tally_counts_a_cell_once", "summary-of-the-nation"),
    ("tally_counts_a_cell_once", "summary-as-of"),
    ("offence_entered", "summary-as-of-long-ago"),
    ("category_tally_counts_a_cell_once", "series"),
    ("offence_by_area", "evidence"),
    ("offence_by_id", "versions"),
    ("offence_opened", "record"),
    ("offence_closed", "record"),
    ("tally_counts_a_cell_once", "record"),
    ("category_tally_counts_a_cell_once", "record"),
]


def settle(url):
    """Vacuum until every page is known to be seen by all: a worker of autovacuum that looks on meanwhile
    keeps some from it."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        for _ in range(20):
            cursor.execute("vacuum analyze offence_version, tally, category_tally, change")
            cursor.execute(
                "select bool_and(relallvisible = relpages) from pg_class where relname in ('offence_version',"
                " 'tally', 'category_tally', 'change')"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.5)
        raise AssertionError("vacuum leaves pages that not everybody sees")


@pytest.fixture(scope="module")
def seeded(databases, referenced):
    name = databases.make(like=referenced)
    past = seed(databases.url(name), OFFENCES)
    settle(databases.url(name))
    yield name, past
    databases.drop(name)


@pytest.fixture(scope="module")
def asked(app, databases, seeded, home):
    """By name, what each request asked of the database. Writes are made in a copy, so that they can be made
    again."""
    name, past = seeded
    copy = databases.make(like=name)
    key = {"Authorization": f"Bearer {(home / 'key').read_text().strip()}"}
    with psycopg2.connect(databases.url(copy)) as connection, connection.cursor() as cursor:
        cursor.execute("select offence_id from offence where force = 'E23000022' order by offence_id limit 1")
        given = {"one": cursor.fetchone()[0], "past": past, "long_ago": past - 300, "latest": past + 43}
    connection.close()
    store.connect(databases.url(copy))
    heard = {
        question: capture.heard(app, "GET", path.format(**given), key) for question, path in READS.items()
    }
    body = json.dumps(questions.draft("plans/1")).encode()
    heard["record"] = capture.heard(
        app, "POST", "/v1/offences", {**key, "Content-Type": "application/json"}, body
    )
    database.release()
    databases.drop(copy)
    return heard


def held(question):
    with (GOLDEN / f"{question}.csv").open(newline="") as file:
        return {(row["relation"], row["how"]): int(row["rows"]) for row in csv.DictReader(file)}


def faults(question, found):
    """What is otherwise than it should be: another table or index, or half or twice as many rows."""
    golden, said = held(question), {(relation, how): rows for relation, how, rows in found}
    other = [f"{relation} by {how}" for relation, how in golden.keys() ^ said.keys()]
    return other + [
        f"{relation} by {how}: {said[relation, how]} rows, not {rows}"
        for (relation, how), rows in golden.items()
        if (relation, how) in said and not rows / 2 - SLACK <= said[relation, how] <= rows * 2 + SLACK
    ]


@pytest.mark.parametrize("question", [*READS, "record"])
def test_what_is_asked_most_reads_few_rows_by_an_index(databases, seeded, asked, question):
    found = explained(databases.url(seeded[0]), asked[question])
    if os.environ.get("PLANS") == "write":
        GOLDEN.mkdir(exist_ok=True)
        with (GOLDEN / f"{question}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("relation", "how", "rows"), *found])
    assert faults(question, found) == []
    summed_when_asked = (
        {"coverage"} if question == "summary-as-of-long-ago" else set()
    )  # of a past before the newest file
    assert {relation for relation, how, _ in found if "whole" in how} == summed_when_asked


@pytest.mark.parametrize(("index", "question"), LOST)
def test_a_lost_index_is_noticed(databases, seeded, asked, index, question):
    name = databases.make(like=seeded[0])
    with psycopg2.connect(databases.url(name)) as connection:
        connection.cursor().execute(
            f"alter table {KEYS[index]} drop constraint {index}" if index in KEYS else f"drop index {index}"
        )
    connection.close()
    found = explained(databases.url(name), asked[question])
    databases.drop(name)
    assert faults(question, found)
