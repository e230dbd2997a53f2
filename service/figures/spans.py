"""A period as it stands beside a figure: its days, and whether all of it is known."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from marshmallow import fields

from service.periods import Period
from service.web.fields import Boolean, Date, Output


@dataclass(frozen=True)
class Span:
    """A period with its first and last day, both in, and whether all of it is known."""

    period: str
    from_on: date
    to_on: date
    complete: bool


class SpanSchema(Output):
    """A period, and whether all of it is known. `from` and `to` are both in."""

    complete = Boolean()
    period = fields.String()

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(attribute="from_on"), "to": Date(attribute="to_on")}


def span(period: Period, complete: bool) -> Span:
    """The span of a period."""
    return Span(period.period, period.from_on, period.to_on, complete)
