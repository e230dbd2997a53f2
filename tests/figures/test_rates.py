"""Rates and severity: divided by dated numbers that are said, withheld where official statistics withhold
them."""

import pytest
from builders import KETTERING, offence, record, submit

FORCE = "E23000022"


def figures(client, **asked):
    answer = client.get(
        "/v1/summaries", query_string={"area": "northamptonshire", "period": "2012/13"} | asked
    )
    assert answer.status_code == 200, answer.json
    return answer.json["figures"]


def test_a_rate_says_what_it_counted_and_what_it_was_divided_by(published):
    [figure] = figures(published, measure="rate", category="robbery")
    assert (figure["value"], figure["count"]) == (round(1000 * 622 / 703_143, 4), 622)
    assert figure["denominator"] == {
        "of": "residents",
        "number": 703_143,
        "year": 2012,
        "note": None,
        "source": "ONS mid-year estimates, 2023 boundaries, districts added up",
    }
    assert (
        figure["wording"]
        == "Robbery: 0.88 per 1,000 residents in 2012/13 (622 offences, 703,143 residents in mid-2012)"
    )
    assert (
        len(
            published.get(figure["evidence"], headers={"Accept": "application/x-ndjson"})
            .get_data()
            .splitlines()
        )
        == 622
    )


def test_two_rates_are_compared_with_both_populations_as_exposure(published):
    from scipy.stats import binomtest

    [figure] = figures(published, measure="rate", category="robbery", compare="last-year")
    compared, base = figure["compared"], figure["compared"]["count"]
    assert (
        compared["denominator"]["number"],
        compared["denominator"]["year"],
        compared["denominator_changed"],
    ) == (693_967, 2011, True)
    assert compared["value"] == round(1000 * base / 693_967, 4)
    assert compared["rate_ratio"] == round((622 / 703_143) / (base / 693_967), 3)
    assert compared["percent"] == round(100 * ((622 / 703_143) / (base / 693_967) - 1), 1)
    p = binomtest(622, 622 + base, 703_143 / (703_143 + 693_967)).pvalue
    assert compared["p"] == float(f"{p:.3g}")
    assert compared["change"] == ("fall" if p < 0.05 else "within_chance")


def test_a_year_without_a_population_takes_the_nearest_earlier_and_says_so(published):
    [figure] = figures(published, measure="rate", source="home-office-pfa", period="2025/26Q1")
    assert (figure["denominator"]["year"], figure["denominator"]["number"]) == (2024, 813_682)
    assert (
        figure["denominator"]["note"] == "the number of residents is held for mid-2024 and not for mid-2025"
    )
    assert "not annualised" in figure["note"]


def test_a_population_that_is_not_held_gives_no_rate_and_the_reason(published):
    [figure] = figures(published, measure="rate", area="northampton")
    assert (figure["value"], figure["withheld"]) == (
        None,
        "no number of residents is held for that year or an earlier one",
    )
    assert figure["count"] > 0
    [figure] = figures(published, measure="household-rate")
    assert (figure["value"], figure["category"]["code"], figure["denominator"]["of"]) == (
        None,
        "residential-burglary",
        "households",
    )


def test_rates_of_the_city_of_london_are_withheld_as_in_official_statistics(published):
    for area in ("city-of-london", "E09000001", "E22000180"):
        [figure] = figures(
            published,
            area=area,
            measure="rate",
            source="home-office-pfa",
            period="2023/24",
            compare="last-year",
        )
        assert figure["value"] is None and "few people live" in figure["withheld"]
        assert figure["compared"]["value"] is None and figure["compared"]["difference"] is None
    [severe] = figures(published, area="city-of-london", measure="severity", source="home-office-pfa")
    assert severe["value"] is None and "few people live" in severe["withheld"]


def test_the_severity_score_is_what_was_worked_out_by_hand(published):
    [figure] = figures(published, measure="severity", source="home-office-pfa", compare="2018/19")
    assert (figure["value"], figure["compared"]["value"], round(figure["points"])) == (8.55, 13.71, 6_008_786)
    assert (len(figure["left_out"]["codes"]), figure["left_out"]["offences"]) == (8, 692)
    assert figure["compared"]["left_out"] == {"codes": [], "offences": 0}
    assert figure["note"] == "weights: ONS Crime Severity Score weights of 2020 or near"
    assert (figure["compared"]["p"], figure["compared"]["change"]) == (None, None)
    [records] = figures(published, measure="severity")
    assert (records["value"], records["left_out"]["offences"]) == (8.55, 692)


