"""The access log under gunicorn: readers that go away, and processes that are killed."""

import http.client
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from builders import offence, submit
from conftest import served

RECORDS = 20_000  # more than the buffers between two sockets hold


@pytest.fixture
def exporting(service):
    """A port that serves a book of many records; the key's headers."""
    lines = [offence(force=None, crime_ref=f"NN/{number}", location=None) for number in range(RECORDS)]
    assert submit(service, lines, force="northamptonshire").status_code == 201
    from service.store import database

    with served(database._database["url"]) as port:
        yield port, {"Authorization": f"Bearer {service.key}"}
    database.release()


def disclosures(port, headers):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/audit/accesses?operation=listOffences", headers=headers
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())["items"]


def began(port, headers):
    """A connection on which an export has begun to arrive, with a small buffer at our end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.connect(("127.0.0.1", port))
    connection.request("GET", "/v1/offences", headers=headers | {"Accept": "application/x-ndjson"})
    answer = connection.getresponse()
    assert answer.read(1000)
    return connection, answer


def test_a_reader_that_goes_away_in_mid_export_leaves_a_row_that_says_how_far_it_came(exporting):
    port, headers = exporting
    connection, answer = began(port, headers)
    [row] = disclosures(port, headers)
    assert (row["records"], row["complete"], row["kind"]) == (None, None, "disclosure")
    answer.close()
    connection.close()
    deadline = time.monotonic() + 10
    while disclosures(port, headers)[0]["ended_at"] is None and time.monotonic() < deadline:
        time.sleep(0.1)
    [row] = disclosures(port, headers)
    assert row["complete"] is False and 0 < row["records"] < RECORDS
    shown = http_json(port, headers, "/v1/offences?limit=1")["items"][0]["offence_id"]
    hidden = http_json(port, headers, f"/v1/offences?crime_ref=NN/{RECORDS - 1}")["items"][0]["offence_id"]
    assert shown < row["last_offence_id"] < hidden
    address = "/v1/audit/accesses?kind=disclosure&offence_id="
    assert [len(http_json(port, headers, address + one)["items"]) for one in (shown, hidden)] == [1, 0]


def http_json(port, headers, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_an_export_whose_process_is_killed_stays_without_an_end_and_counts_as_shown_whole(exporting):
    port, headers = exporting
    connection, _ = began(port, headers)
    hidden = http_json(port, headers, f"/v1/offences?crime_ref=NN/{RECORDS - 1}")["items"][0]["offence_id"]
    os.kill(worker_of(port), signal.SIGKILL)
    connection.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:  # until another worker has begun
        try:
            found = http_json(port, headers, f"/v1/audit/accesses?kind=disclosure&offence_id={hidden}")[
                "items"
            ]
            break
        except OSError:
            time.sleep(0.1)
    assert [(row["records"], row["complete"], row["ended_at"]) for row in found] == [(None, None, None)]


def worker_of(port):
    """The process number of the one worker of our gunicorn: the child of the process that was told this
    port."""
    told = f"PORT={port}".encode()
    ours = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if told in (entry / "environ").read_bytes().split(b"\0"):
                    ours.append(
                        (int(entry.name), int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]))
                    )
            except OSError:
                continue
    masters = {number for number, _ in ours}
    [worker] = [number for number, parent in ours if parent in masters]
    return worker
