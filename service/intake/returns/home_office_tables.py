"""The table of recorded crime as the Home Office lays it out: a return given back as it came, and the table
that a force would send now."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.intake.returns.tables import Cell, Row, read_again
from service.periods import Period, PeriodField, whole_months
from service.reference import areas
from service.store import Book, database
from service.store.copying import copy
from service.web.answers import formats
from service.web.answers.pages import Listing
from service.web.fields import AsOf, Integer, Known, OfRelease, Output, Query, Text
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

LAYOUT = "home-office-force"
MOST_YEARS = 20
TITLES = {
    "financial_year": "Financial Year",
    "financial_quarter": "Financial Quarter",
    "force_name": "Force Name",
    "offence_description": "Offence Description",
    "offence_group": "Offence Group",
    "offence_subgroup": "Offence Subgroup",
    "offence_code": "Offence Code",
    "number_of_offences": "Number of Offences",
}
_STAGED = {
    "force_name": "Force Name",
    "description": "Offence Description",
    "offence_group": "Offence Group",
    "offence_subgroup": "Offence Subgroup",
    "code": "Offence Code",
}

tables = Namespace(
    "home-office-tables", description="Counts as the Home Office lays them out.", path="/returns"
)


class HomeOfficeLine(Output):
    """One line of the Home Office's table."""

    table_dialect: ClassVar = {"lineTerminators": ["\n"]}
    table_titles: ClassVar = TITLES

    financial_year = fields.String()
    financial_quarter = Integer(least=1, most=4)
    force_name = fields.String()
    offence_description = fields.String()
    offence_group = fields.String()
    offence_subgroup = fields.String()
    offence_code = fields.String()
    number_of_offences = Integer(least=-(2**31), most=2**31 - 1, allow_none=True)


class DraftQuery(Query):
    """Whose table, and of when."""

    as_of = AsOf()
    force = Text(required=True, metadata={"description": "By code or slug."})
    period = PeriodField(
        required=True, metadata={"description": "Financial years or quarters, like 2012/13 or 2012/13Q1."}
    )

    @validates_schema
    def check_quarters(self, data: dict[str, Any], **_: object) -> None:
        """The table has a line for a quarter, not for a day."""
        if "period" not in data:
            return
        months = whole_months(data["period"])
        if months is None or months % 3 or data["period"].from_on.month % 3 != 1:
            raise ValidationError(
                "The table has whole quarters: ask for a financial year or a quarter of one.", "period"
            )
        if months > 12 * MOST_YEARS:
            raise ValidationError(f"That is over {MOST_YEARS} years: ask for fewer at once.", "period")


def keep_wording(book: Book, return_id: UUID, file: bytes) -> None:
    """Keep what the lines of a table call their force and their offence, where it has all that the Home
    Office's has."""
    rows = read_again(file)
    _, first = next(rows)
    headings = [str(heading).strip() for heading in first]
    if not set(TITLES.values()) <= set(headings):
        return
    book.intake.returns.home_office_tables.begin_staging()
    positions = [headings.index(heading) for heading in _STAGED.values()]
    copy(book, "staged_wording", ("line", *_STAGED), _read_wording(rows, positions))
    book.intake.returns.home_office_tables.keep_wording(return_id=return_id)


def _read_wording(rows: Iterator[Row], positions: list[int]) -> Iterator[tuple[Cell, ...]]:
    """The number of each line and its words. A line that is too short for them has been refused already."""
    for line, row in rows:
        if len(row) > max(positions):
            yield line, *(row[at] for at in positions)


@tables.route("/<uuid:return_id>/table")
class ReturnTable(Resource):
    """A return in the Home Office's layout."""

    @operation(
        "readReturnTable",
        "Read a return as the Home Office's table",
        query=Known(),
        returns=HomeOfficeLine(),
        tagged=True,
        formats=(formats.CSV,),
        errors=(404, 409),
    )
    def get(self, return_id: UUID, as_of: database.AsOf | OfRelease) -> Answer:
        """Line by line as it came and in its words, with the Home Office's headings and line ends: a table
        that came so is given back byte for byte. Lines that were not understood are not in it."""
        with reading(as_of) as sql:
            row = found(
                sql.intake.returns.returns.read(return_id=return_id), f"No return has the id {return_id}."
            )
            if row["layout"] != LAYOUT:
                raise Problem(
                    "conflict",
                    f"This return came as {row['layout']}, which has no quarters by force and offence code.",
                    hint="GET …/cells lists what it holds.",
                )
            select = sql.intake.returns.home_office_tables.of_return
            lines = Listing(sql, select, HomeOfficeLine(), filters={"return_id": return_id})
            return Answer(lines, tag=sql.as_of)


@tables.route("/drafts/home-office-table")
class DraftTable(Resource):
    """The Home Office's table, from records."""

    @operation(
        "draftHomeOfficeTable",
        "Draft a force's table for the Home Office",
        query=DraftQuery(),
        returns=HomeOfficeLine(),
        tagged=True,
        formats=(formats.CSV,),
    )
    def get(self, as_of: database.AsOf | OfRelease, force: str, period: Period) -> Answer:
        """What the force's records count now, or counted at a change: a line for every code open in each
        quarter, nought where nothing was recorded, in the order of the Home Office's own file. It can be sent
        to POST /v1/returns as it stands.
        """
        with reading(as_of) as sql:
            place = areas.find_area(sql, force, "force")
            if place.kind not in ("force", "body"):
                detail = f"{force} is no police force: GET /v1/areas?kind=force lists them."
                raise Problem("invalid-parameter", detail, errors=[{"parameter": "force", "detail": detail}])
            question = {"force": place.code, "from_on": period.from_on, "to_on": period.to_on}
            select = sql.intake.returns.home_office_tables.of_records
            return Answer(Listing(sql, select, HomeOfficeLine(), filters=question), tag=sql.as_of)
