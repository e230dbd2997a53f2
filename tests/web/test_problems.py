"""Every fault on every path has one shape, a status and a sentence that says what to do."""

import json
import logging

import pytest
from builders import key, offence, record

from service.store import database, transactions
from service.web import problems


def test_unknown_paths_are_problems_too(service):
    for path in (
        "/",
        "/v1",
        "/v2/areas",
        "/v1/nothing",
        "/v1/areas/",
        "/docs/nothing",
        "/%00",
        "/v1/offences/%0d%0a",
    ):
        answer = service.get(path)
        assert answer.status_code == 404, path
        assert answer.json["type"] == "/docs/problems/not-found"


NOWHERE = [
    "/v1/areas/%00",
    "/v1/areas/foo%0Abar",
    "/v1/categories/a%00",
    "/v1/offence-codes/a%00b",
    "/v1/offence-codes/28A%7F",
    "/v1/targets/%00",
    "/docs/%00",
    "/docs/problems/%09",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_nothing_is_at_a_path_with_control_characters(service, path):
    for method in ("GET", "PUT", "DELETE"):
        answer = service.open(
            path, method=method, json={} if method == "PUT" else None, headers={"If-Match": '"0"'}
        )
        assert (answer.status_code, answer.json["type"]) == (404, "/docs/problems/not-found"), method


def test_what_the_database_cannot_hold_is_the_callers_fault(service, app):
    for statement in ("select 1 / 0", "select '99999999999'::int", "select 'x'::date"):
        with database.connection().cursor() as cursor, pytest.raises(database.psycopg2.Error) as refused:
            cursor.execute(statement)
        for method, kind in (("GET", "invalid-parameter"), ("PUT", "malformed-body")):
            with app.test_request_context("/v1/areas", method=method):
                assert problems.from_database(refused.value).kind == kind
        assert problems.KINDS[problems.from_database(refused.value).kind].status == 400


def test_a_connection_lost_while_committing_is_in_doubt_and_says_how_to_find_out(service, monkeypatch):
    def lost(held):
        raise database.InDoubt("server closed the connection unexpectedly")

    monkeypatch.setattr(transactions, "_commit", lost)
    answer = service.post("/v1/offences", json=offence())
    assert (answer.status_code, answer.json["type"]) == (503, "/docs/problems/in-doubt")
    assert "same Idempotency-Key" in answer.json["hint"] and "Nothing was changed" not in answer.text


class Told(database.psycopg2.errors.CheckViolation):
    """As a driver tells of it that does not name the constraint apart."""

    pgcode = "23514"


@pytest.mark.parametrize("name", ["area_slug_reads_well", "area_slug_reads_well_102008"])
def test_a_constraint_is_known_by_the_message_too_and_without_the_number_of_its_shard(service, name):
    problem = problems.from_database(
        Told(f'new row for relation "area_version" violates check constraint "{name}"')
    )
    assert (
        problem.detail == "A slug is lower-case words joined by single hyphens, like west-northamptonshire."
    )


def test_a_method_that_a_path_does_not_do_is_405_with_those_it_does(service):
    answer = service.delete("/v1/offences")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "5", '"x"', '{"a": NaN}', '{"a": 1e999}', "\xff", "{'a': 1}"]
)
def test_a_body_that_is_not_one_json_object_is_400(service, body):
    answer = service.post("/v1/offences", data=body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer.json["type"]) == (400, "/docs/problems/malformed-body")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", None]
)
def test_a_body_of_another_type_is_415_and_says_which_it_reads(service, content_type):
    answer = service.post("/v1/offences", data=json.dumps(offence()), content_type=content_type)
    assert (answer.status_code, answer.headers["Accept"]) == (415, "application/json")


def test_a_charset_beside_the_type_is_no_fault(service):
    answer = service.post(
        "/v1/offences", data=json.dumps(offence()), content_type="application/json; charset=utf-8"
    )
    assert answer.status_code == 201


def test_a_body_of_ten_megabytes_is_413_before_it_is_read(service):
    answer = service.post("/v1/offences", data=b" " * 10_000_000, content_type="application/json")
    assert (answer.status_code, answer.json["type"]) == (413, "/docs/problems/too-large")
    assert "1,048,576" in answer.json["detail"]


def test_the_largest_body_is_taken(service):
    padded = json.dumps(offence()).encode().ljust(1_048_576)
    assert service.post("/v1/offences", data=padded, content_type="application/json").status_code == 201
    assert (
        service.post("/v1/offences", data=padded + b" ", content_type="application/json").status_code == 413
    )


