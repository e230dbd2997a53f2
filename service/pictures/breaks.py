"""Breaks in a series: an upright line on the day from which crime is counted otherwise, with its name."""

from typing import Any

import altair as alt

from service.pictures.framing import INK, rows, wrapped

_LETTERS, _LEVELS, _LINE = 26, 3, 10


def ruled(breaks: list[dict[str, Any]], x: Any) -> list[Any]:
    """Lines across the picture; names stand above it on levels of their own, so that neighbours do not touch."""
    if not breaks:
        return []
    found = [{"from": str(one["from_on"]), "name": " ".join(wrapped(one["name"], 60)), "level": number % _LEVELS}
             for number, one in enumerate(breaks)]  # fmt: skip
    drawn = alt.Chart(rows(found))
    line = drawn.mark_rule(color=INK, strokeWidth=1.2, strokeDash=[1, 2]).encode(x=x, description="name:N")
    levels = [
        drawn.transform_filter(f"datum.level == {level}")
        .mark_text(align="left", baseline="top", dx=3, fontSize=9, aria=False, fontStyle="italic")
        .encode(x=x, y=alt.value(level * _LINE), text="name:N")
        for level in sorted({one["level"] for one in found})
    ]
    return [line, *levels]
