"""Targets: who aims at what, for which area, category and period."""

from operator import itemgetter
from typing import cast
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.figures.question import resolve_question
from service.periods import PeriodField
from service.reference import areas, categories
from service.store import Book, as_json
from service.store.book import Row
from service.store.identifiers import new_id
from service.targets.kinds import (
    MilestoneSchema,
    TargetBody,
    find_faults,
    kind_field,
    measure_field,
    milestones_length,
    number_fields,
)
from service.targets.target import Names, Target, TargetSchema, load_target, make_target, read_published_base
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Date, Input, Known, Text
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

targets = Namespace("targets", description="What is aimed at, and where it stands.")

_Numbers = Input.from_dict(number_fields(), name="TargetNumbers")


class TargetDraft(_Numbers):  # type: ignore[misc,valid-type]
    """What is aimed at. Which members a target needs and may have, its kind says; all others are null or left
    out."""

    area = Text(required=True)
    category = Text(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of recorded crime; a reported measure has none."},
    )
    kind = kind_field(required=True)
    measure = measure_field()
    milestones = fields.List(fields.Nested(MilestoneSchema), load_default=list, validate=milestones_length())
    name = Text(required=True)
    owner = Text(required=True, metadata={"description": "Who set it."})
    period = PeriodField(required=True)
    set_on = Date(allow_none=True, load_default=None)
    source = Text(
        longest=100,
        load_default="records",
        metadata={"description": "records, or the source of the return whose offences are counted."},
    )

    @validates_schema(skip_on_field_errors=False)
    def keeps_to_its_kind(self, data: TargetBody, *, partial: bool, **_: object) -> None:
        """Every rule of service/targets/kinds.py; some members of a target are judged once they are put
        beside the others."""
        faults: dict[str, list[str]] = {}
        for member, sentence in () if partial else find_faults(data):
            faults.setdefault(member, []).append(sentence)
        if faults:
            raise ValidationError(faults)


class TargetFilter(Paged):
    """Which targets."""

    area = Text()
    as_of = AsOf()
    category = Text()


def set_target(book: Book, body: TargetBody, target_id: UUID | None = None) -> Target:
    """Begin a target, or a version of one. Raises 422 for an area, category, source or base that is not
    known."""
    period, base = body["period"], body["base_period"]
    with of_the_body():
        area = areas.find_area(book, body["area"]).code
        category = categories.find_code(book, body["category"])
        resolve_question(book, area=[area], period=period, source=body["source"])
    names: Names = {
        "area": area,
        "category": category,
        "measure": body["measure"],
        "source": body["source"],
    }
    if body["base_release"] and read_published_base(book, body["base_release"], base, **names) is None:
        detail = (
            f"Release {body['base_release']} does not publish {body['measure']} of this area and category for"
            " the base period."
        )
        raise Problem("invalid-body", detail, errors=[{"pointer": "/base_release", "detail": detail}])
    milestones = sorted(body["milestones"], key=itemgetter("on"))
    target_id = target_id or new_id()
    columns: Row = {
        **body,
        **names,
        "target_id": target_id,
        "milestones": as_json(milestones) if milestones else None,
        "period": period.period,
        "period_from": period.from_on,
        "period_to": period.to_on,
        "base_period": base and base.period,
        "base_from": base and base.from_on,
        "base_to": base and base.to_on,
    }
    book.targets.targets.set(**columns)
    return load_target(book, target_id)


def _load_seen(book: Book, target_id: UUID, seen: int) -> Target:
    """The target as it stands. Raises 404 where there is none, 412 where it is not the version that was
    seen."""
    target = found(
        book.targets.targets.read.one(make_target, target_id=target_id),
        f"No target has the id {target_id}.",
    )
    require_seen({"since_change": target.since_change}, seen)
    return target


def _patch(target: Target, changes: TargetBody) -> TargetBody:
    """The whole target with these members changed. Raises 422 where it would break a rule."""
    present = {name: getattr(target, name) for name in TargetDraft().fields} | {
        "base_period": target.base_days,
        "milestones": [vars(milestone) for milestone in target.milestones],
        "period": target.days,
    }
    whole = cast("TargetBody", present | changes)
    if errors := [{"pointer": f"/{member}", "detail": sentence} for member, sentence in find_faults(whole)]:
        raise Problem("invalid-body", " ".join(error["detail"] for error in errors), errors=errors)
    return whole


def _answer(target: Target, headers: dict[str, str] | None = None) -> Answer:
    return Answer(target, headers or {}, tag=target.since_change)


@targets.route("")
class Targets(Resource):
    """Every target."""

    @operation(
        "listTargets",
        "List targets",
        query=TargetFilter(),
        returns=page_of(TargetSchema, "TargetPage"),
        formats=LISTED,
        listed=True,
    )
    def get(
        self, as_of: AsKnown, area: str | None, category: str | None, after: str | None, limit: int | None
    ) -> Answer:
        """In the order they were set."""
        with reading(as_of) as sql:
            place = areas.find_code(sql, area)
            aimed = categories.find_code(sql, category)
            return listed(
                sql,
                sql.targets.targets.list,
                TargetSchema(),
                {"target_id": UUID},
                area=place,
                category=aimed,
                after=after,
                limit=limit,
            )

    @operation(
        "setTarget",
        "Set a target",
        body=TargetDraft(),
        returns=TargetSchema(),
        scope="administer",
        status=201,
        tagged=True,
        errors=(409,),
    )
    def post(self, body: TargetBody) -> Answer:
        """Several owners may aim at the same figure; one owner has one target for it."""
        with writing("target set") as sql:
            target = set_target(sql, body)
            return _answer(target, {"Location": f"/v1/targets/{target.target_id}"})


@targets.route("/<uuid:target_id>")
class OneTarget(Resource):
    """One target."""

    @operation(
        "readTarget", "Read one target", query=Known(), returns=TargetSchema(), tagged=True, errors=(404,)
    )
    def get(self, target_id: UUID, as_of: AsKnown) -> Answer:
        """As known at a change."""
        with reading(as_of) as sql:
            return _answer(load_target(sql, target_id))

    @operation(
        "correctTarget",
        "Correct a target",
        body=TargetDraft(),
        returns=TargetSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(self, target_id: UUID, body: TargetBody, seen: int) -> Answer:
        """The whole target as it should be."""
        with writing("target corrected") as sql:
            _load_seen(sql, target_id, seen)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return _answer(set_target(sql, body, target_id))

    @operation(
        "patchTarget",
        "Correct some members of a target",
        body=TargetDraft(partial=True),
        returns=TargetSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def patch(self, target_id: UUID, body: TargetBody, seen: int) -> Answer:
        """Those given change, the others stay."""
        with writing("target corrected") as sql:
            whole = _patch(_load_seen(sql, target_id, seen), body)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return _answer(set_target(sql, whole, target_id))

    @operation(
        "withdrawTarget",
        "Withdraw a target",
        returns=TargetSchema(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, target_id: UUID, seen: int) -> Target:
        """It can still be read as of an earlier change."""
        with writing("target withdrawn") as sql:
            target = _load_seen(sql, target_id, seen)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return target
