"""Callers who send a byte now and then, rest, do not listen or do not hang up: over real sockets, on a server
of one worker."""

import contextlib
import json
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import served

from service.web.server.worker import LEAST_BYTES_A_SECOND, MOST_GATHERED, PatientWorker, Steady, has_arrived

THREADS = 4
PATIENCE = 2  # seconds to arrive in these tests


@pytest.fixture(scope="module")
def slow(databases, referenced, home):
    """A port with few threads and little patience, and the administrator's key. One for all tests: who hangs
    up leaves nothing behind."""
    name = databases.make(like=referenced)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THREADS", str(THREADS))
        patch.setenv("ARRIVAL_SECONDS", str(PATIENCE))
        patch.setenv("CONNECTIONS", "40")
        with served(databases.url(name)) as port:
            yield port, (home / "key").read_text().strip()
    databases.drop(name)


def connected(port, sent=b""):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(sent)
    return connection


def received(connection):
    """Status, headers and body, to the end of the connection."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else None, head.decode().lower(), body


def asked(port, path="/live", key=None):
    """Status, and the seconds it took."""
    began = time.monotonic()
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n{authorization}Connection: close\r\n\r\n"
    with connected(port, request.encode()) as connection:
        return received(connection)[0], time.monotonic() - began


HEAD = b"POST /v1/offences HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"G", id="one letter"),
        pytest.param(b"GET /v1/areas HTTP/1.1\r\nHost: x\r\nX: ", id="part of a head"),
        pytest.param(HEAD + b"Content-Length: 500\r\n\r\n{", id="part of a body"),
        pytest.param(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\nG", id="the beginning of a next request"),
        pytest.param(HEAD + b"Content-Length: 900000\r\n\r\n{", id="a long body without a key"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", id="chunks without a key"),
        pytest.param(
            b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            id="a whole request, and no hanging up",
        ),
    ],
)
def test_many_slow_callers_stop_nobody(slow, sent):
    port, key = slow
    alone = max(asked(port)[1], asked(port, "/v1/areas?limit=1", key)[1])
    with contextlib.ExitStack() as open_ones:
        for _ in range(6 * THREADS):
            open_ones.enter_context(connected(port, sent))
        told = [asked(port), asked(port, "/ready"), asked(port, "/v1/areas?limit=1", key)]
    assert [status for status, _ in told] == [200, 200, 200]
    assert max(seconds for _, seconds in told) < PATIENCE * 0.9 + 20 * alone, told


def test_who_sends_too_slowly_is_told_so_and_hung_up_on(slow):
    port, _ = slow
    began = time.monotonic()
    with connected(port, b"GET /v1/areas HTTP/1.1\r\n") as connection:
        for letter in b"X-Slow: abcdefghijklmnopqrstuvwxyz":
            try:
                connection.sendall(bytes([letter]))
            except ConnectionError:
                break
            time.sleep(0.2)
            if time.monotonic() - began > PATIENCE + 1.5:
                break
        status, head, body = received(connection)
    assert time.monotonic() - began < PATIENCE + 30
    assert (status, json.loads(body)["type"]) == (408, "/docs/problems/too-slow")
    assert "content-type: application/problem+json" in head and "connection: close" in head


def test_a_request_in_many_pieces_is_a_request(slow):
    port, key = slow
    request = (
        f"GET /v1/areas/northampton HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection:"
        " close\r\n\r\n".encode()
    )
    with connected(port) as connection:
        for place in range(0, len(request), 5):
            connection.sendall(request[place : place + 5])
            time.sleep(0.01)
        status, head, body = received(connection)
    assert (status, json.loads(body)["name"]) == (200, "Northampton")
    assert "server:" not in head


def test_requests_sent_at_once_over_one_connection_are_answered_in_turn(slow):
    port, key = slow
    one = f"GET /v1/areas/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n%s\r\n"
    sent = one % ("northampton", "") + one % ("kettering", "") + one % ("corby", "Connection: close\r\n")
    with connected(port, sent.encode()) as connection:
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    names = [place for place in (b'"Northampton"', b'"Kettering"', b'"Corby"') if place in answer]
    assert (answer.count(b"HTTP/1.1 200"), len(names)) == (3, 3)
    assert answer.index(b'"Northampton"') < answer.index(b'"Kettering"') < answer.index(b'"Corby"')


def test_a_longer_body_must_keep_coming(slow):
    port, key = slow
    head = (
        f"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type:"
        " application/x-ndjson\r\n".encode()
    )
    with connected(
        port, head + b"Content-Length: 900000\r\nConnection: close\r\n\r\n" + b" " * 100
    ) as connection:
        began = time.monotonic()
        while time.monotonic() - began < 3 * PATIENCE:
            try:
                connection.sendall(b" ")
            except ConnectionError:
                break
            time.sleep(0.1)
        status, _, body = received(connection)
    assert status in (408, None)  # a caller that goes on sending may lose the answer on its way
    if body:
        assert json.loads(body)["type"] == "/docs/problems/too-slow"
    with connected(
        port, head + b"Content-Length: 900000\r\nConnection: close\r\n\r\n" + b" " * 100
    ) as connection:
        status, _, body = received(connection)
    assert (status, json.loads(body)["type"]) == (408, "/docs/problems/too-slow")
    assert asked(port, "/v1/areas?limit=1", key)[0] == 200


def test_patience_is_used_up_by_waiting_and_given_back_by_what_comes():
    here, there = socket.socketpair()
    with here, there:
        steady = Steady(here, 0.3)
        for _ in range(60):
            there.sendall(b"x" * LEAST_BYTES_A_SECOND)
            assert len(steady.recv(LEAST_BYTES_A_SECOND)) == LEAST_BYTES_A_SECOND
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            steady.recv(10)
        assert time.monotonic() - began < 30, "a minute of what came fast saves up no more than there was"
        there.sendall(b"x")
        with pytest.raises(TimeoutError):
            steady.recv(10)


def test_who_does_not_take_an_answer_is_hung_up_on(monkeypatch):
    monkeypatch.setattr("service.web.server.worker.SECONDS_A_CALLER_MAY_REST", 1)
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"x")
        Steady(here, 5).recv(1)  # what a thread has done before it answers
        assert here.gettimeout() == 1
        with pytest.raises(TimeoutError):
            here.sendall(b"x" * 50_000_000)


def test_beyond_so_many_connections_a_caller_waits_until_one_is_closed(slow):
    port, _ = slow
    with contextlib.ExitStack() as open_ones:
        for _ in range(45):
            open_ones.enter_context(connected(port))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(asked, port)
            status, seconds = waiting.result(timeout=PATIENCE + 10)
    assert status == 200
    assert seconds > 0.5, "all forty places were taken until those who said nothing were hung up on"
    assert asked(port)[1] < PATIENCE


def test_callers_who_break_off_leave_nothing_behind(slow):
    port, key = slow
    for sent in (b"", b"GET ", HEAD + b"Content-Length: 500\r\n\r\n{"):
        for _ in range(60):
            connection = connected(port, sent)
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )  # a reset, not a goodbye
            connection.close()
    assert [asked(port)[0] for _ in range(50)] == [200] * 50
    assert asked(port, "/v1/areas?limit=1", key)[0] == 200


@pytest.mark.parametrize(
    ("request_so_far", "arrived"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (HEAD + b"Content-Length: 3\r\n\r\n{}", False),
        (HEAD + b"content-LENGTH:  3 \r\n\r\n{}\n", True),
        (HEAD + b"Content-Length: 0\r\n\r\n", True),
        (HEAD + b"Content-Length: 99999999\r\n\r\n", True),
        (HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
        (b"x" * MOST_GATHERED, True),
        (HEAD + b"Content-Length: x\r\n\r\n", True),
    ],
)
def test_a_request_has_a_thread_once_it_has_arrived(request_so_far, arrived):
    assert has_arrived(bytearray(request_so_far)) is arrived


def test_a_certificate_is_refused_since_tls_ends_at_a_proxy():
    class Configured:
        is_ssl = True

    with pytest.raises(Exception, match="TLS ends at a proxy"):
        PatientWorker.check_config(Configured(), None)
