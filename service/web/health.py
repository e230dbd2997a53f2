"""/live and /ready: open, empty, quick."""

from flask import Blueprint, Response

from service.store import database, migrations

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
    return Response(status=200 if version == migrations.newest() else 503, content_type="text/plain")
