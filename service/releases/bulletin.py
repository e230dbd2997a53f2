"""Figures to be read as text: as a force would print them, with the official returns beside them, and a
release as it was published."""

from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from textwrap import fill

from service.figures.counts import count_figures
from service.figures.figure import Comparison, Figure
from service.figures.question import resolve_question
from service.figures.wording import CHANCE_EXPLAINED, word_figure
from service.periods import Period, parse
from service.reference import areas
from service.releases.stored import CodeRow, DefinitionRow, PublishedRelease, read_figure
from service.store import Book
from service.targets.progress import TargetProgress, measure_progress
from service.targets.target import list_targets

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


Row = list[str]
"""The cells of a row of a table: the first is words, the others are numbers."""


def _table(rows: Sequence[Row]) -> list[str]:
    """Lines of text with columns as wide as they need to be."""
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


def _count(
    book: Book,
    area: Sequence[str],
    category: Sequence[str],
    period: str,
    compare: str,
    source: str = "records",
) -> list[Figure]:
    question = resolve_question(
        book, area=area, category=category, period=parse(period), compare=parse(compare), source=source
    )
    return count_figures(book, question)


def _base_of(figure: Figure) -> Comparison:
    assert figure.compared is not None  # every figure of a table is compared
    return figure.compared


def _name(figure: Figure) -> str:
    assert figure.category is not None  # every figure of a table counts
    return figure.category.name


def _side_by_side(figures: Sequence[Figure], period: str, base: str) -> list[Row]:
    """A row for each category, and for each place: then, now, change, per cent."""
    by_place = [list(group) for _, group in groupby(figures, lambda figure: figure.area.code)]
    heading = ["From records"]
    for group in by_place:
        heading += [f"{group[0].area.name} {base}", period, "change", "per cent"]
    rows = [
        [_name(group[0]), *chain.from_iterable(map(_cells, group))] for group in zip(*by_place, strict=True)
    ]
    return [heading, *rows]


def _cells(figure: Figure) -> Row:
    base = _base_of(figure)
    change = "-" if base.difference is None else f"{base.difference:+,}"
    percent = "-" if base.percent is None else f"{base.percent:+.1f}"
    return [_cell(base), _cell(figure), change, percent]


def _cell(value: Figure | Comparison) -> str:
    return _number(value) + ("" if value.period.complete else INCOMPLETE)


def _number(value: Figure | Comparison) -> str:
    return "-" if value.value is None else f"{value.value:,}"


def _word_place(figures: Iterable[Figure], place: str) -> list[str]:
    """A sentence for each figure of the place, with how sure it is."""
    return [line for figure in figures if figure.area.code == place for line in word_figure(figure)]


def _official(book: Book, area: str, period: str, base: str, category: Sequence[str]) -> list[Row]:
    """A row for each category, and for each source and year that it counts: its count, and ours less it."""
    sources = [row["source"] for row in book.intake.returns.returns.sources()]
    heading = (
        part
        for source in sources
        for part in (f"{source} {base}", "ours less", f"{source} {period}", "ours less")
    )
    rows = [["From official returns", *heading]]
    ours = _count(book, [area], category, period, base)
    theirs = [_count(book, [area], category, period, base, source) for source in sources]
    for own, *official in zip(ours, *theirs, strict=True):
        cells = [
            cell
            for figure in official
            for cell in (*_beside(_base_of(own), _base_of(figure)), *_beside(own, figure))
        ]
        rows.append([_name(own), *cells])
    columns = [column for column in range(1, len(rows[0])) if any(row[column] != "-" for row in rows[1:])]
    return [[row[0], *(row[column] for column in columns)] for row in rows] if columns else []


def _beside(ours: Figure | Comparison, theirs: Figure | Comparison) -> Row:
    """What a source counts, and ours less that; records always count something, be it nought."""
    own, official = ours.counted(), theirs.counted()
    if own is None or official is None:
        return ["-", "-"]
    return [_number(theirs), f"{own - official:+,}"]


def _acquisitive(book: Book, area: str, period: Period) -> list[Row]:
    """Serious acquisitive crime against four years before, as the police authority looked at it; nothing
    where that year is not held."""
    earlier = period.last_year().last_year().last_year().last_year().period
    [figure] = _count(book, [area], [ACQUISITIVE], period.period, earlier)
    if not _base_of(figure).period.complete:
        return []
    return [["", earlier, period.period, "change", "per cent"], [_name(figure), *_cells(figure)]]


