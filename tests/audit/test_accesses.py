"""The access log: no record is touched or shown without a row that says who, what, when and why."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from builders import FORCE, key, looking, offence, record, submit
from flask.testing import FlaskClient
from marshmallow import fields

from service.store import copying_out, database
from service.web.access_note import AccessNote
from service.web.contract import served
from service.web.request.access import KINDS

NO_RECORD_IN_ITS_SHAPE = {
    "listSubmissionFaults",
    "listOffenceFigures",
    "proveInclusion",
}  # cells of records, and what is said of one


def logged(service, **asked):
    """The log, oldest first, without what reading it leaves there."""
    answer = service.get("/v1/audit/accesses", query_string={"order": "oldest", "limit": 1000} | asked)
    assert answer.status_code == 200, answer.json
    return [one for one in answer.json["items"] if one["operation"] != "listAccesses"]


def as_owner(statement):
    with database.connection().cursor() as cursor:
        cursor.execute("set role crimebook")
        try:
            cursor.execute(statement)
        finally:
            cursor.execute("set role crimebook_service")


def members(schema, seen=()):
    """The names of everything in a schema, however deep."""
    for name, one in schema.fields.items() if schema and schema not in seen else ():
        yield name
        inner = one.inner if isinstance(one, fields.List) else one
        if isinstance(inner, fields.Nested):
            yield from members(inner.schema, (*seen, schema))


def test_every_operation_on_records_says_what_it_does_to_them(app):
    operations = {one.served.promised for one in served.methods(app.api)}
    records = {
        one.name
        for one in operations
        if {"offence_id", "crime_ref"} & {*members(one.returns), *members(one.body)}
    } | NO_RECORD_IN_ITS_SHAPE
    assert {"readOffence", "listOffences", "recordOffence"} < records
    assert {one.name for one in operations if one.name in records and one.access not in KINDS} == set()
    assert {one.name for one in operations if one.access} == records | {"submitOffences", "tagOffences"}


def test_an_operation_that_does_not_say_what_it_showed_is_answered_with_500(service, monkeypatch):
    made = record(service)
    monkeypatch.setattr(AccessNote, "show_content", lambda *_: None)
    monkeypatch.setattr(AccessNote, "show_page", lambda *_: None)
    for address in (f"/v1/offences/{made['offence_id']}", "/v1/offences"):
        answer = service.get(address)
        assert (answer.status_code, answer.json["type"]) == (500, "/docs/problems/internal-fault")
        assert made["crime_ref"] not in answer.text
    assert service.post("/v1/offences", json=offence()).status_code == 500
    monkeypatch.undo()
    assert service.get("/v1/offences?limit=10").json["items"] == [
        service.get(f"/v1/offences/{made['offence_id']}").json
    ]


def test_the_life_of_a_record_is_in_the_log(service):
    made, other, third = record(service), record(service), record(service)
    address = f"/v1/offences/{made['offence_id']}"
    trace = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Justification": "Case 12, rëview",
    }
    read = service.get(address, headers=trace)
    tag = {"If-Match": made["etag"]}
    corrected = service.put(
        f"{address}?reason=typing", json=offence(crime_ref=made["crime_ref"]), headers=tag
    )
    coded = service.patch(
        address,
        json={"code": "34B", "reason": "force was used"},
        headers={"If-Match": corrected.headers["ETag"]},
    )
    service.get(f"{address}/versions")
    doubled = {"reason": "duplicate", "duplicate_of": other["offence_id"]}
    service.post(f"{address}/cancellation", json=doubled, headers={"If-Match": coded.headers["ETag"]})
    sent = {"force": "leicestershire", "reason": "it was in Leicester"}
    assert (
        service.post(
            f"/v1/offences/{third['offence_id']}/transfer", json=sent, headers={"If-Match": third["etag"]}
        ).status_code
        == 200
    )
    of_one = logged(service, offence_id=made["offence_id"])
    assert [(one["operation"], one["kind"], one["records"]) for one in of_one] == [
        ("recordOffence", "collection", 1),
        ("readOffence", "consultation", 1),
        ("correctOffence", "alteration", 1),
        ("reclassifyOffence", "alteration", 1),
        ("listOffenceVersions", "consultation", 1),
        ("decideCancellation", "combination", 1),
    ]
    assert (
        of_one[1]
        | {
            "justification": "Case 12, rëview",
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
            "caller": "administrator",
            "change": int(read.headers["Crimebook-Change"]),
            "force": FORCE,
            "path": address,
            "method": "GET",
            "asked": [],
            "media_type": "application/json",
            "complete": True,
        }
        == of_one[1]
    )
    assert "typing" not in str(of_one) and "force was used" not in str(of_one)
    assert [(one["operation"], one["kind"]) for one in logged(service, offence_id=other["offence_id"])][
        1:
    ] == [("decideCancellation", "combination")]
    assert [(one["kind"], one["recipient"]) for one in logged(service, offence_id=third["offence_id"])][
        1:
    ] == [("alteration", None), ("disclosure", "E23000021")]


def test_what_shows_no_record_leaves_no_row(service):
    made = record(service)
    unknown = made["offence_id"][:-12] + "0" * 12
    before = len(logged(service))
    for address in (
        "/v1/areas",
        "/v1/summaries?area=northamptonshire&period=2012/13",
        f"/v1/offences/{unknown}",
        "/v1/offences?area=nowhere",
    ):
        service.get(address)
    service.get(f"/v1/offences/{made['offence_id']}", headers=key(service, "audit"))
    service.post("/v1/offences", json=offence(code="999Z"))
    assert len(logged(service)) == before


def test_an_answer_that_the_caller_holds_already_is_logged_too(service):
    made = record(service)
    address = f"/v1/offences/{made['offence_id']}"
    assert service.get(address, headers={"If-None-Match": made["etag"]}).status_code == 304
    assert (
        service.get(
            "/v1/offences", headers={"If-None-Match": service.get("/v1/offences").headers["ETag"]}
        ).status_code
        == 304
    )
    assert service.head(address).status_code == 200
    rows = logged(service)[1:]
    assert [(one["operation"], one["method"], one["records"]) for one in rows] == [
        ("readOffence", "GET", 1),
        ("listOffences", "GET", 1),
        ("listOffences", "GET", 0),
        ("readOffence", "HEAD", 1),
    ]
    assert len(logged(service, offence_id=made["offence_id"])) == 4


def test_an_answer_given_again_to_the_same_key_is_a_consultation(service):
    sent, tag = offence(), {"Idempotency-Key": "a-1"}
    made = service.post("/v1/offences", json=sent, headers=tag).json
    service.post("/v1/offences", json=sent, headers=tag)
    rows = logged(service, offence_id=made["offence_id"])
    assert [(one["operation"], one["kind"], one["records"]) for one in rows] == [
        ("recordOffence", "collection", 1),
        ("recordOffence", "consultation", 1),
    ]


def test_files_are_collections_and_what_was_wrong_with_them_is_consulted(service):
    lines = [offence(force=None) for _ in range(3)]
    receipt = submit(service, lines, force="northamptonshire").json
    refused = submit(service, [offence(force=None, code="999Z")], force="northamptonshire").json
    service.get(f"/v1/submissions/{refused['submission']}/faults")
    rows = logged(service)
    assert [
        (one["operation"], one["kind"], one["records"], one["change"] == receipt["change"]) for one in rows
    ] == [
        ("submitOffences", "collection", 3, True),
        ("submitOffences", "collection", 0, False),
        ("listSubmissionFaults", "consultation", 1, True),
    ]
    one = service.get(f"/v1/offences?crime_ref={lines[0]['crime_ref']}").json["items"][0]
    assert [row["operation"] for row in logged(service, offence_id=one["offence_id"])] == [
        "submitOffences",
        "listOffences",
    ]


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson", "application/vnd.apache.parquet"])
def test_an_export_is_a_disclosure_whose_end_is_told(service, accept):
    made = [record(service, recorded_on=f"2012-05-{day:02}") for day in range(3, 10)]
    asked = {"area": "northampton", "recorded_from": "2012-05-04"}
    service.get("/v1/offences", query_string=asked, headers={"Accept": accept})
    service.get("/v1/offences", query_string=asked | {"limit": 2}, headers={"Accept": accept})
    whole, part = logged(service, kind="disclosure")
    assert (
        whole["records"],
        whole["complete"],
        whole["recipient"],
        moment(whole["ended_at"]) >= moment(whole["at"]),
    ) == (
        6,
        True,
        "administrator",
        True,
    )
    assert {one["name"]: one["value"] for one in whole["asked"]} == {
        "area": "E07000154",
        "recorded_from": "2012-05-04",
        "status": "recorded",
    }
    assert [whole[name] for name in ("first_offence_id", "last_offence_id", "last_recorded_on")] == [
        made[1]["offence_id"],
        made[6]["offence_id"],
        "2012-05-09",
    ]
    assert (part["records"], part["last_offence_id"], part["ended_at"]) == (2, made[2]["offence_id"], None)
    assert [len(logged(service, kind="disclosure", offence_id=one["offence_id"])) for one in made] == [
        0,
        2,
        2,
        1,
        1,
        1,
        1,
    ]


def begun(service, app, accept):
    """An answer of which nothing has been read yet."""
    headers = {"Accept": accept, "Authorization": f"Bearer {service.key}"}
    return FlaskClient(app, app.response_class).get("/v1/offences", headers=headers, buffered=False)


def test_an_export_whose_reader_goes_away_has_an_end(service, app, monkeypatch):
    monkeypatch.setattr(copying_out, "PIECE", 1)  # what is handed over at once counts as shown: here a row
    made = [record(service, recorded_on=f"2012-05-{day:02}") for day in range(3, 10)]
    answer = begun(service, app, "application/x-ndjson")
    next(answer.iter_encoded())
    [under_way] = peeked(
        "select records, (select count(*) from access_end) as ended from access where kind = 'disclosure'"
    )
    assert under_way == {"records": None, "ended": 0}
    answer.close()
    [row] = logged(service, kind="disclosure")
    assert (row["records"], row["complete"], row["last_offence_id"]) == (1, False, made[0]["offence_id"])
    assert [len(logged(service, kind="disclosure", offence_id=one["offence_id"])) for one in made[:2]] == [
        1,
        0,
    ]


def test_an_export_whose_connection_to_the_database_is_lost_has_an_end(service, app):
    record(service)
    answer = begun(service, app, "application/x-ndjson")
    next(answer.iter_encoded())
    peeked(
        "set role crimebook; select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in"
        " transaction'"
    )
    answer.close()
    assert [(row["records"], row["complete"]) for row in logged(service, kind="disclosure")] == [(1, False)]


def peeked(question):
    """Ask on a connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_asked, question).result()


