"""Records, from the first to the last thing that happens to them."""

import json

import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, key, offence, record, value


def test_a_recorded_offence_reads_back_as_it_was_sent(service):
    sent = offence(location="Abington Street")
    made = service.post("/v1/offences", json=sent)
    assert made.status_code == 201, made.json
    read = service.get(made.headers["Location"])
    assert read.json == made.json
    assert {name: read.json[name] for name in sent} == sent
    assert read.headers["ETag"] == f'"{read.json["since_change"]}"' == made.headers["ETag"]
    assert read.headers["Crimebook-Change"] == str(read.json["since_change"])


def test_places_may_be_named_by_slug(service):
    made = record(service, area="northampton", force="northamptonshire")
    assert (made["area"], made["force"]) == (NORTHAMPTON, FORCE)


def test_a_caller_who_holds_the_answer_gets_304(service):
    made = record(service)
    again = service.get(f"/v1/offences/{made['offence_id']}", headers={"If-None-Match": made["etag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_a_correction_moves_the_count(service):
    made = record(service)
    assert value(service, area="northampton") == 1
    sent = offence(crime_ref=made["crime_ref"], area=KETTERING)
    corrected = service.put(
        f"/v1/offences/{made['offence_id']}", json=sent, headers={"If-Match": made["etag"]}
    )
    assert (corrected.status_code, corrected.json["area"]) == (200, KETTERING)
    assert value(service, area="northampton") == 0
    assert value(service, area="kettering") == value(service) == 1


def test_a_reclassification_keeps_the_recorded_day_and_says_why(service):
    made = record(service)
    answer = service.patch(
        f"/v1/offences/{made['offence_id']}",
        json={"code": "30A", "reason": "the garage was not attached"},
        headers={"If-Match": made["etag"]},
    )
    assert (answer.json["code"], answer.json["recorded_on"]) == ("30A", made["recorded_on"])
    assert (
        value(service, category="residential-burglary"),
        value(service, category="non-dwelling-burglary"),
    ) == (0, 1)
    versions = service.get(f"/v1/offences/{made['offence_id']}/versions").json["items"]
    assert [one["reason"] for one in versions] == ["offence recorded", "the garage was not attached"]
    assert versions[1]["differences"] == [{"field": "code", "before": "28A", "after": "30A"}]
    assert versions[0]["until_change"] == versions[1]["since_change"]


def test_a_cancelled_record_leaves_the_counts_and_stays_readable(service):
    made = record(service)
    gone = service.delete(
        f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]}
    )
    assert (gone.status_code, gone.json["status"], gone.json["cancelled_reason"]) == (
        200,
        "cancelled",
        "duplicate",
    )
    assert value(service) == 0
    assert service.get(f"/v1/offences/{made['offence_id']}").json["status"] == "cancelled"
    assert service.get("/v1/offences").json["items"] == []
    assert len(service.get("/v1/offences?status=any").json["items"]) == 1
    assert len(service.get("/v1/offences?status=cancelled").json["items"]) == 1


def test_a_cancelled_record_cannot_be_changed_again(service):
    made = record(service)
    gone = service.delete(
        f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]}
    )
    tag = {"If-Match": gone.headers["ETag"]}
    assert (
        service.delete(f"/v1/offences/{made['offence_id']}?reason=duplicate", headers=tag).status_code == 409
    )
    assert service.put(f"/v1/offences/{made['offence_id']}", json=offence(), headers=tag).status_code == 409


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_cancellation_needs_one_of_the_counting_rules_reasons(service, reason):
    made = record(service)
    answer = service.delete(
        f"/v1/offences/{made['offence_id']}?reason={reason}", headers={"If-Match": made["etag"]}
    )
    assert answer.status_code == 400
    assert "duplicate" in answer.json["detail"]


def test_a_stale_correction_is_refused_with_the_present_etag(service):
    made = record(service)
    address, sent = f"/v1/offences/{made['offence_id']}", offence(crime_ref=made["crime_ref"])
    first = service.put(address, json=sent | {"victims": 2}, headers={"If-Match": made["etag"]})
    second = service.put(address, json=sent | {"victims": 3}, headers={"If-Match": made["etag"]})
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.headers["ETag"] == first.headers["ETag"]
    assert service.get(address).json["victims"] == 2


@pytest.mark.parametrize("tag", ['"abc"', "*", 'W/"1"', "1"])
def test_a_tag_that_is_not_ours_is_stale(service, tag):
    made = record(service)
    answer = service.put(f"/v1/offences/{made['offence_id']}", json=offence(), headers={"If-Match": tag})
    assert answer.status_code == 412


