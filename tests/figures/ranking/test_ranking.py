"""Places side by side: who is lowest as far as can be told, and who is not there to be ranked.

Golden files: homicide-2012-13-counts.csv holds the Home Office's counts and ONS's residents of mid-2012,
homicide-2012-13-ranks.csv the exact distribution of each force's rank, worked out by quadrature over
Gamma(count + 1/2) with scipy (a Poisson binomial of how many lie below, no draws); garwood-intervals.csv the
exact Poisson limits to two decimals (Garwood 1936; Ulm 1990 gives that of 10), which a second test holds to
their definition.
"""

import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest
from builders import FORCE, offence, submit
from publications import put
from return_files import evidence, home_office, send
from scipy.stats import poisson
from statsmodels.stats.rates import confint_poisson

from service.figures.ranking import chance

GOLDEN = Path(__file__).parents[2] / "golden"
FORCES = {"area": "england-and-wales", "period": "2012/13", "source": "home-office-pfa"}
NEW = {"If-Match": '"0"'}


def golden(name):
    return list(csv.DictReader((GOLDEN / name).read_text().splitlines()))


def ranking(client, **asked):
    answer = client.get("/v1/summaries/ranking", query_string=FORCES | asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def refused(client, **asked):
    answer = client.get("/v1/summaries/ranking", query_string=FORCES | asked)
    assert answer.status_code == 400, answer.json
    return answer.json


def standing(answer):
    return {item["area"]["name"]: item for item in answer["items"]}


@pytest.mark.parametrize("row", golden("garwood-intervals.csv"), ids=lambda row: row["count"])
def test_the_interval_of_a_count_is_the_exact_one_that_tables_print(row):
    [(low, high)] = chance.garwood([int(row["count"])])
    assert (round(low, 2), round(high, 2)) == (float(row["low"]), float(row["high"]))


@pytest.mark.parametrize("count", [0, 1, 4, 10, 49, 622, 46_983])
def test_a_count_as_far_off_as_the_ends_of_its_interval_has_a_chance_of_one_in_forty(count):
    [(low, high)] = chance.garwood([count])
    assert poisson.cdf(count, high) == pytest.approx(0.025)
    assert low == 0 if count == 0 else poisson.sf(count - 1, low) == pytest.approx(0.025)


def test_the_interval_of_a_rate_is_the_one_statsmodels_works_out(published):
    for item in ranking(published, category="homicide")["items"]:
        if item["withheld"] is None:
            residents = item["denominator"]["number"] / 1000
            exact = confint_poisson(item["count"], residents, method="exact-c")
            assert item["interval_95"] == [pytest.approx(end, abs=0.0006) for end in exact]
            assert item["value"] == pytest.approx(item["count"] / residents, abs=0.0005001)


def test_ranks_from_draws_are_those_of_the_exact_distribution(published):
    answer = ranking(published, category="homicide")
    shown = {item["area"]["code"]: item for item in answer["items"] if item["withheld"] is None}
    counts = {
        row["area"]: (int(row["count"]), int(row["residents"]))
        for row in golden("homicide-2012-13-counts.csv")
    }
    assert {code: (item["count"], item["denominator"]["number"]) for code, item in shown.items()} == counts
    exact = defaultdict(list)
    for row in golden("homicide-2012-13-ranks.csv"):
        exact[row["area"]].append(float(row["probability"]))
    for code, item in shown.items():
        low, high = item["rank_range"]
        assert sum(exact[code][: low - 1]) < 0.03 and sum(exact[code][:low]) > 0.02, item["wording"]
        assert sum(exact[code][: high - 1]) < 0.98 and sum(exact[code][:high]) > 0.97, item["wording"]
        assert item["probability_first"] == pytest.approx(exact[code][0], abs=0.02)
        assert item["probability_first_quarter"] == pytest.approx(sum(exact[code][:7]), abs=0.02)


def test_the_lowest_of_many_that_chance_alone_would_mix_is_not_named(published):
    answer = ranking(published, category="homicide")
    assert answer["wording"].startswith(
        "Which of Gloucestershire, Surrey and Suffolk truly has the lowest rate cannot be told. "
    )
    lowest = answer["items"][0]
    assert (lowest["area"]["name"], lowest["rank"]) == ("Gloucestershire", 1) and lowest["rank_range"][1] > 5


def test_the_safest_county_in_the_country_cannot_be_told_while_forces_are_missing(published):
    answer = ranking(published)
    assert answer["coverage"] == {"kind": "force", "expected": 43, "ranked": 27, "complete": False}
    assert (
        answer["wording"]
        == "Dyfed-Powys has the lowest rate of the 27 forces ranked, beyond what chance would give. 27 of the"
        " 43 forces of England and Wales can be ranked: which is the lowest of all cannot be said while"
        " the others are missing."
    )
    assert any(
        "the lowest rate does not make a place the safest" in caution for caution in answer["cautions"]
    )
    left_out = {one["area"]["name"]: one["reason"] for one in answer["left_out"]}
    assert len(left_out) == 16 and left_out["Norfolk"] == "home-office-pfa does not count it in 2012/13"
    northamptonshire = standing(answer)["Northamptonshire"]
    assert (northamptonshire["value"], northamptonshire["rank"], northamptonshire["rank_range"]) == (
        66.819,
        23,
        [23, 24],
    )
    assert (
        northamptonshire["wording"]
        == "Northamptonshire: 66.819 per 1,000 residents, between 23rd and 24th from the lowest of 27 forces"
        " ranked for 2012/13"
    )


def test_the_city_of_london_has_a_count_and_no_rate(published):
    city = standing(ranking(published))["City of London"]
    assert city["count"] > 0
    assert (
        city["value"],
        city["rank"],
        city["rank_range"],
        city["interval_95"],
        city["probability_first"],
    ) == (None,) * 5
    assert city["withheld"].startswith("under 20,000 residents")
    assert standing(ranking(published, order="number"))["City of London"]["rank"] is not None


def test_ranks_follow_values_and_the_evidence_of_each_adds_up_to_its_count(published):
    items = [item for item in ranking(published, area="east-midlands")["items"] if not item["withheld"]]
    assert [item["rank"] for item in items] == [1, 2, 3, 4]
    assert [item["value"] for item in items] == sorted(item["value"] for item in items)
    for item in items:
        assert sum(int(cell["count"]) for cell in evidence(published, item)) == item["count"]


def test_districts_of_a_force_are_ranked_from_its_records(published):
    answer = ranking(
        published, area="northamptonshire", source="records", category="residential-burglary", order="number"
    )
    assert [item["count"] for item in answer["items"]] == [190, 262, 267, 362, 398, 454, 1249]
    assert (
        answer["wording"]
        == "South Northamptonshire has the lowest number of the 7 districts ranked, beyond what chance would"
        " give. All 7 districts of Northamptonshire can be ranked."
    )
    for item in answer["items"]:
        assert (
            len(
                published.get(item["evidence"], headers={"Accept": "application/x-ndjson"})
                .get_data()
                .splitlines()
            )
            == item["count"]
        )


def test_a_change_has_the_ratio_and_interval_of_the_figures_and_small_counts_have_none(published):
    asked = {
        "area": "northamptonshire",
        "source": "records",
        "category": "robbery",
        "order": "change",
        "compare": "previous",
    }
    shown = standing(ranking(published, **asked))
    figure = published.get(
        "/v1/summaries?area=northampton&category=robbery&period=2012/13&compare=previous"
    ).json["figures"][0]
    northampton = shown["Northampton"]
    assert northampton["compared"] == figure["compared"]
    assert (northampton["value"], northampton["interval_95"]) == (
        figure["compared"]["rate_ratio"],
        figure["compared"]["interval_95"],
    )
    assert {name for name, item in shown.items() if item["withheld"] == "a count is under 50"} == {
        "Corby",
        "Daventry",
        "East Northamptonshire",
        "South Northamptonshire",
    }
    assert [shown[name]["rank"] for name in ("Kettering", "Wellingborough")] == [
        1,
        1,
    ], "equal values share a rank"


def test_periods_that_differ_in_length_are_brought_to_the_same(published):
    asked = {"area": "northamptonshire", "source": "records", "order": "change", "compare": "2011/12Q1"}
    for item in ranking(published, **asked)["items"]:
        assert (
            item["value"]
            == item["compared"]["rate_ratio"]
            == pytest.approx(item["count"] / item["compared"]["value"] * 91 / 365, abs=0.00051)
        )
        low, high = item["average_interval_95"]
        assert low < item["average_difference"] < high


def test_the_average_is_the_mean_or_weighted_and_says_which(published):
    mean, weighted = (ranking(published, average=kind) for kind in ("mean", "weighted"))
    ranked = [item for item in mean["items"] if not item["withheld"]]
    assert mean["average"]["value"] == pytest.approx(sum(item["value"] for item in ranked) / 27, abs=0.001)
    sums = [
        sum(parts)
        for parts in zip(*((item["count"], item["denominator"]["number"]) for item in ranked), strict=True)
    ]
    assert weighted["average"]["value"] == pytest.approx(1000 * sums[0] / sums[1], abs=0.001)
    assert mean["average"]["rule"].startswith(
        "The mean of the rates of the 27 forces ranked, the place itself taken in"
    )
    assert weighted["average"]["rule"].startswith(
        "All offences of the 27 forces ranked, the place itself taken in, over all their residents"
    )
    for item in ranked:
        assert item["average_difference"] == pytest.approx(
            item["value"] - mean["average"]["value"], abs=0.0011
        )
        low, high = item["average_interval_95"]
        assert low < item["average_difference"] < high
        assert item["against_average"] == ("above" if low > 0 else "below" if high < 0 else "within_chance")
    assert {item["against_average"] for item in ranked} == {"above", "below", "within_chance"}


def test_the_same_question_draws_the_same_and_another_seed_hardly_differs(published):
    address = (
        "/v1/summaries/ranking?area=england-and-wales&period=2012/13&source=home-office-pfa&category=homicide"
    )
    first = published.get(address)
    assert published.get(address).get_data() == first.get_data()
    assert published.get(f"{address}&seed={first.json['simulation']['seed']}").get_data() == first.get_data()
    other = published.get(f"{address}&seed=1").json
    assert (other["simulation"], other["items"] != first.json["items"]) == (
        first.json["simulation"] | {"seed": 1},
        True,
    )
    for one, same in zip(first.json["items"], other["items"], strict=True):
        assert (one["value"], one["rank"]) == (same["value"], same["rank"])
        if one["rank_range"]:
            assert max(abs(a - b) for a, b in zip(one["rank_range"], same["rank_range"], strict=True)) <= 1


def test_an_unchanged_ranking_is_not_sent_again(published):
    address = "/v1/summaries/ranking?area=east-midlands&period=2012/13&source=home-office-pfa"
    tag = published.get(address).headers["ETag"]
    assert published.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("accepted", ["text/csv", "application/x-ndjson"])
def test_a_table_holds_every_place_those_left_out_too(published, accepted):
    answer = published.get("/v1/summaries/ranking", query_string=FORCES, headers={"Accept": accepted})
    text = answer.get_data().decode()
    assert len(text.splitlines()) == 43 + (accepted == "text/csv")
    if accepted == "text/csv":
        rows = {row["area_name"]: row for row in csv.DictReader(io.StringIO(text))}
        assert [
            rows["Northamptonshire"][name]
            for name in ("rank", "rank_range_low", "rank_range_high", "interval_95_low")
        ] == ["23", "23", "24", "66.216"]
        assert (rows["Norfolk"]["rank"], rows["Norfolk"]["withheld"]) == (
            "",
            "home-office-pfa does not count it in 2012/13",
        )


def test_residents_are_those_of_the_year_in_which_the_period_begins_else_of_the_nearest_before(service):
    lines = [
        (year, quarter, force, "34B", 90)
        for year in ("2012/13", "2013/14")
        for quarter in (1, 2, 3, 4)
        for force in ("Northamptonshire", "Leicestershire")
    ]
    assert send(service, home_office(*lines)).status_code == 201
    held = [
        {"residents": 100_000 * number, "source": "a count", "year": year}
        for number, year in ((1, 2010), (2, 2012), (4, 2014))
    ]
    put(service, "/v1/areas/northamptonshire", populations=held)
    put(service, "/v1/areas/leicestershire", populations=held[2:])

    def shown(period):
        return standing(ranking(service, area="east-midlands", period=period))

    now, later = shown("2012/13"), shown("2013/14")
    assert now["Northamptonshire"]["denominator"] == {
        "of": "residents",
        "year": 2012,
        "number": 200_000,
        "source": "a count",
        "note": None,
    }
    assert now["Northamptonshire"]["value"] == 1.8
    assert (
        later["Northamptonshire"]["denominator"]["note"]
        == "none is held for mid-2013: that of mid-2012 is used"
    )
    reason = "no number of residents is held for mid-2012 or before"
    assert (now["Leicestershire"]["withheld"], now["Leicestershire"]["denominator"]["number"]) == (
        reason,
        None,
    )
    assert now["Leicestershire"]["denominator"]["note"] == reason


def test_a_period_that_is_incomplete_is_left_out_by_name(service):
    whole = [("2012/13", quarter, "Northamptonshire", "34B", 90) for quarter in (1, 2, 3, 4)]
    assert (
        send(
            service,
            home_office(
                *whole,
                ("2012/13", 1, "Leicestershire", "34B", 90),
                ("2012/13", 2, "Leicestershire", "34B", 90),
                *(("2012/13", quarter, "Derbyshire", "34B", -1) for quarter in (1, 2, 3, 4)),
            ),
        ).status_code
        == 201
    )
    answer = ranking(service, area="east-midlands")
    reasons = {one["area"]["name"]: one["reason"] for one in answer["left_out"]}
    assert (reasons["Leicestershire"], reasons["Derbyshire"]) == (
        "the period is incomplete",
        "the count is below nought",
    )
    assert answer["wording"].startswith("One force can be ranked, so nothing can be said of which is lowest.")


def test_a_district_that_began_within_the_period_is_left_out(service):
    for place, first, last in (
        ("northampton", "2020-04-01", "2021-03-31"),
        ("west-northamptonshire", "2021-04-01", "2022-03-31"),
    ):
        asked = {"force": FORCE, "period_from": first, "period_to": last}
        lines = [offence(area=place, recorded_on=last, code="34B", crime_ref=f"NN/{last}")]
        assert submit(service, lines, **asked).status_code == 201
    answer = ranking(
        service, area="northamptonshire", source="records", order="number", period="2020-07-01..2021-06-30"
    )
    reasons = {one["area"]["name"]: one["reason"] for one in answer["left_out"]}
    assert reasons["West Northamptonshire"] == "it began on 2021-04-01, within the period"
    assert reasons["Northampton"] == "it ended on 2021-03-31, within the period"
    assert answer["coverage"]["ranked"] == 0 and answer["average"]["value"] is None


def test_a_force_among_its_peers_stands_to_their_average_its_own_rate_taken_in(service):
    lines = [
        ("2012/13", quarter, force, "34B", count)
        for quarter in (1, 2, 3, 4)
        for force, count in (("Northamptonshire", 900), ("Leicestershire", 200), ("Kent", 300))
    ]
    assert send(service, home_office(*lines)).status_code == 201
    group = {
        "peers": ["leicestershire", "kent", "essex"],
        "source": "made for this test",
        "from_on": "2011-04-01",
    }
    assert (
        service.put("/v1/peer-groups/northamptonshire/most-similar", json=group, headers=NEW).status_code
        == 201
    )
    assert (
        service.put(
            "/v1/peer-groups/kent/most-similar", json=group | {"peers": ["northamptonshire"]}, headers=NEW
        ).status_code
        == 201
    )
    answer = ranking(service, area="northamptonshire", among="peers")
    assert (answer["peer_group"]["peer_group"], answer["peer_group"]["not_mutual"]) == (
        "most-similar",
        ["E23000021", "E23000028"],
    )
    rates = [item["value"] for item in answer["items"] if not item["withheld"]]
    assert answer["average"]["value"] == pytest.approx(sum(rates) / 3, abs=0.001) and len(rates) == 3
    assert answer["coverage"] == {"kind": "force", "expected": 4, "ranked": 3, "complete": False}
    assert "3 of the 4 forces that are Northamptonshire and its peers can be ranked" in answer["wording"]
    assert answer["wording"].endswith(
        "3rd from the lowest of 3 forces ranked for 2012/13, above the average."
    )


WRONG = [
    ({"area": "northampton"}, "area", "no parts to rank"),
    ({"area": "atlantis"}, "area", "No area is called atlantis"),
    ({"area": "kent", "kind": "force"}, "kind", "No force lay in Kent"),
    ({"area": "kent", "among": "peers"}, "among", "no peer group"),
    ({"area": "city-of-london", "among": "peers"}, "among", "The City of London officially has none"),
    ({"area": "kent", "among": "peers", "peer_group": "x"}, "peer_group", "no peer group called x"),
    ({"area": "east-midlands", "among": "peers"}, "area", "forces have peers"),
    ({"among": "peers", "kind": "district"}, "kind", "Peers are"),
    ({"peer_group": "x"}, "peer_group", "among=peers"),
    ({"order": "change"}, "compare", "needs compare"),
    ({"compare": "previous"}, "compare", "order=change"),
    ({"order": "change", "compare": "soon"}, "compare", "not a period"),
    ({"order": "worst"}, "order", "rate"),
    ({"average": "median"}, "average", "mean"),
    ({"kind": "beat"}, "kind", "force"),
    ({"order": "number", "average": "weighted"}, "average", "mean"),
    ({"seed": "x"}, "seed", "whole number"),
    ({"seed": "1.5"}, "seed", "whole"),
    ({"seed": str(2**32)}, "seed", "4294967295"),
    ({"source": "gossip"}, "source", "No return"),
    ({"period": "soon"}, "period", "not a period"),
    ({"category": "gossip"}, "category", "No category"),
    ({"category": ["robbery", "homicide"]}, "category", "once"),
    ({"colour": "red"}, "colour", "No parameter"),
]


@pytest.mark.parametrize(("said", "parameter", "words"), WRONG, ids=str)
def test_a_question_that_cannot_be_answered_names_what_is_wrong(published, said, parameter, words):
    answer = refused(published, **said)
    assert [one["parameter"] for one in answer["errors"]] == [parameter]
    assert words in f"{answer['detail']} {answer['errors'][0]['detail']}"
