"""Files of offences: whole or not at all, with a receipt, and every bad line named."""

import csv
import hashlib
import io
import json
import resource
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, key, offence, record, submit, value

from service import receiving
from service.store import database

COUNTS = ("recorded", "corrected", "unchanged", "cancelled")


@pytest.fixture
def service(service):
    """As everywhere; and whatever a test does to its book, its counts and its records agree afterwards."""
    yield service
    with database.reading() as book:
        assert book.tally.differences() == []


def lines(number, **said):
    return [offence(crime_ref=f"NN/{one}", **said) for one in range(number)]


def ndjson(rows):
    return "\n".join(json.dumps(row) for row in rows).encode()


def as_csv(rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def send(service, file, content_type="text/csv", headers=None, **asked):
    return service.post("/v1/submissions", query_string=asked, data=file, content_type=content_type, headers=headers)


def counts(receipt):
    return tuple(receipt[name] for name in COUNTS)


def faults(service, answer):
    """Every fault of a refused file, as (line, field, value, detail)."""
    assert answer.status_code == 422, answer.json
    rows = (
        service.get(f"/v1/submissions/{answer.json['submission']}/faults", headers={"Accept": "application/x-ndjson"})
        .get_data()
        .splitlines()
    )
    return [(one["line"], one["field"], one["value"], one["detail"]) for one in map(json.loads, rows)]


def held(service):
    return service.get("/v1/offences?status=any", headers={"Accept": "application/x-ndjson"}).get_data().count(b"\n")


def last_change(service):
    return service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).get_data().count(b"\n")


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-ndjson", "text/csv; charset=utf-8; header=present"])
def test_a_file_is_recorded_and_answered_with_a_receipt(service, content_type):
    file = ndjson(lines(3)) if "ndjson" in content_type else as_csv(lines(3))
    answer = send(service, file, content_type, reason="the week's file")
    assert answer.status_code == 201, answer.json
    receipt = answer.json
    assert counts(receipt) == (3, 0, 0, 0)
    assert receipt["digest"] == hashlib.sha256(file).hexdigest()
    assert (receipt["lines"], receipt["faults"], receipt["status"], receipt["force"]) == (3, 0, "accepted", FORCE)
    assert (receipt["period_from"], receipt["period_to"], receipt["covers"]) == ("2012-05-01", "2012-05-31", "all-crime")
    assert value(service) == 3
    assert service.get(answer.headers["Location"]).json == receipt
    assert service.get("/v1/submissions").json["items"] == [receipt]
    [change] = [one for one in service.get(f"/v1/changes?after={receipt['change'] - 1}").json["items"]]
    assert (change["reason"], change["submission_id"]) == ("the week's file", receipt["submission_id"])
    assert answer.headers["Crimebook-Change"] == str(receipt["change"])


def test_a_line_holds_what_a_single_record_holds(service):
    sent = offence(location='12 "The Drapery", Northampton', recorded_at="2012-05-03T09:00:00Z", victims=0)
    single = record(service, **sent | {"crime_ref": "NN/single"})
    for number, (file, content_type) in enumerate(((as_csv, "text/csv"), (ndjson, "application/x-ndjson"))):
        send(service, file([sent | {"crime_ref": f"NN/{number}"}]), content_type)
        [read] = service.get(f"/v1/offences?crime_ref=NN/{number}").json["items"]
        assert {name: read[name] for name in sent if name != "crime_ref"} == {name: single[name] for name in sent if name != "crime_ref"}


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
    assert [one["submission_id"] for one in versions] == [first["submission_id"], answer.json["submission_id"]]
    assert versions[1]["differences"] == [{"field": "area", "before": NORTHAMPTON, "after": KETTERING}]
    assert versions[1]["reason"] == "beats redrawn"
    assert value(service, area="northampton", as_of=first["change"]) == 5


def test_a_record_made_singly_is_corrected_by_a_file_and_the_other_way_round(service):
    made = record(service, crime_ref="NN/0")
    assert counts(submit(service, lines(2, victims=2)).json) == (1, 1, 0, 0)
    answer = service.put(
        f"/v1/offences/{made['offence_id']}", json=offence(crime_ref="NN/0", victims=3), headers={"If-Match": made["etag"]}
    )
    assert answer.status_code == 412
    assert service.get(f"/v1/offences/{made['offence_id']}").json["victims"] == 2


