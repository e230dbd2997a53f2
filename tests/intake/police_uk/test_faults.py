"""What is wrong with a file or an archive of data.police.uk is said line by line, and nothing of it is
kept."""

import gzip
import io
import struct
import zipfile

import pytest
from street_files import (
    ASB,
    HEADINGS,
    OUTCOMES,
    SAMPLES,
    archive,
    crime,
    crimes,
    faults,
    outcome,
    send,
    street,
)

ZIP = "application/zip"
STOPS = (
    "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age"
    " range,Legislation,Outcome\n"
)
NAME = "2018-10-leicestershire-street.csv"


@pytest.fixture
def service(service):
    """Whatever is refused here leaves no record."""
    yield service
    assert crimes(service) == []


@pytest.mark.parametrize(
    ("file", "line", "field", "detail"),
    [
        (b"a,b\n" + ASB.encode(), 1, "line", "not the headings of a street or outcomes file"),
        (b"Crime ID,Month\n", 1, "line", "not the headings"),
        (STOPS.encode(), 1, "line", "stops and searches"),
        (street(ASB, ASB[:-2] + "\n"), 3, "line", "11 cells, the headings 12"),
        (street(ASB.replace("High", "H\xf6gh")).decode().encode("latin-1"), 2, "line", "not UTF-8"),
        (street(ASB.replace("High", "Hi\x00gh")), 2, "line", "NUL"),
        (street(ASB, ASB.replace("On or", '"On or')), 3, "line", "not CSV"),
        (street(ASB.replace("High", "x" * 70_000)), 2, "line", "longer than 65,536 bytes"),
        (street(ASB.replace("High", "x" * 600)), 2, "Location", "more than 500 characters"),
        (street(ASB.replace("2018-10", "2018-13")), 2, "Month", "YYYY-MM"),
        (street(ASB.replace("2018-10", "October")), 2, "Month", "YYYY-MM"),
        (street(ASB.replace("2018-10", "")), 2, "Month", "not be empty"),
        (street(ASB.replace("2018-10", "2999-01")), 2, "Month", "not come yet"),
        (street(ASB.replace("2018-10", "2010-11")), 2, "Month", "before December 2010"),
        (street(ASB, ASB.replace("2018-10", "2018-11")), 3, "Month", "The file is of 2018-10"),
        (
            street(crime(reported_by="Atlantis Police")),
            2,
            "Reported by",
            "No force is called Atlantis Police",
        ),
        (street(crime(reported_by="Leicester")), 2, "Reported by", "No force is called Leicester"),
        (street(ASB, crime(reported_by="Gwent Police")), 3, "Reported by", "of another force"),
        (street(crime(crime_type="Whistling")), 2, "Crime type", "No crime type is called Whistling"),
        (street(crime(place="181,52.6,On or near,,")), 2, "Longitude", "degrees"),
        (street(crime(place="1,north,On or near,,")), 2, "Latitude", "degrees"),
        ((OUTCOMES + outcome("a", said="")).encode(), 2, "Outcome type", "not be empty"),
    ],
    ids=lambda one: None if isinstance(one, (bytes, int)) else one[:24],
)
def test_a_bad_line_is_named(service, file, line, field, detail):
    found = faults(service, send(service, file))
    assert (found[0][:2], len(found)) == ((line, field), 1), found
    assert detail in found[0][3]


def test_every_bad_line_is_counted_and_the_first_are_shown(service):
    answer = send(service, street(*[crime(crime_type=f"Kind {number}", month="x") for number in range(30)]))
    assert "Faults: 30, in 30 rows" in answer.json["detail"]
    assert [one["line"] for one in answer.json["errors"]] == list(range(2, 22))
    assert len(faults(service, answer)) == 30
    listed = service.get(
        f"/v1/street-submissions/{answer.json['submission']}/faults", headers={"Accept": "text/csv"}
    )
    assert listed.get_data().count(b"\r\n") == 31
    assert service.get(answer.headers["Location"]).json["status"] == "refused"


@pytest.mark.parametrize(
    "file",
    [b"", b"\xef\xbb\xbf", street(), OUTCOMES.encode(), b"\n"],
    ids=["empty", "mark", "headings", "outcomes", "line"],
)
def test_a_file_without_a_row_is_refused_so_that_it_cannot_empty_a_month(service, file):
    answer = send(service, file)
    assert answer.status_code == 422, answer.json
    assert answer.json["type"] == "/docs/problems/refused-file"


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("2018-11-leicestershire-street.csv", "The file is of 2018-11"),
        ("2018-10-leicestershire-outcomes.csv", "its headings say street"),
        ("2018-13-leicestershire-street.csv", "2018-13 is not a month"),
        ("2018-10-gwent-street.csv", "of another force"),
    ],
)
def test_a_file_is_what_its_name_says(service, name, detail):
    assert detail in faults(service, send(service, street(ASB), name=name))[0][3]
    assert detail in faults(service, send(service, archive({f"x/{name}": street(ASB)}), ZIP))[0][3]


