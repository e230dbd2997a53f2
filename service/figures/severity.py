"""Severity: the ONS Crime Severity Score, offences by how grave their codes weigh, for each resident."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict

from service.figures.figure import Comparison, Figure, LeftOut
from service.figures.question import MeasuredQuestion
from service.figures.rates import Division, DivisionRow, count_offences, pair_offences, read_division
from service.figures.spans import Span
from service.figures.wording_of_rates import word_score
from service.reference.categories import NamedCategory
from service.store import Book, as_json

DIFFERENT_WEIGHTS = "the two periods are weighed by different weights"


class ScoreRow(DivisionRow):
    """A row of the statement `compare`."""

    score: Decimal | None
    base_score: Decimal | None
    difference: Decimal | None
    percent: Decimal | None
    percent_withheld: str | None
    ratio: Decimal | None


class WeightRow(TypedDict):
    """A row of the statement `weigh`: the points of a figure, and the codes and offences without a weight."""

    position: int
    points: Decimal | None
    codes: list[str]
    offences: int
    edition: str | None
    withheld: str | None


class Weighed(NamedTuple):
    """The points of a figure or of its base: Σ offences × weight, by the weights of an edition."""

    points: Decimal | int | None
    left_out: LeftOut
    edition: str | None
    withheld: str | None


class Counted(NamedTuple):
    """What points are given to: the offences of an area, category and code from a day on."""

    area: str
    category: str
    code: str | None
    from_on: date


NOTHING_WEIGHED = Weighed(points=0, left_out=LeftOut([], 0), edition=None, withheld=None)


def score_figures(book: Book, question: MeasuredQuestion) -> list[Figure]:
    """Σ offences × weight / residents. A score has no exact test; its percentage is withheld as that of the
    offences would be."""
    offences = count_offences(book, question)
    now = base = _weigh(book, question, [_counted(count, count.period) for count in offences])
    if question.base:
        periods = [count.compared.period for count in offences if count.compared]
        counted = [_counted(count, period) for count, period in zip(offences, periods, strict=True)]
        base = _weigh(book, replace(question, period=question.base), counted)
    pairs = [
        {
            **pair_offences(position, count, question),
            "points": now[position].points,
            "base_points": base[position].points,
        }
        for position, count in enumerate(offences)
    ]
    rows: list[ScoreRow] = book.figures.severity.compare(pairs=as_json(pairs))
    return [_make_figure(question, *parts) for parts in zip(offences, rows, now, base, strict=True)]


def _counted(offences: Figure, period: Span) -> Counted:
    assert isinstance(offences.category, NamedCategory)
    return Counted(offences.area.code, offences.category.code, offences.code, period.from_on)


def _weigh(book: Book, question: MeasuredQuestion, counted: list[Counted]) -> list[Weighed]:
    """The points of what is counted in the period of the question, code by code."""
    positions = {one: position for position, one in enumerate(counted)}
    by_code = "code" in question.by
    parts = count_offences(book, replace(question, base=None, by=tuple({*question.by, "code"})))
    cells = []
    for part in parts:
        whole = _counted(part, part.period)
        position = positions.get(whole if by_code else whole._replace(code=None))
        if position is not None:
            cells.append(
                {
                    "position": position,
                    "code": part.code,
                    "count": part.value,
                    "day": part.period.from_on,
                }
            )
    rows: list[WeightRow] = book.figures.severity.weigh(cells=as_json(cells))
    weighed = {
        row["position"]: Weighed(
            row["points"], LeftOut(row["codes"], row["offences"]), row["edition"], row["withheld"]
        )
        for row in rows
    }
    return [weighed.get(position, NOTHING_WEIGHED) for position in range(len(counted))]


def _make_figure(
    question: MeasuredQuestion, offences: Figure, row: ScoreRow, now: Weighed, base: Weighed
) -> Figure:
    division = read_division(question, offences.period, row)
    weights = f"weights: {now.edition}" if now.edition else None
    figure = Figure(
        area=offences.area,
        category=offences.category,
        code=offences.code,
        month=offences.month,
        measure=question.measure,
        source=offences.source,
        edition=offences.edition,
        period=offences.period,
        value=row["score"],
        count=offences.counted(),
        denominator=division.denominator,
        points=now.points,
        left_out=now.left_out,
        compared=offences.compared and _compare(offences.compared, row, division, now, base),
        evidence=offences.evidence,
        status=offences.status,
        withheld=division.withheld or now.withheld,
        note="; ".join(note for note in (weights, division.note) if note) or None,
        wording="",
    )
    return replace(figure, wording=word_score(figure, division.denominator, now.left_out))


def _compare(
    offences: Comparison, row: ScoreRow, division: Division, now: Weighed, base: Weighed
) -> Comparison:
    """The scores' difference, percentage and ratio; of scores there is no test and no interval."""
    return Comparison(
        period=offences.period,
        value=row["base_score"],
        count=offences.counted(),
        denominator=division.base,
        denominator_changed=division.changed,
        points=base.points,
        left_out=base.left_out,
        edition=offences.edition,
        difference=row["difference"],
        percent=row["percent"],
        percent_rule=offences.percent_rule,
        percent_withheld=row["percent_withheld"],
        rate_ratio=row["ratio"],
        interval_95=None,
        p=None,
        change=None,
        breaks=offences.breaks,
        status=offences.status,
        note=DIFFERENT_WEIGHTS if now.edition != base.edition else None,
        exposure=offences.exposure,  # this and the next two are of the offences, not of the score
        interval_95_exact=offences.interval_95_exact,
        dispersion=offences.dispersion,
    )
