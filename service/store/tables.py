"""The versioned tables: their columns, who gives each its value, and which are personal.

A version of a record is a row that one change began and another may end. Everything that copies a version,
compares two, stages a file of them, seals, erases or verifies them takes the columns from here: the
statements call these tables by name in their marks, as `{{ offence_version.columns }}`, when they are loaded.
So a column is added by a migration, one line here and one in the schema of its noun (docs/decisions.md).
Nothing is read from the catalogue of the database, which its owner could edit.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

VERSION = 1
"""The version of this declaration. A column that is added has the next one as its `since`."""

_DIFFERENCE = re.compile(r"\s*(?P<value>.+?)\s+as\s+(?P<column>\w+)\s*(?:,|\Z)", re.DOTALL)


class WrongDeclaration(ValueError):
    """The declaration contradicts itself, or a statement names a column that it does not have."""


@dataclass(frozen=True)
class Column:
    """A column of a versioned table.

    `type` is the name that PostgreSQL has for it; `beginning` is the SQL of what a first version holds where
    nothing gives it a value; `since` is the version of the declaration that brought it. What is `personal`
    can be erased, so it is sealed by a salted digest; what is not `sealed` changes in versions that are.
    """

    name: str
    type: str
    required: bool = False
    personal: bool = False
    sealed: bool = True
    beginning: str | None = None
    since: int = 1

    def as_sealed(self, row: str) -> str:
        """The value as it goes into an entry: instants in UTC and bytes in hexadecimal, whatever the session
        has set. What versions hold that are older than the column is left out, as null is."""
        value = f"{row}.{self.name}"
        if self.since > 1 and self.beginning is not None:
            value = f"nullif({value}, {self.beginning})"
        if self.type == "timestamptz":
            return f"{value} at time zone 'UTC'"
        return f"encode({value}, 'hex')" if self.type == "bytea" else value


@dataclass(frozen=True)
class VersionedTable:
    """A table of versions, and its columns by who gives them their value.

    `key` names the thing; `stated` is what a caller or a line of a file says of it; `decided` is what later
    decisions make of it, and a correction leaves as it is; `of_one_version` says why this version was made
    and by whom, so no other takes it over; `derived` is worked out by the database. `since_change` and
    `until_change` stand beside them in every table. Only what has an `erasure` may have personal columns.
    """

    name: str
    noun: str
    key: tuple[Column, ...]
    stated: tuple[Column, ...]
    decided: tuple[Column, ...] = ()
    of_one_version: tuple[Column, ...] = ()
    derived: tuple[Column, ...] = ()
    erasure: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.all_columns]
        for column in self.all_columns:
            fault = (
                "stands there twice"
                if names.count(column.name) > 1
                else "is personal, and nothing erases it"
                if column.personal and not self.erasure
                else "is personal, so it must be able to be null"
                if column.personal and (column.required or column.beginning)
                else "is required, and versions older than it have no value"
                if column.since > 1 and column.required and column.beginning is None
                else "is newer than the declaration"
                if column.since > VERSION
                else None
            )
            if fault:
                raise WrongDeclaration(f"{self.name}.{column.name} {fault}.")

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        """Every column but the two changes."""
        return self.key + self.stated + self.decided + self.of_one_version + self.derived

    @cached_property
    def personal_columns(self) -> tuple[Column, ...]:
        """What an erasure takes from every version."""
        return tuple(column for column in self.all_columns if column.personal)

    @cached_property
    def stated_names(self) -> tuple[str, ...]:
        """The names of what a caller or a line says, in order."""
        return tuple(column.name for column in self.stated)

    # What the statements are given.

    @cached_property
    def columns(self) -> str:
        """The columns that a new version is inserted with, in the order of `version`."""
        return ", ".join(self._inserted())

    def version(
        self,
        *,
        after: str | None = None,
        stated: str | None = None,
        first: bool = False,
        without_personal: bool = False,
        caller: Callable[[], str] | None = None,
    ) -> str:
        """The values of a new version, in the order of `columns`: the next version of a thing from the row
        `after`, or its first.

        What is stated comes from the row `stated`, or from the parameters of the statement where that is ":",
        and is taken over from the version before where that is not given; `without_personal` leaves that out.
        The block between `call` and `endcall` says what differs, as `value as column`. A version without one
        before is the `first`, or belongs to a table in which nothing is decided.
        """
        if self.decided and after is None and not first:
            raise WrongDeclaration(
                f"{self.name}: nothing says what was decided before: say `after` or `first`."
            )
        values = {"since_change": ":change"}
        for column in self.key:
            values[column.name] = _value(after or stated, column)
        for column in self.stated:
            values[column.name] = _value(stated or after, column)
        for column in self.decided:
            values[column.name] = _decided(after, column)
        if without_personal:
            values |= dict.fromkeys((column.name for column in self.personal_columns), "null")
        values |= dict(self._differences(caller() if caller else ""))
        return ", ".join(values.get(name, "null") for name in self._inserted())

    def stated_of(self, row: str) -> str:
        """What is stated, of a row: for a comparison of two."""
        return ", ".join(f"{row}.{name}" for name in self.stated_names)

    @cached_property
    def draft(self) -> str:
        """Key and what is stated, each with its type: the columns of a set of drafts that comes as jsonb."""
        return ", ".join(f"{column.name} {column.type}" for column in self.key + self.stated)

    @cached_property
    def staged(self) -> str:
        """The columns of a staging table for what is stated."""
        return ", ".join(
            f"{column.name} {column.type}{' not null' if column.required else ''}" for column in self.stated
        )

    @cached_property
    def not_of_the_thing(self) -> str:
        """As texts: columns that say something of the version and not of the thing, or follow from others."""
        names = ["since_change", "until_change"]
        return ", ".join(
            f"'{name}'" for name in sorted(names + [one.name for one in self.of_one_version + self.derived])
        )

    @cached_property
    def blanked(self) -> str:
        """What an erasure sets: every personal column to null."""
        return ", ".join(f"{column.name} = null" for column in self.personal_columns)

    def personal(self, row: str) -> str:
        """The text of what is personal in a row, of which a digest is kept; null where there is none."""
        values = ", ".join(f"{row}.{column.name}" for column in self.personal_columns)
        members = ", ".join(f"'{column.name}', {row}.{column.name}" for column in self.personal_columns)
        return (
            f"case when num_nonnulls({values}) > 0"
            f" then jsonb_strip_nulls(jsonb_build_object({members}))::text end"
        )

    def sealed(self, row: str) -> str:
        """What of a version is sealed, as jsonb: all that no erasure and no ending may alter."""
        columns = [column for column in self.all_columns if column.sealed and not column.personal]
        members = [f"'since_change', {row}.since_change"]
        members += [f"'{column.name}', {column.as_sealed(row)}" for column in columns]
        return f"jsonb_build_object({', '.join(members)})"

    def seal_key(self, row: str) -> str:
        """What names the thing in the tree of seals: its key, parted by slashes."""
        return " || '/' || ".join(f"{row}.{column.name}" for column in self.key) + (
            "" if len(self.key) > 1 or self.key[0].type == "text" else "::text"
        )

    def _inserted(self) -> list[str]:
        columns = self.stated + self.decided + self.of_one_version
        return [*(one.name for one in self.key), "since_change", *(one.name for one in columns)]

    def _differences(self, block: str) -> Iterator[tuple[str, str]]:
        """The column and value of each line of a block. Raises WrongDeclaration."""
        place, seen = 0, set[str]()
        while block[place:].strip():
            match = _DIFFERENCE.match(block, place)
            name = match["column"] if match else ""
            if match is None or name not in self._inserted() or name in seen:
                raise WrongDeclaration(f"{self.name} has no column for: {block[place:].strip()[:80]}")
            seen.add(name)
            yield name, match["value"]
            place = match.end()


def _value(row: str | None, column: Column) -> str:
    if row is None:
        raise WrongDeclaration(f"Nothing gives {column.name} a value: say `after` or `stated`.")
    return f":{column.name}" if row == ":" else f"{row}.{column.name}"


def _decided(after: str | None, column: Column) -> str:
    """What decisions made of the thing so far; the beginning of the column where there were none."""
    if after is None:
        return column.beginning or "null"
    value = f"{after}.{column.name}"
    return f"coalesce({value}, {column.beginning})" if column.beginning else value


OFFENCE = VersionedTable(
    "offence_version",
    noun="offence",
    erasure=True,
    key=(Column("force", "text", required=True), Column("offence_id", "uuid", required=True)),
    stated=(
        Column("area", "text", required=True),
        Column("code", "text", required=True),
        Column("committed_from", "timestamptz", required=True),
        Column("committed_to", "timestamptz"),
        Column("crime_ref", "text", required=True),
        Column("location", "text", personal=True),
        Column("outcome", "text", required=True),
        Column("outcome_on", "date"),
        Column("recorded_at", "timestamptz"),
        Column("recorded_by", "text", personal=True),
        Column("recorded_on", "date", required=True),
        Column("reported_at", "timestamptz"),
        Column("reported_by", "text", personal=True),
        Column("transferred_from", "uuid"),
        Column("victims", "int", required=True),
        Column("victims_told_on", "date"),
    ),
    decided=(
        Column("cancelled_reason", "text"),
        Column("duplicate_of", "uuid"),
        Column("erased_change", "bigint", sealed=False),
        Column("status", "text", required=True, beginning="'recorded'"),
        Column("transferred_to", "text"),
    ),
    of_one_version=(
        Column("decided_by", "text", personal=True),
        Column("reason", "text", personal=True),
    ),
    derived=(Column("hours_to_record", "numeric"), Column("recorded_in_time", "boolean")),
)

AREA = VersionedTable(
    "area_version",
    noun="area",
    key=(Column("area", "text", required=True),),
    stated=(
        Column("aliases", "text[]", required=True),
        Column("from_on", "date"),
        Column("kind", "text", required=True),
        Column("name", "text", required=True),
        Column("parents", "text[]", required=True),
        Column("slug", "text", required=True),
        Column("to_on", "date"),
    ),
)

AREA_ANCESTOR = VersionedTable(
    "area_ancestor",
    noun="area_ancestor",
    key=(Column("area", "text", required=True), Column("ancestor", "text", required=True)),
    stated=(Column("ancestor_kind", "text", required=True),),
)

POPULATION = VersionedTable(
    "population",
    noun="population",
    key=(Column("area", "text", required=True), Column("year", "int", required=True)),
    stated=(Column("residents", "int", required=True), Column("source", "text", required=True)),
)

HOUSEHOLD_COUNT = VersionedTable(
    "household_count",
    noun="household_count",
    key=(Column("area", "text", required=True), Column("year", "int", required=True)),
    stated=(Column("households", "int", required=True), Column("source", "text", required=True)),
)

CODE = VersionedTable(
    "code_version",
    noun="code",
    key=(Column("code", "text", required=True),),
    stated=(
        Column("from_on", "date"),
        Column("old_group", "text"),
        Column("old_subgroup", "text"),
        Column("severity_weight", "numeric"),
        Column("to_on", "date"),
    ),
)

CATEGORY = VersionedTable(
    "category_version",
    noun="category",
    key=(Column("category", "text", required=True),),
    stated=(
        Column("aliases", "text[]", required=True),
        Column("derived", "boolean", required=True),
        Column("description", "text", required=True),
        Column("every_code", "boolean", required=True),
        Column("name", "text", required=True),
        Column("part_of", "text"),
    ),
    of_one_version=(Column("definition", "int", required=True),),
)

TARGET = VersionedTable(
    "target_version",
    noun="target",
    key=(Column("target_id", "uuid", required=True),),
    stated=(
        Column("amount", "numeric"),
        Column("area", "text", required=True),
        Column("base_from", "date"),
        Column("base_period", "text"),
        Column("base_release", "uuid"),
        Column("base_to", "date"),
        Column("category", "text"),
        Column("ceiling", "numeric"),
        Column("floor", "numeric"),
        Column("kind", "text", required=True),
        Column("measure", "text", required=True),
        Column("milestones", "jsonb"),
        Column("name", "text", required=True),
        Column("owner", "text", required=True),
        Column("percent", "numeric"),
        Column("period", "text", required=True),
        Column("period_from", "date", required=True),
        Column("period_to", "date", required=True),
        Column("rank", "int"),
        Column("set_on", "date"),
        Column("source", "text"),
    ),
)

MAPPING = VersionedTable(
    "mapping_version",
    noun="mapping",
    key=(Column("force", "text", required=True), Column("name", "text", required=True)),
    stated=(
        Column("codes", "jsonb", required=True),
        Column("columns", "jsonb", required=True),
        Column("constants", "jsonb", required=True),
        Column("dates", "jsonb", required=True),
        Column("ignored", "text[]", required=True),
    ),
)

STREET_RECORD = VersionedTable(
    "street_record_version",
    noun="street_record",
    key=(Column("force", "text", required=True), Column("street_record_id", "uuid", required=True)),
    stated=(
        Column("content", "uuid", required=True),
        Column("context", "text"),
        Column("crime_id", "text"),
        Column("crime_type", "text"),
        Column("easting", "int"),
        Column("falls_within", "text"),
        Column("kind", "text", required=True),
        Column("last_outcome", "text"),
        Column("latitude", "numeric"),
        Column("location", "text"),
        Column("longitude", "numeric"),
        Column("lsoa", "text"),
        Column("lsoa_name", "text"),
        Column("month", "date", required=True),
        Column("northing", "int"),
        Column("outcome_type", "text"),
        Column("reported_by", "text", required=True),
    ),
    of_one_version=(Column("area", "text"),),
)

OPERATION = VersionedTable(
    "operation_version",
    noun="operation",
    key=(Column("operation_id", "uuid", required=True),),
    stated=(
        Column("areas", "text[]", required=True),
        Column("categories", "text[]", required=True),
        Column("from_on", "date", required=True),
        Column("name", "text", required=True),
        Column("note", "text"),
        Column("tagging", "text", required=True),
        Column("to_on", "date"),
    ),
)

OPERATION_TAG = VersionedTable(
    "operation_tag",
    noun="operation_tag",
    key=(
        Column("force", "text", required=True),
        Column("operation_id", "uuid", required=True),
        Column("offence_id", "uuid", required=True),
    ),
    stated=(Column("tagged", "boolean", required=True),),
)

PEER_GROUP = VersionedTable(
    "peer_group_version",
    noun="peer_group",
    key=(Column("force", "text", required=True), Column("peer_group", "text", required=True)),
    stated=(
        Column("from_on", "date"),
        Column("peers", "text[]", required=True),
        Column("source", "text", required=True),
        Column("to_on", "date"),
    ),
)

SERIES_BREAK = VersionedTable(
    "series_break_version",
    noun="series_break",
    key=(Column("series_break", "text", required=True),),
    stated=(
        Column("categories", "text[]", required=True),
        Column("codes", "text[]", required=True),
        Column("from_on", "date", required=True),
        Column("kind", "text", required=True),
        Column("name", "text", required=True),
        Column("note", "text", required=True),
        Column("source", "text", required=True),
    ),
)

MEASURE = VersionedTable(
    "measure_version",
    noun="measure",
    key=(Column("measure", "text", required=True),),
    stated=(
        Column("adds_up", "text", required=True),
        Column("better", "text", required=True),
        Column("decimals", "int", required=True),
        Column("description", "text", required=True),
        Column("name", "text", required=True),
        Column("unit", "text", required=True),
    ),
)

OBSERVATION = VersionedTable(
    "observation_version",
    noun="observation",
    key=(Column("observation_id", "uuid", required=True),),
    stated=(
        Column("area", "text", required=True),
        Column("measure", "text", required=True),
        Column("note", "text"),
        Column("period", "text", required=True),
        Column("period_from", "date", required=True),
        Column("period_to", "date", required=True),
        Column("value", "numeric", required=True),
    ),
)

CALLER_KEY = VersionedTable(
    "caller_key_version",
    noun="caller_key",
    key=(Column("key_id", "uuid", required=True),),
    stated=(
        Column("caller_id", "uuid", required=True),
        Column("digest", "bytea", required=True),
        Column("expires_at", "timestamptz"),
    ),
)

TABLES = (
    AREA,
    AREA_ANCESTOR,
    CALLER_KEY,
    CATEGORY,
    CODE,
    HOUSEHOLD_COUNT,
    MAPPING,
    MEASURE,
    OBSERVATION,
    OFFENCE,
    OPERATION,
    OPERATION_TAG,
    PEER_GROUP,
    POPULATION,
    SERIES_BREAK,
    STREET_RECORD,
    TARGET,
)