def write_bulletin(book: Book, area: str, period: str) -> str:
    """The release of an area's figures for a financial year against the year before, as text: the area and,
    for a force, its largest district side by side, the official returns beside them, and the targets.

    Raises a 400 problem for an area that is not known, ValueError for a period.
    """
    year = parse(period)
    base = year.previous().period
    codes, name = _find_places(book, area, year)
    figures = _count(book, codes, PRINTED, period, base)
    known = f"As known at change {book.as_of}" + (f", {book.at:%d %B %Y %H:%M} UTC." if book.at else ".")
    parts = [
        [f"{name}: recorded crime {period} against {base}", known],
        _table(_side_by_side(figures, period, base)),
        [*_word_place(figures, codes[0]), "", CHANCE_EXPLAINED],
        _table(_acquisitive(book, codes[0], year)),
        _table(_official(book, codes[0], period, base, [*PRINTED, "violence-against-the-person"])),
        _word_targets(book, codes[0], period),
        [CAUTION],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _find_places(book: Book, area: str, period: Period) -> tuple[list[str], str]:
    """The code of the area asked for and, to stand beside a force, of the district that is its largest in the
    book; and the name of the area."""
    place = areas.find_area(book, area)
    district = (
        book.releases.bulletin.largest_district(area=place.code, from_on=period.from_on, to_on=period.to_on)
        if place.kind == "force"
        else None
    )
    return [place.code, *([district["area"]] if district else [])], place.name


def _word_targets(book: Book, area: str, period: str) -> list[str]:
    targets = [target for target in list_targets(book, area) if target.period == period]
    return [_word_target(measure_progress(book, target)) for target in targets]


def _word_target(progress: TargetProgress) -> str:
    """A target in one line: what it allows, what came, and where that leaves it."""
    target, actual = progress.target, progress.actual.value
    bounds = [
        f"{name} {bound:,.2f}"
        for name, bound in (("Floor", progress.floor), ("Ceiling", progress.ceiling))
        if bound is not None
    ]
    numbers = ", ".join([*bounds, f"actual {actual:,}" if actual is not None else "no actual"])
    return f"Target of {target.owner}: {target.name}. {numbers}: {progress.status.replace('_', ' ')}."


def write_release(release: PublishedRelease) -> str:
    """A release as plain text: what was published, known when, counted how, and with what caution."""
    figures = [read_figure(figure) for figure in release["figures"]]
    against = f" against {release['compare']}" if release["compare"] else ""
    counted = f"{release['measure'].capitalize()}, {release['period']}{against}"
    source = (
        "from records"
        if release["source"] == "records"
        else f"as counted by {release['source']}, edition {figures[0].edition}"
    )
    heading = [
        release["title"],
        f"{counted}, {source}.",
        f"As known at change {release['change']}, {release['at']:%d %B %Y %H:%M} UTC.",
    ]
    if release["embargo_until"]:
        heading += [f"Not to be published before {release['embargo_until']:%d %B %Y %H:%M} UTC."]
    parts = [
        heading,
        *(
            _write_area(release, [figure for figure in figures if figure.area.code == code])
            for code in release["areas"]
        ),
        *([[CHANCE_EXPLAINED]] if release["compare"] else []),
        ["Counted by", *map(_word_definition, release["definitions"])],
        [PROVISIONAL, f"What has moved since: /v1/releases/{release['release_id']}/revisions"],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _write_area(release: PublishedRelease, figures: Sequence[Figure]) -> list[str]:
    """An area's figures as a table, and each in words where it is compared or something has to be known of
    it."""
    words = [line for figure in figures if figure.compared or figure.status for line in word_figure(figure)]
    if release["compare"] is None:
        heading, rows = [release["period"]], [[_name(figure), _cell(figure)] for figure in figures]
    else:
        heading = [release["compare"], release["period"], "change", "per cent"]
        rows = [[_name(figure), *_cells(figure)] for figure in figures]
    return [*_table([[figures[0].area.name, *heading], *rows]), *(["", *words] if words else [])]


def _word_definition(definition: DefinitionRow) -> str:
    codes = (
        "every offence code"
        if definition["every_code"]
        else "codes " + ", ".join(map(_word_code, definition["codes"]))
    )
    text = (
        f"* {definition['name']} ({definition['category']}, definition {definition['definition']}): {codes}."
    )
    return fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _word_code(code: CodeRow) -> str:
    days = [f"from {code['from_on']}"] if code["from_on"] else []
    days += [f"to {code['to_on']}"] if code["to_on"] else []
    return " ".join([code["code"], *days])
