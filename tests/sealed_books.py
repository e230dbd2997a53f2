"""A book that holds something of every noun, begun, ended and cancelled; and the key it is sealed with."""

from contextlib import closing

import psycopg2
import street_files
from builders import FORCE, NORTHAMPTON, looking, offence, record, submit
from return_files import GOOD, home_office, send

from service.store import statements

ENTRIES = statements.template("audit/seal_entries.jinja").module.seal_entry
"""Every entry that there is to seal, as a table in brackets."""

PERSONAL = {"location": "12 Gold Street, rear yard", "recorded_by": "PC 4711", "reported_by": "Ms Example"}
NEW = {"If-Match": '"0"'}


def tagged(answer):
    assert answer.status_code < 300, (answer.request.path, answer.json)
    return {"If-Match": answer.headers.get("ETag")}


def ground(service):
    """The few places, codes and categories that `fill` needs, in a book without reference data: small enough
    to be verified often."""
    for area, kind, name, parents in (
        ("E23000022", "force", "Northamptonshire", []),
        ("E23000021", "force", "Leicestershire", []),
        ("E07000154", "district", "Northampton", ["E23000022"]),
        ("E07000153", "district", "Kettering", ["E23000022"]),
    ):
        draft = {"kind": kind, "name": name, "slug": name.lower(), "parents": parents}
        tagged(service.put(f"/v1/areas/{area}", json=draft, headers=NEW))
    for code in ("28A", "34B"):
        periods = [{"description": f"Offence {code}", "offence_group": "Theft", "offence_subgroup": "Theft"}]
        tagged(service.put(f"/v1/offence-codes/{code}", json={"periods": periods}, headers=NEW))
    for category in ("all-crime", "robbery"):
        draft = {"name": category, "description": category, "codes": [{"code": "28A"}, {"code": "34B"}]}
        tagged(service.put(f"/v1/categories/{category}", json=draft, headers=NEW))


