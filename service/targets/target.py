"""The target: what is aimed at, for which area, category and period; read here, set in `targets`."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict, Unpack
from uuid import UUID

from marshmallow import fields

from service.periods import Period, parse
from service.store import Book
from service.targets.kinds import Amount, MilestoneSchema, kind_field
from service.web.fields import Choice, Date, Integer, Number, Output, Uuid
from service.web.request.operation import found


@dataclass(frozen=True)
class Milestone:
    """What is to be reached by a day on the way."""

    on: dt.date
    amount: Amount


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target as known at a change. Which of its numbers it has, its kind says."""

    amount: Amount | None
    area: str
    base_is: str | None
    base_period: str | None
    base_release: UUID | None
    category: str | None
    ceiling: Amount | None
    floor: Amount | None
    kind: str
    measure: str
    milestones: list[Milestone]
    name: str
    owner: str
    percent: Amount | None
    period: str
    rank: int | None
    set_on: dt.date | None
    since_change: int
    source: str
    target_id: UUID

    @cached_property
    def days(self) -> Period:
        """The days of its period."""
        return parse(self.period)

    @cached_property
    def base_days(self) -> Period | None:
        """The days of its base period."""
        return parse(self.base_period) if self.base_period else None


class TargetSchema(Output):
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
    milestones = fields.List(fields.Nested(MilestoneSchema))
    name = fields.String()
    owner = fields.String()
    percent = Number(allow_none=True)
    period = fields.String()
    rank = Integer(least=1, most=2**31 - 1, allow_none=True)
    set_on = Date(allow_none=True)
    since_change = Integer(least=1, most=2**62)
    source = fields.String()
    target_id = Uuid()


_MEMBERS = [field.name for field in dataclasses.fields(Target)]


def make_target(**row: Any) -> Target:
    """A row of `target_shown` as a target."""
    milestones = [_make_milestone(**milestone) for milestone in row["milestones"]]
    return Target(**{name: row[name] for name in _MEMBERS} | {"milestones": milestones})


def _make_milestone(on: str, amount: Amount) -> Milestone:
    return Milestone(dt.date.fromisoformat(on), amount)


def load_target(book: Book, target_id: UUID) -> Target:
    """The target of this id. Raises 404 where none is known at the change that is read."""
    target = book.targets.targets.read.one(make_target, target_id=target_id)
    return found(target, f"No target has the id {target_id} at change {book.as_of}.")


class Names(TypedDict):
    """What a target is for, by the codes and names that the book has."""

    area: str
    category: str | None
    measure: str
    source: str


def read_published_base(
    book: Book, release_id: UUID, base: Period | None, **names: Unpack[Names]
) -> int | None:
    """The base as a release published it; None where it did not, or is under embargo."""
    return book.targets.targets.published_base.value(
        int,
        release_id=release_id,
        at=book.at,
        base_from=base and base.from_on,
        base_to=base and base.to_on,
        **names,
    )


def list_targets(book: Book, area: str) -> list[Target]:
    """The first hundred targets of an area, in the order they were set."""
    return book.targets.targets.list.all(
        make_target, area=area, category=None, after_target_id=None, limit=100
    )
