"""A mapping guessed from a header: each heading is the field whose usual headings it is most like. Somebody
looks it over before use."""

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from service.intake.offences.translation import DAYS, FIELDS, INSTANTS, is_form_of, parse_local_time

LEAST = 0.7
"""Headings less like a usual one than this are ignored: a wrong guess costs more than none."""
_DAY_FORMS = ("DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "YYYYMMDD", "DD Mon YYYY")
_CLOCK_FORMS = ("", " HH:MM", " HH:MM:SS", "THH:MM:SS")


@dataclass(frozen=True)
class GuessedMapping:
    """A mapping, and nothing of where it is kept."""

    codes: dict[str, dict[str, str]]
    columns: dict[str, str]
    constants: dict[str, str]
    dates: dict[str, list[str]]
    ignored: list[str]


@dataclass(frozen=True)
class GuessedColumn:
    """The field that a heading probably is, null for none, and how sure that is, from 0 to 1."""

    heading: str
    field: str | None
    confidence: float


@dataclass(frozen=True)
class Guess:
    """A mapping to look over, each heading in turn, and the fields that every offence has and no heading is
    like."""

    mapping: GuessedMapping
    columns: list[GuessedColumn]
    missing: list[str]


@cache
def _load_usual_headings() -> dict[str, str]:
    """Headings that are usual, each with its field."""
    headings = json.loads((Path(__file__).with_name("headings.json")).read_text(encoding="utf-8"))
    return {heading: name for name, usual in headings.items() for heading in usual} | {
        _split_words(name): name for name in FIELDS
    }


def _split_words(heading: str) -> str:
    """Its words in small letters: `CrimeRef_No.` is crime ref no."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


def _measure_likeness(heading: str, usual: str) -> float:
    """1 for the same words, else how much of both is shared, by letters and by words."""
    if heading == usual:
        return 1.0
    mine, other = set(heading.split()), set(usual.split())
    words = 2 * len(mine & other) / max(len(mine) + len(other), 1)
    return 0.95 * (0.5 * words + 0.5 * SequenceMatcher(None, heading, usual).ratio())


def _find_most_alike(heading: str) -> tuple[float, str]:
    words = _split_words(heading)
    return max((_measure_likeness(words, usual), name) for usual, name in _load_usual_headings().items())


def _find_forms(name: str, cells: list[str]) -> list[str]:
    """The form in which all these cells are days of the field; none where they are ours already, or in no one
    form."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    ours = r"\d{4}-\d{2}-\d{2}" if name in DAYS else r".*T.*(?:[Zz]|[+-]\d{2}:\d{2})"
    if not texts or all(re.fullmatch(ours, text) for text in texts):
        return []
    for form in (day + clock for day in _DAY_FORMS for clock in _CLOCK_FORMS):
        if is_form_of(name, form) and all(_has_form(text, form) for text in texts):
            return [form]
    return []


def _has_form(text: str, form: str) -> bool:
    try:
        return parse_local_time(text, form) is not None
    except ValueError:
        return False


def guess_mapping(headings: list[str], rows: list[list[str]]) -> Guess:
    """The mapping that these headings probably need; rows, where there are any, show how days are written."""
    likeness = [_find_most_alike(heading) for heading in headings]
    best: dict[str, int] = {}
    for at, (confidence, name) in sorted(enumerate(likeness), key=lambda one: (-one[1][0], one[0])):
        if confidence >= LEAST:
            best.setdefault(name, at)
    guessed = [
        GuessedColumn(heading, name if best.get(name) == at else None, round(confidence, 2))
        for at, (heading, (confidence, name)) in enumerate(zip(headings, likeness, strict=True))
    ]
    dates = {
        name: forms
        for name, at in sorted(best.items())
        if name in DAYS | INSTANTS
        and (forms := _find_forms(name, [row[at] for row in rows if at < len(row)]))
    }
    columns = {headings[at]: name for name, at in sorted(best.items(), key=lambda one: one[1])}
    ignored = [column.heading for column in guessed if column.field is None]
    missing = [
        name for name, field in FIELDS.items() if field.required and name not in best and name != "force"
    ]
    return Guess(GuessedMapping({}, columns, {}, dates, ignored), guessed, missing)
