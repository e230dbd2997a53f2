"""Breaks in series: listed with their sources, changed by administrators, and named by every comparison that
crosses one."""

import csv
import io

import pytest
from builders import key

SHIPPED = [
    "assaults-2012",
    "burglary-2017",
    "counting-rules-2023",
    "recording-reform-2014",
    "regrouping-2013",
]
DRAFT = {
    "codes": ["34A"],
    "from_on": "2012-07-01",
    "kind": "counted",
    "name": "Business robbery was counted otherwise",
    "note": "A trial.",
    "source": "Nobody",
}


def compared(service, category, period, compare="last-year", **asked):
    question = {
        "area": "northamptonshire",
        "category": category,
        "period": period,
        "compare": compare,
    } | asked
    answer = service.get("/v1/summaries", query_string=question)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"]


def crossed(service, *asked, **more):
    return [one["series_break"] for one in compared(service, *asked, **more)[0]["compared"]["breaks"]]


def put(service, name, draft, tag='"0"', headers=None):
    return service.put(f"/v1/breaks/{name}", json=draft, headers={"If-Match": tag} | (headers or {}))


def test_the_breaks_that_are_shipped_are_listed_with_day_and_source(service):
    told = service.get("/v1/breaks").json["items"]
    assert [one["series_break"] for one in told] == SHIPPED
    assert [one["from_on"] for one in told] == [
        "2012-04-01",
        "2017-04-01",
        "2023-05-01",
        "2014-04-01",
        "2013-07-18",
    ]
    assert all(one["source"] and one["note"] for one in told)
    table = list(csv.DictReader(io.StringIO(service.get("/v1/breaks", headers={"Accept": "text/csv"}).text)))
    assert [one["series_break"] for one in table] == SHIPPED


@pytest.mark.parametrize(
    ("category", "concerned"),
    [
        ("residential-burglary", ["burglary-2017", "recording-reform-2014"]),
        ("robbery", ["recording-reform-2014"]),
        ("violence-with-injury", ["assaults-2012", "recording-reform-2014"]),
        ("violence-against-the-person", ["counting-rules-2023", "recording-reform-2014", "regrouping-2013"]),
        ("violence", ["counting-rules-2023", "recording-reform-2014", "regrouping-2013"]),
        ("all-crime", ["burglary-2017", "counting-rules-2023", "recording-reform-2014"]),
    ],
)
def test_a_break_concerns_the_categories_that_hold_its_codes(service, category, concerned):
    assert [
        one["series_break"] for one in service.get(f"/v1/breaks?category={category}").json["items"]
    ] == concerned


@pytest.mark.parametrize(
    ("category", "period", "compare", "breaks"),
    [
        ("residential-burglary", "2017/18", "2016/17", ["burglary-2017"]),
        ("burglary", "2017-05", "2017-02", ["burglary-2017"]),
        ("robbery", "2017/18", "2016/17", []),
        ("residential-burglary", "2018/19", "2017/18", []),
        ("residential-burglary", "2016/17", "2015/16", []),
        ("residential-burglary", "2016/17", "2017/18", ["burglary-2017"]),
        ("residential-burglary", "2017/18", "2012/13", ["recording-reform-2014", "burglary-2017"]),
        ("violence-with-injury", "2012/13", "2011/12", ["assaults-2012"]),
        ("violence", "2012/13", "2011/12", []),
        ("all-crime", "2012/13", "2011/12", []),
        ("robbery", "2014/15", "2013/14", ["recording-reform-2014"]),
        ("stalking-and-harassment", "2023/24", "2022/23", ["counting-rules-2023"]),
        ("robbery", "2023/24", "2022/23", []),
    ],
)
def test_a_comparison_names_the_breaks_that_it_crosses_and_no_others(
    published, category, period, compare, breaks
):
    assert crossed(published, category, period, compare) == breaks


def test_a_crossing_is_said_in_status_in_csv_and_in_words(published):
    question = {
        "area": "northamptonshire",
        "category": "violence-with-injury",
        "period": "2012/13",
        "compare": "2011/12",
    }
    [figure] = published.get("/v1/summaries", query_string=question).json["figures"]
    assert figure["status"] == []
    assert figure["compared"]["status"] == [
        {"status": "break", "why": "Assault codes changed, from 1 April 2012"}
    ]
    assert figure["wording"].endswith("; between the two, assault codes changed (1 April 2012)")
    [row] = csv.DictReader(
        io.StringIO(
            published.get("/v1/summaries", query_string=question, headers={"Accept": "text/csv"}).text
        )
    )
    assert (row["status"], row["compared_status"], row["compared_breaks"]) == ("", "break", "assaults-2012")


def test_a_period_that_holds_a_break_says_so_of_itself(published):
    asked = {"area": "northamptonshire", "category": "burglary", "period": "2017"}
    [figure] = published.get("/v1/summaries", query_string=asked).json["figures"]
    assert [one["why"] for one in figure["status"] if one["status"] == "break"] == [
        "Burglary was redefined, from 1 April 2017"
    ]


def test_months_and_codes_cross_only_the_breaks_of_their_own(service):
    assert put(service, "trial", DRAFT).status_code == 201
    months = compared(service, "robbery", "2012-05-01..2012-08-31", "2012-03-01..2012-06-30", by="month")
    assert [[one["series_break"] for one in month["compared"]["breaks"]] for month in months] == [
        [],
        [],
        ["trial"],
        ["trial"],
    ]
    from builders import record

    for code in ("34A", "34B"):
        record(service, code=code, recorded_on="2012-08-02", committed_to=None, reported_at=None)
    codes = compared(service, "robbery", "2012-08", "2012-06", by="code")
    assert {one["code"]: len(one["compared"]["breaks"]) for one in codes} == {"34A": 1, "34B": 0}


def test_administrators_define_correct_and_withdraw_a_break_and_its_past_stays_readable(service):
    made = put(service, "trial", DRAFT)
    assert (made.status_code, made.headers["Location"]) == (201, "/v1/breaks/trial")
    assert put(service, "trial", DRAFT).status_code == 412
    assert (
        put(service, "trial", DRAFT | {"from_on": "2012-08-01"}, made.headers["ETag"]).json["from_on"]
        == "2012-08-01"
    )
    then = service.get(f"/v1/breaks/trial?as_of={made.json['since_change']}")
    assert then.json == made.json
    tag = service.get("/v1/breaks/trial").headers["ETag"]
    assert service.delete("/v1/breaks/trial", headers={"If-Match": tag}).status_code == 200
    assert service.get("/v1/breaks/trial").status_code == 404
    reader = key(service, "read")
    assert put(service, "other", DRAFT, headers=reader).status_code == 403
    assert service.get("/v1/breaks", headers=reader).status_code == 200


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"codes": ["999Z"]}, "/codes"),
        ({"categories": ["gossip"]}, "/categories"),
        ({"codes": [], "kind": "moved"}, "/codes"),
        ({"kind": "odd"}, "/kind"),
        ({"from_on": "2012"}, "/from_on"),
        ({"name": ""}, "/name"),
    ],
)
def test_a_break_that_cannot_be_is_refused_with_the_member_that_is_wrong(service, said, pointer):
    answer = put(service, "trial", DRAFT | said)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_break_is_named_well_or_not_at_all(service):
    answer = put(service, "A%20trial", DRAFT)
    assert answer.status_code == 422
    assert "lower-case words" in answer.json["detail"]
