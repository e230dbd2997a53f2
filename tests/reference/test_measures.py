"""Measures and what is reported of them: registered, observed, corrected, withdrawn, and put together for a
period."""

import pytest
from builders import key

NEW = {"If-Match": '"0"'}
SAVINGS = {
    "adds_up": "sum",
    "better": "higher",
    "decimals": 0,
    "description": "Money saved, as the force reports it.",
    "name": "Savings",
    "unit": "pounds",
}


@pytest.fixture
def savings(service):
    """The address of a reported measure's observations."""
    assert service.put("/v1/measures/savings-gbp", json=SAVINGS, headers=NEW).status_code == 201
    return "/v1/measures/savings-gbp/observations"


def observe(service, address, period, value, **said):
    answer = service.post(address, json={"area": "northamptonshire", "period": period, "value": value} | said)
    assert answer.status_code == 201, answer.json
    return answer


def figure(service, **asked):
    answer = service.get(
        "/v1/summaries", query_string={"area": "northamptonshire", "measure": "savings-gbp"} | asked
    )
    assert answer.status_code == 200, answer.json
    return answer.json["figures"][0]


def test_what_is_worked_out_here_is_described_and_cannot_be_told(service):
    built_in = {one["measure"]: one for one in service.get("/v1/measures").json["items"]}
    assert set(built_in) == {
        "offences",
        "victims",
        "rate",
        "household-rate",
        "severity",
        "outcomes",
        "positive-outcome-rate",
    }
    assert all(one["built_in"] and one["description"] and one["unit"] for one in built_in.values())
    answer = service.put("/v1/measures/rate", json=SAVINGS, headers=NEW)
    assert (answer.status_code, "worked out here" in answer.json["detail"]) == (409, True)
    assert (
        service.post(
            "/v1/measures/rate/observations", json={"area": "kent", "period": "2012", "value": 1}
        ).status_code
        == 409
    )
    assert (
        service.post(
            "/v1/measures/gossip/observations", json={"area": "kent", "period": "2012", "value": 1}
        ).status_code
        == 404
    )


def test_a_measure_keeps_what_it_meant_before(service, savings):
    first = service.get("/v1/measures/savings-gbp")
    assert (first.json["built_in"], first.json["unit"]) == (False, "pounds")
    changed = service.put(
        "/v1/measures/savings-gbp",
        json=SAVINGS | {"name": "Money saved"},
        headers={"If-Match": first.headers["ETag"]},
    )
    assert changed.json["name"] == "Money saved"
    assert (
        service.get(f"/v1/measures/savings-gbp?as_of={first.json['since_change']}").json["name"] == "Savings"
    )
    assert (
        service.put(
            "/v1/measures/savings-gbp", json=SAVINGS, headers={"If-Match": first.headers["ETag"]}
        ).status_code
        == 412
    )
    assert service.put("/v1/measures/Savings", json=SAVINGS, headers=NEW).status_code == 422


def test_a_second_observation_of_the_same_area_and_period_is_a_conflict_told_clearly(service, savings):
    observe(service, savings, "2013/14", 3_000_000)
    for period in ("2013/14", "2013-04-01..2014-03-31", "12m:2014-03"):
        answer = service.post(savings, json={"area": "E23000022", "period": period, "value": 1})
        assert answer.status_code == 409
        assert "correct it with PUT" in answer.json["detail"]
    observe(service, savings, "2013/14", 1, area="kent")


