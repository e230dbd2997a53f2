"""Migrations after the baseline keep to the rule; and the rule is broken by what it is there for."""

import pytest
from migration_rules import faults

from service.store import baseline, frozen

LATER = sorted(path for path in frozen.SCHEMA.glob("*.sql") if frozen.version_of(path.name) > baseline.LAST)
BEGINS = "set local lock_timeout = '5s';\nset local statement_timeout = '5min';\n"
BROKEN = {
    "create index x on offence_version (area);": "concurrent",
    "alter table tally add column y int not null;": "adding-required-field",
    "alter table tally alter column victims type bigint;": "changing-column-type",
    "alter table tally add column y int generated always as (victims + 1) stored;": (
        "adding-field-with-default"
    ),
    "alter table tally add constraint c check (victims > 1);": "not-valid",
    "alter table tally alter column victims set not null;": "takes something away",
    "alter table tally drop column victims;": "takes something away",
    "alter table tally rename column victims to persons;": "takes something away",
    "alter table tally rename to counts;": "takes something away",
    "drop view area;": "takes something away",
    "drop function known_at;": "takes something away",
    "revoke select on tally from crimebook_service;": "takes something away",
    "alter policy seen_by_all on tally using (true);": "takes something away",
    "update offence_version set victims = 1 where victims = 0;": "offence_version is large",
    "do $$ begin update offence_version set victims = 1; end $$;": "offence_version is large",
    "delete from access where at < '2020-01-01';": "access is large",
    "insert into category_tally select * from tally_by_category;": "category_tally is worked out",
    "drop index offence_by_area;": "concurrent",
}
KEPT = (
    "alter table release add column note text;",
    "create table odd (odd text not null, constraint odd_is_odd primary key (odd));",
    "-- contract: nothing has read it since 1.1.0\ndrop view area;",
    "alter table tally add constraint c check (victims > 1) not valid;",
    (
        "create or replace function known_at(since_change bigint, until_change bigint, as_of bigint) returns"
        " boolean language sql return true;"
    ),
    "update built_in_measure set name = 'Offences';",
)
ALONE = {
    "create index concurrently x on offence_version (area);": True,
    "drop index concurrently offence_by_area;": True,
    "do $$ begin loop update offence_version set victims = 1 where victims = 0; commit; exit when not found; "
    "end loop; end $$;": True,
    "do $$ begin update offence_version set victims = 1; end $$;": False,
    "create index concurrently x on offence_version (area); "
    "create index concurrently y on offence_version (code);": False,
    "alter table release add column note text;": False,
}


def written(tmp_path, statements, begins=BEGINS, options=""):
    path = tmp_path / "900_odd.sql"
    path.write_text(f"-- migrate:up{options}\n{begins}{statements}\n\n-- migrate:down\n")
    return path


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.name)
def test_each_migration_keeps_to_the_rule(path):
    assert faults(path) == []


@pytest.mark.parametrize("statement", BROKEN)
def test_what_would_stop_or_mislead_the_version_before_is_refused(tmp_path, statement):
    assert any(BROKEN[statement] in fault for fault in faults(written(tmp_path, statement))), faults(
        written(tmp_path, statement)
    )


@pytest.mark.parametrize("statement", KEPT)
def test_what_only_adds_is_taken(tmp_path, statement):
    assert faults(written(tmp_path, statement)) == []


@pytest.mark.parametrize("statement", ALONE)
def test_a_file_without_a_transaction_holds_one_statement_that_waits_for_nobody(tmp_path, statement):
    assert (faults(written(tmp_path, statement, "", " transaction:false")) == []) == ALONE[statement]


@pytest.mark.parametrize("begins", ["", "set lock_timeout = '5s';\nset statement_timeout = '5min';\n"])
def test_each_says_how_long_it_waits_for_a_lock_and_for_itself_alone(tmp_path, begins):
    assert "it begins with `set local lock_timeout = '5s';`" in faults(written(tmp_path, KEPT[0], begins))
