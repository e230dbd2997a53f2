"""Uploads that break off, over real sockets: nothing of them is kept, and the answer says what happened."""

import contextlib
import json
import socket

import pytest
from conftest import served

LINE = (
    b'{"force":"leicestershire","crime_ref":"LE/%d","area":"leicester","code":"46",'
    b'"recorded_on":"2024-06-03","committed_from":"2024-06-02T10:00:00Z"}\n'
)


@pytest.fixture(scope="module")
def uploading(databases, referenced, home):
    """The administrator's key, and a port. One book for all tests: each says what is not added to it."""
    name = databases.make(like=referenced)
    with served(databases.url(name)) as port:
        yield (home / "key").read_text().strip(), port
    databases.drop(name)


def exchange(key, port, head, body):
    """Send these bytes, say no more, and give back status and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        lines = [head, f"Authorization: Bearer {key}", "Host: localhost", "Connection: close"]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    status = int(answer.split()[1])
    return status, json.loads(answer.split(b"\r\n\r\n", 1)[1])


def recorded(key, port):
    head = "GET /v1/offences?force=leicestershire HTTP/1.1"
    return len(exchange(key, port, head, b"")[1]["items"])


@pytest.mark.parametrize("form", ["length", "chunked"])
@pytest.mark.parametrize("path", ["/v1/submissions", "/v1/offences"])
def test_a_body_that_breaks_off_is_refused_whole(uploading, form, path):
    key, port = uploading
    before = recorded(key, port)
    body = b"".join(LINE % number for number in range(3))
    media_type = "application/x-ndjson" if path.endswith("submissions") else "application/json"
    head = f"POST {path} HTTP/1.1\r\nContent-Type: {media_type}\r\n"
    if form == "length":
        sent = head + f"Content-Length: {len(body) * 10}", body
    else:
        sent = (
            head + "Transfer-Encoding: chunked",
            b"%x\r\n%s\r\n"
            % (
                len(body),
                body,
            ),
        )  # and never the last chunk
    status, told = exchange(key, port, *sent)
    assert (status, told["type"]) == (400, "/docs/problems/malformed-body")
    assert "broke off" in told["detail"]
    assert recorded(key, port) == before


def test_a_whole_body_in_chunks_is_taken(uploading):
    key, port = uploading
    chunks = (
        b"".join(b"%x\r\n%s\r\n" % (len(LINE % number), LINE % number) for number in range(5_000, 5_003))
        + b"0\r\n\r\n"
    )
    head = "POST /v1/submissions HTTP/1.1\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked"
    status, receipt = exchange(key, port, head, chunks)
    assert (status, receipt["recorded"]) == (201, 3)


def test_a_database_lost_in_mid_upload_takes_no_half_of_a_file_for_a_whole(uploading, databases):
    key, port = uploading
    before = recorded(key, port)
    head = (
        "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer"
        f" {key}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    half = b"".join(LINE % number for number in range(2_000))
    rest = b"".join(LINE % number for number in range(2_000, 4_000))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(half), half))
        for _ in range(200):
            databases.run(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy"
                " staged_offence%' and state = 'active'"
            )
            some = LINE % 9 * 8  # no less than a caller must keep sending
            connection.sendall(b"%x\r\n%s\r\n" % (len(some), some))
            connection.settimeout(0.05)
            try:
                if connection.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                pass
            finally:
                connection.settimeout(30)
        with contextlib.suppress(OSError):
            connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(rest), rest))
        answer = connection.recv(65_536)
    assert int(answer.split()[1]) == 503
    assert recorded(key, port) == before
