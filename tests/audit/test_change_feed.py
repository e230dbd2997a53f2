"""The feed for those who follow the book: what each change touched, waiting for the next, and dying anywhere
without missing one."""

import random
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders import offence, record, submit
from conftest import served
from return_files import GOOD, home_office, send

from service.store import database
from service.web.request import waiting

CONSUMER = Path(__file__).parents[1] / "consumer.py"

SAVINGS = {
    "adds_up": "sum",
    "better": "higher",
    "description": "As reported.",
    "name": "Savings",
    "unit": "pounds",
}


def touched(service, change):
    return {
        (one["noun"], one["what"]): one["count"]
        for one in service.get(f"/v1/changes/{change}").json["touched"]
    }


def every(service, address):
    items = []
    while address:
        page = service.get(address).json
        items, address = items + page["items"], page["next"]
    return items


def change_of(answer):
    assert answer.status_code in (200, 201), answer.json
    return int(answer.headers["Crimebook-Change"])


def test_a_change_says_what_became_of_records(service):
    made = record(service)
    address, tag = f"/v1/offences/{made['offence_id']}", {"If-Match": made["etag"]}
    assert touched(service, made["since_change"]) == {("offences", "recorded"): 1}
    corrected = service.put(address, json=offence(crime_ref=made["crime_ref"], victims=2), headers=tag)
    again = service.patch(
        address, json={"code": "28C", "reason": "attempted"}, headers={"If-Match": corrected.headers["ETag"]}
    )
    gone = service.delete(f"{address}?reason=duplicate", headers={"If-Match": again.headers["ETag"]})
    assert [touched(service, change_of(one)) for one in (corrected, again, gone)] == [
        {("offences", "corrected"): 1},
        {("offences", "reclassified"): 1},
        {("offences", "cancelled"): 1},
    ]
    erased = service.post(f"{address}/erasure", json={"ground": "court-order", "authority": "A court"})
    assert touched(service, change_of(erased)) == {("offences", "erased"): 1}
    assert touched(service, made["since_change"]) == {("offences", "recorded"): 1}, (
        "a change stays what it was"
    )


def test_a_file_is_one_change_with_its_records_listed_as_they_were_and_became(service):
    first = record(service)
    lines = [offence(crime_ref=first["crime_ref"], victims=3), *(offence() for _ in range(6))]
    change = submit(service, lines).json["change"]
    assert touched(service, change) == {("offences", "corrected"): 1, ("offences", "recorded"): 6}
    listed = every(service, f"/v1/changes/{change}/offences?limit=2")
    assert len(listed) == 7 and [one["offence_id"] for one in listed] == sorted(
        one["offence_id"] for one in listed
    )
    [corrected] = every(service, f"/v1/changes/{change}/offences?what=corrected&force=northamptonshire")
    assert [service.get(corrected[name]).json["victims"] for name in ("was", "became")] == [1, 3]
    assert all(
        one["was"] is None and service.get(one["became"]).status_code == 200
        for one in listed
        if one["what"] == "recorded"
    )
    assert every(service, f"/v1/changes/{change}/offences?force=kent") == []
    [link] = [
        one["things"]
        for one in service.get(f"/v1/changes/{change}").json["touched"]
        if one["what"] == "recorded"
    ]
    assert len(every(service, link)) == 6
    assert service.get("/v1/changes/99999/offences").status_code == 404


