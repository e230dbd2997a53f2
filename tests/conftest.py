"""A real server for the whole run, and a database of its own for each test that writes."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import schemathesis
import surroundings
from client_tools import called, packages, redocly  # noqa: F401 - fixtures
from cluster import Cluster
from every_statement import EveryStatement
from flask import Flask
from flask.testing import FlaskClient

from service.app import Application, create_app
from service.audit import sealing
from service.callers import callers
from service.launcher import demonstration
from service.reference import open_data
from service.settings import Settings
from service.store import connect, database, migrations
from service.store.embedded.server import EmbeddedPostgres
from service.web.contract.openapi import document
from service.web.request import lasting


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not config.getoption(
        "numprocesses", None
    ):  # not where processes of xdist are started
        surroundings.start_quickly()
    if config.getoption("every_statement"):
        config.pluginmanager.register(EveryStatement())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-statement",
        action="store_true",
        help="fail where a named statement of the service was not run",
    )


LONGEST = (
    "pictures/test_pictures.py",
    "pictures/test_drawing.py",
    "test_docs.py",
    "launcher/test_terminal.py",
    "web/contract/test_contract.py",
    "intake/returns/test_golden_rolling_years.py",
    "launcher/test_serving.py",
    "audit/test_timeliness.py",
    "releases/test_revisions.py",
    "intake/police_uk/test_submissions.py",
    "figures/test_summaries.py",
    "intake/returns/test_return_figures.py",
    "store/embedded/test_server.py",
    "store/scaling/test_replicas.py",
    "intake/offences/test_fast_lines.py",
    "test_as_of.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no process is left with one while the others have
    nothing to do."""
    tests = Path(__file__).parent
    place = {tests / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


class Databases:
    """Databases on one server, made from one another."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server

    def run(self, statement: str) -> None:
        with closing(psycopg2.connect(self.server.url("postgres", "postgres"))) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def make(self, like: str | None = None) -> str:
        name = f"test_{uuid4().hex[:12]}"
        template = f' template "{like}"' if like else " template template0"
        # Files are copied as they are: through the log, as PostgreSQL does it else, a small book takes five
        # times as long.
        self.run(f'create database "{name}"{template} owner crimebook strategy file_copy')
        return name

    def drop(self, name: str) -> None:
        database.release()
        self.run(f'drop database if exists "{name}" with (force)')

    def url(self, name: str) -> str:
        return self.server.url(name)

    def migrate(self, name: str) -> None:
        migrations.migrate(self.url(name))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: what was packed holds the second in which it was, and every process must find the
    same tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def databases() -> Iterator[Any]:
    if cluster := os.environ.get("CITUS_URL"):
        yield Cluster(cluster)
        database.release()
        return
    root = Path(tempfile.mkdtemp(prefix="crimebook-tests-"))
    with EmbeddedPostgres(root, durable=False) as server:
        yield Databases(server)
        database.release()
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """The name of a database with the schema and nothing else."""
    name = databases.make()
    databases.migrate(name)
    return name


@pytest.fixture
def book_url(databases: Databases, migrated: str) -> Iterator[str]:
    """The address of an empty book."""
    name = databases.make(like=migrated)
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="crimebook-home-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def referenced(databases: Databases, migrated: str, home: Path) -> str:
    """The name of a database with areas, codes, categories and the administrator's key."""
    name = databases.make(like=migrated)
    callers.ensure_first_key(databases.url(name), home)
    open_data.load(databases.url(name))
    database.release()
    return name


@pytest.fixture(scope="session")
def demonstrated(databases: Databases, referenced: str) -> str:
    """The name of the database that `make run` serves. Nobody writes to it."""
    name = databases.make(like=referenced)
    demonstration.load(databases.url(name))
    database.release()
    return name


@pytest.fixture(scope="session")
def app(databases: Databases, migrated: str, home: Path) -> Application:
    told = {"DATABASE_URL": databases.url(migrated), "LOG_LEVEL": "error", "CRIMEBOOK_HOME": str(home)}
    often = {
        "RATE_LIMIT": "9000000/minute",
        "KEY_ATTEMPT_LIMIT": "9000000/minute",
    }  # one process asks for all the tests
    settings = Settings.from_environment(told | often)
    made = create_app(settings)
    made.test_client_class = ContractClient
    return made


class ContractClient(FlaskClient):
    """Holds every answer against the contract, without being asked."""

    contract: Any = None
    paths: list[tuple[re.Pattern[str], str]] = []
    promised: dict[str, Any] = {}
    key: str = ""

    def open(self, *args: Any, **keywords: Any) -> Any:
        headers = dict(keywords.pop("headers", None) or {})
        if self.key and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.key}"
        buffered = keywords.pop("buffered", True)
        answer = super().open(
            *args, headers={k: v for k, v in headers.items() if v is not None}, buffered=buffered, **keywords
        )
        self._hold(answer)
        return answer

    def _hold(self, answer: Any) -> None:
        assert answer.headers["Trace-Id"]
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json", answer.content_type
            assert {"type", "title", "status", "detail", "trace_id", "hint", "instance"} <= set(answer.json)
            assert answer.json["status"] == answer.status_code
        for pattern, path in self.paths:
            method = answer.request.method.lower()
            if pattern.fullmatch(answer.request.path):
                if method in self.promised[path]:
                    self.contract[path][method].validate_response(answer)
                return
        if answer.request.path.startswith("/v1"):
            assert answer.status_code in (404, 405), f"{answer.request.path} is not in the contract"


