"""Erasure: what is personal leaves every version of a record, the skeleton that counts stays; and which
records are due for review."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.callers.callers import require_force
from service.offences.offences import Record, count_again, load_record
from service.reference import areas
from service.reference.outcome_types import OUTCOMES
from service.store import Book, database
from service.web import exchanges, logs
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsOf, Choice, Date, Input, Instant, Integer, Output, Text, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading, writing

GROUNDS = ("retention", "data-subject-request", "court-order", "held-unlawfully")
erasures = Namespace("erasures", description="What was erased, and what is due for review.", path="/offences")
reviews = Namespace(
    "reviews", description="Erasures as the auditor sees them, and records due for review.", path="/audit"
)


class ErasureDraft(Input):
    """On what ground a record is erased, and who says so."""

    authority = Text(
        required=True, metadata={"description": "Whose decision it is: a role, like Data Protection Officer."}
    )
    ground = Choice("ErasureGround", *GROUNDS, required=True)


class Erasure(Output):
    """What was erased, when and by whose authority; never the content."""

    table_key = ("offence_id",)

    authority = fields.String()
    at = Instant()
    caller = fields.String()
    change = Integer(least=1, most=2**62)
    force = fields.String()
    ground = Choice("ErasureGround", *GROUNDS)
    offence_id = Uuid()
    trace_id = fields.String()
    versions = Integer(
        least=1,
        most=2**31 - 1,
        metadata={"description": "How many versions lost their personal and free-text fields."},
    )


class ErasureFilter(Paged):
    """Which erasures."""

    as_of = AsOf()
    force = Text()


class Review(Output):
    """A record whose review is due: keep it, with a reason, or erase it."""

    table_key = ("offence_id",)

    area = fields.String()
    code = fields.String()
    crime_ref = fields.String()
    force = fields.String()
    offence_id = Uuid()
    outcome = Choice("OutcomeType", *OUTCOMES)
    recorded_on = Date()
    review_group = Integer(least=1, most=4)
    review_on = Date()
    status = Choice("OffenceStatus", "recorded", "cancelled")


class ReviewFilter(Paged):
    """Which reviews."""

    as_of = AsOf()
    due_by = Date(required=True, metadata={"description": "The day by which their review is due."})
    force = Text()
    review_group = Integer(least=1, most=4)


def _periods() -> dict[str, Any]:
    """The review periods as statements take them: years of groups 1 to 4, and the categories of the first
    two."""
    first, second = current_app.config["REVIEW_CATEGORIES"]
    return {"years": list(current_app.config["REVIEW_YEARS"]), "first": list(first), "second": list(second)}


def _require_due(book: Book, present: Record) -> None:
    """Raise 409 when a record is to go because its time is over, and it is not."""
    review = book.offences.erasures.review(**present.version, **_periods())
    if not review["due"]:
        detail = (
            f"It is of review group {review['review_group']}, and its review is due on"
            f" {review['review_at']:%Y-%m-%d}."
        )
        raise Problem(
            "conflict",
            detail,
            hint="Retention erases what is due for review; any other ground must be named.",
        )


@erasures.route("/<uuid:offence_id>/erasure")
class OffenceErasure(Resource):
    """The end of what a record says about people."""

    @operation(
        "eraseOffence",
        "Erase what is personal in a record",
        body=ErasureDraft(),
        returns=Erasure(),
        scope="erase",
        status=201,
        access="erasure",
        errors=(404, 409),
    )
    def post(self, offence_id: UUID, body: Mapping[str, str]) -> Answer:
        """Personal and free-text fields leave every version, past ones too, and kept answers; code, place,
        days, victims and status stay, so that no figure moves, of today or of any day. It cannot be
        undone."""
        with writing(f"offence erased: {body['ground']}") as sql:
            present = load_record(sql, offence_id)
            require_force(present.force)
            present.require_not_erased()
            if body["ground"] == "retention":
                _require_due(sql, present)
            erased = erase(sql, present, ground=body["ground"], authority=body["authority"])
            row = {**erased, "at": sql.at, "caller": exchanges.caller().name, "trace_id": logs.trace_id()}
            return Answer(row, {"Location": f"/v1/offences/{offence_id}"})


def erase(book: Book, present: Record, *, ground: str, authority: str) -> dict[str, object]:
    """Blank every version, and what else held them. The present version ends, so that whoever holds its ETag
    learns of it.

    A sealing at work is waited for: it could keep a salt of what is being blanked.
    """
    statements = book.offences.erasures
    record = {"force": present.force, "offence_id": present.offence_id}
    database.take_turn_to_seal(book)
    statements.close(**present.version)
    count_again(book, present.force)
    statements.become_eraser(force=present.force)
    versions = statements.blank(**record)["versions"]
    statements.forget_salts(**record)
    statements.forget_answers(offence_id=present.offence_id)
    database.return_to_sight(book)
    row: dict[str, object] = statements.keep(**record, versions=versions, ground=ground, authority=authority)
    return row


@reviews.route("/erasures")
class Erasures(Resource):
    """Every erasure."""

    @operation(
        "listErasures",
        "List erasures",
        query=ErasureFilter(),
        returns=page_of(Erasure, "ErasurePage"),
        scope="audit",
        access="consultation",
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: database.AsOf, force: str | None, **paging: Any) -> Answer:
        """In the order they were done."""
        with reading(as_of) as sql:
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.offences.erasures.list,
                Erasure(),
                {"change": int, "offence_id": UUID},
                force=of_force,
                **paging,
            )


@reviews.route("/reviews")
class Reviews(Resource):
    """What is due for review."""

    @operation(
        "listReviews",
        "List records due for review",
        query=ReviewFilter(),
        returns=page_of(Review, "ReviewPage"),
        scope="audit",
        access="consultation",
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: database.AsOf, force: str | None, **filters: Any) -> Answer:
        """By the day they were recorded on. The review periods are settings: docs/operating.md has them."""
        with reading(as_of) as sql:
            of_force = areas.find_code(sql, force, "force")
            key = {"recorded_on": date, "offence_id": UUID}
            return listed(
                sql, sql.offences.erasures.reviews, Review(), key, force=of_force, **_periods(), **filters
            )
