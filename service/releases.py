"""A release as a force would print it: force and district side by side, and the official return beside them."""

from typing import Any

from service import areas
from service.periods import Period, parse
from service.store import Book
from service.summaries import figures
from service.targets import progress

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
ACQUISITIVE = "serious-acquisitive-crime"
CAUTION = (
    "Records marked as reconstructed were made to agree with published totals: none of them is a real crime.\n"
    "Official counts differ where the base was revised, or where a source counts the category otherwise."
)


def _per_cent(figure: dict[str, Any]) -> str:
    percent = figure["compared"]["percent"]
    return "-" if percent is None else f"{percent:+.1f}"


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _fewer(figure: dict[str, Any]) -> str:
    difference = figure["compared"]["difference"]
    return "-" if difference is None else f"{difference:+,}"


def _table(rows: list[list[str]], numbers_from: int = 1) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) if at < numbers_from else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in rows]  # fmt: skip


def _asked(area: list[str], period: str, compare: str, category: list[str], source: str = "records") -> dict[str, Any]:
    return {"area": area, "category": category, "period": parse(period), "compare": parse(compare), "source": source}


def _side_by_side(book: Book, areas: list[str], period: str, base: str, category: list[str]) -> list[str]:
    shown = figures(book, _asked(areas, period, base, category))
    by_area = [shown[at : at + len(category)] for at in range(0, len(shown), len(category))]
    heading = [
        "From records",
        *(part for group in by_area for part in (f"{group[0]['area']['name']} {base}", period, "change", "per cent")),
    ]
    rows = [[group[0]["category"]["name"], *(part for figure in group for part in (
        _number(figure["compared"]["value"]), _number(figure["value"]), _fewer(figure), _per_cent(figure)))]
        for group in zip(*by_area, strict=True)]  # fmt: skip
    return _table([heading, *rows])


def _official(book: Book, area: str, period: str, base: str, category: list[str]) -> list[str]:
    """The official counts of each period beside ours, with the differences; each from the source that holds it."""
    ours = figures(book, _asked([area], period, base, category))
    known = [row["source"] for row in book.returns.sources()]
    if not known:
        return ["No official return has been received."]
    rows = [
        [
            "From official returns",
            *(part for source in known for part in (f"{source} {base}", "ours less", f"{source} {period}", "ours less")),
        ]
    ]
    theirs = [figures(book, _asked([area], period, base, category, source)) for source in known]
    for at, figure in enumerate(ours):
        row = [figure["category"]["name"]]
        for source in theirs:
            official = source[at]
            for our_value, their_value in (
                (figure["compared"]["value"], official["compared"]["value"]),
                (figure["value"], official["value"]),
            ):
                row += [_number(their_value), "-" if their_value is None else f"{our_value - their_value:+,}"]
        rows.append(row)
    held = [column for column in range(len(rows[0])) if any(row[column] != "-" for row in rows[1:])]
    return _table([[row[column] for column in held] for row in rows])


def release_text(book: Book, area: str, period: str) -> str:
    """The release of an area's figures for a period against the one before, as text; districts of ours beside the force.

    Raises a 400 problem for an area that is not known, ValueError for a period.
    """
    asked = parse(period)
    base = asked.previous().period
    force, beside = _places(book, area, asked)
    lines = [
        f"{force['name']}: recorded crime {period} against {base}",
        f"As known at change {book.as_of}, {book.at:%d %B %Y %H:%M} UTC.",
        "",
    ]
    lines += _side_by_side(book, [force["area"], *beside], period, base, list(PRINTED))
    earlier = f"{asked.from_on.year - 4}/{(asked.from_on.year - 3) % 100:02}"
    acquisitive = figures(book, _asked([force["area"]], period, earlier, [ACQUISITIVE]))[0]
    if acquisitive["compared"]["period"]["complete"]:
        lines += ["", *_table([["", earlier, period, "change", "per cent"], [acquisitive["category"]["name"],
                  _number(acquisitive["compared"]["value"]), _number(acquisitive["value"]), _fewer(acquisitive), _per_cent(acquisitive)]])]  # fmt: skip
    lines += [
        "",
        *_official(book, force["area"], period, base, [*PRINTED, "violence-against-the-person"]),
        "",
        *_targets(book, force["area"], period),
    ]
    return "\n".join([*lines, CAUTION]) + "\n"


def _places(book: Book, area: str, period: Period) -> tuple[dict[str, Any], list[str]]:
    """The area asked for, and the district of the same seat to stand beside a force: its largest in the book."""
    place = areas.named(book, [area])[0]
    beside = book.releases.largest_district(area=place["area"], from_on=period.from_on, to_on=period.to_on) if place["kind"] == "force" else None
    return place, [beside["area"]] if beside else []


def _targets(book: Book, area: str, period: str) -> list[str]:
    lines = []
    for target in book.targets.list(area=area, category=None, after_target_id=None, limit=100):
        if target["period"] == period:
            stands = progress(book, target)
            lines += [f"Target of {target['owner']}: {target['name']}. Ceiling {stands['ceiling']:,.2f}, "
                      f"actual {stands['actual']['value']:,}: {stands['status'].replace('_', ' ')}.", ""]  # fmt: skip
    return lines
