"""More than the service can do: told to come again, nothing acknowledged is lost, and afterwards all is as
before."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from builders import offence
from conftest import served

from service.store import database

THREADS = 4


@pytest.fixture
def small(databases, referenced, home, monkeypatch):
    """A port with few threads and little time, the key, and the address of its book."""
    for name, value in {"THREADS": THREADS, "QUEUE_SECONDS": 1, "STATEMENT_TIMEOUT_SECONDS": 4}.items():
        monkeypatch.setenv(name, str(value))
    name = databases.make(like=referenced)
    with served(databases.url(name)) as port:
        yield port, (home / "key").read_text().strip(), databases.url(name)
    databases.drop(name)


def ask(port, key, method="GET", path="/v1/areas/northampton", body=None):
    """Status, content, when to come again, and the seconds it took; status None where the connection was
    cut."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read() or b"null")
        return answer.status, content, answer.headers["Retry-After"], time.monotonic() - began
    except (http.client.HTTPException, OSError):
        return None, None, None, time.monotonic() - began
    finally:
        connection.close()


def held(url):
    """Somebody who keeps the change lock: every writer waits behind."""
    connection = psycopg2.connect(url)
    connection.cursor().execute(f"select pg_advisory_xact_lock({database.CHANGE_LOCK})")
    return closing(connection)


def test_more_than_can_be_done_is_served_or_told_to_come_again_and_nothing_acknowledged_is_lost(small):
    port, key, url = small
    acknowledged, told = [], []

    def record(number):
        status, content, later, seconds = ask(
            port, key, "POST", "/v1/offences", offence(crime_ref=f"NN/{number}")
        )
        told.append((status, later, seconds))
        if status == 201:
            acknowledged.append(content["offence_id"])

    with ThreadPoolExecutor(40) as pool:
        with held(url):
            flood = [pool.submit(record, number) for number in range(100)]
            time.sleep(3)
            assert ask_health(port) < 20
        for one in flood:
            one.result(timeout=60)
    assert {status for status, _, _ in told} <= {201, 503, None}
    refused = [later for status, later, _ in told if status == 503]
    assert len(refused) >= 10 and all(refused), "who was not served is told when to come again"
    assert max(seconds for _, _, seconds in told) < 30, "nobody waits for ever"
    assert ask(port, key)[0] == 200
    assert ask(port, key, "POST", "/v1/offences", offence(crime_ref="NN/afterwards"))[0] == 201
    assert {ask(port, key, path=f"/v1/offences/{one}")[0] for one in acknowledged} <= {200}
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from offence")
        assert cursor.fetchone()[0] >= len(acknowledged) + 1
        cursor.execute("select count(distinct id), max(id) from change")
        assert len(set(cursor.fetchone())) == 1, "changes are numbered without gaps all the same"


def ask_health(port):
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/live")
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - began


def test_reading_goes_on_while_writers_wait_for_one_that_takes_long(small):
    port, key, url = small
    with held(url), ThreadPoolExecutor(THREADS) as pool:
        waiting = [
            pool.submit(ask, port, key, "POST", "/v1/offences", offence(crime_ref=f"NN/{number}"))
            for number in range(THREADS)
        ]
        time.sleep(0.7)
        readings = [ask(port, key) for _ in range(10)]
        assert [status for status, *_ in readings] == [200] * 10
        kinds = sorted(one.result(timeout=30)[1]["type"] for one in waiting)
    assert kinds == ["/docs/problems/busy"] * 2 + ["/docs/problems/took-too-long"] * 2


def test_with_every_thread_taken_a_caller_is_told_to_come_again_in_time(small):
    port, key, url = small
    with closing(psycopg2.connect(url)) as blocker, ThreadPoolExecutor(3 * THREADS) as pool:
        blocker.cursor().execute("lock table area_version in access exclusive mode")
        asked = [pool.submit(ask, port, key) for _ in range(3 * THREADS)]
        time.sleep(0.5)
        assert ask_health(port) < 1.5
        answers = [one.result(timeout=30) for one in asked]
    assert {status for status, *_ in answers} == {503}
    kinds = [content["type"] for _, content, *_ in answers]
    assert kinds.count("/docs/problems/busy") >= THREADS
    assert all(later for _, _, later, _ in answers)
    assert max(seconds for _, content, _, seconds in answers if content["type"].endswith("busy")) < 4
    assert ask(port, key)[0] == 200


def test_a_flood_of_readers_is_answered_to_the_last(small):
    port, key, _ = small
    statuses = []

    def read():
        statuses.extend(ask(port, key)[0] for _ in range(20))

    readers = [threading.Thread(target=read) for _ in range(20)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(60)
    assert len(statuses) == 400
    assert set(statuses) <= {200, 503} and statuses.count(200) > 200
