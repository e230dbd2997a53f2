"""What is kept of a release: its figures as JSON, as they were published and read again from that, and the
definitions they were counted by."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import orjson

from service.figures.breaks_crossed import BreakCrossed
from service.figures.figure import (
    Comparison,
    Dispersion,
    Exposure,
    Figure,
    FigureSchema,
)
from service.figures.spans import Span
from service.figures.statuses import FigureStatus
from service.reference.areas import NamedArea
from service.reference.categories import NamedCategory
from service.web.answers import formats

Json = Mapping[str, Any]
"""A figure, or a part of one, as FigureSchema wrote it then; releases made before there were statuses, breaks
or dispersions have none."""


class StoredFigure(TypedDict):
    """A row of `release_figure`: a figure whole, and what the book counts it by."""

    position: int
    area: str
    category: str
    value: int | None
    edition: str | None
    base_value: int | None
    base_edition: str | None
    figure: str


class ReleaseRow(TypedDict):
    """A row of `release`, with when its figures were known, when it was made and how many they are."""

    release_id: UUID
    since_change: int
    change: int
    at: datetime
    made_at: datetime
    areas: list[str]
    categories: list[str]
    counted: int
    base_period: str | None
    compare: str | None
    embargo_until: datetime | None
    measure: str
    percent_rule: str | None
    period: str
    source: str
    title: str


class CodeRow(TypedDict):
    """A code of a definition, and the days between which it belongs."""

    code: str
    from_on: str | None
    to_on: str | None


class DefinitionRow(TypedDict):
    """A row of `release_definition`."""

    category: str
    codes: list[CodeRow]
    definition: int
    every_code: bool
    name: str


class PublishedRelease(ReleaseRow):
    """A release with its figures as they were published, and the definitions they were counted by."""

    figures: list[dict[str, Any]]
    definitions: list[DefinitionRow]


def store_figure(position: int, figure: Figure) -> StoredFigure:
    """The row of a count that is published; its place is counted from 1."""
    base = figure.compared
    assert figure.category is not None
    return {
        "position": position,
        "area": figure.area.code,
        "category": figure.category.code,
        "value": figure.counted(),
        "edition": figure.edition,
        "base_value": base.counted() if base else None,
        "base_edition": base.edition if base else None,
        "figure": formats.json_bytes(FigureSchema().dump(figure)).decode(),
    }


def store_figures(figures: Iterable[Figure]) -> list[StoredFigure]:
    """The rows of all figures of a release."""
    return [store_figure(position, figure) for position, figure in enumerate(figures, 1)]


def read_json(text: str) -> dict[str, Any]:
    """A figure as it was published."""
    figure: dict[str, Any] = orjson.loads(text)
    return figure


def read_area(figure: Json) -> NamedArea:
    """The area of a published figure."""
    return NamedArea(figure["area"]["code"], figure["area"]["name"])


def read_category(figure: Json) -> NamedCategory:
    """The category of a published figure, with the definition it was counted by."""
    category = figure["category"]
    return NamedCategory(category["code"], category["name"], category["definition"])


def read_figure(figure: Json) -> Figure:
    """A published count as the figure that it was."""
    return Figure(
        area=read_area(figure),
        category=read_category(figure),
        code=figure["code"],
        month=figure["month"],
        measure=figure["measure"],
        source=figure["source"],
        edition=figure["edition"],
        period=_read_span(figure["period"]),
        value=figure["value"],
        compared=figure["compared"] and _read_comparison(figure["compared"]),
        evidence=figure["evidence"],
        wording=figure["wording"],
        status=_read_statuses(figure),
    )


def _read_span(span: Json) -> Span:
    first, last = date.fromisoformat(span["from"]), date.fromisoformat(span["to"])
    return Span(span["period"], first, last, span["complete"])


def _read_statuses(value: Json) -> list[FigureStatus]:
    return [FigureStatus(one["status"], one["why"]) for one in value.get("status", [])]


def _read_comparison(compared: Json) -> Comparison:
    exposure, dispersion = compared.get("exposure"), compared.get("dispersion")
    return Comparison(
        period=_read_span(compared["period"]),
        value=compared["value"],
        edition=compared["edition"],
        difference=compared["difference"],
        percent=compared["percent"],
        percent_withheld=compared["percent_withheld"],
        percent_rule=compared.get("percent_rule"),
        rate_ratio=compared["rate_ratio"],
        p=compared["p"],
        change=compared["change"],
        interval_95=compared["interval_95"],
        interval_95_exact=compared.get("interval_95_exact"),
        exposure=exposure and Exposure(exposure["period"], exposure["base"], exposure["unit"]),
        dispersion=dispersion and _read_dispersion(dispersion),
        breaks=[
            BreakCrossed(date.fromisoformat(one["from_on"]), one["name"], one["note"], one["series_break"])
            for one in compared.get("breaks", [])
        ],
        status=_read_statuses(compared),
    )


def _read_dispersion(dispersion: Json) -> Dispersion:
    return Dispersion(
        dispersion["phi"],
        dispersion["months"],
        date.fromisoformat(dispersion["from"]),
        date.fromisoformat(dispersion["to"]),
        dispersion["p"],
        dispersion["interval_95"],
    )
