"""A real primary and a real replica of it: who answers, what is seen, and what is lost when one of them dies.
Nothing may be."""

import http.client
import json
import shutil
import socket
import threading
import time
from contextlib import closing
from urllib.parse import unquote

import pytest
from builders import FORCE, key, offence, record, submit
from conftest import served
from replica_servers import Pair, kill, new_root, several, until

from service.callers import callers
from service.reference import open_data
from service.store import connect, database, migrations
from service.store.embedded.server import EmbeddedPostgres
from service.store.scaling import replica as replicas
from service.web.request.lasting import make as make_room

OFFENCES = "/v1/offences?area=northamptonshire"
SUMMARY = "/v1/summaries?area=northamptonshire&category=all-crime&period=2012/13"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The files of a server whose book has its reference data, and the administrator's key."""
    home, root = tmp_path_factory.mktemp("home"), new_root()
    with EmbeddedPostgres(root / "primary", durable=False) as server:
        migrations.migrate(server.url())
        callers.ensure_first_key(server.url(), home)
        open_data.load(server.url())
        database.release()
    yield root / "primary", (home / "key").read_text().strip()
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def lasting(template):
    """A pair for the tests that leave both alive."""
    pair = Pair(template[0])
    yield pair
    database.release()
    pair.stop()


@pytest.fixture
def own(template):
    """A pair of the test's own, to be broken."""
    pair = Pair(template[0])
    yield pair
    database.release()
    connect("postgresql:///nowhere")
    pair.stop()


@pytest.fixture
def pair(lasting, monkeypatch):
    """The lasting pair, the replica up to date and read."""
    monkeypatch.setattr(replicas, "SECONDS_TO_REST", 0.3)
    lasting.follow()
    yield lasting
    lasting.resume()
    connect("postgresql:///nowhere")


@pytest.fixture
def service(app, pair, template, caplog):
    """An administrator's client of the pair; `read_at` says where the last answer was read."""
    connect(pair.primary.url(), read_url=pair.read_url)
    make_room(app, 0)  # what is asked here is to be read
    return client_of(app, template, caplog)


def client_of(app, template, caplog):
    client = app.test_client()
    type(client).key = template[1]
    caplog.set_level("INFO", "crimebook.requests")
    type(client).read_at = property(
        lambda _: [one.fields["read_at"] for one in caplog.records if one.name == "crimebook.requests"][-1]
    )
    return client


def logged(pair, where="true"):
    return pair.tell(pair.primary, f"select count(*) from access where {where}")[0]


def test_what_only_reads_is_answered_by_the_replica(service, pair):
    made = record(service)
    pair.follow()
    for address in (
        OFFENCES,
        SUMMARY,
        f"/v1/offences/{made['offence_id']}",
        "/v1/areas",
        "/v1/changes?after=1",
        "/v1/targets",
    ):
        answer = service.get(address)
        assert (answer.status_code, service.read_at) == (200, "replica"), address
        assert int(answer.headers["Crimebook-Change"]) >= made["since_change"]


def test_a_caller_is_answered_by_the_replica_once_that_has_the_change_it_has_seen(service, pair):
    pair.pause()
    made = record(service)
    address, seen = f"/v1/offences/{made['offence_id']}", {"Crimebook-Change": str(made["since_change"])}
    behind = service.get(address)
    assert (behind.status_code, service.read_at) == (404, "replica"), "it has not come there yet"
    mine = service.get(address, headers=seen)
    assert (mine.json["offence_id"], service.read_at) == (made["offence_id"], "primary")
    assert mine.headers["Crimebook-Change"] == seen["Crimebook-Change"]
    pair.resume()
    again = service.get(address, headers=seen)
    assert (again.get_data(), service.read_at) == (mine.get_data(), "replica")
    assert service.get(address, headers={"Crimebook-Change": "999999999"}).status_code == 200
    assert service.read_at == "primary", "a change that nobody has made"


def test_a_tag_a_cursor_and_a_place_in_the_feed_say_too_what_was_seen(service, pair):
    record(service)
    pair.pause()
    made = record(service)
    held = service.get(OFFENCES, headers={"Crimebook-Change": str(made["since_change"])})
    assert service.get(OFFENCES, headers={"If-None-Match": held.headers["ETag"]}).status_code == 304
    assert service.read_at == "primary"
    following = service.get(
        f"{OFFENCES}&limit=1", headers={"Crimebook-Change": str(made["since_change"])}
    ).json["next"]
    assert len(service.get(following).json["items"]) == 1 and service.read_at == "primary"
    assert (
        service.get(f"/v1/changes?after={made['since_change']}").json["items"] == []
        and service.read_at == "primary"
    )
    assert (
        service.get(f"/v1/changes?after={made['since_change'] - 1}").json["items"] == []
        and service.read_at == "replica"
    )


