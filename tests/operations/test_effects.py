"""What became of crime where an operation ran, on the demonstration's records."""

import pytest
from builders import key
from conftest import _client

HALF = {
    "areas": ["northampton"],
    "categories": ["residential-burglary", "robbery", "homicide"],
    "from_on": "2012-10-01",
    "name": "Operation Challenge",
    "to_on": "2013-03-31",
}


@pytest.fixture(scope="module")
def book(app, databases, demonstrated, home):
    """The demonstration's book, to be written to."""
    name = databases.make(like=demonstrated)
    yield _client(app, databases.url(name), home)
    databases.drop(name)


@pytest.fixture(scope="module")
def address(book):
    answer = book.post("/v1/operations", json=HALF)
    assert answer.status_code == 201, answer.json
    return f"{answer.headers['Location']}/effect"


def counts(book, period, category):
    figures = book.get(
        f"/v1/summaries?area=northampton&area=northamptonshire&category={category}&period={period}"
    ).json["figures"]
    treated, whole = (one["value"] for one in figures)
    return treated, whole - treated


def test_each_category_is_beside_the_rest_of_the_force_and_every_count_leads_to_its_records(book, address):
    told = book.get(f"{address}?before=previous").json
    assert (told["period"]["period"], told["before"]["period"]) == (
        "2012-10-01..2013-03-31",
        "2012-04-01..2012-09-30",
    )
    assert (told["control"]["control"], [one["name"] for one in told["control"]["areas"]]) == (
        "rest-of-force",
        ["Northamptonshire"],
    )
    for one in told["effects"]:
        after, before = (
            counts(book, told[span]["period"], one["category"]["code"]) for span in ("period", "before")
        )
        assert (one["after"], one["control_after"]) == after and (
            one["before"],
            one["control_before"],
        ) == before
        for count in one["counts"]:
            for when in ("before", "after"):
                lines = book.get(
                    count[f"{when}_evidence"], headers={"Accept": "application/x-ndjson"}
                ).get_data()
                assert lines.count(b"\n") == count[when]
    assert "not proof" in told["caution"] and all(
        "not proof" in one["wording"] for one in told["effects"] if one["ratio"]
    )


@pytest.mark.filterwarnings(
    "ignore:divide by zero:RuntimeWarning"
)  # four parameters fit four counts without remainder
@pytest.mark.filterwarnings("ignore:Perfect separation")
def test_ratio_and_interval_are_those_of_a_poisson_regression_with_an_interaction(book, address):
    import numpy as np
    import statsmodels.api as sm

    for one in book.get(f"{address}?before=previous").json["effects"][:2]:
        number = [one["control_before"], one["control_after"], one["before"], one["after"]]
        design = [
            [1, 0, 0, 0],
            [1, 0, 1, 0],
            [1, 1, 0, 0],
            [1, 1, 1, 1],
        ]  # constant, treated, afterwards, both
        fitted = sm.GLM(np.array(number), np.array(design), family=sm.families.Poisson()).fit()
        assert one["ratio"] == pytest.approx(np.exp(fitted.params[3]), abs=0.0006)
        assert one["interval_95"] == pytest.approx(list(np.exp(fitted.conf_int()[3])), abs=0.0006)
        wider = fitted.params[3] + np.array([-1, 1]) * 1.96 * np.sqrt(2) * fitted.bse[3]
        assert one["interval_95_clustered"] == pytest.approx(list(np.exp(wider)), abs=0.0006)
        assert one["expected"] - one["after"] == pytest.approx(one["fewer"], abs=0.06)
        assert one["change"] == (
            "fall" if np.exp(wider[1]) < 1 else "rise" if np.exp(wider[0]) > 1 else "within_chance"
        )


def test_the_placebo_is_the_same_a_period_earlier(book, address):
    told = book.get(f"{address}?before=previous").json
    assert told["placebo_before"]["period"] == "2011-10-01..2012-03-31"
    for one in told["effects"]:
        assert (
            one["placebo"]["after"] == one["before"]
            and one["placebo"]["control_after"] == one["control_before"]
        )
        assert (one["placebo"]["before"], one["placebo"]["control_before"]) == counts(
            book, "2011-10-01..2012-03-31", one["category"]["code"]
        )


def test_what_is_not_all_there_is_not_compared(book, address):
    told = book.get(address).json
    assert (
        told["before"]["period"] == "2011-10-01..2012-03-31" and told["placebo_before"]["complete"] is False
    )
    assert all(
        one["placebo"]["withheld"] == "a period is incomplete" and one["placebo"]["ratio"] is None
        for one in told["effects"]
    )
    assert all(one["withheld"] is None or one["withheld"] == "a count is nought" for one in told["effects"])


def test_other_areas_can_be_the_control(book, address):
    told = book.get(f"{address}?before=previous&control_area=kettering&control_area=corby").json
    assert told["control"] == {
        "control": "areas",
        "peer_groups": [],
        "areas": [{"code": "E07000153", "name": "Kettering"}, {"code": "E07000150", "name": "Corby"}],
    }
    burglary = told["effects"][0]
    period = told["period"]["period"]
    figures = book.get(
        f"/v1/summaries?area=kettering&area=corby&category=residential-burglary&period={period}"
    ).json["figures"]
    assert burglary["control_after"] == sum(one["value"] for one in figures)
    assert {one["role"] for one in burglary["counts"]} == {"treated", "control"}


