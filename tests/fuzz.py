"""The whole service asked by chance, for long: `make fuzz`, with CASES and SEED. Every check of Schemathesis
is on, and no answer may be one that the contract does not name. It is not among the tests, since it takes as
long as it is told to."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from client_tools import CONTRACT
from committed import contract
from conftest import served

CASES = int(os.environ.get("CASES", "20000"))
SEED = os.environ.get("SEED", "1")
TESTS = Path(__file__).parent
RUN = (
    sys.executable,
    "-m",
    "schemathesis.cli",
    "--config-file",
    TESTS / "schemathesis.toml",
    "run",
    CONTRACT,
    "--checks",
    "all",
    "--continue-on-failure",
    "--generation-database",
    "none",
)


@pytest.fixture
def everything(databases, filled, home, monkeypatch):
    """A service with something of every noun, and the administrator's key."""
    monkeypatch.setenv("SEAL_KEY", str(home / "seal.key"))
    monkeypatch.setenv("CRIMEBOOK_KEY", (filled["home"] / "key").read_text().strip())
    monkeypatch.setenv("RATE_LIMIT", "none")  # it asks often, and without a key more often than anybody may
    monkeypatch.setenv("KEY_ATTEMPT_LIMIT", "9000000/minute")
    name = databases.make(like=filled["name"])
    with psycopg2.connect(databases.url(name)) as connection, connection.cursor() as cursor:
        cursor.execute("select caller_id from caller order by created_change limit 1")
        monkeypatch.setenv("CRIMEBOOK_CALLER", str(cursor.fetchone()[0]))
    connection.close()
    with served(databases.url(name)) as port:
        yield f"http://127.0.0.1:{port}"
    databases.drop(name)


def test_no_answer_to_any_of_many_requests_is_outside_the_contract(everything, capfd):
    """Known examples, the edges of every schema, then chance, then journeys by links: at least so many cases
    by chance alone."""
    operations = sum(len(one) for one in contract()["paths"].values())
    each = -(-CASES // operations)
    with capfd.disabled():
        told = subprocess.run(
            [*RUN, "--url", everything, "-n", str(each), "--seed", SEED], cwd=TESTS, timeout=3 * 3600
        )
    assert told.returncode == 0