def test_a_cancelled_record_is_left_as_it_is(service):
    submit(service, lines(3))
    [one] = service.get("/v1/offences?crime_ref=NN/1").json["items"]
    service.delete(f"/v1/offences/{one['offence_id']}?reason=duplicate", headers={"If-Match": f'"{one["since_change"]}"'})
    again = submit(service, lines(3, victims=2))
    assert counts(again.json) == (0, 2, 0, 1)
    assert value(service) == 2
    assert service.get(f"/v1/offences/{one['offence_id']}").json["status"] == "cancelled"


def test_one_bad_line_of_a_thousand_and_nothing_is_recorded(service):
    sent = lines(1000)
    sent[499]["code"] = "999Z"
    change = last_change(service)
    answer = submit(service, sent)
    assert answer.json["detail"].startswith("Faults: 1, in 1,000 lines; nothing was recorded.")
    assert faults(service, answer) == [(501, "code", "999Z", "No offence code 999Z is known. GET /v1/offence-codes lists those that are.")]
    assert (held(service), value(service), last_change(service)) == (0, 0, change)
    receipt = service.get(answer.headers["Location"]).json
    assert (receipt["status"], receipt["faults"], receipt["change"]) == ("refused", 1, None)
    sent[499]["code"] = "28A"
    assert counts(submit(service, sent).json) == (1000, 0, 0, 0)


def test_every_bad_line_is_listed_in_pages_and_as_csv(service):
    sent = lines(30)
    for line in sent[::2]:
        line["code"], line["victims"] = "999Z", "many"
    for line in sent[1::2]:
        line["area"] = "atlantis"
    answer = submit(service, sent)
    found = faults(service, answer)
    assert [(line, field) for line, field, _, _ in found] == [(line, "victims" if line % 2 == 0 else "area") for line in range(2, 32)]
    address = f"/v1/submissions/{answer.json['submission']}/faults"
    assert answer.headers["Link"] == f'<{address}>; rel="describedby"'
    assert len(answer.json["errors"]) == 20
    assert answer.json["errors"][0] == {"line": 2, "pointer": "/victims", "detail": "Send a whole number."}
    pages, following = [], f"{address}?limit=7"
    while following:
        page = service.get(following).json
        pages += page["items"]
        following = page["next"]
    assert [one["line"] for one in pages] == list(range(2, 32))
    table = list(csv.DictReader(io.StringIO(service.get(address, headers={"Accept": "text/csv"}).text)))
    assert [(int(row["line"]), row["field"], row["value"], row["detail"]) for row in table] == found
    assert service.get("/v1/submissions/00000000-0000-7000-8000-000000000000/faults").status_code == 404