@pytest.mark.parametrize("sent", ["x", "-1", "1.5", "1, 2", "9" * 19, "", '"7"'])
def test_a_change_that_is_no_number_is_refused_by_name(service, sent):
    answer = service.get(SUMMARY, headers={"Crimebook-Change": sent})
    assert (answer.status_code, answer.json["type"]) == (400, "/docs/problems/invalid-header")
    assert "Crimebook-Change" in answer.json["detail"]


def test_who_waits_for_a_change_is_told_of_it_though_the_replica_lacks_it(service, app, pair):
    newest = int(
        service.get("/v1/changes?after=1&limit=1", headers={"Crimebook-Change": "999999999"}).headers[
            "Crimebook-Change"
        ]
    )
    pair.pause()
    told = []

    def wait():
        told.append(app.test_client().get(f"/v1/changes?after={newest}&wait=20").json["items"])
        database.release()

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.3)
    made = record(service)
    waiter.join(20)
    assert [one["change"] for [one] in told] == [made["since_change"]]


def test_an_answer_of_the_past_is_the_same_from_either(service, pair):
    made = [record(service, victims=number) for number in (1, 2, 3)]
    service.delete(
        f"/v1/offences/{made[0]['offence_id']}?reason=duplicate", headers={"If-Match": made[0]["etag"]}
    )
    pair.follow()
    change = made[1]["since_change"]
    at = service.get(f"/v1/changes/{change}").json["at"]
    asked = [
        (f"{address}{'&' if '?' in address else '?'}as_of={as_of}", {"Accept": accept, **more})
        for as_of in (change, at)
        for address, accept in [
            (OFFENCES, "application/json"),
            (OFFENCES, "text/csv"),
            (OFFENCES, "application/x-ndjson"),
            (SUMMARY, "application/json"),
            (f"/v1/offences/{made[0]['offence_id']}", "application/json"),
            (
                "/v1/summaries/series?area=northampton&category=all-crime&period=2012/13&every=month",
                "application/json",
            ),
        ]
        for more in ({}, {"If-None-Match": f'"{change}"'})
    ]

    def answers(read_at):
        told = []
        for address, headers in asked:
            answer = service.get(address, headers=headers)
            assert service.read_at == read_at, address
            told.append(
                (
                    answer.status_code,
                    answer.get_data(),
                    [
                        (name, one)
                        for name, one in answer.headers
                        if name in ("ETag", "Crimebook-Change", "Content-Type", "Link", "Vary")
                    ],
                )
            )
        return told

    from_replica = answers("replica")
    connect(pair.primary.url())
    assert answers("primary") == from_replica
    assert {status for status, *_ in from_replica} >= {200, 304}


def test_an_instant_is_settled_at_the_replica_only_when_a_later_change_is_there(service, pair):
    made = record(service)
    pair.follow()
    at = service.get(f"/v1/changes/{made['since_change']}").json["at"]
    assert service.get(f"{SUMMARY}&as_of={at}").status_code == 200 and service.read_at == "primary"
    record(service)
    pair.follow()
    assert service.get(f"{SUMMARY}&as_of={at}").status_code == 200 and service.read_at == "replica"
    assert service.get(f"{SUMMARY}&as_of=999999999").status_code == 400


def test_what_the_replica_shows_is_in_the_access_log_of_the_primary_first(service, app, pair):
    made = record(service)
    pair.follow()
    address, before = f"/v1/offences/{made['offence_id']}", logged(pair)
    pair.pause()
    assert service.get(address).status_code == 200 and service.read_at == "replica"
    assert logged(pair, f"offence_id = '{made['offence_id']}' and operation = 'readOffence'") == 1
    assert service.get(OFFENCES).status_code == 200 and service.read_at == "replica"
    assert logged(pair) == before + 2
    stream = app.test_client().get(OFFENCES, headers={"Accept": "application/x-ndjson"}, buffered=False)
    assert logged(pair) == before + 3, "before its first byte"
    assert made["offence_id"] in stream.get_data(as_text=True)
    stream.close()
    assert pair.tell(pair.primary, "select complete from access_end order by at desc limit 1")[0]
    assert pair.tell(pair.replica, "select count(*) from access")[0] == before


