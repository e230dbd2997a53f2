"""What the sender of a return gives with it: in the query of a request, or as options of a command."""

from dataclasses import dataclass

from service.periods import Period, PeriodField
from service.web.fields import Boolean, Choice, Query, Text

BASES = ("assigned", "recorded")
"""On which outcomes are counted: those assigned in the period, or those of the crimes recorded in it."""


@dataclass(frozen=True, kw_only=True)
class ReturnOptions:
    """What the file is; ReturnQuery explains each."""

    basis: str | None = None
    edition: str
    period: Period | None = None
    source: str
    title: str | None = None
    understood_only: bool | None = None


class ReturnQuery(Query):
    """What the file is."""

    basis = Choice(
        "OutcomeBasis", *BASES, metadata={"description": "Of outcomes whose heading does not say it."}
    )
    edition = Text(
        required=True,
        longest=10,
        metadata={"description": "When it was published: 2026-04-23, 2026-04 or 2026."},
    )
    period = PeriodField(metadata={"description": "Of a table of ONS that does not say it in a title."})
    source = Text(
        required=True,
        longest=100,
        metadata={"description": "Who counts: home-office-pfa, ons-rolling-year, …"},
    )
    title = Text(longest=300)
    understood_only = Boolean(
        metadata={
            "description": (
                "Keep the lines that are understood and list the others; else one such line refuses the file."
            )
        }
    )
