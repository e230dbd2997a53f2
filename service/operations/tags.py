"""Which records belong to an operation, said by hand: it goes before the operation's rule."""

from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.callers.callers import require_force
from service.operations.operations import known
from service.reference import areas
from service.store import Book
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Boolean, Input, Instant, Integer, Output, Text, Uuid
from service.web.problems import Problem
from service.web.request import access
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading, writing

MOST_RECORDS = 1000

operation_tags = Namespace("operation-tags", description="Records tagged by hand.", path="/operations")


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


class TagReceipt(Output):
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


def _force_of(book: Book, offence_ids: list[UUID]) -> str:
    """The force whose records these all are. Raises 422 where one is not known or they are of several
    forces."""
    held = {row["offence_id"]: row["force"] for row in book.operations.tags.known(offence_ids=offence_ids)}
    strangers = [
        {"pointer": f"/offence_ids/{place}", "detail": f"No offence has the id {one}."}
        for place, one in enumerate(offence_ids)
        if one not in held
    ]
    if strangers:
        raise Problem("invalid-body", " ".join(one["detail"] for one in strangers[:5]), errors=strangers)
    forces = sorted(set(held.values()))
    for force in forces:
        require_force(force)
    if len(forces) > 1:
        detail = f"These are records of {', '.join(forces)}: tag those of each force by themselves."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/offence_ids", "detail": detail}])
    return str(forces[0])


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
    def get(self, operation_id: UUID, as_of: Any, force: str | None, **paging: Any) -> Answer:
        """By record. All records of the operation, those of its rule too, are GET /v1/offences?operation=."""
        with reading(as_of) as sql:
            known(sql, operation_id)
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.operations.tags.list,
                Tag(),
                {"offence_id": UUID},
                operation_id=operation_id,
                force=of_force,
                **paging,
            )

    @operation(
        "tagOffences",
        "Tag records by hand",
        access="alteration",
        body=TagDraft(),
        returns=TagReceipt(),
        scope="record",
        status=201,
        errors=(404,),
    )
    def post(self, operation_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
        """All of them or none. Saying the same again changes nothing."""
        with writing("operation tagged by hand") as sql:
            known(sql, operation_id)
            wanted = list(dict.fromkeys(body["offence_ids"]))
            force = _force_of(sql, wanted)
            said = {
                "operation_id": operation_id,
                "force": force,
                "offence_ids": wanted,
                "tagged": body["tagged"],
            }
            changed = max(
                sql.operations.tags.close_differing(**said), sql.operations.tags.open_missing(**said)
            )
            access.shown(len(wanted), force=force, offence_ids=wanted)
            return {
                "operation_id": operation_id,
                "tagged": body["tagged"],
                "changed": changed,
                "unchanged": len(wanted) - changed,
                "since_change": sql.as_of,
            }
