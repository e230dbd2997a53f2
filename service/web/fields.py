"""marshmallow fields that accept exactly what the contract says, and no more.

marshmallow's own fields are lenient (`"1_000"` is an integer to them, `20240501` a date); each of these is as
strict as its JSON Schema.
"""

import copy
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

Row = dict[str, Any]
"""A row of the database, or an item as its schema dumps it."""

Field = fields.Field[Any]
"""Of whatever type its values are."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"-?[0-9]{1,19}")
AS_OF_EXPLAINED = (
    "a change number, like 1042, an instant, like 2013-04-18T09:00:00Z, or a release, like"
    " release:01939f3c-7c1e-7f00-8000-000000000000."
)
EARLIEST, LATEST = 1800, 2999
"""Years that a date may have: the oldest crime still recordable, and a century of centuries more than anyone
needs."""


class Input(Schema):
    """What a caller sends: fields it does not know are errors."""

    class Meta:
        """Unknown members are refused, not ignored."""

        unknown = RAISE


class Query(Input):
    """A query string: everything arrives as text. Fields that are lists may be given many times, all others
    once."""

    from_text = True


class Output(Schema):
    """What the service answers: every field is always there.

    As a table it has rows of `table_schema`, whose `table_columns` are; `table_key` names those that tell its
    rows apart, `table_titles` what stands in the header where that is not the name, `table_dialect` how the
    table is written where it is not as all others are.
    """

    table_dialect: ClassVar[dict[str, list[str]]] = {}
    table_key: ClassVar[tuple[str, ...]] = ()
    table_titles: ClassVar[dict[str, str]] = {}

    def table_schema(self) -> "Output":
        """What a row of its table is: one of its `items`, where it has them."""
        items = self.dump_fields.get("items")
        if isinstance(items, fields.List) and isinstance(items.inner, fields.Nested):
            return cast("Output", items.inner.schema)
        return self

    def table_columns(self) -> dict[str, Field]:
        """The columns of a table of such things, as `formats.flattened` names them."""
        return side_by_side(self)

    def table_items(self, content: object) -> Iterable[Row]:
        """The rows of the table of what this schema would dump, nested as JSON has them."""
        row = self.table_schema()
        if row is self:
            return [self.dump(content)]
        return (row.dump(item) for item in self.get_attribute(content, "items", []))

    def table_rows(self, content: object) -> Iterable[Row]:
        """The same rows as `formats.flattened` makes cells of them, under the names of the columns."""
        return self.table_items(content)

    @cached_property
    def _members(self) -> list[tuple[str, str, fields.Field[Any], type | None]]:
        """Each field with the key of a dict that holds it, and the type of what it shows as it stands; None
        where marshmallow has to look further."""
        return [(name, name, field, _as_it_stands(field)) for name, field in self.dump_fields.items()]

    @cached_property
    def _attributes(self) -> list[tuple[str, str, fields.Field[Any], type | None]]:
        """The same with the attribute of an object: not the name that JSON has, where that is a word of
        Python."""
        return [(name, field.attribute or name, field, kind) for name, _, field, kind in self._members]

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        """As marshmallow does it, with a call a member less or five: a page of records has thousands of them,
        most shown as they stand. A dict is read by the names that JSON has, a dataclass by its attributes."""
        if many:
            return super()._serialize(obj, many=many)
        if isinstance(obj, dict):
            values, members = obj, self._members
        elif hasattr(obj, "__dict__"):
            values, members = vars(obj), self._attributes
        else:
            return super()._serialize(obj, many=many)
        shown: dict[str, Any] = {}
        for name, key, field, kind in members:
            value = values.get(key, missing)
            if value.__class__ is kind:
                shown[name] = value
            elif value is not missing:
                shown[name] = field._serialize(value, name, obj)  # noqa: SLF001
            elif (value := field.serialize(name, obj, accessor=self.get_attribute)) is not missing:
                shown[name] = value
        return shown


def _as_it_stands(field: Field) -> type | None:
    """The type of what a field of text, whole numbers or truth shows unaltered, where it shows as
    marshmallow's own does."""
    for of, kind in ((fields.String, str), (fields.Integer, int), (fields.Boolean, bool)):
        if isinstance(field, of) and type(field)._serialize is of._serialize:  # noqa: SLF001
            return kind
    return None


def side_by_side(schema: Schema, prefix: str = "", *, maybe: bool = False) -> dict[str, Field]:
    """Every field by the name that its column has; what lies in something that may be null may be null
    too."""
    columns: dict[str, Field] = {}
    for name, field in schema.dump_fields.items():
        if isinstance(field, fields.Nested):
            columns |= side_by_side(field.schema, f"{prefix}{name}_", maybe=maybe or field.allow_none)
            continue
        if maybe and not field.allow_none:
            field = copy.copy(field)  # noqa: PLW2901
            field.allow_none = True
        columns[prefix + name] = field
    return columns


