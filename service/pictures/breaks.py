"""Breaks in a series: an upright line on the day from which crime is counted otherwise, with its name."""

from datetime import date

import altair as alt

from service.pictures.framing import INK, rows
from service.pictures.shapes import Break, PlacedBreak

LINE = 11
_LETTER = 4.6  # pixels that a letter of a name takes


def placed(breaks: list[Break], first: str, last: str, width: int) -> list[PlacedBreak]:
    """The breaks within these days, each with the level on which its name stands, so that no name runs into
    the next."""
    a_day = width / max(1, (date.fromisoformat(last) - date.fromisoformat(first)).days)
    ends: list[float] = []
    found: list[PlacedBreak] = []
    for one in breaks:
        begins = (date.fromisoformat(one["from_on"]) - date.fromisoformat(first)).days * a_day
        level = next((level for level, end in enumerate(ends) if end < begins), len(ends))
        ends[level : level + 1] = [begins + _LETTER * (len(one["name"]) + 2)]
        found.append({"from": one["from_on"], "name": one["name"], "level": level})
    return found


def ruled(found: list[PlacedBreak], x: alt.X) -> list[alt.Chart]:
    """Lines across the picture, with their names above it."""
    if not found:
        return []
    drawn = alt.Chart(rows(found))
    line = drawn.mark_rule(color=INK, strokeWidth=1.2, strokeDash=[1, 2]).encode(x=x, description="name:N")
    above = alt.ExprRef(f"-{LINE} * datum.level")
    name = drawn.mark_text(
        align="left", baseline="bottom", dx=-2, dy=above, fontSize=9, fontStyle="italic", aria=False
    )
    return [line, name.encode(x=x, y=alt.value(-3), text="name:N")]


def height(found: list[PlacedBreak]) -> int:
    """How many pixels the names take above the picture."""
    return LINE * (1 + max(one["level"] for one in found)) if found else 0
