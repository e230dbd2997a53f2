"""Recorded offences: record, read, list, correct, reclassify, cancel, and every version there ever was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.callers.callers import require_force
from service.reference import areas, categories
from service.reference.outcome_types import OUTCOMES
from service.store import Book, database
from service.store.identifiers import new_id
from service.web import exchanges
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import (
    AsOf,
    Boolean,
    Choice,
    Date,
    Input,
    Instant,
    Integer,
    Known,
    Number,
    Output,
    Query,
    Text,
    Uuid,
)
from service.web.problems import Problem
from service.web.request import access
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

DECIDED_REASONS = ("transferred", "additional-information", "duplicate", "recorded-in-error", "self-defence")
CANCELLED_REASONS = (*DECIDED_REASONS, "not-in-resubmission")
"""What somebody can decide of a single record, and what a file that replaces a period says of those it
lacks."""

offences = Namespace("offences", description="Crime records, version by version.")


class OffenceDraft(Input):
    """What a force says of a crime it records."""

    area = Text(required=True, metadata={"description": "Where it took place, by code or slug."})
    code = Text(required=True, longest=24, metadata={"description": "Home Office offence code."})
    committed_from = Instant(required=True)
    committed_to = Instant(allow_none=True, load_default=None)
    crime_ref = Text(
        required=True, longest=64, metadata={"description": "The force's own reference; one record each."}
    )
    force = Text(required=True, metadata={"description": "The recording force, by code or slug."})
    location = Text(allow_none=True, load_default=None, longest=500)
    outcome = Choice(
        "OutcomeType",
        *OUTCOMES,
        load_default="0",
        metadata={"description": "0 to 22; 0 is not yet assigned."},
    )
    outcome_on = Date(allow_none=True, load_default=None)
    recorded_at = Instant(allow_none=True, load_default=None)
    recorded_by = Text(allow_none=True, load_default=None)
    recorded_on = Date(required=True, metadata={"description": "The day it counts on."})
    reported_at = Instant(allow_none=True, load_default=None)
    reported_by = Text(allow_none=True, load_default=None)
    transferred_from = Uuid(
        allow_none=True,
        load_default=None,
        metadata={"description": "The record of the other force, where the crime was transferred from one."},
    )
    victims = Integer(least=0, most=10_000, load_default=1)
    victims_told_on = Date(allow_none=True, load_default=None)


class Offence(Output):
    """A crime record as known at a change."""

    table_key: ClassVar[tuple[str, ...]] = ("offence_id",)

    area = fields.String()
    cancelled_reason = Choice("CancelledReason", *CANCELLED_REASONS, allow_none=True)
    code = fields.String()
    committed_from = Instant()
    committed_to = Instant(allow_none=True)
    crime_ref = fields.String()
    decided_by = fields.String(
        allow_none=True, metadata={"description": "Who decided what this version says anew."}
    )
    duplicate_of = Uuid(allow_none=True)
    erased_change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change at which personal and free-text fields were erased."},
    )
    force = fields.String()
    hours_to_record = Number(allow_none=True, metadata={"description": "From reported_at to recorded_at."})
    location = fields.String(allow_none=True)
    offence_id = Uuid()
    outcome = Choice("OutcomeType", *OUTCOMES)
    outcome_on = Date(allow_none=True)
    recorded_at = Instant(allow_none=True)
    recorded_by = fields.String(allow_none=True)
    recorded_in_time = Boolean(
        allow_none=True,
        metadata={
            "description": (
                "Within 24 hours of the report, 72 where that came before April 2015; null where it cannot be"
                " told."
            )
        },
    )
    recorded_on = Date()
    reported_at = Instant(allow_none=True)
    reported_by = fields.String(allow_none=True)
    since_change = Integer(least=1, most=2**62)
    status = Choice("OffenceStatus", "recorded", "cancelled")
    transferred_from = Uuid(allow_none=True)
    transferred_to = fields.String(allow_none=True)
    victims = Integer(least=0, most=10_000)
    victims_told_on = Date(allow_none=True)


OFFENCE = Offence()
"""Made once: so many fields take longer to make than a page of them to join."""


class Difference(Output):
    """A field that a version says otherwise than the one before it."""

    after = fields.String(allow_none=True)
    before = fields.String(allow_none=True)
    field = fields.String()


class OffenceVersion(Offence):
    """One version of a record: who made it, when, why, and what differed from the one before."""

    table_key: ClassVar[tuple[str, ...]] = ("offence_id", "since_change")

    at = Instant()
    caller = fields.String()
    differences = fields.List(fields.Nested(Difference))
    reason = fields.String()
    submission_id = Uuid(allow_none=True)
    trace_id = fields.String()
    until_change = Integer(least=1, most=2**62, allow_none=True)


class Reclassification(Input):
    """Why later information shows that the class was wrong; the recorded date stays."""

    authority = Text(
        load_default=None,
        allow_none=True,
        metadata={"description": "Who decided; the caller where not given."},
    )
    code = Text(required=True, longest=24)
    reason = Text(required=True, longest=500)


class OffenceFilter(Paged):
    """Which records. An offence belongs to the day it was recorded on; both ends count."""

    area = Text(metadata={"description": "By code or slug, with everything that lies in it."})
    as_of = AsOf()
    cancelled_reason = Choice("CancelledReason", *CANCELLED_REASONS)
    category = Text()
    code = Text(longest=24)
    crime_ref = Text(longest=64)
    force = Text()
    operation = Uuid(metadata={"description": "The records of an operation, tagged by its rule or by hand."})
    outcome = Choice(
        "OutcomeType", *OUTCOMES, metadata={"description": "With its of-which types: 1 finds 1A too."}
    )
    outcome_from = Date()
    outcome_kind = Choice(
        "OutcomeKind",
        "assigned",
        "positive",
        metadata={"description": "assigned: any but 0, not yet assigned."},
    )
    outcome_to = Date(metadata={"description": "Assigned from outcome_from to that day; both ends count."})
    recorded_from = Date()
    recorded_in_time = Choice("RecordedInTime", "true", "false", "unknown")
    recorded_to = Date()
    status = Choice(
        "OffenceStatusAsked",
        "recorded",
        "cancelled",
        "any",
        metadata={"description": "recorded where not given."},
    )


class Correction(Query):
    """Why."""

    reason = Text(longest=500)


@dataclass(frozen=True)
class Record:
    """The present version of a record: what decides whether it may be changed, and its `row` as a whole."""

    offence_id: UUID
    force: str
    since_change: int
    status: str
    cancelled_reason: str | None
    erased_change: int | None
    row: Mapping[str, object]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The record that a row of `offence_version` is."""
        return cls(
            row["offence_id"],
            row["force"],
            row["since_change"],
            row["status"],
            row["cancelled_reason"],
            row["erased_change"],
            row,
        )

    @property
    def version(self) -> dict[str, object]:
        """What names this version to the statement that ends it."""
        return {"force": self.force, "offence_id": self.offence_id, "seen": self.since_change}

    def require_not_erased(self, hint: str | None = None) -> None:
        """Raise 409 where what is personal has gone from it."""
        if self.erased_change is not None:
            raise Problem("conflict", f"This record was erased at change {self.erased_change}.", hint=hint)


