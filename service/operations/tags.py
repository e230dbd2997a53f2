"""Which records belong to an operation, said by hand: it goes before the operation's rule."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.callers.callers import require_force
from service.operations.operations import load_operation
from service.reference import areas
from service.store import Book
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Boolean, Input, Instant, Integer, Output, Text, Uuid
from service.web.problems import Problem
from service.web.request import access
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading, writing

MOST_RECORDS = 1000

operation_tags = Namespace("operation-tags", description="Records tagged by hand.", path="/operations")


class TagBody(TypedDict):
    """What TagDraft loads."""

    offence_ids: list[UUID]
    tagged: bool | None


class TagDraft(Input):
    """What is said of these records."""

    offence_ids = fields.List(
        Uuid(),
        required=True,
        validate=validate.Length(min=1, max=MOST_RECORDS),
        metadata={"description": f"Records of one force, at most {MOST_RECORDS:,}."},
    )
    tagged = Boolean(
        required=True,
        allow_none=True,
        metadata={
            "description": (
                "true: they belong to the operation. false: they do not, whatever its rule says. null: take"
                " back what was said."
            )
        },
    )


@dataclass(frozen=True)
class TagReceipt:
    """What came of tagging records by hand."""

    changed: int
    operation_id: UUID
    since_change: int
    tagged: bool | None
    unchanged: int


class TagReceiptSchema(Output):
    """What came of it."""

    changed = Integer(
        least=0,
        most=MOST_RECORDS,
        metadata={"description": "Of how many records something else is said now than before."},
    )
    operation_id = Uuid()
    since_change = Integer(least=1, most=2**62)
    tagged = Boolean(allow_none=True)
    unchanged = Integer(least=0, most=MOST_RECORDS)


class Tag(Output):
    """What was said by hand of one record, when and by whom."""

    table_key = ("offence_id",)

    at = Instant()
    caller = fields.String()
    force = fields.String()
    offence_id = Uuid()
    since_change = Integer(least=1, most=2**62)
    tagged = Boolean()


class TagFilter(Paged):
    """Which tags."""

    as_of = AsOf()
    force = Text()


def _find_force(book: Book, offence_ids: list[UUID]) -> str:
    """The force whose records these all are. Raises 422 where one is not known or they are of several
    forces."""
    rows = book.operations.tags.find.rows(offence_ids=offence_ids)
    force_of = {row["offence_id"]: str(row["force"]) for row in rows}
    unknown = [
        {"pointer": f"/offence_ids/{place}", "detail": f"No offence has the id {offence_id}."}
        for place, offence_id in enumerate(offence_ids)
        if offence_id not in force_of
    ]
    if unknown:
        raise Problem("invalid-body", " ".join(error["detail"] for error in unknown[:5]), errors=unknown)
    forces = sorted(set(force_of.values()))
    for force in forces:
        require_force(force)
    if len(forces) > 1:
        detail = f"These are records of {', '.join(forces)}: tag those of each force by themselves."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/offence_ids", "detail": detail}])
    return forces[0]


@operation_tags.route("/<uuid:operation_id>/tags")
class OperationTags(Resource):
    """What was said by hand of single records."""

    @operation(
        "listOperationTags",
        "List the records tagged by hand",
        access="consultation",
        query=TagFilter(),
        returns=page_of(Tag, "TagPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(
        self, operation_id: UUID, as_of: AsKnown, force: str | None, after: str | None, limit: int | None
    ) -> Answer:
        """By record. All records of the operation, those of its rule too, are GET /v1/offences?operation=."""
        with reading(as_of) as sql:
            load_operation(sql, operation_id)
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.operations.tags.list,
                Tag(),
                {"offence_id": UUID},
                operation_id=operation_id,
                force=of_force,
                after=after,
                limit=limit,
            )

    @operation(
        "tagOffences",
        "Tag records by hand",
        access="alteration",
        body=TagDraft(),
        returns=TagReceiptSchema(),
        scope="record",
        status=201,
        errors=(404,),
    )
    def post(self, operation_id: UUID, body: TagBody) -> TagReceipt:
        """All of them or none. Saying the same again changes nothing."""
        with writing("operation tagged by hand") as sql:
            load_operation(sql, operation_id)
            offence_ids, tagged = list(dict.fromkeys(body["offence_ids"])), body["tagged"]
            force = _find_force(sql, offence_ids)
            given: Row = {"operation_id": operation_id, "force": force, "offence_ids": offence_ids}
            changed = max(
                sql.operations.tags.close_differing.changed(**given, tagged=tagged),
                sql.operations.tags.open_missing.changed(**given, tagged=tagged),
            )
            access.shown(len(offence_ids), force=force, offence_ids=offence_ids)
            return TagReceipt(
                changed=changed,
                operation_id=operation_id,
                since_change=sql.as_of,
                tagged=tagged,
                unchanged=len(offence_ids) - changed,
            )
