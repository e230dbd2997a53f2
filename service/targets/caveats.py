"""Caveats: what bears on a target's figure and must be said beside it.

Each caveat is one function of `Stood` in CAUTIONS; a new one is added there and nowhere else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from service.figures.wording import WITHIN_CHANCE
from service.store import Book
from service.targets.actuals import is_counted
from service.web.fields import Choice, Output

WORDS = (
    "recording",
    "reported",
    "ranking",
    "incomplete",
    "live_base",
    "revised_base",
    "within_chance",
    "break",
    "other_targets",
)


class Caveat(Output):
    """What bears on a figure."""

    caveat = Choice("CaveatKind", *WORDS)
    says = fields.String()
    source = fields.String(
        allow_none=True,
        metadata={"description": "Where it is from: a document, or an address of this service."},
    )


@dataclass(frozen=True)
class Stood:
    """A target with the figures that its progress was worked out from."""

    target: dict[str, Any]
    actual: dict[str, Any]
    base: dict[str, Any] | None
    counted_base: dict[str, Any] | None
    """The base as the book counts it now, also where the target's own is frozen."""


def caveats(book: Book, stood: Stood) -> list[dict[str, Any]]:
    """All that bears on it, the recording of crime first."""
    return [{"source": None, **said} for caution in CAUTIONS for said in caution(book, stood)]


def _recording(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    if not is_counted(stood.target) and stood.target["category"] is None:
        yield {
            "caveat": "reported",
            "says": (
                f"{stood.target['measure']} is reported by those who are held to the target; no record is"
                " behind it."
            ),
        }
        return
    yield {
        "caveat": "recording",
        "says": (
            "Recorded crime is what was reported to the police and recorded by them. A target for it can be"
            " met by recording less, and missed by recording better."
        ),
        "source": "House of Commons Public Administration Committee, Caught red-handed (HC 760, 2014)",
    }


def _ranking(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    for says in stood.actual["cautions"]:
        yield {"caveat": "ranking", "says": says, "source": stood.actual["evidence"]}


def _incomplete(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    missing = (
        "Not every place can be ranked for" if stood.target["kind"] == "rank" else "Not everything is held of"
    )
    for called, figure in (("", stood.actual), ("base ", stood.base)):
        if figure and figure["value"] is not None and not figure["period"]["complete"]:
            yield {
                "caveat": "incomplete",
                "says": f"{missing} the {called}period {figure['period']['period']}.",
                "source": figure["evidence"],
            }


def _base(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    base, now = stood.base, stood.counted_base
    if base is None or now is None:
        return
    if base is now:
        says = (
            "The base is what the book counts now: it moves when records of its period are corrected, and the"
            " aim with it."
        )
        yield {"caveat": "live_base", "says": says, "source": base["evidence"]}
    elif now["value"] != base["value"]:
        says = (
            f"The base was published as {base['value']:,}; the book counts {now['value']:,} for the same days"
            " now."
        )
        yield {
            "caveat": "revised_base",
            "says": says,
            "source": f"/v1/releases/{stood.target['base_release']}/revisions",
        }


def _within_chance(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    compared = stood.actual["compared"]
    if compared and compared["change"] == "within_chance":
        says = (
            f"The difference from {compared['period']['period']} is {WITHIN_CHANCE}"
            f" (exact test, p = {compared['p']})."
        )
        yield {"caveat": "within_chance", "says": says, "source": stood.actual["evidence"]}


def _breaks(_: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    for one in (stood.actual["compared"] or {}).get("breaks", []):
        yield {
            "caveat": "break",
            "says": f"{one['name']}, from {one['from_on']}: {one['note']}",
            "source": f"/v1/breaks/{one['series_break']}",
        }


def _other_targets(book: Book, stood: Stood) -> Iterator[dict[str, Any]]:
    for other in book.targets.caveats.aiming_alike(target_id=stood.target["target_id"]):
        yield {
            "caveat": "other_targets",
            "says": f"{other['owner']} has a target for the same figure: {other['name']}.",
            "source": f"/v1/targets/{other['target_id']}",
        }


CAUTIONS: tuple[Callable[[Book, Stood], Iterator[dict[str, Any]]], ...] = (
    _recording,
    _ranking,
    _incomplete,
    _base,
    _within_chance,
    _breaks,
    _other_targets,
)
"""In the order in which they are told."""
