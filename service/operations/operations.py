"""Operations: what a force runs under a name, in which areas, against which crimes, from when until when."""

from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.reference import areas, categories
from service.store import Book
from service.store.identifiers import new_id
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Choice, Date, Input, Integer, Known, Output, Text, Uuid
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

MOST_AREAS = MOST_CATEGORIES = 50
TAGGING = ("rule", "hand")

operations = Namespace(
    "operations", description="Named operations, the records that belong to them, and what became of crime."
)


class OperationDraft(Input):
    """An operation as it should be known."""

    areas = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "Where it runs, by code or slug; none of them inside another."},
    )
    categories = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_CATEGORIES),
        metadata={"description": "What it is against."},
    )
    from_on = Date(required=True)
    name = Text(required=True)
    note = Text(longest=2000, allow_none=True, load_default=None)
    tagging = Choice(
        "OperationTagging",
        *TAGGING,
        load_default="rule",
        metadata={
            "description": (
                "rule: what is recorded in its areas, categories and days belongs to it, but for what is"
                " taken out by hand. hand: only what is tagged by hand."
            )
        },
    )
    to_on = Date(
        allow_none=True, load_default=None, metadata={"description": "Its last day; null while it runs on."}
    )

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        """from_on <= to_on."""
        if data.get("to_on") and data.get("from_on") and data["to_on"] < data["from_on"]:
            raise ValidationError(
                "An operation cannot end before it begins: check from_on and to_on.", "to_on"
            )


class Operation(Output):
    """An operation as known at a change."""

    table_key = ("operation_id",)

    areas = fields.List(fields.String())
    categories = fields.List(fields.String())
    from_on = Date()
    name = fields.String()
    note = fields.String(allow_none=True)
    operation_id = Uuid()
    since_change = Integer(least=1, most=2**62)
    tagging = Choice("OperationTagging", *TAGGING)
    to_on = Date(allow_none=True)


class OperationFilter(Paged):
    """Which operations."""

    area = Text(metadata={"description": "Those that ran in it, in what it lies in, or in what lies in it."})
    as_of = AsOf()
    category = Text()
    on = Date(metadata={"description": "Those that ran on this day."})


def known(book: Book, operation_id: UUID) -> dict[str, Any]:
    """The operation. Raises 404 where none has the id."""
    row = book.operations.operations.read(operation_id=operation_id)
    return found(row, f"No operation has the id {operation_id} at change {book.as_of}.")


def begin(book: Book, body: dict[str, Any], operation_id: UUID | None = None) -> dict[str, Any]:
    """Begin an operation, or a version of one. Raises 422 for a place or category that is not known, and for
    areas that overlap."""
    with of_the_body(area="areas", category="categories"):
        places = list(dict.fromkeys(area.code for area in areas.find_areas(book, body["areas"])))
        against = list(
            dict.fromkeys(category.code for category in categories.find_categories(book, body["categories"]))
        )
    if nested := book.operations.operations.nested(areas=places):
        detail = (
            " ".join(f"{one['area']} lies in {one['ancestor']}." for one in nested)
            + " Name the wider or the narrower, not both."
        )
        raise Problem("invalid-body", detail, errors=[{"pointer": "/areas", "detail": detail}])
    chosen = operation_id or new_id()
    row: dict[str, Any] = book.operations.operations.begin(
        operation_id=chosen, **{**body, "areas": places, "categories": against}
    )
    return row


def _present(book: Book, operation_id: UUID, seen: int) -> dict[str, Any]:
    present = known(book, operation_id)
    require_seen(present, seen)
    return present


@operations.route("")
class Operations(Resource):
    """Every operation."""

    @operation(
        "listOperations",
        "List operations",
        query=OperationFilter(),
        returns=page_of(Operation, "OperationPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: Any, area: str | None, category: str | None, **filters: Any) -> Answer:
        """In the order they were begun."""
        with reading(as_of) as sql:
            place = areas.find_code(sql, area)
            against = categories.find_code(sql, category)
            return listed(
                sql,
                sql.operations.operations.list,
                Operation(),
                {"operation_id": UUID},
                area=place,
                category=against,
                **filters,
            )

    @operation(
        "beginOperation",
        "Begin an operation",
        body=OperationDraft(),
        returns=Operation(),
        scope="administer",
        status=201,
        tagged=True,
        errors=(409,),
    )
    def post(self, body: dict[str, Any]) -> Answer:
        """One name, one operation. What its rule tags is worked out when it is asked for, so nothing need be
        tagged again."""
        with writing("operation begun") as sql:
            row = begin(sql, body)
            return Answer(row, {"Location": f"/v1/operations/{row['operation_id']}"}, tag=row["since_change"])


@operations.route("/<uuid:operation_id>")
class OneOperation(Resource):
    """One operation."""

    @operation(
        "readOperation", "Read one operation", query=Known(), returns=Operation(), tagged=True, errors=(404,)
    )
    def get(self, operation_id: UUID, as_of: Any) -> dict[str, Any]:
        """As known at a change. Its records are GET /v1/offences?operation=."""
        with reading(as_of) as sql:
            return known(sql, operation_id)

    @operation(
        "correctOperation",
        "Correct an operation",
        body=OperationDraft(),
        returns=Operation(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(self, operation_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """The whole operation as it should be; what was tagged by hand stays."""
        with writing("operation corrected") as sql:
            _present(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            return begin(sql, body, operation_id)

    @operation(
        "patchOperation",
        "Correct some members of an operation",
        body=OperationDraft(partial=True),
        returns=Operation(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def patch(self, operation_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """Those given change, the others stay."""
        with writing("operation corrected") as sql:
            present = _present(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            return begin(
                sql, {name: body.get(name, present[name]) for name in OperationDraft().fields}, operation_id
            )

    @operation(
        "withdrawOperation",
        "Withdraw an operation",
        returns=Operation(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, operation_id: UUID, seen: int) -> dict[str, Any]:
        """It and its records can still be read as of an earlier change."""
        with writing("operation withdrawn") as sql:
            present = _present(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            return present
