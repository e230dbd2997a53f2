"""Revisions: what each published figure was, what it is now, and what the difference is made of, record by
record."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, TypedDict
from urllib.parse import urlencode
from uuid import UUID

from flask_restx import Resource
from marshmallow import fields

from service.figures.counts import count_figures
from service.figures.figure import Figure
from service.figures.question import Question
from service.releases.parts import PARTS, ROLES, Part, PartSchema, Revision, RevisionSchema
from service.releases.publishing import question_of
from service.releases.releases import find_release, releases
from service.releases.stored import ReleaseRow, StoredFigure, read_area, read_category, read_json
from service.releases.wording import word_revision
from service.store import Book
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Choice, Date, Integer, Known, Output, Reflected, Uuid, side_by_side
from service.web.problems import Problem
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

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
    revisions = fields.List(fields.Nested(RevisionSchema))
    revised = Integer(least=0, most=2**31 - 1, metadata={"description": "How many counts have moved."})

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table with a row for each count and part: without a part where nothing moved."""
        parts = side_by_side(PartSchema(), maybe=True)
        found = (
            side_by_side(RevisionSchema())
            | {"part": parts.pop("part")}
            | {f"part_{name}": field for name, field in parts.items()}
        )
        return {name: found[name] for name in COLUMNS}

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each count and part."""
        return _flatten_revisions(self.get_attribute(content, "revisions", []))

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


class PartRow(TypedDict):
    """A row of the statement `parts`."""

    position: int
    role: str
    part: str
    difference: int
    records: int


Moved = dict[tuple[int, str], list[Part]]
"""The parts of each count of a release that moved, by its position and role."""


def _find_release_since(book: Book, release_id: UUID) -> ReleaseRow:
    """The release. Raises 404 where the caller cannot see it, 400 where its figures were not known yet as of
    this change."""
    release = find_release(book, release_id)
    if book.as_of < release["change"]:
        detail = f"Its figures were known at change {release['change']}: ask for that change or a later one."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "as_of", "detail": detail}])
    return release


def list_revisions(book: Book, release: ReleaseRow) -> list[Revision]:
    """Each count of a release then and now, with what the difference is made of."""
    rows: list[StoredFigure] = book.releases.releases.figures(release_id=release["release_id"])
    moved = _find_parts_of_records(book, release) if release["source"] == "records" else None
    revisions = []
    for role, question in _by_role(question_of(release)):
        figures = {
            (figure.area.code, figure.category and figure.category.code): figure
            for figure in count_figures(book, question)
        }
        revisions += [
            _make_revision(row, role, question, figures.get((row["area"], row["category"])), moved)
            for row in rows
        ]
    return sorted(revisions, key=lambda revision: (revision.position, ROLES.index(revision.role)))


def _by_role(question: Question) -> Iterator[tuple[str, Question]]:
    """The question for the counts themselves, and for those that they were compared with."""
    yield "value", replace(question, base=None)
    if question.base:
        yield "base", replace(question, base=None, period=question.base)


def _make_revision(
    row: StoredFigure, role: str, question: Question, figure: Figure | None, moved: Moved | None
) -> Revision:
    """Then, now and the difference. A category that has ended counts no record any more."""
    published = read_json(row["figure"])
    area, category = read_area(published), read_category(published)
    then = row["value"] if role == "value" else row["base_value"]
    nothing = 0 if question.source == "records" else None
    now = figure.counted() if figure else nothing
    difference = now - then if now is not None and then is not None else None
    if moved is not None:
        parts = moved.get((row["position"], role), [])
    elif then == now:
        parts = []
    else:
        edition = row["edition"] if role == "value" else row["base_edition"]
        parts = [_find_part_of_return(edition, category.definition, figure, difference)]
    period = question.period.period
    return Revision(
        position=row["position"],
        role=role,
        area=area,
        category=category,
        period=period,
        then=then,
        now=now,
        difference=difference,
        parts=parts,
        wording=word_revision(f"{category.name}, {area.name}, {period}", then, now, parts),
    )


def _find_parts_of_records(book: Book, release: ReleaseRow) -> Moved:
    """The parts of each count that moved, in the order in which a record is followed."""
    rows: list[PartRow] = book.releases.revisions.parts(
        release_id=release["release_id"], known=release["change"]
    )
    moved: Moved = {}
    for row in sorted(rows, key=lambda row: PARTS.index(row["part"])):
        asked = {"position": row["position"], "role": row["role"], "part": row["part"], "as_of": book.as_of}
        part = Part(
            part=row["part"],
            difference=row["difference"],
            records=row["records"],
            evidence=f"/v1/releases/{release['release_id']}/revisions/records?{urlencode(asked)}",
        )
        moved.setdefault((row["position"], row["role"]), []).append(part)
    return moved


def _find_part_of_return(
    edition: str | None, definition: int, figure: Figure | None, difference: int | None
) -> Part:
    """What a return says otherwise is one part: another edition, else another definition, else another
    geography."""
    now = figure.edition if figure else None
    category = figure.category if figure else None
    redefined = category is None or category.definition != definition
    part = "superseded_edition" if figure and edition != now else "redefined" if redefined else "redrawn"
    return Part(
        part=part,
        difference=difference,
        edition_then=edition,
        edition_now=now,
        evidence=figure.evidence if figure else None,
    )


def _flatten_revisions(revisions: list[Revision]) -> Iterator[dict[str, object]]:
    """A row of CSV for each count and part; one without a part where nothing moved."""
    schema = RevisionSchema()
    for revision in revisions:
        row = schema.dump(revision)
        for part in row["parts"] or [{}]:
            members = {f"part_{name}": value for name, value in part.items() if name != "part"}
            yield {**row, "part": part.get("part"), **members}


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
            release = _find_release_since(sql, release_id)
            unless_unchanged(sql)
            revisions = list_revisions(sql, release)
            answer = {
                **release,
                "as_of": {"change": sql.as_of, "at": sql.at},
                "revisions": revisions,
                "revised": sum(revision.then != revision.now for revision in revisions),
            }
            return Answer(answer, tag=sql.as_of)


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
            release = _find_release_since(sql, release_id)
            key = {"force": str, "offence_id": UUID}
            return listed(
                sql,
                sql.releases.revisions.records,
                RevisionRecord(),
                key,
                release_id=release_id,
                known=release["change"],
                **filters,
            )
