"""The lines of a file that are good at first sight: one pattern a line, made of the fields by which a single
record is judged.

What a pattern matches, marshmallow would accept with the same value; whatever it does not match, good or bad,
goes to marshmallow, which alone judges. So a pattern may be too narrow and never too wide
(tests/intake/offences/test_fast_lines.py tries both on every field). Its cells are those of the line, as COPY
reads them in its CSV format.
"""

import re
from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import Any

import orjson
from marshmallow import Schema, missing, validate
from marshmallow.fields import Field

from service.web.fields import EARLIEST, LATEST, Choice, Date, Instant, Integer, Text, Uuid

Recognise = Callable[[bytes], tuple[str, ...] | None]
"""A line to its cells, or null for a line that marshmallow has to judge."""

MOST_SHAPES = 32
"""Orders of members for which a file of objects gets a pattern; objects of another order are judged one by
one."""

_CONTROL = r"\x00-\x1f\x7f"
_DAY = (  # and no 29 February
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_ANYTHING = f'([^{_CONTROL}",]*|"[^{_CONTROL}"]*")'
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"


def _years() -> str:
    """Whole centuries of the years that a date may have."""
    return (
        "(?:"
        + "|".join(str(century) for century in range(-(-EARLIEST // 100), (LATEST + 1) // 100))
        + ")[0-9]{2}"
    )


def _recognise_nothing(_line: bytes) -> None:
    """Recognise no line: all go to marshmallow."""


@singledispatch
def _make_value_pattern(field: object, aside: str) -> str | None:
    """The pattern of a value of this field as text, without the letters of `aside`; null where none is
    known."""
    return None


@_make_value_pattern.register
def _(field: Text, aside: str) -> str | None:
    length = next((one for one in field.validators if isinstance(one, validate.Length)), None)
    if (
        length is None
        or length.min != 1
        or length.max is None
        or length.max < 2
        or length.equal is not None
        or len(field.validators) > 1
    ):
        return None
    inner, end = f"[^{_CONTROL}{aside}]", rf"[^\s{_CONTROL}{aside}]"
    return f"{end}(?:{inner}{{0,{length.max - 2}}}{end})?"


@_make_value_pattern.register
def _(field: Date, aside: str) -> str | None:
    return None if field.validators else f"{_years()}-{_DAY}"


@_make_value_pattern.register
def _(field: Instant, aside: str) -> str | None:
    return None if field.validators else f"{_years()}-{_DAY}T{_CLOCK}"


@_make_value_pattern.register
def _(field: Uuid, aside: str) -> str | None:
    return None if field.validators else r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@_make_value_pattern.register
def _(field: Choice, aside: str) -> str | None:
    return (
        None
        if len(field.validators) > 1
        else "|".join(map(re.escape, sorted(field.choices, key=len, reverse=True)))
    )


@_make_value_pattern.register
def _(field: Integer, aside: str) -> str | None:
    bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
    if (
        bounds is None
        or len(field.validators) > 1
        or bounds.min is None
        or bounds.max is None
        or bounds.min > 0
        or bounds.max < 10
    ):
        return None
    return f"0|[1-9][0-9]{{0,{len(str(bounds.max)) - 2}}}"


def _is_our_own(field: Field[Any]) -> bool:
    """Is this one of our fields and no class made from it, which might judge otherwise?"""
    return (
        type(field) in (Text, Date, Instant, Uuid, Choice, Integer)
        and field.data_key is None
        and not field.load_only
    )


def _make_cell_pattern(field: Field[Any]) -> str | None:
    """A cell of CSV, with quotes or without; empty where the field may be left out. Quoted quotes are left to
    marshmallow."""
    bare, quoted = _make_value_pattern(field, '",'), _make_value_pattern(field, '"')
    if bare is None or quoted is None or not _is_our_own(field):
        return None
    either = f'{bare}|"(?:{quoted})"'
    return f"({either})" if field.required else f"({either}|)"


def _make_member_pattern(field: Field[Any]) -> str | None:
    """A value of JSON without escapes; null where the field takes it for not given."""
    value = _make_value_pattern(field, r'"\\')
    if value is None or not _is_our_own(field):
        return None
    member = f"({value})" if isinstance(field, Integer) else f'("(?:{value})")'
    return f"(?:{member}|null)" if field.allow_none and field.load_default is None else member


class Recogniser:
    """Makes patterns for the lines of one schema. `columns` are the fields wanted of each line, in that
    order."""

    def __init__(self, schema: Schema, columns: Sequence[str]) -> None:
        self._fields, self._columns = schema.fields, tuple(columns)
        # What judges fields together is in no pattern.
        self._usable = not any(schema._hooks.values())  # noqa: SLF001

    def of_rows(self, header: Sequence[str | None]) -> Recognise:
        """Rows of CSV below a header of field names, each in turn; null is a column that is ignored."""
        cells = [_ANYTHING if name is None else _make_cell_pattern(self._fields[name]) for name in header]
        if not self._usable or None in cells:
            return _recognise_nothing
        return self._matching(",".join(cell or "" for cell in cells), header)

    def of_objects(self) -> Recognise:
        """Lines of JSON. Each order of members is learnt from the first object that has it."""
        by_names: dict[tuple[str, ...], Recognise] = {}
        latest: Recognise | None = None

        def recognise(line: bytes) -> tuple[str, ...] | None:
            nonlocal latest
            if latest is not None and (cells := latest(line)) is not None:
                return cells
            try:
                sent = orjson.loads(line)
            except orjson.JSONDecodeError:
                return None
            if not isinstance(sent, dict) or not self._usable:
                return None
            names = tuple(sent)
            if names not in by_names and len(by_names) < MOST_SHAPES:
                by_names[names] = self._of_members(names)
            latest = by_names.get(names, latest)
            return latest(line) if latest is not None else None

        return recognise

    def _of_members(self, names: tuple[str, ...]) -> Recognise:
        members = [
            _make_member_pattern(self._fields[name]) if name in self._fields else None for name in names
        ]
        if None in members or any(
            field.required and name not in names for name, field in self._fields.items()
        ):
            return _recognise_nothing
        pattern = ", ?".join(
            f'"{re.escape(name)}": ?{member}' for name, member in zip(names, members, strict=True)
        )
        return self._matching(rf"\{{{pattern}\}}", names)

    def _matching(self, pattern: str, names: Sequence[str | None]) -> Recognise:
        # The last group is the cell of a field that has no column.
        match_of = re.compile(f"{pattern}()").fullmatch
        order = [names.index(column) + 1 if column in names else len(names) + 1 for column in self._columns]
        defaults = [
            (at, str(self._fields[column].load_default))
            for at, column in enumerate(self._columns)
            if self._fields[column].load_default not in (None, missing)
        ]

        def recognise(line: bytes) -> tuple[str, ...] | None:
            try:
                match = match_of(line.decode())
            except UnicodeDecodeError:
                return None
            if match is None:
                return None
            cells = match.group(*order)
            if None in cells:  # null, in JSON
                cells = tuple(cell or "" for cell in cells)
            for at, default in defaults:
                if not cells[at]:
                    cells = (*cells[:at], default, *cells[at + 1 :])
            return cells

        return recognise
