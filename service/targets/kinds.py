"""Kinds of target: which members each needs and may have, and every other rule that a target keeps to.

The constraints of target_version say the same; here each fault gets the member that it is in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import validate

from service.periods import PeriodField
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


class Milestone(Input):
    """What is to be reached by a day on the way: the count, or the sum, from the first day of the period to
    that day."""

    amount = Number(required=True)
    on = Date(required=True)


def kind_field(**keywords: Any) -> Choice:
    """The kind of a target."""
    return Choice("TargetKind", *KINDS, **keywords)


def number_fields() -> dict[str, Any]:
    """The members of a draft that its kind decides about."""
    told = {
        "amount": "The number to reduce or raise to, or the sum to save.",
        "base_release": (
            "The release that published the base: the base is then what it said, for ever. Else it is what"
            " the book counts."
        ),
        "ceiling": "Of keep-within: the most that is within.",
        "floor": "Of keep-within: the least that is within.",
        "percent": "The reduction aimed at, above 0 and at most 100, or the rise, at most 1,000.",
        "rank": "The place aimed at among areas of the same kind; 1 is the best.",
    }
    absent: dict[str, Any] = {"allow_none": True, "load_default": None}
    said = {name: {**absent, "metadata": {"description": text}} for name, text in told.items()}
    return {
        **{name: Number(**said[name]) for name in ("amount", "ceiling", "floor", "percent")},
        "base_period": PeriodField(**absent),
        "base_release": Uuid(**said["base_release"]),
        "rank": Integer(least=1, most=2**31 - 1, **said["rank"]),
    }


def measure_field() -> Text:
    """The measure of a draft."""
    told = f"{', '.join(POLICE_MEASURES)}, or a reported measure like savings-gbp."
    return Text(longest=60, load_default="offences", metadata={"description": told})


def milestones_length() -> validate.Length:
    """How many milestones there may be."""
    return validate.Length(min=0, max=MOST_MILESTONES)


def faults_of(said: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with a whole target, as TargetDraft loads it. Members that could not be loaded are not
    looked at."""
    if "kind" in said:
        yield from _of_its_kind(said)
    yield from _of_its_measure(said)
    yield from _of_its_numbers(said)
    yield from _of_its_base(said)
    if said.get("period") and said.get("milestones"):
        yield from _of_its_milestones(said)


def _of_its_kind(said: dict[str, Any]) -> Iterator[Fault]:
    name, kind = said["kind"], KINDS[said["kind"]]
    for member in kind.needs:
        if member in said and said[member] is None:
            yield member, f"A target of kind {name} needs {member}."
    for member in NUMBERS:
        if member not in kind.needs + kind.may and said.get(member) not in (None, []):
            yield member, f"A target of kind {name} takes no {member}."


def _of_its_measure(said: dict[str, Any]) -> Iterator[Fault]:
    if "measure" not in said:
        return
    measure, police = said["measure"], said["measure"] in POLICE_MEASURES
    if not _MEASURE.fullmatch(measure):
        yield (
            "measure",
            (
                f"A measure is {', '.join(POLICE_MEASURES)}, or lower-case words joined by single hyphens,"
                " like savings-gbp."
            ),
        )
    if said.get("kind") == "save" and police:
        yield "measure", "A target to save needs a reported measure, like savings-gbp."
    elif police and "category" in said and said["category"] is None:
        yield "category", f"{measure} needs a category."
    elif not police and said.get("category") is not None:
        yield "category", f"{measure} is reported, and takes no category."
    if said.get("source", "records") != "records" and (measure == "victims" or not police):
        yield "source", f"A return tells no {measure}."


def _of_its_numbers(said: dict[str, Any]) -> Iterator[Fault]:
    most = 1000 if said.get("kind") == "raise-by-percent" else 100
    if said.get("percent") is not None and not 0 < said["percent"] <= most:
        yield "percent", f"percent is the change aimed at: above 0 and at most {most:,}."
    for member in ("amount", "ceiling", "floor"):
        if said.get(member) is not None and not 0 <= said[member] < _LARGEST:
            yield member, f"{member} is nought or more, and under a thousand million million."
    if said.get("floor") is not None and said.get("ceiling") is not None and said["floor"] > said["ceiling"]:
        yield "floor", "floor is above ceiling: nothing can lie within."


def _of_its_base(said: dict[str, Any]) -> Iterator[Fault]:
    period, base = said.get("period"), said.get("base_period")
    if period and base and base.to_on >= period.from_on:
        yield "base_period", "The base period must end before the target's period begins."
    if said.get("base_release") and "base_period" in said and base is None:
        yield (
            "base_release",
            "base_release says where the base was published, so it needs the base_period that was.",
        )
    if said.get("base_release") and said.get("measure", "offences") not in ("offences", "victims"):
        yield "base_release", "A release publishes offences and victims only."


def _of_its_milestones(said: dict[str, Any]) -> Iterator[Fault]:
    period, whole = (
        said["period"],
        [(number, one) for number, one in enumerate(said["milestones"]) if {"amount", "on"} <= one.keys()],
    )
    days = [one["on"] for _, one in whole]
    for number, one in whole:
        if not period.from_on <= one["on"] <= period.to_on:
            yield "milestones", f"Milestone {number + 1}, on {one['on']}, lies outside {period.period}."
        if not 0 <= one["amount"] < _LARGEST:
            yield (
                "milestones",
                f"Milestone {number + 1}: amount is nought or more, and under a thousand million million.",
            )
    if len(set(days)) < len(days):
        yield "milestones", "Two milestones are on the same day."
