"""What a force may not see is not there: in the database and in every operation; and figures are the same for
everybody."""

import itertools
import json
import re
from uuid import uuid4

import pytest
from builders import FORCE, key, looking, offence, record, submit
from sealed_books import PERSONAL, line, rows
from street_files import crime, sent, street

from service.store import database
from service.store.sight import Sight

OTHER = "E23000021"
OWN = {
    "offence_version",
    "offence_personal_digest",
    "erasure",
    "submission",
    "submission_fault",
    "submission_replaced",
    "mapping_version",
    "street_record_version",
    "street_submission_file",
    "access",
    "operation_tag",
}
COUNTED = {"category_tally", "tally", "coverage", "coverage_now", "peer_group_version"}
"""Counts, what days they are complete for and which forces are alike are of no person: whoever asks sees them
all."""
WITHOUT_FORCE = {"access_end", "street_submission", "street_submission_fault", "seal_leaf", "given_answer"}
COUNTING = (
    "recorded_by_month(array['E23000022'], '2000-01-01', '2030-01-01', 1000)",
    "said_of_records_within(array['E23000022'], 'all-crime', '2000-01-01', '2030-01-01', 1000)",
    "recorded_by_force('E23000022', '2000-01-01', '2030-01-01', 1000)",
    "street_crimes_counted(null, null, null, null, null, 1000)",
    "reclassifications_counted(array['E23000022'], 'all-crime', '2000-01-01', '2030-01-01', 1000)",
    "outcomes_counted(array['E23000022'], '2000-01-01', '2030-01-01', 'recorded', 1000)",
)
ABSENT = str(uuid4())
PERIOD = {"area": "northamptonshire", "period": "2012/13"}
SINCE, GROUND = '"1"', {"authority": "x", "ground": "court-order"}
ASKED = {
    "readSummary": PERIOD | {"period": "ytd:2013-02-14"},
    "readOutcomes": PERIOD,
    "readTimeliness": PERIOD,
    "readCancellations": PERIOD,
    "readReclassifications": PERIOD | {"category": "all-crime"},
    "listReclassifications": PERIOD | {"category": "all-crime"},
    "drawSample": PERIOD | {"seed": "s"},
    "readReconciliation": PERIOD | {"source": "home-office-pfa", "period": "2012/13Q1"},
    "draftHomeOfficeTable": {"force": FORCE, "period": "2012/13"},
    "listReviews": {"due_by": "2099-01-01"},
    "countStreetCrimes": {"period": "2018-10"},
    "proveConsistency": {"from": 1},
    "readReturnOutcomes": {"area": FORCE},
    "reconcileStreetCrimes": {"force": FORCE, "period": "2018-10", "source": "home-office-pfa"},
    "proveInclusion": {"change": 1},
    "listRevisionRecords": {"position": 1, "role": "value", "part": "cancelled"},
    "cancelOffence": {"reason": "duplicate"},
    "receiveReturn": {"source": "x", "edition": "2020"},
    "readSeries": PERIOD | {"every": "month"},
    "readOperationEffect": {},
    "readRanking": {"kind": "district", "area": FORCE, "period": "2012/13", "order": "number"},
}
SENT = {
    "recordOffence": offence(),
    "correctOffence": offence(),
    "reclassifyOffence": {"code": "34B", "reason": "x"},
    "decideCancellation": {"reason": "recorded-in-error"},
    "transferOffence": {"force": OTHER, "reason": "x"},
    "eraseOffence": GROUND,
    "setMapping": {
        "columns": {name: name for name in ("area", "code", "committed_from", "crime_ref", "recorded_on")}
    },
}
FIGURES = (
    "readSummary",
    "readOutcomes",
    "readTimeliness",
    "readCancellations",
    "readReclassifications",
    "readReconciliation",
    "draftHomeOfficeTable",
    "countStreetCrimes",
    "readRevisions",
    "readRelease",
    "readTargetProgress",
    "readSeries",
    "readRanking",
    "readOperationEffect",
)


@pytest.fixture
def two(sealed):
    """The book with something of everything, and the headers of a key that is bound to another force."""
    submit(sealed, [line("NN/F3") | {"code": "999X"}], force="northamptonshire", reason="a refused file")
    rows_of_october = [
        crime("b" * 64, reported_by="Northamptonshire Police"),
        crime(reported_by="Northamptonshire Police"),
    ]
    sent(sealed, street(*rows_of_october))
    bad = street(crime("c" * 64, reported_by="Northamptonshire Police", crime_type="Piracy"))
    assert sealed.post("/v1/street-submissions", data=bad, content_type="text/csv").status_code == 422
    sealed.other = key(sealed, "read", "record", "publish", "audit", "erase", forces=("leicestershire",))
    return sealed


