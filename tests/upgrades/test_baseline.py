"""The baseline makes the very schema that the forty files before it made."""

import shutil

import dumps
import psycopg2
import pytest
from dumps import dumped, kept, parts

from service.store import baseline, frozen, migrations


@pytest.fixture
def baseline_alone(tmp_path, monkeypatch):
    """No other files than those of the baseline."""
    for path in frozen.SCHEMA.glob("*.sql"):
        if frozen.version_of(path.name) <= baseline.LAST:
            shutil.copy(path, tmp_path)
    monkeypatch.setattr(frozen, "SCHEMA", tmp_path)
    monkeypatch.setattr(migrations, "SCHEMA", tmp_path)


def major(url):
    with psycopg2.connect(url) as connection:
        version = connection.server_version // 10_000
    connection.close()
    return version


def test_the_baseline_makes_what_the_forty_files_made(databases, baseline_alone):
    name = databases.make()
    migrations.migrate(databases.url(name))
    if (
        major(databases.url(name)) != 18
    ):  # each major's pg_dump words some things its own way; the kept dump is 18's
        assert len(parts(dumped(databases.url(name)))) > 800
    else:
        assert parts(dumped(databases.url(name))) == parts(kept("053"))
    databases.drop(name)


def test_the_comparison_sees_a_column_a_grant_and_a_condition(databases, baseline_alone):
    made = parts(kept("053"))
    for told, other in (
        ("offences integer NOT NULL", "offences bigint NOT NULL"),
        (
            "GRANT UPDATE(until_change) ON TABLE public.target_version",
            "GRANT UPDATE ON TABLE public.target_version",
        ),
        ("held.status = 'recorded'", "held.status = 'cancelled'"),
        ("'Charged or summonsed'", "'Charged'"),
        ("'eliminate'::text", "'\n   ''eliminate'::text"),
        ("'rank'::text, 'save'::text", "'rank''save'::text"),
    ):
        assert parts(kept("053").replace(told, other)) != made, told
    assert (
        parts(
            kept("053").replace("held.status = 'recorded'", "held.status   =\n 'recorded'  -- and counts\n")
        )
        == made
    )


def test_every_file_before_the_baseline_is_named(baseline_alone):
    assert len(baseline.BEFORE) == len(set(baseline.BEFORE)) == 40
    assert list(baseline.BEFORE) == sorted(baseline.BEFORE)
    assert dumps.HERE.joinpath(baseline.BEFORE[-1]).is_dir()