def test_what_cannot_be_logged_at_the_primary_is_not_shown_by_the_replica(service, pair):
    made = record(service)
    pair.follow()
    pair.tell(pair.primary, "revoke insert on access from crimebook_service")
    try:
        for address, accept in (
            (f"/v1/offences/{made['offence_id']}", "application/json"),
            (OFFENCES, "text/csv"),
        ):
            answer = service.get(address, headers={"Accept": accept})
            assert (answer.status_code, service.read_at) == (503, "replica")
            assert made["crime_ref"] not in answer.text and "could not be logged" in answer.json["detail"]
        assert service.get(SUMMARY).status_code == 200
    finally:
        pair.tell(pair.primary, "grant insert on access to crimebook_service")


def test_a_row_of_the_access_log_is_written_once_though_the_connection_to_the_primary_broke(service, pair):
    made = record(service)
    pair.follow()
    for _ in range(3):
        pair.tell(
            pair.primary,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crimebook'",
        )
        assert service.get(f"/v1/offences/{made['offence_id']}").status_code == 200
    assert logged(pair, f"offence_id = '{made['offence_id']}' and operation = 'readOffence'") == 3


def test_what_no_change_tells_of_is_the_primary_s(service, pair):
    submit(service, [offence(force=None)], force="northamptonshire")
    pair.follow()
    for address in ("/v1/audit/accesses", "/v1/audit/seals", "/v1/submissions", "/v1/street-submissions"):
        assert service.get(address).status_code == 200 and service.read_at == "primary", address
    pair.pause()
    sent, same = offence(), {"Idempotency-Key": "once"}
    first = service.post("/v1/offences", json=sent, headers=same)
    again = service.post("/v1/offences", json=sent, headers=same)
    assert (first.status_code, again.status_code, again.get_data()) == (201, 201, first.get_data())
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_key_that_was_withdrawn_opens_nothing_though_the_replica_does_not_know(service, pair):
    made = service.post("/v1/callers", json={"name": "leaver", "scopes": ["read"]})
    theirs = {"Authorization": f"Bearer {made.json['key']}"}
    pair.follow()
    assert service.get(SUMMARY, headers=theirs).status_code == 200
    pair.pause()
    service.delete(made.headers["Location"], headers={"If-Match": f'"{made.json["created_change"]}"'})
    assert service.get(SUMMARY, headers=theirs).status_code == 401


def test_the_replica_too_shows_a_force_its_own_records_alone(service, pair):
    ours, other = record(service), record(service, force="E23000021", area="E07000130")
    bound = key(service, "read", forces=(FORCE,))
    pair.follow()
    assert (
        service.get(f"/v1/offences/{ours['offence_id']}", headers=bound).status_code == 200
        and service.read_at == "replica"
    )
    assert (
        service.get(f"/v1/offences/{other['offence_id']}", headers=bound).status_code == 404
        and service.read_at == "replica"
    )
    items = service.get("/v1/offences?limit=1000", headers=bound).json["items"]
    assert {one["force"] for one in items} == {FORCE} and service.read_at == "replica"


def test_a_read_that_replaying_stopped_is_done_again_at_the_primary(service, pair, monkeypatch):
    """The replica may not wait for readers, and the primary locks what one of them has just read."""
    pair.tell(pair.replica, "alter system set max_standby_streaming_delay = 0", "select pg_reload_conf()")
    keeps_up, disturbed = database.replica.keeps_up, []

    def disturb(change):
        if not disturbed:
            pair.tell(pair.primary, "begin; lock table change in access exclusive mode; commit")
            disturbed.append(change)
            time.sleep(0.5)
        return keeps_up(change)

    monkeypatch.setattr(database.replica, "keeps_up", disturb)
    assert service.get(SUMMARY).status_code == 200
    assert (service.read_at, len(disturbed)) == ("primary", 1)
    assert service.get(SUMMARY).status_code == 200 and service.read_at == "replica"
    pair.tell(pair.replica, "alter system reset max_standby_streaming_delay", "select pg_reload_conf()")


def test_a_replica_that_died_is_left_alone_and_read_again_when_it_lives(service, app, pair, monkeypatch):
    service.get(SUMMARY)
    tried, open_to = [], replicas.connections.open_to
    monkeypatch.setattr(
        replicas.connections, "open_to", lambda url, *more: tried.append(url) or open_to(url, *more)
    )
    monkeypatch.setattr(replicas, "SECONDS_TO_REST", 60)
    kill(pair.replica)
    asked = [service.get(SUMMARY).status_code for _ in range(10)]

    def ask():
        asked.extend(app.test_client().get(SUMMARY).status_code for _ in range(10))
        database.release()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert asked == [200] * 70 and service.read_at == "primary"
    assert tried.count(pair.read_url) <= 2, "one tries, and the others go to the primary"
    assert service.get("/ready").json["replica"] == {"read": False, "because": "does not answer"}
    pair.replica.revive()
    connect(pair.primary.url(), read_url=pair.read_url)  # as after the rest
    until(lambda: service.get(SUMMARY).status_code == 200 and service.read_at == "replica")


