"""Gunicorn serves as service.web.server.gunicorn says: no banner, faults as problems, and no life after its
launcher."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.processes import LAUNCHER, command_of

PROJECT = Path(__file__).parents[3]
APPLICATION = (
    "lambda: (lambda environ, start: (start('200 OK', [('Content-Type', 'text/plain')]), [b'well'])[1])"
)
LAUNCH = """
import os, subprocess, sys, time
environment = {**os.environ, "%s": str(os.getpid())}
command = [sys.executable, "-m", "gunicorn", *sys.argv[1:]]
child = subprocess.Popen(command, env=environment, start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A port that a gunicorn with our settings listens on; its launcher is `tmp_path/launcher`, itself
    `tmp_path/gunicorn`."""
    (tmp_path / "trial.py").write_text(f"create_app = {APPLICATION}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PORT": str(free),
        "HOST": "127.0.0.1",
        "WORKERS": "2",
        "PYTHONPATH": str(tmp_path),
    }
    command = [
        sys.executable,
        "-c",
        LAUNCH % LAUNCHER,
        "-c",
        "python:service.web.server.gunicorn",
        "trial:create_app()",
    ]
    launcher = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout
    gunicorn = int(launcher.stdout.readline())
    (tmp_path / "launcher").write_text(str(launcher.pid))
    (tmp_path / "gunicorn").write_text(str(gunicorn))
    wait_until(free, listens=True)
    yield free
    launcher.kill()
    launcher.communicate()
    if command_of(gunicorn):
        os.kill(gunicorn, signal.SIGTERM)
    wait_until(free, listens=False)


def wait_until(port: int, listens: bool) -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if (probe.connect_ex(("127.0.0.1", port)) == 0) == listens:
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_answer_does_not_say_what_software_gave_it(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.read() == b"well"
    assert answer.getheader("Server") is None
    assert answer.getheader("Date")
    connection.close()


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"NONSENSE", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000, 431),
    ],
)
def test_what_is_not_http_is_answered_with_a_problem(port: int, request_line: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_line + b"\r\n\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())
    assert answer.status == problem["status"] == status
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert answer.getheader("Trace-Id") == problem["trace_id"]
    assert set(problem) == {"type", "title", "status", "detail", "instance", "hint", "trace_id"}
    assert problem["type"].startswith("/docs/problems/")


def test_gunicorn_ends_when_its_launcher_is_killed(port: int, tmp_path: Path) -> None:
    os.kill(
        int((tmp_path / "launcher").read_text()), signal.SIGKILL
    )  # nobody asked the kernel for a signal here: the timer sees it
    wait_until(port, listens=False)
    deadline = time.monotonic() + 20
    while command_of(int((tmp_path / "gunicorn").read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)
