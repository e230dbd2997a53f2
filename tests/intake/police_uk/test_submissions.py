"""Files of data.police.uk come in whole, take the place of what their month said, and change nothing when
they come again."""

import collections
import gzip
import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain
from threading import Barrier

import pytest
from builders import key
from street_files import (
    ASB,
    BEFORE_2013,
    NORTHAMPTONSHIRE,
    OUTCOMES,
    SAMPLES,
    archive,
    crime,
    crimes,
    outcome,
    rows_of,
    send,
    sent,
    street,
)

from service.intake.police_uk import archives, lines

CITY_OF_LONDON = SAMPLES / "2018-10" / "2018-10-city-of-london-street.csv.gz"


def said(rows, names):
    """Rows as a multiset of what they say."""
    return collections.Counter(tuple(row[name] or None for name in names) for row in rows)


def test_every_row_of_the_published_files_is_held_as_it_was_published(service):
    files = sorted(SAMPLES.glob("2018-1*/*-street.csv*"))
    published = [row for file in files for row in rows_of(file)]
    assert len(published) == 6705 + 6616 + 6196 + 782 + 5080 + 53
    for file in files:
        receipt = sent(service, file.read_bytes(), name=file.name)
        assert (receipt["rows"], receipt["files"][0]["recorded"]) == (len(rows_of(file)),) * 2
    held = crimes(service)
    assert {one["classification"] for one in held} == {"police-uk"}
    assert said(
        held,
        (
            "crime_id",
            "month",
            "reported_by",
            "falls_within",
            "location",
            "lsoa",
            "lsoa_name",
            "crime_type",
            "last_outcome",
        ),
    ) == (
        said(
            published,
            (
                "Crime ID",
                "Month",
                "Reported by",
                "Falls within",
                "Location",
                "LSOA code",
                "LSOA name",
                "Crime type",
                "Last outcome category",
            ),
        )
    )
    assert collections.Counter((one["longitude"], one["latitude"]) for one in held) == collections.Counter(
        tuple(float(row[name]) if row[name] else None for name in ("Longitude", "Latitude"))
        for row in published
    )
    assert len({one["street_crime_id"] for one in held}) == len(published)


def test_equal_rows_are_all_kept_and_stay_themselves_when_the_file_comes_again(service):
    first = sent(service, street(ASB, ASB, ASB, crime("a" * 64), crime("a" * 64)))
    held = crimes(service)
    assert (len(held), first["files"][0]["recorded"]) == (5, 5)
    again = send(service, street(crime("a" * 64), ASB, ASB, crime("a" * 64), ASB))  # in another order too
    assert (again.status_code, again.json["change"], again.json["files"][0]["unchanged"]) == (200, None, 5)
    assert crimes(service) == held


def test_a_month_sent_again_takes_the_place_of_the_month_and_the_earlier_state_stays_readable(service):
    other = sent(service, street(crime("e" * 64, month="2018-11")))
    before = sent(
        service, street(ASB, ASB, crime("a" * 64), crime("b" * 63, outcome="Awaiting court outcome"))
    )
    as_it_was = crimes(service)
    after = sent(service, street(ASB, crime("b" * 63, outcome="Offender sent to prison"), crime("c" * 64)))
    counts = {name: after["files"][0][name] for name in ("recorded", "corrected", "ended", "unchanged")}
    assert counts == {"recorded": 1, "corrected": 1, "ended": 2, "unchanged": 1}
    assert crimes(service, as_of=before["change"]) == as_it_was
    assert crimes(service, as_of=other["change"]) == crimes(service, period="2018-11")
    now = {one["crime_id"]: one for one in crimes(service, period="2018-10")}
    assert set(now) == {None, "b" * 63, "c" * 64}
    prison = now["b" * 63]
    assert prison["last_outcome"] == "Offender sent to prison"
    was = service.get(f"/v1/street-crimes/{prison['street_crime_id']}?as_of={before['change']}").json
    assert (was["last_outcome"], was["crime_id"]) == ("Awaiting court outcome", "b" * 63)
    gone = next(one for one in as_it_was if one["crime_id"] == "a" * 64)
    assert service.get(f"/v1/street-crimes/{gone['street_crime_id']}").status_code == 404


