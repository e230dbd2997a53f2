"""Targets: who aims at what, for which area, category and period."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.figures.question import resolve_question
from service.periods import PeriodField, parse
from service.reference import areas, categories
from service.store import Book, as_json
from service.store.identifiers import new_id
from service.targets.kinds import (
    Milestone,
    faults_of,
    kind_field,
    measure_field,
    milestones_length,
    number_fields,
)
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Choice, Date, Input, Integer, Known, Number, Output, Text, Uuid
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
    milestones = fields.List(fields.Nested(Milestone), load_default=list, validate=milestones_length())
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
    def keeps_to_its_kind(self, data: dict[str, Any], *, partial: Any, **_: Any) -> None:
        """Every rule of service/targets/kinds.py; some members of a target are judged once they are put
        beside the others."""
        faults: dict[str, list[str]] = {}
        for member, sentence in () if partial else faults_of(data):
            faults.setdefault(member, []).append(sentence)
        if faults:
            raise ValidationError(faults)


class Target(Output):
    """A target as known at a change."""

    table_key = ("target_id",)

    amount = Number(allow_none=True)
    area = fields.String()
    base_is = Choice(
        "TargetBase",
        "live",
        "frozen",
        allow_none=True,
        metadata={
            "description": (
                "live: what the book counts when asked. frozen: what base_release published. null: there is"
                " no base."
            )
        },
    )
    base_period = fields.String(allow_none=True)
    base_release = Uuid(allow_none=True)
    category = fields.String(allow_none=True)
    ceiling = Number(allow_none=True)
    floor = Number(allow_none=True)
    kind = kind_field()
    measure = fields.String()
    milestones = fields.List(fields.Nested(Milestone))
    name = fields.String()
    owner = fields.String()
    percent = Number(allow_none=True)
    period = fields.String()
    rank = Integer(least=1, most=2**31 - 1, allow_none=True)
    set_on = Date(allow_none=True)
    since_change = Integer(least=1, most=2**62)
    source = fields.String()
    target_id = Uuid()


class TargetFilter(Paged):
    """Which targets."""

    area = Text()
    as_of = AsOf()
    category = Text()


def _columns(book: Book, body: dict[str, Any]) -> dict[str, Any]:
    """The draft as the columns of target_version. Raises a 400 problem for an area, category or source that
    is not known."""
    area, period, base = areas.find_area(book, body["area"]).code, body["period"], body["base_period"]
    category = categories.find_code(book, body["category"])
    resolve_question(book, area=[area], period=period, source=body["source"])
    told = sorted(body["milestones"], key=lambda one: one["on"])
    return {
        **body,
        "area": area,
        "category": category,
        "milestones": as_json(told) if told else None,
        "period": period.period,
        "period_from": period.from_on,
        "period_to": period.to_on,
        "base_period": base and base.period,
        "base_from": base and base.from_on,
        "base_to": base and base.to_on,
    }


def set_target(book: Book, body: dict[str, Any], target_id: UUID | None = None) -> dict[str, Any]:
    """Begin a target, or a version of one. `body` as TargetDraft loads it; raises 422 for an area, category,
    source or base not known."""
    with of_the_body():
        columns = _columns(book, body)
    if body["base_release"] and published_base(book, columns) is None:
        detail = (
            f"Release {body['base_release']} does not publish {body['measure']} of this area and category for"
            " the base period."
        )
        raise Problem("invalid-body", detail, errors=[{"pointer": "/base_release", "detail": detail}])
    named = target_id or new_id()
    book.targets.targets.set(target_id=named, **columns)
    row: dict[str, Any] = book.targets.targets.read(target_id=named)
    return row


def published_base(book: Book, target: dict[str, Any]) -> dict[str, Any] | None:
    """`{"value": …}` as the target's release published its base; None where it did not, or may not be told
    yet."""
    asked = {name: target[name] for name in ("area", "base_from", "base_to", "category", "measure", "source")}
    row: dict[str, Any] | None = book.targets.targets.published_base(
        release_id=target["base_release"], at=book.at, **asked
    )
    return row


def _present(book: Book, target_id: UUID, seen: int) -> dict[str, Any]:
    present: dict[str, Any] = found(
        book.targets.targets.read(target_id=target_id), f"No target has the id {target_id}."
    )
    require_seen(present, seen)
    return present


def _patched(present: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The target with these members changed. Raises 422 where it would break a rule."""
    kept = {name: present[name] for name in TargetDraft().fields}
    whole = {
        **kept,
        "period": parse(present["period"]),
        "base_period": parse(present["base_period"]) if present["base_period"] else None,
        "milestones": [{**one, "on": dt.date.fromisoformat(one["on"])} for one in present["milestones"]],
        **said,
    }
    if errors := [{"pointer": f"/{member}", "detail": sentence} for member, sentence in faults_of(whole)]:
        raise Problem("invalid-body", " ".join(one["detail"] for one in errors), errors=errors)
    return whole


@targets.route("")
class Targets(Resource):
    """Every target."""

    @operation(
        "listTargets",
        "List targets",
        query=TargetFilter(),
        returns=page_of(Target, "TargetPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: Any, area: str | None, category: str | None, **paging: Any) -> Answer:
        """In the order they were set."""
        with reading(as_of) as sql:
            place = areas.find_code(sql, area)
            aimed = categories.find_code(sql, category)
            return listed(
                sql,
                sql.targets.targets.list,
                Target(),
                {"target_id": UUID},
                area=place,
                category=aimed,
                **paging,
            )

    @operation(
        "setTarget",
        "Set a target",
        body=TargetDraft(),
        returns=Target(),
        scope="administer",
        status=201,
        tagged=True,
        errors=(409,),
    )
    def post(self, body: dict[str, Any]) -> Answer:
        """Several owners may aim at the same figure; one owner has one target for it."""
        with writing("target set") as sql:
            row = set_target(sql, body)
            return Answer(row, {"Location": f"/v1/targets/{row['target_id']}"}, tag=row["since_change"])


@targets.route("/<uuid:target_id>")
class OneTarget(Resource):
    """One target."""

    @operation("readTarget", "Read one target", query=Known(), returns=Target(), tagged=True, errors=(404,))
    def get(self, target_id: UUID, as_of: Any) -> dict[str, Any]:
        """As known at a change."""
        with reading(as_of) as sql:
            return found(
                sql.targets.targets.read(target_id=target_id),
                f"No target has the id {target_id} at change {sql.as_of}.",
            )

    @operation(
        "correctTarget",
        "Correct a target",
        body=TargetDraft(),
        returns=Target(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(self, target_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """The whole target as it should be."""
        with writing("target corrected") as sql:
            _present(sql, target_id, seen)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return set_target(sql, body, target_id)

    @operation(
        "patchTarget",
        "Correct some members of a target",
        body=TargetDraft(partial=True),
        returns=Target(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def patch(self, target_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """Those given change, the others stay."""
        with writing("target corrected") as sql:
            present = _present(sql, target_id, seen)
            whole = _patched(present, body)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return set_target(sql, whole, target_id)

    @operation(
        "withdrawTarget",
        "Withdraw a target",
        returns=Target(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, target_id: UUID, seen: int) -> dict[str, Any]:
        """It can still be read as of an earlier change."""
        with writing("target withdrawn") as sql:
            present = _present(sql, target_id, seen)
            sql.targets.targets.end(target_id=target_id, seen=seen)
            return present
