"""Files of offences: recorded, corrected, left alone, and answered with a receipt."""

import hashlib

import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, offence, record, submit, value
from submission_files import as_csv, checked, counts, faults, held, last_change, lines, ndjson, send


@pytest.fixture
def service(service):
    yield from checked(service)


@pytest.mark.parametrize(
    "content_type", ["text/csv", "application/x-ndjson", "text/csv; charset=utf-8; header=present"]
)
def test_a_file_is_recorded_and_answered_with_a_receipt(service, content_type):
    file = ndjson(lines(3)) if "ndjson" in content_type else as_csv(lines(3))
    answer = send(service, file, content_type, reason="the week's file")
    assert answer.status_code == 201, answer.json
    receipt = answer.json
    assert counts(receipt) == (3, 0, 0, 0)
    assert receipt["digest"] == hashlib.sha256(file).hexdigest()
    assert (receipt["lines"], receipt["faults"], receipt["status"], receipt["force"]) == (
        3,
        0,
        "accepted",
        FORCE,
    )
    assert (receipt["period_from"], receipt["period_to"], receipt["covers"]) == (
        "2012-05-01",
        "2012-05-31",
        "all-crime",
    )
    assert value(service) == 3
    assert service.get(answer.headers["Location"]).json == receipt
    assert service.get("/v1/submissions").json["items"] == [receipt]
    [change] = service.get(f"/v1/changes?after={receipt['change'] - 1}").json["items"]
    assert (change["reason"], change["submission_id"]) == ("the week's file", receipt["submission_id"])
    assert answer.headers["Crimebook-Change"] == str(receipt["change"])


def test_a_line_holds_what_a_single_record_holds(service):
    sent = offence(location='12 "The Drapery", Northampton', recorded_at="2012-05-03T09:00:00Z", victims=0)
    single = record(service, **sent | {"crime_ref": "NN/single"})
    for number, (file, content_type) in enumerate(((as_csv, "text/csv"), (ndjson, "application/x-ndjson"))):
        send(service, file([sent | {"crime_ref": f"NN/{number}"}]), content_type)
        [read] = service.get(f"/v1/offences?crime_ref=NN/{number}").json["items"]
        assert {name: read[name] for name in sent if name != "crime_ref"} == {
            name: single[name] for name in sent if name != "crime_ref"
        }


def test_the_same_file_again_changes_nothing(service):
    submit(service, lines(5))
    change = last_change(service)
    again = submit(service, lines(5))
    assert (again.status_code, again.json["status"], again.json["change"]) == (201, "accepted", None)
    assert counts(again.json) == (0, 0, 5, 0)
    assert last_change(service) == change


def test_a_line_that_differs_corrects_its_record(service):
    first = submit(service, lines(5)).json
    sent = lines(5)
    sent[3]["area"] = KETTERING
    answer = submit(service, [*sent, offence(crime_ref="NN/new")], reason="beats redrawn")
    assert counts(answer.json) == (1, 1, 4, 0)
    assert (value(service, area="kettering"), value(service, area="northampton"), value(service)) == (1, 5, 6)
    [corrected] = service.get("/v1/offences?crime_ref=NN/3").json["items"]
    versions = service.get(f"/v1/offences/{corrected['offence_id']}/versions").json["items"]
    assert [one["submission_id"] for one in versions] == [
        first["submission_id"],
        answer.json["submission_id"],
    ]
    assert versions[1]["differences"] == [{"field": "area", "before": NORTHAMPTON, "after": KETTERING}]
    assert versions[1]["reason"] == "beats redrawn"
    assert value(service, area="northampton", as_of=first["change"]) == 5


def test_a_record_made_singly_is_corrected_by_a_file_and_the_other_way_round(service):
    made = record(service, crime_ref="NN/0")
    assert counts(submit(service, lines(2, victims=2)).json) == (1, 1, 0, 0)
    answer = service.put(
        f"/v1/offences/{made['offence_id']}",
        json=offence(crime_ref="NN/0", victims=3),
        headers={"If-Match": made["etag"]},
    )
    assert answer.status_code == 412
    assert service.get(f"/v1/offences/{made['offence_id']}").json["victims"] == 2


def test_a_cancelled_record_is_left_as_it_is(service):
    submit(service, lines(3))
    [one] = service.get("/v1/offences?crime_ref=NN/1").json["items"]
    service.delete(
        f"/v1/offences/{one['offence_id']}?reason=duplicate", headers={"If-Match": f'"{one["since_change"]}"'}
    )
    again = submit(service, lines(3, victims=2))
    assert counts(again.json) == (0, 2, 0, 1)
    assert value(service) == 2
    assert service.get(f"/v1/offences/{one['offence_id']}").json["status"] == "cancelled"


