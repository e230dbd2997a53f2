"""The layouts of official counts: which one a table has by its headings, and what stands in each of its
columns.

A heading is recognised by one of the words in `HEADINGS`, or the file is refused with the list of those that
are. Letters large or small, runs of spaces, line breaks and `[note 3]` make no difference; nothing else is
overlooked, and nothing is guessed.
"""

import re
from dataclasses import dataclass

from service.intake.returns.tables import Cell, Row, Table, refuse_line
from service.periods import Period, parse
from service.web.problems import Problem

HEADINGS: dict[str, tuple[str, ...]] = {
    "year": ("Financial Year",),
    "quarter": ("Financial Quarter",),
    "ending": ("12 months ending",),
    "force": ("Force Name", "Police Force"),
    "pfa": ("PFA",),
    "partnership": ("CSP Name",),
    "code": ("Offence Code",),
    "group": ("Offence Group",),
    "offence": ("Offence",),
    "offences": ("Number of Offences", "Offence Count"),
    "rolling": ("Rolling year total number of offences",),
    "outcome": ("Outcome Type",),
    "assigned": (
        "Force outcomes recorded in quarter",
        "Number of outcomes for investigations that were closed in the quarter",
    ),
    "recorded": (
        "Force outcomes for offences recorded in quarter",
        "Number of outcomes for offences that were recorded in the quarter",
    ),
    "outcomes": ("Outcomes",),
    "area code": ("Area Code", "Police Force Area code"),
    "area": ("Area Name", "Police Force Area name"),
    "partnership code": ("Community Safety Partnership code",),
    "partnership name": ("Community Safety Partnership name",),
    "total": (
        "Total recorded crime (excluding fraud)",
        "Total recorded crime (excludinging fraud)",
    ),  # as ONS once printed it
    "description": (
        "Offence Description",
        "Offence Subgroup",
        "Region",
        "Outcome Description",
        "Outcome Group",
        "Offence Code Expired",
        "Local Authority code",
        "Local Authority name",
    ),
}
"""What stands in a column, and the headings it has in any file; a `description` adds nothing to the other
columns."""

MOST_LINES_BEFORE_HEADINGS = 30
"""In a workbook, where titles and notes stand above; a CSV file begins with its headings."""

_RATES = ("population figures", "household figures")
_NOTE = re.compile(r"\s*\[notes?\b[^]]*\]", re.IGNORECASE)
_YEAR_ENDING = re.compile(r"year ending ([a-z]+) ([0-9]{4})", re.IGNORECASE)
_DECIMAL = re.compile(r"-?[0-9]*\.[0-9]*[1-9]")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


@dataclass(frozen=True)
class Layout:
    """A kind of table: which columns it needs, which it may have besides, and in which of them the counts
    stand.

    `staged` is the column of staging into which each goes. Of a `wide` table every other column is a group of
    offences.
    """

    name: str
    needs: tuple[str, ...]
    staged: dict[str, str]
    counts: tuple[str, ...] = ()
    may: tuple[str, ...] = ("description",)
    by_code: bool = True
    rolling: bool = False
    wide: bool = False


_QUARTERLY = {
    "year": "year",
    "quarter": "quarter",
    "force": "force",
    "partnership": "partnership",
    "code": "counted",
}
_OF_FORCE = ("year", "quarter", "force", "code", "offences")

LAYOUTS = (
    Layout(
        "home-office-partnership",
        (*_OF_FORCE, "partnership"),
        _QUARTERLY,
        ("offences",),
        ("group", "description"),
    ),
    Layout("home-office-force", _OF_FORCE, _QUARTERLY, ("offences",), ("group", "description")),
    Layout(
        "home-office-outcomes",
        ("year", "quarter", "force", "code", "outcome"),
        _QUARTERLY | {"outcome": "outcome"},
        ("assigned", "recorded", "outcomes"),
        ("group", "description"),
    ),
    Layout(
        "home-office-outcomes-by-group",
        ("year", "quarter", "force", "group", "outcome"),
        _QUARTERLY | {"outcome": "outcome", "group": "counted"},
        ("assigned", "recorded", "outcomes"),
        by_code=False,
    ),
    Layout(
        "ons-rolling-year",
        ("ending", "pfa", "offence", "rolling"),
        {"ending": "year", "pfa": "force", "offence": "counted"},
        ("rolling",),
        by_code=False,
        rolling=True,
    ),
    Layout(
        "ons-tables",
        ("area code", "area", "total"),
        {
            "area code": "force_code",
            "area": "force",
            "partnership code": "partnership_code",
            "partnership name": "partnership",
        },
        may=("partnership code", "partnership name", "description"),
        by_code=False,
        wide=True,
    ),
)
"""A table has the first of these of which it has all the columns that it needs."""


