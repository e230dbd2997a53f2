"""What has moved since a figure was published, in one plain sentence."""

from collections.abc import Sequence

from service.releases.parts import Part

ONE_WAY = (
    "recorded_late",
    "transferred_in",
    "cancelled",
    "transferred",
    "reinstated",
    "reclassified_in",
    "reclassified_out",
)
"""Parts of a revision that can only add, or only take away."""


def word_revision(subject: str, then: int | None, now: int | None, parts: Sequence[Part]) -> str:
    """`Residential burglary: 3,182 when released, 3,179 now: 2 recorded late, 4 cancelled, 1 reclassified
    out`."""
    before, after = (f"{count:,}" if count is not None else "not counted" for count in (then, now))
    if before == after and not parts:
        return f"{subject}: {before} when released, and now"
    return f"{subject}: {before} when released, {after} now: {', '.join(map(_word_part, parts))}"


def _word_part(part: Part) -> str:
    """What can only go one way is a plain number; what goes both ways has its sign."""
    name, difference = part.part.replace("_", " "), part.difference
    if part.part == "superseded_edition":
        return f"edition {part.edition_then} superseded by {part.edition_now}"
    if difference is None:
        return name
    return f"{abs(difference):,} {name}" if part.part in ONE_WAY else f"{difference:+,} {name}"
