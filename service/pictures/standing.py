"""What has to be said of the values in a picture: their statuses, in words beside them and explained at the
foot."""

from collections import defaultdict
from collections.abc import Iterable

from service.pictures.framing import sentence
from service.pictures.shapes import Compared, Standing, Status

NOT_SURE = ("provisional", "estimated", "incomplete")
"""Statuses of a value that may yet be another: it is dashed and never filled."""


def words(figure: Standing) -> list[str]:
    """The names of the statuses of a figure and of what it is compared with: `provisional`, `2011/12
    incomplete`."""
    base = figure["compared"]
    own = [one["status"] for one in figure["status"]]
    if base is None:
        return list(dict.fromkeys(own))
    theirs = [f"{base['period']['period']} {one['status']}" for one in _beside_breaks(base)]
    crossed = ["break"] if base["breaks"] and "break" not in own else []
    return list(dict.fromkeys([*own, *crossed, *theirs]))


def _beside_breaks(base: Compared) -> list[Status]:
    """What has to be said of the value compared with; that a break lies between is said of the figure."""
    return [one for one in base["status"] if one["status"] != "break"]


def sure(figure: Standing) -> bool:
    """May the value, and that which it is compared with, be drawn as final?"""
    base = figure["compared"]
    statuses = [*figure["status"], *(base["status"] if base else [])]
    return not any(one["status"] in NOT_SURE for one in statuses)


def explained(figures: Iterable[tuple[str, Standing]]) -> list[str]:
    """Each thing to be known, once, with the names of those it concerns where it does not concern all."""
    concerned: dict[str, list[str]] = defaultdict(list)
    every = []
    for name, figure in figures:
        every.append(name)
        for reason in dict.fromkeys(_reasons(figure)):
            concerned[reason].append(name)
    return [
        sentence(reason if len(names) == len(every) else f"{reason}: {'; '.join(names)}")
        for reason, names in concerned.items()
    ]


def _reasons(figure: Standing) -> list[str]:
    base = figure["compared"]
    own = [f"{one['status']}, {one['why']}" for one in figure["status"]]
    if base is None:
        return own
    theirs = [f"{base['period']['period']} {one['status']}, {one['why']}" for one in _beside_breaks(base)]
    crossed = [
        f"break in the series between the two periods, {one['name']} ({one['from_on']})"
        for one in base["breaks"]
    ]
    return own + theirs + crossed