def judge(book: Book, draft: Mapping[str, object], only: str | None = None) -> dict[str, object]:
    """The draft with the code of its force. Raises 422 naming every field that breaks a rule; `only` looks at
    that field alone."""
    force = book.reference.areas.find(names=[draft["force"]])
    if not force or force[0]["kind"] not in ("force", "body"):
        raise Problem(
            "invalid-body",
            f"force: No force is called {draft['force']}. GET /v1/areas?kind=force lists them.",
            errors=[{"pointer": "/force", "detail": f"No force is called {draft['force']}."}],
        )
    require_force(force[0]["code"])
    judged = {**draft, "force": force[0]["code"]}
    if faults := [one for one in book.offences.offences.faults(**judged) if only in (None, one["field"])]:
        errors = [{"pointer": f"/{one['field']}", "detail": one["detail"]} for one in faults]
        raise Problem("invalid-body", " ".join(one["detail"] for one in faults), errors=errors)
    return judged


def load_record(book: Book, offence_id: UUID) -> Record:
    """The record with this id, as it stands. Raises 404."""
    row = book.offences.offences.read(offence_id=offence_id)
    return Record.of(found(row, f"No offence has the id {offence_id}."))


def load_for_change(book: Book, offence_id: UUID, seen: int) -> Record:
    """The record as it stands, when the caller may change it and has seen this very version. Raises 404, 403,
    412 or 409."""
    present = load_record(book, offence_id)
    require_force(present.force)
    require_seen({"since_change": present.since_change}, seen)
    present.require_not_erased(hint="What is left of an erased record only counts, and stays as it is.")
    if present.status == "cancelled":
        raise Problem(
            "conflict",
            f"This record was cancelled ({present.cancelled_reason}) at change {present.since_change}.",
            hint="A cancelled record stays so; if wrongly, record the crime again under another crime_ref.",
        )
    return present


def count_again(book: Book, force: str) -> None:
    """Bring the counts up to date with what this change did to the records of a force."""
    book.offences.tally.count_change(force=force)


