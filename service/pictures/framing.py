"""What all pictures have in common: greys that print, a heading that says what, where, when and from what,
and notes of what to know.

Nothing is told by shade alone: what is not sure is outlined or dashed and says so in words. Text is #1a1a1a
or #595959 on white (contrast 17 and 7 to 1); lines and fills that mean something are at least 3 to 1 (WCAG
2.2, 1.4.3 and 1.4.11).
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import altair as alt

from service.pictures.shapes import Period, Spec

WIDTH = 640  # pixels of CSS: 17 cm, the width of text on A4
INK, QUIET, FILL, FAINT = "#1a1a1a", "#595959", "#8c8c8c", "#e0e0e0"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_OF_HEADING, _OF_SUBTITLE, _OF_NOTE = 84, 112, 130
"""Letters in a line of each."""
_CONFIG = {
    "font": FONT,
    "background": "white",
    "padding": 8,
    "view": {"stroke": None},
    "concat": {"spacing": 6},
    "axisX": {"labelFlush": False},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 10,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
        "gridColor": FAINT,
        "domainColor": QUIET,
        "tickColor": QUIET,
    },
    "legend": {
        "labelColor": INK,
        "labelFontSize": 10,
        "titleColor": INK,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
    },
    "text": {"color": INK, "fontSize": 10},
    "title": {
        "color": INK,
        "fontSize": 14,
        "subtitleColor": QUIET,
        "subtitleFontSize": 11,
        "subtitlePadding": 4,
        "offset": 10,
    },
}


@dataclass(frozen=True)
class Frame:
    """What stands about a picture. `left` is how far labels reach to the left of an axis; with `finding` the
    alternative text begins.

    `reading` says how to read what is drawn, `notes` what has to be known of it: the alternative text has the
    notes alone.
    """

    heading: str
    finding: str
    area: str
    period: str
    source: str
    change: int
    at: str | None
    reading: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: int = 0

    def subtitle(self) -> str:
        """`2012/13 compared with 2011/12 · source: records · as of change 10 (25 November 2026)`."""
        known = f" ({day(self.at[:10])})" if self.at else ""
        return f"{self.period} · source: {self.source} · as of change {self.change:,}{known}"

    def alternative(self) -> str:
        """The picture in a plain sentence or two, for who cannot see it."""
        said = [self.finding, f"{self.area}, {self.subtitle().replace(' · ', ', ')}", *self.notes]
        return " ".join(f"{one.rstrip('.')}." for one in said)


def framed(pictures: Sequence[alt.Chart], frame: Frame) -> Spec:
    """The whole spec, held against the schema of Vega-Lite: pictures below one another under their heading,
    notes at the foot."""
    notes = [line for note in [*frame.reading, *frame.notes] for line in textwrap.wrap(note, _OF_NOTE)]
    parts = [*pictures, _foot(notes, frame.left)] if notes else pictures
    title = alt.Title(
        textwrap.wrap(frame.heading, _OF_HEADING),
        subtitle=textwrap.wrap(frame.subtitle(), _OF_SUBTITLE),
        anchor="start",
    )
    about = {
        "title": f"{frame.heading}, {frame.period}",
        "area": frame.area,
        "period": frame.period,
        "source": frame.source,
        "change": frame.change,
    }
    whole = alt.vconcat(
        *parts, title=title, description=frame.alternative(), usermeta={"crimebook": about}, config=_CONFIG
    )
    own = dict.fromkeys(("fill", "shape", "size", "stroke"), "independent")
    spec: Spec = whole.resolve_scale(**own).resolve_legend(**own).to_dict()
    return spec


def _foot(lines: list[str], left: int) -> alt.Chart:
    height = 13 * len(lines)
    told = alt.Chart(rows([{"notes": lines}])).mark_text(
        align="left", baseline="top", fontSize=10, lineHeight=13, color=QUIET, aria=False
    )
    return told.encode(x=alt.value(-left), y=alt.value(6), text="notes:N").properties(
        width=WIDTH - left, height=height + 6
    )


def rows(found: Sequence[Mapping[str, object]]) -> alt.InlineData:
    """Data inside the spec, so that the picture can be drawn again from it alone."""
    return alt.Data(values=found)


def wrapped(text: str, letters: int) -> list[str]:
    """A label in lines of so many letters, broken between words."""
    return textwrap.wrap(text, letters) or [""]


def apart(values: list[float], highest: float, lowest: float, height: int, least: int = 12) -> list[float]:
    """By how many pixels each label must move, down being more, so that no two at these values are nearer
    than the least."""
    a_pixel = (highest - lowest) / height or 1
    places = [(highest - value) / a_pixel for value in values]
    moved, order = list(places), sorted(range(len(values)), key=lambda number: places[number])
    for _ in range(40):  # neighbours give way by half each until none are too near
        for above, below in pairwise(order):
            push = max(0.0, least - (moved[below] - moved[above])) / 2
            moved[above], moved[below] = moved[above] - push, moved[below] + push
    return [round(now - place, 1) for now, place in zip(moved, places, strict=True)]


def day(iso: str) -> str:
    """`25 November 2026`."""
    found = date.fromisoformat(iso)
    return f"{found.day} {found:%B %Y}"


def span_in_words(period: Period) -> str:
    """A period as it was named; days as days."""
    named: str = period["period"]
    if ".." in named:
        return f"{day(period['from'])} to {day(period['to'])}"
    return (
        {"12m": "twelve months to {}", "ytd": "year to {}"}[named[:3]].format(day(period["to"]))
        if ":" in named
        else named
    )


def listed(names: Iterable[str]) -> str:
    """`Kent, Essex and Surrey`, each once."""
    once = list(dict.fromkeys(names))
    return " and ".join([", ".join(once[:-1]), once[-1]] if len(once) > 1 else once)


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
