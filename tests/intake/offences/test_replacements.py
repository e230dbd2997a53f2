"""Files that are all there is for a period: what they lack is cancelled, told first, and comes back with a
file that has it."""

import pytest
from builders import FORCE, key, offence, record, submit, value
from submission_files import as_csv, checked, counts, faults, held, last_change, lines, together

from service.intake.offences.options import SubmissionOptions
from service.launcher import files
from service.periods import parse
from service.store import database
from service.web.answers import formats
from service.web.problems import Problem


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
    answer = submit(service, lines(3), replaces="2012-05", confirm=2, reason="May once more")
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
    confirm = told["cancelled_by_replacement"]
    done = submit(service, lines(3), replaces="2012-05", confirm=confirm).json
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
    submit(service, lines(1), replaces="2012-05", confirm=1)
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
        service,
        [offence(crime_ref="NN/robbery", code="34B")],
        replaces="2012-05",
        covers="robbery",
        confirm=1,
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
    text = (
        "area,code,committed_from,crime_ref,recorded_on\n"
        "northampton,28A,2012-05-02T20:00:00Z,NN/0,2012-05-03\n"
    )
    options = SubmissionOptions(force="northamptonshire", replaces=parse("2012-05"), confirm=2)
    receipt = files.load_offences(iter([text.encode()]), formats.CSV, "May", options)
    assert (receipt.cancelled_by_replacement, receipt.corrected) == (2, 1)
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
    assert one(service, "NN/2")["decided_by"] == "crimebook"


@pytest.mark.parametrize(("lacking", "status", "left"), [(1, 201, 19), (2, 201, 18), (3, 409, 20)])
def test_a_file_cancels_a_tenth_unconfirmed_and_not_one_more(service, lacking, status, left):
    submit(service, lines(20))
    answer = submit(service, lines(20 - lacking), replaces="2012-05")
    assert (answer.status_code, value(service)) == (status, left)


def test_a_file_that_would_cancel_more_than_a_tenth_is_answered_409_and_changes_nothing(service):
    submit(service, lines(10))
    change = last_change(service)
    answer = submit(service, lines(8), replaces="2012-05")
    assert (answer.status_code, answer.json["type"]) == (409, "/docs/problems/conflict")
    assert answer.json["detail"] == (
        "The file would cancel 2 of the 10 records of 2012-05, more than a tenth. Nothing was changed."
        " Rehearse it with validate_only=true and read what it would cancel; if that is right, repeat it with"
        " confirm=2."
    )
    assert (answer.json["cancelled_by_replacement"], answer.json["held"]) == (2, 10)
    assert (last_change(service), value(service)) == (change, 10)
    assert len(service.get("/v1/submissions").json["items"]) == 1


def test_a_tenth_is_of_the_force_the_category_and_the_days(service):
    april = {"recorded_on": "2012-04-30", "committed_from": "2012-04-29T10:00:00Z"}
    robbery = [offence(crime_ref=f"NN/robbery {number}", code="34B") for number in range(2)]
    submit(service, [*lines(30), *robbery])
    submit(service, [one | {"crime_ref": f"{one['crime_ref']}/april"} for one in lines(30, **april)])
    submit(
        service, [offence(force="leicestershire", area="leicester", crime_ref=f"LE/{n}") for n in range(30)]
    )
    answer = submit(service, robbery[:1], replaces="2012-05", covers="robbery")
    assert (answer.status_code, answer.json["cancelled_by_replacement"], answer.json["held"]) == (409, 1, 2)
    assert submit(service, [*lines(29), *robbery], replaces="2012-05").status_code == 201


@pytest.mark.parametrize(("confirm", "status"), [(0, 409), (1, 409), (2, 201), (3, 201), (2**31 - 1, 201)])
def test_what_is_confirmed_is_how_many_it_may_cancel_at_most(service, confirm, status):
    submit(service, lines(5))
    answer = submit(service, lines(3), replaces="2012-05", confirm=confirm)
    assert (answer.status_code, value(service)) == (status, 5 if status == 409 else 3)
    if status == 409:
        assert f"2 of the 5 records of 2012-05, more than the {confirm} that were" in answer.json["detail"]


def test_a_number_is_kept_to_where_none_was_needed(service):
    submit(service, lines(20))
    assert submit(service, lines(19), replaces="2012-05", confirm=0).status_code == 409
    assert submit(service, lines(19), replaces="2012-05", confirm=1).status_code == 201


def test_what_was_recorded_since_the_rehearsal_is_not_cancelled_with_the_rest(service):
    submit(service, lines(5))
    confirm = submit(service, lines(3), replaces="2012-05", validate_only="true").json[
        "cancelled_by_replacement"
    ]
    record(service, crime_ref="NN/since")
    answer = submit(service, lines(3), replaces="2012-05", confirm=confirm)
    assert (answer.status_code, answer.json["cancelled_by_replacement"], answer.json["held"]) == (409, 3, 6)
    assert value(service) == 6


def test_what_others_record_while_the_file_is_on_its_way_counts(service, monkeypatch):
    submit(service, lines(20))
    wait_for_writers = database.wait_for_writers

    def let_another_go_first(book):
        monkeypatch.setattr(database, "wait_for_writers", wait_for_writers)
        others = [offence(crime_ref=f"NN/meanwhile {number}") for number in range(2)]
        [their_answer] = together(service, as_csv(others))
        assert their_answer.status_code == 201, their_answer.json
        wait_for_writers(book)

    monkeypatch.setattr(database, "wait_for_writers", let_another_go_first)
    answer = submit(service, lines(19), replaces="2012-05")
    assert (answer.status_code, answer.json["cancelled_by_replacement"], answer.json["held"]) == (409, 3, 22)
    assert value(service) == 22


def test_a_rehearsal_needs_no_number_and_keeps_to_none(service):
    submit(service, lines(5))
    for asked in ({}, {"confirm": 0}):
        receipt = submit(service, lines(1), replaces="2012-05", validate_only="true", **asked).json
        assert (receipt["status"], receipt["cancelled_by_replacement"]) == ("rehearsed", 4)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"confirm": 2}, "confirm goes with replaces: a file without it cancels nothing."),
        ({"confirm": "two", "replaces": "2012-05"}, "Send a whole number."),
        ({"confirm": "2.0", "replaces": "2012-05"}, "Send a whole number."),
        ({"confirm": "", "replaces": "2012-05"}, "Send a whole number."),
        ({"confirm": -1, "replaces": "2012-05"}, ""),
        ({"confirm": 2**31, "replaces": "2012-05"}, ""),
    ],
)
def test_a_number_that_is_none_or_confirms_nothing_is_refused(service, asked, sentence):
    submit(service, lines(2))
    answer = submit(service, lines(1), **asked)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "confirm")
    assert sentence in answer.json["errors"][0]["detail"]
    assert value(service) == 2


def test_a_file_from_a_terminal_is_confirmed_too(service):
    submit(service, lines(3))
    text = (
        "area,code,committed_from,crime_ref,recorded_on\n"
        "northampton,28A,2012-05-02T20:00:00Z,NN/0,2012-05-03\n"
    )
    options = SubmissionOptions(force="northamptonshire", replaces=parse("2012-05"))
    with pytest.raises(Problem, match="cancel 2 of the 3 records of 2012-05, more than a tenth"):
        files.load_offences(iter([text.encode()]), formats.CSV, "May", options)
    assert value(service) == 3
