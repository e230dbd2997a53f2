"""What becomes of a record: outcome, decision, transfer, duplicate, and whether it was recorded in time."""

import pytest
from builders import FORCE, key, offence, record, submit, value


def cancel(service, made, headers=None, **said):
    return service.post(
        f"/v1/offences/{made['offence_id']}/cancellation",
        json=said,
        headers={"If-Match": made["etag"]} | (headers or {}),
    )


def transfer(service, made, **said):
    body = {"force": "leicestershire", "reason": "it happened in Leicester"} | said
    return service.post(
        f"/v1/offences/{made['offence_id']}/transfer", json=body, headers={"If-Match": made["etag"]}
    )


def test_a_record_says_who_reported_and_recorded_it_and_how_it_ended(service):
    made = record(
        service,
        reported_by="the occupier",
        recorded_by="PC 1",
        outcome="1A",
        outcome_on="2012-09-01",
        victims_told_on="2012-09-02",
    )
    assert (made["reported_by"], made["recorded_by"], made["outcome"], made["outcome_on"]) == (
        "the occupier",
        "PC 1",
        "1A",
        "2012-09-01",
    )
    assert made["victims_told_on"] == "2012-09-02"
    assert record(service)["outcome"] == "0"


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"outcome": "23"}, "outcome", "one of"),
        ({"outcome": "0", "outcome_on": "2012-09-01"}, "outcome_on", "not yet assigned"),
        (
            {"outcome": "22", "outcome_on": "2012-09-01"},
            "outcome_on",
            "could not be assigned before 1 April 2019",
        ),
        ({"outcome": "1", "outcome_on": "2998-01-01"}, "outcome_on", "has not come yet"),
        ({"victims_told_on": "2998-01-01"}, "victims_told_on", "has not come yet"),
        (
            {"transferred_from": "00000000-0000-7000-8000-000000000000"},
            "transferred_from",
            "was transferred to",
        ),
    ],
)
def test_what_cannot_have_become_of_it_is_refused(service, said, field, sentence):
    answer = service.post("/v1/offences", json=offence(**said))
    assert answer.status_code == 422
    assert any(
        one["pointer"] == f"/{field}" and sentence in one["detail"] for one in answer.json["errors"]
    ), answer.json
    line = offence(**said)
    answer = submit(service, [line])
    assert answer.status_code == 422 and answer.json["errors"][0]["pointer"] == f"/{field}", answer.json


IN_TIME = [
    ("2015-03-31T22:00:00Z", "2015-04-03T21:59:00Z", True, 71.98, "72 hours until March 2015"),
    ("2015-03-31T22:00:00Z", "2015-04-03T22:01:00Z", False, 72.02, "and not a minute more"),
    (
        "2015-03-31T23:00:00Z",
        "2015-04-02T00:00:00Z",
        False,
        25,
        "24 hours from 1 April 2015, by the clock of London",
    ),
    ("2015-04-01T10:00:00Z", "2015-04-02T10:00:00Z", True, 24, "24 hours exactly is in time"),
    ("2015-04-01T10:00:00Z", "2015-04-02T10:00:36Z", False, 24.01, "a minute later is late"),
]


@pytest.mark.parametrize(
    ("reported_at", "recorded_at", "in_time", "hours", "_"), IN_TIME, ids=[one[4] for one in IN_TIME]
)
def test_a_record_says_whether_it_was_made_in_time(service, reported_at, recorded_at, in_time, hours, _):
    began = {"committed_from": "2015-03-30T10:00:00Z", "committed_to": None}
    day = "2015-04-02" if recorded_at == "2015-04-02T00:00:00Z" else recorded_at[:10]
    made = record(service, reported_at=reported_at, recorded_at=recorded_at, recorded_on=day, **began)
    assert (made["recorded_in_time"], made["hours_to_record"]) == (in_time, hours)


def test_where_only_the_day_of_recording_is_known_time_is_told_when_it_can_be(service):
    began = {"committed_from": "2016-05-01T10:00:00Z", "committed_to": None}

    def told(reported_at, recorded_on):
        return record(service, reported_at=reported_at, recorded_on=recorded_on, **began)["recorded_in_time"]

    assert told("2016-05-02T09:00:00Z", "2016-05-02") is True
    assert told("2016-05-02T09:00:00Z", "2016-05-03") is None
    assert told("2016-05-02T09:00:00Z", "2016-05-04") is False
    assert told(None, "2016-05-04") is None


def test_a_reclassification_says_by_whose_authority(service):
    made = record(service)
    body = {"code": "30A", "reason": "the garage was not attached", "authority": "Force Crime Registrar"}
    answer = service.patch(
        f"/v1/offences/{made['offence_id']}", json=body, headers={"If-Match": made["etag"]}
    )
    assert answer.json["decided_by"] == "Force Crime Registrar"
    last = service.get(f"/v1/offences/{made['offence_id']}/versions").json["items"][-1]
    assert (last["reason"], last["decided_by"], last["caller"]) == (
        body["reason"],
        "Force Crime Registrar",
        "administrator",
    )
    assert last["differences"] == [{"field": "code", "before": "28A", "after": "30A"}]
    assert service.get(f"/v1/changes/{last['since_change']}").json["reason"] == "offence reclassified"