def strip_notes(words: str) -> str:
    """A heading or a name without the notes it refers to, on one line."""
    return " ".join(_NOTE.sub(" ", words).split())


def write_cell(value: Cell) -> str:
    """A cell as a table would write it: a number of a workbook without the point of a whole one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return "" if value is None else str(value).strip()


_COLUMN_OF = {strip_notes(word).casefold(): column for column, words in HEADINGS.items() for word in words}


@dataclass(frozen=True)
class Head:
    """The headings of a table, understood: its layout, where its columns stand, and its title."""

    layout: Layout
    columns: dict[str, int]
    headings: list[str]
    sheet: str | None
    title: str

    @property
    def groups(self) -> dict[int, str]:
        """Of a wide table, the columns that are groups of offences."""
        places = {at for column, at in self.columns.items() if column != "total"}
        descriptions = {
            at
            for at, heading in enumerate(self.headings)
            if _COLUMN_OF.get(heading.casefold()) == "description"
        }
        return {
            at: heading
            for at, heading in enumerate(self.headings)
            if heading and at not in places | descriptions
        }

    def has_no_counts(self, rows: list[Row]) -> bool:
        """Does a wide table hold rates or percentages? By the population beside rates, or by any number that
        is not whole."""
        if any(heading.casefold().startswith(_RATES) for heading in self.headings):
            return True
        return any(
            _DECIMAL.fullmatch(write_cell(row[at])) for _, row in rows for at in self.groups if at < len(row)
        )

    def find_period(self, given: Period | None) -> Period:
        """Of a wide table: the year whose end its title names, or the period that the sender gives. Raises a
        422 problem where neither is clear."""
        years = {(month.lower(), year) for month, year in _YEAR_ENDING.findall(self.title)}
        place = f"Sheet {self.sheet}" if self.sheet else "The table"
        if len(years) > 1:
            raise Problem(
                "refused-file", f"{place} speaks of more than one year in its title: which of them is it of?"
            )
        for month, year in years:
            if month in _MONTHS:
                return parse(f"12m:{year}-{_MONTHS.index(month) + 1:02}")
        if given is None:
            detail = (
                f"{place} does not say what period its counts are of: add period, like period=2024 or"
                " period=12m:2024-12."
            )
            raise Problem("refused-file", detail)
        return given


def find_head(table: Table) -> Head | None:
    """The headings of a table; None where it has none of any layout. Its rows are then read up to where the
    counts begin.

    Raises a 422 problem for headings of a layout beside which there are some that it does not have.
    """
    above: list[str] = []
    for line, row in table.rows:
        headings = [strip_notes(write_cell(cell)) for cell in row]
        while headings and not headings[-1]:
            headings.pop()
        if (head := _recognise(table, line, headings, " ".join(above))) is not None:
            return head
        if table.sheet is None or line >= MOST_LINES_BEFORE_HEADINGS:
            return None
        above += headings
    return None


def _recognise(table: Table, line: int, headings: list[str], title: str) -> Head | None:
    found = [_COLUMN_OF.get(heading.casefold()) for heading in headings]
    for layout in LAYOUTS:
        if set(layout.needs) <= set(found) and (layout.wide or set(layout.counts) & set(found)):
            expected = {*layout.needs, *layout.counts, *layout.may}
            columns: dict[str, int] = {}
            for at, (column, heading) in enumerate(zip(found, headings, strict=True)):
                if column is not None and column in expected:
                    if column in columns and column != "description":
                        raise refuse_line(
                            line,
                            f"The heading {HEADINGS[column][0]} stands there twice: which of the two is"
                            " meant?",
                            table.place,
                        )
                    columns[column] = at
                elif heading and not layout.wide:
                    raise refuse_line(
                        line,
                        f"The heading {heading} is not known in the layout {layout.name}, which has "
                        f"{_list_headings(layout)}: rename it, or take the column out.",
                        table.place,
                    )
            columns.pop("description", None)
            return Head(layout, columns, headings, table.sheet, title)
    return None


def refuse_headings(table: Table) -> Problem:
    """The problem of a table that should be understood and has headings of no layout."""
    known = "; ".join(f"{layout.name}: {_list_headings(layout)}" for layout in LAYOUTS)
    return refuse_line(1, f"The headings are of no layout known here. Known are {known}.", table.place)


def _list_headings(layout: Layout) -> str:
    columns = dict.fromkeys(
        (*layout.needs, *layout.counts, *(column for column in layout.may if column != "description"))
    )
    others = (
        f" (and, passed over, {', '.join(HEADINGS['description'])})"
        if not layout.wide
        else " and groups of offences"
    )
    return ", ".join(" or ".join(HEADINGS[column]) for column in columns) + others
