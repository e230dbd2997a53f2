"""What has to be said of the values in a picture: their statuses, in words beside them and explained at the
foot."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from service.pictures.framing import sentence

NOT_SURE = ("provisional", "estimated", "incomplete")
"""Statuses of a value that may yet be another: it is dashed and never filled."""


def words(figure: dict[str, Any]) -> list[str]:
    """The names of the statuses of a figure and of what it is compared with: `provisional`, `2011/12
    incomplete`."""
    base = figure.get("compared") or {}
    own = [one["status"] for one in figure["status"]]
    theirs = [
        f"{base['period']['period']} {one['status']}"
        for one in base.get("status", [])
        if one["status"] != "break"
    ]
    crossed = ["break"] if base.get("breaks") and "break" not in own else []
    return list(dict.fromkeys([*own, *crossed, *theirs]))


def sure(figure: dict[str, Any]) -> bool:
    """May the value, and that which it is compared with, be drawn as final?"""
    told = [*figure["status"], *(figure.get("compared") or {}).get("status", [])]
    return not any(one["status"] in NOT_SURE for one in told)


def explained(figures: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """Each thing to be known, once, with the names of those it concerns where it does not concern all."""
    concerned: dict[str, list[str]] = defaultdict(list)
    every = []
    for name, figure in figures:
        every.append(name)
        for said in dict.fromkeys(_said(figure)):
            concerned[said].append(name)
    return [
        sentence(said if len(names) == len(every) else f"{said}: {'; '.join(names)}")
        for said, names in concerned.items()
    ]


def _said(figure: dict[str, Any]) -> list[str]:
    base = figure.get("compared") or {}
    told = [f"{one['status']}, {one['why']}" for one in figure["status"]]
    told += [
        f"{base['period']['period']} {one['status']}, {one['why']}"
        for one in base.get("status", [])
        if one["status"] != "break"
    ]
    return told + [
        f"break in the series between the two periods, {one['name']} ({one['from_on']})"
        for one in base.get("breaks", [])
    ]
