"""Publishing: what may be published is counted, found complete, and frozen with its definitions."""

import datetime as dt
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates_schema

from service.figures.counts import counted
from service.figures.question import USUAL_PERCENT_RULE, Question, percent_rule, understood
from service.figures.summaries import MOST_AREAS, MOST_CATEGORIES, Figure
from service.periods import PeriodField, compared_with, parse
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web.answers import formats
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


def question_of(row: dict[str, Any]) -> Question:
    """What a release asked."""
    return Question(
        areas=row["areas"],
        base=parse(row["base_period"]) if row["base_period"] else None,
        by=(),
        categories=row["categories"],
        measure=row["measure"],
        percent_rule=row["percent_rule"] or USUAL_PERCENT_RULE,
        period=parse(row["period"]),
        source=row["source"],
        tallied=False,
    )


def _refused(pointer: str, detail: str) -> Problem:
    return Problem(
        "invalid-body", f"{pointer.strip('/')}: {detail}", errors=[{"pointer": pointer, "detail": detail}]
    )


def _known_then(book: Book, as_of: database.AsOf) -> Book:
    """The book as it was known when the figures were. Raises 422 for what has not come."""
    number = as_of if isinstance(as_of, int) else None
    instant = as_of if isinstance(as_of, dt.datetime) else None
    latest = book.as_of - 1
    if (number or 0) > latest or (instant and book.at and instant > book.at):
        raise _refused("/as_of", f"{as_of} has not come: the latest change is {latest}.")
    known = book.releases.releases.known_then(number=number, instant=instant)
    if known is None:
        raise _refused("/as_of", "Nothing was known then.")
    return book.earlier(known["change"], known["at"], present=known["change"] == latest)


def _require_complete(shown: list[dict[str, Any]]) -> None:
    """Raise 422 where not everything is held of a period that is to be published."""
    spans = [("/period", one["period"], one) for one in shown]
    spans += [("/compare", one["compared"]["period"], one) for one in shown if one["compared"]]
    errors = [
        {
            "pointer": pointer,
            "detail": (
                f"{span['period']} is incomplete for {one['area']['name']}: not every record of "
                f"{one['category']['name']} is held."
            ),
        }
        for pointer, span, one in spans
        if not span["complete"]
    ]
    if errors:
        raise Problem(
            "invalid-body",
            f"{errors[0]['detail']} An incomplete period is not published.",
            errors=errors[:MOST_FAULTS_SHOWN],
            hint="Publish what is complete, or send what is missing with the days that it covers.",
        )


def frozen(position: int, figure: dict[str, Any]) -> dict[str, Any]:
    """A figure as it is kept: whole, and what the book counts it by."""
    base = figure["compared"] or {"value": None, "edition": None}
    return {
        "position": position,
        "area": figure["area"]["code"],
        "category": figure["category"]["code"],
        "value": figure["value"],
        "edition": figure["edition"],
        "base_value": base["value"],
        "base_edition": base["edition"],
        "figure": formats.json_bytes(Figure().dump(figure)).decode(),
    }


def publish(book: Book, draft: dict[str, Any]) -> UUID:
    """Freeze the figures that the draft, as ReleaseDraft loads it, asks for. Raises 422 for what is unknown,
    incomplete or to come."""
    if draft["embargo_until"] and book.at and draft["embargo_until"] <= book.at:
        raise _refused(
            "/embargo_until", "An embargo ends after the release is made: that instant has passed."
        )
    known = _known_then(book, draft["as_of"])
    asked = {
        "area": draft["areas"],
        "category": draft["categories"],
        **{name: draft[name] for name in ("compare", "measure", "percent_rule", "period", "source")},
    }
    with of_the_body(area="areas", category="categories"):
        question = understood(known, asked)
    shown = counted(known, question)
    _require_complete(shown)
    release_id, base = new_id(), question.base
    book.releases.releases.keep(
        release_id=release_id,
        known=known.as_of,
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
    book.releases.releases.keep_definitions(
        release_id=release_id, categories=question.categories, known=known.as_of
    )
    book.releases.releases.keep_figures(
        release_id=release_id, figures=as_json([frozen(*one) for one in enumerate(shown, 1)])
    )
    return release_id