@pytest.fixture(scope="session", autouse=True)
def contract(app: Application) -> dict[str, Any]:
    """The contract as it is written from the code; every client answers to it."""
    told = json.loads(json.dumps(document(app.api)))
    schema = schemathesis.openapi.from_dict(told)
    ContractClient.contract, ContractClient.promised = schema, told["paths"]
    ContractClient.paths = sorted(
        (
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.replace("{code}", ".+"))), path)
            for path in told["paths"]
        ),
        key=lambda pair: (pair[1].count("{"), -len(pair[1])),  # the plainest first, as routes are matched
    )
    return told


def _client(app: Flask, url: str, home: Path) -> ContractClient:
    connect(url)
    lasting.make(app, 16)
    ContractClient.key = (home / "key").read_text().strip()
    made = app.test_client()
    assert isinstance(made, ContractClient)
    return made


@pytest.fixture
def service(app: Flask, databases: Databases, referenced: str, home: Path) -> Iterator[ContractClient]:
    """An administrator's client on a book of its own, with areas, codes and categories."""
    name = databases.make(like=referenced)
    yield _client(app, databases.url(name), home)
    databases.drop(name)


@pytest.fixture(scope="session")
def filled(
    app: Flask, databases: Databases, migrated: str, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """A small book with something of every noun, sealed before and after: its name, its home, and a record
    with a life behind it."""
    import sealed_books

    name, own = databases.make(like=migrated), tmp_path_factory.mktemp("filled")
    callers.ensure_first_key(databases.url(name), own)
    service = _client(app, databases.url(name), own)
    sealed_books.ground(service)
    sealing.seal_everything(home / "seal.key")
    offence_id = sealed_books.fill(service)
    sealing.seal_everything(home / "seal.key")
    database.release()
    return {"name": name, "home": own, "offence_id": offence_id}


@pytest.fixture
def sealed(app: Flask, databases: Databases, filled: dict[str, Any]) -> Iterator[Any]:
    """A client on a book of its own with something of everything, sealed twice."""
    name = databases.make(like=filled["name"])
    service: Any = _client(app, databases.url(name), filled["home"])
    service.offence_id = filled["offence_id"]
    newest = service.get("/v1/audit/seals").json["items"][-1]["tree_size"]
    service.head = service.get(f"/v1/audit/seals/{newest}").json
    yield service
    databases.drop(name)


@pytest.fixture(scope="session")
def consulted(databases: Databases, demonstrated: str) -> str:
    """A copy of that database to be read: reading leaves lines in the access log, which a start does not
    have."""
    return databases.make(like=demonstrated)


@pytest.fixture
def published(app: Flask, databases: Databases, consulted: str, home: Path) -> Iterator[ContractClient]:
    """A client on the book that `make run` serves; only to read."""
    yield _client(app, databases.url(consulted), home)
    database.release()


@pytest.fixture
def continued(app: Flask, databases: Databases, demonstrated: str, home: Path) -> Iterator[ContractClient]:
    """A client on a book of its own that goes on from what `make run` serves; to write to."""
    name = databases.make(like=demonstrated)
    yield _client(app, databases.url(name), home)
    database.release()
    databases.drop(name)


@pytest.fixture
def running(databases, demonstrated, home, tmp_path):
    """The real thing: gunicorn, on a book of its own, with the key where `make run` keeps it."""
    name = databases.make(like=demonstrated)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "key").write_text((home / "key").read_text())
    (tmp_path / "data").symlink_to(Path(__file__).parents[1] / "data")
    with served(databases.url(name)) as port:
        yield tmp_path, port
    databases.drop(name)


@contextmanager
def served(url, tree=Path(__file__).parents[1]):
    """A port on which gunicorn serves that book, by the code in that folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": url, "PORT": str(port), "WORKERS": "1", "LOG_LEVEL": "error"}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:service.web.server.gunicorn",
        "service.app:create_app()",
    ]
    server = subprocess.Popen(command, cwd=tree, env=environment)
    try:
        _wait(port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _wait(port):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
                return
        except OSError:  # not there yet, or too busy to answer
            time.sleep(0.1)
    raise AssertionError("the service did not get ready")
