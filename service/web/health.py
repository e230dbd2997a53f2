"""/live and /ready: open, empty, quick."""

from flask import Blueprint, Response

from service.store import database, migrations
from service.web.problems import Problem

health = Blueprint("health", __name__)


@health.get("/live")
def live() -> Response:
    """200 while the process answers at all; asks the database nothing."""
    return Response(status=200, content_type="text/plain")


@health.get("/ready")
def ready() -> Response:
    """200 when the database answers and has the schema that this code needs; else 503."""
    with database.reading() as book:
        version = book.health.schema_version()
    if version != migrations.newest():
        raise Problem("unavailable", f"The schema is at {version}; this code needs {migrations.newest()}.", headers={"Retry-After": "2"})
    return Response(status=200, content_type="text/plain")
