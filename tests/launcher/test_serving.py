"""The launcher: everything that `make run` starts, and everything that it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from service.launcher import serving

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def place():
    """A home that another user can reach, as the embedded server's user must when root starts it."""
    path = Path(tempfile.mkdtemp(prefix="crimebook-serving-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def launch(place):
    """Starts `python -m service serve` and waits for what it prints when it is up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "OWNER_DATABASE_URL")
    }
    environment |= {
        "CRIMEBOOK_HOME": str(place / "home"),
        "PORT": str(port),
        "WORKERS": "1",
        "LOG_LEVEL": "error",
        "PYTHONUNBUFFERED": "1",
        "SEAL_EVERY_SECONDS": "1",
    }
    started = []

    def run():
        command = [sys.executable, "-m", "service", "serve"]
        launcher = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(launcher)
        told = ""
        while "/v1/changes" not in told:
            line = launcher.stdout.readline()
            assert line, f"it ended: {told}"
            told += line
        return launcher, told

    run.port = port
    yield run
    for launcher in started:
        if launcher.poll() is None:
            launcher.send_signal(signal.SIGTERM)
            launcher.wait(60)
        launcher.stdout.close()


def status(port, path, key=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {key}"} if key else {}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as fault:
        return fault.code
    except OSError:
        return None


def children_of(home):
    """Commands of living processes that work on this home."""
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in told if str(home) in line]


def test_the_first_start_shows_the_key_once_and_ctrl_c_ends_everything(launch, place):
    launcher, told = launch()
    key = (place / "home" / "key").read_text().strip()
    assert f"shown this once: {key}" in told
    assert status(launch.port, "/v1/areas/northampton", key) == 200
    assert status(launch.port, "/v1/areas/northampton") == 401
    launcher.send_signal(signal.SIGINT)
    assert launcher.wait(60) == 0
    assert status(launch.port, "/live") is None
    assert children_of(place) == []
    _, told = launch()
    assert key not in told
    assert status(launch.port, "/v1/areas/northampton", key) == 200


def heads(port, key):
    """The changes that are sealed."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/audit/seals", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return [one["change"] for one in json.load(answer)["items"]]


def test_what_changes_is_sealed_by_itself_and_a_sealing_that_failed_is_tried_again(launch, place):
    launcher, _ = launch()
    key = (place / "home" / "key").read_text().strip()
    wait_until(lambda: heads(launch.port, key))
    seal_key = place / "home" / "seal.key"
    seal_key.rename(place / "away")
    before = heads(launch.port, key)
    made = urllib.request.Request(
        f"http://127.0.0.1:{launch.port}/v1/callers",
        json.dumps({"name": "x", "scopes": ["read"]}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(made, timeout=10).close()
    told = ""
    while "to be tried again" not in told:
        told = launcher.stdout.readline()
    assert heads(launch.port, key) == before
    (place / "away").rename(seal_key)
    wait_until(lambda: len(heads(launch.port, key)) > len(before))


def wait_until(true):
    for _ in range(300):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_after_the_launcher_was_killed_the_next_start_recovers(launch, place):
    launcher, _ = launch()
    key = (place / "home" / "key").read_text().strip()
    launcher.kill()
    launcher.wait(10)
    launch()
    assert status(launch.port, "/v1/areas/northampton", key) == 200


def test_a_database_that_was_killed_comes_back(launch, place):
    launch()
    key = (place / "home" / "key").read_text().strip()
    postmaster = place / "home" / "postgres" / "data" / "postmaster.pid"
    killed = postmaster.read_text().split()[0]
    os.kill(int(killed), signal.SIGKILL)
    for _ in range(200):
        back = postmaster.exists() and postmaster.read_text().split()[:1] not in ([], [killed])
        if back and status(launch.port, "/v1/areas/northampton", key) == 200:
            return
        time.sleep(0.1)
    raise AssertionError("it did not come back")


def test_the_demonstration_is_loaded_by_the_command_that_the_launcher_starts(databases, demonstrated):
    """On a book that has it all already, where the load finds nothing to do."""
    name = databases.make(like=demonstrated)
    loaded = subprocess.run(
        [sys.executable, *serving.LOADING],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": databases.url(name)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    databases.drop(name)
    assert (loaded.returncode, loaded.stderr) == (0, "")
