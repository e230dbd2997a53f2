"""Outcomes: the types there are, and how many records have each, with no record counted twice."""

from collections import Counter

import pytest
from builders import FORCE, NORTHAMPTON, record
from random_books import belongs, exported, lies_in, lines, random_book

from service.reference.outcome_types import OUTCOMES

ASKED = {"area": "northamptonshire", "period": "2012/13"}


def outcomes(service, **asked):
    answer = service.get("/v1/audit/outcomes", query_string=ASKED | asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_types_are_listed_in_their_order_with_what_they_are_part_of(service):
    types = service.get("/v1/outcomes").json["items"]
    assert [one["outcome"] for one in types] == list(OUTCOMES)
    assert {one["outcome"]: one["part_of"] for one in types if one["part_of"]} == {
        "1A": "1",
        "2A": "2",
        "3A": "3",
    }
    assert {one["outcome"]: one["from_on"] for one in types if one["from_on"]} == {
        "20": "2015-04-01",
        "21": "2016-01-01",
        "22": "2019-04-01",
    }
    page = service.get("/v1/outcomes?limit=20").json
    assert page["items"] + service.get(page["next"]).json["items"] == types == lines(service, "/v1/outcomes")


@pytest.mark.parametrize(("seed", "category"), [(31, "all-crime"), (32, "violence")])
def test_outcomes_are_what_a_count_by_hand_finds(service, seed, category):
    random_book(service, seed)
    counts = belongs(service, category)
    types = {one["outcome"]: one for one in lines(service, "/v1/outcomes")}
    told = outcomes(service, area=[FORCE, NORTHAMPTON], category=category)
    held = exported(service)
    for area in (FORCE, NORTHAMPTON):
        counted = [
            one["outcome"]
            for one in held
            if lies_in(one, area)
            and one["status"] == "recorded"
            and one["recorded_on"] < "2013-04"
            and counts(one["code"], one["recorded_on"])
        ]
        rows = [row for row in told["items"] if row["area"]["code"] == area]
        assert {row["outcome"]: row["records"] for row in rows} == {
            name: sum(name in (one, types[one]["part_of"]) for one in counted) for name in types
        }
        [total] = [row for row in told["totals"] if row["area"]["code"] == area]
        assert sum(row["records"] for row in rows if not row["of_which"]) == total["records"] == len(counted)
        assert total["assigned"] == sum(one != "0" for one in counted)
        groups = {
            row["outcome_group"]: row["records"] for row in told["groups"] if row["area"]["code"] == area
        }
        assert Counter(groups) == Counter(types[one]["outcome_group"] for one in counted)
        assert set(groups) == {one["outcome_group"] for one in types.values()}
        for row in [*rows, total]:
            assert len(lines(service, row["evidence"])) == row["records"]


def test_an_alternate_offence_is_within_its_type_and_counts_once(service):
    for outcome in ("1", "1A", "1A", "0"):
        record(service, outcome=outcome)
    told = outcomes(service)
    rows = {row["outcome"]: (row["records"], row["of_which"]) for row in told["items"] if row["records"]}
    assert rows == {"0": (1, False), "1": (3, False), "1A": (2, True)}
    assert [(row["records"], row["assigned"]) for row in told["totals"]] == [(4, 3)]
    assert {row["outcome_group"]: row["records"] for row in told["groups"] if row["records"]} == {
        "Not yet assigned": 1,
        "Charged or summonsed": 3,
    }


def test_every_record_of_the_published_year_awaits_its_outcome(published):
    told = outcomes(published)
    assert [(row["records"], row["assigned"]) for row in told["totals"]] == [(46983, 0)]
    assert sum(row["records"] for row in told["items"]) == 46983
