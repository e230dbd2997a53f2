"""Places: districts, partnerships, forces, regions, nations; dated, nested many-to-many, with their
populations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.store import Book, as_json
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Choice, Date, Input, Integer, Known, Output, Text
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

KINDS = ("beat", "district", "partnership", "force", "body", "region", "nation")
areas = Namespace("areas", description="Places, through time.")


class Population(Input):
    """Usual residents in the middle of a year."""

    residents = Integer(least=0, most=2**31 - 1, required=True)
    source = Text(longest=200, required=True)
    year = Integer(least=1801, most=2999, required=True)


class Households(Input):
    """Households in the middle of a year."""

    households = Integer(least=0, most=2**31 - 1, required=True)
    source = Text(longest=200, required=True)
    year = Integer(least=1801, most=2999, required=True)


class YearBody(TypedDict):
    """How many people or households were counted in a year; that member is called as what is counted."""

    source: str
    year: int


class PopulationBody(YearBody):
    """What Population loads."""

    residents: int


class HouseholdsBody(YearBody):
    """What Households loads."""

    households: int


class AreaBody(TypedDict):
    """What AreaDraft loads."""

    aliases: list[str]
    from_on: date | None
    households: list[HouseholdsBody]
    kind: str
    name: str
    parents: list[str]
    populations: list[PopulationBody]
    slug: str
    to_on: date | None


class AreaDraft(Input):
    """What is said of an area."""

    aliases = fields.List(
        Text(), load_default=list, metadata={"description": "Other names that returns use for it."}
    )
    from_on = Date(allow_none=True, load_default=None)
    households = fields.List(fields.Nested(Households), load_default=list)
    kind = Choice("AreaKind", *KINDS, required=True)
    name = Text(required=True)
    parents = fields.List(
        Text(), load_default=list, metadata={"description": "Areas it lies in, by code or slug."}
    )
    populations = fields.List(fields.Nested(Population), load_default=list)
    slug = Text(required=True, longest=100)
    to_on = Date(allow_none=True, load_default=None)

    @validates_schema
    def ends_after_it_begins(self, data: AreaBody, **_: object) -> None:
        """from_on <= to_on, and each year once."""
        if data["from_on"] and data["to_on"] and data["from_on"] > data["to_on"]:
            raise ValidationError("An area cannot end before it begins.", "to_on")
        counts: dict[str, Sequence[YearBody]] = {
            "populations": data["populations"],
            "households": data["households"],
        }
        for member, numbers in counts.items():
            if len({number["year"] for number in numbers}) < len(numbers):
                raise ValidationError("Give each year once.", member)


class Area(Output):
    """An area as known at a change."""

    table_key = ("area",)

    area = fields.String()
    aliases = fields.List(fields.String())
    from_on = Date(allow_none=True)
    households = fields.List(fields.Nested(Households))
    kind = Choice("AreaKind", *KINDS)
    name = fields.String()
    parents = fields.List(fields.String())
    populations = fields.List(fields.Nested(Population))
    since_change = Integer(least=1, most=2**62)
    slug = fields.String()
    to_on = Date(allow_none=True)


class Place(Output):
    """An area, named."""

    code = fields.String()
    name = fields.String()


class AreaFilter(Paged):
    """Which areas."""

    as_of = AsOf()
    kind = Choice("AreaKind", *KINDS)
    within = Text(metadata={"description": "Only areas that lie in this one, by code or slug."})


@dataclass(frozen=True)
class NamedArea:
    """An area by its code and name; `Place` writes it."""

    code: str
    name: str


@dataclass(frozen=True)
class FoundArea(NamedArea):
    """An area that somebody asked for, as known at a change."""

    wanted: str
    """The code or slug by which it was asked for."""
    kind: str
    slug: str
    force: str | None
    """The one force that it lies in; None of a region or nation, and of what lies in several."""


def find_areas(book: Book, names: Sequence[str], parameter: str = "area") -> list[FoundArea]:
    """The areas with these codes or slugs, in the order named. Raises 400, naming those that are not
    known."""
    found_areas = {area.wanted: area for area in book.reference.areas.find.all(FoundArea, names=list(names))}
    if unknown := [name for name in names if name not in found_areas]:
        errors = [{"parameter": parameter, "detail": f"No area is called {name}."} for name in unknown]
        raise Problem(
            "invalid-parameter",
            f"No area is called {', '.join(unknown)}. GET /v1/areas lists those that are.",
            errors=errors,
        )
    return [found_areas[name] for name in names]


def find_area(book: Book, name: str, parameter: str = "area") -> FoundArea:
    """The area with this code or slug. Raises 400 where there is none."""
    return find_areas(book, [name], parameter)[0]


def find_code(book: Book, name: str | None, parameter: str = "area") -> str | None:
    """The code of the area with this code or slug, or None where no area is asked for. Raises 400 where there
    is none of that name."""
    return find_area(book, name, parameter).code if name else None


def define_areas(book: Book, definitions: Sequence[Mapping[str, object]]) -> None:
    """Define these areas, each as AreaDraft has it and with its code as `area`: versions that differ are
    closed and opened, and what lies in what is worked out again."""
    drafts = as_json(definitions)
    book.reference.areas.know(drafts=drafts)
    book.reference.areas.close_differing(drafts=drafts)
    book.reference.areas.open_missing(drafts=drafts)
    book.reference.areas.close_populations(drafts=drafts)
    book.reference.areas.open_populations(drafts=drafts)
    book.reference.areas.close_households(drafts=drafts)
    book.reference.areas.open_households(drafts=drafts)
    if book.reference.areas.nesting_changed.value(bool):
        _require_higher_parents(book)
        book.reference.areas.close_ancestors()
        book.reference.areas.open_ancestors()
        book.reference.tally.count_moved_land()


def _require_higher_parents(book: Book) -> None:
    """Raise 422 where an area would lie in one that stands lower: a force does not lie in a district."""
    if wrong := book.reference.areas.standing_above_their_parents.rows():
        detail = " ".join(
            f"{row['name']}, a {row['kind']}, cannot lie in {row['parent']}, a {row['parent_kind']}."
            for row in wrong[:5]
        )
        raise Problem("invalid-body", detail, errors=[{"pointer": "/parents", "detail": detail}])


@areas.route("")
class Areas(Resource):
    """Every area."""

    @operation(
        "listAreas",
        "List areas",
        query=AreaFilter(),
        returns=page_of(Area, "AreaPage"),
        formats=LISTED,
        listed=True,
    )
    def get(
        self, as_of: AsKnown, kind: str | None, within: str | None, after: str | None, limit: int | None
    ) -> Answer:
        """By code; those that have ended too."""
        with reading(as_of) as sql:
            inside = find_code(sql, within, "within")
            return listed(
                sql,
                sql.reference.areas.list,
                Area(),
                {"area": str},
                kind=kind,
                within=inside,
                after=after,
                limit=limit,
            )


@areas.route("/<string:area>")
class OneArea(Resource):
    """One area."""

    @operation("readArea", "Read one area", query=Known(), returns=Area(), tagged=True, errors=(404,))
    def get(self, area: str, as_of: AsKnown) -> Row:
        """By code or slug, as known at a change."""
        with reading(as_of) as sql:
            return found(sql.reference.areas.read.row(area=area), f"No area is called {area}.")

    @operation(
        "defineArea",
        "Define an area",
        body=AreaDraft(),
        returns=Area(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
        errors=(409,),
    )
    def put(self, area: str, body: AreaBody, seen: int) -> Answer:
        """A new version of an area, or with `If-Match: "0"` a new area under its ONS code."""
        with writing("area defined") as sql:
            present = sql.reference.areas.read.row(area=area)
            code = present["area"] if present else area
            require_seen(present or {"since_change": 0}, seen)
            with of_the_body():
                parents = {parent.code for parent in find_areas(sql, body["parents"], "parents")}
            define_areas(sql, [{**body, "area": code, "parents": sorted(parents)}])
            status, headers = (200, {}) if present else (201, {"Location": f"/v1/areas/{code}"})
            return Answer(sql.reference.areas.read.row(area=code), headers, status=status)
