"""Files of offences on their way in: too large, broken off, sent twice, or by somebody who may not."""

import io
import json
import resource
from uuid import uuid4

import pytest
from builders import key, offence, value
from submission_files import HEADER, ROW, as_csv, checked, counts, held, last_change, lines, send, together

from service.intake import lines as file_lines


@pytest.fixture
def service(service):
    yield from checked(service)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_are_taken_as_they_come(service, end, mark, last):
    rows = (
        [HEADER, ROW, ROW.replace("NN/1", "NN/2"), ""] if last else [HEADER, ROW, ROW.replace("NN/1", "NN/2")]
    )
    assert counts(send(service, (mark + end.join(rows)).encode()).json) == (2, 0, 0, 0)
    objects = [json.dumps(one) for one in lines(2)] + ([""] if last else [])
    assert counts(send(service, (mark + end.join(objects)).encode(), "application/x-ndjson").json) == (
        1,
        1,
        0,
        0,
    )  # NN/1 is in both


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "", None])
def test_another_media_type_is_refused(service, content_type):
    answer = send(service, as_csv(lines(1)), content_type)
    assert (answer.status_code, answer.headers["Accept"]) == (415, "text/csv, application/x-ndjson")


def test_a_key_of_another_force_changes_nothing(service):
    headers = key(service, "read", "record", forces=("leicestershire",))
    change = last_change(service)
    for asked in ({}, {"force": "northamptonshire"}, {"validate_only": "true"}):
        assert send(service, as_csv(lines(3)), headers=headers, **asked).status_code == 403
    assert (held(service), last_change(service), service.get("/v1/submissions").json["items"]) == (
        0,
        change,
        [],
    )
    assert send(service, as_csv(lines(3)), headers=key(service, "read")).status_code == 403
    mine = [offence(force="leicestershire", area="leicester")]
    assert counts(send(service, as_csv(mine), headers=headers).json) == (1, 0, 0, 0)


def test_a_force_named_for_the_file_is_refused_before_a_byte_is_read(service):
    class Unread:
        def read(self, size=-1):
            raise AssertionError("the file was read")

    headers = key(service, "record", forces=("leicestershire",))
    answer = service.post(
        "/v1/submissions?force=northamptonshire",
        content_type="text/csv",
        headers=headers,
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "1000000"},
    )
    assert answer.status_code == 403


def test_a_file_larger_than_allowed_is_refused(service, app, monkeypatch):
    file = as_csv(lines(100))
    monkeypatch.setitem(app.config, "LARGEST_SUBMISSION_BYTES", len(file) - 1)
    said = send(service, file)
    assert (said.status_code, held(service)) == (413, 0)
    assert "send it in several files" in said.json["detail"]
    unsaid = service.post(
        "/v1/submissions",
        input_stream=io.BytesIO(file),
        content_type="text/csv",
        environ_overrides={"wsgi.input_terminated": True},
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
    environ = {
        "wsgi.input": io.BytesIO(half),
        "CONTENT_LENGTH": str(len(file)),
        "wsgi.input_terminated": server_says_where_it_ends,
    }
    answer = service.post("/v1/submissions", content_type="text/csv", environ_overrides=environ)
    assert answer.status_code == 400
    assert (held(service), last_change(service), service.get("/v1/submissions").json["items"]) == (
        0,
        change,
        [],
    )
    assert counts(send(service, file).json) == (1000, 0, 0, 0)


def test_a_file_of_any_length_takes_the_same_memory(service):
    """A line without an end, a hundred times the longest, and no more memory at its end than at its
    beginning."""

    def pieces():
        yield f"{HEADER}\n".encode()
        for _ in range(3200):
            yield b"x" * 65_536

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = list(file_lines.cut_lines(pieces()))
    assert [len(one) for one in found] == [len(HEADER), file_lines.LONGEST_LINE + 1]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes, of 200 MB


def test_of_equal_files_at_the_same_moment_one_records_and_the_others_find_nothing_to_do(service):
    change = last_change(service)
    answers = together(service, *[as_csv(lines(200))] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sorted(counts(answer.json) for answer in answers) == [(0, 0, 200, 0)] * 3 + [(200, 0, 0, 0)]
    assert sorted(answer.json["change"] is None for answer in answers) == [False, True, True, True]
    assert (value(service), last_change(service)) == (200, change + 1)


def test_different_files_at_the_same_moment_are_all_applied(service):
    files = [
        as_csv([offence(crime_ref=f"NN/{number}"), offence(crime_ref="NN/shared", victims=number)])
        for number in range(4)
    ]
    answers = together(service, *files)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert value(service) == 5
    assert sum(answer.json["recorded"] for answer in answers) == 5
    assert sum(answer.json["corrected"] for answer in answers) == 3


def test_an_idempotency_key_gives_the_first_answer_again(service):
    headers = {"Idempotency-Key": f'"{uuid4()}"'}
    first, again = [send(service, as_csv(lines(3)), headers=headers) for _ in range(2)]
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    assert (again.headers["Idempotent-Replay"], again.headers["Location"]) == (
        "true",
        first.headers["Location"],
    )
    assert len(service.get("/v1/submissions").json["items"]) == 1
    other = send(service, as_csv(lines(4)), headers=headers)
    assert (other.status_code, other.json["type"].rsplit("/", 1)[-1]) == (422, "idempotency-key-reused")
    assert (held(service), len(service.get("/v1/submissions").json["items"])) == (3, 1)
    assert send(service, as_csv(lines(3)), headers=headers, validate_only="true").status_code == 422


@pytest.mark.parametrize("asked", [{}, {"validate_only": "true"}])
def test_an_idempotency_key_holds_for_answers_that_change_nothing(service, asked):
    for file, status in (
        (as_csv(lines(3, code="999Z")), 200 if asked else 422),
        (as_csv(lines(3)), 200 if asked else 201),
    ):
        headers = {"Idempotency-Key": str(uuid4())}
        first, again = [send(service, file, headers=headers, **asked) for _ in range(2)]
        assert (first.status_code, again.status_code) == (status, status)
        assert again.get_data() == first.get_data()


def test_one_idempotency_key_at_the_same_moment_is_one_submission(service):
    for file in (as_csv(lines(100)), as_csv(lines(100, code="999Z"))):
        answers = together(service, *[file] * 4, headers={"Idempotency-Key": str(uuid4())})
        assert len({answer.get_data() for answer in answers}) == 1
    assert len(service.get("/v1/submissions").json["items"]) == 2


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "=1+1", "+44 1604", "-1", "@SUM(A1)"])
def test_what_looks_like_a_formula_is_text_as_it_came(service, text):
    assert counts(send(service, as_csv([offence(crime_ref="NN/1", location=text)])).json) == (1, 0, 0, 0)
    assert service.get("/v1/offences?crime_ref=NN/1").json["items"][0]["location"] == text
