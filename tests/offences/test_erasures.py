"""Erasure: what is personal goes from every version, what counts stays, and it is told what was done and not
what was there."""

import pytest
from builders import FORCE, key, looking, offence, record, submit, value

from service.store import database

PERSONAL = {"location": "12 Acacia Avenue", "reported_by": "Mrs Jane Roe", "recorded_by": "PC 4711"}
SECRETS = ("Acacia", "Jane Roe", "4711", "Registrar Smith", "attic")
GROUND = {"authority": "Data Protection Officer", "ground": "data-subject-request"}


def erase(service, made, **said):
    return service.post(f"/v1/offences/{made['offence_id']}/erasure", json=GROUND | said)


@pytest.fixture
def lived(service):
    """A record with a past: recorded, corrected, reclassified, each version with something personal."""
    made = record(service, **PERSONAL)
    address = f"/v1/offences/{made['offence_id']}"
    sent = offence(crime_ref=made["crime_ref"], victims=2, **PERSONAL)
    tag = service.put(address, json=sent, headers={"If-Match": made["etag"], "Idempotency-Key": "k"}).headers[
        "ETag"
    ]
    body = {"code": "30A", "reason": "Jane Roe says it was the attic", "authority": "Registrar Smith"}
    tag = service.patch(address, json=body, headers={"If-Match": tag}).headers["ETag"]
    return made | {"etag": tag, "address": address}


def everything(service, lived):
    """All that can be read of the record, of each day."""
    newest = service.get("/v1/changes", headers={"Accept": "text/csv"})
    texts = [
        newest.text,
        service.get(lived["address"] + "/versions").text,
        service.get("/v1/offences?status=any").text,
    ]
    texts += [
        service.get(f"{lived['address']}?as_of={change}").text
        for change in range(lived["since_change"], newest.text.count("\r\n"))
    ]
    return "".join(texts)


def test_an_erasure_takes_what_is_personal_from_every_version(service, lived):
    assert all(secret in everything(service, lived) for secret in SECRETS)
    answer = erase(service, lived)
    assert answer.status_code == 201, answer.json
    assert answer.json["versions"] == 3
    left = everything(service, lived)
    assert [secret for secret in SECRETS if secret in left] == []
    versions = service.get(lived["address"] + "/versions").json["items"]
    assert [one["erased_change"] for one in versions] == [answer.json["change"]] * 4
    assert versions[-1]["reason"] == "offence erased: data-subject-request"


def test_no_total_moves_of_today_or_of_any_day(service, lived):
    newest = int(service.get(lived["address"]).headers["Crimebook-Change"])
    asked = [
        {"as_of": change, "by": ["code", "month"]} for change in range(lived["since_change"], newest + 1)
    ]
    question = {"area": ["northamptonshire", "northampton"], "period": "2012/13", "compare": "2011/12"}
    before = [service.get("/v1/summaries", query_string=question | one).get_data() for one in asked]
    present = value(service, category="non-dwelling-burglary"), value(service, measure="victims")
    erase(service, lived)
    assert [service.get("/v1/summaries", query_string=question | one).get_data() for one in asked] == before
    assert (
        (value(service, category="non-dwelling-burglary"), value(service, measure="victims"))
        == present
        == (1, 2)
    )
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []


def test_whoever_held_the_record_learns_of_its_erasure(service, lived):
    erase(service, lived)
    again = service.get(lived["address"], headers={"If-None-Match": lived["etag"]})
    assert (
        again.status_code == 200
        and again.json["location"] is None
        and again.json["erased_change"] is not None
    )


def test_answers_kept_for_repeated_requests_go_with_it(service):
    sent = offence(**PERSONAL)
    made = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "desk-1"}).json
    erase(service, made)
    again = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "desk-1"})
    assert again.status_code == 409
    assert "Acacia" not in again.text


def test_it_is_told_what_was_erased_and_not_what_was_there(service, lived):
    erase(service, lived)
    told = service.get("/v1/audit/erasures?force=northamptonshire").json["items"]
    assert [(one["offence_id"], one["ground"], one["authority"], one["caller"]) for one in told] == [
        (lived["offence_id"], "data-subject-request", "Data Protection Officer", "administrator")
    ]
    assert service.get("/v1/audit/erasures?force=leicestershire").json["items"] == []


