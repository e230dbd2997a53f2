"""The bar of change: by how many per cent each figure moved, with the interval that tells whether that is
more than chance."""

from collections import defaultdict

import altair as alt

from service.pictures import bars, standing
from service.pictures.framing import INK
from service.pictures.shapes import Compared, Figure, Row

JUDGED = {"rise": "rise", "fall": "fall", "within_chance": "within chance"}
_SPACE = [208, 392]  # pixels between which bars and intervals lie
_X = {"scale": alt.Scale(range=_SPACE, nice=True), "title": None}
_AXIS = alt.Axis(
    tickCount=5, labelExpr="(datum.value == 0 ? '0' : format(datum.value, '+,')) + '%'", domain=False
)
NOTES = {
    "how": (
        "Grey: the change is more than chance alone would give, by a two-sided exact test at 5 per cent;"
        " white: within chance. Lines are 95 per cent intervals of the rate ratio less one."
    ),
    "dispersion": "Tests and intervals allow for the months before having varied more than by chance.",
    "some": (
        "Where enough months before are held, tests and intervals allow for their having varied more than by"
        " chance."
    ),
    "untested": "White, for no test of chance is made of this measure.",
    "withheld": "No percentage: {}",
}


def is_of_change(figures: list[Figure]) -> bool:
    """Is there a percentage to be drawn? Shares and figures that are not compared are drawn as they are."""
    return any(figure["compared"] and figure["compared"]["percent"] is not None for figure in figures)


def _comparison(figure: Figure) -> Compared:
    """What a figure is compared with: where one of a summary is, all are."""
    assert figure["compared"] is not None
    return figure["compared"]


def row(number: int, label: str, figure: Figure) -> Row:
    """What is drawn of one figure: its own numbers, as JSON has them."""
    compared = _comparison(figure)
    drawn = compared["percent"] is not None
    low, high = _interval(compared) if drawn else (None, None)
    return {
        "row": number,
        "label": bars.labelled(label, standing.words(figure)),
        "value": figure["value"],
        "base": compared["value"],
        "percent": compared["percent"],
        "low": low,
        "high": high,
        "change": compared["change"],
        "judged": _judged(compared),
        "sure": standing.sure(figure),
        "says": figure["wording"],
    }


def _judged(compared: Compared) -> str:
    """What is said of the change; of scores and the like no test of chance is made."""
    return JUDGED.get(compared["change"] or "") or (
        "not compared" if compared["difference"] is None else "not tested"
    )


def _interval(compared: Compared) -> tuple[float | None, float | None]:
    """That which decided: with over-dispersion where it is known."""
    low, high = (compared["dispersion"] or compared)["interval_95"] or (None, None)
    return low, high


def reading(figures: list[Figure]) -> list[str]:
    """How to read it: what was tested, and with what allowed for."""
    tested = [compared for compared in map(_comparison, figures) if compared["change"]]
    allowed = [bool(compared["dispersion"]) for compared in tested]
    return [
        " ".join(
            [
                *([NOTES["how"]] if tested else [NOTES["untested"]]),
                *([NOTES["dispersion" if all(allowed) else "some"]] if any(allowed) else []),
            ]
        )
    ]


def notes(figures: list[tuple[str, Figure]]) -> list[str]:
    """Why there is no percentage; where something is incomplete, that is said of the value itself."""
    withheld: dict[str, list[str]] = defaultdict(list)
    for name, figure in figures:
        compared = _comparison(figure)
        if compared["percent_withheld"] and figure["period"]["complete"] and compared["period"]["complete"]:
            withheld[compared["percent_withheld"]].append(name)
    return [NOTES["withheld"].format(f"{why} ({'; '.join(names)}).") for why, names in withheld.items()]


def drawn(found: list[Row], headings: tuple[str, str], numbers: str) -> alt.LayerChart:
    """Bars of change with whiskers. `headings` are those of the two columns of values, `numbers` the d3
    format of what is in them."""
    columns = [
        bars.Column("base_text", 452, headings[0]),
        bars.Column("value_text", 510, headings[1]),
        bars.Column("judged", 572, "", "left"),
        bars.Column("percent_text", 564, "change"),
    ]
    told = {
        "base_text": f"datum.base == null ? '–' : format(datum.base, '{numbers}')",
        "value_text": f"datum.value == null ? '–' : format(datum.value, '{numbers}')",
        "percent_text": "datum.percent == null ? '–' : format(datum.percent, '+.1f') + '%'",
        "from_percent": "datum.low == null ? null : 100 * (datum.low - 1)",
        "to_percent": "datum.high == null ? null : 100 * (datum.high - 1)",
    }
    bar = bars.bars(
        alt.X("percent:Q", axis=_AXIS, **_X), "isValid(datum.change) && datum.change != 'within_chance'"
    )
    ends = {"y": bars.Y, "x": alt.X("from_percent:Q", **_X), "x2": "to_percent:Q"}
    known = alt.Chart().transform_filter("isValid(datum.low) && isValid(datum.high)")
    rule = known.mark_rule(color=INK, strokeWidth=1.4, aria=False).encode(**ends)
    ticks = [
        known.mark_tick(color=INK, thickness=1.4, size=8, aria=False).encode(
            y=bars.Y, x=alt.X(f"{end}:Q", **_X)
        )
        for end in ("from_percent", "to_percent")
    ]
    return bars.table(found, [bar, bars.nought(), rule, *ticks], columns).transform_calculate(**told)
