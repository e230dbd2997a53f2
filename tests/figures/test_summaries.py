"""The figures: those the force told the press, from records; each with the records behind it."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from builders import key, offence, record, submit, value

from service.store import database

PUBLISHED = (
    Path(__file__).parents[2] / "data" / "northants-published-figures" / "northants_published_figures.csv"
)
CATEGORIES = {
    "all recorded crime": "all-crime",
    "violence": "violence",
    "sexual offences": "sexual-offences",
    "residential (dwelling) burglary": "residential-burglary",
    "residential burglary": "residential-burglary",
    "robbery": "robbery",
    "vehicle crime": "vehicle-crime",
    "criminal damage": "criminal-damage",
    "drugs offences": "drug-offences",
    "serious acquisitive crime, March 2009 to March 2013": "serious-acquisitive-crime",
}
ARTICLE = [
    row
    for row in csv.DictReader(PUBLISHED.read_text().splitlines())
    if row["source"].startswith("Seed article")
]


def figures(client, **asked):
    answer = client.get("/v1/summaries", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"]


@pytest.mark.parametrize("row", ARTICLE, ids=[f"{row['area']}, {row['measure']}" for row in ARTICLE])
def test_every_figure_of_the_article_comes_out_of_the_records(published, row):
    years = row["period"].replace("/", ".."), row["base_period"].replace("/", "..")
    [figure] = figures(
        published,
        area=row["area"].lower(),
        category=CATEGORIES[row["measure"]],
        period=years[0],
        compare=years[1],
    )
    compared = figure["compared"]
    assert figure["period"]["complete"] and compared["period"]["complete"]
    if row["quoted_value"]:
        assert (figure["value"], compared["value"]) == (int(row["quoted_value"]), int(row["quoted_base"]))
    if row["quoted_change"]:
        assert compared["difference"] == int(row["quoted_change"])
    quoted = Decimal(row["quoted_pct"])
    shown = Decimal(str(compared["percent"]))
    if quoted == quoted.to_integral_value():  # the article gives this one in whole per cent
        shown = shown.quantize(Decimal(1), ROUND_HALF_UP)
    assert shown == quoted


@pytest.mark.parametrize("area", ["northamptonshire", "northampton"])
@pytest.mark.parametrize("category", sorted(set(CATEGORIES.values())))
def test_the_evidence_of_a_figure_lists_exactly_its_records(published, area, category):
    [figure] = figures(published, area=area, category=category, period="2012/13")
    lines = (
        published.get(figure["evidence"], headers={"Accept": "application/x-ndjson"}).get_data().splitlines()
    )
    assert len(lines) == figure["value"] > 0


def test_one_figure_has_the_shape_that_was_promised(published):
    [figure] = figures(
        published,
        area="northamptonshire",
        category="residential-burglary",
        period="2012/13",
        compare="previous",
    )
    assert figure["area"] == {"code": "E23000022", "name": "Northamptonshire"}
    assert figure["category"] == {
        "code": "residential-burglary",
        "name": "Residential burglary",
        "definition": 1,
    }
    assert figure["period"] == {
        "period": "2012/13",
        "from": "2012-04-01",
        "to": "2013-03-31",
        "complete": True,
    }
    compared = figure["compared"]
    assert (figure["value"], compared["value"], compared["difference"], compared["percent"]) == (
        3182,
        2506,
        676,
        27.0,
    )
    assert (compared["rate_ratio"], compared["interval_95"], compared["change"]) == (
        1.27,
        [1.205, 1.338],
        "rise",
    )
    assert compared["p"] < 1e-17
    assert figure["wording"] == "Residential burglary: up by 27.0 per cent (676 more offences)"
    assert figure["evidence"].startswith(
        "/v1/offences?area=E23000022&category=residential-burglary&recorded_from=2012-04-01"
    )


# Two counts, rate ratio, interval and exact p, from the force's and the official table; scipy.stats.binomtest
# gives the same p.
GOLDEN = [
    ("all-crime", 49571, 46983, 0.948, [0.936, 0.960], "fall"),
    ("sexual-offences", 750, 786, 1.048, [0.948, 1.158], "within_chance"),
    ("domestic-burglary", 2509, 3182, 1.268, [1.204, 1.336], "rise"),
    ("robbery", 711, 622, 0.875, [0.786, 0.974], "fall"),
    ("drug-offences", 1851, 1701, 0.919, [0.860, 0.981], "fall"),
    ("non-domestic-burglary", 3390, 3537, 1.043, [0.995, 1.094], "within_chance"),
    ("homicide", 7, 5, 0.714, [0.227, 2.251], "within_chance"),
]


@pytest.mark.parametrize(("category", "base", "count", "ratio", "interval", "change"), GOLDEN)
def test_two_official_counts_compare_as_worked_out_by_hand(
    published, category, base, count, ratio, interval, change
):
    [figure] = figures(
        published,
        area="northamptonshire",
        category=category,
        period="2012/13",
        compare="last-year",
        source="ons-rolling-year",
    )
    compared = figure["compared"]
    assert (
        compared["value"],
        figure["value"],
        compared["rate_ratio"],
        compared["interval_95"],
        compared["change"],
    ) == (base, count, ratio, interval, change)


def test_a_small_count_has_no_percentage_and_says_why(published):
    [figure] = figures(
        published,
        area="northamptonshire",
        category="homicide",
        period="2012/13",
        compare="last-year",
        source="ons-rolling-year",
    )
    assert (figure["compared"]["percent"], figure["compared"]["percent_withheld"]) == (
        None,
        "a count is under 50",
    )
    assert (
        figure["wording"]
        == "Homicide: 2 fewer offences, within what chance alone would give; no percentage, because a count"
        " is under 50"
    )


def test_a_year_of_which_only_some_crime_is_held_is_incomplete_for_the_rest(published):
    [all_crime, acquisitive] = figures(
        published,
        area="northamptonshire",
        category=["all-crime", "serious-acquisitive-crime"],
        period="2008/09",
    )
    assert (all_crime["period"]["complete"], acquisitive["period"]["complete"]) == (False, True)
    [compared] = figures(published, area="northamptonshire", period="2012/13", compare="2008/09")
    assert compared["compared"]["percent"] is None
    assert compared["compared"]["change"] is None
    assert compared["compared"]["difference"] is None
    assert compared["compared"]["percent_withheld"] == "the base period is incomplete"
    assert (
        compared["wording"]
        == "All recorded crime: 46,983 offences in 2012/13; not compared, because the base period is"
        " incomplete"
    )


def test_parts_add_up_to_the_whole(published):
    [whole] = figures(published, area="northamptonshire", period="2012/13")
    for by in ("month", "code"):
        assert (
            sum(
                part["value"] for part in figures(published, area="northamptonshire", period="2012/13", by=by)
            )
            == whole["value"]
        )
    months = figures(published, area="northamptonshire", period="2012/13", by="month", compare="last-year")
    assert [month["month"] for month in months] == [
        *(f"2012-{number:02}" for number in range(4, 13)),
        "2013-01",
        "2013-02",
        "2013-03",
    ]
    assert sum(month["compared"]["value"] for month in months) == 49576
    districts = [
        "corby",
        "daventry",
        "east-northamptonshire",
        "kettering",
        "northampton",
        "south-northamptonshire",
        "wellingborough",
    ]
    assert (
        sum(figure["value"] for figure in figures(published, area=districts, period="2012/13"))
        == whole["value"]
    )
    new = ["north-northamptonshire", "west-northamptonshire"]
    assert sum(figure["value"] for figure in figures(published, area=new, period="2012/13")) == whole["value"]


def test_a_month_of_a_code_is_evidenced_by_its_own_records(published):
    for figure in figures(
        published, area="northampton", category="robbery", period="2012/13Q1", by=["code", "month"]
    ):
        lines = (
            published.get(figure["evidence"], headers={"Accept": "application/x-ndjson"})
            .get_data()
            .splitlines()
        )
        assert len(lines) == figure["value"]


PERIODS = [
    "2012/13",
    "2012/13Q2",
    "2012",
    "2012-07",
    "12m:2012-12",
    "ytd:2013-02-14",
    "2012-05-17..2012-05-17",
    "2012-05-17..2012-06-02",
    "2012-05-31..2012-07-01",
    "2012-05-01..2012-06-30",
    "2012-05-02..2012-06-30",
    "2012-05-01..2012-06-29",
]


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_counts_the_records_of_its_days(published, period):
    [figure] = figures(published, area="northampton", category="violence", period=period)
    days = {"recorded_from": figure["period"]["from"], "recorded_to": figure["period"]["to"]}
    listed = (
        published.get(
            "/v1/offences",
            query_string={"area": "northampton", "category": "violence"} | days,
            headers={"Accept": "application/x-ndjson"},
        )
        .get_data()
        .splitlines()
    )
    assert figure["value"] == len(listed) > 0


@pytest.mark.parametrize("period", PERIODS)
def test_the_present_and_the_same_change_asked_as_the_past_agree(service, period):
    made = [
        record(
            service,
            recorded_on=f"2012-{month:02}-{day:02}",
            committed_from="2012-01-01T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
        for month in (5, 6, 7)
        for day in (1, 2, 17, 29)
    ]
    now = value(service, period=period, area="east-midlands")
    record(service, recorded_on="2012-05-17")
    assert value(service, period=period, area="east-midlands", as_of=made[-1]["since_change"]) == now


def test_ten_corrections_later_the_same_question_gets_the_same_bytes(service):
    lines = [
        offence(
            crime_ref=f"NN/{number}",
            recorded_on=f"2012-{4 + number % 9:02}-1{number % 10}",
            committed_from="2012-04-01T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
        for number in range(120)
    ]
    receipt = submit(service, lines, period_from="2012-04-01", period_to="2013-03-31").json
    question = {
        "area": ["northamptonshire", "kettering"],
        "category": ["all-crime", "residential-burglary"],
        "period": "2012/13",
        "compare": "2011/12",
        "by": "month",
        "as_of": receipt["change"],
    }
    before = service.get("/v1/summaries", query_string=question)
    for one in service.get("/v1/offences?limit=10").json["items"]:
        answer = service.put(
            f"/v1/offences/{one['offence_id']}",
            json=offence(crime_ref=one["crime_ref"], area="kettering", code="34B"),
            headers={"If-Match": f'"{one["since_change"]}"'},
        )
        assert answer.status_code == 200
    after = service.get("/v1/summaries", query_string=question)
    assert after.get_data() == before.get_data()
    assert value(service, category="residential-burglary") == 110
    assert value(service, category="robbery", area="kettering") == 10


def test_a_summary_that_has_not_changed_is_304(published):
    question = {"area": "northamptonshire", "period": "2012/13"}
    first = published.get("/v1/summaries", query_string=question)
    again = published.get(
        "/v1/summaries", query_string=question, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")
    table = published.get(
        "/v1/summaries",
        query_string=question,
        headers={"Accept": "text/csv", "If-None-Match": first.headers["ETag"]},
    )
    assert table.status_code == 200


def test_a_summary_as_csv_holds_the_same_figures(published):
    question = {
        "area": ["northamptonshire", "northampton"],
        "category": ["violence", "robbery"],
        "period": "2012/13",
        "compare": "previous",
    }
    shown = figures(published, **question)
    rows = list(
        csv.DictReader(
            io.StringIO(
                published.get("/v1/summaries", query_string=question, headers={"Accept": "text/csv"}).text
            )
        )
    )
    assert [
        (row["area_code"], row["category_code"], int(row["value"]), float(row["compared_percent"]))
        for row in rows
    ] == [
        (one["area"]["code"], one["category"]["code"], one["value"], one["compared"]["percent"])
        for one in shown
    ]
    assert [float(rows[0]["compared_interval_95_low"]), float(rows[0]["compared_interval_95_high"])] == shown[
        0
    ]["compared"]["interval_95"]


WRONG = [
    ({"area": "atlantis", "period": "2012/13"}, "area"),
    ({"area": "northampton", "category": "gossip", "period": "2012/13"}, "category"),
    ({"area": "northampton"}, "period"),
    ({"period": "2012/13"}, "area"),
    ({"area": "northampton", "period": "2012/14"}, "period"),
    ({"area": "northampton", "period": "2012-13"}, "period"),
    ({"area": "northampton", "period": "ytd:2013-02-30"}, "period"),
    ({"area": "northampton", "period": "2013-03-31..2012-04-01"}, "period"),
    ({"area": "northampton", "period": "2012/13", "compare": "the-year-before"}, "compare"),
    ({"area": "northampton", "period": "2012/13", "by": "weekday"}, "by"),
    ({"area": "northampton", "period": "2012/13", "source": "rumour"}, "source"),
    ({"area": "northampton", "period": "2012/13", "measure": "savings"}, "measure"),
    ({"area": "northampton", "period": ["2012/13", "2011/12"]}, "period"),
    ({"area": "northampton", "period": "2012/13", "colour": "red"}, "colour"),
    ({"area": "north\x00ampton", "period": "2012/13"}, "area"),
]


@pytest.mark.parametrize(
    ("asked", "parameter"), WRONG, ids=[f"{wrong[1]} {number}" for number, wrong in enumerate(WRONG)]
)
def test_a_question_that_cannot_be_understood_names_its_parameter(published, asked, parameter):
    answer = published.get("/v1/summaries", query_string=asked)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["parameter"] == parameter, answer.json


def test_figures_need_a_key_that_may_read(service):
    assert (
        service.get(
            "/v1/summaries?area=northampton&period=2012/13", headers={"Authorization": None}
        ).status_code
        == 401
    )
    recorder = key(service, "record")
    assert service.get("/v1/summaries?area=northampton&period=2012/13", headers=recorder).status_code == 403


def test_months_are_compared_one_by_one_each_with_its_own_days(published):
    months = figures(published, area="northamptonshire", period="2012/13", by="month", compare="2011/12")
    [alone] = figures(published, area="northamptonshire", period="2012-04", compare="2011-04")
    assert months[0]["period"] == {
        "period": "2012-04",
        "from": "2012-04-01",
        "to": "2012-04-30",
        "complete": True,
    }
    assert months[0]["compared"]["period"]["period"] == "2011-04"
    for name in ("rate_ratio", "interval_95", "p", "change", "percent", "difference"):
        assert months[0]["compared"][name] == alone["compared"][name]


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "2012/13", "compare": "2011/12Q1"},
        {"period": "2012-05-17..2012-06-16", "compare": "last-year"},
    ],
)
def test_months_without_their_like_are_not_compared(published, asked):
    answer = published.get("/v1/summaries", query_string={"area": "northampton", "by": "month"} | asked)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "compare")


def test_a_question_for_endless_figures_is_refused(published):
    endless = {
        "area": "northampton",
        "period": "1801-01-01..2998-12-31",
        "by": "month",
        "category": ["robbery"] * 10,
    }
    answer = published.get("/v1/summaries", query_string=endless)
    assert answer.status_code == 400
    assert "50,000" in answer.json["detail"]


def test_a_question_is_judged_before_it_is_found_unchanged(published):
    tag = published.get("/v1/summaries?area=northampton&period=2012/13").headers["ETag"]
    assert (
        published.get(
            "/v1/summaries?area=atlantis&period=2012/13", headers={"If-None-Match": tag}
        ).status_code
        == 400
    )


def test_a_month_without_a_record_is_not_taken_for_complete(service):
    lines = [
        offence(
            crime_ref=f"NN/{day}",
            recorded_on=day,
            committed_from="2008-01-01T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
        for day in ("2008-04-03", "2013-03-03")
    ]
    assert submit(service, lines).status_code == 201
    complete = {
        period: figures(service, area="northamptonshire", period=period)[0]["period"]["complete"]
        for period in ("2008-04", "2013-03", "2010-01", "2012/13")
    }
    assert complete == {"2008-04": True, "2013-03": True, "2010-01": False, "2012/13": False}


def test_a_file_covers_its_category_as_it_was_defined_then(service):
    lines = [offence(crime_ref="NN/1")]
    submit(
        service, lines, covers="serious-acquisitive-crime", period_from="2012-04-01", period_to="2013-03-31"
    )
    question = {"area": "northamptonshire", "category": "serious-acquisitive-crime", "period": "2012/13"}
    assert figures(service, **question)[0]["period"]["complete"]
    held = service.get("/v1/categories/serious-acquisitive-crime")
    draft = {
        name: held.json[name] for name in ("aliases", "codes", "description", "every_code", "name", "part_of")
    }
    draft["codes"] = [*draft["codes"], {"code": "104"}]
    assert (
        service.put(
            "/v1/categories/serious-acquisitive-crime", json=draft, headers={"If-Match": held.headers["ETag"]}
        ).status_code
        == 200
    )
    assert not figures(service, **question)[0]["period"]["complete"]


def test_a_body_without_land_answers_for_itself(service):
    lines = [offence(force="british-transport-police", area="british-transport-police", crime_ref="BTP/1")]
    assert submit(service, lines, period_from="2012-04-01", period_to="2013-03-31").status_code == 201
    assert figures(service, area="british-transport-police", period="2012/13")[0]["period"]["complete"]


def test_a_figure_and_its_evidence_agree_after_the_land_is_redrawn(service):
    for _ in range(3):
        record(service)
    held = service.get("/v1/areas/northampton")
    draft = {
        name: held.json[name]
        for name in ("aliases", "from_on", "kind", "name", "parents", "populations", "slug", "to_on")
    }
    draft["parents"] = [*draft["parents"], "leicestershire"]
    assert (
        service.put(
            "/v1/areas/northampton", json=draft, headers={"If-Match": held.headers["ETag"]}
        ).status_code
        == 200
    )
    for area in (
        "northampton",
        "leicestershire",
        "northamptonshire",
        "east-midlands",
        "england",
        "england-and-wales",
    ):
        for period in ("2012/13", "2012-05-02..2012-05-30"):
            [figure] = figures(service, area=area, period=period)
            listed = (
                service.get(figure["evidence"], headers={"Accept": "application/x-ndjson"})
                .get_data()
                .splitlines()
            )
            assert (figure["value"], len(listed)) == (3, 3), (area, period)


def test_a_question_as_of_an_instant_stops_nobody_from_writing(service, app):
    made = record(service)
    instant = service.get(f"/v1/changes/{made['since_change']}").json["at"]
    streamed = service.get(
        "/v1/offences",
        query_string={"as_of": instant},
        headers={"Accept": "application/x-ndjson"},
        buffered=False,
    )

    def write():
        try:
            return app.test_client().post("/v1/offences", json=offence()).status_code
        finally:
            database.release()

    with ThreadPoolExecutor(1) as pool:  # another thread, as in the service: each has its own connection
        assert pool.submit(write).result(timeout=20) == 201
    assert streamed.get_data().count(b"\n") == 1
    streamed.close()
    assert value(service, as_of=instant) == 1