@pytest.mark.parametrize(
    ("code", "sentence"), [("28E", "began on 1 April 2017"), ("1/4.1", "No offence code")]
)
def test_a_crime_is_not_reclassified_to_a_code_of_another_time(service, code, sentence):
    made = record(service)
    answer = service.patch(
        f"/v1/offences/{made['offence_id']}",
        json={"code": code, "reason": "x"},
        headers={"If-Match": made["etag"]},
    )
    assert answer.status_code == 422
    assert sentence in answer.json["detail"]


def test_a_cancellation_keeps_who_decided_and_why(service):
    kept, made = record(service), record(service)
    said = {
        "authority": "Force Crime Registrar",
        "duplicate_of": kept["offence_id"],
        "explanation": "reported twice",
        "reason": "duplicate",
    }
    gone = cancel(service, made, **said, victims_told_on="2012-06-01")
    assert gone.status_code == 200, gone.json
    assert (gone.json["decided_by"], gone.json["duplicate_of"], gone.json["victims_told_on"]) == (
        "Force Crime Registrar",
        kept["offence_id"],
        "2012-06-01",
    )
    last = service.get(f"/v1/offences/{made['offence_id']}/versions").json["items"][-1]
    assert last["reason"] == "reported twice"
    assert {one["field"] for one in last["differences"]} == {
        "cancelled_reason",
        "duplicate_of",
        "status",
        "victims_told_on",
    }
    assert value(service) == 1
    assert cancel(service, {**made, "etag": gone.headers["ETag"]}, reason="duplicate").status_code == 409


def test_where_nobody_is_named_the_caller_decided(service):
    made = record(service)
    gone = service.delete(
        f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]}
    )
    assert gone.json["decided_by"] == "administrator"


def test_a_duplicate_is_of_another_record_of_the_same_force_that_counts(service):
    made, abroad = record(service), record(service, force="leicestershire", area="leicester")
    for other, reason in ((made, "duplicate"), (abroad, "duplicate"), (record(service), "self-defence")):
        answer = cancel(service, made, reason=reason, duplicate_of=other["offence_id"])
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/duplicate_of")
    assert value(service) == 2


def test_a_transfer_leaves_one_force_and_arrives_at_the_other(service):
    made = record(service)
    gone = transfer(service, made)
    assert gone.status_code == 200, gone.json
    assert (gone.json["status"], gone.json["cancelled_reason"], gone.json["transferred_to"]) == (
        "cancelled",
        "transferred",
        "E23000021",
    )
    assert (value(service), value(service, area="leicestershire")) == (0, 0)
    there = {"force": "leicestershire", "area": "leicester", "transferred_from": made["offence_id"]}
    arrived = record(service, **there)
    assert arrived["transferred_from"] == made["offence_id"]
    assert value(service, area="leicestershire") == 1
    again = service.post("/v1/offences", json=offence(**there))
    assert again.status_code == 409 and "transferred crime already" in again.json["detail"]


def test_a_transferred_crime_arrives_only_where_it_was_sent(service):
    made = record(service)
    transfer(service, made)
    answer = service.post(
        "/v1/offences", json=offence(force="derbyshire", area="derby", transferred_from=made["offence_id"])
    )
    assert answer.status_code == 422 and answer.json["errors"][0]["pointer"] == "/transferred_from"


@pytest.mark.parametrize(
    ("force", "sentence"), [("northamptonshire", "not to its own"), ("atlantis", "No force is called")]
)
def test_a_crime_is_not_transferred_to_its_own_force_nor_to_none(service, force, sentence):
    made = record(service)
    answer = transfer(service, made, force=force)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/force")
    assert sentence in answer.json["detail"]
    assert value(service) == 1


def test_a_key_of_one_force_cancels_and_transfers_for_that_force_alone(service):
    made, headers = record(service), key(service, "read", "record", forces=("leicestershire",))
    assert cancel(service, made, headers=headers, reason="duplicate").status_code == 404
    path = f"/v1/offences/{made['offence_id']}/transfer"
    body = {"force": "leicestershire", "reason": "ours"}
    assert service.post(path, json=body, headers=headers | {"If-Match": made["etag"]}).status_code == 404
    assert service.post(path, json=body).status_code == 428


def test_lists_find_records_by_outcome_reason_and_time(service):
    charged, alternate = record(service, outcome="1"), record(service, outcome="1A")
    late = record(service, recorded_at="2012-05-07T12:00:00Z", recorded_on="2012-05-07")
    gone = record(service)
    cancel(service, gone, reason="duplicate")

    def found(**asked):
        return {one["offence_id"] for one in service.get("/v1/offences", query_string=asked).json["items"]}

    assert found(outcome="1") == {charged["offence_id"], alternate["offence_id"]}
    assert found(outcome="1A") == {alternate["offence_id"]}
    assert found(recorded_in_time="false") == {late["offence_id"]}
    assert found(recorded_in_time="true") == {charged["offence_id"], alternate["offence_id"]}
    assert found(cancelled_reason="duplicate") == {gone["offence_id"]}


def test_a_file_brings_outcomes_and_keeps_the_same_record_the_same(service):
    lines = [offence(crime_ref="NN/1", outcome="18", outcome_on="2013-05-01"), offence(crime_ref="NN/2")]
    assert submit(service, lines).json["recorded"] == 2
    assert submit(service, lines).json["unchanged"] == 2
    lines[1]["outcome"] = "15"
    assert submit(service, lines).json["corrected"] == 1
    assert service.get("/v1/offences?outcome=15").json["items"][0]["crime_ref"] == "NN/2"
    assert service.get("/v1/offences").json["items"][0]["force"] == FORCE
