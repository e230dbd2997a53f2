"""A picture as the answer: what of an answer is drawn, refused where it is more than can be read, and drawn
by a process of its own."""

from typing import Any

from service.figures.rates import MeasuredQuestion
from service.figures.series.signals import NAMES
from service.periods import Period
from service.pictures.drawable import MOST_BARS, MOST_PLACES, MOST_POINTS, MOST_SERIES, require_drawable
from service.pictures.process import drawer
from service.web import exchanges
from service.web.answers import formats
from service.web.answers.answer import Answer
from service.web.request.wiring import wiring

_AS_WHAT = {formats.SVG: "svg", formats.PNG: "png", formats.VEGA_LITE: "vega-lite"}


def of_figures(told: dict[str, Any], question: MeasuredQuestion) -> Answer:
    """The picture of a `service.figures.summaries.Summary`, as it is dumped. Raises 400 where it has more
    figures than can be read."""
    require_drawable(len(told["figures"]), MOST_BARS, "bars", "by" if question.by else "category")
    asked = {
        "base": _span(question.base),
        "by": question.by,
        "decimals": question.told["decimals"],
        "name": question.told["name"],
        "period": _span(question.period),
        "source": question.source,
    }
    return _drawn("summaries", told["as_of"]["change"], told=told, question=asked)


def of_series(told: dict[str, Any], breaks: list[list[dict[str, Any]]]) -> Answer:
    """The picture of a `service.figures.series.series.SeriesAnswer`, as it is dumped, with the breaks in each
    series. Raises 400 for too many."""
    require_drawable(len(told["series"]), MOST_SERIES, "series", "category")
    require_drawable(
        max(len(one["points"]) for one in told["series"]), MOST_POINTS, "points of a series", "period"
    )
    return _drawn("series", told["as_of"]["change"], told=told, breaks=breaks, chart_names=NAMES)


def of_ranking(told: dict[str, Any], source: str) -> Answer:
    """The picture of a `service.figures.ranking.ranking.Ranking`, as it is dumped. Raises 400 where it has
    more places than can be read."""
    require_drawable(told["coverage"]["ranked"], MOST_PLACES, "places", "area")
    return _drawn("ranking", told["as_of"]["change"], told=told, source=source)


def of_progress(told: dict[str, Any], trajectory: list[dict[str, Any]], reflected: dict[str, Any]) -> Answer:
    """The picture of a `service.targets.progress.TargetProgress`, as it is dumped, with its way so far and
    the change it reflects."""
    return _drawn("progress", reflected["change"], told=told, trajectory=trajectory, reflected=reflected)


def _span(period: Period | None) -> dict[str, str] | None:
    return {"period": period.period, "from": str(period.from_on), "to": str(period.to_on)} if period else None


def _drawn(of: str, change: int, **given: Any) -> Answer:
    """In the representation that was asked for, tagged with the change. Raises 503 where too many wait for
    theirs."""
    asked = formats.json_bytes(
        {"of": of, "as_what": _AS_WHAT[exchanges.current().media_type], "given": given}
    )
    with wiring().place("pictures"):
        return Answer(stream=[drawer.draw(asked)], tag=change)
