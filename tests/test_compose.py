"""The image and the composition, read as files: there may be no Docker where the tests run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import VARIABLES

PROJECT = Path(__file__).parent.parent
DOCKERFILE = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSITION = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSITION["services"]
VARIABLES_OF_THE_SERVICE = {variable.name for variable in VARIABLES.values()}


def instructions(name: str) -> list[str]:
    """The arguments of an instruction in the last stage, in order."""
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    return re.findall(rf"^{name} (.+)$", last_stage, re.MULTILINE)


def test_the_service_waits_for_a_healthy_database_and_a_finished_migration() -> None:
    awaited = {name: wait["condition"] for name, wait in SERVICES["service"]["depends_on"].items()}
    assert awaited == {"database": "service_healthy", "migrate": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] == "no"


def test_whatever_is_awaited_exists_and_says_when_it_is_healthy() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]


def test_the_health_of_the_service_is_asked_of_ready() -> None:
    assert ":8000/ready" in " ".join(SERVICES["service"]["healthcheck"]["test"])
    assert ":8000/ready" in " ".join(instructions("HEALTHCHECK"))


def test_the_health_of_the_database_is_asked_over_the_network() -> None:
    test = SERVICES["database"]["healthcheck"]["test"]
    assert test[:2] == ["CMD", "pg_isready"]
    assert "--host=127.0.0.1" in test


def test_the_database_sorts_as_the_embedded_one_does_and_keeps_its_data() -> None:
    database = SERVICES["database"]
    assert database["image"] == "postgres:18"
    for option in ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "-E UTF8"):
        assert option in database["environment"]["POSTGRES_INITDB_ARGS"]
    assert database["volumes"] == [
        "database:/var/lib/postgresql"
    ]  # the images before 18 had it one directory below
    assert database["shm_size"] == "256m"


def test_nothing_but_the_service_is_published_and_that_on_this_machine_only() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"service": ["127.0.0.1:8000:8000"]}


def test_every_volume_that_is_mounted_is_declared() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSITION["volumes"])


@pytest.mark.parametrize("name", ["migrate", "service"])
def test_the_environment_of_ours_holds_only_variables_that_are_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= VARIABLES_OF_THE_SERVICE


def test_the_image_runs_the_service_as_somebody_who_is_not_root() -> None:
    assert instructions("USER") == ["crimebook"]
    assert instructions("CMD") == ['["python", "-m", "service", "serve"]']
    made = instructions("RUN")[0]
    assert "useradd" in made
    assert "--uid 10001" in made


def test_the_image_sets_only_variables_that_are_read() -> None:
    settings = {part.split("=")[0] for line in instructions("ENV") for part in line.split()}
    assert settings - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} <= VARIABLES_OF_THE_SERVICE


def test_the_image_copies_only_what_the_ignore_file_lets_through() -> None:
    let_through = [
        line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    assert {"service", "requirements.txt"} <= set(let_through)
    assert all((PROJECT / name).exists() for name in ("service", "requirements.txt"))


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_by_version_and_digest_and_by_no_address(file: str) -> None:
    text = (PROJECT / file).read_text()
    packages = [entry for entry in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", entry)]
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[a-z0-9.-]+==\S+.*\\\n    --hash=sha256:", package), package.splitlines()[0]
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
