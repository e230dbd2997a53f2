"""Files of offences that tests send, and what comes of them."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from builders import FORCE, NORTHAMPTON, offence

from service.store import database

COUNTS = ("recorded", "corrected", "unchanged", "cancelled")

HEADER = "area,code,committed_from,crime_ref,force,recorded_on"

ROW = f"{NORTHAMPTON},28A,2012-05-02T20:00:00Z,NN/1,{FORCE},2012-05-03"


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
    return service.post(
        "/v1/submissions", query_string=asked, data=file, content_type=content_type, headers=headers
    )


def counts(receipt):
    return tuple(receipt[name] for name in COUNTS)


def faults(service, answer):
    """Every fault of a refused file, as (line, field, value, detail)."""
    assert answer.status_code == 422, answer.json
    rows = (
        service.get(
            f"/v1/submissions/{answer.json['submission']}/faults", headers={"Accept": "application/x-ndjson"}
        )
        .get_data()
        .splitlines()
    )
    return [(one["line"], one["field"], one["value"], one["detail"]) for one in map(json.loads, rows)]


def held(service):
    return (
        service.get("/v1/offences?status=any", headers={"Accept": "application/x-ndjson"})
        .get_data()
        .count(b"\n")
    )


def last_change(service):
    return service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).get_data().count(b"\n")


def together(service, *files, headers=None):
    """Send files at the same moment, each on a connection of its own."""
    start = Barrier(len(files))

    def one(file):
        client = service.application.test_client()
        start.wait()
        return client.post(
            "/v1/submissions",
            data=file,
            content_type="text/csv",
            headers={"Authorization": f"Bearer {service.key}"} | (headers or {}),
        )

    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(one, files))


def checked(service):
    """A book's client; and whatever a test does to its book, its counts and its records agree afterwards."""
    yield service
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
