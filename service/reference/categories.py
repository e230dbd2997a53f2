"""Named, numbered definitions of what a figure counts: sets of offence codes, each with the days between
which it belongs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypedDict

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.store import Book, as_json
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Boolean, Date, Input, Integer, Known, Output, Text
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

PUBLISHED_NAMES = {
    "other-theft-offences": ["All other theft offences"],
    "death-or-serious-injury-unlawful-driving": ["Death or serious injury caused by illegal driving"],
    "miscellaneous-crimes-against-society": ["Miscellaneous crimes"],
    "fraud-action-fraud": ["Action Fraud"],
    "fraud-cifas": ["CIFAS", "Cifas"],
    "fraud-financial-fraud-action-uk": ["Financial Fraud Action UK"],
    "fraud-uk-finance": ["UK Finance"],
}
"""What ONS tables call a subgroup where the Home Office's list calls it otherwise."""

categories = Namespace("categories", description="What figures are asked by.")


class CategoryCode(Input):
    """A code, and the whole months between which it belongs; null is open."""

    code = Text(longest=24, required=True)
    from_on = Date(allow_none=True, load_default=None)
    to_on = Date(allow_none=True, load_default=None)


class CodeBody(TypedDict):
    """What CategoryCode loads."""

    code: str
    from_on: date | None
    to_on: date | None


class CategoryBody(TypedDict):
    """What CategoryDraft loads."""

    aliases: list[str]
    codes: list[CodeBody]
    description: str
    every_code: bool
    name: str
    part_of: str | None


class GroupDefinition(TypedDict):
    """What define_categories takes for an ONS group or subgroup."""

    category: str
    name: str
    aliases: list[str]
    derived: bool
    codes: list[Row]
    part_of: str | None
    description: str


class GroupRow(TypedDict):
    """A row of the statement `grouped`: a group, or a subgroup within one, with its codes."""

    name: str
    within: str | None
    codes: list[Row]


class CategoryDraft(Input):
    """What a category takes in. Every change of it is a new definition."""

    aliases = fields.List(
        Text(), load_default=list, metadata={"description": "Other names that returns use for it."}
    )
    codes = fields.List(fields.Nested(CategoryCode), load_default=list)
    description = Text(longest=1000, required=True)
    every_code = Boolean(
        load_default=False, metadata={"description": "Take in every code, those of tomorrow too."}
    )
    name = Text(required=True)
    part_of = Text(
        allow_none=True,
        load_default=None,
        metadata={"description": "The category whose total this one is a part of."},
    )

    @validates_schema
    def has_codes(self, data: CategoryBody, **_: object) -> None:
        """Codes, or every code; not both."""
        if bool(data["codes"]) == data["every_code"]:
            raise ValidationError("Give codes, or every_code, and not both.", "codes")

    @validates_schema
    def counts_each_code_once(self, data: CategoryBody, **_: object) -> None:
        """A code may come and go, but not belong twice on the same day: its offences would count twice."""
        spans = sorted(
            (code["code"], code["from_on"] or date.min, code["to_on"] or date.max) for code in data["codes"]
        )
        for (code, _from, ends), (following, begins, _to) in pairwise(spans):
            if code == following and begins <= ends:
                raise ValidationError(
                    f"Code {code} is named twice for the same days: give each of its days once.", "codes"
                )


class Category(Output):
    """A category as defined at a change."""

    table_key = ("category",)

    aliases = fields.List(fields.String())
    category = fields.String()
    codes = fields.List(fields.Nested(CategoryCode))
    definition = Integer(least=1, most=2**31 - 1)
    derived = Boolean(metadata={"description": "Follows the classification: an ONS group or subgroup."})
    description = fields.String()
    every_code = Boolean()
    name = fields.String()
    part_of = fields.String(allow_none=True)
    since_change = Integer(least=1, most=2**62)


class Counted(Output):
    """A category, and which of its definitions was used."""

    code = fields.String()
    definition = Integer(least=1, most=2**31 - 1)
    name = fields.String()


class CategoryFilter(Paged):
    """As known when."""

    as_of = AsOf()


@dataclass(frozen=True)
class NamedCategory:
    """A category, and which of its definitions is meant; `Counted` writes it."""

    code: str
    name: str
    definition: int


def find_categories(book: Book, names: Sequence[str]) -> list[NamedCategory]:
    """These categories, in this order. Raises 400, naming those that are not known."""
    found_categories = {
        category.code: category
        for category in book.reference.categories.find.all(NamedCategory, names=list(names))
    }
    if unknown := [name for name in names if name not in found_categories]:
        errors = [{"parameter": "category", "detail": f"No category is called {name}."} for name in unknown]
        detail = f"No category is called {', '.join(unknown)}. GET /v1/categories lists those that are."
        raise Problem("invalid-parameter", detail, errors=errors)
    return [found_categories[name] for name in names]


