"""Gzipped files: as good as plain ones, whole or not at all, and no bomb."""

import gzip
import hashlib
import resource

import pytest
from builders import value
from submission_files import as_csv, checked, counts, held, last_change, lines, ndjson, send

from service.intake.offences.options import SubmissionOptions
from service.launcher import files
from service.web.problems import Problem
from service.web.request import unpacking

GZIP = {"Content-Encoding": "gzip"}


@pytest.fixture
def service(service):
    yield from checked(service)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
@pytest.mark.parametrize("content_type", ["text/csv", "application/x-ndjson"])
def test_a_gzipped_file_is_the_file(service, encoding, content_type):
    file = as_csv(lines(300)) if content_type == "text/csv" else ndjson(lines(300))
    answer = send(service, gzip.compress(file), content_type, {"Content-Encoding": encoding})
    assert (answer.status_code, counts(answer.json)) == (201, (300, 0, 0, 0))
    assert answer.json["digest"] == hashlib.sha256(file).hexdigest()
    plain = send(service, file, content_type)
    assert (counts(plain.json), plain.json["change"]) == ((0, 0, 300, 0), None)


def test_a_file_of_several_gzip_members_is_one_file(service):
    file = as_csv(lines(30))
    packed = b"".join(gzip.compress(file[at : at + 500]) for at in range(0, len(file), 500))
    assert counts(send(service, packed, headers=GZIP).json) == (30, 0, 0, 0)


PACKED = gzip.compress(b"area,code,committed_from,crime_ref,force,recorded_on\n" * 2000)


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (PACKED[:-1], "ends before its end"),
        (PACKED[: len(PACKED) // 2], "ends before its end"),
        (PACKED[:5], "ends before its end"),
        (b"", "ends before its end"),
        (b"area,code\n", "is not gzip, or is damaged"),
        (PACKED + b"more", "is not gzip, or is damaged"),
        (PACKED[:-6] + b"\0\0" + PACKED[-4:], "is not gzip, or is damaged"),
    ],
)
def test_a_gzipped_file_that_is_damaged_or_cut_leaves_nothing(service, packed, sentence):
    change = last_change(service)
    answer = send(service, packed, headers=GZIP)
    assert (answer.status_code, answer.json["type"].rsplit("/", 1)[-1]) == (400, "malformed-body")
    assert sentence in answer.json["detail"]
    assert (held(service), last_change(service), service.get("/v1/submissions").json["items"]) == (
        0,
        change,
        [],
    )


def test_a_good_file_cut_anywhere_leaves_nothing(service):
    packed = gzip.compress(as_csv(lines(40)))
    for at in range(0, len(packed), len(packed) // 12):
        assert send(service, packed[:at], headers=GZIP).status_code == 400
    assert (held(service), value(service)) == (0, 0)


def test_a_bomb_is_refused_before_it_fills_anything(service):
    bomb = gzip.compress(b"x" * 300_000_000, 9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = send(service, bomb, headers=GZIP)
    assert (answer.status_code, answer.json["type"].rsplit("/", 1)[-1]) == (413, "too-large")
    assert f"{unpacking.GREATEST_RATIO} times" in answer.json["detail"]
    assert held(service) == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_what_it_unpacks_to_is_limited(service, app, monkeypatch):
    file = as_csv(lines(200))
    monkeypatch.setitem(app.config, "LARGEST_SUBMISSION_BYTES", len(file) - 1)
    answer = send(service, gzip.compress(file), headers=GZIP)
    assert (answer.status_code, held(service)) == (413, 0)
    assert answer.json["detail"].startswith(f"Unpacked, a file has at most {len(file) - 1:,} bytes")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_refused(service, encoding):
    answer = send(service, as_csv(lines(1)), headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip, identity")


def test_packed_files_are_loaded_from_a_terminal(service, tmp_path, capsys):
    path = tmp_path / "May.csv.gz"
    path.write_bytes(gzip.compress(as_csv(lines(20))))
    receipt = files.load_file(path, SubmissionOptions(reason="loaded"), 2**20)
    assert (receipt.recorded, receipt.lines) == (20, 20)
    assert capsys.readouterr().err.startswith("May.csv.gz: 20 rows, ")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Problem, match="ends before its end"):
        files.load_file(path, SubmissionOptions(), 2**20)
    with pytest.raises(Problem, match="Unpacked, a file has at most 100 bytes"):
        files.load_file(path, SubmissionOptions(), 100)
    assert value(service) == 20