def test_faults_too_many_to_keep_are_counted(service, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_FAULTS_KEPT", 10)
    for said in ({"victims": "many"}, {"code": "999Z"}):
        answer = submit(service, lines(25, **said))
        assert service.get(answer.headers["Location"]).json["faults"] == 25
        assert [line for line, *_ in faults(service, answer)] == list(range(2, 12))


def test_a_rehearsal_says_what_would_happen_and_changes_nothing(service):
    submit(service, lines(2))
    change = last_change(service)
    good = submit(service, [*lines(2, victims=2), offence()], validate_only="true")
    assert (good.status_code, good.json["status"], good.json["change"], counts(good.json)) == (200, "rehearsed", None, (1, 2, 0, 0))
    bad = submit(service, lines(2, code="999Z"), validate_only="true")
    assert (bad.status_code, bad.json["status"], bad.json["faults"]) == (200, "rehearsed", 2)
    assert len(service.get(f"/v1/submissions/{bad.json['submission_id']}/faults").json["items"]) == 2
    assert (held(service), last_change(service)) == (2, change)


HEADER = "area,code,committed_from,crime_ref,force,recorded_on"
ROW = f"{NORTHAMPTON},28A,2012-05-02T20:00:00Z,NN/1,{FORCE},2012-05-03"
UNREADABLE = [
    (b"", "The file holds no record"),
    (b"\n\n", "The header has no column area"),
    (HEADER.encode(), "The file holds no record"),
    (f"{HEADER}\n,,,,,\n".encode(), "The file holds no record"),
    (f"{HEADER},colour\n{ROW},red".encode(), "The header names colour"),
    (f"{HEADER},area\n{ROW},{NORTHAMPTON}".encode(), "The header names area more than once"),
    (f"{HEADER},\n{ROW},".encode(), "a field without a name"),
    (f"{HEADER},x\x00y\n{ROW},".encode(), "The header names x␀y"),
    (f"{HEADER.removesuffix(',recorded_on')}\n{ROW.rsplit(',', 1)[0]}".encode(), "The header has no column recorded_on"),
    (f"{HEADER.replace('force,', '')}\n{ROW.replace(FORCE + ',', '')}".encode(), "no column force, and ?force=… does not name"),
    (f"{HEADER}\n{ROW.replace(FORCE, '')}".encode(), "The line names no force"),
    (f"{HEADER}\n{ROW.replace(FORCE, 'atlantis')}".encode(), "No force is called atlantis"),
    (f"{HEADER}\n{ROW}".encode("utf-16"), "The line is not UTF-8"),
    (f"{HEADER}\r{ROW}\r".encode(), "A carriage return stands inside the line"),
    (f'"{HEADER}\n{ROW}'.encode(), "A quote opens a cell that does not close on this line"),
    (b"x" * 70_000, "The line is longer than 65,536 bytes"),
]


@pytest.mark.parametrize(("file", "sentence"), UNREADABLE, ids=[f"{number} {one[1]}" for number, one in enumerate(UNREADABLE)])
def test_a_file_without_any_record_is_refused_with_its_reason(service, file, sentence):
    answer = send(service, file)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["detail"]
    assert held(service) == 0


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_are_taken_as_they_come(service, end, mark, last):
    rows = [HEADER, ROW, ROW.replace("NN/1", "NN/2"), ""] if last else [HEADER, ROW, ROW.replace("NN/1", "NN/2")]
    assert counts(send(service, (mark + end.join(rows)).encode()).json) == (2, 0, 0, 0)
    objects = [json.dumps(one) for one in lines(2)] + ([""] if last else [])
    assert counts(send(service, (mark + end.join(objects)).encode(), "application/x-ndjson").json) == (1, 1, 0, 0)  # NN/1 is in both


BAD_ROWS = [
    (ROW.encode() + b"\xe9", "line", "The line is not UTF-8"),
    (ROW.replace("NN/1", "N\x001").encode(), "crime_ref", "The character NUL cannot be kept"),
    (ROW.replace("NN/1", '"NN/1').encode(), "line", "A quote opens a cell that does not close on this line"),
    (ROW.replace("NN/1", '"NN\n1"').encode(), "line", "A quote opens a cell that does not close on this line"),
    (ROW.replace("NN/1", '"NN"1').encode(), "line", "check its quotes"),
    (ROW.replace("NN/1", "NN\r1").encode(), "line", "A carriage return stands inside the line"),
    (ROW.replace("NN/1", "N" * 70_000).encode(), "line", "The line is longer than 65,536 bytes"),
    (ROW.replace("NN/1", "N" * 2_000_000).encode(), "line", "The line is longer than 65,536 bytes"),
    (f"{ROW},more".encode(), "line", "The line has 7 cells, the header 6"),
    (b"one cell", "line", "The line has 1 cells, the header 6"),
    (ROW.replace("NN/1", "").encode(), "crime_ref", "Missing data for required field"),
    (ROW.replace("2012-05-03", "03/05/2012").encode(), "recorded_on", "YYYY-MM-DD"),
    (ROW.replace(FORCE, "leicestershire").encode(), "force", "send each force's records in a file of their own"),
    (ROW.replace(FORCE, "atlantis").encode(), "force", "No force is called atlantis"),
]


@pytest.mark.parametrize(("row", "field", "sentence"), BAD_ROWS, ids=[f"{number} {one[2]}" for number, one in enumerate(BAD_ROWS)])
def test_a_row_that_cannot_be_read_is_named_by_its_line(service, row, field, sentence):
    file = f"{HEADER}\n{ROW.replace('NN/1', 'NN/0')}\n".encode() + row + f"\n{ROW.replace('NN/1', 'NN/2')}\n".encode()
    found = faults(service, send(service, file))
    assert found[0][:2] == (3, field)
    assert sentence in found[0][3]
    assert len(found) == (2 if b"\n" in row else 1)
    assert held(service) == 0


BAD_OBJECTS = [
    (b"{", "line", "The line is not JSON"),
    (b"[1]", "line", "The line is not a JSON object"),
    (b'"text"', "line", "The line is not a JSON object"),
    (json.dumps(offence()).encode()[:-1] + b', "colour": "red"}', "colour", "No field has this name"),
    (json.dumps(offence(colour={"of": ["what"]})).encode(), "colour", "No field has this name"),
    (json.dumps(offence(**{"co\x00lour": 1})).encode(), "co␀lour", "No field has this name"),
    (json.dumps(offence(victims="1")).encode(), "victims", "Send a whole number"),
    (json.dumps(offence(crime_ref="N\x001")).encode(), "crime_ref", "The character NUL cannot be kept"),
    (json.dumps(offence(crime_ref=["NN"])).encode(), "crime_ref", "Send text"),
    (json.dumps(offence(force=5)).encode(), "force", "Send text"),
    (json.dumps(offence(area=None)).encode(), "area", "null"),
    (json.dumps(offence(location="\u00e9"), ensure_ascii=False).encode("latin-1"), "line", "The line is not UTF-8"),
    (b'{"area": "\\ud800"}', "line", "The line is not JSON"),
    (b'{"area": ' + b"[" * 2000 + b"]" * 2000 + b"}", None, ""),
]


@pytest.mark.parametrize(("row", "field", "sentence"), BAD_OBJECTS, ids=[f"{number} {one[2]}" for number, one in enumerate(BAD_OBJECTS)])
def test_an_object_that_is_no_offence_is_named_by_its_line(service, row, field, sentence):
    found = faults(service, send(service, ndjson(lines(1)) + b"\n\n" + row + b"\n", "application/x-ndjson"))
    assert {line for line, *_ in found} == {3}
    assert field is None or (found[0][1] == field and sentence in found[0][3])
    assert held(service) == 0


JUDGED = [
    ({"code": "999Z"}, "code", "999Z", "No offence code 999Z is known"),
    ({"code": "28E"}, "code", "28E", "began on 1 April 2017"),
    ({"area": "atlantis"}, "area", "atlantis", "No area is called atlantis"),
    ({"area": "leicester"}, "area", "leicester", "leicester does not lie in force E23000022"),
    ({"area": "west-northamptonshire"}, "area", "west-northamptonshire", "was not an area on 3 May 2012"),
    ({"recorded_on": "2998-01-01"}, "recorded_on", "2998-01-01", "has not come yet"),
    ({"recorded_on": "2012-05-01", "reported_at": None}, "recorded_on", "2012-05-01", "on the day it happened or later"),
]


@pytest.mark.parametrize(("said", "field", "given", "sentence"), JUDGED, ids=[f"{one[1]}: {one[3]}" for one in JUDGED])
def test_a_line_is_judged_as_a_single_record_is(service, said, field, given, sentence):
    found = faults(service, submit(service, [offence(), offence(**said), offence()]))
    assert [one[:3] for one in found if sentence in one[3]] == [(3, field, given)]
    assert {line for line, *_ in found} == {3}


def test_a_reference_stands_once_in_a_file(service):
    sent = [*lines(3), offence(crime_ref="NN/1"), offence(crime_ref="NN/1")]
    found = faults(service, submit(service, sent))
    assert [one[:3] for one in found] == [(line, "crime_ref", "NN/1") for line in (3, 5, 6)]
    assert "stands on 3 lines of this file" in found[0][3]


def test_a_location_of_many_lines_comes_as_ndjson(service):
    sent = [
        offence(crime_ref=f"NN/{number}", location=location)
        for number, location in enumerate(("The\nDrapery", "The\rDrapery", "The\r\nDrapery", '"', "\\."))
    ]
    assert counts(send(service, ndjson(sent), "application/x-ndjson").json) == (5, 0, 0, 0)
    assert [service.get(f"/v1/offences?crime_ref={one['crime_ref']}").json["items"][0]["location"] for one in sent] == [
        one["location"] for one in sent
    ]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "", None])