def _asked(question):
    try:
        with looking() as cursor:
            cursor.execute(question)
            return [dict(row) for row in cursor.fetchall()]
    finally:
        database.release()


def test_what_cannot_be_logged_is_not_answered(service):
    made = record(service)
    tag = {"If-Match": made["etag"]}
    as_owner("revoke insert on access from crimebook_service")
    address = f"/v1/offences/{made['offence_id']}"
    asked = [
        ("get", address, {}),
        ("get", f"{address}/versions", {}),
        ("get", "/v1/offences", {}),
        ("get", "/v1/audit/accesses", {}),
        ("get", "/v1/offences", {"headers": {"Accept": "text/csv"}}),
        ("get", address, {"headers": {"If-None-Match": made["etag"]}}),
        ("post", "/v1/offences", {"json": offence()}),
        ("delete", f"{address}?reason=duplicate", {"headers": tag}),
        ("post", "/v1/submissions", {"data": "code\n", "content_type": "text/csv"}),
    ]
    for method, path, said in asked[:-1]:
        answer = getattr(service, method)(path, **said)
        assert (answer.status_code, answer.json["type"]) == (503, "/docs/problems/unavailable"), path
        assert made["crime_ref"] not in answer.text and "could not be logged" in answer.json["detail"]
    assert submit(service, [offence(force=None)], force="northamptonshire").status_code == 503
    assert service.get("/v1/summaries?area=northamptonshire&period=2012/13").status_code == 200
    as_owner("grant insert on access to crimebook_service")
    assert service.get(address).json["status"] == "recorded"
    assert service.get("/v1/offences").json["items"][0]["offence_id"] == made["offence_id"]
    assert len(service.get("/v1/offences").json["items"]) == 1