def test_an_observation_is_corrected_and_withdrawn_and_can_still_be_read_as_it_was(service, savings):
    made = observe(service, savings, "2013/14", 3_000_000, note="as the newspaper has it")
    address, first = made.headers["Location"], made.json["since_change"]
    body = {"area": "northamptonshire", "period": "2013/14", "value": 3_100_000}
    assert service.put(address, json=body).status_code == 428
    put = service.put(address, json=body, headers={"If-Match": made.headers["ETag"]})
    assert (put.status_code, put.json["value"], put.json["note"]) == (200, 3_100_000, None)
    assert service.put(address, json=body, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert figure(service, period="2013/14")["value"] == 3_100_000
    assert figure(service, period="2013/14", as_of=first)["value"] == 3_000_000
    assert service.delete(address, headers={"If-Match": put.headers["ETag"]}).status_code == 200
    assert service.get(address).status_code == 404
    assert service.get(f"{address}?as_of={first}").json["note"] == "as the newspaper has it"
    gone = figure(service, period="2013/14")
    assert (gone["value"], gone["withheld"]) == (None, "nothing has been reported")


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"area": "atlantis"}, "/area"),
        ({"period": "2012/14"}, "/period"),
        ({"value": "much"}, "/value"),
        ({"value": 0.5}, "/value"),
        ({"value": 1e300}, "/value"),
    ],
)
def test_what_is_wrong_with_an_observation_is_said(service, savings, said, pointer):
    answer = service.post(savings, json={"area": "northamptonshire", "period": "2013/14", "value": 1} | said)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_parts_of_a_period_are_put_together_as_the_measure_says(service):
    for measure, adds_up in (("hours", "sum"), ("satisfaction", "mean"), ("officers", "last")):
        body = SAVINGS | {"adds_up": adds_up, "decimals": 1, "unit": "count", "name": measure}
        assert service.put(f"/v1/measures/{measure}", json=body, headers=NEW).status_code == 201
        for quarter, value in ((1, 10), (2, 20), (3, 30)):
            observe(service, f"/v1/measures/{measure}/observations", f"2012/13Q{quarter}", value)
    by_days = round((10 * 91 + 20 * 92 + 30 * 92) / 275, 1)
    part = {
        measure: figure(service, measure=measure, period="2012/13")
        for measure in ("hours", "satisfaction", "officers")
    }
    assert {name: one["value"] for name, one in part.items()} == {
        "hours": 60,
        "satisfaction": by_days,
        "officers": 30,
    }
    assert not any(one["period"]["complete"] for one in part.values())
    observe(service, "/v1/measures/hours/observations", "2012/13Q4", 40)
    whole = figure(service, measure="hours", period="2012/13")
    assert (whole["value"], whole["count"], whole["period"]["complete"]) == (100, 4, True)
    listed = (
        service.get(whole["evidence"], headers={"Accept": "application/x-ndjson"}).get_data().splitlines()
    )
    assert len(listed) == whole["count"]
    observe(
        service, "/v1/measures/hours/observations", "2012/13", 99
    )  # what was reported of the very period goes before
    assert figure(service, measure="hours", period="2012/13")["value"] == 99
    observe(service, "/v1/measures/hours/observations", "2013-02-01..2013-05-31", 1)
    crossing = figure(service, measure="hours", period="2012-10-01..2013-06-30")
    assert (crossing["value"], "overlaps" in crossing["withheld"]) == (None, True)


def test_reported_values_are_compared_without_a_word_of_chance(service, savings):
    observe(service, savings, "2012/13", 2_000_000)
    observe(service, savings, "2013/14", 3_000_000)
    shown = figure(service, period="2013/14", compare="last-year")
    compared = shown["compared"]
    assert (compared["difference"], compared["percent"], compared["change"], compared["p"]) == (
        1_000_000,
        50.0,
        None,
        None,
    )
    assert shown["wording"] == "Savings: 3,000,000 pounds in 2013/14, +1,000,000 against 2012/13"
    assert figure(service, period="2012/13", compare="last-year")["compared"]["difference"] is None


def test_a_reported_measure_cannot_be_asked_by_what_it_has_not(service, savings):
    for name, given in (
        ("category", "robbery"),
        ("source", "records"),
        ("by", "month"),
        ("population_year", 2012),
    ):
        answer = service.get(
            "/v1/summaries",
            query_string={"area": "kent", "period": "2012/13", "measure": "savings-gbp", name: given},
        )
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, name)


def test_observations_are_listed_by_area_and_period_and_told_as_tables(service, savings):
    for year in ("2011/12", "2012/13", "2013/14"):
        observe(service, savings, year, 5)
    observe(service, savings, "2012/13", 7, area="kent")
    assert [one["value"] for one in service.get(f"{savings}?area=kent").json["items"]] == [7]
    assert len(service.get(f"{savings}?period=2011-04-01..2013-03-31").json["items"]) == 3
    first = service.get(f"{savings}?limit=3").json
    assert len(first["items"]) == 3
    assert len(service.get(first["next"]).json["items"]) == 1
    assert service.get(savings, headers={"Accept": "text/csv"}).text.count("\r\n") == 5


def test_only_those_who_administer_report(service, savings):
    reader = key(service, "read", "record")
    body = {"area": "kent", "period": "2012/13", "value": 1}
    assert service.post(savings, json=body, headers=reader).status_code == 403
    assert service.get(savings, headers=reader).status_code == 200


def test_what_is_to_come_cannot_be_observed(service, savings):
    answer = service.post(savings, json={"area": "northamptonshire", "period": "2998", "value": 1})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/period")
    assert "has not begun" in answer.json["detail"]
