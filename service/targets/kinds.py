"""Kinds of target: which members each needs and may have, and every other rule that a target keeps to.

The constraints of target_version say the same; here each fault gets the member that it is in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from marshmallow import fields, validate

from service.periods import Period, PeriodField
from service.web.fields import Choice, Date, Input, Integer, Number, Text, Uuid

POLICE_MEASURES = (
    "offences",
    "victims",
    "rate",
    "household-rate",
    "severity",
    "outcomes",
    "positive-outcome-rate",
)
"""Those that are worked out of recorded crime, so that a category says of what. All others are reported:
savings-gbp, satisfaction."""
NUMBERS = ("amount", "base_period", "ceiling", "floor", "milestones", "percent", "rank")
MOST_MILESTONES = 60
_LARGEST = 1e15
_MEASURE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Kind:
    """What a kind needs, and what else it may have."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KINDS = {
    "reduce-by-percent": Kind(("percent", "base_period"), ("milestones",)),
    "reduce-to": Kind(("amount",), ("base_period", "milestones")),
    "raise-by-percent": Kind(("percent", "base_period"), ("milestones",)),
    "raise-to": Kind(("amount",), ("base_period", "milestones")),
    "reduce": Kind(("base_period",), ("milestones",)),
    "raise": Kind(("base_period",), ("milestones",)),
    "eliminate": Kind((), ("base_period", "milestones")),
    "rank": Kind(("rank",)),
    "save": Kind(("amount",), ("milestones",)),
    "keep-within": Kind(("floor", "ceiling")),
}

Fault = tuple[str, str]
"""The member at fault, and the sentence that says what is wrong with it."""


Amount = int | float | Decimal
"""As exact as what it was read from: JSON, a column of numeric, a count."""


class MilestoneBody(TypedDict, total=False):
    """A milestone as MilestoneSchema loads it."""

    amount: Amount
    on: date


class TargetBody(TypedDict, total=False):
    """A target as TargetDraft loads it: the whole of it, or in a patch what changes."""

    amount: Amount | None
    area: str
    base_period: Period | None
    base_release: UUID | None
    category: str | None
    ceiling: Amount | None
    floor: Amount | None
    kind: str
    measure: str
    milestones: list[MilestoneBody]
    name: str
    owner: str
    percent: Amount | None
    period: Period
    rank: int | None
    set_on: date | None
    source: str


class MilestoneSchema(Input):
    """What is to be reached by a day on the way: the count, or the sum, from the first day of the period to
    that day."""

    amount = Number(required=True)
    on = Date(required=True)


def kind_field(*, required: bool = False) -> Choice:
    """The kind of a target."""
    return Choice("TargetKind", *KINDS, required=required)


def number_fields() -> dict[str, fields.Field[Any]]:
    """The members of a draft that its kind decides about."""
    return {
        "amount": _number("The number to reduce or raise to, or the sum to save."),
        "ceiling": _number("Of keep-within: the most that is within."),
        "floor": _number("Of keep-within: the least that is within."),
        "percent": _number("The reduction aimed at, above 0 and at most 100, or the rise, at most 1,000."),
        "base_period": PeriodField(allow_none=True, load_default=None),
        "base_release": Uuid(
            allow_none=True,
            load_default=None,
            metadata={
                "description": (
                    "The release that published the base: the base is then what it said, for ever. Else it is"
                    " what the book counts."
                )
            },
        ),
        "rank": Integer(
            least=1,
            most=2**31 - 1,
            allow_none=True,
            load_default=None,
            metadata={"description": "The place aimed at among areas of the same kind; 1 is the best."},
        ),
    }


def _number(description: str) -> Number:
    return Number(allow_none=True, load_default=None, metadata={"description": description})


def measure_field() -> Text:
    """The measure of a draft."""
    description = f"{', '.join(POLICE_MEASURES)}, or a reported measure like savings-gbp."
    return Text(longest=60, load_default="offences", metadata={"description": description})


