"""What the access log can be asked: by whom, when, why, and exactly who saw one record."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from builders import key, offence, record

from audit.test_accesses import logged
from service.audit import accesses
from service.offences import offences

STATEMENTS = Path(accesses.__file__).with_suffix(".sql").read_text()
AREAS = ("northampton", "kettering", "corby")
CODES = ("28A", "34B", "45")


def question(rng):
    """A random question of the list of offences."""
    asked = {
        "area": rng.choice(["northamptonshire", "kettering", "northampton", "east-midlands"]),
        "category": rng.choice(["robbery", "all-crime"]),
        "code": rng.choice(CODES),
        "status": rng.choice(["any", "cancelled", "recorded"]),
        "force": "northamptonshire",
        "recorded_from": f"2012-05-{rng.randint(3, 9):02}",
        "recorded_to": f"2012-05-{rng.randint(5, 12):02}",
        "outcome": rng.choice("01"),
        "recorded_in_time": rng.choice(["true", "unknown"]),
        "cancelled_reason": "duplicate",
        "outcome_kind": rng.choice(["assigned", "positive"]),
        "outcome_from": "2012-05-03",
        "outcome_to": f"2012-0{rng.randint(5, 9)}-12",
    }
    few = {name: asked[name] for name in rng.sample(sorted(asked), rng.randint(0, 3))}
    return few | ({"limit": rng.randint(1, 4)} if rng.random() < 0.6 else {})


def changed(service, rng, held):
    """Correct, reclassify or cancel one of those held, or record another."""
    one = held[rng.randrange(len(held))]
    address, tag = (
        f"/v1/offences/{one['offence_id']}",
        {"If-Match": service.get(f"/v1/offences/{one['offence_id']}").headers["ETag"]},
    )
    match rng.randrange(4):
        case 0:
            service.delete(f"{address}?reason=duplicate", headers=tag)
        case 1:
            service.patch(address, json={"code": rng.choice(CODES), "reason": "found"}, headers=tag)
        case 2:
            sent = offence(
                crime_ref=one["crime_ref"],
                area=rng.choice(AREAS),
                recorded_on=f"2012-05-{rng.randint(3, 12):02}",
            )
            service.put(address, json=sent, headers=tag)
        case 3:
            held.append(
                record(
                    service,
                    area=rng.choice(AREAS),
                    code=rng.choice(CODES),
                    recorded_on=f"2012-05-{rng.randint(3, 12):02}",
                )
            )


def test_it_can_be_told_exactly_which_lists_and_exports_showed_a_record(service):
    rng = random.Random(62)
    held = [
        record(
            service,
            area=rng.choice(AREAS),
            code=rng.choice(CODES),
            recorded_on=f"2012-05-{rng.randint(3, 12):02}",
        )
        for _ in range(8)
    ]
    showed: dict[str, set[str]] = {}
    for _ in range(50):
        changed(service, rng, held)
        address, asked, accept = (
            "/v1/offences",
            question(rng),
            rng.choice(["application/json", "application/x-ndjson"]),
        )
        for _ in range(3):
            answer = service.get(address, query_string=asked, headers={"Accept": accept})
            assert answer.status_code == 200, answer.json
            rows = (
                answer.json["items"]
                if answer.is_json
                else [orjson.loads(line) for line in answer.text.splitlines()]
            )
            trace = answer.headers["Trace-Id"]
            showed[trace] = {row["offence_id"] for row in rows}
            following = answer.json["next"] if answer.is_json else None
            if not following:
                break
            address, asked = following, None
            accept = (
                rng.choice(["application/json", "application/x-ndjson"]) if rng.random() < 0.5 else accept
            )
    assert sum(map(len, showed.values())) > 100
    for one in held:
        found = {
            row["trace_id"] for row in logged(service, offence_id=one["offence_id"], operation="listOffences")
        }
        assert found == {trace for trace, ids in showed.items() if one["offence_id"] in ids}


def test_every_filter_of_the_list_of_offences_can_be_asked_again_of_one_record():
    for name in set(offences.OffenceFilter().fields) - {"after", "limit", "as_of"}:
        assert f"asked ->> '{name}'" in STATEMENTS, (
            f"{name}: accesses.sql cannot tell which records such a list showed"
        )


def test_the_log_is_filtered_by_caller_kind_operation_force_instant_trace_and_change(service):
    reader = key(service, "read")
    made = record(service)
    between = datetime.now(UTC)
    address = f"/v1/offences/{made['offence_id']}"
    read = service.get(address, headers=reader)
    [row] = logged(service, operation="readOffence")
    for name in ("caller", "kind", "trace_id"):
        assert [one["access_id"] for one in logged(service, **{name: row[name]})] == [row["access_id"]]
    assert len(logged(service, change=read.headers["Crimebook-Change"], force="northamptonshire")) == 2
    assert logged(service, force="leicestershire") == []
    assert [
        one["operation"] for one in logged(service, at_to=(between - timedelta(milliseconds=1)).isoformat())
    ] == ["recordOffence"]
    assert [one["operation"] for one in logged(service, at_from=row["at"], at_to=row["at"])] == [
        "readOffence"
    ]
    assert (
        logged(service, at_to="1969-01-01T00:00:00Z") == []
        and len(logged(service, at_from="1969-01-01T00:00:00Z")) == 2
    )
    assert service.get("/v1/audit/accesses?kind=theft").status_code == 400


def test_the_log_is_read_by_scope_audit_and_is_itself_logged(service):
    assert (
        service.get("/v1/audit/accesses", headers=key(service, "read", "record", "administer")).status_code
        == 403
    )
    auditor = key(service, "audit") | {"Justification": "inspection"}
    made = record(service)
    service.get(f"/v1/audit/accesses?offence_id={made['offence_id']}", headers=auditor)
    [latest] = service.get("/v1/audit/accesses?limit=1", headers=auditor).json["items"]
    assert (latest["operation"], latest["kind"], latest["records"], latest["justification"]) == (
        "listAccesses",
        "consultation",
        1,
        "inspection",
    )
    assert latest["asked"][0] == {"name": "offence_id", "value": made["offence_id"]}


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_pages_of_the_log_hold_every_access_once_and_come_to_an_end(service, order, limit):
    made = record(service)
    for _ in range(5):
        service.get(f"/v1/offences/{made['offence_id']}")
    following, seen = f"/v1/audit/accesses?order={order}&limit={limit}", []
    while following:
        page = service.get(following).json
        seen += [one["access_id"] for one in page["items"]]
        following = page["next"]
        assert len(seen) < 20
    assert seen == sorted(seen, reverse=order == "newest") and len(seen) == 6


def test_the_log_has_no_as_of_and_no_tag(service):
    record(service)
    answer = service.get("/v1/audit/accesses")
    assert "ETag" not in answer.headers
    assert service.get("/v1/audit/accesses", headers={"If-None-Match": "*"}).status_code == 200
    assert service.get("/v1/audit/accesses?as_of=1").json["errors"][0]["parameter"] == "as_of"


def test_the_log_is_exported_as_csv_and_ndjson_with_the_row_of_the_export_itself(service):
    record(service)
    for accept, lines in (("text/csv", 3), ("application/x-ndjson", 3)):
        answer = service.get("/v1/audit/accesses", headers={"Accept": accept})
        assert answer.text.strip().count("\n") + 1 == lines
        assert "recordOffence" in answer.text and "listAccesses" in answer.text
    assert [
        one["kind"] for one in service.get("/v1/audit/accesses?operation=listAccesses").json["items"]
    ] == ["disclosure", "disclosure"]


@pytest.mark.parametrize("sent", ["x" * 501, "a\x7fb", "a\tb"])
def test_a_justification_is_up_to_500_characters_without_controls(service, sent):
    made = record(service)
    answer = service.get(f"/v1/offences/{made['offence_id']}", headers={"Justification": sent})
    assert (answer.status_code, answer.json["type"]) == (400, "/docs/problems/justification-required")
    assert (
        service.get(f"/v1/offences/{made['offence_id']}", headers={"Justification": "é" * 500}).status_code
        == 200
    )
    assert logged(service)[-1]["justification"] == "é" * 500


def test_where_a_justification_is_compulsory_nothing_is_read_without_one(service, app, monkeypatch):
    made = record(service)
    monkeypatch.setitem(app.config, "JUSTIFICATION", "required")
    for path in (f"/v1/offences/{made['offence_id']}", "/v1/offences", "/v1/audit/accesses"):
        for sent in ({}, {"Justification": ""}):
            answer = service.get(path, headers=sent)
            assert (answer.status_code, answer.json["type"]) == (400, "/docs/problems/justification-required")
    assert service.post("/v1/offences", json=offence()).status_code == 400
    assert service.get("/v1/summaries?area=northamptonshire&period=2012/13").status_code == 200
    assert (
        service.get("/v1/offences", headers={"Justification": "case 7"}).json["items"][0]["crime_ref"]
        == made["crime_ref"]
    )
