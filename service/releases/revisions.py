"""Revisions: what each published figure was, what it is now, and what the difference is made of, record by
record."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask_restx import Resource
from marshmallow import fields

from service.figures.counts import counted
from service.figures.question import Question
from service.figures.wording import revised_in_words
from service.reference.areas import Place
from service.reference.categories import Counted
from service.releases.publishing import question_of
from service.releases.releases import releases, seen
from service.store import Book
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Date, Integer, Known, Output, Reflected, Uuid, side_by_side
from service.web.problems import Problem
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

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


class Part(Output):
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


class Revision(Output):
    """A published count, then and now."""

    area = fields.Nested(Place)
    category = fields.Nested(Counted)
    difference = Integer(**DIFFERENCE, allow_none=True)
    now = Integer(**DIFFERENCE, allow_none=True)
    parts = fields.List(
        fields.Nested(Part), metadata={"description": "Those that occur; none where nothing moved."}
    )
    period = fields.String()
    position = Integer(
        least=1, most=2**31 - 1, metadata={"description": "Of the figure in its release, from 1."}
    )
    role = Choice("FigureRole", *ROLES)
    then = Integer(**DIFFERENCE, allow_none=True)
    wording = fields.String()


COLUMNS = [
    "position",
    "role",
    "area_code",
    "area_name",
    "category_code",
    "category_name",
    "category_definition",
    "period",
    "then",
    "now",
    "difference",
    "part",
    "part_difference",
    "part_records",
    "part_edition_then",
    "part_edition_now",
    "part_evidence",
    "wording",
]


class Revisions(Output):
    """What has moved since a release was published."""

    as_of = fields.Nested(Reflected)
    change = Integer(
        least=1,
        most=2**62,
        metadata={"description": "The change at which the figures of the release were known."},
    )
    measure = fields.String()
    release_id = Uuid()
    revisions = fields.List(fields.Nested(Revision))
    revised = Integer(least=0, most=2**31 - 1, metadata={"description": "How many counts have moved."})

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table with a row for each count and part: without a part where nothing moved."""
        parts = side_by_side(Part(), maybe=True)
        found = (
            side_by_side(Revision())
            | {"part": parts.pop("part")}
            | {f"part_{name}": field for name, field in parts.items()}
        )
        return {name: found[name] for name in COLUMNS}

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each count and part."""
        return _rows(self.get_attribute(content, "revisions", []))

    source = fields.String()
    title = fields.String()


class RevisionRecord(Output):
    """A record that moved a published count, as known then and now."""

    table_key: ClassVar[tuple[str, ...]] = ("force", "offence_id")

    change = Integer(least=1, most=2**62, metadata={"description": "The change that made the difference."})
    contribution = Integer(least=-10_000, most=10_000)
    crime_ref = fields.String()
    force = fields.String()
    now_area = fields.String()
    now_code = fields.String()
    now_recorded_on = Date()
    now_status = Choice("OffenceStatus", "recorded", "cancelled")
    now_victims = Integer(least=0, most=10_000)
    offence_id = Uuid()
    then_area = fields.String(allow_none=True)
    then_code = fields.String(allow_none=True)
    then_recorded_on = Date(allow_none=True)
    then_status = Choice("OffenceStatus", "recorded", "cancelled", allow_none=True)
    then_victims = Integer(least=0, most=10_000, allow_none=True)


class RevisionFilter(Paged):
    """Of which figure, of its count or its base, and which part of the difference."""

    as_of = AsOf()
    part = Choice("RecordPart", *PARTS, required=True)
    position = Integer(least=1, most=2**31 - 1, required=True)
    role = Choice("FigureRole", *ROLES, required=True)


def _since(book: Book, release_id: UUID) -> dict[str, Any]:
    """The release. Raises 404 where the caller cannot see it, 400 where its figures were not known yet as of
    this change."""
    row = seen(book, release_id)
    if book.as_of < row["change"]:
        detail = f"Its figures were known at change {row['change']}: ask for that change or a later one."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "as_of", "detail": detail}])
    return row


def revisions_of(book: Book, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Each count of a release then and now, with what the difference is made of."""
    question, frozen = question_of(row), book.releases.releases.figures(release_id=row["release_id"])
    moved = _parts_of_records(book, row) if row["source"] == "records" else None
    told = []
    for role, asked in _by_role(question):
        present = {(one["area"]["code"], one["category"]["code"]): one for one in counted(book, asked)}
        for one in frozen:
            figure, now = orjson.loads(one["figure"]), present.get((one["area"], one["category"]))
            revision = _revision(one, role, figure, now, asked)
            of_return = [] if moved is not None else _parts_of_return(one, role, revision, figure, now)
            parts = (moved or {}).get((one["position"], role), of_return)
            told.append({**revision, "parts": parts, "wording": revised_in_words(revision, parts)})
    return sorted(told, key=lambda one: (one["position"], ROLES.index(one["role"])))


