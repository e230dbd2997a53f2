"""The receipt of files of data.police.uk, as the service works with it and as it answers with it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marshmallow import fields

from service.intake.receipts import Receipt
from service.web.fields import Choice, Instant, Integer, Output, Uuid

MOST = 2**31 - 1


@dataclass(frozen=True)
class StreetFileEffect:
    """What one file did: a month of a force, the first day of which is `month`. `ended` and the other members
    that are numbers are explained by StreetFile."""

    corrected: int
    ended: int
    force: str
    kind: str
    month: date
    name: str | None
    recorded: int
    rows: int
    unchanged: int


@dataclass(frozen=True)
class PassedOverFile:
    """A file of a folder or archive that was not read, and the reason as a sentence."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StreetReceipt(Receipt):
    """What became of files of data.police.uk; StreetSubmission explains each member."""

    files: tuple[StreetFileEffect, ...] = ()
    passed_over: tuple[PassedOverFile, ...]
    passed_over_count: int
    rows: int
    street_submission_id: UUID


class Month(fields.String):
    """A month as YYYY-MM, out of the day it begins on."""

    def _serialize(self, value: object, attr: str | None, obj: object, **keywords: object) -> str | None:
        return None if value is None else str(value)[:7]


class PassedOver(Output):
    """A file of a folder or archive that was not read."""

    name = fields.String()
    reason = fields.String()


class StreetFile(Output):
    """What one file did: a month of a force."""

    corrected = Integer(
        least=0, most=MOST, metadata={"description": "Rows that say otherwise of a Crime ID what was held."}
    )
    ended = Integer(
        least=0, most=MOST, metadata={"description": "Rows held before that the file no longer has."}
    )
    force = fields.String()
    kind = Choice("StreetFileKind", "street", "outcomes")
    month = Month()
    name = fields.String(allow_none=True)
    recorded = Integer(least=0, most=MOST)
    rows = Integer(least=0, most=MOST)
    unchanged = Integer(least=0, most=MOST)


class StreetSubmission(Output):
    """The receipt."""

    table_key = ("street_submission_id",)

    at = Instant()
    caller = fields.String()
    change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change it made; null where nothing changed."},
    )
    digest = fields.String(
        metadata={
            "description": (
                "SHA-256 of the bytes received; of a folder, of its files in the order of their names."
            )
        }
    )
    faults = Integer(least=0, most=MOST)
    files = fields.List(fields.Nested(StreetFile))
    passed_over = fields.List(
        fields.Nested(PassedOver),
        metadata={"description": "The first 100 files that were not read, and why."},
    )
    passed_over_count = Integer(least=0, most=MOST)
    reason = fields.String()
    rows = Integer(least=0, most=MOST)
    status = Choice("StreetSubmissionStatus", "accepted", "refused")
    street_submission_id = Uuid()


class StreetFault(Output):
    """One thing wrong with one line of a file."""

    table_key = ("position",)

    detail = fields.String()
    field = fields.String()
    file = fields.String(allow_none=True)
    line = Integer(least=1, most=MOST)
    position = Integer(least=1, most=MOST)
    value = fields.String(allow_none=True)
