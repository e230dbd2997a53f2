"""The receipt of a file of offences, as the service works with it and as it answers with it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marshmallow import fields

from service.intake.receipts import Receipt
from service.web.fields import Choice, Date, Instant, Integer, Output, Uuid


@dataclass(frozen=True)
class Days:
    """Days of which a file has every record, first and last."""

    period_from: date
    period_to: date


@dataclass(frozen=True, kw_only=True)
class SubmissionReceipt(Receipt):
    """What became of a file of offences; Submission explains each member. `days` are the runs of days of
    which it has every record, in order."""

    cancelled: int = 0
    cancelled_by_replacement: int | None = None
    corrected: int = 0
    covers: str
    days: tuple[Days, ...] = ()
    erased: int = 0
    force: str
    lines: int
    mapping: str | None
    mapping_change: int | None
    recorded: int = 0
    replaces: str | None
    submission_id: UUID
    unchanged: int = 0

    @property
    def changed_records(self) -> int:
        """How many records are new, corrected or cancelled by it, or would be."""
        return self.recorded + self.corrected + (self.cancelled_by_replacement or 0)

    @property
    def period_from(self) -> date | None:
        """The first day of which it has every record."""
        return self.days[0].period_from if self.days else None

    @property
    def period_to(self) -> date | None:
        """The last such day."""
        return self.days[-1].period_to if self.days else None


class Submission(Output):
    """The receipt."""

    table_key = ("submission_id",)

    at = Instant()
    caller = fields.String()
    cancelled = Integer(
        least=0,
        most=2**31 - 1,
        metadata={"description": "Lines whose record was cancelled here; it is left as it is."},
    )
    cancelled_by_replacement = Integer(
        least=0,
        most=2**31 - 1,
        allow_none=True,
        metadata={
            "description": (
                "Records of the period it replaces that it lacks: cancelled, or to be cancelled once it is"
                " accepted."
            )
        },
    )
    change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change it made; null where nothing changed."},
    )
    corrected = Integer(least=0, most=2**31 - 1)
    covers = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of the file, unpacked where it came gzipped."})
    erased = Integer(
        least=0,
        most=2**31 - 1,
        metadata={"description": "Lines whose record was erased here; it is left as it is."},
    )
    faults = Integer(least=0, most=2**31 - 1)
    force = fields.String()
    lines = Integer(least=0, most=2**31 - 1)
    mapping = fields.String(allow_none=True)
    mapping_change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change at which that version of the mapping began."},
    )
    period_from = Date(allow_none=True)
    period_to = Date(allow_none=True)
    reason = fields.String()
    recorded = Integer(least=0, most=2**31 - 1)
    replaces = fields.String(allow_none=True)
    status = Choice("SubmissionStatus", "accepted", "refused", "rehearsed")
    submission_id = Uuid()
    unchanged = Integer(least=0, most=2**31 - 1)


class Fault(Output):
    """One thing wrong with one line of a file."""

    table_key = ("line", "position")

    detail = fields.String()
    field = fields.String()
    line = Integer(least=1, most=2**31 - 1)
    position = Integer(least=1, most=2**31 - 1)
    value = fields.String(allow_none=True)
