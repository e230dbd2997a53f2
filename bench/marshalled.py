"""A list of 100 as Flask-RESTX would have it written: the service's own statement, then `marshal_with`. No
key and no log."""

import os
import threading
from datetime import date
from typing import Any

import psycopg2
from flask import Flask
from flask_restx import Api, Resource, fields
from psycopg2.extras import RealDictCursor

from bench.questions import LISTED
from service.offences.offences import Offence
from service.store.statements import statements

_KINDS = {
    "Instant": fields.DateTime,
    "Date": fields.Date,
    "Integer": fields.Integer,
    "Number": fields.Float,
    "Boolean": fields.Boolean,
}


def create_marshalled_app() -> Flask:
    """The list at /offences."""
    app = Flask("marshalled", static_folder=None)
    api = Api(app, doc=False)
    row = api.model(
        "Offence",
        {name: _KINDS.get(type(field).__name__, fields.String) for name, field in Offence().fields.items()},
    )
    page = api.model("Page", {"items": fields.List(fields.Nested(row)), "next": fields.String})
    held = threading.local()

    @api.route("/offences")
    class Offences(Resource):
        @api.marshal_with(page)
        def get(self) -> dict[str, Any]:
            if not hasattr(held, "connection"):
                held.connection = psycopg2.connect(os.environ["DATABASE_URL"], cursor_factory=RealDictCursor)
                held.connection.autocommit = True
            return {
                "items": list(statements()["offences.offences"].list(held.connection, **_asked())),
                "next": None,
            }

    app.add_url_rule("/ready", "ready", lambda: "ready")
    return app


def _asked() -> dict[str, Any]:
    names = (
        "areas",
        "cancelled_reason",
        "category",
        "code",
        "crime_ref",
        "operation",
        "outcome",
        "outcome_kind",
        "outcome_from",
        "outcome_to",
        "recorded_in_time",
        "recorded_to",
        "after_recorded_on",
        "after_offence_id",
    )
    return dict.fromkeys(names) | {
        "as_of": 2**40,
        "status": "recorded",
        "force": LISTED["force"],
        "recorded_from": date.fromisoformat(LISTED["recorded_from"]),
        "limit": 100,
    }