def first(service, path, member):
    [item, *_] = service.get(path).json["items"]
    return str(item[member])


@pytest.fixture
def things(two):
    """For each parameter of a path a thing of Northamptonshire that exists."""
    return {
        "offence_id": two.offence_id,
        "submission_id": first(two, "/v1/submissions", "submission_id"),
        "force": FORCE,
        "name": "niche",
        "street_submission_id": first(two, "/v1/street-submissions", "street_submission_id"),
        "street_crime_id": first(two, "/v1/street-crimes", "street_crime_id"),
    }


@pytest.fixture
def secrets(two):
    """What stands in Northamptonshire's records and in nothing else."""
    names = [
        ("offence_version", "offence_id"),
        ("offence_version", "crime_ref"),
        ("submission", "submission_id"),
        ("street_record_version", "street_record_id"),
        ("street_submission", "street_submission_id"),
    ]
    found = {
        str(row["told"]) for table, column in names for row in rows(f"select {column} as told from {table}")
    }
    assert len(found) > 12
    return (
        found | set(PERSONAL.values()) | {"a file", "a refused file", "niche", "a" * 64, "b" * 64, "Piracy"}
    )


def test_every_table_that_names_a_force_has_a_policy(service):
    named = {
        row["name"]
        for row in rows(
            """
        select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
        where relnamespace = 'public'::regnamespace and relkind = 'r' and attname = 'force'
          and not attisdropped"""
        )
    }
    guarded = {row["name"] for row in rows("select relname as name from pg_class where relrowsecurity")}
    assert named == OWN | COUNTED
    assert guarded == named | WITHOUT_FORCE
    for row in rows("select tablename, cmd, qual, roles::text[] as roles, with_check from pg_policies"):
        said = f"{row['qual']} {row['with_check']}"
        assert "crimebook." in said or row["cmd"] == "INSERT" or row["roles"] == ["crimebook_every_force"], (
            row
        )


def test_no_policy_holds_a_subquery(service):
    """A distributed PostgreSQL takes none: a policy compares a column with a setting."""
    held = rows(
        "select polrelid::regclass::text as name, polname, concat(polqual::text, polwithcheck::text) as told"
        " from pg_policy"
    )
    assert len(held) > 50
    assert [row["name"] for row in held if "SUBLINK" in row["told"]] == []


def test_whoever_sees_every_force_has_a_role_in_which_no_row_is_looked_at(service):
    of_all = rows(
        "select tablename as name, qual, roles::text[] as roles from pg_policies where policyname ="
        " 'of_every_force'"
    )
    assert {row["name"] for row in of_all} == OWN | COUNTED | WITHOUT_FORCE
    assert {(row["qual"], *row["roles"]) for row in of_all} == {("true", "crimebook_every_force")}
    [role] = rows(
        "select rolcanlogin or rolsuper or rolbypassrls or rolcreaterole as more,"
        " pg_has_role('crimebook_every_force', 'crimebook_service', 'usage') as serves,"
        " pg_has_role('crimebook_service', 'crimebook_every_force', 'member') as both from pg_roles where"
        " rolname = 'crimebook_every_force'"
    )
    assert role == {"more": False, "serves": True, "both": False}
    plan = "explain (costs off) select count(*) from offence_version where recorded_on = '2012-05-03'"
    with looking() as cursor:
        cursor.execute(plan)
        assert "crimebook.forces" not in str(cursor.fetchall())


def test_the_service_itself_sees_no_record_whatever_it_says(two):
    with database.connection().cursor() as cursor:
        for table, forces in itertools.product(sorted(OWN), ("*", FORCE, f"{FORCE},{OTHER}")):
            cursor.execute(
                f"begin; set local crimebook.forces = '{forces}'; select count(*) as number from {table}"
            )
            assert cursor.fetchone()["number"] == 0, table
            cursor.execute("rollback")


def test_views_show_what_the_one_who_asks_may_see(service):
    views = rows(
        "select relname, reloptions from pg_class where relkind = 'v' and relnamespace ="
        " 'public'::regnamespace"
    )
    assert [row["relname"] for row in views if "security_invoker=true" not in str(row["reloptions"])] == []


