"""A mapping guessed from a header: each heading is the field whose known headings it is most like. Somebody
looks it over before use."""

import json
import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from service.intake.offences.translation import DAYS, FIELDS, INSTANTS, is_form_of, moment

LEAST = 0.7
"""Headings less like a known one than this are ignored: a wrong guess costs more than none."""
_TRIED = ("DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "YYYYMMDD", "DD Mon YYYY")
_CLOCKS = ("", " HH:MM", " HH:MM:SS", "THH:MM:SS")


@cache
def _known() -> dict[str, str]:
    """Headings that are known, each with its field."""
    told = json.loads((Path(__file__).with_name("headings.json")).read_text(encoding="utf-8"))
    return {heading: name for name, headings in told.items() for heading in headings} | {
        _words(name): name for name in FIELDS
    }


def _words(heading: str) -> str:
    """Its words in small letters: `CrimeRef_No.` is crime ref no."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


def _likeness(heading: str, known: str) -> float:
    """1 for the same words, else how much of both is shared, by letters and by words."""
    if heading == known:
        return 1.0
    mine, other = set(heading.split()), set(known.split())
    words = 2 * len(mine & other) / max(len(mine) + len(other), 1)
    return 0.95 * (0.5 * words + 0.5 * SequenceMatcher(None, heading, known).ratio())


def _most_like(heading: str) -> tuple[float, str]:
    words = _words(heading)
    return max((_likeness(words, known), name) for known, name in _known().items())


def _forms(name: str, cells: list[str]) -> list[str]:
    """The form in which all these cells are days of the field; none where they are ours already, or in no one
    form."""
    said = [cell.strip() for cell in cells if cell.strip()]
    ours = r"\d{4}-\d{2}-\d{2}" if name in DAYS else r".*T.*(?:[Zz]|[+-]\d{2}:\d{2})"
    if not said or all(re.fullmatch(ours, cell) for cell in said):
        return []
    for form in (day + clock for day in _TRIED for clock in _CLOCKS):
        if is_form_of(name, form) and all(_has(cell, form) for cell in said):
            return [form]
    return []


def _has(cell: str, form: str) -> bool:
    try:
        return moment(cell, form) is not None
    except ValueError:
        return False


def guess(headings: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """The mapping, the confidence of each column, and the fields that are missing, as schema Guess shows
    them."""
    likeness = [_most_like(heading) for heading in headings]
    best: dict[str, int] = {}
    for at, (confidence, name) in sorted(enumerate(likeness), key=lambda one: (-one[1][0], one[0])):
        if confidence >= LEAST:
            best.setdefault(name, at)
    told = [
        {
            "heading": heading,
            "field": name if best.get(name) == at else None,
            "confidence": round(confidence, 2),
        }
        for at, (heading, (confidence, name)) in enumerate(zip(headings, likeness, strict=True))
    ]
    dates = {
        name: forms
        for name, at in sorted(best.items())
        if name in DAYS | INSTANTS and (forms := _forms(name, [row[at] for row in rows if at < len(row)]))
    }
    columns = {headings[at]: name for name, at in sorted(best.items(), key=lambda one: one[1])}
    mapping = {
        "codes": {},
        "columns": columns,
        "constants": {},
        "dates": dates,
        "ignored": [one["heading"] for one in told if one["field"] is None],
    }
    missing = [
        name for name, field in FIELDS.items() if field.required and name not in best and name != "force"
    ]
    return {"mapping": mapping, "columns": told, "missing": missing}