@pytest.mark.parametrize("accept", ["image/png", "application/xml", "text/html", "application/json;q=0"])
def test_a_type_that_cannot_be_made_is_406_and_says_which_can(service, accept):
    answer = service.get("/v1/offences", headers={"Accept": accept})
    assert answer.status_code == 406
    assert "text/csv" in answer.json["detail"]


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer nobody", "Basic YTpi", "Bearer " + "x" * 5000, "Bearer \u00fc"],
)
def test_without_a_key_in_use_the_answer_is_always_the_same_401(service, header):
    answer = service.get("/v1/offences", headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="crimebook"')
    assert answer.json["detail"] == "This needs a key or token that is in use."


def test_a_key_without_the_scope_is_403_and_says_which(service):
    reader = key(service, "read")
    answer = service.post("/v1/offences", json=offence(), headers=reader)
    assert answer.status_code == 403
    assert "scope record" in answer.json["detail"]


def test_the_body_is_not_read_before_the_key(service):
    assert (
        service.post("/v1/offences", data=b" " * 10_000_000, headers={"Authorization": None}).status_code
        == 401
    )


def test_a_trace_id_walks_from_the_request_to_the_change(service):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = service.post(
        "/v1/offences", json=offence(), headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    )
    assert answer.headers["Trace-Id"] == trace
    assert service.get(f"/v1/changes/{answer.headers['Crimebook-Change']}").json["trace_id"] == trace


@pytest.mark.parametrize(
    "sent", ["nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00-XYZ-00f067aa0ba902b7-01"]
)
def test_a_trace_that_is_none_gets_a_new_one(service, sent):
    assert len(service.get("/v1/areas?limit=1", headers={"traceparent": sent}).headers["Trace-Id"]) == 32


def test_what_nobody_foresaw_is_500_without_a_stack(service, monkeypatch):
    def broken(**_):
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(service.application.api.app, "testing", False)
    monkeypatch.setattr("service.reference.areas.Area.dump", broken)
    answer = service.get("/v1/areas/northampton")
    assert (answer.status_code, answer.json["type"]) == (500, "/docs/problems/internal-fault")
    assert "secret" not in answer.text


def test_a_database_that_is_away_is_503_with_when_to_try_again(service):
    url = database._database["url"]
    database.connect("postgresql://nobody@127.0.0.1:1/none")
    answer = service.get("/v1/areas")
    database.connect(url)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert service.get("/v1/areas?limit=1").status_code == 200


def test_a_connection_that_was_lost_is_opened_again(service, databases):
    assert service.get("/v1/areas?limit=1").status_code == 200
    name = database.connection().info.dbname
    databases.run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    assert service.get("/v1/areas?limit=1").status_code == 200
    databases.run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    assert service.post("/v1/offences", json=offence()).status_code == 201


def test_a_statement_that_takes_too_long_is_503(service, monkeypatch):
    url = database._database["url"]
    database.connect(url, statement_timeout_seconds=1)
    holder = database.psycopg2.connect(url)
    with holder.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({database.CHANGE_LOCK})")
    answer = service.post("/v1/offences", json=offence())
    holder.close()
    database.connect(url)
    assert (answer.status_code, answer.json["type"]) == (503, "/docs/problems/took-too-long")


def test_no_server_compiles_what_it_is_asked(service):
    with database.reading() as book, book.connection.cursor() as cursor:
        cursor.execute("show jit")
        assert cursor.fetchone() == {"jit": "off"}


def test_every_kind_of_problem_has_a_page(service):
    for kind, told in problems.KINDS.items():
        answer = service.get(f"/docs/problems/{kind}", headers={"Authorization": None})
        assert answer.status_code == 200
        assert str(told.status) in answer.text


def test_one_line_of_json_tells_of_each_request_and_no_secret(service, caplog):
    with caplog.at_level(logging.INFO, logger="crimebook.requests"):
        record(service, crime_ref="NN/secret")
    [line] = [one.fields for one in caplog.records if one.name == "crimebook.requests"]
    assert {name: line[name] for name in ("method", "path", "status", "caller")} == {
        "method": "POST",
        "path": "/v1/offences",
        "status": 201,
        "caller": "administrator",
    }
    assert line["change"] and len(line["trace_id"]) == 32 and line["milliseconds"] > 0
    assert "NN/secret" not in str(line) and service.key not in str(line)


def test_health_is_open_and_empty(service):
    for path in ("/live", "/ready"):
        answer = service.get(path, headers={"Authorization": None})
        assert (answer.status_code, answer.get_data()) == (200, b"")


def test_the_service_is_not_ready_on_a_schema_of_another_age(service, monkeypatch):
    monkeypatch.setattr("service.store.migrations.newest", lambda: "999")
    assert service.get("/ready").status_code == 503
    assert service.get("/live").status_code == 200
