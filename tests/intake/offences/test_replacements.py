"""Files that are all there is for a period: what they lack is cancelled, told first, and comes back with a
file that has it."""

import pytest
from builders import FORCE, key, offence, record, submit, value
from submission_files import checked, counts, faults, held, last_change, lines

from service.launcher import files
from service.store import database
from service.web.answers import formats


@pytest.fixture
def service(service):
    yield from checked(service)


def replaced(service, receipt):
    return [
        one["crime_ref"]
        for one in service.get(f"/v1/submissions/{receipt['submission_id']}/replaced").json["items"]
    ]


def one(service, crime_ref):
    [found] = service.get(f"/v1/offences?crime_ref={crime_ref}&status=any").json["items"]
    return found


def test_what_the_file_of_a_period_lacks_is_cancelled_and_nothing_else(service):
    april = offence(
        crime_ref="NN/april",
        recorded_on="2012-04-30",
        committed_from="2012-04-29T10:00:00Z",
        committed_to=None,
        reported_at=None,
    )
    leicester = offence(force="leicestershire", area="leicester", crime_ref="NN/4")
    submit(service, [*lines(5), april])
    submit(service, [leicester])
    answer = submit(service, lines(3), replaces="2012-05", reason="May once more")
    assert answer.status_code == 201, answer.json
    receipt = answer.json
    assert (counts(receipt), receipt["cancelled_by_replacement"], receipt["replaces"]) == (
        (0, 0, 3, 0),
        2,
        "2012-05",
    )
    assert replaced(service, receipt) == ["NN/3", "NN/4"]
    gone = service.get("/v1/offences?cancelled_reason=not-in-resubmission").json["items"]
    assert [(each["crime_ref"], each["decided_by"]) for each in gone] == [
        ("NN/3", "administrator"),
        ("NN/4", "administrator"),
    ]
    assert (value(service), value(service, area="leicestershire")) == (4, 1)
    assert value(service, as_of=receipt["change"] - 1) == 6
    versions = service.get(f"/v1/offences/{gone[0]['offence_id']}/versions").json["items"]
    assert (versions[-1]["submission_id"], versions[-1]["reason"]) == (
        receipt["submission_id"],
        "May once more",
    )


def test_the_rehearsal_tells_it_and_the_same_file_again_changes_nothing(service):
    submit(service, lines(5))
    change = last_change(service)
    told = submit(service, lines(3), replaces="2012-05", validate_only="true").json
    assert (told["status"], told["cancelled_by_replacement"], replaced(service, told)) == (
        "rehearsed",
        2,
        ["NN/3", "NN/4"],
    )
    assert (last_change(service), value(service)) == (change, 5)
    done = submit(service, lines(3), replaces="2012-05").json
    again = submit(service, lines(3), replaces="2012-05").json
    assert (done["cancelled_by_replacement"], again["cancelled_by_replacement"], again["change"]) == (
        2,
        0,
        None,
    )
    assert (last_change(service), value(service), replaced(service, again)) == (change + 1, 3, [])


def test_a_file_that_has_it_again_brings_it_back_but_no_file_undoes_a_decision(service):
    submit(service, lines(3))
    decided = one(service, "NN/2")
    service.delete(
        f"/v1/offences/{decided['offence_id']}?reason=duplicate",
        headers={"If-Match": f'"{decided["since_change"]}"'},
    )
    submit(service, lines(1), replaces="2012-05")
    assert (one(service, "NN/1")["cancelled_reason"], one(service, "NN/2")["cancelled_reason"]) == (
        "not-in-resubmission",
        "duplicate",
    )
    back = submit(service, lines(3)).json
    assert counts(back) == (0, 1, 1, 1)
    assert (
        one(service, "NN/1")["status"],
        one(service, "NN/1")["cancelled_reason"],
        one(service, "NN/2")["status"],
    ) == ("recorded", None, "cancelled")
    assert value(service) == 2


def test_a_line_of_another_day_or_category_refuses_the_file(service):
    submit(service, lines(2))
    late = offence(recorded_on="2012-06-01")
    found = faults(service, submit(service, [*lines(1), late], replaces="2012-05"))
    assert found == [
        (
            3,
            "recorded_on",
            "2012-06-01",
            "The file replaces 2012-05: a record of another day is sent in another file.",
        )
    ]
    found = faults(
        service,
        submit(service, [*lines(1), offence(code="34B")], replaces="2012-05", covers="residential-burglary"),
    )
    assert [each[:3] for each in found] == [(3, "code", "34B")]
    assert (held(service), value(service)) == (2, 2)


def test_a_replaced_category_leaves_the_others(service):
    submit(
        service,
        [
            *lines(2),
            offence(crime_ref="NN/robbery", code="34B"),
            offence(crime_ref="NN/robbery 2", code="34B"),
        ],
    )
    receipt = submit(
        service, [offence(crime_ref="NN/robbery", code="34B")], replaces="2012-05", covers="robbery"
    ).json
    assert (receipt["cancelled_by_replacement"], replaced(service, receipt)) == (1, ["NN/robbery 2"])
    assert value(service) == 3


@pytest.mark.parametrize(
    ("period", "sentence"),
    [("2998-01", "is not over"), ("ytd:2998-01-01", "is not over"), ("May", "is not a period")],
)
def test_only_days_that_are_over_are_replaced(service, period, sentence):
    submit(service, lines(2))
    answer = submit(service, lines(1), replaces=period)
    assert (answer.status_code, value(service)) == (400, 2)
    assert sentence in answer.json["detail"]


def test_the_days_are_said_once(service):
    answer = submit(service, lines(1), replaces="2012-05", period_from="2012-05-01")
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "replaces")


def test_an_empty_file_replaces_nothing(service):
    submit(service, lines(2))
    answer = service.post(
        "/v1/submissions?replaces=2012-05&force=northamptonshire",
        data="area,code,committed_from,crime_ref,recorded_on\n",
        content_type="text/csv",
    )
    assert (answer.status_code, value(service)) == (422, 2)


def test_an_erased_record_stays_as_it_is(service):
    made = record(service, crime_ref="NN/erased", location="here")
    body = {"authority": "Registrar", "ground": "court-order"}
    answer = service.post(
        f"/v1/offences/{made['offence_id']}/erasure", json=body, headers={"If-Match": made["etag"]}
    )
    assert answer.status_code in (200, 201), answer.json
    assert submit(service, lines(1), replaces="2012-05").json["cancelled_by_replacement"] == 0
    assert value(service) == 2


def test_a_period_is_replaced_for_the_keys_own_force_only(service):
    submit(service, lines(2))
    headers = key(service, "record", forces=("leicestershire",))
    answer = service.post(
        f"/v1/submissions?replaces=2012-05&force={FORCE}", data="x", content_type="text/csv", headers=headers
    )
    assert (answer.status_code, value(service)) == (403, 2)


def test_a_file_from_a_terminal_replaces_too(service):
    submit(service, lines(3))
    from service.periods import parse

    text = (
        "area,code,committed_from,crime_ref,recorded_on\n"
        "northampton,28A,2012-05-02T20:00:00Z,NN/0,2012-05-03\n"
    )
    asked = {"force": "northamptonshire", "replaces": parse("2012-05")}
    receipt = files.load_offences(iter([text.encode()]), formats.CSV, "May", asked)
    assert (receipt["cancelled_by_replacement"], receipt["corrected"]) == (2, 1)
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
    assert one(service, "NN/2")["decided_by"] == "crimebook"