def test_the_row_is_there_for_good_before_the_answer_is(service, app):
    made = record(service)
    assert peeked("show synchronous_commit") == [{"synchronous_commit": "on"}]
    for accept in ("application/json", "text/csv"):
        answer = begun(service, app, accept)
        assert peeked("select count(*) as rows from access where operation = 'listOffences'")[0][
            "rows"
        ] == 1 + (accept == "text/csv")
        answer.close()
    assert made["offence_id"] in str(logged(service))


def test_of_many_readers_at_once_each_leaves_one_row(service, app):
    made = record(service)

    def read(number):
        try:
            path = f"/v1/offences/{made['offence_id']}" if number % 2 else "/v1/offences"
            return app.test_client().get(path, headers={"Justification": f"reader {number}"}).status_code
        finally:
            database.release()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(60))) == {200}
    assert sorted(one["justification"] for one in logged(service) if one["justification"]) == sorted(
        f"reader {n}" for n in range(60)
    )


@pytest.mark.parametrize("statement", ["update {} set records = 0", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["access", "access_end"])
def test_the_log_only_grows_whoever_asks(service, statement, table):
    record(service)
    service.get("/v1/offences", headers={"Accept": "text/csv"})
    for run in (as_owner, peeked):
        with pytest.raises(database.psycopg2.errors.InsufficientPrivilege):
            run(statement.format(table))
    assert peeked("select count(*) as rows from access, access_end")[0]["rows"] == 2
