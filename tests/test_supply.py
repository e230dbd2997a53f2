"""What we are made of: pinned, listed, allowed, and never called sound because nobody could be asked."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")


def program(name):
    """A program of the folder supply, as a module."""
    spec = importlib.util.spec_from_file_location(name, PROJECT / "supply" / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


audit, licences = program("audit"), program("licences")
RULES = {
    "allowed": ["MIT", "Apache-2.0", "ISC License (ISCL)"],
    "found_fit": {"odd": "MIT, as its authors wrote to us"},
}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_version_and_digest_and_by_no_address(lock):
    text = (PROJECT / lock).read_text()
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 5
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^ ]+", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package
    assert "://" not in text and not re.search(
        r"^\s*(-i|--(extra-)?index-url|-f|--find-links|--trusted-host)\b", text, re.MULTILINE
    )


def test_what_could_not_be_asked_is_not_taken_for_sound():
    pins = ["one==1.0", "Two==2.0"]
    sound = {"name": "one", "version": "1.0", "vulns": []}
    assert audit.findings([sound, {"name": "two", "version": "2.0", "vulns": []}], pins) == ([], [])
    assert audit.findings([sound, {"name": "two", "skip_reason": "Dependency not found"}], pins) == (
        [],
        ["Two==2.0"],
    )
    assert audit.findings([], pins) == ([], pins)
    [told] = audit.findings([sound | {"vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}], pins)[0]
    assert told == "one 1.0: PYSEC-1, mended in 1.1"


@pytest.mark.parametrize(
    ("told", "arguments", "code", "said"),
    [
        ([], [], 3, "NOT AUDITED"),
        ([], ["--where-reachable"], 0, "NOT AUDITED"),
        ([{"name": "aiosql", "skip_reason": "not found"}], [], 3, "NOT AUDITED"),
    ],
)
def test_an_audit_that_reached_nobody_says_so_aloud(monkeypatch, capsys, told, arguments, code, said):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(audit, "asked", lambda _: told)
    assert audit.main(arguments) == code
    output = capsys.readouterr()
    assert said in output.err and "no known vulnerability" not in output.out


def test_an_audit_that_finds_something_fails_also_where_it_may_be_left_out(monkeypatch, capsys):
    monkeypatch.chdir(PROJECT)
    bad = {"vulns": [{"id": "PYSEC-1", "fix_versions": []}]}

    def asked(pins):
        return [
            {"name": pin.split("==")[0], "version": "1", "vulns": []}
            | (bad if pin.startswith("flask==") else {})
            for pin in pins
        ]

    monkeypatch.setattr(audit, "asked", asked)
    assert audit.main(["--where-reachable"]) == 1
    assert "flask 1: PYSEC-1, mended in no version yet" in capsys.readouterr().err


def test_a_licence_that_is_not_allowed_is_refused():
    found = {
        "good": "MIT",
        "either": "Apache-2.0 OR MIT",
        "both": "MIT AND (Apache-2.0 OR MIT)",
        "isc": "ISC License (ISCL)",
        "odd": "Own",
    }
    assert licences.refused(found, RULES) == []
    for stated in ("GPL-3.0", "MIT AND GPL-3.0", "UNKNOWN", "MIT; GPL", ""):
        assert licences.refused({"bad": stated}, RULES) == [
            f"bad is under {stated}, which supply/licences.toml does not allow."
        ], stated


def test_the_list_of_licences_is_of_what_the_lock_file_pins():
    listed = set(
        re.findall(r"^\| ([a-z0-9-]+) \|", (PROJECT / "docs" / "licences.md").read_text(), re.MULTILINE)
    ) - {"package", "---"}
    pinned = licences.names(PROJECT / "requirements.txt")
    assert listed <= pinned
    assert {"flask", "psycopg2-binary", "marshmallow", "gunicorn"} <= listed
    assert len(pinned - listed) < 5, "but for packages of other systems"


def test_what_the_service_is_made_of_is_told_as_cyclonedx(tmp_path):
    recipe = (PROJECT / "Makefile").read_text().split("\nsbom:")[1].split("\t@mv")[0]
    arguments = recipe.split("cyclonedx-py ", 1)[1].replace("\\\n", " ").split()
    arguments[arguments.index("--output-file") + 1] = str(tmp_path / "sbom.json")
    whole = os.environ | {"PYTHONPATH": ""}
    subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", *arguments],
        cwd=PROJECT,
        env=whole,
        check=True,
        capture_output=True,
        timeout=120,
    )
    told = json.loads((tmp_path / "sbom.json").read_text())
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == ("CycloneDX", "crimebook")
    named = {one["name"].lower() for one in told["components"]}
    assert named == licences.names(PROJECT / "requirements.txt")
    assert all(one["version"] for one in told["components"])


def test_what_lint_is_told_to_pass_over_has_a_reason():
    marks = [
        (path, line)
        for folder in ("service", "bench", "supply", "data")
        for path in (PROJECT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if "# nosec" in line
    ]
    for path, line in marks:
        assert re.search(r"#[^#]*[a-z]{3}[^#]*# nosec B[0-9]{3}$", line), f"{path}: {line}"
    assert (
        "skips"
        not in (PROJECT / "pyproject.toml").read_text().split("[tool.bandit]")[1].split("[tool.mypy]")[0]
    )
    lint = (PROJECT / "Makefile").read_text().split("\nlint:")[1].split("\n\n")[0]
    assert all(named in lint for named in ("ruff check", "mypy", "BANDIT", "licences.py", "audit.py"))
