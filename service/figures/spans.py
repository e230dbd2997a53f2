"""A period as it is shown beside a figure: its days, and whether all of it is known."""

from typing import Any, ClassVar

from marshmallow import fields

from service.periods import Period
from service.web.fields import Boolean, Date, Output


class Span(Output):
    """A period, and whether all of it is known. `from` and `to` are both in."""

    complete = Boolean()
    period = fields.String()

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(), "to": Date()}


def span(period: Period, complete: bool) -> dict[str, Any]:
    """A period as it is shown."""
    return {"period": period.period, "from": period.from_on, "to": period.to_on, "complete": complete}
