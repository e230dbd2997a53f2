"""The book as it was known at any change: the same request gives the same bytes for ever."""

import re
from contextlib import closing

import psycopg2
import pytest
import street_files
from builders import key, record, value
from meddling import Meddler, two_years
from publications import publish, put
from return_files import home_office, send

from service.store import database

COUNTED_ANEW = """
    select inside.ancestor, held.code, greatest(date_trunc('month', held.recorded_on::timestamp)::date,
      %(first)s::date), count(*), sum(held.victims)
    from area_ancestor as inside join offence_version as held on held.area = inside.area
    where inside.ancestor = any (%(areas)s) and held.recorded_on between %(first)s and %(last)s
      and held.status = 'recorded'
      and inside.since_change <= %(as_of)s and coalesce(inside.until_change > %(as_of)s, true)
      and held.since_change <= %(as_of)s and coalesce(held.until_change > %(as_of)s, true)
    group by 1, 2, 3"""
WITHOUT = {
    *("/v1/submissions", "/v1/submissions/{submission_id}", "/v1/submissions/{submission_id}/faults"),
    "/v1/submissions/{submission_id}/replaced",
    *("/v1/audit/accesses", "/v1/callers/{caller_id}/keys", "/v1/outcomes"),
    *(
        "/v1/audit/seals",
        "/v1/audit/seals/{tree_size}",
        "/v1/audit/seals/{tree_size}/consistency",
        "/v1/audit/seals/{tree_size}/inclusion",
    ),
    *(
        "/v1/street-submissions",
        "/v1/street-submissions/{street_submission_id}",
        "/v1/street-submissions/{street_submission_id}/faults",
    ),
}
TARGET = {
    "area": "northamptonshire",
    "base_period": "2011/12",
    "category": "mine",
    "kind": "reduce-by-percent",
    "name": "Less",
    "owner": "Nobody",
    "percent": 2,
    "period": "2012/13",
}
SAVINGS = {
    "adds_up": "sum",
    "better": "higher",
    "description": "As reported.",
    "name": "Savings",
    "unit": "pounds",
}
SAVED = {"area": "northamptonshire", "period": "2012/13", "value": 5}
ASKED = {
    "/v1/offences": [
        "",
        "area=northampton&category=mine",
        "status=any&area=nn-abi",
        "force=northamptonshire&code=45",
    ],
    "/v1/measures/{measure}/observations": ["", "area=northamptonshire&period=2012/13"],
    "/v1/summaries": [
        "area=northamptonshire&area=kent&period=2012/13&compare=2011/12&measure=rate&category=mine",
        "area=northamptonshire&period=2012/13&compare=2011/12&measure=severity&by=code",
        "area=northamptonshire&period=2012/13&measure=household-rate&source=home-office-pfa",
        "area=northamptonshire&period=2012/13&compare=2011/12&measure=outcomes",
        "area=northamptonshire&period=2012/13&measure=positive-outcome-rate&basis=recorded",
        "area=northamptonshire&period=2012/13&compare=2011/12&measure=savings",
        "area=northamptonshire&area=nn-abi&category=mine&category=all-crime&period=2012/13&compare=2011/12&by=code",
        "area=northamptonshire&category=violence-with-injury&period=2012/13&compare=2011/12&percent_rule=none&exposure=days",
        "area=northampton&area=england&category=mine&period=2012/13&by=month&measure=victims",
        "area=northamptonshire&category=robbery&period=2012/13&source=home-office-pfa&by=code",
    ],
    "/v1/summaries/series": [
        "area=northamptonshire&area=nn-abi&category=mine&category=all-crime&period=2012/13",
        "area=northampton&category=mine&period=2012/13&every=12m&measure=victims",
        "area=northamptonshire&category=robbery&period=2012/13&every=quarter&source=home-office-pfa",
    ],
    "/v1/summaries/ranking": [
        "area=northamptonshire&category=mine&period=2012/13&order=number",
        "area=northamptonshire&period=2012/13&order=change&compare=2011/12",
        "area=northamptonshire&among=peers&category=robbery&period=2012/13&source=home-office-pfa",
    ],
    "/v1/street-crimes": ["", "area=blaby&crime_type=Burglary", "force=leicestershire&has_outcome=true"],
    "/v1/street-crimes/counts": ["period=2018-10", "period=2018&area=blaby&anti_social_behaviour=true"],
    "/v1/street-crimes/reconciliations": ["force=northamptonshire&period=2012/13&source=home-office-pfa"],
    "/v1/street-outcomes": ["", "linked=true"],
    "/v1/audit/reviews": ["due_by=2900-01-01"],
    "/v1/audit/cancellations": ["area=northamptonshire&period=2012/13"],
    "/v1/audit/outcomes": ["area=northamptonshire&period=2012/13"],
    "/v1/audit/reclassifications": ["area=northamptonshire&area=nn-abi&category=mine&period=2012/13"],
    "/v1/audit/reclassifications/records": ["area=northamptonshire&period=2012/13"],
    "/v1/audit/samples": [
        "seed=1&size=5&area=northamptonshire&period=2012/13",
        "seed=1&size=5&area=england&period=2012/13&stratify=code",
    ],
    "/v1/audit/timeliness": ["area=northamptonshire&period=2012/13"],
    "/v1/reconciliations": ["area=northamptonshire&period=2012/13&source=home-office-pfa"],
    "/v1/breaks": ["", "category=burglary"],
    "/v1/areas": ["", "within=northamptonshire"],
    "/v1/returns/drafts/home-office-table": ["force=northamptonshire&period=2012/13"],
    "/v1/releases/{release_id}/revisions/records": ["position=1&role=value&part=recorded_late"],
    "/v1/returns/{return_id}/outcomes": ["area=northamptonshire", "area=england&category=robbery"],
    "/v1/operations": ["", "area=northamptonshire&category=mine"],
    "/v1/operations/{operation_id}/effect": ["", "before=previous&until=2012-07-31"],
    "/v1/returns/{return_id}/cells": ["", "area=northamptonshire&category=robbery"],
}