def fill(service):
    """Do everything that can be done to a book, some of it twice."""
    area = {
        "kind": "beat",
        "name": "Abington",
        "slug": "abington",
        "parents": ["northampton"],
        "populations": [{"residents": 1, "source": "a guess", "year": 2012}],
        "households": [{"households": 1, "source": "a guess", "year": 2012}],
    }
    tag = tagged(service.put("/v1/areas/NN-1", json=area, headers=NEW))
    moved = area | {"parents": ["kettering"], "aliases": ["Old Abington"], "from_on": "2000-04-01"}
    moved["households"] = [{"households": 2, "source": "a better guess", "year": 2012}]
    moved["populations"] = [{"residents": 2, "source": "a better guess", "year": 2012}]
    service.put("/v1/areas/NN-1", json=moved, headers=tag)
    code = {
        "periods": [{"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}],
        "severity_weight": 1.5,
        "severity_weights": [{"weight": 1.5, "edition": "of 2016", "from_on": "2012-04-01"}],
    }
    tag = tagged(service.put("/v1/offence-codes/999Z", json=code, headers=NEW))
    service.put("/v1/offence-codes/999Z", json=code | {"old_group": "Odd"}, headers=tag)
    category = {"name": "Odd", "description": "Odd things", "codes": [{"code": "999Z"}]}
    tag = tagged(service.put("/v1/categories/odd", json=category, headers=NEW))
    tagged(
        service.put(
            "/v1/categories/odd",
            json=category | {"codes": [{"code": "999Z", "from_on": "2012-04-01"}]},
            headers=tag,
        )
    )
    target = {
        "area": "northamptonshire",
        "base_period": "2011/12",
        "category": "robbery",
        "kind": "reduce-by-percent",
        "name": "Less",
        "owner": "x",
        "percent": 10,
        "period": "2012/13",
    }
    tagged(service.post("/v1/targets", json=target | {"owner": "y"}))
    set_now = service.post("/v1/targets", json=target)
    service.delete(set_now.headers["Location"], headers=tagged(set_now))
    tagged(submit(service, [line("NN/F1"), line("NN/F2")], force="northamptonshire", reason="a file"))
    release = {
        "title": "May",
        "areas": ["northamptonshire"],
        "categories": ["all-crime"],
        "period": "2012-05",
    }
    tagged(service.post("/v1/releases", json=release))
    tagged(send(service, home_office(GOOD, ("2012/13", 1, "Atlantis", "34B", 1)), understood_only="true"))
    outcomes = (
        "Financial Year,Financial Quarter,Force Name,Offence Code,Outcome"
        " Type,Outcomes\n2012/13,1,Northamptonshire,34B,1,5\n2012/13,1,Northamptonshire,34B,0,N/A"
    )
    tagged(send(service, outcomes.encode(), source="home-office-outcomes", basis="recorded"))
    mapping = {
        "columns": {name: name for name in ("area", "code", "committed_from", "crime_ref", "recorded_on")}
    }
    tag = tagged(service.put("/v1/mappings/northamptonshire/niche", json=mapping, headers=NEW))
    tagged(
        service.put(
            "/v1/mappings/northamptonshire/niche", json=mapping | {"ignored": ["Officer"]}, headers=tag
        )
    )
    made = service.post(
        "/v1/callers", json={"name": "Former", "scopes": ["read"], "forces": ["northamptonshire"]}
    )
    tagged(service.post(f"{made.headers['Location']}/keys", json={}))
    gone = service.get(made.headers["Location"])
    tagged(service.delete(made.headers["Location"], headers=tagged(gone)))
    rows = [
        street_files.crime("a" * 64, reported_by="Northamptonshire Police"),
        street_files.crime(reported_by="Northamptonshire Police"),
    ]
    street_files.sent(service, street_files.street(*rows))
    street_files.sent(service, street_files.street(rows[0]))
    group = {"peers": ["leicestershire"], "source": "a guess", "from_on": "2010-01-01"}
    tag = tagged(service.put("/v1/peer-groups/northamptonshire/mine", json=group, headers=NEW))
    tagged(
        service.put(
            "/v1/peer-groups/northamptonshire/mine", json=group | {"to_on": "2015-03-31"}, headers=tag
        )
    )
    broken = {
        "codes": ["34B"],
        "from_on": "2012-07-01",
        "kind": "counted",
        "name": "Trial",
        "note": "A trial.",
        "source": "Nobody",
    }
    tag = tagged(service.put("/v1/breaks/trial", json=broken, headers=NEW))
    tagged(service.put("/v1/breaks/trial", json=broken | {"note": "Another."}, headers=tag))
    measure = {
        "adds_up": "sum",
        "better": "higher",
        "description": "As reported.",
        "name": "Savings",
        "unit": "pounds",
        "decimals": 1,
    }
    tag = tagged(service.put("/v1/measures/savings", json=measure, headers=NEW))
    tagged(service.put("/v1/measures/savings", json=measure | {"name": "Saved"}, headers=tag))
    seen = service.post(
        "/v1/measures/savings/observations",
        json={"area": "northamptonshire", "period": "2012/13", "value": 2.5},
    )
    assert seen.status_code == 201, seen.json
    tagged(
        service.put(
            seen.headers["Location"],
            json={"area": "northamptonshire", "period": "2012/13", "value": 3.5, "note": "audited"},
            headers=tagged(seen),
        )
    )
    operation = {
        "areas": ["northampton"],
        "categories": ["robbery"],
        "from_on": "2012-05-01",
        "name": "Challenge",
    }
    begun = service.post("/v1/operations", json=operation)
    assert begun.status_code == 201, begun.json
    tagged(
        service.put(
            begun.headers["Location"],
            json=operation | {"note": "Extended", "to_on": "2012-05-31"},
            headers=tagged(begun),
        )
    )
    for one in (record(service), record(service)):
        for said in (True, False):
            service.post(
                f"{begun.headers['Location']}/tags", json={"offence_ids": [one["offence_id"]], "tagged": said}
            )
    return offences(service)


def line(reference):
    return {
        "crime_ref": reference,
        "area": NORTHAMPTON,
        "code": "28A",
        "recorded_on": "2012-05-03",
        "committed_from": "2012-05-02T20:00:00Z",
    }


def offences(service):
    """One record corrected and reclassified, one cancelled, one with nothing personal. Gives the first one's
    id."""
    made = record(service, **PERSONAL, recorded_at="2012-05-03T08:00:00Z")
    address = f"/v1/offences/{made['offence_id']}"
    sent = offence(crime_ref=made["crime_ref"], victims=2, recorded_at="2012-05-03T08:00:00Z", **PERSONAL)
    tag = tagged(service.put(f"{address}?reason=two+victims", json=sent, headers={"If-Match": made["etag"]}))
    tagged(
        service.patch(
            address,
            json={"code": "34B", "reason": "force was used", "authority": "the registrar"},
            headers=tag,
        )
    )
    gone = record(service, **PERSONAL)
    question = {"reason": "recorded-in-error", "explanation": "no crime", "authority": "DS Example"}
    tagged(
        service.post(
            f"/v1/offences/{gone['offence_id']}/cancellation",
            json=question,
            headers={"If-Match": gone["etag"]},
        )
    )
    gone = record(service, **PERSONAL)
    ground = {"authority": "Data Protection Officer", "ground": "court-order"}
    tagged(service.post(f"/v1/offences/{gone['offence_id']}/erasure", json=ground))
    record(service)
    assert made["force"] == FORCE
    return made["offence_id"]


def rows(statement, *parameters):
    with looking() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def in_order():
    """Every entry, in the order in which they are sealed."""
    return sorted(
        ((row["change"], row["noun"], row["key"], row["since_change"]), row["entry"])
        for row in rows(f"select * from {ENTRIES} as entry")
    )


def after_a_record(service):
    """What sealing answers when there is something new to seal."""
    record(service)
    return service.post("/v1/audit/seals")


def as_superuser(service, databases, statement):
    url = databases.server.url(rows("select current_database() as name")[0]["name"], "postgres")
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement)
