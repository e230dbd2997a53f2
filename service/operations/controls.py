"""What an operation is compared with: the days before it, and the areas where it did not run."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from service.operations.operations import Operation, word_overlap
from service.periods import Period, compared_with, spanning
from service.reference import areas, peer_groups
from service.reference.areas import NamedArea
from service.store import Book
from service.web.problems import Problem


class ControlParameters(TypedDict):
    """Which areas to compare with, by the names of EffectQuery."""

    control: str | None
    control_area: list[str] | None
    peer_group: str | None


@dataclass(frozen=True)
class Control:
    """The areas that an operation is compared with: `rest-of-force`, which are wholes of which it ran in a
    part, `peers` of the forces it ran in, or `areas` that were named."""

    areas: Sequence[NamedArea]
    control: str
    peer_groups: Sequence[str] = ()

    @property
    def is_rest(self) -> bool:
        """Is it the rest of a whole?"""
        return self.control == "rest-of-force"


@dataclass(frozen=True)
class Force(NamedArea):
    """A force that areas of an operation lie in; `itself` where it is one of these areas."""

    itself: bool


def refuse(parameter: str, detail: str) -> Problem:
    """400 for a parameter, with its name."""
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def find_periods(run: Operation, before: str, until: dt.date | None) -> tuple[Period, Period, Period]:
    """The days of the operation, those before, and those before that. Raises 400 where they cannot be told or
    overlap."""
    last = until or run.to_on
    if last is None:
        raise refuse("until", f"{run.name} has no last day: say until when to count.")
    if not run.from_on <= last <= (run.to_on or last):
        ended = f" and ended on {run.to_on}" if run.to_on else ""
        raise refuse("until", f"until lies outside {run.name}, which began on {run.from_on}{ended}.")
    period = spanning(run.from_on, last)
    try:
        base = compared_with(period, before) or period
        earlier = base.last_year() if before == "last-year" else base.previous()
    except ValueError as fault:
        raise refuse("before", str(fault)) from None
    if base.to_on >= period.from_on:
        raise refuse(
            "before",
            f"{base.period} reaches into the operation, which began on {run.from_on}: choose an earlier"
            " period.",
        )
    return period, base, earlier


def find_control(book: Book, run: Operation, parameters: ControlParameters) -> Control:
    """The areas that it is compared with. Raises 400 where these overlap with those where it ran, or none are
    left."""
    if names := parameters["control_area"]:
        return _find_named(book, run, names)
    forces = book.operations.operations.forces_of.all(Force, areas=run.areas)
    if forces and parameters["control"] == "peers":
        return _find_peers(book, run, forces, parameters["peer_group"])
    if whole := [force.name for force in forces if force.itself]:
        raise refuse(
            "control",
            f"{run.name} ran in the whole of {', '.join(whole)}, so nothing of it is left: "
            "name areas with control_area, or control=peers.",
        )
    if not forces:
        raise refuse("control", f"The areas of {run.name} lie in no force: name areas with control_area.")
    return Control(forces, "rest-of-force")


def _find_named(book: Book, run: Operation, names: list[str]) -> Control:
    named = areas.find_areas(book, list(dict.fromkeys(names)), "control_area")
    if overlap := word_overlap(book, [*run.areas, *(area.code for area in named)]):
        raise refuse("control_area", f"{overlap} What is compared may not overlap.")
    if same := sorted({area.code for area in named} & set(run.areas)):
        raise refuse("control_area", f"{run.name} ran in {', '.join(same)}: compare with other areas.")
    return Control(named, "areas")


def _find_peers(book: Book, run: Operation, forces: list[Force], name: str | None) -> Control:
    """The peers of the forces it ran in. Raises 400 where one has no peer group on its first day."""
    own = [force.code for force in forces]
    groups = [
        peer_groups.find_peer_group(book, force, run.from_on, name, asked_by="control")
        for force in areas.find_areas(book, own)
    ]
    codes = sorted({peer for group in groups for peer in group.peers} - set(own))
    return Control(areas.find_areas(book, codes), "peers", [group.peer_group for group in groups])
