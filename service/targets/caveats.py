"""Caveats: what bears on a target's figure and must be said beside it.

Each kind of caveat is one function in CAVEATS; a new one is added there and nowhere else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from marshmallow import fields

from service.figures.wording import WITHIN_CHANCE
from service.store import Book
from service.targets.actuals import Actual, is_counted
from service.targets.target import Target
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


@dataclass(frozen=True)
class Caveat:
    """What bears on a figure: its kind, a sentence, and where it is from."""

    caveat: str
    says: str
    source: str | None = None


class CaveatSchema(Output):
    """What bears on a figure."""

    caveat = Choice("CaveatKind", *WORDS)
    says = fields.String()
    source = fields.String(
        allow_none=True,
        metadata={"description": "Where it is from: a document, or an address of this service."},
    )


@dataclass(frozen=True)
class Standing:
    """A target with the figures that its progress is worked out from."""

    target: Target
    actual: Actual
    base: Actual | None
    counted_base: Actual | None
    """The base as the book counts it now, also where the target's own is frozen."""


def list_caveats(book: Book, standing: Standing) -> list[Caveat]:
    """All that bears on it, the recording of crime first."""
    return [caveat for find in CAVEATS for caveat in find(book, standing)]


def _recording(_: Book, standing: Standing) -> Iterator[Caveat]:
    target = standing.target
    if not is_counted(target) and target.category is None:
        yield Caveat(
            "reported",
            f"{target.measure} is reported by those who are held to the target; no record is behind it.",
        )
        return
    yield Caveat(
        "recording",
        "Recorded crime is what was reported to the police and recorded by them. A target for it can be"
        " met by recording less, and missed by recording better.",
        "House of Commons Public Administration Committee, Caught red-handed (HC 760, 2014)",
    )


def _ranking(_: Book, standing: Standing) -> Iterator[Caveat]:
    for sentence in standing.actual.cautions:
        yield Caveat("ranking", sentence, standing.actual.evidence)


def _incomplete(_: Book, standing: Standing) -> Iterator[Caveat]:
    missing = (
        "Not every place can be ranked for" if standing.target.kind == "rank" else "Not everything is held of"
    )
    for called, actual in (("", standing.actual), ("base ", standing.base)):
        if actual and actual.value is not None and not actual.period.complete:
            yield Caveat(
                "incomplete", f"{missing} the {called}period {actual.period.period}.", actual.evidence
            )


def _base(_: Book, standing: Standing) -> Iterator[Caveat]:
    base, now = standing.base, standing.counted_base
    if base is None or now is None:
        return
    if base is now:
        yield Caveat(
            "live_base",
            "The base is what the book counts now: it moves when records of its period are corrected, and the"
            " aim with it.",
            base.evidence,
        )
    elif now.value != base.value:
        yield Caveat(
            "revised_base",
            f"The base was published as {base.value:,}; the book counts {now.value:,} for the same days now.",
            f"/v1/releases/{base.release_id}/revisions",
        )


def _within_chance(_: Book, standing: Standing) -> Iterator[Caveat]:
    compared = standing.actual.compared
    if compared and compared.change == "within_chance":
        yield Caveat(
            "within_chance",
            f"The difference from {compared.period.period} is {WITHIN_CHANCE}"
            f" (exact test, p = {compared.p}).",
            standing.actual.evidence,
        )


def _breaks(_: Book, standing: Standing) -> Iterator[Caveat]:
    compared = standing.actual.compared
    for crossed in compared.breaks if compared else ():
        yield Caveat(
            "break",
            f"{crossed.name}, from {crossed.from_on}: {crossed.note}",
            f"/v1/breaks/{crossed.series_break}",
        )


class Rival(TypedDict):
    """A target for the same figure as another."""

    target_id: UUID
    owner: str
    name: str


def _other_targets(book: Book, standing: Standing) -> Iterator[Caveat]:
    rivals = book.targets.caveats.aiming_alike.all(Rival, target_id=standing.target.target_id)
    for rival in rivals:
        yield Caveat(
            "other_targets",
            f"{rival['owner']} has a target for the same figure: {rival['name']}.",
            f"/v1/targets/{rival['target_id']}",
        )


CAVEATS: tuple[Callable[[Book, Standing], Iterator[Caveat]], ...] = (
    _recording,
    _ranking,
    _incomplete,
    _base,
    _within_chance,
    _breaks,
    _other_targets,
)
"""In the order in which they are listed."""
