"""Reconciliations: our records against an official return, every difference with what is behind either
side."""

import csv
import io
from collections import Counter
from datetime import date

import pytest
from builders import FORCE, KETTERING, key, offence, record, submit
from random_books import CODES, belongs, exported, lies_in, lines, random_book
from return_files import TABLE, home_office, listed, ons, rows_of, send

ASKED = {"area": "northamptonshire", "period": "2012/13", "source": "home-office-pfa"}
QUARTERS = {
    "2012/13Q1": ("2012-04-01", "2012-06-30"),
    "2012/13Q2": ("2012-07-01", "2012-09-30"),
    "2012/13Q3": ("2012-10-01", "2012-12-31"),
    "2012/13Q4": ("2013-01-01", "2013-03-31"),
}
# Ours, official: four codes have a quarter below nought, which records cannot have, so another quarter holds
# fewer.
DIFFERING = {
    ("22A", "2012/13Q1"): (0, 1),
    ("22A", "2012/13Q2"): (0, -1),
    ("53C", "2012/13Q1"): (93, 95),
    ("53C", "2012/13Q4"): (0, -2),
    ("70", "2012/13Q1"): (1, 2),
    ("70", "2012/13Q2"): (0, -1),
    ("80", "2012/13Q3"): (2, 3),
    ("80", "2012/13Q4"): (0, -1),
}


