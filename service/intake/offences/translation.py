"""From a force's own words to ours: which field a heading is, how its days are written, what its codes
mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from marshmallow import fields

from service.offences.offences import OffenceDraft

LONDON = ZoneInfo("Europe/London")
FIELDS = OffenceDraft().fields
DAYS = {name for name, offence_field in FIELDS.items() if isinstance(offence_field, fields.Date)}
INSTANTS = {name for name, offence_field in FIELDS.items() if isinstance(offence_field, fields.AwareDateTime)}
_DAY_ALONE = {"committed_from", "committed_to"}
"""Instants of which an extract may know the day alone: then they are its first moment. When a crime was
reported or recorded is not."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAY_FORMS = {
    "YYYY-MM-DD": r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})",
    "DD/MM/YYYY": r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})",
    "MM/DD/YYYY": r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})",
    "DD-MM-YYYY": r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})",
    "DD.MM.YYYY": r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})",
    "YYYYMMDD": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    "DD Mon YYYY": r"(?P<day>[0-9]{1,2})[ -](?P<month>[A-Za-z]{3})[a-z]*[ -](?P<year>[0-9]{4})",
}
_CLOCK_FORMS = {
    "": "",
    " HH:MM": r" (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})",
    " HH:MM:SS": r" (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})",
    "THH:MM:SS": r"T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})",
}
FORMS = {
    day + clock: re.compile(days + clocks)
    for day, days in _DAY_FORMS.items()
    for clock, clocks in _CLOCK_FORMS.items()
}
"""The forms that a day, or a day with the time of Europe/London, can have. Years have four digits: of two
nobody knows the century."""


class Untranslatable(ValueError):
    """A cell that the mapping cannot read; the sentence says why."""


def is_form_of(name: str, form: str) -> bool:
    """Can a field be read from cells of this form?"""
    return form in FORMS and (name in DAYS or (name in INSTANTS and ("HH" in form or name in _DAY_ALONE)))


def parse_local_time(text: str, form: str) -> datetime | None:
    """The local time that a text of this form names; null where it has another form. Raises ValueError where
    there is no such day."""
    match = FORMS[form].fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    month = _MONTHS.get(parts["month"].lower()) if parts["month"].isalpha() else int(parts["month"])
    if month is None:
        return None
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    day = int(parts["day"])
    return datetime(int(parts["year"]), month, day, hour, minute, second)  # noqa: DTZ001 (its zone comes next)


def convert_from_london(local: datetime) -> datetime:
    """The instant, in UTC, of a time by the clock of Europe/London. Of the hour that October has twice it is
    the first, in summer time; the hour that March skips is refused."""
    instant = local.replace(tzinfo=LONDON).astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != local:
        raise Untranslatable(
            f"{local:%H:%M} on {local.day} {local:%B %Y} did not happen: the clocks went forward over it."
        )
    return instant


def _make_date_translation(name: str, forms: list[str]) -> Callable[[str], str]:
    """What makes our text of a cell that has one of these forms; what it made of a cell it remembers."""
    cache: dict[str, str] = {}

    def translate(text: str) -> str:
        if (cached := cache.get(text)) is not None:
            return cached
        for form in forms:
            try:
                local = parse_local_time(text, form)
            except ValueError:
                raise Untranslatable(
                    f"{text[:40]} is not a day and time of the calendar, read as {form}."
                ) from None
            if local is not None:
                translated = (
                    local.date().isoformat()
                    if name in DAYS
                    else convert_from_london(local).isoformat().replace("+00:00", "Z")
                )
                if len(cache) < 10_000:
                    cache[text] = translated
                return translated
        raise Untranslatable(f"{text[:40]} is not written as {' or '.join(forms)}.")

    return translate


@dataclass(frozen=True)
class Mapping:
    """A mapping as it was set: see MappingDraft."""

    columns: dict[str, str]
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    dates: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    change: int | None = None
    name: str | None = None

    def find_fields(self, headings: list[str]) -> list[str | None]:
        """The field of each heading, null for one that is ignored. Raises Untranslatable for one that the
        mapping does not name."""
        fields = {fold_heading(heading): name for heading, name in self.columns.items()} | {
            fold_heading(heading): None for heading in self.ignored
        }
        if strangers := [heading for heading in headings if fold_heading(heading) not in fields]:
            names = ", ".join(heading[:60] or "(empty)" for heading in strangers[:5])
            raise Untranslatable(
                f"The mapping does not say what to do with the heading {names}: name its field in columns, or"
                " ignore it."
            )
        return [fields[fold_heading(heading)] for heading in headings]

    def find_translation(self, name: str) -> Callable[[str], str] | None:
        """What makes our text of a cell of this field; null where it stays as it is. What is no code of the
        mapping stays too."""
        codes, forms = self.codes.get(name), self.dates.get(name)
        if forms:
            return _make_date_translation(name, forms)
        return (lambda text: codes.get(text, text)) if codes else None


def fold_heading(heading: str) -> str:
    """A heading without what varies from extract to extract: capitals, and spaces at its ends or doubled."""
    return " ".join(heading.replace("\ufeff", "").split()).casefold()