def test_the_points_of_codes_add_up_to_those_of_the_whole(published):
    [whole] = figures(published, measure="severity", category="violence")
    codes = figures(published, measure="severity", category="violence", by="code")
    months = figures(published, measure="severity", category="violence", by="month", compare="last-year")
    assert (
        round(sum(one["points"] for one in codes), 6)
        == round(whole["points"], 6)
        == round(sum(one["points"] for one in months), 6)
    )
    assert all(one["compared"]["points"] > 0 for one in months)


def test_a_source_that_does_not_count_by_code_has_no_severity_score(published):
    [figure] = figures(published, measure="severity", source="ons-rolling-year")
    assert (figure["value"], figure["withheld"]) == (None, "this source does not count by code")


def test_weights_are_those_in_force_on_the_first_day_of_the_period(service):
    held = service.get("/v1/offence-codes/28A")
    draft = {name: held.json[name] for name in ("from_on", "old_group", "old_subgroup", "periods", "to_on")}
    dated = [
        {"edition": "early", "from_on": None, "to_on": "2012-03-31", "weight": 100.0},
        {"edition": "late", "from_on": "2012-04-01", "to_on": None, "weight": 700_000.0},
    ]
    wrong = service.put(
        "/v1/offence-codes/28A",
        json=draft | {"severity_weights": [dated[1], dated[1]]},
        headers={"If-Match": held.headers["ETag"]},
    )
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/severity_weights")
    put = service.put(
        "/v1/offence-codes/28A",
        json=draft | {"severity_weights": dated},
        headers={"If-Match": held.headers["ETag"]},
    )
    assert (put.status_code, put.json["severity_weight"], put.json["severity_weights"]) == (
        200,
        700_000,
        dated,
    )
    before = record(service)
    [now] = figures(service, measure="severity", compare="last-year")
    assert (now["value"], now["note"]) == (round(700_000 / 703_143, 2), "weights: late")
    [then] = figures(service, measure="severity", as_of=held.json["since_change"])
    assert then["value"] == 0
    assert before["since_change"]


def test_a_corrected_population_is_known_from_then_on(service):
    held = service.get("/v1/areas/northamptonshire")
    names = ("aliases", "from_on", "households", "kind", "name", "parents", "slug", "to_on")
    draft = {name: held.json[name] for name in names}
    record(service)
    draft |= {
        "populations": [{"residents": 1000, "source": "a guess", "year": 2012}],
        "households": [{"households": 500, "source": "a guess", "year": 2012}],
    }
    put = service.put("/v1/areas/northamptonshire", json=draft, headers={"If-Match": held.headers["ETag"]})
    assert put.json["households"] == draft["households"]
    assert figures(service, measure="rate")[0]["value"] == 1
    assert figures(service, measure="household-rate")[0]["value"] == 2
    before = figures(service, measure="rate", as_of=int(put.json["since_change"]) - 1)[0]
    assert before["denominator"]["number"] == 703_143
    [moved] = figures(service, measure="rate", compare="last-year")
    assert moved["compared"]["denominator_changed"] is None  # mid-2011 is held no more


def test_counts_stay_whole_in_the_bytes(published):
    text = published.get("/v1/summaries?area=northamptonshire&period=2012/13&compare=last-year").text
    assert '"value":46983,' in text and '"difference":-2593,' in text


def test_what_a_measure_cannot_be_asked_by_is_refused(published):
    for asked, parameter in (
        ({"measure": "rumours"}, "measure"),
        ({"measure": "offences", "population_year": 2012}, "population_year"),
        ({"measure": "rate", "basis": "assigned"}, "basis"),
        ({"measure": "outcomes", "by": "code"}, "by"),
        ({"measure": "victims", "source": "home-office-pfa"}, "measure"),
    ):
        answer = published.get("/v1/summaries", query_string={"area": "kent", "period": "2012/13"} | asked)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, parameter), answer.json


