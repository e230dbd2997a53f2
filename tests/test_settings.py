"""The environment is read once, documented wholly, and refused all at once."""

import inspect
import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from service.settings import VARIABLES, Settings, SettingsFault

FULL = {
    "CRIMEBOOK_HOME": "/srv/crimebook",
    "DATABASE_URL": "postgresql://service:secret@db/crimebook",
    "READ_DATABASE_URL": "postgresql://service:veiled@db-1,db-2/crimebook",
    "REPLICA_LAG_SECONDS": "3",
    "OWNER_DATABASE_URL": "postgresql://owner:hidden@db/crimebook",
    "HOST": "0.0.0.0",
    "PORT": "8080",
    "WORKERS": "4",
    "THREADS": "16",
    "CONNECTIONS": "100",
    "ARRIVAL_SECONDS": "5",
    "QUEUE_SECONDS": "6",
    "RATE_LIMIT": "600/minute",
    "KEY_ATTEMPT_LIMIT": "none",
    "CORS_ORIGINS": "https://figures.example,http://localhost:3000",
    "PROXIES": "1",
    "STATEMENT_TIMEOUT_SECONDS": "10",
    "LARGEST_BODY_BYTES": "2048",
    "LARGEST_SUBMISSION_BYTES": "4096",
    "LASTING_ANSWERS_MB": "0",
    "SEAL_KEY": "/etc/crimebook/seal.key",
    "SEAL_EVERY_SECONDS": "0",
    "LOG_LEVEL": "debug",
    "PG_OS_USER": "postgres",
}


def test_an_empty_environment_gives_a_service_on_this_machine_with_its_own_database() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.workers, settings.threads) == ("127.0.0.1", 8000, 2, 8)
    assert settings.database_url is None
    assert settings.owner_database_url is None
    assert settings.pg_bindir is None
    assert settings.home == Path(".local").absolute()
    assert (settings.largest_body_bytes, settings.largest_submission_bytes) == (1024**2, 2 * 1024**3)


def test_the_sealing_key_lies_at_home_unless_another_place_is_named() -> None:
    assert Settings.from_environment({"CRIMEBOOK_HOME": "/srv/crimebook"}).sealing_key == Path(
        "/srv/crimebook/seal.key"
    )
    assert Settings.from_environment(FULL).sealing_key == Path("/etc/crimebook/seal.key")


def test_an_empty_variable_counts_as_one_that_is_not_set() -> None:
    assert Settings.from_environment(dict.fromkeys(FULL, " ")) == Settings.from_environment({})


def test_migrations_use_the_database_url_when_the_owner_has_none_of_its_own() -> None:
    assert (
        Settings.from_environment({"DATABASE_URL": FULL["DATABASE_URL"]}).owner_database_url
        == FULL["DATABASE_URL"]
    )
    assert Settings.from_environment(FULL).owner_database_url == FULL["OWNER_DATABASE_URL"]


def test_settings_written_out_as_an_environment_read_back_the_same() -> None:
    for environment in ({}, FULL):
        settings = Settings.from_environment(environment)
        assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("WORKERS", "0"),
        ("THREADS", "-1"),
        ("STATEMENT_TIMEOUT_SECONDS", "1.5"),
        ("REPLICA_LAG_SECONDS", "0"),
        ("RATE_LIMIT", "600"),
        ("RATE_LIMIT", "0/minute"),
        ("RATE_LIMIT", "5/fortnight"),
        ("KEY_ATTEMPT_LIMIT", "-1/minute"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://figures.example/"),
        ("CORS_ORIGINS", "https://figures.example,"),
        ("PROXIES", "-1"),
        ("ARRIVAL_SECONDS", "0"),
        ("LARGEST_BODY_BYTES", "1 MiB"),
        ("SEAL_EVERY_SECONDS", "-1"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://db"),
        ("OWNER_DATABASE_URL", "db"),
        ("PG_BINDIR", "/nowhere"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(variable: str, text: str) -> None:
    with pytest.raises(SettingsFault) as refused:
        Settings.from_environment({variable: text})
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0].startswith(f"{variable} should be ")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsFault) as refused:
        Settings.from_environment({"PORT": "x", "WORKERS": "x", "LOG_LEVEL": "x"})
    assert [fault.split()[0] for fault in refused.value.faults] == ["PORT", "WORKERS", "LOG_LEVEL"]
    assert str(refused.value).count("\n") == 2


def test_passwords_stay_out_of_faults_and_out_of_what_is_logged() -> None:
    with pytest.raises(SettingsFault) as refused:
        Settings.from_environment({"DATABASE_URL": "service:secret@db"})
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Settings.from_environment(FULL))
    assert "hidden" not in repr(Settings.from_environment(FULL))
    assert "veiled" not in repr(Settings.from_environment(FULL))


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_environment({}).port = 1  # type: ignore[misc]


def test_every_field_has_a_variable_and_every_variable_a_row_with_its_default() -> None:
    assert list(VARIABLES) == [field.name for field in fields(Settings)]
    documented = dict(
        re.findall(r"^([A-Z_]+) {2,}(\S*)(?: {2,}|$)", inspect.getdoc(Settings) or "", re.MULTILINE)
    )
    expected = {variable.name: variable.default or "" for variable in VARIABLES.values()}
    assert documented == expected | {"OWNER_DATABASE_URL": "DATABASE_URL"}


def test_a_replica_is_a_replica_of_a_database_that_is_named_too() -> None:
    with pytest.raises(SettingsFault, match="DATABASE_URL should be set too"):
        Settings.from_environment({"READ_DATABASE_URL": FULL["READ_DATABASE_URL"]})


def test_tokens_need_issuer_audience_and_keys_together():
    whole = {
        "JWT_ISSUER": "https://login.example",
        "JWT_AUDIENCE": "crimebook",
        "JWKS": "https://login.example/jwks.json",
    }
    assert Settings.from_environment(whole).jwks == whole["JWKS"]
    assert Settings.from_environment(whole | {"JWKS": "keys.json"}).jwks == str(Path("keys.json").absolute())
    for missing in whole:
        with pytest.raises(SettingsFault, match=f"{missing} should be set too"):
            Settings.from_environment({name: value for name, value in whole.items() if name != missing})


@pytest.mark.parametrize(
    "said",
    [
        {"JWT_ALGORITHMS": "HS256"},
        {"JWT_ALGORITHMS": "RS256,none"},
        {"JWT_ALGORITHMS": "RS256, ES256"},
        {"JWKS": "http://login.example/jwks.json"},
        {"JWT_CLOCK_SKEW_SECONDS": "601"},
    ],
)
def test_tokens_are_never_held_against_secrets_or_over_plain_http(said):
    with pytest.raises(SettingsFault, match=next(iter(said))):
        Settings.from_environment(said)
