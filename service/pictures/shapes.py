"""The answers that pictures are drawn of, as their schemas dump them, and what crosses to the process that
draws."""

from typing import NotRequired, TypedDict

Spec = dict[str, object]
"""A picture, or part of one, as Vega-Lite reads it."""

Row = dict[str, object]
"""What is drawn of one thing, by the names that the marks read."""

Period = TypedDict("Period", {"period": str, "from": str, "to": str, "complete": NotRequired[bool]})
"""A span of days; instants and days are text in JSON."""


class Named(TypedDict):
    """An area or a category."""

    code: str
    name: str


class Reflected(TypedDict):
    """The change that an answer reflects, and its instant."""

    at: str | None
    change: int


class Status(TypedDict):
    """What has to be known of a value, and why."""

    status: str
    why: str


class Dispersion(TypedDict):
    """The interval that allows for over-dispersion."""

    interval_95: list[float | None]


class Break(TypedDict):
    """A day from which crime is counted otherwise."""

    from_on: str
    name: str
    series_break: str


class Compared(TypedDict):
    """What a figure says against another period's."""

    breaks: list[Break]
    change: str | None
    difference: float | None
    dispersion: Dispersion | None
    interval_95: list[float] | None
    percent: float | None
    percent_withheld: str | None
    period: Period
    status: list[Status]
    value: float | None


class Standing(TypedDict):
    """What has to be said of a value, and of that which it is compared with."""

    compared: Compared | None
    status: list[Status]


class Figure(TypedDict):
    """A figure of a summary."""

    area: Named
    category: Named | None
    code: str | None
    compared: Compared | None
    month: str | None
    period: Period
    status: list[Status]
    value: float | None
    withheld: str | None
    wording: str


class Summary(TypedDict):
    """Figures, and the change they reflect."""

    as_of: Reflected
    figures: list[Figure]


class Question(TypedDict):
    """What a summary answers, as far as a picture says it."""

    base: Period | None
    by: list[str]
    decimals: int
    name: str
    period: Period
    source: str


class Signal(TypedDict):
    """A rule that a point breaks."""

    rule: str
    rule_from: str
    says: str


class Point(TypedDict):
    """A point of a series with its limits."""

    centre: float | None
    lower: float | None
    period: Period
    signals: list[Signal]
    status: list[Status]
    upper: float | None
    value: float | None


class Limits(TypedDict):
    """The limits of a series, and how they were chosen; a limit that each point has of its own is null."""

    centre: float | None
    chart: str | None
    chosen_because: str
    lower: float | None
    upper: float | None


class Series(TypedDict):
    """Points through time."""

    area: Named
    caution: str | None
    category: Named
    chart: Limits
    every: str
    measure: str
    points: list[Point]
    source: str
    wording: str


class SeriesAnswer(TypedDict):
    """Series, and the change they reflect."""

    as_of: Reflected
    series: list[Series]


class Place(TypedDict):
    """A place of a ranking."""

    against_average: str | None
    area: Named
    category: Named
    compared: Compared | None
    interval_95: list[float]
    period: Period
    rank: int | None
    rank_range: list[int]
    value: float | None
    wording: str


class Average(TypedDict):
    """What each place is held against."""

    rule: str
    value: float | None


class Coverage(TypedDict):
    """How many places there are."""

    kind: str


class LeftOut(TypedDict):
    """A place that is not ranked."""

    area: Named
    reason: str


class Ranking(TypedDict):
    """Places side by side."""

    area: Named
    as_of: Reflected
    average: Average
    cautions: list[str]
    coverage: Coverage
    items: list[Place]
    left_out: list[LeftOut]
    order: str
    peer_group: object
    wording: str


DrawnPoint = TypedDict(
    "DrawnPoint",
    {
        "centre": float | None,
        "from": str,
        "lower": float | None,
        "run": int,
        "says": str,
        "state": str,
        "upper": float | None,
        "value": float,
    },
)
"""A point as it is drawn: `run` parts the line where something is missing."""

PlacedBreak = TypedDict("PlacedBreak", {"from": str, "level": int, "name": str})
"""A break with the level on which its name stands."""
