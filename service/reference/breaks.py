"""Breaks in series: days from which crime is counted otherwise, with the codes concerned; and which of them a
comparison crosses."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, TypedDict

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.reference import categories
from service.store import Book, as_json
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Choice, Date, Input, Integer, Known, Output, Text
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

KINDS = ("counted", "moved")
KIND_EXPLAINED = (
    "counted: whatever holds one of the codes is counted otherwise. moved: offences moved between the codes,"
    " so a category that holds all of them does not break."
)
breaks = Namespace("breaks", description="Days from which crime is counted otherwise.")


class BreakBody(TypedDict):
    """What BreakDraft loads."""

    categories: list[str]
    codes: list[str]
    from_on: date
    kind: str
    name: str
    note: str
    source: str


class NamedBreak(BreakBody):
    """A break under its name."""

    series_break: str


class BreakDefinition(TypedDict):
    """What define_breaks looks at; the rest goes into the book as it is."""

    categories: list[str]
    codes: list[str]


class BreakDraft(Input):
    """A day from which something is counted otherwise."""

    categories = fields.List(
        Text(), load_default=list, metadata={"description": "All codes of these are concerned."}
    )
    codes = fields.List(
        Text(longest=24), load_default=list, metadata={"description": "Codes concerned; without either, all."}
    )
    from_on = Date(
        required=True, metadata={"description": "The first day on which it is counted the new way."}
    )
    kind = Choice("BreakKind", *KINDS, required=True, metadata={"description": KIND_EXPLAINED})
    name = Text(required=True)
    note = Text(
        longest=2000, required=True, metadata={"description": "What changed, and what may still be compared."}
    )
    source = Text(longest=1000, required=True, metadata={"description": "Who says so."})

    @validates_schema
    def names_what_moved(self, data: BreakBody, **_: object) -> None:
        """Offences move between codes, so those are named."""
        if data["kind"] == "moved" and not data["categories"] and not data["codes"]:
            raise ValidationError("Name the codes or categories between which offences moved.", "codes")


class SeriesBreak(Output):
    """A break as known at a change."""

    table_key: ClassVar[tuple[str, ...]] = ("series_break",)

    categories = fields.List(fields.String())
    codes = fields.List(fields.String())
    from_on = Date()
    kind = Choice("BreakKind", *KINDS)
    name = fields.String()
    note = fields.String()
    series_break = fields.String()
    since_change = Integer(least=1, most=2**62)
    source = fields.String()


class BreakFilter(Paged):
    """Of which category, as known when."""

    as_of = AsOf()
    category = Text(metadata={"description": "Those that concern this category."})


def define_breaks(book: Book, definitions: Sequence[BreakDefinition]) -> None:
    """Make these breaks say this; those that already do are left alone. Raises 422 for codes and categories
    that are not known."""
    with of_the_body(category="categories"):
        for definition in definitions:
            categories.find_categories(book, definition["categories"])
    codes = [code for definition in definitions for code in definition["codes"]]
    if unknown := book.reference.breaks.unknown_codes.rows(codes=codes):
        names = ", ".join(str(row["code"]) for row in unknown)
        detail = f"No offence code is called {names}. GET /v1/offence-codes lists those that are."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/codes", "detail": detail}])
    drafts = as_json(definitions)
    book.reference.breaks.close_differing(drafts=drafts)
    book.reference.breaks.open_missing(drafts=drafts)


@breaks.route("")
class AllBreaks(Resource):
    """Every break."""

    @operation(
        "listBreaks",
        "List breaks in series",
        query=BreakFilter(),
        returns=page_of(SeriesBreak, "BreakPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: AsKnown, category: str | None, after: str | None, limit: int | None) -> Answer:
        """Those shipped and those defined here. A comparison that crosses one names it in
        `compared.breaks`."""
        with reading(as_of) as sql:
            code = categories.find_code(sql, category)
            return listed(
                sql,
                sql.reference.breaks.list,
                SeriesBreak(),
                {"series_break": str},
                category=code,
                after=after,
                limit=limit,
            )


@breaks.route("/<string:series_break>")
class OneBreak(Resource):
    """One break."""

    @operation(
        "readBreak", "Read one break", query=Known(), returns=SeriesBreak(), tagged=True, errors=(404,)
    )
    def get(self, series_break: str, as_of: AsKnown) -> Row:
        """As known at a change."""
        with reading(as_of) as sql:
            return found(
                sql.reference.breaks.read.row(series_break=series_break),
                f"No break is called {series_break}.",
            )

    @operation(
        "defineBreak",
        "Define a break",
        body=BreakDraft(),
        returns=SeriesBreak(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
    )
    def put(self, series_break: str, body: BreakBody, seen: int) -> Answer:
        """The whole break as it should be. `If-Match: "0"` for a new one."""
        with writing("break defined") as sql:
            present = sql.reference.breaks.read.row(series_break=series_break)
            require_seen(present or {"since_change": 0}, seen)
            named: NamedBreak = {**body, "series_break": series_break}
            define_breaks(sql, [named])
            status, headers = (200, {}) if present else (201, {"Location": f"/v1/breaks/{series_break}"})
            return Answer(sql.reference.breaks.read.row(series_break=series_break), headers, status=status)

    @operation(
        "withdrawBreak",
        "Withdraw a break",
        returns=SeriesBreak(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, series_break: str, seen: int) -> Row:
        """It can still be read as of an earlier change."""
        with writing("break withdrawn") as sql:
            present = found(
                sql.reference.breaks.read.row(series_break=series_break),
                f"No break is called {series_break}.",
            )
            require_seen(present, seen)
            sql.reference.breaks.end(series_break=series_break, seen=seen)
            return present
