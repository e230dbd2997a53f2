"""How records were made and moved: in time or late, cancelled and why, reclassified from what to what; each
number with its records."""

import csv
import io
from collections import Counter
from itertools import pairwise
from statistics import median

import pytest
from builders import FORCE, NORTHAMPTON, key, offence, record
from random_books import REASONS, belongs, exported, in_time, interval, lies_in, lines, near, random_book

ASKED = {"area": "northamptonshire", "period": "2012/13"}
PATHS = ("timeliness", "cancellations", "reclassifications", "outcomes")


def audit(service, path, **asked):
    answer = service.get(f"/v1/audit/{path}", query_string=ASKED | asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def changed(service, made, verb, address="", **body):
    answer = service.open(
        f"/v1/offences/{made['offence_id']}{address}",
        method=verb,
        json=body or None,
        headers={"If-Match": made["etag"]},
    )
    assert answer.status_code == 200, answer.json
    return answer.json | {"etag": answer.headers["ETag"]}


def timeliness_by_hand(service, asked, held, counts):
    rows = audit(service, "timeliness", **asked)["items"]
    assert [row["area"]["code"] for row in rows] == [FORCE, NORTHAMPTON]
    for row in rows:
        counted = [
            one
            for one in held
            if lies_in(one, row["area"]["code"])
            and counts(one["code"], one["recorded_on"])
            and one["status"] == "recorded"
        ]
        judged = Counter(in_time(one) for one in counted)
        assert (row["records"], row["in_time"], row["late"], row["not_known"]) == (
            len(counted),
            judged[True],
            judged[False],
            judged[None],
        )
        assert row["reported"] == sum(one["reported_at"] is not None for one in counted)
        hours = [one["hours_to_record"] for one in counted if one["hours_to_record"] is not None]
        assert row["median_hours"] == (pytest.approx(median(hours), abs=0.006) if hours else None)
        assert near(
            (row["share"], row["share_low"], row["share_high"]),
            interval(judged[True], judged[True] + judged[False]),
        )
        for name, address in row["evidence"].items():
            assert len(lines(service, address)) == row[name], name


def cancellations_by_hand(service, asked, held, counts):
    rows = audit(service, "cancellations", **asked)["items"]
    assert [row["cancelled_reason"] for row in rows] == 2 * [
        None,
        "transferred",
        *REASONS,
        "not-in-resubmission",
    ]
    for row in rows:
        made = [
            one
            for one in held
            if lies_in(one, row["area"]["code"]) and counts(one["code"], one["recorded_on"])
        ]
        reasons = Counter(one["cancelled_reason"] for one in made if one["status"] == "cancelled")
        assert row["cancelled"] == (reasons[row["cancelled_reason"]] if row["of_which"] else reasons.total())
        assert row["records"] == len(made) == len(lines(service, row["records_evidence"]))
        assert near((row["rate"], row["rate_low"], row["rate_high"]), interval(row["cancelled"], len(made)))
        assert len(lines(service, row["evidence"])) == row["cancelled"]


def moves_of(record):
    """The reclassifications of a record: consecutive versions of different codes."""
    versions = record["versions"]
    return [
        (one["code"], two["code"], two["since_change"], record["offence_id"])
        for one, two in pairwise(versions)
        if one["code"] != two["code"]
    ]


def matrix_by_hand(service, asked, held, counts):
    told = audit(service, "reclassifications", **asked)
    for area in asked["area"]:
        moves = [
            move
            for one in held
            if lies_in(one, area)
            for move in moves_of(one)
            if counts(move[0], one["recorded_on"]) or counts(move[1], one["recorded_on"])
        ]
        cells = Counter((before, after) for before, after, *_ in moves)
        rows = [row for row in told["items"] if row["area"]["code"] == area]
        assert {(row["from_code"], row["to_code"]): row["reclassifications"] for row in rows} == cells
        for row in rows:
            behind = lines(service, row["evidence"])
            assert [
                (one["from_code"], one["to_code"], one["change"], one["offence_id"]) for one in behind
            ] == sorted(
                (move for move in moves if move[:2] == (row["from_code"], row["to_code"])),
                key=lambda move: move[2],
            )
            assert row["records"] == len({one["offence_id"] for one in behind})
        codes = [row for row in told["codes"] if row["area"]["code"] == area]
        assert {row["code"]: (row["reclassified_in"], row["reclassified_out"]) for row in codes} == {
            code: (sum(to == code for _, to, *_ in moves), sum(of == code for of, *_ in moves))
            for pair in cells
            for code in pair
        }
        assert all(row["net"] == row["reclassified_in"] - row["reclassified_out"] for row in codes)


@pytest.mark.parametrize(
    ("seed", "category", "then"), [(21, "all-crime", False), (22, "violence", True), (23, "robbery", True)]
)
def test_every_figure_of_a_random_book_is_what_a_count_by_hand_finds(service, seed, category, then):
    chance = random_book(service, seed)
    asked = {
        "area": [FORCE, NORTHAMPTON],
        "category": category,
        "period": chance.choice(["2012/13", "2012-04-01..2015-12-31"]),
    }
    if then:
        asked["as_of"] = service.get("/v1/changes?limit=1").headers["Crimebook-Change"]
        random_book(service, chance.random(), records=5, moves=15)
    last = "2013-03-31" if asked["period"] == "2012/13" else "2015-12-31"
    held = [one for one in exported(service, asked.get("as_of")) if one["recorded_on"] <= last]
    for check in (timeliness_by_hand, cancellations_by_hand, matrix_by_hand):
        check(service, asked, held, belongs(service, category))


def test_a_reclassification_says_who_decided_and_why(service):
    made = record(service, code="45")
    first = changed(service, made, "PATCH", code="34B", reason="force was used", authority="Registrar")
    changed(
        service,
        changed(service, first, "PATCH", code="45", reason="none was"),
        "PATCH",
        code="34B",
        reason="it was after all",
    )
    record(service, code="45")
    [there, back] = sorted(
        audit(service, "reclassifications")["items"], key=lambda row: row["from_code"], reverse=True
    )
    assert (there["from_code"], there["to_code"], there["reclassifications"], there["records"]) == (
        "45",
        "34B",
        2,
        1,
    )
    assert (back["reclassifications"], back["records"]) == (1, 1)
    [one, two] = service.get(there["evidence"]).json["items"]
    assert (one["decided_by"], one["reason"], one["change"]) == (
        "Registrar",
        "force was used",
        first["since_change"],
    )
    assert two["reason"] == "it was after all"
    page = service.get("/v1/audit/reclassifications/records", query_string=ASKED | {"limit": 2}).json
    assert len(page["items"] + service.get(page["next"]).json["items"]) == 3


def test_records_that_were_cancelled_are_not_late_but_were_recorded(service):
    made = record(
        service, reported_at="2012-04-20T09:00:00Z", committed_from="2012-04-19T09:00:00Z", committed_to=None
    )
    assert audit(service, "timeliness")["items"][0]["late"] == 1
    changed(service, made, "DELETE", "?reason=recorded-in-error")
    [row] = audit(service, "timeliness")["items"]
    assert (row["records"], row["share"], row["median_hours"]) == (0, None, None)
    assert [(row["records"], row["cancelled"]) for row in audit(service, "cancellations")["items"]] == [
        (1, 1),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 1),
        (1, 0),
        (1, 0),
    ]