def test_what_counts_for_everybody_belongs_to_the_owner_and_names_no_record(service):
    functions = rows("""
        select proname, proargnames, proconfig, pg_get_userbyid(proowner) as owner,
          has_function_privilege('public', oid, 'execute') as open
        from pg_proc where prosecdef and pronamespace = 'public'::regnamespace""")
    assert len(functions) == 8
    for one in functions:
        assert (one["owner"], one["open"]) == ("crimebook", False)
        assert "search_path=public, pg_temp" in one["proconfig"]
        given_back = set(one["proargnames"]) - {"force", "offence_id", "release_id"}
        assert not given_back & {"crime_ref", "location", "reason", "decided_by", "street_record_id"}
        assert one["proname"] == "was_transferred" or "offence_id" not in one["proargnames"]


def by_hand(statement, forces=None):
    """The first number that a statement gives in the service's own role, on a connection that said whose
    records it wants, or did not."""
    with database.connection().cursor() as cursor:
        whose = f"{Sight('x', forces).settings()}; " if forces is not None else ""
        cursor.execute("begin; " + whose + statement)
        number = cursor.fetchone()["number"]
        cursor.execute("rollback")
    return number


def test_sql_by_hand_without_a_caller_sees_nothing(two):
    empty = {"submission_replaced", "access_end", "given_answer"}
    two.get("/v1/offences", headers={"Accept": "text/csv"})
    for table in sorted(OWN | COUNTED | WITHOUT_FORCE):
        count = f"select count(*) as number from {table}"
        assert by_hand(count, "*") > 0 or table in empty, table
        assert by_hand(count) == by_hand(count, "") == 0, table
        if table in OWN:
            assert by_hand(f"{count} where force = '{FORCE}'", OTHER) == 0, table
            assert by_hand(f"{count} where force = '{FORCE}'", f"{OTHER},{FORCE}") == by_hand(
                f"{count} where force = '{FORCE}'", "*"
            )
    for counting in COUNTING:
        count = f"select count(*) as number from {counting}"
        assert by_hand(count) == by_hand(count, "") == 0
        assert by_hand(count, OTHER) == by_hand(count, "*") > 0


def test_a_row_of_another_force_cannot_be_written_by_hand_either(two):
    for said in (
        "insert into coverage select force, since_change, category, days, definition from coverage",
        (
            "insert into mapping_version select force, 'x', since_change, null, codes, columns, constants,"
            " dates, ignored from known"
        ),
    ):
        known = "with known as (select * from mapping_version) " if "known" in said else ""
        with database.connection().cursor() as cursor:
            cursor.execute(f"begin; {Sight('x', OTHER).settings()}")
            if known:
                cursor.execute(known + said)
                assert cursor.rowcount == 0
            else:
                with pytest.raises(
                    database.psycopg2.errors.InsufficientPrivilege, match="row-level security"
                ):
                    cursor.execute(said)
            cursor.execute("rollback")


def operations(contract):
    for path, methods in contract["paths"].items():
        for method, one in methods.items():
            if method != "parameters":
                yield method, path, one["operationId"]


def asked(service, method, path, name, headers):
    sent_as = {} if name not in SENT else {"json": SENT[name]}
    tags = (
        {}
        if method in ("get", "post") and "cancellation" not in path and "transfer" not in path
        else {"If-Match": SINCE}
    )
    return service.open(
        path, method=method.upper(), query_string=ASKED.get(name), headers=headers | tags, **sent_as
    )


def masked(answer, *ids):
    """Status, kind, and the answer without what was asked for and without the trace."""
    text = re.sub(r'"trace_id":"[0-9a-f]+"', "", answer.get_data(as_text=True))
    for one in ids:
        text = text.replace(one, "<asked>")
    return answer.status_code, answer.content_type, text


def test_another_force_cannot_tell_what_exists_from_what_does_not(two, things, contract):
    walked = set()
    for method, path, name in operations(contract):
        named = [part for part in re.findall(r"\{(\w+)\}", path) if part in things]
        if not named or "{peer_group}" in path:  # which forces are alike is for everybody to see
            continue
        absent = {part: "nothing" if part == "name" else ABSENT for part in named if part != "force"}
        there, not_there = path.format(**things), path.format(**things | absent)
        one, other = (asked(two, method, where, name, two.other) for where in (there, not_there))
        told = [things[part] for part in absent], list(absent.values())
        assert masked(one, *told[0]) == masked(other, *told[1]), name
        assert one.status_code in (403, 404), (name, one.json)
        walked.add(name)
    assert len(walked) >= 18