class Text(fields.String):
    """A string without NUL or lone surrogates, of a stated length, not blank."""

    def __init__(self, *, longest: int = 200, shortest: int = 1, **keywords: Any) -> None:
        super().__init__(validate=validate.Length(min=shortest, max=longest), **keywords)

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> str:
        if not isinstance(value, str):
            raise ValidationError("Send text.")
        if "\x00" in value:
            raise ValidationError("The character NUL cannot be kept: take it out.")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValidationError("The text is not valid Unicode: send it as UTF-8.")
        if value != value.strip():
            raise ValidationError("Take away the spaces at the beginning or end.")
        return value


class Integer(fields.Integer):
    """A whole number within bounds; digits in a query, a JSON number in a body."""

    def __init__(self, *, least: int, most: int, **keywords: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **keywords)

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> int:
        if isinstance(value, str) and not (
            getattr(self.root, "from_text", False) and _DIGITS.fullmatch(value)
        ):
            raise ValidationError("Send a whole number.")
        if isinstance(value, bool) or not (
            isinstance(value, (int, str)) or (isinstance(value, float) and value.is_integer())
        ):
            raise ValidationError("Send a whole number.")
        return int(value)


class Number(fields.Float):
    """A JSON number."""

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValidationError("Send a number.")
        return float(value)


class Quantity(Number):
    """A JSON number that is whole where it counts things, and has its decimals where it measures them."""

    def _serialize(self, value: Any, attr: str | None, obj: object, **keywords: object) -> float | None:
        return value if value is None or isinstance(value, int) else float(value)


class Boolean(fields.Boolean):
    """true or false, nothing like them."""

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> bool:
        if getattr(self.root, "from_text", False) and value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise ValidationError("Send true or false.")
        return value


class Uuid(fields.UUID):
    """A UUID in its canonical form."""

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> UUID:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise ValidationError("Send a UUID, like 01939f3c-7c1e-7f00-8000-000000000000.")
        return UUID(value)


class Date(fields.Date):
    """A day as YYYY-MM-DD."""

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> dt.date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise ValidationError("Send a day as YYYY-MM-DD.")
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"{value} is not a day of the calendar.") from None
        if not EARLIEST <= day.year <= LATEST:
            raise ValidationError(f"Send a day between the years {EARLIEST} and {LATEST}.")
        return day

    def _serialize(self, value: Any, attr: str | None, obj: object, **keywords: object) -> str | None:
        return (
            value if value is None or isinstance(value, str) else value.isoformat()
        )  # jsonb has written its days already


def instant(text: str) -> dt.datetime:
    """An RFC 3339 date and time, with its offset. Raises ValidationError with the sentence to show."""
    if not _INSTANT.fullmatch(text):
        raise ValidationError("Send a date and time with its offset, like 2012-05-03T09:12:00Z.")
    try:
        moment = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValidationError(f"{text} is not a time of the calendar and clock.") from None
    if not EARLIEST <= moment.year <= LATEST:
        raise ValidationError(f"Send a time between the years {EARLIEST} and {LATEST}.")
    return moment.astimezone(dt.UTC)


class Instant(fields.AwareDateTime):
    """An RFC 3339 date and time with its offset; kept and shown in UTC."""

    def _deserialize(self, value: object, attr: str | None, data: object, **keywords: object) -> dt.datetime:
        if not isinstance(value, str):
            raise ValidationError("Send a date and time with its offset, like 2012-05-03T09:12:00Z.")
        return instant(value)

    def _serialize(self, value: Any, attr: str | None, obj: object, **keywords: object) -> str | None:
        if value is None:
            return None
        text = str(value.astimezone(dt.UTC).isoformat()).removesuffix("+00:00")
        return (text.rstrip("0") if "." in text else text) + "Z"  # as PostgreSQL writes a fraction


@dataclass(frozen=True)
class OfRelease:
    """As known when the figures of a release were."""

    release_id: UUID


AsKnown = int | dt.datetime | OfRelease | None
"""What `as_of` can be: a change number, an instant, a release, or None for the present."""


class AsOf(fields.Field[int | dt.datetime | OfRelease]):
    """A change number, an RFC 3339 instant, or a release."""

    def _deserialize(
        self, value: object, attr: str | None, data: object, **keywords: object
    ) -> int | dt.datetime | OfRelease:
        text = value if isinstance(value, str) else ""
        if re.fullmatch(r"[0-9]{1,18}", text):
            return int(text)
        if _INSTANT.fullmatch(text):
            return instant(text)
        kind, _, named = text.partition(":")
        if kind == "release" and _UUID.fullmatch(named):
            return OfRelease(UUID(named))
        raise ValidationError(f"Send as text {AS_OF_EXPLAINED}")


class Choice(fields.String):
    """One of a few words. `name` is what the contract calls the set."""

    def __init__(self, name: str, *choices: str, **keywords: Any) -> None:
        super().__init__(validate=validate.OneOf(choices, error="Send one of {choices}."), **keywords)
        self.called, self.choices = name, choices


class Reflected(Output):
    """The change that the figures reflect."""

    at = Instant(allow_none=True)
    change = Integer(least=0, most=2**62)


class Known(Query):
    """As known when: at a change, at an instant, when a release was, or now."""

    as_of = AsOf()
