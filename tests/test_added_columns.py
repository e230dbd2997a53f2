"""A column that is added, to each versioned table: it goes through every operation, nothing of it is lost,
and of what is personal nothing is left."""

import csv
import io
import json
import shutil
import tempfile
from pathlib import Path

import newcomer
import pyarrow.parquet
import pytest
from builders import FORCE, offence
from conftest import served

PERSONAL = {"witness": "Mr Onlooker", "location": "12 Acacia Avenue"}
DECIDED = {"grade": "priority", "handled_by": "DC Newcomer"}
ADDED = {"location_type": "park", "witness": "Mr Onlooker", **DECIDED}
SECRETS = ("Onlooker", "Newcomer", "Acacia")


@pytest.fixture(scope="module")
def service(databases, referenced, home):
    """The service with the added columns, on a book of its own."""
    tree = newcomer.copy(Path(tempfile.mkdtemp(prefix="crimebook-newcomer-")))
    newcomer.put_in(tree)
    name = databases.make(like=referenced)
    one = newcomer.Newcomer(
        tree=tree,
        url=databases.url(name),
        owner_url=databases.server.url(name, "postgres"),
        key=(home / "key").read_text().strip(),
    )
    migrated = one.at_the_terminal(
        "-c", f"from service.store import migrations; migrations.migrate({one.url!r})"
    )
    assert migrated.returncode == 0, migrated.stderr
    with served(one.url, tree) as one.port:
        yield one
    databases.drop(name)
    shutil.rmtree(tree)


@pytest.fixture
def made(service):
    """A record with all that was added: stated by whoever recorded it, or decided since."""
    return decided(service, record(service, location_type="park", **PERSONAL))


def record(service, **said):
    return service.ask("POST", "/offences", offence(**said)).json


def decided(service, row):
    """What a decision says of a record, put there by hand: no operation decides it yet."""
    service.as_owner(
        "update offence_version set grade = %s, handled_by = %s"
        " where offence_id = %s and until_change is null",
        DECIDED["grade"],
        DECIDED["handled_by"],
        row["offence_id"],
    )
    return row


def address(row):
    return f"/offences/{row['offence_id']}"


def added_to(row):
    return {name: row[name] for name in ADDED}


def seen(service, row):
    return service.get(address(row)).tag


