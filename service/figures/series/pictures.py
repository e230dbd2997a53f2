"""What is drawn of series: refused where it is more than can be read."""

from collections.abc import Callable
from typing import Any

from service.figures.breaks_crossed import BreakCrossed, BreakCrossedSchema
from service.figures.series.signals import NAMES
from service.pictures.drawable import MOST_POINTS, MOST_SERIES, require_drawable
from service.pictures.rendering import Drawing


def of_series(told: dict[str, Any], breaks: Callable[[], list[list[BreakCrossed]]]) -> Drawing:
    """The picture of a `service.figures.series.series.SeriesAnswer`, as it is dumped; `breaks` reads those in
    each series. Raises 400 for too many."""
    require_drawable(len(told["series"]), MOST_SERIES, "series", "category")
    require_drawable(
        max(len(one["points"]) for one in told["series"]), MOST_POINTS, "points of a series", "period"
    )
    crossed = [BreakCrossedSchema(many=True).dump(one) for one in breaks()]
    return Drawing("series", {"told": told, "breaks": crossed, "chart_names": NAMES})
