"""The Home Office's offence codes through time: what each was called, where it was grouped, and how grave it
weighs."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypedDict
from urllib.parse import quote

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.reference import categories
from service.store import Book, as_json
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Date, Input, Integer, Known, Number, Output, Text
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

offence_codes = Namespace("offence-codes", description="The classification, through time.")


class CodePeriod(Input):
    """What a code was called and where it was grouped, between two days; null is open."""

    description = Text(longest=300, required=True)
    from_on = Date(allow_none=True, load_default=None)
    offence_group = Text(required=True)
    offence_subgroup = Text(required=True)
    to_on = Date(allow_none=True, load_default=None)


class SeverityWeight(Input):
    """How grave a crime of a code weighs that is recorded between two days; null is open."""

    edition = Text(
        allow_none=True, load_default=None, metadata={"description": "Of the weights it belongs to."}
    )
    from_on = Date(allow_none=True, load_default=None)
    to_on = Date(allow_none=True, load_default=None)
    weight = Number(required=True)


class PeriodBody(TypedDict):
    """What CodePeriod loads."""

    description: str
    from_on: date | None
    offence_group: str
    offence_subgroup: str
    to_on: date | None


class WeightBody(TypedDict):
    """What SeverityWeight loads."""

    edition: str | None
    from_on: date | None
    to_on: date | None
    weight: float


class OffenceCodeBody(TypedDict):
    """What OffenceCodeDraft loads."""

    from_on: date | None
    old_group: str | None
    old_subgroup: str | None
    periods: list[PeriodBody]
    severity_weight: float | None
    severity_weights: list[WeightBody]
    to_on: date | None


class OffenceCodeDraft(Input):
    """What is said of an offence code."""

    from_on = Date(
        allow_none=True,
        load_default=None,
        metadata={"description": "First day it may be recorded under; null: older than our sources."},
    )
    old_group = Text(
        allow_none=True, load_default=None, metadata={"description": "Group in use before July 2013."}
    )
    old_subgroup = Text(allow_none=True, load_default=None)
    periods = fields.List(fields.Nested(CodePeriod), required=True)
    severity_weight = Number(
        allow_none=True,
        load_default=None,
        metadata={
            "description": (
                "ONS Crime Severity Score weight, the last of severity_weights; given without them, one for"
                " all days."
            )
        },
    )
    severity_weights = fields.List(fields.Nested(SeverityWeight), load_default=list)
    to_on = Date(
        allow_none=True, load_default=None, metadata={"description": "Last such day; null while it is open."}
    )

    @validates_schema
    def periods_follow_each_other(self, data: OffenceCodeBody, **_: object) -> None:
        """At least one period; each begins the day after the one before ended."""
        periods = sorted(data["periods"], key=_first_day)
        if not periods:
            raise ValidationError(
                "A code needs at least one period with its description and group.", "periods"
            )
        for before, after in pairwise(periods):
            if before["to_on"] is None or after["from_on"] != before["to_on"] + timedelta(days=1):
                raise ValidationError("Each period begins the day after the one before it ended.", "periods")
        data["periods"] = periods

    @validates_schema
    def weighs_once_on_each_day(self, data: OffenceCodeBody, **_: object) -> None:
        """Weights are of different days, none below nought; the last of them is `severity_weight`."""
        alone = data["severity_weight"]
        if not data["severity_weights"] and alone is not None:
            data["severity_weights"] = [{"edition": None, "from_on": None, "to_on": None, "weight": alone}]
        weights = sorted(data["severity_weights"], key=_first_day)
        for before, after in pairwise(weights):
            if (before["to_on"] or date.max) >= (after["from_on"] or date.min):
                raise ValidationError("Two weights are given for the same days.", "severity_weights")
        if weights and alone is not None and alone != weights[-1]["weight"]:
            raise ValidationError(
                "severity_weight is the last of severity_weights: change both, or give one of them.",
                "severity_weight",
            )
        data["severity_weights"] = weights
        data["severity_weight"] = weights[-1]["weight"] if weights else None


def _first_day(dated: PeriodBody | WeightBody) -> date:
    return dated["from_on"] or date.min


class OffenceCode(Output):
    """An offence code as known at a change."""

    table_key = ("code",)

    code = fields.String()
    from_on = Date(allow_none=True)
    old_group = fields.String(allow_none=True)
    old_subgroup = fields.String(allow_none=True)
    periods = fields.List(fields.Nested(CodePeriod))
    severity_weight = Number(allow_none=True)
    severity_weights = fields.List(fields.Nested(SeverityWeight))
    since_change = Integer(least=1, most=2**62)
    to_on = Date(allow_none=True)


class OffenceCodeFilter(Paged):
    """Which codes."""

    as_of = AsOf()
    on = Date(metadata={"description": "Only codes under which a crime could be recorded on this day."})


def define_offence_codes(book: Book, definitions: Sequence[Mapping[str, object]]) -> None:
    """Define these codes, each as OffenceCodeDraft has it and with its `code`; the ONS groups and subgroups
    are defined again where a code moved."""
    define_codes(book, definitions)
    categories.follow_classification(book)


def define_codes(book: Book, definitions: Sequence[Mapping[str, object]]) -> None:
    """Define these codes, and leave the categories for later in the same change."""
    drafts = as_json(definitions)
    book.reference.offence_codes.know(drafts=drafts)
    book.reference.offence_codes.close_differing(drafts=drafts)
    book.reference.offence_codes.open_missing(drafts=drafts)
    book.reference.offence_codes.open_periods(drafts=drafts)
    book.reference.offence_codes.open_weights(drafts=drafts)


@offence_codes.route("")
class OffenceCodes(Resource):
    """Every code."""

    @operation(
        "listOffenceCodes",
        "List offence codes",
        query=OffenceCodeFilter(),
        returns=page_of(OffenceCode, "OffenceCodePage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: AsKnown, on: date | None, after: str | None, limit: int | None) -> Answer:
        """By code; those that have ended too."""
        with reading(as_of) as sql:
            return listed(
                sql,
                sql.reference.offence_codes.list,
                OffenceCode(),
                {"code": str},
                on=on,
                after=after,
                limit=limit,
            )


@offence_codes.route("/<path:code>")
class OneOffenceCode(Resource):
    """One code. Some hold a slash: 1/4.1/4.10/4.2 is homicide in 2012/13."""

    @operation(
        "readOffenceCode",
        "Read one offence code",
        query=Known(),
        returns=OffenceCode(),
        tagged=True,
        errors=(404,),
    )
    def get(self, code: str, as_of: AsKnown) -> Row:
        """As known at a change."""
        with reading(as_of) as sql:
            return found(sql.reference.offence_codes.read.row(code=code), f"No offence code {code} is known.")

    @operation(
        "defineOffenceCode",
        "Define an offence code",
        body=OffenceCodeDraft(),
        returns=OffenceCode(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
    )
    def put(self, code: str, body: OffenceCodeBody, seen: int) -> Answer:
        """A new version of a code, or with `If-Match: "0"` a new code."""
        with writing("offence code defined") as sql:
            present = sql.reference.offence_codes.read.row(code=code)
            require_seen(present or {"since_change": 0}, seen)
            define_offence_codes(sql, [{**body, "code": code}])
            status, headers = (
                (200, {}) if present else (201, {"Location": f"/v1/offence-codes/{quote(code)}"})
            )
            return Answer(sql.reference.offence_codes.read.row(code=code), headers, status=status)
