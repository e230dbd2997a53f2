"""How a record leaves the counts: cancelled for one of the counting rules' reasons, or transferred to the
force whose crime it is."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from flask_restx import Namespace, Resource

from service.offences.offences import (
    DECIDED_REASONS,
    Offence,
    Record,
    count_again,
    load_for_change,
)
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


class CancellationBody(TypedDict):
    """A Cancellation as it is loaded."""

    authority: str | None
    duplicate_of: UUID | None
    explanation: str | None
    reason: str
    victims_told_on: date | None


class TransferBody(TypedDict):
    """A Transfer as it is loaded."""

    authority: str | None
    force: str
    reason: str
    victims_told_on: date | None


@dataclass(frozen=True)
class Decision:
    """That a record no longer counts: for which reason, in whose words, and by whose authority; the caller's
    where that is None."""

    reason: str
    authority: str | None = None
    explanation: str | None = None
    victims_told_on: date | None = None
    duplicate_of: UUID | None = None
    transferred_to: str | None = None


def _fault(member: str, detail: str) -> Problem:
    """A 422 problem about one member of the body."""
    return Problem(
        "invalid-body", f"{member}: {detail}", errors=[{"pointer": f"/{member}", "detail": detail}]
    )


def _require_another(book: Book, present: Record, decision: Decision) -> None:
    """Raise 422 unless the record may be a duplicate of that one: another that counts, of the same force."""
    if decision.duplicate_of is None:
        return
    row = book.offences.offences.read(offence_id=decision.duplicate_of)
    other = Record.of(row) if row else None
    if decision.reason != "duplicate":
        raise _fault("duplicate_of", "duplicate_of goes with the reason duplicate.")
    if other is None or other.force != present.force or other.status != "recorded":
        raise _fault("duplicate_of", f"No record {decision.duplicate_of} of the same force counts.")
    if other.offence_id == present.offence_id:
        raise _fault("duplicate_of", "A record is a duplicate of another, not of itself.")


def _require_day_has_come(day: date | None, book: Book) -> None:
    """Raise 422 when the victims were told on a day that has not come."""
    if book.offences.cancellations.has_not_come(day=day):
        raise _fault("victims_told_on", f"{day} has not come yet: victims were told today or earlier.")


def _receiving_force(book: Book, present: Record, name: str) -> str:
    """The code of the force that a record is transferred to. Raises 422 where it is none, or its own."""
    force = book.reference.areas.find(names=[name])
    if not force or force[0]["kind"] not in ("force", "body"):
        raise _fault("force", f"No force is called {name}.")
    code: str = force[0]["code"]
    if code == present.force:
        raise _fault("force", "A crime is transferred to another force, not to its own.")
    return code


def _cancel(book: Book, present: Record, decision: Decision) -> dict[str, object]:
    """End the version that stands and begin one that no longer counts."""
    row: dict[str, object] = book.offences.cancellations.cancel(
        **present.version,
        cancelled_reason=decision.reason,
        decided_by=decision.authority or exchanges.caller().name,
        reason=decision.explanation,
        duplicate_of=decision.duplicate_of,
        transferred_to=decision.transferred_to,
        victims_told_on=decision.victims_told_on,
    )
    count_again(book, present.force)
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
    def delete(self, offence_id: UUID, seen: int, reason: str) -> dict[str, object]:
        """It leaves the counts and stays readable, with `status: cancelled`. To say more than the reason,
        POST to its `/cancellation`."""
        with writing(f"offence cancelled: {reason}") as sql:
            return _cancel(sql, load_for_change(sql, offence_id, seen), Decision(reason))


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
    def post(self, offence_id: UUID, body: CancellationBody, seen: int) -> dict[str, object]:
        """As DELETE does, with who decided, why, of what it is a duplicate, and when the victims were
        told."""
        decision = Decision(**body)
        with writing(f"offence cancelled: {decision.reason}") as sql:
            present = load_for_change(sql, offence_id, seen)
            _require_day_has_come(decision.victims_told_on, sql)
            _require_another(sql, present, decision)
            if decision.duplicate_of is not None:
                access.shown(
                    kind="combination",
                    offence_id=offence_id,
                    force=present.force,
                    asked={"duplicate_of": decision.duplicate_of},
                )
                access.also("combination", offence_id=decision.duplicate_of)
            return _cancel(sql, present, decision)


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
    def post(self, offence_id: UUID, body: TransferBody, seen: int) -> dict[str, object]:
        """It leaves this force's counts as `transferred`. The other force records it in turn, and names this
        record in `transferred_from`: two changes, one in each force's name."""
        with writing("offence transferred") as sql:
            present = load_for_change(sql, offence_id, seen)
            _require_day_has_come(body["victims_told_on"], sql)
            decision = Decision(
                "transferred",
                authority=body["authority"],
                explanation=body["reason"],
                victims_told_on=body["victims_told_on"],
                transferred_to=_receiving_force(sql, present, body["force"]),
            )
            access.also("disclosure", recipient=decision.transferred_to)
            return _cancel(sql, present, decision)
