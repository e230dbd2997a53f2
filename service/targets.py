"""Targets: who aims at what, for which area, category and period, and where it stands."""

from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service import areas, categories
from service.figures import figures
from service.periods import Period, PeriodField, parse
from service.store import Book
from service.store.identifiers import new_id
from service.summaries import Figure
from service.web.fields import AsOf, Boolean, Choice, Date, Input, Integer, Known, Number, Output, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.preconditions import require_seen
from service.web.problems import Problem, of_the_body
from service.web.transactions import reading, writing

targets = Namespace("targets", description="What is aimed at, and where it stands.")


class TargetDraft(Input):
    """A reduction by so many per cent of what the base period counted."""

    area = Text(required=True)
    base_period = PeriodField(required=True)
    category = Text(required=True)
    kind = Choice("TargetKind", "reduce-by-percent", required=True)
    measure = Choice("TargetMeasure", "offences", load_default="offences")
    name = Text(required=True)
    owner = Text(required=True, metadata={"description": "Who set it."})
    percent = Number(required=True, metadata={"description": "The reduction aimed at: above 0, at most 100."})
    period = PeriodField(required=True)
    set_on = Date(allow_none=True, load_default=None)

    @validates_schema
    def can_be_met(self, data: dict[str, Any], **_: Any) -> None:
        """0 < percent <= 100, and the base ends before the period begins."""
        if "percent" in data and not 0 < data["percent"] <= 100:
            raise ValidationError("percent is the reduction aimed at: above 0 and at most 100.", "percent")
        if (
            isinstance(data.get("period"), Period)
            and isinstance(data.get("base_period"), Period)
            and data["base_period"].to_on >= data["period"].from_on
        ):
            raise ValidationError("The base period must end before the target's period begins.", "base_period")


class Target(Output):
    """A target as known at a change."""

    table_key = ("target_id",)

    area = fields.String()
    base_period = fields.String()
    category = fields.String()
    kind = Choice("TargetKind", "reduce-by-percent")
    measure = Choice("TargetMeasure", "offences")
    name = fields.String()
    owner = fields.String()
    percent = Number()
    period = fields.String()
    set_on = Date(allow_none=True)
    since_change = Integer(least=1, most=2**62)
    target_id = Uuid()


class TargetProgress(Output):
    """Where a target stands: ceiling = base × (1 − percent / 100); exceeded means below the ceiling, met means on it."""

    actual = fields.Nested(Figure)
    base = fields.Nested(Figure)
    base_is = Choice(
        "TargetBase", "live", metadata={"description": "live: the base is what the book counts now, not what was first published."}
    )
    ceiling = Number()
    complete = Boolean(metadata={"description": "False while anything of either period is missing."})
    distance = Number(metadata={"description": "ceiling − actual; above 0 is below the ceiling."})
    rule = fields.String()
    share_of_the_way = Number(allow_none=True, metadata={"description": "(base − actual) / (base − ceiling), in per cent."})
    status = Choice("TargetStatus", "exceeded", "met", "missed", "too_early")
    target = fields.Nested(Target)


class TargetFilter(Paged):
    """Which targets."""

    area = Text()
    as_of = AsOf()
    category = Text()


def _columns(book: Book, body: dict[str, Any]) -> dict[str, Any]:
    """The draft as the columns of target_version."""
    area, category = areas.named(book, [body["area"]]), categories.named(book, [body["category"]])
    period, base = body["period"], body["base_period"]
    return {
        **body, "area": area[0]["area"], "category": category[0]["category"], "period": period.period, "period_from": period.from_on,
        "period_to": period.to_on, "base_period": base.period, "base_from": base.from_on, "base_to": base.to_on,
    }  # fmt: skip


def set_target(book: Book, body: dict[str, Any], target_id: UUID | None = None) -> dict[str, Any]:
    """Begin a target, or a version of one. `body` as TargetDraft loads it; raises 422 for an area or category that is not known."""
    with of_the_body():
        columns = _columns(book, body)
    row: dict[str, Any] = book.targets.set(target_id=target_id or new_id(), **columns)
    return row


