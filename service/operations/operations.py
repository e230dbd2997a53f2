"""Operations: what a force runs under a name, in which areas, against which crimes, from when until when."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict, cast
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.reference import areas, categories
from service.store import Book
from service.store.book import Row
from service.store.identifiers import new_id
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Choice, Date, Input, Integer, Known, Output, Text, Uuid
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

MOST_AREAS = MOST_CATEGORIES = 50
TAGGING = ("rule", "hand")

operations = Namespace(
    "operations", description="Named operations, the records that belong to them, and what became of crime."
)


class OperationBody(TypedDict, total=False):
    """An operation as OperationDraft loads it: the whole of it, or in a patch what changes."""

    areas: list[str]
    categories: list[str]
    from_on: date
    name: str
    note: str | None
    tagging: str
    to_on: date | None


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
    def ends_after_it_begins(self, data: OperationBody, **_: object) -> None:
        """from_on <= to_on."""
        last = data.get("to_on")
        if last and data.get("from_on") and last < data["from_on"]:
            raise ValidationError(
                "An operation cannot end before it begins: check from_on and to_on.", "to_on"
            )


@dataclass(frozen=True)
class Operation:
    """An operation as known at a change."""

    areas: list[str]
    categories: list[str]
    from_on: date
    name: str
    note: str | None
    operation_id: UUID
    since_change: int
    tagging: str
    to_on: date | None


class OperationSchema(Output):
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


def load_operation(book: Book, operation_id: UUID) -> Operation:
    """The operation of this id. Raises 404 where none is known at the change that is read."""
    run = book.operations.operations.read.one(Operation, operation_id=operation_id)
    return found(run, f"No operation has the id {operation_id} at change {book.as_of}.")


def begin_operation(book: Book, body: OperationBody, operation_id: UUID | None = None) -> Operation:
    """Begin an operation, or a version of one. Raises 422 for a place or category that is not known, and for
    areas that overlap."""
    with of_the_body(area="areas", category="categories"):
        places = dict.fromkeys(area.code for area in areas.find_areas(book, body["areas"]))
        against = dict.fromkeys(one.code for one in categories.find_categories(book, body["categories"]))
    if overlap := word_overlap(book, list(places)):
        detail = f"{overlap} Name the wider or the narrower, not both."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/areas", "detail": detail}])
    columns: Row = {**body, "areas": list(places), "categories": list(against)}
    columns["operation_id"] = operation_id or new_id()
    run = book.operations.operations.begin.one(Operation, **columns)
    assert run is not None
    return run


def word_overlap(book: Book, codes: list[str]) -> str:
    """`E07000154 lies in E23000022.` for each of these areas that lies in another; empty where none does."""
    nested = book.operations.operations.nested.rows(areas=codes)
    return " ".join(f"{row['area']} lies in {row['ancestor']}." for row in nested)


def _load_seen(book: Book, operation_id: UUID, seen: int) -> Operation:
    """The operation as it stands. Raises 404 where there is none, 412 where it is not the version that was
    seen."""
    run = load_operation(book, operation_id)
    require_seen({"since_change": run.since_change}, seen)
    return run


def _answer(run: Operation, headers: dict[str, str] | None = None) -> Answer:
    return Answer(run, headers or {}, tag=run.since_change)


@operations.route("")
class Operations(Resource):
    """Every operation."""

    @operation(
        "listOperations",
        "List operations",
        query=OperationFilter(),
        returns=page_of(OperationSchema, "OperationPage"),
        formats=LISTED,
        listed=True,
    )
    def get(
        self,
        as_of: AsKnown,
        area: str | None,
        category: str | None,
        on: date | None,
        after: str | None,
        limit: int | None,
    ) -> Answer:
        """In the order they were begun."""
        with reading(as_of) as sql:
            place = areas.find_code(sql, area)
            against = categories.find_code(sql, category)
            return listed(
                sql,
                sql.operations.operations.list,
                OperationSchema(),
                {"operation_id": UUID},
                area=place,
                category=against,
                on=on,
                after=after,
                limit=limit,
            )

    @operation(
        "beginOperation",
        "Begin an operation",
        body=OperationDraft(),
        returns=OperationSchema(),
        scope="administer",
        status=201,
        tagged=True,
        errors=(409,),
    )
    def post(self, body: OperationBody) -> Answer:
        """One name, one operation. What its rule tags is worked out when it is asked for, so nothing need be
        tagged again."""
        with writing("operation begun") as sql:
            run = begin_operation(sql, body)
            return _answer(run, {"Location": f"/v1/operations/{run.operation_id}"})


@operations.route("/<uuid:operation_id>")
class OneOperation(Resource):
    """One operation."""

    @operation(
        "readOperation",
        "Read one operation",
        query=Known(),
        returns=OperationSchema(),
        tagged=True,
        errors=(404,),
    )
    def get(self, operation_id: UUID, as_of: AsKnown) -> Answer:
        """As known at a change. Its records are GET /v1/offences?operation=."""
        with reading(as_of) as sql:
            return _answer(load_operation(sql, operation_id))

    @operation(
        "correctOperation",
        "Correct an operation",
        body=OperationDraft(),
        returns=OperationSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(self, operation_id: UUID, body: OperationBody, seen: int) -> Answer:
        """The whole operation as it should be; what was tagged by hand stays."""
        with writing("operation corrected") as sql:
            _load_seen(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            return _answer(begin_operation(sql, body, operation_id))

    @operation(
        "patchOperation",
        "Correct some members of an operation",
        body=OperationDraft(partial=True),
        returns=OperationSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def patch(self, operation_id: UUID, body: OperationBody, seen: int) -> Answer:
        """Those given change, the others stay."""
        with writing("operation corrected") as sql:
            run = _load_seen(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            present = {name: getattr(run, name) for name in OperationDraft().fields}
            whole = cast("OperationBody", present | body)
            return _answer(begin_operation(sql, whole, operation_id))

    @operation(
        "withdrawOperation",
        "Withdraw an operation",
        returns=OperationSchema(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, operation_id: UUID, seen: int) -> Operation:
        """It and its records can still be read as of an earlier change."""
        with writing("operation withdrawn") as sql:
            run = _load_seen(sql, operation_id, seen)
            sql.operations.operations.end(operation_id=operation_id, seen=seen)
            return run
