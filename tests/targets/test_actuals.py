"""What targets that count no crime come to: money that was reported, a rank among forces, a rate."""

from operator import itemgetter

import pytest

NEW = {"If-Match": '"0"'}
SAVINGS = {
    "adds_up": "sum",
    "better": "higher",
    "description": "As the force reports it.",
    "name": "Savings",
    "unit": "pounds",
}
SAVED = {
    "area": "northamptonshire",
    "kind": "save",
    "measure": "savings-gbp",
    "name": "Savings",
    "owner": "Police and Crime Commissioner",
}
SAFEST = {
    "area": "northamptonshire",
    "category": "all-crime",
    "kind": "rank",
    "measure": "rate",
    "name": "The safest county",
    "owner": "PCC",
}


@pytest.fixture
def savings(service):
    """Reports a sum of a period."""
    assert service.put("/v1/measures/savings-gbp", json=SAVINGS, headers=NEW).status_code == 201

    def report(period, value):
        told = service.post(
            "/v1/measures/savings-gbp/observations",
            json={"area": "northamptonshire", "period": period, "value": value},
        )
        assert told.status_code == 201, told.json

    return report


def stands(client, target, **asked):
    made = client.post("/v1/targets", json=target)
    assert made.status_code == 201, made.json
    answer = client.get(f"{made.headers['Location']}/progress", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_three_million_in_a_year_were_saved_when_they_were_reported(service, savings):
    savings("2013/14", 3_000_000)
    told = stands(service, SAVED | {"amount": 3_000_000, "period": "2013/14"})
    assert itemgetter("status", "floor", "distance", "complete")(told) == ("met", 3_000_000, 0, True)
    assert told["actual"]["value"] == 3_000_000 and told["actual"]["evidence"].startswith(
        "/v1/measures/savings-gbp/observations?"
    )
    assert told["caveats"][0]["caveat"] == "reported"


def test_quarters_add_up_and_tell_how_far_the_year_is_known(service, savings):
    for quarter, value in (("2013/14Q1", 700_000), ("2013/14Q2", 900_000), ("2013/14Q4", 5_000_000)):
        savings(quarter, value)
    told = stands(
        service,
        SAVED
        | {
            "amount": 6_800_000,
            "period": "2013/14",
            "milestones": [{"on": "2013-06-30", "amount": 1_000_000}],
        },
    )
    assert (told["actual"]["from"], told["actual"]["to"], told["actual"]["value"]) == (
        "2013-04-01",
        "2013-09-30",
        1_600_000,
    )
    assert (told["status"], told["distance"], told["run_rate"]) == ("too_early", 5_200_000, 8743.17)
    assert told["required_run_rate"] == 28571.43
    assert told["milestones"] == [
        {"actual": 700_000, "amount": 1_000_000, "on": "2013-06-30", "status": "missed"}
    ]


def test_more_than_was_to_be_saved_is_exceeded_before_the_end(service, savings):
    savings("2013/14Q1", 7_000_000)
    told = stands(service, SAVED | {"amount": 6_800_000, "period": "2013/14"})
    assert told["status"] == "exceeded" and "exceeded already" in told["rule"]


def test_what_is_worked_out_anew_each_time_does_not_add_up(service):
    measure = {
        "adds_up": "last",
        "better": "higher",
        "description": "Share satisfied.",
        "name": "Satisfaction",
        "unit": "per cent",
        "decimals": 1,
    }
    service.put("/v1/measures/satisfaction", json=measure, headers=NEW)
    for month, value in (("2013-04", 81.5), ("2013-06", 84.2)):
        service.post(
            "/v1/measures/satisfaction/observations",
            json={"area": "northamptonshire", "period": month, "value": value},
        )
    target = SAVED | {"kind": "raise-to", "measure": "satisfaction", "amount": 84, "period": "2013/14"}
    told = stands(service, target)
    assert (told["actual"]["value"], told["actual"]["to"], told["run_rate"]) == (84.2, "2013-06-30", None)
    assert told["status"] == "too_early"


def test_the_safest_county_is_a_rank_that_is_lost_whoever_is_missing(continued):
    """27 of 43 forces can be ranked; to be behind 22 of those is to be behind them all the same."""
    told = stands(continued, SAFEST | {"rank": 1, "period": "2012/13", "source": "home-office-pfa"})
    assert (told["status"], told["complete"], told["ceiling"]) == ("missed", True, 1)
    assert told["actual"]["value"] in (23, 24) and "between 23rd and 24th" in told["actual"]["note"]
    ranking = continued.get(told["actual"]["evidence"]).json
    assert [one["rank"] for one in ranking["items"] if one["area"]["name"] == "Northamptonshire"] == [
        told["actual"]["value"]
    ]
    assert any("nobody's risk" in one["says"] for one in told["caveats"] if one["caveat"] == "ranking")


def test_a_rank_that_others_could_still_take_is_not_yet_known(continued):
    told = stands(continued, SAFEST | {"rank": 30, "period": "2012/13", "source": "home-office-pfa"})
    assert (told["status"], told["complete"]) == ("too_early", False)
    assert {"incomplete", "ranking"} <= {one["caveat"] for one in told["caveats"]}


def test_places_are_not_ranked_by_victims(continued):
    told = stands(continued, SAFEST | {"rank": 1, "measure": "severity", "period": "2012/13"})
    assert (
        told["actual"]["reason"]
        == "no observation of a rank by severity in 2012/13: places are not ranked by severity"
    )


def test_a_rate_is_held_against_its_target_when_the_year_is_over(continued):
    target = {
        "area": "northamptonshire",
        "category": "robbery",
        "kind": "reduce-to",
        "measure": "rate",
        "name": "Less",
        "owner": "PCC",
    }
    told = stands(continued, target | {"amount": 0.9, "period": "2012/13", "base_period": "2011/12"})
    assert (told["actual"]["value"], told["status"], told["complete"]) == (0.8846, "exceeded", True)
    early = stands(continued, target | {"amount": 0.8, "owner": "x", "period": "2012/13"}, on="2012-09-30")
    assert (early["status"], early["distance"]) == ("too_early", None)
    assert early["rule"].endswith("a rate of a part of the period is not that of the whole")
    assert early["actual"]["value"] < 0.8846


def test_of_no_outcomes_there_is_no_positive_share(continued):
    target = {
        "area": "northamptonshire",
        "category": "robbery",
        "kind": "raise-to",
        "measure": "positive-outcome-rate",
        "name": "More",
        "owner": "PCC",
        "amount": 25,
        "period": "2012/13",
    }
    told = stands(continued, target)
    assert (told["status"], told["actual"]["value"]) == ("too_early", None)
    assert told["actual"]["reason"].startswith("no observation of positive-outcome-rate in 2012/13: ")