def test_the_72_hours_of_2012_and_the_24_of_2015_are_told(service):
    record(
        service,
        reported_at="2012-05-01T07:00:00Z",
        recorded_at="2012-05-03T09:00:00Z",
        committed_from="2012-04-30T07:00:00Z",
        committed_to=None,
    )
    record(
        service,
        reported_at="2015-05-01T07:00:00Z",
        recorded_at="2015-05-03T09:00:00Z",
        recorded_on="2015-05-03",
        committed_from="2015-04-30T07:00:00Z",
        committed_to=None,
    )
    then, later = [audit(service, "timeliness", period=period) for period in ("2012/13", "2015/16")]
    assert (then["items"][0]["in_time"], later["items"][0]["late"]) == (1, 1)
    assert "24 hours" in then["rule"] and "72" in then["rule"]
    assert (then["items"][0]["median_hours"], then["items"][0]["period"]["complete"]) == (50, False)


def test_a_period_that_a_file_covers_is_complete(published):
    for path in ("timeliness", "cancellations", "outcomes"):
        assert audit(published, path)["items"][0]["period"]["complete"] is True
    [row] = audit(published, "timeliness", category="residential-burglary")["items"]
    assert row["records"] == row["in_time"] + row["late"] + row["not_known"] == 3182


@pytest.mark.parametrize("path", PATHS)
def test_csv_has_the_rows_of_json(service, path):
    record(service)
    changed(service, record(service, code="45"), "PATCH", code="34B", reason="force was used")
    answer = service.get(f"/v1/audit/{path}", query_string=ASKED, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    items = audit(service, path)["items"]
    assert len(rows) == len(items) > 0
    assert [row["area_code"] for row in rows] == [item["area"]["code"] for item in items]
    assert all(int(row["records"]) == item["records"] for row, item in zip(rows, items, strict=True))


@pytest.mark.parametrize("path", PATHS)
def test_the_same_question_as_of_a_change_gets_the_same_bytes(service, path):
    made = record(service, code="45")
    asked = ASKED | {"as_of": made["since_change"]}
    before = service.get(f"/v1/audit/{path}", query_string=asked)
    changed(
        service,
        changed(service, made, "PATCH", code="34B", reason="force was used"),
        "DELETE",
        "?reason=duplicate",
    )
    assert service.get(f"/v1/audit/{path}", query_string=asked).get_data() == before.get_data()
    held = service.get(
        f"/v1/audit/{path}", query_string=asked, headers={"If-None-Match": before.headers["ETag"]}
    )
    assert held.status_code == 304


@pytest.mark.parametrize("path", PATHS)
def test_a_period_without_records_has_no_share_and_no_fault(service, path):
    for row in audit(service, path, period="1999")["items"]:
        assert row["records"] == 0
        assert {row[name] for name in row if name.startswith(("share", "rate", "median"))} <= {None}


@pytest.mark.parametrize("path", [*PATHS, "reclassifications/records"])
@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"area": "atlantis"}, "area"),
        ({"area": None}, "area"),
        ({"category": "piracy"}, "category"),
        ({"period": "yesterday"}, "period"),
        ({"period": None}, "period"),
        ({"as_of": "999999"}, "as_of"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(service, path, asked, parameter):
    question = {name: value for name, value in (ASKED | asked).items() if value is not None}
    answer = service.get(f"/v1/audit/{path}", query_string=question)
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json["errors"]] == [parameter]


def test_a_hundred_areas_may_be_asked_and_any_reader_may_ask(service):
    service.post("/v1/offences", json=offence())
    assert len(audit(service, "timeliness", area=["northampton"] * 100)["items"]) == 1
    assert (
        service.get("/v1/audit/timeliness", query_string=ASKED | {"area": ["northampton"] * 101}).status_code
        == 400
    )
    reader, stranger = key(service, "read"), key(service, "record")
    for path in PATHS:
        assert service.get(f"/v1/audit/{path}", query_string=ASKED, headers=reader).status_code == 200
        assert service.get(f"/v1/audit/{path}", query_string=ASKED, headers=stranger).status_code == 403
