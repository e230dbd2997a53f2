"""Files of offences with faults: nothing is recorded, and every bad line is named."""

import csv
import io
import json

import pytest
from builders import FORCE, NORTHAMPTON, offence, submit, value
from submission_files import HEADER, ROW, checked, counts, faults, held, last_change, lines, ndjson, send

from service.intake.offences import staged, submitting


@pytest.fixture
def service(service):
    yield from checked(service)


def test_one_bad_line_of_a_thousand_and_nothing_is_recorded(service):
    sent = lines(1000)
    sent[499]["code"] = "999Z"
    change = last_change(service)
    answer = submit(service, sent)
    assert answer.json["detail"].startswith("Faults: 1, in 1,000 lines; nothing was recorded.")
    assert faults(service, answer) == [
        (501, "code", "999Z", "No offence code 999Z is known. GET /v1/offence-codes lists those that are.")
    ]
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
    assert [(line, field) for line, field, _, _ in found] == [
        (line, "victims" if line % 2 == 0 else "area") for line in range(2, 32)
    ]
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
    for file in (staged, submitting):
        monkeypatch.setattr(file, "MOST_FAULTS_KEPT", 10)
    for said in ({"victims": "many"}, {"code": "999Z"}):
        answer = submit(service, lines(25, **said))
        assert service.get(answer.headers["Location"]).json["faults"] == 25
        assert [line for line, *_ in faults(service, answer)] == list(range(2, 12))


UNREADABLE = [
    (b"", "The file holds no record"),
    (b"\n\n", "The header has no column area"),
    (HEADER.encode(), "The file holds no record"),
    (f"{HEADER}\n,,,,,\n".encode(), "The file holds no record"),
    (f"{HEADER},colour\n{ROW},red".encode(), "The header names colour"),
    (f"{HEADER},area\n{ROW},{NORTHAMPTON}".encode(), "The header names area more than once"),
    (f"{HEADER},\n{ROW},".encode(), "a field without a name"),
    (f"{HEADER},x\x00y\n{ROW},".encode(), "The header names x␀y"),
    (
        f"{HEADER.removesuffix(',recorded_on')}\n{ROW.rsplit(',', 1)[0]}".encode(),
        "The header has no column recorded_on",
    ),
    (
        f"{HEADER.replace('force,', '')}\n{ROW.replace(FORCE + ',', '')}".encode(),
        "no column force, and ?force=… does not name",
    ),
    (f"{HEADER}\n{ROW.replace(FORCE, '')}".encode(), "The line names no force"),
    (f"{HEADER}\n{ROW.replace(FORCE, 'atlantis')}".encode(), "No force is called atlantis"),
    (f"{HEADER}\n{ROW}".encode("utf-16"), "The line is not UTF-8"),
    (f"{HEADER}\r{ROW}\r".encode(), "A carriage return stands inside the line"),
    (f'"{HEADER}\n{ROW}'.encode(), "A quote opens a cell that does not close on this line"),
    (b"x" * 70_000, "The line is longer than 65,536 bytes"),
]


@pytest.mark.parametrize(
    ("file", "sentence"), UNREADABLE, ids=[f"{number} {one[1]}" for number, one in enumerate(UNREADABLE)]
)
def test_a_file_without_any_record_is_refused_with_its_reason(service, file, sentence):
    answer = send(service, file)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["detail"]
    assert held(service) == 0


BAD_ROWS = [
    (ROW.encode() + b"\xe9", "line", "The line is not UTF-8"),
    (ROW.replace("NN/1", "N\x001").encode(), "crime_ref", "The character NUL cannot be kept"),
    (ROW.replace("NN/1", '"NN/1').encode(), "line", "A quote opens a cell that does not close on this line"),
    (
        ROW.replace("NN/1", '"NN\n1"').encode(),
        "line",
        "A quote opens a cell that does not close on this line",
    ),
    (ROW.replace("NN/1", '"NN"1').encode(), "line", "check its quotes"),
    (ROW.replace("NN/1", "NN\r1").encode(), "line", "A carriage return stands inside the line"),
    (ROW.replace("NN/1", "N" * 70_000).encode(), "line", "The line is longer than 65,536 bytes"),
    (ROW.replace("NN/1", "N" * 2_000_000).encode(), "line", "The line is longer than 65,536 bytes"),
    (f"{ROW},more".encode(), "line", "The line has 7 cells, the header 6"),
    (b"one cell", "line", "The line has 1 cells, the header 6"),
    (ROW.replace("NN/1", "").encode(), "crime_ref", "Missing data for required field"),
    (ROW.replace("2012-05-03", "03/05/2012").encode(), "recorded_on", "YYYY-MM-DD"),
    (
        ROW.replace(FORCE, "leicestershire").encode(),
        "force",
        "send each force's records in a file of their own",
    ),
    (ROW.replace(FORCE, "atlantis").encode(), "force", "No force is called atlantis"),
]


@pytest.mark.parametrize(
    ("row", "field", "sentence"), BAD_ROWS, ids=[f"{number} {one[2]}" for number, one in enumerate(BAD_ROWS)]
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(service, row, field, sentence):
    file = (
        f"{HEADER}\n{ROW.replace('NN/1', 'NN/0')}\n".encode()
        + row
        + f"\n{ROW.replace('NN/1', 'NN/2')}\n".encode()
    )
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
    (
        json.dumps(offence(location="\u00e9"), ensure_ascii=False).encode("latin-1"),
        "line",
        "The line is not UTF-8",
    ),
    (b'{"area": "\\ud800"}', "line", "The line is not JSON"),
    (b'{"area": ' + b"[" * 2000 + b"]" * 2000 + b"}", None, ""),
]


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    BAD_OBJECTS,
    ids=[f"{number} {one[2]}" for number, one in enumerate(BAD_OBJECTS)],
)
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
    (
        {"recorded_on": "2012-05-01", "reported_at": None},
        "recorded_on",
        "2012-05-01",
        "on the day it happened or later",
    ),
]


@pytest.mark.parametrize(
    ("said", "field", "given", "sentence"), JUDGED, ids=[f"{one[1]}: {one[3]}" for one in JUDGED]
)
def test_a_line_is_judged_as_a_single_record_is(service, said, field, given, sentence):
    found = faults(service, submit(service, [offence(), offence(**said), offence()]))
    assert [one[:3] for one in found if sentence in one[3]] == [(3, field, given)]
    assert {line for line, *_ in found} == {3}


def test_a_reference_stands_once_in_a_file(service):
    sent = [*lines(3), offence(crime_ref="NN/1"), offence(crime_ref="NN/1")]
    found = faults(service, submit(service, sent))
    assert [one[:3] for one in found] == [(line, "crime_ref", "NN/1") for line in (3, 5, 6)]
    assert "stands on 3 lines of this file" in found[0][3]


def test_every_bad_line_is_listed_also_where_none_is_good(service):
    assert len(faults(service, submit(service, lines(40, victims="many")))) == 40