def test_changing_without_saying_which_version_is_refused(service):
    made = record(service)
    for method in ("put", "patch", "delete"):
        answer = getattr(service, method)(
            f"/v1/offences/{made['offence_id']}?{'reason=duplicate' if method == 'delete' else ''}",
            json=offence() if method != "delete" else None,
        )
        assert answer.status_code == 428
        assert "If-Match" in answer.json["detail"]


WRONG = [
    ({"code": "999Z"}, "code", "No offence code 999Z is known"),
    ({"code": "28E"}, "code", "began on 1 April 2017"),
    ({"code": "28A", "recorded_on": "2018-01-01"}, "code", "ended on 31 March 2017"),
    ({"recorded_on": "2012-05-01", "reported_at": None}, "recorded_on", "on the day it happened or later"),
    ({"recorded_on": "2998-01-01"}, "recorded_on", "has not come yet"),
    ({"area": "atlantis"}, "area", "No area is called atlantis"),
    ({"area": "E07000004"}, "area", "does not lie in force"),
    ({"area": "E06000062"}, "area", "was not an area on 3 May 2012"),
    ({"committed_to": "2012-05-02T19:00:00Z"}, "committed_to", "earlier than committed_from"),
    ({"reported_at": "2012-05-04T09:00:00Z"}, "reported_at", "reported before it is recorded"),
    ({"recorded_at": "2012-05-04T09:00:00Z"}, "recorded_at", "must fall on recorded_on"),
    ({"victims": "one"}, "victims", "whole number"),
    ({"victims": -1}, "victims", "greater than or equal to 0"),
    ({"victims": True}, "victims", "whole number"),
    ({"victims": "1"}, "victims", "whole number"),
    ({"crime_ref": "NN\x001"}, "crime_ref", "NUL"),
    ({"crime_ref": " NN1"}, "crime_ref", "spaces"),
    ({"crime_ref": ""}, "crime_ref", "Length must be"),
    ({"crime_ref": "N" * 65}, "crime_ref", "Length must be"),
    ({"crime_ref": 5}, "crime_ref", "text"),
    ({"recorded_on": "20120503"}, "recorded_on", "YYYY-MM-DD"),
    ({"recorded_on": "2012-02-30"}, "recorded_on", "not a day of the calendar"),
    ({"committed_from": "2012-05-02 20:00"}, "committed_from", "with its offset"),
    ({"committed_from": "2012-05-02T20:00:00"}, "committed_from", "with its offset"),
    ({"committed_from": None}, "committed_from", "null"),
    ({"force": "atlantis"}, "force", "No force is called atlantis"),
    ({"force": "northampton"}, "force", "No force is called northampton"),
]


@pytest.mark.parametrize(("said", "field", "sentence"), WRONG, ids=[f"{w[1]}: {w[2]}" for w in WRONG])
def test_what_breaks_a_rule_is_refused_with_a_sentence_and_nothing_is_lost(service, said, field, sentence):
    answer = service.post("/v1/offences", data=json.dumps(offence(**said)), content_type="application/json")
    assert answer.status_code == 422, answer.json
    assert any(
        one["pointer"] == f"/{field}" and sentence in one["detail"] for one in answer.json["errors"]
    ), answer.json
    assert service.get("/v1/offences?status=any").json["items"] == []


def test_every_fault_of_a_record_is_named_at_once(service):
    answer = service.post(
        "/v1/offences", json=offence(code="999Z", area="atlantis", recorded_on="2998-01-01")
    )
    assert {one["pointer"] for one in answer.json["errors"]} == {"/code", "/area", "/recorded_on"}


def test_an_unknown_field_is_named(service):
    answer = service.post("/v1/offences", json=offence(crimeref="x", colour="red"))
    assert answer.status_code == 400
    assert {one["pointer"] for one in answer.json["errors"]} == {"/crimeref", "/colour"}


def test_a_missing_field_is_named(service):
    sent = offence()
    del sent["code"]
    answer = service.post("/v1/offences", json=sent)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/code")


def test_a_reference_is_used_once_by_a_force(service):
    made = record(service)
    again = service.post("/v1/offences", json=offence(crime_ref=made["crime_ref"]))
    assert again.status_code == 409
    assert "crime_ref" in again.json["detail"]
    assert value(service) == 1


def test_another_force_may_use_the_same_reference(service):
    made = record(service)
    other = record(service, crime_ref=made["crime_ref"], force="leicestershire", area="leicester")
    assert other["force"] != made["force"]


