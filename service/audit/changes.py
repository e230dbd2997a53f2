"""Every change to the book, in commit order: a feed that misses nothing."""

from typing import Any, ClassVar
from uuid import UUID

from flask import current_app
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.reference import areas
from service.releases import releases
from service.store import Book, database
from service.web.answers.pages import LISTED, LONGEST_PAGE, USUAL_PAGE, Listing, Paged, listed, page_of
from service.web.fields import AsOf, Choice, Instant, Integer, Known, Output, Query, Text, Uuid
from service.web.request import waiting
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

WHAT_OF_OFFENCES = ("recorded", "corrected", "reclassified", "cancelled", "erased")
WHAT_OF_THINGS = ("begun", "altered", "ended")
NOUNS = ("areas", "callers", "categories", "measures", "offence-codes", "releases", "returns", "targets")

changes = Namespace("changes", description="Who changed the book, when and why.")


class Touched(Output):
    """How many of a kind a change touched, and where they are listed."""

    count = Integer(least=1, most=2**62)
    noun = fields.String(metadata={"description": "offences, or what else: areas, categories, …"})
    things = fields.String(metadata={"description": "The list of them."})
    what = Choice("WhatBecame", *WHAT_OF_OFFENCES, *WHAT_OF_THINGS)


class Change(Output):
    """One change."""

    table_key: ClassVar = ("change",)

    at = Instant()
    caller = fields.String()
    change = Integer(least=1, most=2**62)
    reason = fields.String()
    submission_id = Uuid(allow_none=True)
    touched = fields.List(fields.Nested(Touched))
    trace_id = fields.String()


class OffenceTouched(Output):
    """A record that a change touched."""

    table_key: ClassVar = ("offence_id",)

    became = fields.String(metadata={"description": "Where it can be read as the change left it."})
    force = fields.String()
    offence_id = Uuid()
    was = fields.String(allow_none=True, metadata={"description": "Where it can be read as it was before."})
    what = Choice("WhatBecameOfAnOffence", *WHAT_OF_OFFENCES)


class ThingTouched(Output):
    """Something else that a change touched."""

    table_key: ClassVar = ("noun", "name")

    address = fields.String(
        metadata={"description": "Where it can be read as the change left it, or as it was before it ended."}
    )
    name = fields.String()
    noun = Choice("Noun", *NOUNS)
    what = Choice("WhatBecameOfAThing", *WHAT_OF_THINGS)


class ChangeFeed(Query):
    """Where the feed goes on."""

    after = Integer(
        least=0, most=2**62, metadata={"description": "The last change you have seen; 0 to begin."}
    )
    as_of = AsOf()
    limit = Integer(least=1, most=LONGEST_PAGE)
    wait = Integer(
        least=0,
        most=waiting.LONGEST_WAIT,
        metadata={"description": "Where there is none yet, wait at most so many seconds for the next one."},
    )

    @validates_schema
    def waits_for_the_present(self, data: dict[str, Any], **_: Any) -> None:
        """What was known at a change is known already."""
        if data.get("wait") and "as_of" in data:
            raise ValidationError("as_of asks for what is known already: leave out one of the two.", "wait")


class OffenceTouchedFilter(Paged):
    """Which of the records."""

    as_of = AsOf()
    force = Text()
    what = Choice("WhatBecameOfAnOffence", *WHAT_OF_OFFENCES)


class ThingTouchedFilter(Paged):
    """Which of the things."""

    as_of = AsOf()
    noun = Choice("Noun", *NOUNS)
    what = Choice("WhatBecameOfAThing", *WHAT_OF_THINGS)


@changes.route("")
class Changes(Resource):
    """The feed."""

    @operation(
        "listChanges",
        "List changes",
        query=ChangeFeed(),
        returns=page_of(Change, "ChangePage"),
        formats=LISTED,
    )
    def get(self, after: int | None, as_of: database.AsOf, limit: int | None, wait: int | None) -> Answer:
        """Numbered without gaps in commit order, so a reader that goes on after the last one it saw can never
        miss one.

        `next` leads on while there is more; after the last page go on with `after=` the last change seen, and
        `wait`.
        """
        after = after or 0
        came = bool(wait) and waiting.for_change(after, wait or 0, current_app.config["MOST_WAITING"])
        with reading(as_of, seen=after + came) as sql:
            known = f"&as_of={sql.as_of}" if as_of is not None else ""

            def address_after(position: dict[str, Any]) -> str:
                return f"/v1/changes?after={position['change']}&limit={limit or USUAL_PAGE}{known}"

            start = {"change": after}
            select, key = sql.audit.changes.list, {"change": int}
            return Answer(Listing(sql, select, Change(), key, start, {}, limit, address_after))


@changes.route("/<int:change>")
class OneChange(Resource):
    """One change."""

    @operation("readChange", "Read one change", query=Known(), returns=Change(), errors=(404,))
    def get(self, change: int, as_of: database.AsOf) -> dict[str, object]:
        """Who, when, why, in which request, and what it touched."""
        with reading(as_of) as sql:
            return _require_made(sql, change)


def _require_made(book: Book, change: int) -> dict[str, object]:
    rows = book.audit.changes.list(after_change=change - 1, limit=1) if 1 <= change <= book.as_of else []
    return found(rows[0] if rows else None, f"Change {change} has not been made.")


@changes.route("/<int:change>/offences")
class OffencesOfChange(Resource):
    """Records that one change touched."""

    @operation(
        "listOffencesOfChange",
        "List the records that a change touched",
        access="consultation",
        query=OffenceTouchedFilter(),
        returns=page_of(OffenceTouched, "OffenceTouchedPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, change: int, as_of: database.AsOf, force: str | None, **filters: Any) -> Answer:
        """By id: what became of each, and where it can be read as it became and as it was."""
        with reading(as_of) as sql:
            _require_made(sql, change)
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.audit.changes.list_offences,
                OffenceTouched(),
                {"offence_id": UUID},
                change=change,
                force=of_force,
                **filters,
            )


@changes.route("/<int:change>/things")
class ThingsOfChange(Resource):
    """Everything else that one change touched."""

    @operation(
        "listThingsOfChange",
        "List what else a change touched",
        query=ThingTouchedFilter(),
        returns=page_of(ThingTouched, "ThingTouchedPage"),
        formats=LISTED,
        errors=(404,),
    )
    def get(self, change: int, as_of: database.AsOf, **filters: Any) -> Answer:
        """Areas, categories, codes, targets, returns, releases and keys, by name; a release under embargo for
        scope `publish` alone."""
        sight = releases.sight_of_caller()
        with reading(as_of) as sql:
            _require_made(sql, change)

            def select(**page: object) -> list[dict[str, object]]:
                rows: list[dict[str, object]] = sql.audit.changes.list_things(**sight, **page)
                return rows

            return listed(
                sql,
                select,
                ThingTouched(),
                {"noun": str, "name": str},
                tagged=False,
                change=change,
                **filters,
            )