def test_the_fragment_whose_last_line_was_cut_off_is_refused_at_that_line(service):
    cut = (SAMPLES / "2018-01" / "2018-01-avon-and-somerset-street.csv").read_bytes()
    assert [one[0] for one in faults(service, send(service, cut))] == [7]


@pytest.mark.parametrize(
    ("file", "content_type", "status", "detail"),
    [
        (street(ASB), "application/json", 415, "text/csv or application/zip"),
        (street(ASB), ZIP, 422, "no end"),
        (b"", ZIP, 422, "no end"),
        (archive({NAME: street(ASB)})[:-30], ZIP, 422, "cannot be read"),
        (archive({NAME: street(ASB)}), "text/csv", 422, "nothing was recorded"),
        (gzip.compress(street(ASB) * 50)[:-20], "text/csv", 422, "breaks off"),
        (gzip.compress(street(ASB)) + b"more", "text/csv", 422, "damaged"),
        (gzip.compress(street(ASB))[:12] + b"\xff" * 40, "text/csv", 422, "damaged"),
        (archive({NAME + ".gz": gzip.compress(street(ASB) * 50)[:-20]}), ZIP, 422, "breaks off"),
        (archive({}), ZIP, 422, "no street crime"),
        (archive({"notes.txt": "x", f"__MACOSX/{NAME}": "x"}), ZIP, 422, "no street crime"),
        (archive({NAME: street(ASB)}, zipfile.ZIP_BZIP2), ZIP, 422, "deflate"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(service, file, content_type, status, detail):
    answer = send(service, file, content_type)
    assert (answer.status_code, detail in answer.json["detail"]) == (status, True), answer.json


@pytest.mark.parametrize(
    "name",
    [
        "../2018-10-gwent-street.csv",
        "/etc/2018-10-gwent-street.csv",
        "a/../../b.csv",
        "..\\b.csv",
        "C:/b.csv",
    ],
)
def test_an_archive_with_a_name_that_leads_out_of_it_is_refused(service, name):
    answer = send(service, archive({NAME: street(ASB), name: street(ASB)}), ZIP)
    assert (answer.status_code, "leads out of it" in answer.json["detail"]) == (422, True)


def test_the_same_month_twice_in_an_archive_is_a_fault(service):
    found = faults(
        service, send(service, archive({f"one/{NAME}": street(ASB), f"two/{NAME}": street(ASB, ASB)}), ZIP)
    )
    assert "same force, month and kind" in found[0][3]


def damaged(file, offset, value):
    """The archive with one field of its list of entries changed."""
    at = file.index(b"PK\x01\x02")
    return file[: at + offset] + value + file[at + offset + len(value) :]


def test_an_archive_that_lies_about_its_files_is_refused(service):
    file = archive({NAME: street(*[ASB] * 100)})
    assert send(service, damaged(file, 16, b"\0\0\0\0"), ZIP).status_code == 422  # another checksum
    assert (
        send(service, damaged(file, 24, struct.pack("<L", 300)), ZIP).status_code == 422
    )  # a smaller size than it unpacks to
    assert send(service, damaged(file, 8, b"\1\0"), ZIP).status_code == 422  # encrypted


@pytest.fixture
def a_small_service(service):
    """One that takes a megabyte at most."""
    config = service.application.config
    usual, config["LARGEST_SUBMISSION_BYTES"] = config["LARGEST_SUBMISSION_BYTES"], 2**20
    yield service
    config["LARGEST_SUBMISSION_BYTES"] = usual


@pytest.mark.parametrize(
    ("file", "content_type"),
    [
        (gzip.compress(HEADINGS.encode() + b"\n" * 2**22), "text/csv"),
        (archive({NAME: HEADINGS + "\n" * 2**22}), ZIP),
        (archive({"notes.txt": bytes(2**22)}), ZIP),
        (archive({f"{NAME}.gz": gzip.compress(HEADINGS.encode() + b"\n" * 2**22)}), ZIP),
        (
            archive(
                {
                    f"2018-10-{'x' * number}-street.csv.gz": gzip.compress(street() + bytes(2**19))
                    for number in (1, 2, 3)
                }
            ),
            ZIP,
        ),
        (bytes(2**20 + 1), "text/csv"),
    ],
    ids=["gzip", "zip", "stray", "gzip in zip", "many", "plain"],
)
def test_a_file_that_unpacks_to_more_than_is_taken_is_refused(a_small_service, file, content_type):
    answer = send(a_small_service, file, content_type)
    assert answer.status_code == 413, answer.json


def test_an_archive_of_too_many_files_is_refused_before_they_are_listed(service):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for number in range(10_001):
            made.writestr(f"{number}.txt", b"")
    assert "at most 10,000 files" in send(service, held.getvalue(), ZIP).json["detail"]
    end = held.getvalue()[-22:]
    claims = end[:12] + struct.pack("<L", 2**31) + end[16:]
    assert send(service, claims, ZIP).status_code == 413


def test_a_body_that_breaks_off_is_refused(service):
    answer = service.post(
        "/v1/street-submissions",
        data=street(ASB),
        content_type="text/csv",
        environ_overrides={"CONTENT_LENGTH": "99999"},
    )
    assert (answer.status_code, "broke off" in answer.json["detail"]) == (400, True)