def milestones_length() -> validate.Length:
    """How many milestones there may be."""
    return validate.Length(min=0, max=MOST_MILESTONES)


def find_faults(body: TargetBody) -> Iterator[Fault]:
    """What is wrong with a whole target. Members that could not be loaded are not looked at."""
    if "kind" in body:
        yield from _find_faults_of_kind(body)
    yield from _find_faults_of_measure(body)
    yield from _find_faults_of_numbers(body)
    yield from _find_faults_of_base(body)
    if body.get("period") and body.get("milestones"):
        yield from _find_faults_of_milestones(body["period"], body["milestones"])


def _find_faults_of_kind(body: TargetBody) -> Iterator[Fault]:
    members: Mapping[str, object] = body
    name, kind = body["kind"], KINDS[body["kind"]]
    for member in kind.needs:
        if member in members and members[member] is None:
            yield member, f"A target of kind {name} needs {member}."
    for member in NUMBERS:
        if member not in kind.needs + kind.may and members.get(member) not in (None, []):
            yield member, f"A target of kind {name} takes no {member}."


def _find_faults_of_measure(body: TargetBody) -> Iterator[Fault]:
    if "measure" not in body:
        return
    measure, police = body["measure"], body["measure"] in POLICE_MEASURES
    if not _MEASURE.fullmatch(measure):
        yield (
            "measure",
            (
                f"A measure is {', '.join(POLICE_MEASURES)}, or lower-case words joined by single hyphens,"
                " like savings-gbp."
            ),
        )
    if body.get("kind") == "save" and police:
        yield "measure", "A target to save needs a reported measure, like savings-gbp."
    elif police and "category" in body and body["category"] is None:
        yield "category", f"{measure} needs a category."
    elif not police and body.get("category") is not None:
        yield "category", f"{measure} is reported, and takes no category."
    if body.get("source", "records") != "records" and (measure == "victims" or not police):
        yield "source", f"A return tells no {measure}."


def _find_faults_of_numbers(body: TargetBody) -> Iterator[Fault]:
    most, percent = 1000 if body.get("kind") == "raise-by-percent" else 100, body.get("percent")
    if percent is not None and not 0 < percent <= most:
        yield "percent", f"percent is the change aimed at: above 0 and at most {most:,}."
    floor, ceiling = body.get("floor"), body.get("ceiling")
    for member, number in (("amount", body.get("amount")), ("ceiling", ceiling), ("floor", floor)):
        if number is not None and not 0 <= number < _LARGEST:
            yield member, f"{member} is nought or more, and under a thousand million million."
    if floor is not None and ceiling is not None and floor > ceiling:
        yield "floor", "floor is above ceiling: nothing can lie within."


def _find_faults_of_base(body: TargetBody) -> Iterator[Fault]:
    period, base = body.get("period"), body.get("base_period")
    if period and base and base.to_on >= period.from_on:
        yield "base_period", "The base period must end before the target's period begins."
    if body.get("base_release") and "base_period" in body and base is None:
        yield (
            "base_release",
            "base_release says where the base was published, so it needs the base_period that was.",
        )
    if body.get("base_release") and body.get("measure", "offences") not in ("offences", "victims"):
        yield "base_release", "A release publishes offences and victims only."


def _find_faults_of_milestones(period: Period, milestones: list[MilestoneBody]) -> Iterator[Fault]:
    whole = [
        (number, milestone)
        for number, milestone in enumerate(milestones, start=1)
        if {"amount", "on"} <= milestone.keys()
    ]
    for number, milestone in whole:
        if not period.from_on <= milestone["on"] <= period.to_on:
            yield "milestones", f"Milestone {number}, on {milestone['on']}, lies outside {period.period}."
        if not 0 <= milestone["amount"] < _LARGEST:
            yield (
                "milestones",
                f"Milestone {number}: amount is nought or more, and under a thousand million million.",
            )
    days = [milestone["on"] for _, milestone in whole]
    if len(set(days)) < len(days):
        yield "milestones", "Two milestones are on the same day."
