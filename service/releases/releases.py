"""Releases: figures frozen as they were published, at the change at which they were known, with the
definitions they were counted by."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypedDict, cast
from uuid import UUID

from flask import current_app
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.figures.counts import count_figures
from service.figures.figure import FigureSchema
from service.figures.figure_table import figure_columns, flatten_figure
from service.figures.question import percent_rule
from service.offences.offences import offences
from service.releases import bulletin
from service.releases.publishing import Draft, ReleaseDraft, publish, question_of
from service.releases.stored import (
    PublishedRelease,
    ReleaseRow,
    read_area,
    read_category,
    read_json,
    store_figures,
)
from service.store import Book, database
from service.web import exchanges
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.answers.renderers import Rendered, register
from service.web.fields import AsOf, Boolean, Choice, Date, Instant, Integer, Known, Output, Uuid
from service.web.problems import Problem, of_the_body
from service.web.request import access
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import known_by, reading, writing

releases = Namespace("releases", description="Figures as published, and why they have moved since.")


class ReleaseSummary(Output):
    """A release, without its figures."""

    table_key: ClassVar[tuple[str, ...]] = ("release_id",)

    areas = fields.List(fields.String())
    at = Instant(metadata={"description": "When its figures were known."})
    categories = fields.List(fields.String())
    change = Integer(
        least=1, most=2**62, metadata={"description": "The change at which its figures were known."}
    )
    compare = fields.String(allow_none=True)
    counted = Integer(least=1, most=2**31 - 1, metadata={"description": "How many figures it has."})
    embargo_until = Instant(allow_none=True)
    made_at = Instant()
    measure = fields.String()
    percent_rule = percent_rule(allow_none=True)
    period = fields.String()
    release_id = Uuid()
    since_change = Integer(least=1, most=2**62, metadata={"description": "The change that made it."})
    source = fields.String()
    title = fields.String()


class DefinitionCode(Output):
    """A code, and the days between which it belongs; null is open."""

    code = fields.String()
    from_on = Date(allow_none=True)
    to_on = Date(allow_none=True)


class Definition(Output):
    """A category as it was defined when the figures were known."""

    category = fields.String()
    codes = fields.List(fields.Nested(DefinitionCode))
    definition = Integer(least=1, most=2**31 - 1)
    every_code = Boolean()
    name = fields.String()


class Release(ReleaseSummary):
    """A release: its figures byte for byte as published, and the definitions they were counted by."""

    table_key: ClassVar[tuple[str, ...]] = ()

    definitions = fields.List(fields.Nested(Definition))
    figures = fields.List(fields.Nested(FigureSchema))

    def table_columns(self) -> dict[str, fields.Field[Any]]:
        """Of a table of its figures."""
        return figure_columns()

    def table_rows(self, content: object) -> Iterable[dict[str, Any]]:
        """A row for each figure, as it was published."""
        return map(flatten_figure, self.get_attribute(content, "figures", []))


def as_text(schema: Output, answer: Answer) -> Rendered:
    """A release as plain text to be read."""
    release = cast("PublishedRelease", answer.content)
    return Rendered(bulletin.write_release(release).encode())


register(formats.TEXT, Release, as_text)


class ReleaseFilter(Paged):
    """As known when."""

    as_of = AsOf()


class Counting(Output):
    """A published figure in which a record counted."""

    table_key: ClassVar[tuple[str, ...]] = ("release_id", "position", "role")

    area = fields.String()
    area_name = fields.String()
    category = fields.String()
    category_name = fields.String()
    change = Integer(
        least=1, most=2**62, metadata={"description": "The change at which the figure was known."}
    )
    counts_now = Boolean(
        metadata={"description": "Does the record count there as of the change that this answer reflects?"}
    )
    definition = Integer(least=1, most=2**31 - 1, metadata={"description": "Of the category."})
    measure = fields.String()
    period = fields.String()
    position = Integer(least=1, most=2**31 - 1)
    release = fields.String(metadata={"description": "The address of the release."})
    release_id = Uuid()
    revisions = fields.String(metadata={"description": "The address of what has moved since."})
    role = Choice(
        "FigureRole",
        "value",
        "base",
        metadata={"description": "In the count itself, or in the one it was compared with."},
    )
    title = fields.String()
    value = Integer(least=-(2**53), most=2**53, allow_none=True)


class Sight(TypedDict):
    """What decides which releases a caller may see: the clock, and whether the caller publishes."""

    now: dt.datetime
    publishes: bool


class Alteration(TypedDict):
    """What is kept of a release otherwise than it is counted again."""

    release_id: UUID
    title: str
    what: str
    published: Mapping[str, object] | None
    counted: Mapping[str, object] | None


Rows = Sequence[Mapping[str, Any]]


class CountingRow(TypedDict):
    """A row of the statement `counting`: a published figure in which a record counted, in which role."""

    release_id: UUID
    since_change: int
    title: str
    position: int
    role: str
    figure: str
    period: str
    value: int | None
    change: int
    measure: str
    counts_now: bool


def sight_of_caller() -> Sight:
    """What the caller of this request may see."""
    return {"now": dt.datetime.now(dt.UTC), "publishes": "publish" in exchanges.caller().scopes}


def change_of(release_id: UUID) -> int:
    """The change at which a release's figures were known. Raises 400, with the same words for one that is
    unknown and one embargoed."""
    change: int | None = database.ask(
        "releases.releases", "change_of", release_id=release_id, **sight_of_caller()
    )
    if change is None:
        detail = f"No release has the id {release_id}."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "as_of", "detail": detail}])
    return change


def find_release(book: Book, release_id: UUID) -> ReleaseRow:
    """The release, where the caller may see it. Raises 404, with the same words for one that is unknown and
    one embargoed."""
    row: ReleaseRow | None = book.releases.releases.read(release_id=release_id, **sight_of_caller())
    if row is None:
        raise Problem("not-found", f"No release has the id {release_id}.")
    return _with_compare(row)


def _with_compare(row: ReleaseRow) -> ReleaseRow:
    """A row of the book as the contract names its members."""
    return {**row, "compare": row["base_period"]}


def read_published(book: Book, release: ReleaseRow) -> PublishedRelease:
    """A release with its figures and definitions."""
    statements, release_id = book.releases.releases, release["release_id"]
    return {
        **release,
        "figures": [read_json(row["figure"]) for row in statements.figures(release_id=release_id)],
        "definitions": statements.definitions(release_id=release_id),
    }


def find_alterations(book: Book) -> Iterator[Alteration]:
    """Count every release again as of its change; yields what is kept of it otherwise than it is counted: a
    figure or a definition."""
    following: int | None = None
    while rows := book.releases.releases.list(
        after_since_change=following, limit=100, now=book.at, publishes=True
    ):
        for row in rows:
            yield from _find_alterations(book, _with_compare(row))
        following = rows[-1]["since_change"]


def _find_alterations(book: Book, release: ReleaseRow) -> Iterator[Alteration]:
    statements, release_id = book.releases.releases, release["release_id"]
    then = book.earlier(release["change"], release["at"])
    sides: tuple[tuple[str, str, Rows, Rows], ...] = (
        (
            "figure",
            "position",
            statements.figures(release_id=release_id),
            store_figures(count_figures(then, question_of(release))),
        ),
        (
            "definition",
            "category",
            statements.definitions(release_id=release_id),
            then.releases.releases.definitions_again(categories=release["categories"]),
        ),
    )
    for what, key, kept_rows, counted_rows in sides:
        published, counted = ({row[key]: dict(row) for row in rows} for rows in (kept_rows, counted_rows))
        for name in dict.fromkeys([*published, *counted]):
            if published.get(name) != counted.get(name):
                yield {
                    "release_id": release_id,
                    "title": release["title"],
                    "what": f"{what} {name}",
                    "published": published.get(name),
                    "counted": counted.get(name),
                }


@releases.route("")
class Releases(Resource):
    """Every release."""

    @operation(
        "listReleases",
        "List releases",
        query=ReleaseFilter(),
        returns=page_of(ReleaseSummary, "ReleasePage"),
        formats=LISTED,
    )
    def get(self, as_of: Any, **paging: Any) -> Answer:
        """In the order they were made. An embargoed one is listed to those alone who publish, until its
        embargo ends."""
        sight = sight_of_caller()
        with reading(as_of) as sql:

            def select(**asked: Any) -> list[dict[str, Any]]:
                return [{**_with_compare(row)} for row in sql.releases.releases.list(**sight, **asked)]

            return listed(sql, select, ReleaseSummary(), {"since_change": int}, tagged=False, **paging)

    @operation(
        "publishRelease",
        "Publish a release",
        body=ReleaseDraft(),
        returns=Release(),
        scope="publish",
        status=201,
        tagged=True,
    )
    def post(self, body: Draft) -> Answer:
        """Counts the figures as known now, or as of a change, and freezes them with their definitions.
        Nothing of it can be changed."""
        with writing("release made") as sql:
            with of_the_body():
                known = known_by(body["as_of"])
            rule = body["percent_rule"] or current_app.config["PERCENT_RULE"]
            release_id = publish(sql, {**body, "as_of": known, "percent_rule": rule})
            release = read_published(sql, find_release(sql, release_id))
            address = {"Location": f"/v1/releases/{release_id}"}
            return Answer(release, address, tag=release["since_change"])


@releases.route("/<uuid:release_id>")
class OneRelease(Resource):
    """One release."""

    @operation(
        "readRelease",
        "Read a release",
        query=Known(),
        returns=Release(),
        formats=(formats.JSON, formats.CSV, formats.TEXT),
        tagged=True,
        errors=(404,),
    )
    def get(self, release_id: UUID, as_of: Any) -> Answer:
        """As published: JSON, one row of CSV for each figure, or plain text to be read. Under embargo it is
        not found."""
        with reading(as_of) as sql:
            row = find_release(sql, release_id)
            if row["since_change"] > sql.as_of:
                raise Problem("not-found", f"No release has the id {release_id}.")
            return Answer(read_published(sql, row), tag=row["since_change"])


@offences.route("/<uuid:offence_id>/figures")
class OffenceFigures(Resource):
    """Where one record counted."""

    @operation(
        "listOffenceFigures",
        "List the published figures that a record counted in",
        query=ReleaseFilter(),
        returns=page_of(Counting, "CountingPage"),
        access="consultation",
        formats=LISTED,
        errors=(404,),
    )
    def get(self, offence_id: UUID, as_of: Any, **paging: Any) -> Answer:
        """Every figure of every release that it ever counted in, in the count or in its base, and whether it
        still counts there."""
        sight = sight_of_caller()
        with reading(as_of) as sql:
            offence = found(
                sql.offences.offences.read(offence_id=offence_id),
                f"No offence has the id {offence_id} at change {sql.as_of}.",
            )
            access.shown(offence_id=offence_id, force=offence["force"])

            def select(**asked: Any) -> list[dict[str, Any]]:
                return [_describe_counting(row) for row in sql.releases.releases.counting(**sight, **asked)]

            key = {"since_change": int, "position": int, "role": str}
            return listed(sql, select, Counting(), key, tagged=False, offence_id=offence_id, **paging)


def _describe_counting(row: CountingRow) -> dict[str, object]:
    """A row as the contract shows it."""
    address, figure = f"/v1/releases/{row['release_id']}", read_json(row["figure"])
    area, category = read_area(figure), read_category(figure)
    return {
        **row,
        "area": area.code,
        "area_name": area.name,
        "category": category.code,
        "category_name": category.name,
        "definition": category.definition,
        "release": address,
        "revisions": f"{address}/revisions",
    }
