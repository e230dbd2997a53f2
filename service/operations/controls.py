"""What an operation is held against: the days before it, and the areas where it did not run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.periods import Period, compared_with, spanning
from service.reference import areas, peer_groups
from service.store import Book
from service.web.problems import Problem


@dataclass(frozen=True)
class Force:
    """A force that areas of an operation lie in; `itself` where it is one of these areas."""

    code: str
    name: str
    itself: bool


@dataclass(frozen=True)
class Sides:
    """Areas by the part they play, and whether the control is the rest of a whole."""

    control: Sequence[areas.NamedArea | Force]
    rest: bool
    treated: list[str]
    peer_groups: tuple[str, ...] = ()

    def role(self, area: str) -> str:
        """treated, control or whole."""
        return "treated" if area in self.treated else "whole" if self.rest else "control"

    @property
    def called(self) -> str:
        """rest-of-force, peers or areas."""
        return "rest-of-force" if self.rest else "peers" if self.peer_groups else "areas"


def refused(parameter: str, detail: str) -> Problem:
    """400 for a parameter, with its name."""
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def periods_of(run: dict[str, Any], before: str, until: Any) -> tuple[Period, Period, Period]:
    """The days of the operation, those before, and those before that. Raises 400 where they cannot be told or
    overlap."""
    last = until or run["to_on"]
    if last is None:
        raise refused("until", f"{run['name']} has no last day: say until when to count.")
    if not run["from_on"] <= last <= (run["to_on"] or last):
        ended = f" and ended on {run['to_on']}" if run["to_on"] else ""
        raise refused("until", f"until lies outside {run['name']}, which began on {run['from_on']}{ended}.")
    period = spanning(run["from_on"], last)
    try:
        base = compared_with(period, before) or period
        earlier = base.last_year() if before == "last-year" else base.previous()
    except ValueError as fault:
        raise refused("before", str(fault)) from None
    if base.to_on >= period.from_on:
        raise refused(
            "before",
            f"{base.period} reaches into the operation, which began on {run['from_on']}: choose an earlier"
            " period.",
        )
    return period, base, earlier


def _peers(book: Book, run: dict[str, Any], forces: list[Force], group: str | None) -> Sides:
    """Where it ran beside the peers of the forces it ran in. Raises 400 where one has no peer group on its
    first day."""
    own = [force.code for force in forces]
    groups = [
        peer_groups.find_peer_group(book, force, run["from_on"], group, asked_by="control")
        for force in areas.find_areas(book, own)
    ]
    codes = sorted({peer for group in groups for peer in group.peers} - set(own))
    return Sides(
        areas.find_areas(book, codes), False, run["areas"], tuple(group.peer_group for group in groups)
    )


def sides_of(book: Book, run: dict[str, Any], asked: dict[str, Any]) -> Sides:
    """Where it ran and where it is compared with. Raises 400 where the two overlap or nothing is left to
    compare with."""
    if named := asked["control_area"]:
        control = areas.find_areas(book, list(dict.fromkeys(named)), "control_area")
        if nested := book.operations.operations.nested(
            areas=[*run["areas"], *(area.code for area in control)]
        ):
            raise refused(
                "control_area",
                " ".join(f"{one['area']} lies in {one['ancestor']}." for one in nested)
                + " What is compared may not overlap.",
            )
        if same := sorted({area.code for area in control} & set(run["areas"])):
            raise refused(
                "control_area", f"{run['name']} ran in {', '.join(same)}: compare with other areas."
            )
        return Sides(control, False, run["areas"])
    forces = book.operations.operations.forces_of.all(Force, areas=run["areas"])
    if forces and asked["control"] == "peers":
        return _peers(book, run, forces, asked["peer_group"])
    if whole := [force.name for force in forces if force.itself]:
        raise refused(
            "control",
            f"{run['name']} ran in the whole of {', '.join(whole)}, so nothing of it is left: "
            "name areas with control_area, or control=peers.",
        )
    if not forces:
        raise refused("control", f"The areas of {run['name']} lie in no force: name areas with control_area.")
    return Sides(forces, True, run["areas"])