def _present(book: Book, target_id: UUID, seen: int) -> dict[str, Any]:
    present = found(book.targets.read(target_id=target_id), f"No target has the id {target_id}.")
    require_seen(present, seen)
    return present


def progress(book: Book, target: dict[str, Any]) -> dict[str, Any]:
    """Where the target stands, from records."""
    asked = {"area": [target["area"]], "category": [target["category"]], "measure": target["measure"]}
    actual = figures(book, {**asked, "period": parse(target["period"])})[0]
    base = figures(book, {**asked, "period": parse(target["base_period"])})[0]
    complete = actual["period"]["complete"] and base["period"]["complete"]
    stands = book.targets.progress(base=base["value"], actual=actual["value"], percent=target["percent"], complete=complete)
    return {**stands, "target": target, "actual": actual, "base": base, "base_is": "live", "complete": complete}


@targets.route("")
class Targets(Resource):
    """Every target."""

    @operation("listTargets", "List targets", query=TargetFilter(), returns=page_of(Target, "TargetPage"), formats=LISTED, listed=True)
    def get(self, as_of: Any, area: str | None, category: str | None, **paging: Any) -> Answer:
        """In the order they were set."""
        with reading(as_of) as sql:
            place = areas.named(sql, [area])[0]["area"] if area else None
            aimed = categories.named(sql, [category])[0]["category"] if category else None
            return listed(sql, sql.targets.list, Target(), {"target_id": UUID}, area=place, category=aimed, **paging)

    @operation(
        "setTarget", "Set a target", body=TargetDraft(), returns=Target(), scope="administer", status=201, tagged=True, errors=(409,)
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
            return found(sql.targets.read(target_id=target_id), f"No target has the id {target_id} at change {sql.as_of}.")

    @operation("correctTarget", "Correct a target", body=TargetDraft(), returns=Target(), scope="administer", guarded=True, tagged=True,
               errors=(404, 409))  # fmt: skip
    def put(self, target_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """The whole target as it should be."""
        with writing("target corrected") as sql:
            _present(sql, target_id, seen)
            sql.targets.end(target_id=target_id, seen=seen)
            return set_target(sql, body, target_id)

    @operation("patchTarget", "Correct some members of a target", body=TargetDraft(partial=True), returns=Target(), scope="administer",
               guarded=True, tagged=True, errors=(404, 409))  # fmt: skip
    def patch(self, target_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """Those given change, the others stay."""
        with writing("target corrected") as sql:
            present = _present(sql, target_id, seen)
            kept = {name: present[name] for name in TargetDraft().fields}
            whole = {**kept, "period": parse(present["period"]), "base_period": parse(present["base_period"]), **body}
            if whole["base_period"].to_on >= whole["period"].from_on:
                raise Problem("invalid-body", "The base period must end before the target's period begins.")
            sql.targets.end(target_id=target_id, seen=seen)
            return set_target(sql, whole, target_id)

    @operation("withdrawTarget", "Withdraw a target", returns=Target(), scope="administer", guarded=True, errors=(404,))
    def delete(self, target_id: UUID, seen: int) -> dict[str, Any]:
        """It can still be read as of an earlier change."""
        with writing("target withdrawn") as sql:
            present = _present(sql, target_id, seen)
            sql.targets.end(target_id=target_id, seen=seen)
            return present


@targets.route("/<uuid:target_id>/progress")
class Progress(Resource):
    """Where one target stands."""

    @operation("readTargetProgress", "Read where a target stands", query=Known(), returns=TargetProgress(), tagged=True, errors=(404,))
    def get(self, target_id: UUID, as_of: Any) -> Answer:
        """Ceiling, actual, distance and status, with the rule that decided."""
        with reading(as_of) as sql:
            target = found(sql.targets.read(target_id=target_id), f"No target has the id {target_id} at change {sql.as_of}.")
            return Answer(progress(sql, target), tag=sql.as_of)
