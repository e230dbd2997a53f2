"""Things that tests begin with, each with the fewest words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg2.extensions

FORCE, NORTHAMPTON, KETTERING = "E23000022", "E07000154", "E07000153"


def offence(**said: Any) -> dict[str, Any]:
    """A dwelling burglary in Northampton, but for what is said."""
    return {
        "area": NORTHAMPTON,
        "code": "28A",
        "committed_from": "2012-05-02T20:00:00Z",
        "committed_to": "2012-05-03T06:30:00Z",
        "crime_ref": f"NN/{uuid4().hex[:12]}",
        "force": FORCE,
        "recorded_on": "2012-05-03",
        "reported_at": "2012-05-03T07:00:00Z",
        "victims": 1,
    } | said


def record(service: Any, **said: Any) -> dict[str, Any]:
    """Record one, and give back what was answered, with its ETag."""
    answer = service.post("/v1/offences", json=offence(**said))
    assert answer.status_code == 201, answer.json
    return answer.json | {"etag": answer.headers["ETag"]}


def submit(service: Any, lines: list[dict[str, Any]], **asked: Any) -> Any:
    """Send a file of offences as CSV."""
    header = list(lines[0])
    rows = [
        ",".join(header),
        *(",".join("" if line.get(name) is None else str(line[name]) for name in header) for line in lines),
    ]
    return service.post("/v1/submissions", query_string=asked, data="\n".join(rows), content_type="text/csv")


def key(service: Any, *scopes: str, forces: tuple[str, ...] = ()) -> dict[str, str]:
    """Headers with a fresh key of these scopes."""
    answer = service.post(
        "/v1/callers",
        json={"name": f"caller {uuid4().hex[:8]}", "scopes": list(scopes), "forces": list(forces)},
    )
    assert answer.status_code == 201, answer.json
    return {"Authorization": f"Bearer {answer.json['key']}"}


def value(service: Any, **asked: Any) -> Any:
    """One figure's value."""
    question = {"area": "northamptonshire", "period": "2012/13"} | asked
    answer = service.get("/v1/summaries", query_string=question)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"][0]["value"]


@contextmanager
def looking() -> Iterator[Any]:
    """A cursor in the service's name, outside any request, that sees the records of every force; and then
    everything is as it was."""
    from service.store import database

    with database.connection().cursor() as cursor:
        cursor.execute(
            "select current_user as role, coalesce(current_setting('crimebook.forces', true), '') as seen"
        )
        before = cursor.fetchone()
        idle = cursor.connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
        say = "set" if idle else "set local"
        cursor.execute(f"{say} role crimebook_every_force; {say} crimebook.forces = '*'")
        try:
            yield cursor
        finally:
            cursor.execute(f"{say} role {before['role']}; {say} crimebook.forces = '{before['seen']}'")
