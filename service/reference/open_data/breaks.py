"""The breaks in series shipped by hand, as drafts for `define_breaks`.

Days and reach are those that the notes of the ONS tables (`data/ons-pfa-tables`), the offence code history
and ONS announcements name; what is marked as general knowledge stands in no file here and is to be confirmed
by a Force Crime Registrar before a decision depends on it.
"""

from operator import itemgetter
from typing import TypedDict


class ShippedBreak(TypedDict):
    """A break as `define_breaks` takes it, its day as ISO 8601 writes it."""

    series_break: str
    from_on: str
    name: str
    kind: str
    note: str
    source: str
    codes: list[str]
    categories: list[str]


ASSAULTS = ("104", "105A", "105B", "5A", "5B", "5C", "5D", "5E", "8F", "8G", "8H", "8J", "8K", "8N", "8P")
"""Assault with and without injury before and after April 2012."""
REGROUPED = ("10A", "10B", "10C", "10D", "126", "36", "59", "9A", "9B")
"""Codes that stood in another group before July 2013: weapons, interference, kidnapping, threats to damage,
public fear."""


def _draft(
    series_break: str,
    from_on: str,
    name: str,
    kind: str,
    note: str,
    source: str,
    *,
    codes: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
) -> ShippedBreak:
    return {
        "series_break": series_break,
        "from_on": from_on,
        "name": name,
        "kind": kind,
        "note": note,
        "source": source,
        "codes": sorted(codes),
        "categories": sorted(categories),
    }


def drafts() -> list[ShippedBreak]:
    """Every break shipped by hand, by name."""
    return sorted(
        [
            _draft(
                "assaults-2012",
                "2012-04-01",
                "Assault codes changed",
                "moved",
                "Offence codes of assault were replaced, and what counts as injury with them. Assault with"
                " injury, without it and with intent do not compare with earlier years; violence as a whole"
                " does.",
                "ONS, Crime in England and Wales, police force area data tables, year ending December 2024,"
                " notes for tables P5 to P7",
                codes=ASSAULTS,
            ),
            _draft(
                "regrouping-2013",
                "2013-07-18",
                "Groups of offences were redrawn",
                "moved",
                "ONS presented recorded crime in new groups, back to 2002/03, with totals unchanged. Figures"
                " here go by codes on both sides and so compare; a figure published before that day under the"
                " name of the same group may count other codes.",
                "ONS, Crime Statistics, 18 July 2013: new classifications of crime",
                codes=REGROUPED,
            ),
            _draft(
                "recording-reform-2014",
                "2014-04-01",
                "Recording was reformed",
                "counted",
                "After inspections found a fifth of reported crimes unrecorded, and after the National"
                " Statistics badge was lost in January 2014, forces recorded more of what was reported to"
                " them, violence and sexual offences above all, each from its own day on. The day is the"
                " first of the financial year in which that began (general knowledge).",
                "HMIC, Crime-recording: making the victim count, 2014; UK Statistics Authority, January 2014",
            ),
            _draft(
                "burglary-2017",
                "2017-04-01",
                "Burglary was redefined",
                "counted",
                "Dwelling and non-dwelling burglary gave way to residential burglary, which takes in sheds,"
                " garages and outbuildings, and to burglary of businesses and communities.",
                "Home Office Counting Rules, burglary, April 2017; offence code history: 28A to 31 end, 28E"
                " to 31A begin",
                categories=("burglary",),
            ),
            _draft(
                "counting-rules-2023",
                "2023-05-01",
                "Counting rules changed",
                "counted",
                "Of several crimes of one offender against one victim, stalking, harassment and other conduct"
                " crimes among them, the principal one alone is recorded, and some malicious communications"
                " and public order offences need more than before (general knowledge).",
                "Home Office Counting Rules, May 2023",
                categories=("public-order-offences", "stalking-and-harassment", "violence-without-injury"),
            ),
        ],
        key=itemgetter("series_break"),
    )
