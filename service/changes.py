"""Every change to the book, in commit order: a feed that misses nothing."""

from typing import Any

from flask import g
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.web.fields import AsOf, Instant, Integer, Known, Output, Query, Uuid
from service.web.formats import JSON
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, LONGEST_PAGE, USUAL_PAGE, page_of, whole, written
from service.web.transactions import reading

changes = Namespace("changes", description="Who changed the book, when and why.")


class Change(Output):
    """One change."""

    at = Instant()
    caller = fields.String()
    change = Integer(least=1, most=2**62)
    reason = fields.String()
    submission_id = Uuid(allow_none=True)
    trace_id = fields.String()


class ChangeFeed(Query):
    """Where the feed goes on."""

    after = Integer(least=0, most=2**62, metadata={"description": "The last change you have seen; 0 to begin."})
    as_of = AsOf()
    limit = Integer(least=1, most=LONGEST_PAGE)


@changes.route("")
class Changes(Resource):
    """The feed."""

    @operation("listChanges", "List changes", query=ChangeFeed(), returns=page_of(Change, "ChangePage"), formats=LISTED)
    def get(self, after: int | None, as_of: Any, limit: int | None) -> Answer:
        """Numbered without gaps in commit order, so a reader that goes on after the last one it saw can never miss one."""
        size = limit or USUAL_PAGE
        with reading(as_of) as sql:

            def run(position: dict[str, Any], most: int) -> list[dict[str, Any]]:
                rows: list[dict[str, Any]] = sql.changes.list(after=position["change"], limit=most)
                return rows

            start = {"change": after or 0}
            if g.media_type != JSON and limit is None:
                return Answer(stream=written(Change(), whole(run, start, {"change": int})))
            rows = run(start, size + 1)
            known = f"&as_of={sql.as_of}" if as_of is not None else ""
            following = f"/v1/changes?after={rows[size - 1]['change']}&limit={size}{known}" if len(rows) > size else None
            headers = {"Link": f'<{following}>; rel="next"'} if following else {}
            if g.media_type != JSON:
                return Answer(headers=headers, stream=written(Change(), iter(rows[:size])))
            return Answer({"items": rows[:size], "next": following}, headers)


@changes.route("/<int:change>")
class OneChange(Resource):
    """One change."""

    @operation("readChange", "Read one change", query=Known(), returns=Change(), errors=(404,))
    def get(self, change: int, as_of: Any) -> dict[str, Any]:
        """Who, when, why, in which request."""
        with reading(as_of) as sql:
            row = sql.changes.read(change=change) if change <= sql.as_of else None
            return {**found(row, f"Change {change} has not been made."), "change": change}
