"""Severity: the ONS Crime Severity Score, offences by how grave their codes weigh, for each resident."""

from dataclasses import replace
from typing import Any

from marshmallow import fields

from service.figures.rates import MeasuredQuestion, divide, offences_of, pair_of
from service.figures.wording_of_rates import severity_in_words
from service.store import Book, as_json
from service.web.fields import Integer, Output


class LeftOut(Output):
    """Offences whose codes have no weight on the first day of the period."""

    codes = fields.List(fields.String())
    offences = Integer(least=-(2**53), most=2**53)


def scores(book: Book, question: MeasuredQuestion) -> list[dict[str, Any]]:
    """Σ offences × weight / residents. A score has no exact test; its percentage is withheld as that of the
    offences would be."""
    shown = offences_of(book, question)
    weighed = _weighed(book, question, shown)
    base = (
        _weighed(book, replace(question, period=question.base), shown, "compared")
        if question.base
        else weighed
    )
    pairs = [
        {**pair_of(position, figure, question), "points": now["points"], "base_points": before["points"]}
        for position, (figure, now, before) in enumerate(zip(shown, weighed, base, strict=True))
    ]
    for figure, said, now, before in zip(
        shown, book.figures.severity.compare(pairs=as_json(pairs)), weighed, base, strict=True
    ):
        divide(figure, said, question)
        figure.update(
            value=said["score"],
            points=now["points"],
            left_out=_left_out(now),
            note=_noted(figure["note"], now),
            withheld=figure["withheld"] or now["withheld"],
        )
        if figure["compared"]:
            _compare(figure["compared"], said, now, before)
        figure["wording"] = severity_in_words(figure)
    return shown


def _weighed(
    book: Book, question: MeasuredQuestion, shown: list[dict[str, Any]], within: str | None = None
) -> list[dict[str, Any]]:
    """The points of each figure shown, or of what it is compared with, code by code."""
    of = {
        (
            one["area"]["code"],
            one["category"]["code"],
            one["code"],
            (one[within] if within else one)["period"]["from"],
        ): position
        for position, one in enumerate(shown)
    }
    by_code = "code" in question.by
    parts = offences_of(book, question, base=None, by=tuple({*question.by, "code"}))
    cells = []
    for part in parts:
        key = (
            part["area"]["code"],
            part["category"]["code"],
            part["code"] if by_code else None,
            part["period"]["from"],
        )
        if key in of:
            cells.append(
                {
                    "position": of[key],
                    "code": part["code"],
                    "count": part["value"],
                    "day": part["period"]["from"],
                }
            )
    told = {row["position"]: row for row in book.figures.severity.weigh(cells=as_json(cells))}
    nothing = {"points": 0, "codes": [], "offences": 0, "edition": None, "withheld": None}
    return [told.get(position, nothing) for position in range(len(shown))]


def _left_out(weighed: dict[str, Any]) -> dict[str, Any]:
    return {"codes": weighed["codes"], "offences": weighed["offences"]}


def _noted(note: str | None, weighed: dict[str, Any]) -> str | None:
    edition = f"weights: {weighed['edition']}" if weighed["edition"] else None
    return "; ".join(one for one in (edition, note) if one) or None


def _compare(
    compared: dict[str, Any], said: dict[str, Any], now: dict[str, Any], before: dict[str, Any]
) -> None:
    compared.update(
        value=said["base_score"],
        difference=said["difference"],
        percent=said["percent"],
        percent_withheld=said["percent_withheld"],
        rate_ratio=said["ratio"],
        interval_95=None,
        p=None,
        change=None,
        points=before["points"],
        left_out=_left_out(before),
        note=(
            "the two periods are weighed by different weights"
            if now["edition"] != before["edition"]
            else None
        ),
    )