def test_a_rehearsal_says_what_would_happen_and_changes_nothing(service):
    submit(service, lines(2))
    change = last_change(service)
    good = submit(service, [*lines(2, victims=2), offence()], validate_only="true")
    assert (good.status_code, good.json["status"], good.json["change"], counts(good.json)) == (
        200,
        "rehearsed",
        None,
        (1, 2, 0, 0),
    )
    bad = submit(service, lines(2, code="999Z"), validate_only="true")
    assert (bad.status_code, bad.json["status"], bad.json["faults"]) == (200, "rehearsed", 2)
    assert len(service.get(f"/v1/submissions/{bad.json['submission_id']}/faults").json["items"]) == 2
    assert (held(service), last_change(service)) == (2, change)


def test_a_location_of_many_lines_comes_as_ndjson(service):
    sent = [
        offence(crime_ref=f"NN/{number}", location=location)
        for number, location in enumerate(("The\nDrapery", "The\rDrapery", "The\r\nDrapery", '"', "\\."))
    ]
    assert counts(send(service, ndjson(sent), "application/x-ndjson").json) == (5, 0, 0, 0)
    assert [
        service.get(f"/v1/offences?crime_ref={one['crime_ref']}").json["items"][0]["location"] for one in sent
    ] == [one["location"] for one in sent]


def test_the_force_may_be_named_once_for_the_file(service):
    rows = [{name: said for name, said in one.items() if name != "force"} for one in lines(2)]
    for force in ("northamptonshire", FORCE):
        assert submit(service, rows, force=force).json["force"] == FORCE
    assert counts(send(service, ndjson(rows), "application/x-ndjson", force="northamptonshire").json) == (
        0,
        0,
        2,
        0,
    )
    for force in ("atlantis", "northampton", "east-midlands"):
        answer = submit(service, rows, force=force)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "force")
    other = faults(service, submit(service, lines(2), force="leicestershire"))
    assert {(line, field) for line, field, *_ in other} == {(2, "force"), (3, "force")}


def complete(service, period, *categories):
    answer = service.get(
        "/v1/summaries",
        query_string={
            "area": "northamptonshire",
            "period": period,
            "category": list(categories) or ["all-crime"],
        },
    )
    return [figure["period"]["complete"] for figure in answer.json["figures"]]


def test_a_period_is_complete_when_files_cover_its_months(service):
    assert complete(service, "2012-05") == [False]
    submit(service, lines(2))
    assert (complete(service, "2012-05"), complete(service, "2012-06"), complete(service, "2012/13Q1")) == (
        [True],
        [False],
        [False],
    )
    submit(service, [offence(recorded_on="2012-06-15")])
    assert (complete(service, "2012-06"), complete(service, "2012/13Q1")) == ([True], [False])
    submit(service, [offence()], period_from="2012-04-01", period_to="2012-04-30")
    assert (complete(service, "2012/13Q1"), complete(service, "2012/13")) == ([True], [False])
    assert complete(service, "2012-05-17..2012-06-02") == [True]


def test_a_file_of_some_crime_completes_that_crime_alone(service):
    answer = submit(
        service,
        lines(2),
        covers="serious-acquisitive-crime",
        period_from="2012-04-01",
        period_to="2013-03-31",
    )
    assert (answer.json["covers"], answer.json["period_from"], answer.json["period_to"]) == (
        "serious-acquisitive-crime",
        "2012-04-01",
        "2013-03-31",
    )
    assert complete(service, "2012/13", "all-crime", "serious-acquisitive-crime", "robbery", "violence") == [
        False,
        True,
        True,
        False,
    ]
    wrong = submit(service, lines(2), covers="gossip")
    assert (wrong.status_code, wrong.json["errors"][0]["parameter"]) == (400, "category")


def test_the_same_records_covering_more_days_are_a_change_of_their_own(service):
    submit(service, lines(2))
    more = submit(service, lines(2), period_from="2012-04-01", period_to="2012-06-30").json
    assert counts(more) == (0, 0, 2, 0)
    assert more["change"] is not None
    assert complete(service, "2012/13Q1") == [True]


def test_days_to_come_are_never_covered(service):
    receipt = submit(service, lines(2), period_from="2012-04-01", period_to="2998-12-31").json
    assert receipt["period_to"] < "2998"
    nothing = submit(service, [offence()], period_from="2998-01-01").json
    assert (nothing["period_from"], nothing["period_to"], nothing["recorded"]) == (None, None, 1)
    backwards = submit(service, lines(2), period_from="2012-06-01", period_to="2012-05-01")
    assert (backwards.status_code, backwards.json["errors"][0]["parameter"]) == (400, "period_to")


def test_submissions_are_listed_in_the_order_they_came(service):
    made = [
        submit(service, [offence()]).json,
        submit(service, lines(1, code="999Z")).json["submission"],
        submit(service, lines(2), validate_only="true").json,
    ]
    listed = service.get("/v1/submissions").json["items"]
    assert [one["submission_id"] for one in listed] == [
        made[0]["submission_id"],
        made[1],
        made[2]["submission_id"],
    ]
    assert [one["status"] for one in listed] == ["accepted", "refused", "rehearsed"]
    read = service.get(f"/v1/submissions/{made[1]}")
    again = service.get(f"/v1/submissions/{made[1]}", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert service.get("/v1/submissions/00000000-0000-7000-8000-000000000000").status_code == 404