def test_all_else_that_changes_is_told_and_can_be_read(service):
    kent = service.get("/v1/areas/kent")
    draft = {
        name: kent.json[name]
        for name in ("aliases", "from_on", "kind", "name", "parents", "populations", "slug", "to_on")
    }
    code = {"periods": [{"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}]}
    target = {
        "area": "northamptonshire",
        "base_period": "2011/12",
        "category": "robbery",
        "kind": "reduce-by-percent",
        "name": "Less",
        "owner": "x",
        "percent": 10,
        "period": "2012/13",
    }
    made = service.post("/v1/targets", json=target)
    keyed = service.post("/v1/callers", json={"name": "reader", "scopes": ["read"]})
    done = {
        ("areas", "altered"): service.put(
            "/v1/areas/kent",
            json=draft | {"aliases": ["Men of Kent"]},
            headers={"If-Match": kent.headers["ETag"]},
        ),
        ("offence-codes", "begun"): service.put(
            "/v1/offence-codes/999Z", json=code, headers={"If-Match": '"0"'}
        ),
        ("targets", "begun"): made,
        ("callers", "begun"): keyed,
        ("returns", "begun"): send(service, home_office(GOOD)),
        ("targets", "ended"): service.delete(
            made.headers["Location"], headers={"If-Match": made.headers["ETag"]}
        ),
        ("measures", "begun"): service.put("/v1/measures/savings", json=SAVINGS, headers={"If-Match": '"0"'}),
        ("callers", "ended"): service.delete(
            f"/v1/callers/{keyed.json['caller_id']}", headers={"If-Match": f'"{change_of(keyed)}"'}
        ),
    }
    told = service.post(
        "/v1/measures/savings/observations", json={"area": "kent", "period": "2012", "value": 1}
    )
    [thing] = every(service, f"/v1/changes/{change_of(told)}/things")
    assert service.get(thing["address"]).json == told.json
    for (noun, what), answer in done.items():
        change = change_of(answer)
        assert touched(service, change)[noun, what] == 1, (noun, touched(service, change))
        [thing] = every(service, f"/v1/changes/{change}/things?noun={noun}&what={what}&limit=1")
        assert noun == "callers" or service.get(thing["address"]).status_code == 200, thing
    assert sum(touched(service, 2).values()) == len(every(service, "/v1/changes/2/things?limit=1000")) > 300


def test_the_last_page_leads_nowhere_and_the_feed_goes_on_after_the_last_change_seen(service):
    made = record(service)
    page = service.get(f"/v1/changes?after={made['since_change'] - 1}").json
    assert ([one["change"] for one in page["items"]], page["next"]) == ([made["since_change"]], None)
    assert service.get(f"/v1/changes?after={made['since_change']}").json == {"items": [], "next": None}
    assert [
        one["change"] for one in service.get(f"/v1/changes?after={made['since_change']}").json["items"]
    ] == []
    record(service)
    assert len(service.get(f"/v1/changes?after={made['since_change']}").json["items"]) == 1


def asked(app, address):
    try:
        began = time.monotonic()
        answer = app.test_client().get(address)
        return answer, time.monotonic() - began
    finally:
        database.release()


def connections():
    with database.connection().cursor() as cursor:
        cursor.execute(
            "select count(*) as held from pg_stat_activity where datname = current_database() and"
            " application_name = 'crimebook'"
        )
        return cursor.fetchone()["held"]


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


def test_who_waits_is_answered_as_soon_as_there_is_a_change_and_holds_nothing_meanwhile(service, app):
    newest = record(service)["since_change"]
    with ThreadPoolExecutor(3) as pool:
        waits = [pool.submit(asked, app, f"/v1/changes?after={newest}&wait=60") for _ in range(3)]
        until(lambda: waiting.watcher._waiting == 3)
        until(lambda: connections() == 2)  # this one and the watcher's, for however many wait
        began = time.monotonic()
        made = record(service)["since_change"]
        answers = [one.result() for one in waits]
        assert time.monotonic() - began < 45, "nobody waited for as long as they would have"
    for answer, _ in answers:
        assert [one["change"] for one in answer.json["items"]] == [made] and answer.json["next"] is None
    until(lambda: not [one for one in threading.enumerate() if one.name == "watch"])


def test_who_waits_in_vain_gets_an_empty_page_in_time(service, app):
    newest = record(service)["since_change"]
    answer, seconds = asked(app, f"/v1/changes?after={newest}&wait=1")
    assert answer.json == {"items": [], "next": None} and 0.9 < seconds < 3
    answer, seconds = asked(app, f"/v1/changes?after={newest - 1}&wait=20")
    assert len(answer.json["items"]) == 1 and seconds < 2
    assert asked(app, f"/v1/changes?after={newest}&wait=0")[1] < 1


@pytest.mark.parametrize("question", ["wait=61", "wait=-1", "wait=soon", "wait=1&as_of=1"])
def test_nobody_waits_longer_than_a_minute_or_for_the_past(service, question):
    assert service.get(f"/v1/changes?{question}").status_code == 400


def test_only_so_many_wait_at_once(service, app, monkeypatch):
    monkeypatch.setitem(app.config, "MOST_WAITING", 2)
    newest = record(service)["since_change"]
    with ThreadPoolExecutor(2) as pool:
        waits = [pool.submit(asked, app, f"/v1/changes?after={newest}&wait=60") for _ in range(2)]
        until(lambda: waiting.watcher._waiting == 2)
        answer, _ = asked(app, f"/v1/changes?after={newest}&wait=20")
        assert (answer.status_code, answer.headers["Retry-After"], answer.json["type"]) == (
            503,
            "5",
            "/docs/problems/busy",
        )
        assert asked(app, f"/v1/changes?after={newest - 1}&wait=20")[0].status_code == 200, (
            "what is there already is told"
        )
        monkeypatch.setattr(waiting.watcher, "stopping", lambda: True)  # the process is told to end
        assert all(one.result()[1] < 10 for one in waits)


def test_a_consumer_that_dies_anywhere_and_comes_back_misses_nothing_and_sees_nothing_twice(
    service, app, tmp_path
):
    with served(database._database["url"]) as port:
        _follow(app.test_client, f"http://127.0.0.1:{port}", service.key, tmp_path / "kept.sqlite")


def test_who_waits_does_not_keep_the_service_from_ending(service):
    with ThreadPoolExecutor(1) as pool:
        with served(database._database["url"]) as port:
            address = f"http://127.0.0.1:{port}/v1/changes?after=1000000&wait=60"
            asking = urllib.request.Request(address, headers={"Authorization": f"Bearer {service.key}"})
            waits = pool.submit(lambda: urllib.request.urlopen(asking, timeout=70).read())
            time.sleep(1)
            assert not waits.done()
            began = time.monotonic()
        assert time.monotonic() - began < 45, "it did not wait for who waits a minute"
        assert waits.result() == b'{"items":[],"next":null}\n'


def _follow(client, crimebook, key, kept):
    rng = random.Random(11)

    def write(number):
        mine = client()
        for turn in range(12):
            if turn % 4 == 3:
                submit(mine, [offence() for _ in range(5)])
            else:
                record(mine, crime_ref=f"W{number}/{turn}")
        database.release()

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for one in writers:
        one.start()
    killed = 0
    while any(one.is_alive() for one in writers) or killed < 4:
        consumer = subprocess.Popen(
            [sys.executable, CONSUMER, str(kept), crimebook, key], stderr=subprocess.DEVNULL
        )
        time.sleep(rng.uniform(0.1, 0.7))
        consumer.kill()
        consumer.wait()
        killed += 1
    last = client().get("/v1/changes?limit=1000").json["items"][-1]["change"]
    consumer = subprocess.Popen(
        [sys.executable, CONSUMER, str(kept), crimebook, key], stderr=subprocess.DEVNULL
    )
    try:
        with sqlite3.connect(kept) as held:
            until(lambda: held.execute("select max(change) from place").fetchone() == (last,), 20)
            assert held.execute("select change from place").fetchall() == [
                (number,) for number in range(1, last + 1)
            ]
            seen = held.execute("select offence_id from seen where what = 'recorded'").fetchall()
    finally:
        consumer.kill()
        consumer.wait()
    listed = every(client(), "/v1/offences?limit=1000")
    assert len(listed) == 3 * (9 + 15)
    assert sorted(one for (one,) in seen) == sorted(one["offence_id"] for one in listed)