def test_another_force_finds_no_data_in_any_operation(two, things, secrets, contract):
    """Everything that can be read, walked with a thing of each noun that is nobody's, or with the id of one
    that is another force's."""
    newest = two.get("/v1/changes?limit=1000").json["items"][-1]["change"]
    release = first(two, "/v1/releases", "release_id")
    [returned, *_] = [one["return_id"] for one in two.get("/v1/returns").json["items"]]
    operation, observation = (
        first(two, "/v1/operations", "operation_id"),
        first(two, "/v1/measures/savings/observations", "observation_id"),
    )
    shared = {
        "release_id": release,
        "return_id": returned,
        "operation_id": operation,
        "measure": "savings",
        "observation_id": observation,
        "series_break": "trial",
        "peer_group": "mine",
        "target_id": first(two, "/v1/targets", "target_id"),
        "area": FORCE,
        "code": "28A",
        "category": "all-crime",
        "tree_size": str(two.head["tree_size"]),
        "caller_id": ABSENT,
        "key_id": ABSENT,
    }
    answers = []
    for method, path, name in operations(contract):
        if method == "get" and "{change}" in path:
            answers += [
                (name, asked(two, method, path.format(change=change), name, two.other))
                for change in range(1, newest + 1)
            ]
        elif method == "get":
            answers.append((name, asked(two, method, path.format(**things | shared), name, two.other)))
    assert {answer.status_code for _, answer in answers} <= {200, 400, 403, 404, 409}
    refused = [name for name, answer in answers if answer.status_code in (400, 409)]
    assert set(refused) <= {
        "readReconciliation",
        "reconcileStreetCrimes",
        "readReturnTable",
        "readReturnOutcomes",
    }, refused
    for name, answer in answers:
        text = answer.get_data(as_text=True)
        for one in things.values():
            text = text if answer.status_code == 200 else text.replace(one, "")
        assert [one for one in secrets if json.dumps(one)[1:-1] in text] == [], name


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "text/csv"])
def test_a_list_that_the_database_writes_itself_holds_no_record_of_another_force(two, secrets, media_type):
    own = record(two, force="leicestershire", area="leicestershire", crime_ref="LE/1")
    answer = two.get("/v1/offences?status=any", headers=two.other | {"Accept": media_type})
    assert own["offence_id"] in answer.text and not [one for one in secrets if one in answer.text]
    everything = two.get("/v1/offences?status=any", headers={"Accept": media_type}).text
    assert own["offence_id"] in everything and two.offence_id in everything


def test_figures_are_the_same_for_everybody(two, contract):
    """Of a part of a month, of the past, compared, moved since they were released: what is counted does not
    depend on who asks."""
    made = record(two)
    two.delete(f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]})
    shared = {
        "release_id": first(two, "/v1/releases", "release_id"),
        "target_id": first(two, "/v1/targets", "target_id"),
        "operation_id": first(two, "/v1/operations", "operation_id"),
    }
    as_of = int(two.get("/v1/offences").headers["Crimebook-Change"])
    counted = set()
    for method, path, name in operations(contract):
        if name in FIGURES:
            for change in (as_of, as_of - 1, as_of - 3):
                question = (ASKED.get(name) or {}) | {"as_of": change}
                mine, theirs = (
                    two.open(path.format(**shared), method=method, query_string=question, headers=headers)
                    for headers in ({}, two.other)
                )
                assert (mine.status_code, mine.get_data()) == (theirs.status_code, theirs.get_data()), name
                if mine.status_code == 200 and re.search(
                    r'"(records|value|count|number_of_offences|then|after)":[1-9]', mine.text
                ):
                    counted.add(name)
    assert counted >= {
        "readSummary",
        "readOutcomes",
        "readTimeliness",
        "readCancellations",
        "readReclassifications",
        "countStreetCrimes",
        "readRevisions",
        "readRelease",
        "readSeries",
        "readRanking",
        "readOperationEffect",
    }


def test_the_list_behind_a_figure_holds_the_records_of_the_caller_alone(two):
    figure = two.get("/v1/summaries", query_string=PERIOD, headers=two.other).json["figures"][0]
    own = two.get(figure["evidence"], headers=key(two, "read", forces=("northamptonshire",))).json["items"]
    assert len(own) == len(two.get(figure["evidence"]).json["items"]) == figure["value"] > 3
    assert two.get(figure["evidence"], headers=two.other).json["items"] == []