def test_an_operation_against_nothing_that_happened_has_no_ratio_and_says_why(book):
    made = book.post(
        "/v1/operations",
        json=HALF | {"name": "Operation Nought", "areas": ["corby"], "categories": ["homicide"]},
    )
    [one] = book.get(f"{made.headers['Location']}/effect?before=previous").json["effects"]
    assert (one["ratio"], one["interval_95"], one["change"]) == (None, None, None)
    assert (one["withheld"], one["wording"]) == (
        "a count is nought",
        "Homicide: not compared, because a count is nought",
    )


REFUSED = [
    ("before=gossip", "before"),
    ("before=2012/13", "before"),
    ("until=2012-09-30", "until"),
    ("until=2013-04-01", "until"),
    ("control_area=atlantis", "control_area"),
    ("control_area=northampton", "control_area"),
    ("control_area=northamptonshire", "control_area"),
    ("control=rest-of-force&control_area=corby", "control"),
    ("control=everybody", "control"),
]


@pytest.mark.parametrize(("asked", "parameter"), REFUSED, ids=[asked for asked, _ in REFUSED])
def test_what_cannot_be_compared_is_refused_by_name(book, address, asked, parameter):
    answer = book.get(f"{address}?{asked}")
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, parameter), answer.json


def test_an_operation_that_runs_on_is_asked_until_a_day_and_one_of_a_whole_force_beside_others(book):
    made = book.post(
        "/v1/operations",
        json=HALF | {"name": "Operation Turtle", "areas": ["northamptonshire"], "to_on": None},
    )
    address = f"{made.headers['Location']}/effect"
    assert book.get(address).json["errors"][0]["parameter"] == "until"
    whole = book.get(f"{address}?until=2012-12-31")
    assert (
        whole.status_code,
        whole.json["errors"][0]["parameter"],
        "name areas" in whole.json["detail"],
    ) == (400, "control", True)
    assert (
        book.get(
            f"{address}?until=2012-12-31&control_area=leicestershire", headers=key(book, "read")
        ).status_code
        == 200
    )


def test_an_effect_is_the_same_for_ever_as_of_a_change(book, address):
    first = book.get(f"{address}?before=previous")
    again = f"{address}?before=previous&as_of={first.headers['Crimebook-Change']}"
    before = book.get(again).get_data()
    located = address.removesuffix("/effect")
    held = book.get(located)
    changed = book.patch(located, json={"areas": ["kettering"]}, headers={"If-Match": held.headers["ETag"]})
    assert changed.status_code == 200 and book.get(again).get_data() == before
    assert (
        book.get(f"{address}?before=previous").json["effects"][0]["after"]
        != first.json["effects"][0]["after"]
    )
    assert book.put(located, json=HALF, headers={"If-Match": changed.headers["ETag"]}).status_code == 200


def test_an_operation_in_the_whole_of_a_force_is_held_against_its_peers_by_an_official_return(book):
    group = {"peers": ["leicestershire", "derbyshire"], "source": "a guess", "from_on": "2010-04-01"}
    assert (
        book.put(
            "/v1/peer-groups/northamptonshire/alike", json=group, headers={"If-Match": '"0"'}
        ).status_code
        == 201
    )
    whole = HALF | {"areas": ["northamptonshire"], "categories": ["robbery"], "name": "County-wide"}
    effect = book.post("/v1/operations", json=whole).headers["Location"] + "/effect"
    assert book.get(effect).json["errors"][0]["parameter"] == "control"
    told = book.get(f"{effect}?control=peers&source=home-office-pfa&before=previous").json
    assert (told["control"]["control"], told["control"]["peer_groups"]) == ("peers", ["alike"])
    assert [one["name"] for one in told["control"]["areas"]] == ["Derbyshire", "Leicestershire"]
    [robbery] = told["effects"]
    for span, number in (("period", "after"), ("before", "before")):
        asked = {
            "area": ["northamptonshire", "leicestershire", "derbyshire"],
            "category": "robbery",
            "source": "home-office-pfa",
        }
        own, *peers = (
            one["value"]
            for one in book.get("/v1/summaries", query_string=asked | {"period": told[span]["period"]}).json[
                "figures"
            ]
        )
        assert (robbery[number], robbery[f"control_{number}"]) == (own, sum(peers))
    for count in robbery["counts"]:
        cells = book.get(count["before_evidence"]).json["items"]
        assert sum(cell["count"] for cell in cells) == count["before"]
    assert robbery["ratio"] is not None and "not proof" in robbery["wording"]


def test_peers_are_asked_for_by_the_name_of_a_group_in_use_on_the_first_day(book, address):
    assert (
        book.get(f"{address}?control=peers&peer_group=unlike").json["errors"][0]["parameter"] == "peer_group"
    )
    told = book.post(
        "/v1/operations",
        json=HALF | {"name": "Of before any group", "from_on": "2010-01-01", "to_on": "2010-03-31"},
    )
    assert (
        book.get(f"{told.headers['Location']}/effect?control=peers").json["errors"][0]["parameter"]
        == "control"
    )
    assert book.get(f"{address}?peer_group=alike").json["errors"][0]["parameter"] == "peer_group"
