"""Figures to be read as text: as a force would print them, with the official returns beside them, and a
release as it was published."""

from itertools import chain, groupby
from textwrap import fill
from typing import Any

from service.figures.counts import figures
from service.figures.wording import CHANCE_EXPLAINED, certain_in_words
from service.periods import Period, parse
from service.reference import areas
from service.store import Book
from service.targets.progress import measure_progress

PRINTED = (
    "all-crime",
    "violence",
    "sexual-offences",
    "residential-burglary",
    "robbery",
    "vehicle-crime",
    "criminal-damage",
    "drug-offences",
)
PROVISIONAL = (
    "Figures are provisional: records are still reclassified, cancelled, transferred and recorded late.\n"
    "They stand here as they were known then."
)
ACQUISITIVE = "serious-acquisitive-crime"
INCOMPLETE = "*"
WIDTH = 110
CAUTION = (
    "Records marked as reconstructed were made to agree with published totals: none of them is a real"
    " crime.\n* Not everything of that period is held, so it is not compared.\nOfficial counts differ where"
    " the base was revised, or where a source counts the category otherwise."
)


def _per_cent(figure: dict[str, Any]) -> str:
    percent = figure["compared"]["percent"]
    return "-" if percent is None else f"{percent:+.1f}"


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _fewer(figure: dict[str, Any]) -> str:
    difference = figure["compared"]["difference"]
    return "-" if difference is None else f"{difference:+,}"