def find_category(book: Book, name: str) -> NamedCategory:
    """The category of this name. Raises 400 where there is none."""
    return find_categories(book, [name])[0]


def find_code(book: Book, name: str | None) -> str | None:
    """The code of the category of this name, or None where no category is asked for. Raises 400 where there
    is none of that name."""
    return find_category(book, name).code if name else None


def define_categories(book: Book, definitions: Sequence[Mapping[str, object]]) -> None:
    """Define these categories, each as CategoryDraft has it and with its name as `category`; those that are
    defined so already are left alone. Raises 422 for one that would lie in itself."""
    unstated = {"derived": False, "aliases": [], "codes": [], "every_code": False, "part_of": None}
    drafts = as_json([{**unstated, **definition} for definition in definitions])
    book.reference.categories.know(drafts=drafts)
    book.reference.categories.close_differing(drafts=drafts)
    book.reference.categories.open_missing(drafts=drafts)
    book.reference.categories.open_codes(drafts=drafts)
    if rings := book.reference.categories.lying_in_themselves.rows(drafts=drafts):
        names = ", ".join(str(row["category"]) for row in rings)
        detail = f"{names} would lie in itself through those it is part of."
        raise Problem("invalid-body", detail, errors=[{"pointer": "/part_of", "detail": detail}])
    book.reference.tally.forget_redefined_categories()
    book.reference.tally.count_redefined_categories()


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def register_groups(book: Book) -> None:
    """Make sure that each ONS group and subgroup can be pointed at: what is defined by hand may be part of
    one."""
    book.reference.categories.know(drafts=as_json(list(_list_groups(book, None).values())))


def follow_classification(book: Book) -> None:
    """Define the ONS groups and subgroups as the classification now groups its codes, and end those it no
    longer has."""
    own = {row["category"] for row in book.reference.categories.not_derived.rows()}
    groups = _list_groups(book, "all-crime" if "all-crime" in own else None)
    book.reference.categories.end_vanished(grouped=list(groups))
    define_categories(book, [group for slug, group in groups.items() if slug not in own])


def _list_groups(book: Book, whole: str | None) -> dict[str, GroupDefinition]:
    """The groups and subgroups by their category; the groups are parts of `whole`."""
    groups: dict[str, GroupDefinition] = {}
    rows: list[GroupRow] = book.reference.categories.grouped()
    for row in rows:
        slug = _slug(row["name"])
        group = groups.setdefault(
            slug,
            {
                "category": slug,
                "name": row["name"],
                "aliases": PUBLISHED_NAMES.get(slug, []),
                "derived": True,
                "codes": [],
                "part_of": _slug(row["within"]) if row["within"] else whole,
                "description": (
                    f"ONS {'subgroup' if row['within'] else 'group'} of the offence classification."
                ),
            },
        )
        group["codes"] += [code for code in row["codes"] if code not in group["codes"]]
    return groups


@categories.route("")
class Categories(Resource):
    """Every category."""

    @operation(
        "listCategories",
        "List categories",
        query=CategoryFilter(),
        returns=page_of(Category, "CategoryPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: AsKnown, after: str | None, limit: int | None) -> Answer:
        """Those shipped, every ONS group and subgroup, and those defined here."""
        with reading(as_of) as sql:
            return listed(
                sql, sql.reference.categories.list, Category(), {"category": str}, after=after, limit=limit
            )


@categories.route("/<string:category>")
class OneCategory(Resource):
    """One category."""

    @operation(
        "readCategory", "Read one category", query=Known(), returns=Category(), tagged=True, errors=(404,)
    )
    def get(self, category: str, as_of: AsKnown) -> Row:
        """As defined at a change."""
        with reading(as_of) as sql:
            return found(
                sql.reference.categories.read.row(category=category), f"No category is called {category}."
            )

    @operation(
        "defineCategory",
        "Define a category",
        body=CategoryDraft(),
        returns=Category(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
    )
    def put(self, category: str, body: CategoryBody, seen: int) -> Answer:
        """A new definition, numbered one higher; figures say which definition they used. `If-Match: "0"` for
        a new category."""
        with writing("category defined") as sql:
            present = sql.reference.categories.read.row(category=category)
            require_seen(present or {"since_change": 0}, seen)
            define_categories(sql, [{**body, "category": category}])
            status, headers = (200, {}) if present else (201, {"Location": f"/v1/categories/{category}"})
            return Answer(sql.reference.categories.read.row(category=category), headers, status=status)
