"""/live and /ready: open, quick, and empty unless there is a replica to tell of."""

from flask import Blueprint, Response, jsonify

from service.store import database, frozen, migrations
from service.web.problems import Problem

health = Blueprint("health", __name__)


@health.get("/live")
def live() -> Response:
    """200 while the process answers at all; asks the database nothing."""
    return Response(status=200, content_type="text/plain")


@health.get("/ready")
def ready() -> Response:
    """200 when the database answers and has the schema that this code needs; else 503. A newer schema is as
    good: it takes away only what no version still uses that may run beside it. With a replica it says whether
    that is read in this process, and how far behind it is; without one it is as ready, for the primary
    answers all."""
    version = database.ask("store.server", "schema_version")
    if version is None or version < migrations.newest():
        raise Problem(
            "unavailable",
            f"The schema is at {version}; this code needs {migrations.newest()}.",
            headers={"Retry-After": "2"},
        )
    applied = {row["version"]: row["sha256"] for row in database.ask("store.server", "schema_files")}
    if sentence := frozen.edited(applied):
        raise Problem("unavailable", sentence, headers={"Retry-After": "60"})
    if database.replica.is_named:
        latest = database.ask("store.changes", "latest")
        return jsonify(
            primary={"change": latest["id"] if latest else 0}, replica=database.replica.condition()
        )
    return Response(status=200, content_type="text/plain")
