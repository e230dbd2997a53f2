"""The access log as auditors read it: who did what to which records, when and why."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.reference import areas
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Boolean, Choice, Date, Instant, Integer, Output, Text, Uuid
from service.web.request.access import KINDS
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

accesses = Namespace(
    "accesses", description="Who did what to which records, when and why.", path="/audit/accesses"
)


class Asked(Output):
    """One part of a question, as it was evaluated."""

    name = fields.String()
    value = fields.String()


class Access(Output):
    """One access to records: by whom, of what kind, why, and how many; the personal content is not in it."""

    table_key = ("access_id",)

    access_id = Uuid()
    asked = fields.List(
        fields.Nested(Asked),
        metadata={"description": "The filters as evaluated, areas and categories by code."},
    )
    at = Instant()
    caller = fields.String()
    change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change that the answer reflects, or that was made."},
    )
    complete = Boolean(
        allow_none=True,
        metadata={
            "description": (
                "False where a stream broke off; null where it has not ended or its process was killed."
            )
        },
    )
    ended_at = Instant(allow_none=True, metadata={"description": "When a stream ended."})
    first_offence_id = Uuid(
        allow_none=True, metadata={"description": "Of a list by question: its first record shown."}
    )
    first_recorded_on = Date(allow_none=True)
    force = fields.String(
        allow_none=True, metadata={"description": "Whose record it is, or of whom the list was asked."}
    )
    justification = fields.String(allow_none=True)
    kind = Choice("AccessKind", *KINDS)
    last_offence_id = Uuid(allow_none=True)
    last_recorded_on = Date(allow_none=True)
    media_type = fields.String(allow_none=True)
    method = fields.String(
        allow_none=True, metadata={"description": "Null where it was done from the service's own terminal."}
    )
    offence_id = Uuid(allow_none=True)
    operation = fields.String(metadata={"description": "The operationId of this contract."})
    path = fields.String(allow_none=True)
    recipient = fields.String(
        allow_none=True, metadata={"description": "To whom it was disclosed: a caller, or a force."}
    )
    records = Integer(
        least=0,
        most=2**31 - 1,
        allow_none=True,
        metadata={"description": "Null for a stream that has not ended."},
    )
    trace_id = fields.String()


class AccessFilter(Paged):
    """Which accesses."""

    at_from = Instant(metadata={"description": "From this instant on."})
    at_to = Instant(
        metadata={
            "description": (
                "Up to this instant; pages that begin with the oldest end where they were first asked for."
            )
        }
    )
    caller = Text(longest=100)
    change = Integer(least=1, most=2**62)
    force = Text(metadata={"description": "By code or slug."})
    kind = Choice("AccessKind", *KINDS)
    offence_id = Uuid(
        metadata={
            "description": "Exactly those in which this record was touched or shown, by itself or on a list."
        }
    )
    operation = Text(longest=100)
    order = Choice(
        "AccessOrder",
        "newest",
        "oldest",
        metadata={"description": "What comes first; newest where not given."},
    )
    trace_id = Text(longest=32)


@accesses.route("")
class Accesses(Resource):
    """The log."""

    @operation(
        "listAccesses",
        "List accesses to records",
        access="consultation",
        query=AccessFilter(),
        returns=page_of(Access, "AccessPage"),
        formats=LISTED,
        scope="audit",
    )
    def get(self, force: str | None, order: str | None, at_to: datetime | None, **filters: Any) -> Answer:
        """Newest first, where not told otherwise. The log grows without changes, so it has no `as_of` and no
        ETag: it is as it is now. To read it is logged too."""
        if order == "oldest" and at_to is None:
            at_to = datetime.now(UTC)
        with reading() as sql:
            of_force = areas.find_code(sql, force, "force")
            fixed = (
                {"at_to": at_to.isoformat().replace("+00:00", "Z")} if order == "oldest" and at_to else None
            )
            return listed(
                sql,
                sql.audit.accesses.list,
                Access(),
                {"access_id": UUID},
                tagged=False,
                fixed=fixed,
                force=of_force,
                order=order or "newest",
                at_to=at_to,
                **filters,
            )
