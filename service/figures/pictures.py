"""What is drawn of figures: refused where it is more than can be read."""

from typing import Any

from service.figures.question import MeasuredQuestion
from service.periods import Period
from service.pictures.drawable import MOST_BARS, MOST_PLACES, require_drawable
from service.pictures.rendering import Drawing


def of_figures(told: dict[str, Any], question: MeasuredQuestion) -> Drawing:
    """The picture of a `service.figures.summaries.Summary`, as it is dumped. Raises 400 where it has more
    figures than can be read."""
    require_drawable(len(told["figures"]), MOST_BARS, "bars", "by" if question.by else "category")
    asked = {
        "base": _span(question.base),
        "by": question.by,
        "decimals": question.description.decimals,
        "name": question.description.name,
        "period": _span(question.period),
        "source": question.source,
    }
    return Drawing("summaries", {"told": told, "question": asked})


def of_ranking(told: dict[str, Any], source: str) -> Drawing:
    """The picture of a `service.figures.ranking.ranking.Ranking`, as it is dumped. Raises 400 where it has
    more places than can be read."""
    require_drawable(told["coverage"]["ranked"], MOST_PLACES, "places", "area")
    return Drawing("ranking", {"told": told, "source": source})


def _span(period: Period | None) -> dict[str, str] | None:
    return {"period": period.period, "from": str(period.from_on), "to": str(period.to_on)} if period else None
