"""Figures as they are, as bars from nought, each with a mark where the figure stood that it is compared
with."""

import altair as alt

from service.pictures import bars, standing
from service.pictures.framing import INK
from service.pictures.shapes import Figure, Row

_FROM, _TO_COLUMNS = 208, {True: 500, False: 570}
"""Pixels between which bars lie, with a column of what is compared with and without."""
COMPARED = "The upright mark is the value of {}."
WITHHELD = "No value: {} ({})."


def row(number: int, label: str, figure: Figure) -> Row:
    """What is drawn of one figure: its own numbers, as JSON has them."""
    compared = figure["compared"]
    base = compared["value"] if compared and compared["period"]["complete"] else None
    return {
        "row": number,
        "label": bars.labelled(label, standing.words(figure)),
        "value": figure["value"],
        "base": base,
        "sure": standing.sure(figure),
        "says": figure["wording"],
    }


def reading(figures: list[Figure], base: str | None) -> list[str]:
    """What the mark is."""
    marked = any(figure["compared"] and figure["compared"]["value"] is not None for figure in figures)
    return [COMPARED.format(base)] if marked and base else []


def notes(figures: list[tuple[str, Figure]]) -> list[str]:
    """Why there is no value."""
    return [WITHHELD.format(figure["withheld"], name) for name, figure in figures if figure["withheld"]]


def drawn(found: list[Row], headings: tuple[str, str], numbers: str) -> alt.LayerChart:
    """Bars of values; columns for the value compared with, where there is one, and the value."""
    compared = any(one["base"] is not None for one in found)
    columns = [bars.Column("base_text", 572, headings[0]), bars.Column("value_text", 636, headings[1])][
        0 if compared else 1 :
    ]
    told = {
        f"{name}_text": f"datum.{name} == null ? '–' : format(datum.{name}, '{numbers}')"
        for name in ("base", "value")
    }
    nothing = {} if any(one["value"] or one["base"] for one in found) else {"domain": [0, 1]}
    x = {"scale": alt.Scale(range=[_FROM, _TO_COLUMNS[compared]], zero=True, **nothing), "title": None}
    bar = bars.bars(
        alt.X("value:Q", axis=alt.Axis(tickCount=5, domain=False, labelExpr="format(datum.value, ',')"), **x),
        "true",
    )
    earlier = (
        alt.Chart()
        .transform_filter("isValid(datum.base)")
        .mark_tick(color=INK, thickness=2.5, size=20, aria=False)
    )
    layers = [bar, bars.nought(), *([earlier.encode(y=bars.Y, x=alt.X("base:Q", **x))] if compared else [])]
    return bars.table(found, layers, columns).transform_calculate(**told)