def lines(*rows):
    """A file of these records as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, sorted({name for row in rows for name in row}))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def send(service, *rows, **asked):
    question = "&".join(f"{name}={value}" for name, value in asked.items())
    receipt = service.ask("POST", f"/submissions?{question}", lines(*rows)).json
    assert receipt["status"] == "accepted", receipt
    return receipt


def counts(receipt):
    return {name: receipt[name] for name in ("recorded", "corrected", "unchanged")}


def everywhere(service, word):
    """The tables that hold a word, in whatever column."""
    tables = service.as_owner(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    found = []
    for table in (row["relname"] for row in tables):
        whole = "encode(body, 'escape') || headers::text" if table == "given_answer" else f"{table}::text"
        if service.as_owner(f"select 1 from {table} where {whole} like %s limit 1", f"%{word}%"):
            found.append(table)
    return found


def test_what_was_recorded_is_answered(service, made):
    assert added_to(service.get(address(made)).json) == ADDED


def test_a_correction_takes_over_what_was_decided_and_says_anew_what_is_stated(service, made):
    sent = offence(crime_ref=made["crime_ref"], location_type="street", **PERSONAL)
    row = service.ask("PUT", address(made), sent, seen(service, made)).json
    assert added_to(row) == ADDED | {"location_type": "street"}
    before = service.get(f"{address(made)}?as_of={row['since_change'] - 1}").json
    assert added_to(before) == ADDED
    [*_, newest] = service.get(f"{address(made)}/versions").json["items"]
    assert {"field": "location_type", "before": "park", "after": "street"} in newest["differences"]


def test_a_reclassification_takes_everything_over(service, made):
    sent = {"code": "34B", "reason": "force was used"}
    row = service.ask("PATCH", address(made), sent, seen(service, made)).json
    assert (row["code"], added_to(row)) == ("34B", ADDED)


def test_a_cancellation_takes_everything_over(service, made):
    row = service.ask("DELETE", f"{address(made)}?reason=recorded-in-error", None, seen(service, made)).json
    assert (row["status"], added_to(row)) == ("cancelled", ADDED)


def test_a_cancellation_with_its_decision_takes_everything_over(service, made):
    sent = {"reason": "self-defence", "authority": "DS Example"}
    row = service.ask("POST", f"{address(made)}/cancellation", sent, seen(service, made)).json
    assert (row["status"], added_to(row)) == ("cancelled", ADDED)


def test_a_transfer_takes_everything_over(service, made):
    sent = {"force": "leicestershire", "reason": "it was there"}
    row = service.ask("POST", f"{address(made)}/transfer", sent, seen(service, made)).json
    assert (row["cancelled_reason"], added_to(row)) == ("transferred", ADDED)


@pytest.mark.parametrize("name", ["location_type", "witness"])
def test_a_file_brings_it_and_another_that_says_it_otherwise_corrects_it(service, name):
    sent = offence(crime_ref=f"NN/file/{name}", location_type="park", **PERSONAL)
    assert counts(send(service, sent)) == {"recorded": 1, "corrected": 0, "unchanged": 0}
    assert counts(send(service, sent)) == {"recorded": 0, "corrected": 0, "unchanged": 1}
    row = service.get(f"/offences?crime_ref={sent['crime_ref']}").json["items"][0]
    assert {added: row[added] for added in ("location_type", "witness")} == {
        added: sent[added] for added in ("location_type", "witness")
    }
    decided(service, row)
    assert counts(send(service, sent | {name: "another"})) == {"recorded": 0, "corrected": 1, "unchanged": 0}
    assert added_to(service.get(address(row)).json) == ADDED | {name: "another"}


def test_what_a_file_of_a_period_lacks_takes_everything_over_and_comes_back_with_it(service):
    of_a_day = {"recorded_on": "2010-05-03", "committed_from": "2010-05-02T20:00:00Z", "committed_to": None}
    of_a_day |= {"reported_at": None, "location_type": "park", **PERSONAL}
    kept, gone = (offence(crime_ref=f"NN/replaced/{number}", **of_a_day) for number in (1, 2))
    send(service, kept, gone)
    row = service.get(f"/offences?crime_ref={gone['crime_ref']}").json["items"][0]
    decided(service, row)
    assert send(service, kept, replaces="2010-05", confirm=1)["cancelled_by_replacement"] == 1
    lacking = service.get(address(row)).json
    assert (lacking["cancelled_reason"], added_to(lacking)) == ("not-in-resubmission", ADDED)
    send(service, kept, gone, replaces="2010-05")
    back = service.get(address(row)).json
    assert (back["status"], back["decided_by"], added_to(back)) == ("recorded", None, ADDED)


def test_every_format_of_an_export_has_it(service, made):
    question = f"/offences?crime_ref={made['crime_ref']}"
    [row] = csv.DictReader(io.StringIO(service.get(question, Accept="text/csv").body.decode()))
    assert added_to(row) == ADDED
    [line] = service.get(question, Accept="application/x-ndjson").body.splitlines()
    assert added_to(json.loads(line)) == ADDED
    file = service.get(question, Accept="application/vnd.apache.parquet").body
    [of_parquet] = pyarrow.parquet.read_table(io.BytesIO(file)).to_pylist()
    assert added_to(of_parquet) == ADDED


def entry_of(service, row):
    newest = service.get("/audit/seals?limit=1000").json["items"][-1]["tree_size"]
    question = f"offence_id={row['offence_id']}&since_change={row['since_change']}"
    return json.loads(service.get(f"/audit/seals/{newest}/inclusion?{question}").json["entry"])


def test_it_is_sealed_and_what_is_personal_by_its_digest_alone(service, made):
    plain = record(service, crime_ref="NN/plain")
    service.ask("POST", "/audit/seals")
    entry = entry_of(service, made)
    assert (entry["location_type"], entry["grade"]) == ("park", "priority")
    assert not set(newcomer.PERSONAL) & entry.keys()
    assert len(entry["personal_digest"]) == 64
    assert not {"location_type", "grade", "personal_digest"} & entry_of(service, plain).keys()
    assert service.faults() == ""


def test_whoever_alters_it_after_it_was_sealed_is_found_out(service):
    rows = {name: decided(service, record(service, location_type="park", **PERSONAL)) for name in ADDED}
    service.ask("POST", "/audit/seals")
    for name, row in rows.items():
        alter(service, row, name, "altered")
    faults = service.faults()
    assert [name for name, row in rows.items() if row["offence_id"] not in faults] == []
    for name, row in rows.items():
        alter(service, row, name, ADDED[name])
    assert service.faults() == ""


def alter(service, row, name, value):
    service.as_owner(
        f"update offence_version set {name} = %s where offence_id = %s", value, row["offence_id"]
    )


def test_an_erasure_leaves_nothing_personal_anywhere_and_all_that_is_not(service):
    sent = offence(location_type="quay", witness="Mrs Bystander")
    row = service.ask("POST", "/offences", sent, {"Idempotency-Key": "added"}).json
    service.as_owner(
        "update offence_version set grade = 'low', handled_by = 'PC Gone' where offence_id = %s",
        row["offence_id"],
    )
    service.ask("PUT", f"{address(row)}?reason=two", sent | {"victims": 2}, seen(service, row))
    service.ask("POST", "/audit/seals")
    question = f"/offences?crime_ref={row['crime_ref']}"
    service.get(question)
    assert everywhere(service, "Bystander") == ["given_answer", "offence_version"]
    assert everywhere(service, "PC Gone") == ["offence_version"]
    ground = {"authority": "Data Protection Officer", "ground": "court-order"}
    service.ask("POST", f"{address(row)}/erasure", ground)
    assert everywhere(service, "Bystander") == everywhere(service, "PC Gone") == []
    versions = service.get(f"{address(row)}/versions").json["items"]
    assert [(one["location_type"], one["grade"]) for one in versions] == [("quay", "low")] * 3
    assert {one[name] for one in versions for name in ("handled_by", "witness")} == {None}
    service.ask("POST", "/audit/seals")
    assert service.faults() == ""


def test_the_eraser_may_blank_what_is_personal_and_nothing_else(service):
    may = service.as_owner("""
        select attname from pg_attribute
        where attrelid = 'offence_version'::regclass and attnum > 0
          and has_column_privilege('crimebook_eraser', attrelid, attnum, 'update')""")
    assert {row["attname"] for row in may} == {*newcomer.PERSONAL, "erased_change"}


def test_the_access_log_says_of_which_record_and_never_what_is_personal(service, made):
    service.get(f"/offences?crime_ref={made['crime_ref']}")
    service.get(f"/offences?force={FORCE}&recorded_from=2012-05-01", Accept="text/csv")
    rows = service.get(f"/audit/accesses?offence_id={made['offence_id']}&limit=1000").json["items"]
    assert [row["operation"] for row in rows][-1] == "recordOffence"
    assert [row["operation"] for row in rows].count("listOffences") == 2
    assert [secret for secret in SECRETS if secret in json.dumps(rows)] == []
    assert not {"access", "access_end"} & {table for one in SECRETS for table in everywhere(service, one)}


NEW = {"If-Match": '"0"'}
PERIODS = [{"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}]
OURS = ("area", "code", "committed_from", "crime_ref", "recorded_on")
STATED_WHOLE = {
    "/areas/NN-9": {"kind": "beat", "name": "Nine", "slug": "nine", "parents": ["northampton"]},
    "/offence-codes/999Y": {"periods": PERIODS},
    "/categories/odder": {"name": "Odder", "description": "Odd things", "codes": [{"code": "28A"}]},
    "/breaks/second-trial": {
        "codes": ["34B"],
        "from_on": "2012-07-01",
        "kind": "counted",
        "name": "Trial",
        "note": "A trial.",
        "source": "Nobody",
    },
    "/measures/savings": {
        "adds_up": "sum",
        "better": "higher",
        "description": "As reported.",
        "name": "Savings",
        "unit": "pounds",
    },
    "/measures/savings/observations": {"area": "northamptonshire", "period": "2012/13", "value": 2},
    "/peer-groups/northamptonshire/mine": {"peers": ["leicestershire"], "source": "a guess"},
    "/mappings/northamptonshire/niche": {"columns": {name: name for name in OURS}},
    "/operations": {
        "areas": ["northampton"],
        "categories": ["robbery"],
        "from_on": "2012-05-01",
        "name": "Challenge",
    },
    "/targets": {
        "area": "northamptonshire",
        "base_period": "2011/12",
        "category": "robbery",
        "kind": "reduce-by-percent",
        "name": "Less",
        "owner": "x",
        "percent": 10,
        "period": "2012/13",
    },
}
LISTS = ("/operations", "/targets", "/measures/savings/observations")

COUNTED = {"population": ("populations", "residents"), "household_count": ("households", "households")}


@pytest.fixture(scope="module")
def stated(service):
    """The address of each thing that is stated whole, once it was stated with one remark and with another."""
    addresses = {}
    for path, said in STATED_WHOLE.items():
        sent = said | {"remark": "first"}
        begun = service.ask("POST", path, sent) if path in LISTS else service.ask("PUT", path, sent, NEW)
        assert begun.json["remark"] == "first"
        address = begun.headers["Location"].removeprefix("/v1")
        service.ask("PUT", address, sent | {"remark": "second"}, begun.tag)
        addresses[path] = address
    return addresses


@pytest.mark.parametrize("path", STATED_WHOLE)
def test_what_is_stated_whole_has_it_in_every_version(service, stated, path):
    now = service.get(stated[path]).json
    assert now["remark"] == "second"
    before = service.get(f"{stated[path]}?as_of={now['since_change'] - 1}").json
    assert (before["remark"], before["since_change"]) == ("first", now["since_change"] - 1)
    listed = path if path in LISTS else f"/{path.split('/')[1]}"
    assert "second" in [row["remark"] for row in service.get(f"{listed}?limit=1000").json["items"]]


@pytest.fixture(scope="module")
def counted(service):
    """What was answered of an area whose people and households were counted with one remark and another."""
    sent = {"kind": "beat", "name": "Ten", "slug": "ten", "parents": ["northampton"]}
    first, second = (
        {
            name: [{number: 10, "source": "a guess", "year": 2012, "remark": remark}]
            for name, number in COUNTED.values()
        }
        for remark in ("first", "second")
    )
    begun = service.ask("PUT", "/areas/NN-10", sent | first, NEW)
    return begun.json, service.ask("PUT", "/areas/NN-10", sent | second, begun.tag).json


@pytest.mark.parametrize("table", COUNTED)
def test_what_belongs_to_an_area_has_it_in_every_version(service, counted, table):
    name, _ = COUNTED[table]
    assert [one[name][0]["remark"] for one in counted] == ["first", "second"]
    rows = service.as_owner(f"select remark from {table} where area = 'NN-10' order by since_change")
    assert [row["remark"] for row in rows] == ["first", "second"]


def test_all_that_was_stated_is_sealed(service, stated, counted):
    service.ask("POST", "/audit/seals")
    assert service.faults() == ""
    nouns = {"population": "population", "household_count": "household_count"} | {
        f"{noun}_version": noun
        for noun in (
            "area",
            "category",
            "code",
            "mapping",
            "measure",
            "observation",
            "operation",
            "peer_group",
            "series_break",
            "target",
        )
    }
    for table in nouns:
        service.as_owner(f"update {table} set remark = 'altered' where remark = 'second'")
    faults = service.faults()
    assert [noun for noun in nouns.values() if f"The {noun} " not in faults] == []
    for table in nouns:
        service.as_owner(f"update {table} set remark = 'second' where remark = 'altered'")
    assert service.faults() == ""


def test_a_key_that_is_made_to_end_sooner_takes_it_over(service):
    caller = service.ask("POST", "/callers", {"name": "Former", "scopes": ["read"]})
    owner = caller.headers["Location"].removeprefix("/v1")
    caller_id = caller.json["caller_id"]
    service.as_owner("update caller_key_version set remark = 'kept' where caller_id = %s", caller_id)
    service.ask("POST", f"{owner}/keys", {})
    rows = service.as_owner(
        "select remark, until_change is null as present from caller_key_version where caller_id = %s"
        " order by since_change, key_id",
        caller_id,
    )
    assert sorted((row["remark"] or "", row["present"]) for row in rows) == [
        ("", True),
        ("kept", False),
        ("kept", True),
    ]


def test_a_street_record_has_it_in_every_version(service):
    headings = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context,Weather\n"
    )
    row = f"{'a' * 64},2018-10,Leicestershire Police,Leicestershire Police,,,High Street,,,Drugs,,,"
    for weather in ("rain", "fog"):
        service.ask("POST", "/street-submissions", f"{headings}{row}{weather}\n")
    rows = service.as_owner("select weather, since_change from street_record_version order by since_change")
    assert [one["weather"] for one in rows] == ["rain", "fog"]
    [now] = service.get("/street-crimes?force=leicestershire&period=2018-10").json["items"]
    assert now["weather"] == "fog"