def test_a_correction_cannot_give_a_record_to_another_force(service):
    made = record(service)
    sent = offence(crime_ref=made["crime_ref"], force="leicestershire", area="leicester")
    answer = service.put(f"/v1/offences/{made['offence_id']}", json=sent, headers={"If-Match": made["etag"]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/force")


def test_a_key_of_one_force_records_for_that_force_alone(service):
    headers = key(service, "read", "record", forces=("leicestershire",))
    assert service.post("/v1/offences", json=offence(), headers=headers).status_code == 403
    mine = offence(force="leicestershire", area="leicester")
    assert service.post("/v1/offences", json=mine, headers=headers).status_code == 201
    made = record(service)
    cancel = service.delete(
        f"/v1/offences/{made['offence_id']}?reason=duplicate", headers=headers | {"If-Match": made["etag"]}
    )
    assert cancel.status_code == 404, "what is of another force is not there"


def test_lists_are_filtered_by_every_filter(service):
    burglary = record(service)
    robbery = record(service, code="34B", area=KETTERING, recorded_on="2012-06-01")
    abroad = record(service, force="leicestershire", area="leicester")

    def found(**asked):
        return {one["offence_id"] for one in service.get("/v1/offences", query_string=asked).json["items"]}

    assert found() == {burglary["offence_id"], robbery["offence_id"], abroad["offence_id"]}
    assert found(area="northamptonshire") == {burglary["offence_id"], robbery["offence_id"]}
    assert found(area="east-midlands", code="34B") == {robbery["offence_id"]}
    assert found(area="kettering") == {robbery["offence_id"]}
    assert found(area="west-northamptonshire") == {burglary["offence_id"]}
    assert found(category="robbery") == {robbery["offence_id"]}
    assert found(recorded_from="2012-06-01", recorded_to="2012-06-01") == {robbery["offence_id"]}
    assert found(crime_ref=burglary["crime_ref"]) == {burglary["offence_id"]}
    assert found(force="leicestershire") == {abroad["offence_id"]}
    assert found(as_of=burglary["since_change"]) == {burglary["offence_id"]}


def test_pages_follow_each_other_from_one_snapshot(service):
    made = [record(service, recorded_on=f"2012-05-{day:02}")["offence_id"] for day in range(3, 10)]
    seen, address = [], "/v1/offences?limit=3"
    while address:
        page = service.get(address)
        seen += [one["offence_id"] for one in page.json["items"]]
        assert (page.json["next"] is None) == ("Link" not in page.headers)
        address = page.json["next"]
        record(service, recorded_on="2012-05-30")  # written meanwhile: not in this reader's list
    assert seen == made


def test_a_cursor_belongs_to_its_question(service):
    for _ in range(3):
        record(service)
    following = service.get("/v1/offences?limit=1").json["next"]
    assert service.get(following + "&code=28A").status_code == 400
    assert service.get("/v1/offences?after=nonsense").status_code == 400


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "1.5"])
def test_a_page_has_one_to_a_thousand_items(service, limit):
    assert service.get(f"/v1/offences?limit={limit}").status_code == 400


def test_csv_and_ndjson_hold_what_json_holds(service):
    for _ in range(3):
        record(service)
    items = service.get("/v1/offences").json["items"]
    lines = (
        service.get("/v1/offences", headers={"Accept": "application/x-ndjson"})
        .get_data(as_text=True)
        .splitlines()
    )
    assert [json.loads(line) for line in lines] == items
    rows = service.get("/v1/offences", headers={"Accept": "text/csv"}).get_data(as_text=True)
    assert rows.count("\r\n") == 4
    assert (
        rows.splitlines()[1].split(",")[rows.splitlines()[0].split(",").index("crime_ref")]
        == items[0]["crime_ref"]
    )
    empty = service.get("/v1/offences?code=34A", headers={"Accept": "text/csv"}).get_data(as_text=True)
    assert empty == rows.split("\r\n")[0] + "\r\n"


def test_a_book_can_be_read_as_it_was(service):
    made = record(service)
    address = f"/v1/offences/{made['offence_id']}"
    service.put(
        address, json=offence(crime_ref=made["crime_ref"], victims=3), headers={"If-Match": made["etag"]}
    )
    assert service.get(f"{address}?as_of={made['since_change']}").json["victims"] == 1
    assert service.get(f"{address}?as_of={made['since_change'] - 1}").status_code == 404
    assert service.get(address).json["victims"] == 3


@pytest.mark.parametrize("as_of", ["999999", "2998-01-01T00:00:00Z", "yesterday", "-1", "release:x"])
def test_what_is_not_known_yet_cannot_be_asked(service, as_of):
    answer = service.get("/v1/offences", query_string={"as_of": as_of})
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "as_of")


def test_no_offence_has_an_id_that_was_never_given(service):
    assert service.get("/v1/offences/00000000-0000-7000-8000-000000000000").status_code == 404
    assert service.get("/v1/offences/not-an-id").status_code == 404
