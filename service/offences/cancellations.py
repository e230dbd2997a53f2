"""How a record leaves the counts: cancelled for one of the counting rules' reasons, or transferred to the
force whose crime it is."""

from datetime import date
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource

from service.offences.offences import DECIDED_REASONS, Offence, to_change
from service.store import Book
from service.web import exchanges
from service.web.fields import Choice, Date, Input, Query, Text, Uuid
from service.web.problems import Problem
from service.web.request import access
from service.web.request.operation import operation
from service.web.request.transactions import writing

cancellations = Namespace("cancellations", description="How records leave the counts.", path="/offences")


class CancellationReason(Query):
    """Why it leaves the counts: one of the counting rules' reasons."""

    reason = Choice("DecidedReason", *DECIDED_REASONS, required=True)


class Cancellation(Input):
    """Why it leaves the counts, by whose decision, in whose words."""

    authority = Text(
        load_default=None,
        allow_none=True,
        metadata={"description": "Who decided; the caller where not given."},
    )
    duplicate_of = Uuid(
        load_default=None,
        allow_none=True,
        metadata={"description": "With reason duplicate: the record of the same force that it repeats."},
    )
    explanation = Text(longest=500, load_default=None, allow_none=True)
    reason = Choice("DecidedReason", *DECIDED_REASONS, required=True)
    victims_told_on = Date(allow_none=True, load_default=None)


class Transfer(Input):
    """The force in whose area the crime took place, and why it is theirs."""

    authority = Text(
        load_default=None,
        allow_none=True,
        metadata={"description": "Who decided; the caller where not given."},
    )
    force = Text(required=True, metadata={"description": "The receiving force, by code or slug."})
    reason = Text(required=True, longest=500)
    victims_told_on = Date(allow_none=True, load_default=None)


def _require_another(book: Book, present: dict[str, Any], duplicate_of: UUID, reason: str) -> None:
    """Raise 422 unless the record may be a duplicate of that one: another that counts, of the same force."""
    other = book.offences.offences.read(offence_id=duplicate_of)
    detail = None
    if reason != "duplicate":
        detail = "duplicate_of goes with the reason duplicate."
    elif other is None or other["force"] != present["force"] or other["status"] != "recorded":
        detail = f"No record {duplicate_of} of the same force counts."
    elif duplicate_of == present["offence_id"]:
        detail = "A record is a duplicate of another, not of itself."
    if detail:
        raise Problem(
            "invalid-body", f"duplicate_of: {detail}", errors=[{"pointer": "/duplicate_of", "detail": detail}]
        )


def _require_told(day: date | None, book: Book) -> None:
    """Raise 422 when the victims were told on a day that has not come."""
    if book.offences.cancellations.has_not_come(day=day):
        detail = f"{day} has not come yet: victims were told today or earlier."
        raise Problem(
            "invalid-body",
            f"victims_told_on: {detail}",
            errors=[{"pointer": "/victims_told_on", "detail": detail}],
        )


def _cancel(
    book: Book,
    present: dict[str, Any],
    cancelled_reason: str,
    *,
    authority: str | None = None,
    explanation: str | None = None,
    victims_told_on: date | None = None,
    duplicate_of: UUID | None = None,
    transferred_to: str | None = None,
) -> dict[str, Any]:
    """End the version that stands and begin one that no longer counts."""
    row: dict[str, Any] = book.offences.cancellations.cancel(
        offence_id=present["offence_id"],
        seen=present["since_change"],
        force=present["force"],
        cancelled_reason=cancelled_reason,
        decided_by=authority or exchanges.caller().name,
        reason=explanation,
        duplicate_of=duplicate_of,
        transferred_to=transferred_to,
        victims_told_on=victims_told_on,
    )
    book.offences.tally.count_change(force=row["force"])
    return row


@cancellations.route("/<uuid:offence_id>")
class CancelledOffence(Resource):
    """One record, on its way out of the counts."""

    @operation(
        "cancelOffence",
        "Cancel a recorded offence",
        query=CancellationReason(),
        returns=Offence(),
        scope="record",
        guarded=True,
        access="alteration",
        tagged=True,
        errors=(404, 409),
    )
    def delete(self, offence_id: UUID, seen: int, reason: str) -> dict[str, Any]:
        """It leaves the counts and stays readable, with `status: cancelled`. To say more than the reason,
        POST to its `/cancellation`."""
        with writing(f"offence cancelled: {reason}") as sql:
            return _cancel(sql, to_change(sql, offence_id, seen), reason)


@cancellations.route("/<uuid:offence_id>/cancellation")
class OffenceCancellation(Resource):
    """The decision that no crime was committed, or not this one."""

    @operation(
        "decideCancellation",
        "Cancel a recorded offence, with the decision",
        body=Cancellation(),
        returns=Offence(),
        scope="record",
        access="alteration",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def post(self, offence_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """As DELETE does, with who decided, why, of what it is a duplicate, and when the victims were
        told."""
        with writing(f"offence cancelled: {body['reason']}") as sql:
            present = to_change(sql, offence_id, seen)
            _require_told(body["victims_told_on"], sql)
            if body["duplicate_of"] is not None:
                _require_another(sql, present, body["duplicate_of"], body["reason"])
                combined = {"duplicate_of": body["duplicate_of"]}
                access.shown(
                    kind="combination", offence_id=offence_id, force=present["force"], asked=combined
                )
                access.also("combination", offence_id=body["duplicate_of"])
            said = {name: value for name, value in body.items() if name != "reason"}
            return _cancel(sql, present, body["reason"], **said)


@cancellations.route("/<uuid:offence_id>/transfer")
class OffenceTransfer(Resource):
    """A crime of another force."""

    @operation(
        "transferOffence",
        "Transfer a crime to another force",
        body=Transfer(),
        returns=Offence(),
        scope="record",
        guarded=True,
        access="alteration",
        tagged=True,
        errors=(404, 409),
    )
    def post(self, offence_id: UUID, body: dict[str, Any], seen: int) -> dict[str, Any]:
        """It leaves this force's counts as `transferred`. The other force records it in turn, and names this
        record in `transferred_from`: two changes, one in each force's name."""
        with writing("offence transferred") as sql:
            present = to_change(sql, offence_id, seen)
            _require_told(body["victims_told_on"], sql)
            force = sql.reference.areas.named(names=[body["force"]])
            detail = None
            if not force or force[0]["kind"] not in ("force", "body"):
                detail = f"No force is called {body['force']}."
            elif force[0]["area"] == present["force"]:
                detail = "A crime is transferred to another force, not to its own."
            if detail:
                raise Problem(
                    "invalid-body", f"force: {detail}", errors=[{"pointer": "/force", "detail": detail}]
                )
            access.also("disclosure", recipient=force[0]["area"])
            return _cancel(
                sql,
                present,
                "transferred",
                authority=body["authority"],
                explanation=body["reason"],
                victims_told_on=body["victims_told_on"],
                transferred_to=force[0]["area"],
            )