@pytest.fixture
def book(service):
    """A book with something of everything, and the names of one of each."""
    two_years(service)
    quarters = [("2012/13", quarter, "Northamptonshire", "34B", 5) for quarter in (1, 2, 3, 4)]
    sent = send(
        service, home_office(*quarters, ("2012/13", 1, "Atlantis", "34B", 5)), understood_only="true"
    ).json
    street_files.sent(service, street_files.street(street_files.ASB, street_files.crime("a" * 64)))
    street_files.sent(service, (street_files.OUTCOMES + street_files.outcome("a" * 64)).encode())
    release = publish(service, areas=["northamptonshire", "nn-abi"], categories=["all-crime", "mine"])
    caller = service.post("/v1/callers", json={"name": "passing", "scopes": ["read"]})
    target = service.post("/v1/targets", json=TARGET)
    made = record(service)
    operation = {
        "areas": ["nn-abi"],
        "categories": ["mine"],
        "from_on": "2012-05-01",
        "name": "Challenge",
        "to_on": "2012-10-31",
    }
    operation_id = service.post("/v1/operations", json=operation).json["operation_id"]
    tagged = {"offence_ids": [made["offence_id"]], "tagged": True}
    assert service.post(f"/v1/operations/{operation_id}/tags", json=tagged).json["changed"] == 1
    mapping = {
        "columns": {name: name for name in ("area", "code", "committed_from", "crime_ref", "recorded_on")}
    }
    assert (
        service.put(
            "/v1/mappings/northamptonshire/niche", json=mapping, headers={"If-Match": '"0"'}
        ).status_code
        == 201
    )
    group = {"peers": ["leicestershire"], "source": "a guess"}
    assert (
        service.put(
            "/v1/peer-groups/northamptonshire/niche", json=group, headers={"If-Match": '"0"'}
        ).status_code
        == 201
    )
    assert service.put("/v1/measures/savings", json=SAVINGS, headers={"If-Match": '"0"'}).status_code == 201
    told = service.post("/v1/measures/savings/observations", json=SAVED)
    service.names = {
        "measure": "savings",
        "observation_id": told.json["observation_id"],
        "force": "northamptonshire",
        "name": "niche",
        "peer_group": "niche",
        "operation_id": operation_id,
        "area": "nn-abi",
        "caller_id": caller.json["caller_id"],
        "key_id": caller.json["key_id"],
        "category": "mine",
        "change": made["since_change"],
        "code": "28A",
        "offence_id": (
            service.get("/v1/offences?category=mine&area=northamptonshire").json["items"][0]["offence_id"]
        ),
        "release_id": release["release_id"],
        "return_id": sent["return_id"],
        "target_id": target.json["target_id"],
        "series_break": "assaults-2012",
        "street_crime_id": service.get("/v1/street-crimes").json["items"][0]["street_crime_id"],
    }
    return service