def test_another_media_type_is_refused(service, content_type):
    answer = send(service, as_csv(lines(1)), content_type)
    assert (answer.status_code, answer.headers["Accept"]) == (415, "text/csv, application/x-ndjson")


def test_the_force_may_be_named_once_for_the_file(service):
    rows = [{name: said for name, said in one.items() if name != "force"} for one in lines(2)]
    for force in ("northamptonshire", FORCE):
        assert submit(service, rows, force=force).json["force"] == FORCE
    assert counts(send(service, ndjson(rows), "application/x-ndjson", force="northamptonshire").json) == (0, 0, 2, 0)
    for force in ("atlantis", "northampton", "east-midlands"):
        answer = submit(service, rows, force=force)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "force")
    other = faults(service, submit(service, lines(2), force="leicestershire"))
    assert {(line, field) for line, field, *_ in other} == {(2, "force"), (3, "force")}


def test_every_bad_line_is_listed_also_where_none_is_good(service):
    assert len(faults(service, submit(service, lines(40, victims="many")))) == 40


def test_a_key_of_another_force_changes_nothing(service):
    headers = key(service, "read", "record", forces=("leicestershire",))
    change = last_change(service)
    for asked in ({}, {"force": "northamptonshire"}, {"validate_only": "true"}):
        assert send(service, as_csv(lines(3)), headers=headers, **asked).status_code == 403
    assert (held(service), last_change(service), service.get("/v1/submissions").json["items"]) == (0, change, [])
    assert send(service, as_csv(lines(3)), headers=key(service, "read")).status_code == 403
    mine = [offence(force="leicestershire", area="leicester")]
    assert counts(send(service, as_csv(mine), headers=headers).json) == (1, 0, 0, 0)