def test_what_another_force_holds_is_not_told_by_what_a_body_names(two):
    def answers(send):
        return [masked(send(one), one) for one in (two.offence_id, ABSENT)]

    draft = {"force": OTHER, "area": OTHER}
    one, other = answers(
        lambda told: two.post("/v1/offences", json=offence(transferred_from=told, **draft), headers=two.other)
    )
    assert one == other and one[0] == 422
    own = record(two, crime_ref="LE/1", **draft)
    address, tag = f"/v1/offences/{own['offence_id']}/cancellation", {"If-Match": own["etag"]}
    said = {"reason": "duplicate"}
    one, other = answers(
        lambda told: two.post(address, json=said | {"duplicate_of": told}, headers=two.other | tag)
    )
    assert one == other and one[0] == 422
    reference = rows(f"select crime_ref as told from offence where force = '{FORCE}' limit 1")[0]["told"]
    one, other = (
        two.post("/v1/offences", json=offence(crime_ref=told), headers=two.other)
        for told in (reference, "NN/none")
    )
    assert masked(one, reference) == masked(other, "NN/none") and one.status_code == 403
    assert (
        two.post("/v1/offences", json=offence(crime_ref=reference, **draft), headers=two.other).status_code
        == 201
    )


def test_a_proof_is_given_of_what_the_caller_may_see_alone(two):
    address = f"/v1/audit/seals/{two.head['tree_size']}/inclusion"
    for noun, own in (("offence", f"{FORCE}/{two.offence_id}"), ("mapping", f"{FORCE}/niche")):
        since = {
            "since_change": rows(f"select min(since_change) as change from seal_leaf where key = '{own}'")[0][
                "change"
            ]
        }
        absent = f"{FORCE}/{ABSENT}"
        assert two.get(address, query_string={"noun": noun, "key": own} | since).status_code == 200
        one, other = (
            two.get(address, query_string={"noun": noun, "key": named} | since, headers=two.other)
            for named in (own, absent)
        )
        assert masked(one, own) == masked(other, absent) and one.status_code == 404
    change = rows("select change from submission where reason = 'a file' and change is not null")[0]["change"]
    mine, theirs = (
        two.get(address, query_string={"change": change}, headers=headers).json for headers in ({}, two.other)
    )
    assert mine["leaf_hash"] == theirs["leaf_hash"] and "a file" in mine["entry"] and theirs["entry"] is None


def test_a_force_receives_what_another_transferred_to_it(two):
    gone = record(two)
    two.post(
        f"/v1/offences/{gone['offence_id']}/transfer",
        json={"force": OTHER, "reason": "theirs"},
        headers={"If-Match": gone["etag"]},
    )
    sent_on = offence(force=OTHER, area=OTHER, transferred_from=gone["offence_id"])
    assert two.post("/v1/offences", json=sent_on, headers=two.other).status_code == 201
    assert two.get(f"/v1/offences/{gone['offence_id']}", headers=two.other).status_code == 404


def test_who_looked_at_a_forces_records_is_for_its_own_auditors(two):
    two.get(f"/v1/offences/{two.offence_id}")
    record(two, force="leicestershire", area="leicestershire", crime_ref="LE/1")
    two.get("/v1/offences", headers=two.other)
    seen = two.get("/v1/audit/accesses?limit=1000", headers=two.other).json["items"]
    assert {one["force"] for one in seen} == {OTHER}
    listing = next(one for one in seen if one["operation"] == "listOffences")
    assert {"name": "forces", "value": OTHER} in listing["asked"] and listing["records"] == 1
    showed = two.get(f"/v1/audit/accesses?limit=1000&offence_id={two.offence_id}").json["items"]
    assert listing["access_id"] not in {one["access_id"] for one in showed}, (
        "it was not on the list of another force"
    )
    own = key(two, "audit", forces=("northamptonshire",))
    assert {one["force"] for one in two.get("/v1/audit/accesses?limit=1000", headers=own).json["items"]} == {
        FORCE
    }


def test_sealing_takes_in_what_every_force_did_whoever_asks_for_it(two):
    record(two)
    assert two.post("/v1/audit/seals", headers=two.other).status_code == 201
    with database.reading() as book:
        assert book.audit.verification.entries(tree_size=2**40, change=book.as_of) == []


def test_an_erasure_forgets_the_answers_kept_for_others(two):
    made = two.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "k"})
    eraser = key(two, "erase", forces=("northamptonshire",))
    assert (
        two.post(f"/v1/offences/{made.json['offence_id']}/erasure", json=GROUND, headers=eraser).status_code
        == 201
    )
    assert rows("select count(*) as kept from given_answer where idempotency_key = 'k'") == [{"kept": 0}]