def addresses(service, contract):
    """Every address that can be asked as of a change, with the questions above."""
    for path, told in contract["paths"].items():
        if any(one.get("name") == "as_of" for one in told.get("get", {}).get("parameters", [])):
            for asked in ASKED.get(path, [""]):
                yield re.sub(r"\{([a-z_]+)\}", lambda match: str(service.names[match[1]]), path) + f"?{asked}"


def answers(service, contract, as_of):
    """What each address answers as of a change, in each of its representations."""
    told = {}
    for address in addresses(service, contract):
        for accepted in ("application/json", "text/csv"):
            answer = service.get(f"{address}&as_of={as_of}", headers={"Accept": accepted})
            assert answer.status_code in (200, 406), (address, answer.json)
            if answer.status_code == 200:
                told[address, accepted] = answer.get_data()
    return told


def test_every_fact_can_be_asked_as_of_a_change(contract):
    without = {
        path
        for path, told in contract["paths"].items()
        if "get" in told and "as_of" not in {one.get("name") for one in told["get"]["parameters"]}
    }
    assert without == WITHOUT, (
        "receipts, seals and the log are not facts of the book, and some of them made no change"
    )


def test_the_same_request_gets_the_same_bytes_whatever_was_done_since(book, contract):
    as_of = book.get("/v1/changes?limit=1").headers["Crimebook-Change"]
    before = answers(book, contract, as_of)
    assert len(before) > 45
    Meddler(book, 5).meddle(40)
    assert book.post(f"/v1/callers/{book.names['caller_id']}/keys", json={}).status_code == 201
    for address in (
        f"/v1/targets/{book.names['target_id']}",
        f"/v1/callers/{book.names['caller_id']}",
        f"/v1/operations/{book.names['operation_id']}",
    ):
        assert (
            book.delete(address, headers={"If-Match": book.get(address).headers["ETag"]}).status_code == 200
        )
    put(book, "/v1/areas/northamptonshire", name="Northants", aliases=["Northamptonshire"])
    put(book, "/v1/breaks/assaults-2012", from_on="2012-05-01")
    put(
        book,
        "/v1/areas/nn-abi",
        name="Abingdon",
        populations=[{"residents": 9, "source": "a guess", "year": 2012}],
    )
    put(book, "/v1/offence-codes/28A", severity_weight=9.5, severity_weights=[])
    put(book, "/v1/areas/kent", households=[], populations=[])
    for address, body in (
        ("savings", SAVINGS | {"adds_up": "mean"}),
        (f"savings/observations/{book.names['observation_id']}", SAVED | {"value": 6}),
    ):
        tag = {"If-Match": book.get(f"/v1/measures/{address}").headers["ETag"]}
        assert book.put(f"/v1/measures/{address}", json=body, headers=tag).status_code == 200
    put(book, "/v1/categories/robbery", name="Robberies", codes=[{"code": "34A"}])
    grouped = book.get("/v1/peer-groups/northamptonshire/niche")
    book.put(
        "/v1/peer-groups/northamptonshire/niche",
        json={"peers": ["kent"], "source": "a better guess"},
        headers={"If-Match": grouped.headers["ETag"]},
    )
    put(book, "/v1/areas/northamptonshire", populations=[{"residents": 9, "source": "a guess", "year": 2012}])
    send(book, home_office(("2012/13", 1, "Northamptonshire", "34B", 7)), edition="2027-01")
    publish(book, title="Another", compare=None, categories=["residential-burglary"])
    street_files.sent(
        book,
        street_files.street(street_files.crime("a" * 64, outcome="Offender fined"), street_files.crime()),
    )
    street_files.sent(
        book,
        (street_files.OUTCOMES + street_files.outcome("a" * 64, said="Offender sent to prison") * 2).encode(),
    )
    after = answers(book, contract, as_of)
    assert [address for address in before if after[address] != before[address]] == []


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2012-04-01", "2013-03-31"),
        ("2012-04-17", "2013-03-31"),
        ("2011-12-01", "2012-09-05"),
        ("2012-06-10", "2012-07-20"),
        ("2012-06-10", "2012-06-20"),
    ],
)
def test_months_as_known_at_any_change_are_those_that_the_records_of_then_give(service, first, last):
    two_years(service)
    Meddler(service, 11).meddle(30)
    newest = int(service.get("/v1/changes?limit=1").headers["Crimebook-Change"])
    areas = ["E23000022", "E07000154", "E07000153", "NN-ABI", "E92000001"]
    held = []
    with (
        closing(psycopg2.connect(database._database["url"])) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("set crimebook.forces = '*'")
        for as_of in range(newest + 1):
            asked = {"areas": areas, "first": first, "last": last, "as_of": as_of}
            cursor.execute(
                "select * from recorded_by_month(%(areas)s, %(first)s, %(last)s, %(as_of)s)", asked
            )
            found = sorted(cursor.fetchall())
            cursor.execute(COUNTED_ANEW, asked)
            assert found == sorted(cursor.fetchall()), as_of
            held.append(found)
    assert len({str(found) for found in held}) > 2, "the book moved"


def test_a_code_of_which_no_record_counts_any_more_is_shown_neither_now_nor_later(service):
    made = record(service, code="34A")
    gone = service.delete(
        f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]}
    )
    question = {
        "area": "northampton",
        "category": "robbery",
        "period": "2012/13",
        "by": "code",
        "as_of": gone.json["since_change"],
    }
    now = service.get("/v1/summaries", query_string=question).get_data()
    record(service)
    assert service.get("/v1/summaries", query_string=question).get_data() == now