def test_a_force_named_for_the_file_is_refused_before_a_byte_is_read(service):
    class Unread:
        def read(self, size=-1):
            raise AssertionError("the file was read")

    headers = key(service, "record", forces=("leicestershire",))
    answer = service.post("/v1/submissions?force=northamptonshire", content_type="text/csv", headers=headers,
                          environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "1000000"})  # fmt: skip
    assert answer.status_code == 403


def test_a_file_larger_than_allowed_is_refused(service, app, monkeypatch):
    file = as_csv(lines(100))
    monkeypatch.setitem(app.config, "LARGEST_SUBMISSION_BYTES", len(file) - 1)
    said = send(service, file)
    assert (said.status_code, held(service)) == (413, 0)
    assert "send it in several files" in said.json["detail"]
    unsaid = service.post(
        "/v1/submissions", input_stream=io.BytesIO(file), content_type="text/csv", environ_overrides={"wsgi.input_terminated": True}
    )
    assert (unsaid.status_code, held(service)) == (413, 0)
    monkeypatch.setitem(app.config, "LARGEST_SUBMISSION_BYTES", len(file))
    assert send(service, file).status_code == 201


@pytest.mark.parametrize("server_says_where_it_ends", [True, False])
@pytest.mark.parametrize("between_lines", [True, False])
def test_a_connection_dropped_midway_leaves_nothing(service, server_says_where_it_ends, between_lines):
    file = as_csv(lines(1000))
    half = file[: file.index(b"\n", len(file) // 2) + 1] if between_lines else file[: len(file) // 2]
    change = last_change(service)
    environ = {"wsgi.input": io.BytesIO(half), "CONTENT_LENGTH": str(len(file)), "wsgi.input_terminated": server_says_where_it_ends}
    answer = service.post("/v1/submissions", content_type="text/csv", environ_overrides=environ)
    assert answer.status_code == 400
    assert (held(service), last_change(service), service.get("/v1/submissions").json["items"]) == (0, change, [])
    assert counts(send(service, file).json) == (1000, 0, 0, 0)


def test_a_file_of_any_length_takes_the_same_memory(service):
    """A line without an end, a hundred times the longest, and no more memory at its end than at its beginning."""

    def pieces():
        yield f"{HEADER}\n".encode()
        for _ in range(3200):
            yield b"x" * 65_536

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = list(receiving.lines_of(pieces(), hashlib.sha256()))
    assert [len(one) for one in found] == [len(HEADER), receiving.LONGEST_LINE + 1]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes, of 200 MB


def together(service, *files, headers=None):
    """Send files at the same moment, each on a connection of its own."""
    start = Barrier(len(files))

    def one(file):
        client = service.application.test_client()
        start.wait()
        return client.post(
            "/v1/submissions", data=file, content_type="text/csv", headers={"Authorization": f"Bearer {service.key}"} | (headers or {})
        )

    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(one, files))


def test_of_equal_files_at_the_same_moment_one_records_and_the_others_find_nothing_to_do(service):
    change = last_change(service)
    answers = together(service, *[as_csv(lines(200))] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sorted(counts(answer.json) for answer in answers) == [(0, 0, 200, 0)] * 3 + [(200, 0, 0, 0)]
    assert sorted(answer.json["change"] is None for answer in answers) == [False, True, True, True]
    assert (value(service), last_change(service)) == (200, change + 1)


def test_different_files_at_the_same_moment_are_all_applied(service):
    files = [as_csv([offence(crime_ref=f"NN/{number}"), offence(crime_ref="NN/shared", victims=number)]) for number in range(4)]
    answers = together(service, *files)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert value(service) == 5
    assert sum(answer.json["recorded"] for answer in answers) == 5
    assert sum(answer.json["corrected"] for answer in answers) == 3


def test_an_idempotency_key_gives_the_first_answer_again(service):
    headers = {"Idempotency-Key": f'"{uuid4()}"'}
    first, again = [send(service, as_csv(lines(3)), headers=headers) for _ in range(2)]
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    assert (again.headers["Idempotent-Replay"], again.headers["Location"]) == ("true", first.headers["Location"])
    assert len(service.get("/v1/submissions").json["items"]) == 1
    other = send(service, as_csv(lines(4)), headers=headers)
    assert (other.status_code, other.json["type"].rsplit("/", 1)[-1]) == (422, "idempotency-key-reused")
    assert (held(service), len(service.get("/v1/submissions").json["items"])) == (3, 1)
    assert send(service, as_csv(lines(3)), headers=headers, validate_only="true").status_code == 422


@pytest.mark.parametrize("asked", [{}, {"validate_only": "true"}])
def test_an_idempotency_key_holds_for_answers_that_change_nothing(service, asked):
    for file, status in ((as_csv(lines(3, code="999Z")), 200 if asked else 422), (as_csv(lines(3)), 200 if asked else 201)):
        headers = {"Idempotency-Key": str(uuid4())}
        first, again = [send(service, file, headers=headers, **asked) for _ in range(2)]
        assert (first.status_code, again.status_code) == (status, status)
        assert again.get_data() == first.get_data()


def test_one_idempotency_key_at_the_same_moment_is_one_submission(service):
    for file in (as_csv(lines(100)), as_csv(lines(100, code="999Z"))):
        answers = together(service, *[file] * 4, headers={"Idempotency-Key": str(uuid4())})
        assert len({answer.get_data() for answer in answers}) == 1
    assert len(service.get("/v1/submissions").json["items"]) == 2


def complete(service, period, *categories):
    answer = service.get(
        "/v1/summaries", query_string={"area": "northamptonshire", "period": period, "category": list(categories) or ["all-crime"]}
    )
    return [figure["period"]["complete"] for figure in answer.json["figures"]]


def test_a_period_is_complete_when_files_cover_its_months(service):
    assert complete(service, "2012-05") == [False]
    submit(service, lines(2))
    assert (complete(service, "2012-05"), complete(service, "2012-06"), complete(service, "2012/13Q1")) == ([True], [False], [False])
    submit(service, [offence(recorded_on="2012-06-15")])
    assert (complete(service, "2012-06"), complete(service, "2012/13Q1")) == ([True], [False])
    submit(service, [offence()], period_from="2012-04-01", period_to="2012-04-30")
    assert (complete(service, "2012/13Q1"), complete(service, "2012/13")) == ([True], [False])
    assert complete(service, "2012-05-17..2012-06-02") == [True]


def test_a_file_of_some_crime_completes_that_crime_alone(service):
    answer = submit(service, lines(2), covers="serious-acquisitive-crime", period_from="2012-04-01", period_to="2013-03-31")
    assert (answer.json["covers"], answer.json["period_from"], answer.json["period_to"]) == (
        "serious-acquisitive-crime",
        "2012-04-01",
        "2013-03-31",
    )
    assert complete(service, "2012/13", "all-crime", "serious-acquisitive-crime", "robbery", "violence") == [False, True, True, False]
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
    assert [one["submission_id"] for one in listed] == [made[0]["submission_id"], made[1], made[2]["submission_id"]]
    assert [one["status"] for one in listed] == ["accepted", "refused", "rehearsed"]
    read = service.get(f"/v1/submissions/{made[1]}")
    again = service.get(f"/v1/submissions/{made[1]}", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert service.get("/v1/submissions/00000000-0000-7000-8000-000000000000").status_code == 404
