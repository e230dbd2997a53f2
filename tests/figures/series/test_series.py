"""Figures through time: every point is the figure of its period, with the records behind it, and only whole
ones are charted."""

import csv
import io
import json
from itertools import groupby

import pytest
from builders import NORTHAMPTON, key, offence, record, submit

ROBBERY = {"area": "northamptonshire", "category": "robbery", "period": "2008-04-01..2013-03-31"}
TWO_YEARS = ROBBERY | {"period": "2011-04-01..2013-03-31"}


def series(client, **asked):
    answer = client.get("/v1/summaries/series", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json["series"]


def figure(client, **asked):
    [found] = client.get("/v1/summaries", query_string=asked).json["figures"]
    return found


def values(one):
    return [point["value"] for point in one["points"]]


SOURCES = [
    ({"every": "month"}, 60),
    ({"every": "quarter"}, 20),
    ({"every": "year"}, 5),
    ({"every": "12m"}, 60),
    ({"every": "month", "measure": "victims", "area": "northampton"}, 60),
    ({"every": "month", "category": "all-crime", "period": "2011-04-01..2013-03-31"}, 24),
    ({"every": "quarter", "source": "home-office-pfa", "period": "2012/13"}, 4),
    ({"every": "year", "source": "home-office-pfa", "period": "2012-04-01..2019-03-31"}, 7),
    ({"every": "12m", "source": "home-office-pfa", "period": "2012-04-01..2015-03-31"}, 12),
    ({"every": "12m", "source": "ons-rolling-year", "period": "2011-04-01..2013-03-31"}, 8),
    (
        {
            "every": "year",
            "source": "ons-rolling-year",
            "area": "east-midlands",
            "period": "2008-04-01..2013-03-31",
        },
        5,
    ),
]


@pytest.mark.parametrize(
    ("asked", "points"), SOURCES, ids=lambda said: "-".join(said.values()) if isinstance(said, dict) else ""
)
def test_every_point_is_the_figure_of_its_period(published, asked, points):
    [one] = series(published, **ROBBERY | asked)
    assert len(one["points"]) == points
    question = {name: value for name, value in (ROBBERY | asked).items() if name not in ("every", "period")}
    for point in one["points"][:: max(1, points // 8)]:
        compare = {"compare": "last-year"} if asked["every"] == "12m" else {}
        alone = figure(published, **question, period=point["period"]["period"], **compare)
        for name in ("value", "period", "edition", "evidence", "compared"):
            assert point[name] == alone[name], name


@pytest.mark.parametrize("every", ["month", "quarter", "year", "12m"])
def test_as_of_a_change_every_point_is_the_figure_of_that_change(published, every):
    change = int(published.get("/v1/changes?limit=1").headers["Crimebook-Change"]) - 1
    [one] = series(published, **TWO_YEARS, every=every, as_of=change)
    assert {point["as_of"] for point in one["points"]} == {change}
    for point in one["points"][::7]:
        assert (
            point["value"]
            == figure(
                published,
                area="northamptonshire",
                category="robbery",
                period=point["period"]["period"],
                as_of=change,
            )["value"]
        )


def test_months_add_up_to_quarters_and_quarters_to_years(published):
    asked = ROBBERY | {"area": ["northamptonshire", "northampton"], "category": ["robbery", "all-crime"]}
    months, quarters, years = (
        series(published, **asked, every=every) for every in ("month", "quarter", "year")
    )
    for of_month, of_quarter, of_year in zip(months, quarters, years, strict=True):
        counts, thirds = values(of_month), values(of_quarter)
        assert [sum(counts[start : start + 3]) for start in range(0, 60, 3)] == thirds
        assert [sum(thirds[start : start + 4]) for start in range(0, 20, 4)] == values(of_year)
    assert [point["period"]["period"] for point in quarters[0]["points"][:5]] == [
        "2008/09Q1",
        "2008/09Q2",
        "2008/09Q3",
        "2008/09Q4",
        "2009/10Q1",
    ]
    [rolling, *_] = series(published, **asked, every="12m")
    counts = values(months[0])
    assert values(rolling)[11:] == [sum(counts[start : start + 12]) for start in range(49)]


def test_the_quarters_of_the_official_table_make_the_official_year(published):
    official = TWO_YEARS | {"category": "all-crime", "source": "home-office-pfa", "period": "2012/13"}
    [quarters] = series(published, **official, every="quarter")
    first, second, third, fourth = values(quarters)
    assert (first + second, first + second + third + fourth) == (
        24301,
        46983,
    )  # the Home Office's table, force by force
    [year] = series(published, **official, every="year")
    assert values(year) == [46983]


def test_the_evidence_of_a_point_lists_exactly_its_records(published):
    [one] = series(published, area="northampton", category="robbery", period="2012-04-01..2012-09-30")
    for point in one["points"]:
        lines = (
            published.get(point["evidence"], headers={"Accept": "application/x-ndjson"})
            .get_data()
            .splitlines()
        )
        assert len(lines) == point["value"] > 0


def test_an_incomplete_point_is_shown_and_marked_and_left_out(published):
    [one] = series(published, **ROBBERY)
    missing = [point for point in one["points"] if not point["period"]["complete"]]
    assert (len(missing), one["chart"]["points"]) == (24, 36)
    assert all(
        point["signals"] == [] and point["moving_range"] is None and point["upper"] is None
        for point in missing
    )
    assert one["caution"].startswith(
        "24 of 60 points are incomplete, and left out of limits, signals and seasons."
    )
    whole = [point["value"] for point in one["points"] if point["period"]["complete"]]
    assert one["chart"]["centre"] == pytest.approx(sum(whole) / 36, abs=0.001)
    first_after_the_gap = next(point for point in one["points"] if point["period"]["period"] == "2011-04")
    assert first_after_the_gap["moving_range"] is None


def test_a_category_with_a_gap_beside_one_without_is_judged_by_itself(published):
    [acquisitive, everything] = series(
        published, **ROBBERY | {"category": ["serious-acquisitive-crime", "all-crime"]}, every="year"
    )
    assert [point["period"]["complete"] for point in acquisitive["points"]] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert [point["period"]["complete"] for point in everything["points"]] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_the_series_says_in_words_what_it_shows(published):
    [one] = series(published, **ROBBERY)
    assert one["chart"]["chart"] == "xmr"
    signalled = sum(1 for point in one["points"] if point["signals"])
    assert (
        one["wording"]
        == f"Robbery, Northamptonshire, every month: 61.9 on average, limits 36.0 to 87.8 (XmR); {signalled}"
        " of 60 points signal a change"
    )
    november = next(point for point in one["points"] if point["period"]["period"] == "2012-11")
    assert next(signal["says"] for signal in november["signals"]) == "below the lower limit of 36.0"
    assert len(one["seasonal"]) == 12 and {season["years"] for season in one["seasonal"]} == {3}
    [rolling] = series(published, **TWO_YEARS, every="12m")
    assert (
        rolling["wording"]
        == "Robbery, Northamptonshire, twelve months to 2013-03-31: down by 12.4 per cent (88 fewer offences)"
    )


def test_twelve_months_are_compared_with_the_twelve_before_and_never_charted(published):
    [one] = series(published, **TWO_YEARS | {"category": "all-crime"}, every="12m")
    assert one["chart"]["chart"] is None
    assert (
        one["chart"]["chosen_because"]
        == "rolling totals have no control limits: one shares most of its months with the next"
    )
    assert all(
        not point["signals"] and point["moving_range"] is None and point["upper"] is None
        for point in one["points"]
    )
    last, first = one["points"][-1]["compared"], one["points"][0]
    assert (last["value"], last["difference"], last["percent"], last["change"]) == (
        49576,
        -2593,
        -5.2,
        "fall",
    )
    assert (first["period"]["complete"], first["compared"]["percent"]) == (False, None)
    assert first["compared"]["percent_withheld"] == "the period and the base period are incomplete"


def test_a_method_that_is_asked_for_is_used(published):
    for method in ("xmr", "c", "u"):
        [one] = series(published, **TWO_YEARS, method=method)
        assert (one["chart"]["chart"], one["chart"]["chosen_because"]) == (method, "it was asked for")
        assert all(point["lower"] <= point["centre"] <= point["upper"] for point in one["points"])
    [chosen] = series(published, **TWO_YEARS)
    assert chosen["chart"]["chart"] == "c" and "p = 0.2" in chosen["chart"]["chosen_because"]


def test_a_series_counts_what_is_recorded_later_and_not_as_of_before(service):
    lines = [
        offence(
            recorded_on=f"2012-{month:02}-03",
            committed_from="2012-01-01T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
        for month in (4, 4, 5, 9)
    ]
    receipt = submit(service, lines, period_from="2012-04-01", period_to="2013-03-31").json
    asked = {
        "area": ["northampton", "east-midlands"],
        "category": "residential-burglary",
        "period": "2012/13",
    }
    before = service.get("/v1/summaries/series", query_string=asked | {"as_of": receipt["change"]})
    record(service, recorded_on="2012-06-30", area=NORTHAMPTON)
    after = service.get("/v1/summaries/series", query_string=asked | {"as_of": receipt["change"]})
    assert after.get_data() == before.get_data()
    [northampton, region] = series(service, **asked)
    assert values(northampton) == values(region) == [2, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert values(after.json["series"][0]) == [2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert [point["period"]["complete"] for point in northampton["points"]] == [True] * 12
    assert not any(point["period"]["complete"] for point in region["points"])


def test_a_point_is_as_complete_as_its_figure_whatever_files_were_sent(service):
    said = {"committed_from": "2012-01-01T00:00:00Z", "committed_to": None, "reported_at": None}
    submit(
        service,
        [offence(recorded_on="2012-04-10", **said)],
        period_from="2012-04-01",
        period_to="2012-06-15",
        category="residential-burglary",
    )
    submit(
        service, [offence(recorded_on="2012-06-20", **said)], period_from="2012-06-16", period_to="2012-07-31"
    )
    submit(
        service,
        [offence(recorded_on="2012-10-20", code="34B", **said)],
        period_from="2012-10-01",
        period_to="2012-12-31",
        category="robbery",
    )
    names = ["all-crime", "residential-burglary", "robbery", "serious-acquisitive-crime", "burglary"]
    for every in ("month", "quarter", "year"):
        for one in series(
            service, area=["northamptonshire", "kettering"], category=names, period="2012/13", every=every
        ):
            for point in one["points"]:
                alone = figure(
                    service,
                    area=one["area"]["code"],
                    category=one["category"]["code"],
                    period=point["period"]["period"],
                )
                assert point["period"] == alone["period"], (one["category"]["code"], every)


def test_as_csv_each_point_is_a_row_and_as_lines_each_series_is_one(published):
    asked = ROBBERY | {"category": ["robbery", "all-crime"]}
    shown = series(published, **asked)
    table = published.get("/v1/summaries/series", query_string=asked, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    for one, (code, own) in zip(shown, groupby(rows, key=lambda row: row["category_code"]), strict=True):
        assert code == one["category"]["code"]
        for point, row in zip(one["points"], own, strict=True):
            assert (row["period_period"], int(row["value"]), row["evidence"]) == (
                point["period"]["period"],
                point["value"],
                point["evidence"],
            )
            assert row["signals"].split() == [signal["rule"] for signal in point["signals"]]
            assert row["upper"] == ("" if point["upper"] is None else f"{point['upper']:.10g}")
    lines = published.get(
        "/v1/summaries/series", query_string=asked, headers={"Accept": "application/x-ndjson"}
    )
    assert [json.loads(line) for line in lines.get_data().splitlines()] == shown


def test_a_series_that_has_not_changed_is_304(published):
    first = published.get("/v1/summaries/series", query_string=ROBBERY)
    again = published.get(
        "/v1/summaries/series", query_string=ROBBERY, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")


def test_series_need_a_key_that_may_read(service):
    assert (
        service.get("/v1/summaries/series", query_string=ROBBERY, headers={"Authorization": None}).status_code
        == 401
    )
    assert (
        service.get("/v1/summaries/series", query_string=ROBBERY, headers=key(service, "record")).status_code
        == 403
    )


WRONG = [
    ({"area": "atlantis"}, "area"),
    ({"category": "gossip"}, "category"),
    ({"period": None}, "period"),
    ({"period": "2012-04-15..2013-03-31"}, "period"),
    ({"period": "ytd:2013-02-14"}, "period"),
    ({"period": "2012-05-01..2013-04-30", "every": "quarter"}, "period"),
    ({"period": "2012", "every": "year"}, "period"),
    ({"period": "2012-04-01..2013-02-28", "every": "year"}, "period"),
    ({"period": "2012-05-01..2013-04-30", "every": "12m", "source": "home-office-pfa"}, "period"),
    ({"every": "week"}, "every"),
    ({"every": "month", "source": "home-office-pfa"}, "every"),
    ({"source": "home-office-pfa"}, "every"),
    ({"every": "12m", "method": "xmr"}, "method"),
    ({"every": "12m", "method": "chosen"}, "method"),
    ({"method": "magic"}, "method"),
    ({"every": "year", "source": "home-office-pfa", "measure": "victims"}, "measure"),
    ({"every": "year", "source": "rumour"}, "source"),
    ({"compare": "previous"}, "compare"),
    ({"as_of": "yesterday"}, "as_of"),
]


@pytest.mark.parametrize(
    ("asked", "parameter"), WRONG, ids=[f"{wrong[1]} {number}" for number, wrong in enumerate(WRONG)]
)
def test_a_question_that_cannot_be_answered_names_its_parameter(published, asked, parameter):
    question = {name: value for name, value in (ROBBERY | asked).items() if value is not None}
    answer = published.get("/v1/summaries/series", query_string=question)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, parameter), answer.json


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ({"period": "1901-04-01..2901-03-31"}, "10,000"),
        ({"area": ["northampton"] * 100, "category": ["robbery"] * 200}, "10,000"),
        (
            {
                "area": ["northampton"] * 100,
                "period": "2012-04-01..2018-03-31",
                "every": "quarter",
                "source": "home-office-pfa",
            },
            "2,000",
        ),
    ],
)
def test_a_question_for_endless_points_is_refused(published, asked, most):
    answer = published.get("/v1/summaries/series", query_string=ROBBERY | asked)
    assert answer.status_code == 400
    assert most in answer.json["detail"]


def test_the_earliest_and_latest_days_that_can_be_asked_are_answered(published):
    for period in ("1801-01-01..1801-12-31", "2998-01-01..2998-12-31"):
        for every in ("month", "12m"):
            [one] = series(published, **ROBBERY | {"period": period}, every=every)
            assert values(one) == [0] * 12 and not any(point["period"]["complete"] for point in one["points"])
            assert published.get(one["points"][0]["evidence"]).status_code == 200
