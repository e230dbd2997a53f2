"""What is done from a terminal, beside the database."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from return_files import HOME_OFFICE, ONS_TABLES
from workbook_files import ods, xlsx

from service.audit import sealing
from service.store import database

PROJECT = Path(__file__).parents[2]
LINES = "crime_ref,area,code,recorded_on,committed_from\nLE/1,leicester,46,2024-06-03,2024-06-02T10:00:00Z\n"


@pytest.fixture
def terminal(databases, referenced, tmp_path):
    """Runs `python -m service …` on a book of its own."""
    name = databases.make(like=referenced)
    environment = os.environ | {
        "DATABASE_URL": databases.url(name),
        "CRIMEBOOK_HOME": str(tmp_path / "home"),
        "PYTHONWARNINGS": "default",
    }

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "service", *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    run.url, run.place = databases.url(name), tmp_path
    yield run
    databases.drop(name)


def test_a_file_is_loaded_through_the_same_door_and_the_tally_verified(terminal):
    (terminal.place / "offences.csv").write_text(LINES)
    told = terminal(
        "load", "--force", "leicestershire", "--reason", "a back year", str(terminal.place / "offences.csv")
    )
    assert told.returncode == 0, told.stderr
    receipt = json.loads(told.stdout)
    assert (receipt["recorded"], receipt["status"], receipt["reason"]) == (1, "accepted", "a back year")
    verified = terminal("verify")
    assert (verified.returncode, verified.stdout.split(":")[0]) == (0, "The tally is the records")
    assert "of 1 records" in verified.stdout


def test_a_bad_file_is_refused_with_its_lines(terminal):
    (terminal.place / "offences.csv").write_text(LINES.replace("46", "999Z"))
    told = terminal("load", "--force", "leicestershire", str(terminal.place / "offences.csv"))
    assert told.returncode == 1
    assert "line 2, code: No offence code 999Z is known" in told.stderr


def test_a_file_that_replaces_is_rehearsed_and_then_confirmed(terminal):
    file = str(terminal.place / "offences.csv")
    (terminal.place / "offences.csv").write_text(LINES + LINES.splitlines()[1].replace("LE/1", "LE/2"))
    terminal("load", "--force", "leicestershire", file)
    (terminal.place / "offences.csv").write_text(LINES)
    replacing = ("load", "--force", "leicestershire", "--replaces", "2024-06", file)
    rehearsed = json.loads(terminal(*replacing, "--validate-only").stdout)
    assert (rehearsed["status"], rehearsed["cancelled_by_replacement"]) == ("rehearsed", 1)
    refused = terminal(*replacing)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "would cancel 1 of the 2 records of 2024-06, more than a tenth" in refused.stderr
    accepted = json.loads(terminal(*replacing, "--confirm", "1").stdout)
    assert (accepted["status"], accepted["cancelled_by_replacement"]) == ("accepted", 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--confirm", "1"), "--confirm goes with --replaces"),
        (("--confirm", "one", "--replaces", "2024-06"), "one is not a whole number of records"),
    ],
)
def test_a_number_that_confirms_nothing_is_refused_before_the_file_is_read(terminal, arguments, sentence):
    answered = terminal("load", "--force", "leicestershire", *arguments, "missing.csv")
    assert answered.returncode != 0
    assert sentence in answered.stderr


def test_a_tally_that_was_tampered_with_is_found(terminal):
    (terminal.place / "offences.csv").write_text(LINES)
    terminal("load", "--force", "leicestershire", str(terminal.place / "offences.csv"))
    with database.psycopg2.connect(terminal.url) as connection, connection.cursor() as cursor:
        cursor.execute("update tally set offences = 7 where area = 'E06000016'")
    connection.close()
    told = terminal("verify")
    assert told.returncode == 1
    assert "E06000016 2024-06 46: 1 records, tally says 7." in told.stdout


def test_the_book_is_sealed_and_verified_and_what_a_superuser_altered_is_said_in_one_sentence(
    terminal, databases
):
    (terminal.place / "offences.csv").write_text(LINES)
    terminal("load", "--force", "leicestershire", str(terminal.place / "offences.csv"))
    told = terminal("seal")
    assert told.returncode == 0, told.stderr
    kept = json.loads(told.stdout)
    assert "Nothing to seal" in terminal("seal").stdout
    verified = terminal("verify", "--kept-head", f"{kept['tree_size']}:{kept['root']}")
    assert verified.returncode == 0, verified.stdout
    assert (
        f"The seals hold: {kept['tree_size']:,} entries" in verified.stdout
        and "Not sealed yet: 0 changes." in verified.stdout
    )
    with (
        psycopg2.connect(
            databases.server.url(terminal.url.split("/")[-1].split("?")[0], "postgres")
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "set session_replication_role = replica; update offence_version set area = 'E07000130'"
        )
    connection.close()
    told = terminal("verify")
    assert told.returncode == 1
    assert re.fullmatch(
        r"The offence E23000021/[0-9a-f-]+, version since change \d+, is not what was sealed with change"
        r" \d+\.\n",
        told.stdout,
    )
    assert (
        "not trusted" in terminal("verify", "--public-key", str(key_of_somebody_else(terminal.place))).stdout
    )


def key_of_somebody_else(place):
    path = place / "other.pem"
    path.write_text(sealing.public_key_pem(bytes(31) + b"\1"))
    return path


def test_a_key_made_here_works_and_is_printed_alone(terminal):
    told = terminal("key", "Custody system", "--scope", "read", "--force", "leicestershire")
    assert told.returncode == 0
    assert told.stdout.startswith("cb_") and len(told.stdout.split()) == 1
    again = terminal("key", "Custody system", "--scope", "read")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Custody system", "--scope", "record", "--force", "northampton"), "northampton"),
        (("Custody system", "--scope", "administer", "--force", "leicestershire"), "every force"),
        (("Crimebook", "--scope", "read"), "choose a different one"),
    ],
)
def test_a_key_that_the_service_would_refuse_is_refused_here_too(terminal, arguments, said):
    told = terminal("key", *arguments)
    assert (told.returncode, told.stdout) == (1, "")
    assert said in told.stderr and "Traceback" not in told.stderr


@pytest.mark.parametrize(("name", "made"), [("counts.ods", ods), ("counts.xlsx", xlsx)])
def test_a_workbook_of_official_counts_is_received(terminal, name, made):
    line = ["2012/13", 1, "Kent", "What", "Group", "Subgroup", "34B", 5]
    (terminal.place / name).write_bytes(made({"2012_13": [HOME_OFFICE.split(","), line]}))
    told = terminal(
        "load-return", str(terminal.place / name), "--source", "home-office-pfa", "--edition", "2026-04"
    )
    assert told.returncode == 0, told.stderr
    received = json.loads(told.stdout)
    assert (received["cells"], received["total"], received["layout"]) == (1, 5, "home-office-force")


def test_a_table_that_does_not_say_its_period_is_told_it(terminal):
    asked = (
        "load-return",
        str(ONS_TABLES / "table-P1.csv"),
        "--source",
        "ons-pfa-tables",
        "--edition",
        "2025-04",
    )
    assert "add period" in terminal(*asked).stderr
    received = json.loads(terminal(*asked, "--period", "12m:2024-12").stdout)
    assert (received["first_day"], received["last_day"], received["cells"]) == (
        "2024-01-01",
        "2024-12-31",
        41 * 23,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("release", "--area", "atlantis"),
        ("release", "--period", "soon"),
        ("load", "nowhere.csv"),
        ("load", "README.md"),
        ("load-return", "README.md", "--source", "x", "--edition", "2020"),
        ("verify", "--public-key", "README.md"),
    ],
)
def test_what_a_user_can_mend_is_said_in_a_line_without_a_stack(terminal, arguments):
    told = terminal(*arguments)
    assert told.returncode == 1
    assert told.stderr.strip() and "Traceback" not in told.stderr


def test_migrating_twice_does_nothing_twice(terminal):
    told = terminal("migrate")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_database_that_is_not_there_is_said_in_a_line(terminal):
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    told = subprocess.run(
        [sys.executable, "-m", "service", "verify"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