def _by_role(question: Question) -> Iterator[tuple[str, Question]]:
    """The question for the counts themselves, and for those that they were compared with."""
    yield "value", replace(question, base=None)
    if question.base:
        yield "base", replace(question, base=None, period=question.base)


def _revision(
    one: dict[str, Any], role: str, figure: dict[str, Any], now: dict[str, Any] | None, asked: Question
) -> dict[str, Any]:
    """Then, now and the difference. A category that has ended counts no record any more."""
    before = one["value"] if role == "value" else one["base_value"]
    after = now["value"] if now else 0 if asked.source == "records" else None
    return {
        "position": one["position"],
        "role": role,
        "area": figure["area"],
        "category": figure["category"],
        "period": asked.period.period,
        "then": before,
        "now": after,
        "difference": after - before if None not in (before, after) else None,
    }


def _parts_of_records(book: Book, row: dict[str, Any]) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """The parts of each count that moved, in the order in which a record is followed."""
    moved: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for one in book.releases.revisions.parts(release_id=row["release_id"], known=row["change"]):
        asked = {"position": one["position"], "role": one["role"], "part": one["part"], "as_of": book.as_of}
        evidence = f"/v1/releases/{row['release_id']}/revisions/records?{urlencode(asked)}"
        part = {**one, "edition_then": None, "edition_now": None, "evidence": evidence}
        moved.setdefault((one["position"], one["role"]), []).append(part)
    for parts in moved.values():
        parts.sort(key=lambda part: PARTS.index(part["part"]))
    return moved


def _parts_of_return(
    one: dict[str, Any],
    role: str,
    revision: dict[str, Any],
    figure: dict[str, Any],
    now: dict[str, Any] | None,
) -> list[dict[str, Any]]:
    """What a return says otherwise is one part: another edition, else another definition, else another
    geography."""
    if revision["then"] == revision["now"]:
        return []
    before, after = (
        one["edition"] if role == "value" else one["base_edition"],
        (now["edition"] if now else None),
    )
    redefined = now is None or now["category"]["definition"] != figure["category"]["definition"]
    part = "superseded_edition" if now and before != after else "redefined" if redefined else "redrawn"
    return [
        {
            "part": part,
            "difference": revision["difference"],
            "records": None,
            "edition_then": before,
            "edition_now": after,
            "evidence": now["evidence"] if now else None,
        }
    ]


def _rows(revisions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each count and part; one without a part where nothing moved."""
    for one in revisions:
        for part in one["parts"] or [{}]:
            yield {
                **one,
                "part": part.get("part"),
                **{f"part_{name}": value for name, value in part.items() if name != "part"},
            }


@releases.route("/<uuid:release_id>/revisions")
class ReleaseRevisions(Resource):
    """What has moved since."""

    @operation(
        "readRevisions",
        "Read what has moved since a release was published",
        query=Known(),
        returns=Revisions(),
        formats=(formats.JSON, formats.CSV),
        tagged=True,
        errors=(404,),
    )
    def get(self, release_id: UUID, as_of: Any) -> Answer:
        """Each count, and each that it was compared with: then, now, and the difference in parts that add up
        to it exactly.

        A record is followed from then to now one aspect at a time: known at all, status, day, place, code,
        definition, geography, victims. As CSV a row for each count and part.
        """
        with reading(as_of) as sql:
            row = _since(sql, release_id)
            unless_unchanged(sql)
            told = revisions_of(sql, row)
            revised = sum(one["then"] != one["now"] for one in told)
            return Answer(
                {**row, "as_of": {"change": sql.as_of, "at": sql.at}, "revisions": told, "revised": revised},
                tag=sql.as_of,
            )


@releases.route("/<uuid:release_id>/revisions/records")
class RevisionRecords(Resource):
    """The records behind a part."""

    @operation(
        "listRevisionRecords",
        "List the records that moved a published figure",
        query=RevisionFilter(),
        returns=page_of(RevisionRecord, "RevisionRecordPage"),
        access="consultation",
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, release_id: UUID, as_of: Any, **filters: Any) -> Answer:
        """Those of one part of one difference: their contributions add up to it. Each as known then and as
        known now."""
        with reading(as_of) as sql:
            known = _since(sql, release_id)["change"]
            key = {"force": str, "offence_id": UUID}
            return listed(
                sql,
                sql.releases.revisions.records,
                RevisionRecord(),
                key,
                release_id=release_id,
                known=known,
                **filters,
            )
