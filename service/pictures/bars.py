"""Bars in a table: a row for each figure, its label on the left, its bar in the middle, its numbers in
columns on the right."""

from dataclasses import dataclass
from typing import cast

import altair as alt

from service.pictures.framing import FILL, INK, QUIET, WIDTH, rows, wrapped
from service.pictures.shapes import Row

LETTERS = 34
LINE = 12  # pixels from one line of a label to the next

TEXT = {"fontSize": 10, "baseline": "middle", "aria": False}
Y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))


@dataclass(frozen=True)
class Column:
    """Text in a column: the field it is read from, at which pixel, under which heading."""

    field: str
    at: int
    heading: str
    align: str = "right"


def labelled(name: str, standing: list[str]) -> list[str]:
    """A label with what has to be said of its value below it."""
    return (
        [*wrapped(name, LETTERS), *wrapped(f"({', '.join(standing)})", LETTERS + 4)]
        if standing
        else wrapped(name, LETTERS)
    )


def table(found: list[Row], layers: list[alt.Chart], columns: list[Column]) -> alt.LayerChart:
    """Layers of bars with their labels and columns, each row as high as the longest label needs."""
    step = max(22, LINE * max(len(cast("list[str]", one["label"])) for one in found) + 7)
    middle = alt.ExprRef(
        f"-{LINE / 2} * (length(datum.label) - 1)"
    )  # the lines of a label stand about the middle of its row
    label = (
        alt.Chart()
        .mark_text(align="left", lineHeight=LINE, dy=middle, **TEXT)
        .encode(x=alt.value(0), y=Y, text="label:N")
    )
    told = [layer for column in columns for layer in _column(column, bold=column.field == columns[-1].field)]
    return alt.layer(*layers, label, *told, data=rows(found)).properties(
        width=WIDTH, height=step * len(found)
    )


def _column(column: Column, *, bold: bool) -> list[alt.Chart]:
    text = {**TEXT, "align": column.align, "lineHeight": LINE}
    cells = alt.Chart().mark_text(fontWeight="bold" if bold else "normal", **text)
    heading = alt.Chart(rows([{"heading": column.heading.split("\n")}])).mark_text(
        color=QUIET, **{**text, "baseline": "bottom"}
    )
    return [
        cells.encode(x=alt.value(column.at), y=Y, text=f"{column.field}:N"),
        heading.encode(
            x=alt.value(column.at), y=alt.value(-6 - LINE * column.heading.count("\n")), text="heading:N"
        ),
    ]


def bars(x: alt.X, filled: str) -> alt.Chart:
    """Bars from nought. Those of which `filled`, an expression, holds are grey; others are white in an
    outline, dashed where not sure."""
    encoded = {
        "x": x,
        "y": Y,
        "description": "says:N",
        "fill": alt.when(f"datum.sure && {filled}").then(alt.value(FILL)).otherwise(alt.value("white")),
        "strokeDash": alt.when("datum.sure").then(alt.value([1, 0])).otherwise(alt.value([3, 2])),
    }
    return alt.Chart().mark_bar(height=12, stroke=INK, strokeWidth=0.8).encode(**encoded)


def nought() -> alt.Chart:
    """The line on which every bar stands."""
    return alt.Chart(rows([{"nought": 0}])).mark_rule(color=INK, aria=False).encode(x="nought:Q")