def test_crimes_and_outcomes_of_a_month_and_the_months_of_two_forces_leave_one_another_alone(service):
    sent(service, street(crime("a" * 64)))
    sent(
        service,
        street(crime(reported_by="British Transport Police", place=",,On or near Leicester (Station),,")),
    )
    sent(service, (OUTCOMES + outcome("a" * 64)).encode())
    assert len(crimes(service)) == 2
    assert len(crimes(service, kind="street-outcomes")) == 1


def test_a_zip_archive_is_one_change_and_says_what_it_passed_over(service):
    row = ASB.replace("2018-10", "2018-11")
    files = {
        "archive/2018-10/2018-10-leicestershire-street.csv": street(ASB, ASB),
        "archive/2018-11/2018-11-leicestershire-street.csv.gz": gzip.compress(street(row)),
        "archive/2018-11/2018-11-leicestershire-outcomes.csv": OUTCOMES + outcome("a" * 64, month="2018-11"),
        "archive/2018-11/2018-11-gwent-outcomes.csv": OUTCOMES,
        "archive/2018-11/2018-11-leicestershire-stop-and-search.csv": "Type,Date\n",
        "__MACOSX/archive/2018-11/2018-11-leicestershire-street.csv": b"\x00\x05\x16\x07",
        "archive/README.txt": "as downloaded",
        "archive/": "",
    }
    receipt = sent(service, archive(files), "application/zip")
    assert [(one["month"], one["kind"], one["rows"]) for one in receipt["files"]] == [
        ("2018-10", "street", 2),
        ("2018-11", "outcomes", 1),
        ("2018-11", "street", 1),
    ]
    passed_over = {one["name"].rsplit("/", 1)[-1]: one["reason"] for one in receipt["passed_over"]}
    assert (len(passed_over), receipt["passed_over_count"]) == (4, 4)
    assert "stops and searches" in passed_over["2018-11-leicestershire-stop-and-search.csv"]
    assert passed_over["2018-11-gwent-outcomes.csv"] == "It holds no row."
    assert {one["since_change"] for one in crimes(service)} == {receipt["change"]}
    assert send(service, archive(files), "application/zip").json["change"] is None
    address = f"/v1/street-submissions/{receipt['street_submission_id']}"
    assert service.get(address).json == receipt
    assert service.get("/v1/street-submissions?limit=1").json["items"] == [receipt]


def test_files_of_before_2013_have_metres_of_the_grid_and_the_types_of_their_time(service):
    rows = (
        "2011-04,Leicestershire Police,Leicestershire Police,458312,304467,On or near High Street,Violent"
        " crime,\n2011-04,Leicestershire Police,Leicestershire Police,,,No location,Anti-social behaviour,\n"
    )
    sent(service, (BEFORE_2013 + rows).encode())
    assert [
        (one["easting"], one["northing"], one["crime_type"], one["crime_id"], one["area"])
        for one in crimes(service)
    ] == [(458312, 304467, "Violent crime", None, None), (None, None, "Anti-social behaviour", None, None)]


@pytest.mark.parametrize(
    ("name", "force"),
    [
        ("Metropolitan Police Service", "E23000001"),
        ("Devon & Cornwall Police", "E23000035"),
        ("Dyfed-Powys Police", "W15000004"),
        ("Avon and Somerset Constabulary", "E23000036"),
        ("British Transport Police", "british-transport-police"),
        ("City of London Police", "E23000034"),
        ("Police Service of Northern Ireland", "police-service-of-northern-ireland"),
    ],
)
def test_forces_are_known_by_the_names_they_have_there(service, name, force):
    sent(service, street(crime(reported_by=name, place="-6.0,54.6,On or near Parade,,")))
    assert [one["force"] for one in crimes(service)] == [force]


