"""Who answers: the service, the bare route, a list by marshal_with, and (c), each on a port of its own and
all on one database."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import load
from service.processes import die_with_parent

PROJECT = Path(__file__).parent.parent
SECONDS_TO_GET_READY = 120  # the first start makes the schema
GUNICORN = ["gunicorn", "-c", "python:service.web.server.gunicorn"]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], tree: Path = PROJECT, **told: str) -> Iterator[tuple[int, int]]:
    """Start `python -m command`, wait until it is ready; gives its port and process. Its answers must not
    wait for our acknowledgement."""
    port = free_port()
    environment = (
        os.environ | {"PORT": str(port), "LOG_LEVEL": "error", "RATE_LIMIT": "none", "WORKERS": "2"} | told
    )
    arguments = [part.replace("{port}", str(port)) for part in command]
    server = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=tree,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (nothing else runs here)
    )
    try:
        _wait(port, server)
        load.require_prompt_answers(port, "/ready")
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(10 * SECONDS_TO_GET_READY):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):  # our own # nosec B310
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"{server.args} did not get ready")


def service(stack: ExitStack, url: str, *, keeping: bool) -> tuple[int, int]:
    """The service as it is run, or one that keeps no answers, so that each is worked out."""
    told = {} if keeping else {"LASTING_ANSWERS_MB": "0"}
    return stack.enter_context(serving([*GUNICORN, "service.app:create_app()"], DATABASE_URL=url, **told))


def bare(stack: ExitStack, answers: list[tuple[int, list[Any], bytes]], folder: Path) -> tuple[int, int]:
    """The same bytes, kept ready, under the same gunicorn."""
    file = folder / "answers.json"
    hop = {"connection", "date", "server", "transfer-encoding", "content-length"}
    file.write_text(
        json.dumps(
            [
                [
                    status,
                    [(name, value) for name, value in headers if name.lower() not in hop],
                    base64.b64encode(body).decode(),
                ]
                for status, headers, body in answers
            ]
        )
    )
    return stack.enter_context(serving([*GUNICORN, "bench.bare:create_bare_app()"], BARE_ANSWERS=str(file)))


def marshalled(stack: ExitStack, url: str) -> tuple[int, int]:
    """A list of 100 by marshal_with."""
    return stack.enter_context(
        serving([*GUNICORN, "bench.marshalled:create_marshalled_app()"], DATABASE_URL=url)
    )


def rival(stack: ExitStack, url: str) -> tuple[int, int]:
    """(c) in two processes, with what `pip install uvicorn[standard]` would have it use."""
    told = url.replace("postgresql://", "postgresql+asyncpg://")
    quiet = ["--log-level", "error", "--no-access-log"]
    command = [
        "uvicorn",
        "--port",
        "{port}",
        "--workers",
        "2",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        *quiet,
        "bench.rival:app",
    ]
    return stack.enter_context(serving(command, RIVAL_URL=told))
