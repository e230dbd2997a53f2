"""What the sender of a file of offences gives with it: in the query of a request, or as options of a
command."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError, validates_schema

from service.intake.offences.translation import Mapping
from service.periods import Period, PeriodField
from service.web.fields import Boolean, Date, Integer, Query, Text


@dataclass(frozen=True, kw_only=True)
class SubmissionOptions:
    """What the file is, and what is to become of it; SubmissionQuery explains each. A mapping is the name of
    one that is stored, or the mapping itself."""

    confirm: int | None = None
    covers: str | None = None
    force: str | None = None
    mapping: Mapping | str | None = None
    period_from: date | None = None
    period_to: date | None = None
    reason: str | None = None
    replaces: Period | None = None
    validate_only: bool | None = None


class SubmissionQuery(Query):
    """What the file is."""

    confirm = Integer(
        least=0,
        most=2**31 - 1,
        metadata={
            "description": (
                "How many records the file may cancel at most: what its rehearsal gave as"
                " cancelled_by_replacement. Goes with replaces, which needs it where more than a tenth of"
                " what is recorded would be cancelled."
            ),
            "example": 0,
        },
    )
    covers = Text(
        metadata={
            "description": (
                "The category of which the file holds every record of its days; all-crime where not given."
            )
        }
    )
    force = Text(metadata={"description": "The force it comes from; needed where lines do not say."})
    mapping = Text(
        longest=60,
        metadata={"description": "The force's mapping by which the file is read; goes with force."},
    )
    period_from = Date(
        metadata={
            "description": (
                "First day of which it holds every record; without either day, each month that has one."
            )
        }
    )
    period_to = Date(metadata={"description": "Last such day; never the day it is received or a later one."})
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})
    replaces = PeriodField(
        metadata={
            "description": (
                "The period for which the file is all there is: what it lacks is cancelled. More than a tenth"
                " of what is recorded needs confirm."
            ),
            "example": "1996-04",
        }
    )
    validate_only = Boolean(
        metadata={"description": "Rehearse: judge every line and count, change nothing.", "example": True}
    )

    @validates_schema
    def check_days(self, data: dict[str, Any], **_: object) -> None:
        """The last day does not come before the first, a period that is replaced names its days already, and
        only what is replaced is confirmed."""
        if "period_from" in data and "period_to" in data and data["period_to"] < data["period_from"]:
            raise ValidationError("period_to cannot come before period_from.", "period_to")
        if "replaces" in data and ("period_from" in data or "period_to" in data):
            raise ValidationError(
                "replaces names the days already: leave out period_from and period_to.", "replaces"
            )
        if "confirm" in data and "replaces" not in data:
            raise ValidationError("confirm goes with replaces: a file without it cancels nothing.", "confirm")