def test_a_file_that_comes_twice_at_the_same_moment_is_recorded_once(service):
    start, file = Barrier(4), CITY_OF_LONDON.read_bytes()

    def one(_):
        client = service.application.test_client()
        start.wait()
        return send(client, file, headers={"Authorization": f"Bearer {service.key}"})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len(crimes(service)) == 782


def test_a_key_of_one_force_sends_that_forces_files_alone(service):
    headers = key(service, "record", forces=("leicestershire",))
    assert send(service, street(ASB), headers=headers).status_code == 201
    both = archive(
        {
            "2018-10-leicestershire-street.csv": street(ASB, ASB),
            "2018-10-gwent-street.csv": street(crime(reported_by="Gwent Police")),
        }
    )
    assert send(service, both, "application/zip", headers=headers).status_code == 403
    assert send(service, street(ASB, ASB), headers=key(service, "read")).status_code == 403
    assert len(crimes(service)) == 1


def test_a_request_repeated_with_its_idempotency_key_gets_the_same_answer(service):
    first, second = (send(service, street(ASB), headers={"Idempotency-Key": "month-10"}) for _ in range(2))
    assert (first.status_code, first.get_data()) == (second.status_code, second.get_data())
    assert send(service, street(ASB, ASB), headers={"Idempotency-Key": "month-10"}).status_code == 422


def test_reading_a_file_takes_no_more_memory_the_longer_it_is():
    def peak(rows):
        pieces = chain([street()], (crime("a" * 64).encode() for _ in range(rows)))
        source = archives.open_stream(pieces, None, archives.Allowance(2**30))
        staged = lines.StagedFiles({"leicestershire": "E23000021"}, frozenset(["Burglary"]), date(2020, 1, 1))
        tracemalloc.start()
        count = sum(1 for _ in lines.read_records(source, staged))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return highest

    assert peak(6_000) < peak(600) + 200_000


def test_a_byte_order_mark_and_either_line_end_are_no_fault(service):
    receipt = sent(service, b"\xef\xbb\xbf" + street(ASB).replace(b"\n", b"\r\n"))
    assert receipt["rows"] == 1
    assert sent(service, street(ASB).rstrip())["change"] is None


def test_the_terminal_takes_a_folder_an_archive_or_a_file(service, monkeypatch, capsys, tmp_path):
    from service import __main__ as terminal
    from service.store.database import _database

    (tmp_path / "held.zip").write_bytes(
        archive({"2018-11/2018-11-northamptonshire-street.csv.gz": NORTHAMPTONSHIRE[1].read_bytes()})
    )
    (tmp_path / "wrong.csv").write_bytes(street(ASB.replace("Anti-social behaviour", "Whistling")))
    monkeypatch.setenv("DATABASE_URL", _database["url"])

    def run(*paths):
        monkeypatch.setattr("sys.argv", ["service", "load-police-uk", *map(str, paths)])
        worst, told = terminal.main(), capsys.readouterr()
        return worst, [json.loads(line) for line in told.out.splitlines()], told.err

    worst, receipts, _ = run(SAMPLES / "2018-10", tmp_path / "held.zip", NORTHAMPTONSHIRE[2])
    assert (worst, [one["rows"] for one in receipts]) == (0, [6705 + 782 + 5080 + 53, 6616, 6196])
    assert [one["change"] for one in run(tmp_path / "held.zip")[1]] == [None]
    worst, receipts, told = run(tmp_path / "wrong.csv")
    assert (worst, receipts[0]["faults"]) == (1, 1)
    assert "No crime type is called Whistling" in told
    assert len(crimes(service)) == sum(len(rows_of(file)) for file in sorted(SAMPLES.glob("2018-1*/*")))