def test_an_erased_record_stays_as_it_is(service, lived):
    erase(service, lived)
    tag = {"If-Match": service.get(lived["address"]).headers["ETag"]}
    assert (
        service.put(
            lived["address"], json=offence(crime_ref=lived["crime_ref"], **PERSONAL), headers=tag
        ).status_code
        == 409
    )
    assert (
        service.patch(lived["address"], json={"code": "28A", "reason": "x"}, headers=tag).status_code == 409
    )
    assert service.delete(lived["address"] + "?reason=duplicate", headers=tag).status_code == 409
    receipt = submit(service, [offence(crime_ref=lived["crime_ref"], **PERSONAL)]).json
    assert (receipt["erased"], receipt["corrected"], receipt["recorded"], receipt["unchanged"]) == (
        1,
        0,
        0,
        0,
    )
    assert service.get(lived["address"]).json["location"] is None
    assert erase(service, lived).status_code == 409


def test_a_cancelled_record_can_be_erased(service, lived):
    service.delete(lived["address"] + "?reason=duplicate", headers={"If-Match": lived["etag"]})
    assert erase(service, lived).json["versions"] == 4
    assert service.get(lived["address"]).json["status"] == "cancelled"


def test_erasing_needs_the_scope_and_the_force(service, lived):
    path = f"/v1/offences/{lived['offence_id']}/erasure"
    assert (
        service.post(path, json=GROUND, headers=key(service, "read", "record", "administer")).status_code
        == 403
    )
    assert (
        service.post(path, json=GROUND, headers=key(service, "erase", forces=("leicestershire",))).status_code
        == 404
    )
    assert service.get(lived["address"]).json["location"] == PERSONAL["location"]
    assert (
        service.post(
            path, json=GROUND, headers=key(service, "erase", forces=("northamptonshire",))
        ).status_code
        == 201
    )


@pytest.mark.parametrize("said", [{"ground": "because"}, {"authority": ""}, {"authority": None}])
def test_erasing_needs_a_ground_and_an_authority(service, lived, said):
    assert erase(service, lived, **said).status_code == 422


def test_a_record_that_is_not_there_cannot_be_erased(service):
    assert erase(service, {"offence_id": "00000000-0000-7000-8000-000000000000"}).status_code == 404


def test_retention_erases_what_is_due_and_nothing_sooner(service):
    old, serious = record(service), record(service, code="34B", recorded_on="2019-01-05")
    assert erase(service, serious, ground="retention").status_code == 409
    due = service.get("/v1/audit/reviews?due_by=2018-05-03").json["items"]
    assert [(one["offence_id"], one["review_group"], one["review_on"]) for one in due] == [
        (old["offence_id"], 4, "2018-05-03")
    ]
    assert service.get("/v1/audit/reviews?due_by=2018-05-02").json["items"] == []
    assert erase(service, old, ground="retention").status_code == 201
    assert service.get("/v1/audit/reviews?due_by=2018-05-03").json["items"] == []


@pytest.mark.parametrize(
    ("said", "group", "year"),
    [
        ({"code": "1/4.1/4.10/4.2"}, 1, 2112),
        ({"code": "34B"}, 2, 2022),
        ({"outcome": "1"}, 3, 2018),
        ({"outcome": "18"}, 4, 2018),
    ],
)
def test_a_record_is_reviewed_by_its_group(service, said, group, year):
    record(service, **said)
    [due] = service.get("/v1/audit/reviews?due_by=2900-01-01").json["items"]
    assert (due["review_group"], due["review_on"]) == (group, f"{year}-05-03")


def test_the_everyday_role_can_blank_nothing_and_the_eraser_nothing_else(service, lived):
    import psycopg2

    with looking() as cursor:
        for role, statement in (
            ("crimebook_service", "update offence_version set location = null"),
            ("crimebook_eraser", "update offence_version set victims = 0"),
            (
                "crimebook_eraser",
                "update offence_version set location = 'elsewhere' where until_change is not null",
            ),
            ("crimebook_eraser", "update offence_version set erased_change = 1, location = 'elsewhere'"),
            ("crimebook_eraser", "delete from offence_version"),
        ):
            cursor.execute(f"set role {role}; set crimebook.forces = '{FORCE}'")
            with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.CheckViolation)):
                cursor.execute(statement)
        cursor.execute("set role crimebook_service")