def test_a_replica_too_far_behind_is_not_read_until_it_has_caught_up(service, pair, monkeypatch, caplog):
    monkeypatch.setattr(replicas, "SECONDS_BETWEEN_LOOKS", 0.1)
    caplog.set_level("INFO", "service.store.scaling.replica")
    connect(pair.primary.url(), read_url=pair.read_url, most_seconds_behind=1)
    pair.pause()
    made = record(service)
    assert service.get(f"/v1/offences/{made['offence_id']}").status_code == 404, "not yet too far"
    told = service.get("/ready").json
    assert (told["primary"]["change"], told["replica"]["changes_behind"]) == (made["since_change"], 1)
    assert 0 < told["replica"]["seconds_behind"] < 1
    time.sleep(1.2)
    assert (
        service.get(f"/v1/offences/{made['offence_id']}").status_code == 200 and service.read_at == "primary"
    )
    assert service.get("/ready").json["replica"] == {"read": False, "because": "is too far behind"}
    assert "the replica is too far behind, so the primary is read" in caplog.text
    pair.resume()
    until(lambda: service.get(SUMMARY).status_code == 200 and service.read_at == "replica")
    assert service.get("/ready").json["replica"] == {"read": True, "changes_behind": 0, "seconds_behind": 0.0}


def test_a_server_that_is_no_replica_of_this_book_as_this_code_knows_it_is_not_read(
    service, pair, monkeypatch
):
    connect(pair.primary.url(), read_url=pair.primary.url())
    assert service.get(SUMMARY).status_code == 200
    assert (service.read_at, database.replica.unread_because) == ("primary", "is no replica")
    fit = {"in_recovery": True, "schema_version": migrations.newest(), "begun": 1}
    assert replicas._unfit(fit, 1) == ""
    assert replicas._unfit(fit, 2) == "holds another book"
    monkeypatch.setattr(migrations, "newest", lambda: "999")
    connect(pair.primary.url(), read_url=pair.read_url)
    assert service.get(SUMMARY).status_code == 200
    assert (service.read_at, database.replica.unread_because) == ("primary", "has another schema")


def test_migrations_go_to_whichever_of_several_hosts_is_the_primary(pair):
    address = migrations._dbmate_url(several(pair.replica, pair.primary))
    assert str(pair.primary.socket_directory) in unquote(address) and str(
        pair.replica.socket_directory
    ) not in unquote(address)
    migrations.migrate(several(pair.replica, pair.primary))
    assert migrations.pending(several(pair.replica, pair.primary)) == []


def test_a_server_that_is_no_primary_takes_no_change_and_says_so(service, pair):
    connect(pair.replica.url())
    answer = service.post("/v1/offences", json=offence())
    assert (answer.status_code, answer.json["type"], answer.headers["Retry-After"]) == (
        503,
        "/docs/problems/unavailable",
        "2",
    )
    connect(several(pair.replica, pair.primary))
    assert service.post("/v1/offences", json=offence()).status_code == 201, "of several it is found"


def test_a_change_that_no_replica_took_in_time_is_in_doubt_and_not_acknowledged(own, app, template, caplog):
    """PostgreSQL calls such a commit done when the time of a statement is over, and says otherwise in a
    warning alone."""
    connect(own.url, 1, read_url=own.read_url)
    service = client_of(app, template, caplog)
    own.wait_for_replica()
    made = record(service)
    kill(own.replica)
    answer = service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "in-doubt"})
    assert (answer.status_code, answer.json["type"]) == (503, "/docs/problems/in-doubt")
    shown = service.get(f"/v1/offences/{made['offence_id']}")
    assert (shown.status_code, "could not be logged" in shown.json["detail"]) == (503, True)
    assert service.get(SUMMARY).status_code == 200, "figures are logged nowhere"