def test_outcomes_are_counted_on_both_bases(service):
    def made(recorded_on, outcome, outcome_on=None, **said):
        lines.append(
            offence(
                crime_ref=f"NN/{len(lines)}",
                recorded_on=recorded_on,
                committed_from="2014-01-01T00:00:00Z",
                committed_to=None,
                reported_at=None,
                outcome=outcome,
                outcome_on=outcome_on,
                **said,
            )
        )

    lines = []
    made("2014-05-01", "1", "2014-06-01")
    made("2014-05-01", "1A", "2015-06-01")
    made("2014-05-01", "18", "2014-06-02", area=KETTERING)
    made("2014-05-01", "0")
    made("2014-05-01", "8")
    made("2015-05-01", "3", "2015-06-01")
    assert (
        submit(service, lines, period_from="2014-04-01", period_to="2016-03-31").json["status"] == "accepted"
    )
    [assigned] = figures(service, measure="outcomes", period="2014/15", compare="2015/16")
    assert (assigned["value"], assigned["compared"]["value"], assigned["basis"]) == (2, 2, "assigned")
    assert assigned["note"].startswith("1 records have an outcome and no day")
    [recorded] = figures(service, measure="outcomes", period="2014/15", basis="recorded")
    assert recorded["value"] == 4
    [share] = figures(service, measure="positive-outcome-rate", period="2014/15", compare="2015/16")
    assert (share["value"], share["count"], share["denominator"]["number"], share["denominator"]["of"]) == (
        50.0,
        1,
        2,
        "outcomes",
    )
    assert (share["compared"]["value"], share["compared"]["difference"]) == (100.0, -50.0)
    [of_crimes] = figures(service, measure="positive-outcome-rate", period="2014/15", basis="recorded")
    assert (
        of_crimes["value"],
        of_crimes["count"],
        of_crimes["denominator"]["number"],
        of_crimes["denominator"]["of"],
    ) == (
        60.0,
        3,
        5,
        "crimes",
    )
    for figure in (assigned, recorded, share, of_crimes):
        listed = (
            service.get(figure["evidence"], headers={"Accept": "application/x-ndjson"})
            .get_data()
            .splitlines()
        )
        assert len(listed) == figure["count"], figure["evidence"]


def test_which_outcomes_are_positive_is_told(service):
    types = service.get("/v1/outcomes").json["items"]
    assert [one["outcome"] for one in types if one["positive"]] == [
        "1",
        "1A",
        "2",
        "2A",
        "3",
        "3A",
        "4",
        "6",
        "7",
        "8",
        "22",
    ]
    assert all(one["positive_source"] for one in types if one["positive"])


@pytest.mark.parametrize("basis", ["assigned", "recorded"])
def test_outcomes_of_a_return_are_those_of_the_file(service, basis):
    from return_files import OUTCOMES, rows_of, send

    kept = send(service, OUTCOMES.read_bytes(), source="home-office-outcomes", edition="2026-01", basis=basis)
    assert kept.status_code == 201, kept.json
    rows = [row for row in rows_of(OUTCOMES) if row["Force Name"] == "Northamptonshire"]
    counts = {
        kind: sum(int(row["Outcomes"]) for row in rows if row["Outcome Type"].upper() in kinds)
        for kind, kinds in {
            "positive": {"1", "2", "3", "4", "6", "7", "8", "22"},
            "of_which": {"1A", "2A", "3A"},
            "none": {"0"},
        }.items()
    }
    everything = sum(int(row["Outcomes"]) for row in rows) - counts["of_which"]
    assert everything == 59_304
    asked = {"period": "2024/25", "source": "home-office-outcomes", "basis": basis}
    [outcomes] = figures(service, measure="outcomes", **asked)
    [share] = figures(service, measure="positive-outcome-rate", **asked)
    among = everything if basis == "recorded" else everything - counts["none"]
    assert (outcomes["value"], outcomes["period"]["complete"]) == (everything - counts["none"], True)
    assert (share["count"], share["denominator"]["number"], share["value"]) == (
        counts["positive"],
        among,
        round(100 * counts["positive"] / among, 1),
    )
    other = {"assigned": "recorded", "recorded": "assigned"}[basis]
    query = {"area": FORCE, "measure": "outcomes", **asked, "basis": other}
    assert service.get("/v1/summaries", query_string=query).json["errors"][0]["parameter"] == "source"