def test_a_key_was_in_use_until_it_was_revoked(service):
    made = service.post("/v1/callers", json={"name": "passing", "scopes": ["read"]})
    address, change = f"/v1/callers/{made.json['caller_id']}", made.json["created_change"]
    then = service.get(address, query_string={"as_of": change})
    revoked = service.delete(address, headers={"If-Match": then.headers["ETag"]}).json
    assert service.get(address, query_string={"as_of": change}).json == then.json
    assert service.get(address).json["revoked_change"] == revoked["revoked_change"] == revoked["since_change"]
    assert service.get(address, query_string={"as_of": change - 1}).status_code == 404
    names = [
        one["name"] for one in service.get("/v1/callers", query_string={"as_of": change - 1}).json["items"]
    ]
    assert names == ["administrator"]


def test_the_feed_of_changes_ends_at_the_change_it_is_asked_for(service):
    made = [record(service)["since_change"] for _ in range(5)]
    first = service.get("/v1/changes", query_string={"after": made[0] - 1, "as_of": made[3], "limit": 2}).json
    second = service.get(first["next"]).json
    assert [one["change"] for one in first["items"] + second["items"]] == made[:4]
    assert (second["next"], service.get(f"/v1/changes/{made[4]}?as_of={made[3]}").status_code) == (None, 404)


def test_a_release_names_the_change_at_which_its_figures_were_known(book, contract):
    release, asked = book.names["release_id"], set()
    change = book.get(f"/v1/releases/{release}").json["change"]
    for path, told in contract["paths"].items():
        if (
            "as_of" in {one.get("name") for one in told.get("get", {}).get("parameters", [])}
            and "{" not in path
        ):
            answer = book.get(f"{path}?{ASKED.get(path, [''])[0]}&as_of=release:{release}")
            assert (answer.status_code, answer.headers["Crimebook-Change"]) == (200, str(change)), path
            asked.add(path)
    assert {
        "/v1/offences",
        "/v1/summaries",
        "/v1/changes",
        "/v1/callers",
        "/v1/releases",
        "/v1/returns",
    } <= asked
    record(book)
    assert (
        value(book, as_of=f"release:{release}")
        == book.get(f"/v1/releases/{release}").json["figures"][0]["value"]
    )


def test_a_release_that_is_not_there_and_one_under_embargo_are_refused_in_the_same_words(book):
    hidden = publish(book, embargo_until="2999-01-01T00:00:00Z")["release_id"]
    unknown = "01939f3c-7c1e-7f00-8000-000000000000"
    reader = key(book, "read")
    told = [book.get(f"/v1/offences?as_of=release:{one}", headers=reader).json for one in (hidden, unknown)]
    assert [one["errors"] for one in told] == [
        [{"parameter": "as_of", "detail": f"No release has the id {one}."}] for one in (hidden, unknown)
    ]
    assert [one["status"] for one in told] == [400, 400]
    assert book.get(f"/v1/offences?limit=1&as_of=release:{hidden}").status_code == 200