@offences.route("")
class Offences(Resource):
    """Every record."""

    @operation(
        "listOffences",
        "List recorded offences",
        query=OffenceFilter(),
        returns=page_of(Offence, "OffencePage"),
        formats=LISTED,
        access="consultation",
        listed=True,
    )
    def get(
        self,
        as_of: database.AsOf,
        area: str | None,
        force: str | None,
        category: str | None,
        status: str | None,
        **filters: Any,
    ) -> Answer:
        """In the order they were recorded. The `evidence` of a figure is this list, and holds exactly `value`
        records."""
        with reading(as_of) as sql:
            status = status or ("cancelled" if filters["cancelled_reason"] else "recorded")
            place = areas.find_code(sql, area)
            of_force = areas.find_code(sql, force, "force")
            of_category = categories.find_code(sql, category)
            operation_id = filters["operation"]
            if operation_id and not sql.offences.offences.knows_operation(operation_id=operation_id):
                detail = (
                    f"No operation has the id {operation_id} at change {sql.as_of}. GET"
                    " /v1/operations lists those there are."
                )
                raise Problem(
                    "invalid-parameter", detail, errors=[{"parameter": "operation", "detail": detail}]
                )
            of_areas = sql.offences.offences.list.with_parameters(
                areas=sql.reference.areas.inside(area=place) if place else None
            )
            return listed(
                sql,
                of_areas,
                OFFENCE,
                {"recorded_on": date, "offence_id": UUID},
                area=place,
                force=of_force,
                category=of_category,
                status=status,
                **filters,
            )

    @operation(
        "recordOffence",
        "Record an offence",
        body=OffenceDraft(),
        returns=Offence(),
        scope="record",
        status=201,
        tagged=True,
        access="collection",
        errors=(409,),
    )
    def post(self, body: Mapping[str, object]) -> Answer:
        """One crime, counted from the moment it is answered."""
        with writing("offence recorded") as sql:
            judged = judge(sql, body)
            row = sql.offences.offences.record(offence_id=new_id(), decided_by=None, reason=None, **judged)
            count_again(sql, row["force"])
            return Answer(row, {"Location": f"/v1/offences/{row['offence_id']}"}, tag=row["since_change"])


@offences.route("/<uuid:offence_id>")
class OneOffence(Resource):
    """One record."""

    @operation(
        "readOffence",
        "Read one recorded offence",
        access="consultation",
        query=Known(),
        returns=Offence(),
        tagged=True,
        errors=(404,),
    )
    def get(self, offence_id: UUID, as_of: database.AsOf) -> dict[str, object]:
        """As known at a change; cancelled ones too."""
        with reading(as_of) as sql:
            return found(
                sql.offences.offences.read(offence_id=offence_id),
                f"No offence has the id {offence_id} at change {sql.as_of}.",
            )

    @operation(
        "correctOffence",
        "Correct a recorded offence",
        query=Correction(),
        body=OffenceDraft(),
        returns=Offence(),
        scope="record",
        access="alteration",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def put(
        self, offence_id: UUID, body: Mapping[str, object], seen: int, reason: str | None
    ) -> dict[str, object]:
        """The whole record as it should be. Its force stays: a crime of another force is transferred, not
        corrected."""
        with writing("offence corrected") as sql:
            present = load_for_change(sql, offence_id, seen)
            judged = judge(sql, body)
            if judged["force"] != present.force:
                detail = (
                    f"The record belongs to {present.force}: transfer it, and let the other force record it."
                )
                raise Problem("invalid-body", detail, errors=[{"pointer": "/force", "detail": detail}])
            row: dict[str, object] = sql.offences.offences.correct(
                offence_id=offence_id, seen=seen, decided_by=None, reason=reason, **judged
            )
            count_again(sql, present.force)
            return row

    @operation(
        "reclassifyOffence",
        "Reclassify a recorded offence",
        body=Reclassification(),
        returns=Offence(),
        scope="record",
        access="alteration",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def patch(self, offence_id: UUID, body: Mapping[str, str | None], seen: int) -> dict[str, object]:
        """Another code from now on; the recorded date stays, so the crime moves between figures of its own
        period."""
        with writing("offence reclassified") as sql:
            present = load_for_change(sql, offence_id, seen)
            judge(sql, {**present.row, "code": body["code"]}, only="code")
            row: dict[str, object] = sql.offences.offences.reclassify(
                **present.version,
                code=body["code"],
                decided_by=body["authority"] or exchanges.caller().name,
                reason=body["reason"],
            )
            count_again(sql, present.force)
            return row


class VersionFilter(Paged):
    """As known when."""

    as_of = AsOf()


@offences.route("/<uuid:offence_id>/versions")
class OffenceVersions(Resource):
    """The history of one record."""

    @operation(
        "listOffenceVersions",
        "List the versions of one offence",
        access="consultation",
        query=VersionFilter(),
        returns=page_of(OffenceVersion, "OffenceVersionPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, offence_id: UUID, as_of: database.AsOf, **paging: Any) -> Answer:
        """Oldest first: who, when, why, what differed."""
        with reading(as_of) as sql:
            row = sql.offences.offences.read(offence_id=offence_id)
            record = Record.of(found(row, f"No offence has the id {offence_id} at change {sql.as_of}."))
            access.shown(offence_id=offence_id, force=record.force)
            return listed(
                sql,
                sql.offences.offences.versions,
                OffenceVersion(),
                {"since_change": int},
                offence_id=offence_id,
                **paging,
            )