def narrow(port):
    """A connection on which little lies unread: the kernel takes a whole list in for a reader who rests."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", port))
    return connection


def rest_of(answer):
    """How many lines still come, and whether the answer ends as a whole one does."""
    lines = 0
    try:
        while piece := answer.read(65_536):
            lines += piece.count(b"\n")
    except http.client.IncompleteRead:
        return lines, False
    return lines, True


def test_a_list_whose_replica_dies_under_way_breaks_off_where_its_reader_sees_it(
    own, app, template, caplog, monkeypatch
):
    connect(own.primary.url())
    lines = [offence(force=None, crime_ref=f"NN/{number}", location="1" * 120) for number in range(30_000)]
    assert (
        submit(client_of(app, template, caplog), lines, force="northamptonshire").json["recorded"] == 30_000
    )
    own.follow()
    monkeypatch.setenv("READ_DATABASE_URL", own.read_url)
    headers = {"Authorization": f"Bearer {template[1]}", "Accept": "application/x-ndjson"}
    with served(own.url) as port:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as reader:
            reader.sock = narrow(port)
            reader.request("GET", OFFENCES, headers=headers)
            answer = reader.getresponse()
            assert json.loads(answer.readline())["force"] == FORCE
            kill(own.replica)
            lines, whole = rest_of(answer)
            assert not whole and lines < 29_999, "it was cut, and not read whole out of a buffer"
            answer.close()
        until(
            lambda: (
                own.tell(own.primary, "select complete from access_end order by at desc limit 1") == (False,)
            )
        )
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as reader:
            reader.request("GET", OFFENCES, headers=headers)
            assert reader.getresponse().read().count(b"\n") == 30_000, "the primary has them all"
        assert own.tell(own.primary, "select complete from access_end order by at desc limit 1") == (True,)


class Writer(threading.Thread):
    """Records one offence after another over HTTP, each until it is acknowledged, and reads it at once as one
    who has seen it."""

    def __init__(self, port, key):
        super().__init__(daemon=True)
        self.port, self.key, self.stopping = port, key, threading.Event()
        self.acknowledged, self.unseen, self.odd, self.gap = [], [], [], 0.0

    def ask(self, verb, address, sent=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {name.replace("_", "-"): one for name, one in headers.items()} | {
            "Authorization": f"Bearer {self.key}"
        }
        connection.request(
            verb,
            address,
            sent and json.dumps(sent),
            headers | ({"Content-Type": "application/json"} if sent else {}),
        )
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer, body

    def run(self):
        last = time.monotonic()
        while not self.stopping.is_set():
            sent = offence()
            while True:
                answer, body = self.ask("POST", "/v1/offences", sent, Idempotency_Key=sent["crime_ref"])
                if answer.status == 201:
                    break
                if answer.status != 503:
                    self.odd.append(body)
                    return
                time.sleep(0.05)
            self.gap, last = max(self.gap, time.monotonic() - last), time.monotonic()
            self.acknowledged.append((sent["crime_ref"], body["offence_id"]))
            answer, body = self.ask(
                "GET",
                f"/v1/offences/{body['offence_id']}",
                Crimebook_Change=answer.headers["Crimebook-Change"],
            )
            if answer.status not in (200, 503):
                self.unseen.append(body)


def test_when_the_primary_dies_and_the_replica_is_promoted_no_acknowledged_change_is_lost(
    own, template, monkeypatch
):
    own.wait_for_replica()
    monkeypatch.setenv("READ_DATABASE_URL", own.read_url)
    with served(own.url) as port:
        writers = [Writer(port, template[1]) for _ in range(4)]
        [one.start() for one in writers]
        until(lambda: all(len(one.acknowledged) > 6 for one in writers), 30)
        kill(own.primary)
        time.sleep(0.5)
        until(lambda: own.promote() is None)
        promoted = {one: len(one.acknowledged) for one in writers}
        until(lambda: all(len(one.acknowledged) > promoted[one] + 3 for one in writers), 30)
        [one.stopping.set() for one in writers]
        [one.join(30) for one in writers]
        kept = dict(all_of(own.replica))
        acknowledged = [pair for one in writers for pair in one.acknowledged]
        assert [one.odd + one.unseen for one in writers] == [[]] * 4
        assert len(acknowledged) > 40
        assert [pair for pair in acknowledged if kept.get(pair[0]) != pair[1]] == []
        asked, told = writers[0].ask("GET", "/ready")
        assert (asked.status, told["replica"]) == (200, {"read": False, "because": "is no replica"})
    print(f"{len(acknowledged)} acknowledged, gap {max(one.gap for one in writers):.1f} s")


def all_of(server):
    import psycopg2

    with (
        closing(psycopg2.connect(server.url("crimebook", "postgres"))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("select crime_ref, offence_id::text from offence")
        return cursor.fetchall()
