"""What the documents say is what happens: each command in them is run, and its output compared."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.launcher import announcement
from service.settings import Settings
from service.store import database

PROJECT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "docs/submitting.md",
    "docs/auditing.md",
    "docs/returns.md",
    "docs/police-uk.md",
    "docs/exporting.md",
    "docs/ranking.md",
    "docs/measuring.md",
    "docs/pictures.md",
    "docs/scaling.md",
    "docs/targets.md",
]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(document):
    """Each block of commands with the output that the document shows for it, if any."""
    blocks = BLOCK.findall((PROJECT / document).read_text())
    shown = [*blocks[1:], ("sh", "")]
    return [
        (text, following if kind == "text" else None)
        for (own, text), (kind, following) in zip(blocks, shown, strict=True)
        if own == "sh" and not text.startswith("make ")
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_does_what_the_document_shows(running, document):
    place, port = running
    set_up = ""
    python_first = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for commands, shown in steps(document):
        here = commands.replace(":8000", f":{port}")
        told = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", set_up + here],
            cwd=place,
            env=python_first,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert told.returncode == 0, f"{commands}\n{told.stdout}\n{told.stderr}"
        if shown is not None:
            assert [line.strip() for line in told.stdout.splitlines()] == [
                line.strip() for line in shown.splitlines()
            ], commands
        set_up += (
            "\n".join(line for line in here.splitlines() if re.match(r"[A-Z]+=|(ask|send)\(\)", line)) + "\n"
        )


def test_every_setting_is_in_the_operators_table_with_its_default():
    table = (PROJECT / "docs" / "operating.md").read_text()
    for line in (Settings.__doc__ or "").splitlines():
        if match := re.match(r"    ([A-Z_]{4,})  +(\S+)?", line):
            assert f"| `{match[1]}` |" in table
    for name, default in (("LARGEST_BODY_BYTES", 1_048_576), ("LARGEST_SUBMISSION_BYTES", 2_147_483_648)):
        assert f"| `{name}` | `{default}` |" in table


def test_links_between_documents_lead_somewhere():
    for document in [
        *DOCUMENTS,
        "data/README.md",
        "docs/clients.md",
        "docs/decisions.md",
        "docs/operating.md",
        "docs/threats.md",
        "docs/growth.md",
    ]:
        for target in re.findall(r"\]\(([^)#]+)", (PROJECT / document).read_text()):
            assert target.startswith("http") or (PROJECT / document).parent.joinpath(target).exists(), (
                f"{document}: {target}"
            )


def test_every_command_of_the_terminal_that_the_documents_name_is_there():
    told = subprocess.run(
        [sys.executable, "-m", "service", "--help"], cwd=PROJECT, capture_output=True, text=True, timeout=60
    ).stdout
    for document in [*DOCUMENTS, "docs/operating.md", "Dockerfile", "docker-compose.yml", "Makefile"]:
        for command in re.findall(
            r"python(?:\", \"|[^\n`]{0,4} )-m(?:\", \"| )service(?:\", \"| )([a-z-]+)",
            (PROJECT / document).read_text(),
        ):
            assert command in told, f"{document}: {command}"
    database.release()


def test_the_three_commands_that_the_start_prints_work_as_printed(running):
    place, port = running
    printed = [
        line
        for line in announcement.list_commands(place / ".local", f"http://127.0.0.1:{port}")
        if line.startswith("curl ")
    ]
    assert len(printed) == 3
    told = [
        subprocess.run(
            ["bash", "-c", line.replace("curl ", "curl -sS --fail ", 1)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        for line in printed
    ]
    assert [(one.returncode, one.stderr) for one in told] == [(0, "")] * 3
    assert '"value":3182' in told[0].stdout and '"value":1249' in told[0].stdout
    assert told[1].stdout.startswith("area,cancelled_reason,code,") and told[1].stdout.count("\n") > 20
    assert '"reason":"target of the police authority for 2012/13"' in told[2].stdout