def reconcile(service, **asked):
    answer = service.get("/v1/reconciliations", query_string=ASKED | asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def by_cell(told):
    return {
        (one["code"] or one["category"], one["period"]["period"]): (one["records"], one["official"])
        for one in told["items"]
    }


def test_the_published_year_agrees_with_the_home_office_but_for_what_it_took_back(published):
    told = reconcile(published)
    assert by_cell(told) == DIFFERING
    assert {
        name: told[name] for name in ("cells", "equal", "differing", "records", "official", "difference")
    } == {"cells": 616, "equal": 608, "differing": 8, "records": 46983, "official": 46983, "difference": 0}
    for one in told["items"]:
        assert one["difference"] == one["records"] - one["official"]
        assert one["period"]["complete"] is True
        assert len(lines(published, one["evidence"])) == one["records"]
        assert (
            sum(int(cell["count"]) for cell in listed(published, one["official_evidence"])) == one["official"]
        )


def test_unfolded_every_cell_of_the_file_is_there_and_years_agree_by_code(published):
    told = reconcile(published, all="true")
    rows = [
        row
        for row in rows_of(TABLE)
        if (row["Force Name"], row["Financial Year"]) == ("Northamptonshire", "2012/13")
    ]
    official = {
        (row["Offence Code"], f"2012/13Q{row['Financial Quarter']}"): int(row["Number of Offences"])
        for row in rows
    }
    assert {cell: count for cell, (_, count) in by_cell(told).items()} == official
    assert len(told["items"]) == told["cells"] == len(rows)
    years = Counter()
    for one in told["items"]:
        years[one["code"]] += one["difference"]
    assert set(years.values()) == {0}
    [homicide] = [
        one
        for one in told["items"]
        if (one["code"], one["period"]["period"]) == ("1/4.1/4.10/4.2", "2012/13Q1")
    ]
    assert len(lines(published, homicide["evidence"])) == homicide["records"] == homicide["official"] == 2


def test_from_versions_comes_what_comes_from_the_tally(published):
    present = reconcile(published)
    past = reconcile(published, as_of=present["as_of"]["change"] - 1)
    assert by_cell(past) == by_cell(present)
    assert (past["records"], past["cells"]) == (present["records"], present["cells"])


def test_a_rolling_year_is_held_against_groups_over_twelve_months(published):
    told = reconcile(published, source="ons-rolling-year")
    assert (told["cells"], told["records"], told["official"], told["difference"]) == (20, 46983, 46983, 0)
    assert by_cell(told) == {  # ONS moved these between groups after 2013
        ("death-or-serious-injury-unlawful-driving", "2012/13"): (0, 12),
        ("violence-with-injury", "2012/13"): (4194, 4182),
        ("stalking-and-harassment", "2012/13"): (0, 409),
        ("violence-without-injury", "2012/13"): (4071, 3662),
    }
    for one in told["items"]:
        assert len(lines(published, one["evidence"])) == one["records"]
        assert (
            sum(int(cell["count"]) for cell in listed(published, one["official_evidence"])) == one["official"]
        )


@pytest.mark.parametrize("seed", [41, 42])
def test_the_cells_of_random_books_and_returns_are_those_counted_by_hand(service, seed):
    chance = random_book(service, seed, records=40, moves=20)
    official = {
        (code, quarter): chance.randint(-2, 6)
        for code in (*CODES, "34A", "104")
        for quarter in QUARTERS
        if chance.random() < 0.5
    }
    sent = [
        ("2012/13", int(quarter[-1]), "Northamptonshire", code, count)
        for (code, quarter), count in official.items()
    ]
    assert send(service, home_office(*sent)).status_code == 201
    given = {quarter for _, quarter in official}  # of a quarter that it does not hold, a return says nothing
    ours = Counter(
        (one["code"], quarter)
        for one in exported(service)
        for quarter in given
        if one["status"] == "recorded"
        and lies_in(one, FORCE)
        and QUARTERS[quarter][0] <= one["recorded_on"] <= QUARTERS[quarter][1]
    )
    told = reconcile(service, all="true")
    expected = {cell: (ours[cell], official.get(cell)) for cell in ours.keys() | official.keys()}
    assert by_cell(told) == expected
    assert (told["records"], told["official"], told["periods"]) == (
        ours.total(),
        sum(official.values()),
        sorted(given),
    )
    folded = {cell: pair for cell, pair in expected.items() if pair[0] != (pair[1] or 0)}
    assert by_cell(reconcile(service)) == folded
    assert (told["equal"], told["differing"]) == (len(expected) - len(folded), len(folded))
    for one in told["items"]:
        assert len(lines(service, one["evidence"])) == one["records"]
        assert (one["official_evidence"] is None) == (one["official"] is None)


def test_a_total_beside_its_parts_is_summed_once_and_codes_in_no_group_stand_alone(service):
    groups = (("Theft offences", 5), ("Shoplifting", 2), ("Bicycle theft", 3))
    for ending in (
        "31-03-2013",
        "30-06-2013",
    ):  # the second overlaps the first, and only one of them lies in the year
        lines_of = [(ending, "Northamptonshire", group, count) for group, count in groups]
        assert (
            send(
                service,
                ons(*lines_of),
                source="ons-rolling-year",
                edition=f"2013-0{7 + (ending[3:5] == '06')}",
            ).status_code
            == 201
        )
    for code in ("28A", "46", "46", "34B"):
        record(service, code=code)
    told = reconcile(service, source="ons-rolling-year")
    theft, burglary, robbery = (
        belongs(service, name)("28A", "2012-05-03") for name in ("theft-offences", "burglary", "robbery")
    )
    assert (theft, burglary, robbery) == (True, True, False)
    cells = {
        one["code"] or one["category"]: (one["records"], one["official"], one["of_which"])
        for one in told["items"]
    }
    assert cells == {"theft-offences": (3, 5, False), "bicycle-theft": (0, 3, True), "34B": (1, None, False)}
    assert (told["cells"], told["equal"], told["records"], told["official"], told["difference"]) == (
        4,
        1,
        4,
        5,
        -1,
    )
    assert told["edition"] == "2013-07"


def test_a_code_that_joins_several_is_summed_over_its_lines(service):
    joined = "1/4.1/4.10/4.2"
    assert (
        send(
            service,
            home_office(*(("2012/13", 1, "Northamptonshire", joined, count) for count in (2, 1, 0, 1))),
        ).status_code
        == 201
    )
    record(service, code=joined)
    [one] = reconcile(service)["items"]
    assert (one["code"], one["records"], one["official"], one["difference"]) == (joined, 1, 4, -3)
    assert len(listed(service, one["official_evidence"])) == 4


def test_the_latest_edition_known_then_is_read(service):
    first = send(service, home_office(("2012/13", 1, "Northamptonshire", "34B", 5)), edition="2013-07").json
    send(service, home_office(("2012/13", 1, "Northamptonshire", "34B", 1)), edition="2014-07")
    record(service, code="34B")
    assert (reconcile(service)["edition"], reconcile(service)["items"]) == ("2014-07", [])
    then = reconcile(service, as_of=first["since_change"])
    assert (then["edition"], by_cell(then)) == ("2013-07", {("34B", "2012/13Q1"): (0, 5)})


def test_a_cell_is_complete_where_a_file_covers_its_code_on_all_its_days(service):
    asked = {
        "covers": "robbery",
        "force": "northamptonshire",
        "reason": "robberies",
        "period_from": "2012-04-01",
        "period_to": "2012-06-30",
    }
    assert submit(service, [offence(code="34B")], **asked).status_code in (200, 201)
    record(service, code="28A")
    counted = [
        ("2012/13", quarter, "Northamptonshire", code, 9) for quarter in (1, 2) for code in ("34B", "28A")
    ]
    assert send(service, home_office(*counted)).status_code == 201
    assert {
        (one["code"], one["period"]["period"]): one["period"]["complete"]
        for one in reconcile(service)["items"]
    } == {
        ("34B", "2012/13Q1"): True,
        ("34B", "2012/13Q2"): False,
        ("28A", "2012/13Q1"): False,
        ("28A", "2012/13Q2"): False,
    }


def test_a_region_is_held_against_its_forces_together(service):
    counted = [
        ("2012/13", 1, force, "34B", 2) for force in ("Northamptonshire", "Leicestershire", "Thames Valley")
    ]
    assert send(service, home_office(*counted)).status_code == 201
    record(service, code="34B")
    assert by_cell(reconcile(service, area="east-midlands")) == {("34B", "2012/13Q1"): (1, 4)}


def test_csv_holds_the_cells_and_a_caller_who_holds_the_answer_gets_304(published):
    answer = published.get("/v1/reconciliations", query_string=ASKED, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {
        (row["code"], row["period_period"]): (int(row["records"]), int(row["official"])) for row in rows
    } == DIFFERING
    assert all(date.fromisoformat(row["period_from"]) < date.fromisoformat(row["period_to"]) for row in rows)
    held = published.get(
        "/v1/reconciliations",
        query_string=ASKED,
        headers={"Accept": "text/csv", "If-None-Match": answer.headers["ETag"]},
    )
    assert (held.status_code, held.get_data()) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"area": "atlantis"}, "area"),
        ({"area": None}, "area"),
        ({"period": "2012"}, None),
        ({"period": "soon"}, "period"),
        ({"source": "records"}, "source"),
        ({"source": "hearsay"}, "source"),
        ({"source": None}, "source"),
        ({"as_of": "999999"}, "as_of"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
        ({"all": "perhaps"}, "all"),
        ({"code": "34B"}, "code"),
    ],
)
def test_what_cannot_be_reconciled_is_refused_by_name(service, asked, parameter):
    send(service, home_office(("2012/13", 1, "Northamptonshire", "34B", 1)))
    question = {name: value for name, value in (ASKED | asked).items() if value is not None}
    answer = service.get("/v1/reconciliations", query_string=question)
    assert answer.status_code == (400 if parameter else 200), answer.json
    assert [one["parameter"] for one in answer.json.get("errors", [])] == ([parameter] if parameter else [])


@pytest.mark.parametrize(
    "asked", [{"period": "1999"}, {"area": "leicestershire"}, {"area": KETTERING}, {"period": "2012-05"}]
)
def test_where_a_return_counts_nothing_there_is_no_reconciliation(service, asked):
    send(service, home_office(("2012/13", 1, "Northamptonshire", "34B", 1)))
    answer = service.get("/v1/reconciliations", query_string=ASKED | asked)
    assert (
        answer.status_code,
        "No return of home-office-pfa counts anything of" in answer.json["detail"],
    ) == (404, True)


def test_before_any_return_has_come_that_is_said(service):
    answer = service.get("/v1/reconciliations", query_string=ASKED)
    assert (answer.status_code, answer.json["detail"]) == (400, "No return has come from anyone.")
    assert (
        service.get("/v1/reconciliations", query_string=ASKED, headers=key(service, "record")).status_code
        == 403
    )
