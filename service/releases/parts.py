"""A revision: what a published count was and is now, and the parts that its difference is made of.

Each noun is a frozen dataclass, made whole in one place, beside the schema that writes it as JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marshmallow import fields

from service.reference.areas import NamedArea, Place
from service.reference.categories import Counted, NamedCategory
from service.web.fields import Choice, Integer, Output

PARTS = (
    "recorded_late",
    "transferred_in",
    "cancelled",
    "transferred",
    "reinstated",
    "redated",
    "moved_area",
    "reclassified_in",
    "reclassified_out",
    "redefined",
    "redrawn",
    "victims_corrected",
)
"""Of records, in the order in which a record is followed from then to now."""
OF_RETURNS = ("superseded_edition", "redefined", "redrawn")
ROLES = ("value", "base")
DIFFERENCE = {"least": -(2**53), "most": 2**53}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reason why a count moved: of records how many, of a return from which edition to which."""

    part: str
    difference: int | None
    evidence: str | None
    records: int | None = None
    edition_then: str | None = None
    edition_now: str | None = None


class PartSchema(Output):
    """One reason why a figure moved, and by how much: the parts of a figure add up to its difference."""

    difference = Integer(
        **DIFFERENCE,
        allow_none=True,
        metadata={"description": "What the figure gained, or below nought lost."},
    )
    edition_now = fields.String(allow_none=True, metadata={"description": "Of a return."})
    edition_then = fields.String(allow_none=True, metadata={"description": "Of a return."})
    evidence = fields.String(
        allow_none=True, metadata={"description": "The list of these records, or the cells of a return."}
    )
    part = Choice("RevisionPart", *dict.fromkeys(PARTS + OF_RETURNS))
    records = Integer(
        least=0,
        most=2**31 - 1,
        allow_none=True,
        metadata={"description": "How many records; null for a return."},
    )


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A published count then and now; `position` and `role` say which of its release."""

    position: int
    role: str
    area: NamedArea
    category: NamedCategory
    period: str
    then: int | None
    now: int | None
    difference: int | None
    parts: Sequence[Part]
    wording: str


class RevisionSchema(Output):
    """A published count, then and now."""

    area = fields.Nested(Place)
    category = fields.Nested(Counted)
    difference = Integer(**DIFFERENCE, allow_none=True)
    now = Integer(**DIFFERENCE, allow_none=True)
    parts = fields.List(
        fields.Nested(PartSchema), metadata={"description": "Those that occur; none where nothing moved."}
    )
    period = fields.String()
    position = Integer(
        least=1, most=2**31 - 1, metadata={"description": "Of the figure in its release, from 1."}
    )
    role = Choice("FigureRole", *ROLES)
    then = Integer(**DIFFERENCE, allow_none=True)
    wording = fields.String()