def _table(rows: list[list[str]]) -> list[str]:
    """Columns as wide as they need to be: the first is words, the others are numbers."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]


def _asked(
    area: list[str], period: str, compare: str, category: list[str], source: str = "records"
) -> dict[str, Any]:
    return {
        "area": area,
        "category": category,
        "period": parse(period),
        "compare": parse(compare),
        "source": source,
    }


def _side_by_side(shown: list[dict[str, Any]], period: str, base: str) -> list[list[str]]:
    """A row for each category, and for each place: then, now, change, per cent."""
    by_place = [list(group) for _, group in groupby(shown, lambda one: one["area"]["code"])]
    heading = ["From records"]
    for group in by_place:
        heading += [f"{group[0]['area']['name']} {base}", period, "change", "per cent"]
    return [
        heading,
        *(
            [group[0]["category"]["name"], *chain.from_iterable(map(_cells, group))]
            for group in zip(*by_place, strict=True)
        ),
    ]


def _in_words(shown: list[dict[str, Any]], place: str) -> list[str]:
    """A sentence for each figure of the place, with how sure it is."""
    return [line for one in shown if one["area"]["code"] == place for line in certain_in_words(one)]


def _cells(figure: dict[str, Any]) -> list[str]:
    return [_held(figure["compared"]), _held(figure), _fewer(figure), _per_cent(figure)]


def _held(figure: dict[str, Any]) -> str:
    return _number(figure["value"]) + ("" if figure["period"]["complete"] else INCOMPLETE)


def _official(book: Book, area: str, period: str, base: str, category: list[str]) -> list[list[str]]:
    """A row for each category, and for each source and year that it counts: its count, and ours less it."""
    known = [row["source"] for row in book.intake.returns.returns.sources()]
    heading = (
        part
        for source in known
        for part in (f"{source} {base}", "ours less", f"{source} {period}", "ours less")
    )
    rows = [["From official returns", *heading]]
    ours = figures(book, _asked([area], period, base, category))
    theirs = [figures(book, _asked([area], period, base, category, source)) for source in known]
    for own, *official in zip(ours, *theirs, strict=True):
        row = [own["category"]["name"]]
        for one in official:
            row += _beside(own["compared"]["value"], one["compared"]["value"]) + _beside(
                own["value"], one["value"]
            )
        rows.append(row)
    held = [column for column in range(1, len(rows[0])) if any(row[column] != "-" for row in rows[1:])]
    return [[row[0], *(row[column] for column in held)] for row in rows] if held else []


def _beside(ours: int, theirs: int | None) -> list[str]:
    return ["-", "-"] if theirs is None else [_number(theirs), f"{ours - theirs:+,}"]


def _acquisitive(book: Book, area: str, period: Period) -> list[list[str]]:
    """Serious acquisitive crime against four years before, as the police authority looked at it; nothing
    where that year is not held."""
    earlier = period.last_year().last_year().last_year().last_year().period
    [figure] = figures(book, _asked([area], period.period, earlier, [ACQUISITIVE]))
    return (
        [["", earlier, period.period, "change", "per cent"], [figure["category"]["name"], *_cells(figure)]]
        if (figure["compared"]["period"]["complete"])
        else []
    )


def as_printed(book: Book, area: str, period: str) -> str:
    """The release of an area's figures for a financial year against the year before, as text: the area and,
    for a force, its largest district side by side, the official returns beside them, and the targets.

    Raises a 400 problem for an area that is not known, ValueError for a period.
    """
    asked = parse(period)
    base = asked.previous().period
    place, beside = _places(book, area, asked)
    shown = figures(book, _asked([place.code, *beside], period, base, list(PRINTED)))
    known = f"As known at change {book.as_of}" + (f", {book.at:%d %B %Y %H:%M} UTC." if book.at else ".")
    parts = [
        [f"{place.name}: recorded crime {period} against {base}", known],
        _table(_side_by_side(shown, period, base)),
        [*_in_words(shown, place.code), "", CHANCE_EXPLAINED],
        _table(_acquisitive(book, place.code, asked)),
        _table(_official(book, place.code, period, base, [*PRINTED, "violence-against-the-person"])),
        _targets(book, place.code, period),
        [CAUTION],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _places(book: Book, area: str, period: Period) -> tuple[areas.NamedArea, list[str]]:
    """The area asked for, and the district of the same seat to stand beside a force: its largest in the
    book."""
    place = areas.find_area(book, area)
    beside = (
        book.releases.bulletin.largest_district(area=place.code, from_on=period.from_on, to_on=period.to_on)
        if place.kind == "force"
        else None
    )
    return place, [beside["area"]] if beside else []


def _targets(book: Book, area: str, period: str) -> list[str]:
    held = book.targets.targets.list(area=area, category=None, after_target_id=None, limit=100)
    return [_target(measure_progress(book, target)) for target in held if target["period"] == period]


def _target(stands: dict[str, Any]) -> str:
    """A target in one line: what it allows, what came, and where that leaves it."""
    target, actual = stands["target"], stands["actual"]["value"]
    bounds = [
        f"{name.capitalize()} {stands[name]:,.2f}"
        for name in ("floor", "ceiling")
        if stands[name] is not None
    ]
    said = ", ".join([*bounds, f"actual {actual:,}" if actual is not None else "no actual"])
    return f"Target of {target['owner']}: {target['name']}. {said}: {stands['status'].replace('_', ' ')}."


def as_told(release: dict[str, Any]) -> str:
    """A release as plain text: what was published, known when, counted how, and with what caution."""
    first = release["figures"][0]
    counted = f"{release['measure'].capitalize()}, {release['period']}" + (
        f" against {release['compare']}" if release["compare"] else ""
    )
    source = (
        "from records"
        if release["source"] == "records"
        else f"as counted by {release['source']}, edition {first['edition']}"
    )
    heading = [
        release["title"],
        f"{counted}, {source}.",
        f"As known at change {release['change']}, {release['at']:%d %B %Y %H:%M} UTC.",
    ]
    if release["embargo_until"]:
        heading += [f"Not to be published before {release['embargo_until']:%d %B %Y %H:%M} UTC."]
    certainty = [[CHANCE_EXPLAINED]] if release["compare"] else []
    caution = [PROVISIONAL, f"What has moved since: /v1/releases/{release['release_id']}/revisions"]
    counted_by = ["Counted by", *map(_definition, release["definitions"])]
    parts = [
        heading,
        *(_area_told(release, code) for code in release["areas"]),
        *certainty,
        counted_by,
        caution,
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _area_told(release: dict[str, Any], area: str) -> list[str]:
    """An area's figures as a table, and each in words where it is compared or something has to be known of
    it."""
    figures = [one for one in release["figures"] if one["area"]["code"] == area]
    words = list(
        chain.from_iterable(certain_in_words(one) for one in figures if one["compared"] or one.get("status"))
    )
    if release["compare"] is None:
        heading, cells = [release["period"]], [[_held(one)] for one in figures]
    else:
        heading, cells = (
            [release["compare"], release["period"], "change", "per cent"],
            list(map(_cells, figures)),
        )
    rows = [[one["category"]["name"], *held] for one, held in zip(figures, cells, strict=True)]
    return [*_table([[figures[0]["area"]["name"], *heading], *rows]), *(["", *words] if words else [])]


def _definition(definition: dict[str, Any]) -> str:
    codes = (
        "every offence code"
        if definition["every_code"]
        else "codes " + ", ".join(map(_dated, definition["codes"]))
    )
    told = (
        f"* {definition['name']} ({definition['category']}, definition {definition['definition']}): {codes}."
    )
    return fill(told, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _dated(code: dict[str, Any]) -> str:
    days = [f"{word} {code[end]}" for word, end in (("from", "from_on"), ("to", "to_on")) if code[end]]
    return " ".join([code["code"], *days])
