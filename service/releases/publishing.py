"""Publishing: what may be published is counted, found complete, and frozen with its definitions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures.counts import count_figures
from service.figures.figure import Figure
from service.figures.question import USUAL_PERCENT_RULE, Question, percent_rule, resolve_question
from service.figures.summaries import MOST_AREAS, MOST_CATEGORIES
from service.periods import Period, PeriodField, compared_with, parse
from service.releases.stored import ReleaseRow, store_figures
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web.fields import AsOf, Choice, Input, Instant, Text
from service.web.problems import Problem, of_the_body

MOST_FAULTS_SHOWN = 50


class ReleaseDraft(Input):
    """What is to be published."""

    areas = fields.List(
        Text(),
        required=True,
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "By code or slug."},
    )
    as_of = AsOf(
        allow_none=True,
        load_default=None,
        metadata={"description": "When the figures were known: now where not given."},
    )
    categories = fields.List(
        Text(),
        load_default=lambda: ["all-crime"],
        validate=validate.Length(min=1, max=MOST_CATEGORIES),
        metadata={"description": "all-crime where not given."},
    )
    compare = Text(
        allow_none=True,
        load_default=None,
        longest=40,
        metadata={"description": "previous, last-year, or a period."},
    )
    embargo_until = Instant(
        allow_none=True, load_default=None, metadata={"description": "Until then only scope publish sees it."}
    )
    measure = Choice("CountedMeasure", "offences", "victims", load_default="offences")
    percent_rule = percent_rule(load_default=None, allow_none=True)
    period = PeriodField(required=True)
    source = Text(
        load_default="records", longest=100, metadata={"description": "records, or the source of a return."}
    )
    title = Text(longest=300, required=True)

    @validates_schema
    def can_be_counted(self, data: dict[str, Any], **_: Any) -> None:
        """`compare` is a period, and a return is asked only for what it holds."""
        if data.get("period") and data.get("compare"):
            try:
                data["compare"] = compared_with(data["period"], data["compare"])
            except ValueError as fault:
                raise ValidationError(str(fault), "compare") from None
        if data.get("source") != "records" and data.get("measure") != "offences":
            raise ValidationError("A return counts offences only.", "measure")


class Draft(TypedDict):
    """What is to be published, as ReleaseDraft loads it; `as_of` is the change or the instant at which the
    figures were known, None for now."""

    areas: Sequence[str]
    as_of: database.AsOf
    categories: Sequence[str]
    compare: Period | None
    embargo_until: dt.datetime | None
    measure: str
    percent_rule: str | None
    period: Period
    source: str
    title: str


def question_of(release: ReleaseRow) -> Question:
    """What a release asked."""
    return Question(
        areas=release["areas"],
        base=parse(release["base_period"]) if release["base_period"] else None,
        by=(),
        categories=release["categories"],
        measure=release["measure"],
        percent_rule=release["percent_rule"] or USUAL_PERCENT_RULE,
        period=parse(release["period"]),
        source=release["source"],
        tallied=False,
    )


def _refuse(pointer: str, detail: str) -> Problem:
    return Problem(
        "invalid-body", f"{pointer.strip('/')}: {detail}", errors=[{"pointer": pointer, "detail": detail}]
    )


def _book_of(book: Book, as_of: database.AsOf) -> Book:
    """The book as it was known when the figures were. Raises 422 for what has not come."""
    number = as_of if isinstance(as_of, int) else None
    instant = as_of if isinstance(as_of, dt.datetime) else None
    latest = book.as_of - 1
    if (number or 0) > latest or (instant and book.at and instant > book.at):
        raise _refuse("/as_of", f"{as_of} has not come: the latest change is {latest}.")
    change = book.releases.releases.known_then(number=number, instant=instant)
    if change is None:
        raise _refuse("/as_of", "Nothing was known then.")
    return book.earlier(change["change"], change["at"], present=change["change"] == latest)


def _require_complete(figures: Sequence[Figure]) -> None:
    """Raise 422 where not everything is held of a period that is to be published."""
    spans = [("/period", figure.period, figure) for figure in figures]
    spans += [("/compare", figure.compared.period, figure) for figure in figures if figure.compared]
    errors = [
        {
            "pointer": pointer,
            "detail": (
                f"{span.period} is incomplete for {figure.area.name}: not every record of"
                f" {figure.category.name if figure.category else figure.measure} is held."
            ),
        }
        for pointer, span, figure in spans
        if not span.complete
    ]
    if errors:
        raise Problem(
            "invalid-body",
            f"{errors[0]['detail']} An incomplete period is not published.",
            errors=errors[:MOST_FAULTS_SHOWN],
            hint="Publish what is complete, or send what is missing with the days that it covers.",
        )


def publish(book: Book, draft: Draft) -> UUID:
    """Count the figures that a draft asks for, and freeze them. Raises 422 for what is unknown, incomplete or
    to come."""
    if draft["embargo_until"] and book.at and draft["embargo_until"] <= book.at:
        raise _refuse("/embargo_until", "An embargo ends after the release is made: that instant has passed.")
    earlier = _book_of(book, draft["as_of"])
    with of_the_body(area="areas", category="categories"):
        question = resolve_question(
            earlier,
            area=draft["areas"],
            category=draft["categories"],
            compare=draft["compare"],
            measure=draft["measure"],
            percent_rule=draft["percent_rule"],
            period=draft["period"],
            source=draft["source"],
        )
    figures = count_figures(earlier, question)
    _require_complete(figures)
    release_id, base = new_id(), question.base
    statements = book.releases.releases
    statements.keep(
        release_id=release_id,
        known=earlier.as_of,
        base_period=base.period if base else None,
        period=question.period.period,
        areas=question.areas,
        categories=question.categories,
        measure=question.measure,
        source=question.source,
        title=draft["title"],
        percent_rule=question.percent_rule,
        embargo_until=draft["embargo_until"],
        **question.spans(),
    )
    statements.keep_definitions(release_id=release_id, categories=question.categories, known=earlier.as_of)
    statements.keep_figures(release_id=release_id, figures=as_json(store_figures(figures)))
    return release_id
