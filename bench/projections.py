r"""How far the three projections err on real series, and whether their 80 per cent intervals hold 80 per cent
of what came.

.venv/bin/python bench/projections.py [--write]

Home Office counts by force and offence group, quarter by quarter (data/home-office-pfa), are projected to the
end of each financial year after its first, second and third quarter, by the statement that the service uses
and from nothing but earlier years. Nothing is timed. `--write` also writes bench/RESULTS-projections.md.
"""

import csv
import gzip
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from service.store import Book, as_json, database, migrations  # noqa: E402
from service.store.embedded.server import EmbeddedPostgres  # noqa: E402
from service.targets.projections import EARLIER  # noqa: E402

TABLE = PROJECT / "data" / "home-office-pfa" / "prc-pfa-mar2013-onwards-tables.csv.gz"
RESULTS = PROJECT / "bench" / "RESULTS-projections.md"
FEWEST = 100
"""Offences a year, on the mean: smaller series are left out, for per cents of them say little."""

Quarters = dict[int, list[int]]
"""By the year that a financial year begins in: the counts of its four quarters."""


def series() -> dict[tuple[str, str], Quarters]:
    """Every force and group, and every force altogether, with those years that have all four quarters."""
    counts: dict[tuple[str, str], Quarters] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    quarters: dict[tuple[str, int], set[str]] = defaultdict(set)
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            year, quarter = int(row["Financial Year"][:4]), row["Financial Quarter"]
            quarters[row["Force Name"], year].add(quarter)
            for group in (row["Offence Group"], "All offences"):
                counts[row["Force Name"], group][year][int(quarter) - 1] += int(row["Number of Offences"])
    whole = {
        key: {year: four for year, four in sorted(years.items()) if len(quarters[key[0], year]) == 4}
        for key, years in counts.items()
    }
    return {
        key: years
        for key, years in whole.items()
        if years and sum(map(sum, years.values())) >= FEWEST * len(years)
    }


def after(year: int, quarter: int) -> dict[str, int]:
    """The days of a financial year, and those to the end of a quarter."""
    first = date(year, 4, 1)
    last = (date(year, 7, 1), date(year, 10, 1), date(year + 1, 1, 1))[quarter - 1]
    return {"days_part": (last - first).days, "days": (date(year + 1, 4, 1) - first).days}


def projected(book: Book, years: Quarters, year: int, quarter: int) -> list[dict[str, Any]]:
    """What the service would have said of a year after one of its quarters."""
    held = []
    for ago in range(1, EARLIER + 1):
        if (four := years.get(year - ago)) is None:
            break
        held.append(
            {"ago": ago, "part": sum(four[:quarter]), "whole": sum(four), **after(year - ago, quarter)}
        )
    rows: list[dict[str, Any]] = book.targets.projections.project(
        years=as_json(held), part=sum(years[year][:quarter]), **after(year, quarter)
    )
    return rows


def measured(book: Book) -> Iterator[dict[str, Any]]:
    """Each projection of each year, with what the year came to."""
    for (force, group), years in sorted(series().items()):
        for year in years:
            for quarter in (1, 2, 3):
                for row in projected(book, years, year, quarter):
                    if row["low_80"] is not None:
                        yield {
                            **row,
                            "force": force,
                            "group": group,
                            "year": year,
                            "quarter": quarter,
                            "whole": sum(years[year]),
                        }


def _share(rows: list[dict[str, Any]], level: int) -> float:
    return 100 * sum(row[f"low_{level}"] <= row["whole"] <= row[f"high_{level}"] for row in rows) / len(rows)


def _error(rows: list[dict[str, Any]]) -> float:
    return (
        sum(abs(float(row["projected"]) - row["whole"]) / row["whole"] for row in rows if row["whole"] > 0)
        / len(rows)
        * 100
    )


def _width(rows: list[dict[str, Any]]) -> float:
    widths = sorted(float(row["high_80"] - row["low_80"]) / row["whole"] for row in rows if row["whole"] > 0)
    return 100 * widths[len(widths) // 2]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """By method and quarter, and each method altogether: Markdown."""
    lines = [
        (
            "| method | after quarter | projections | inside 80 % | inside 95 % | mean absolute error, % |"
            " median width of 80 %, % |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for method in ("straight_line", "seasonal", "last_year_rest"):
        for quarter in (1, 2, 3, None):
            chosen = [row for row in rows if row["method"] == method and quarter in (None, row["quarter"])]
            if chosen:
                lines.append(
                    f"| {method} | {quarter or 'all'} | {len(chosen):,} | {_share(chosen, 80):.1f} |"
                    f" {_share(chosen, 95):.1f} | {_error(chosen):.2f} | {_width(chosen):.1f} |"
                )
    return lines


@contextmanager
def opened() -> Iterator[Book]:
    """An empty book on a server of its own."""
    root = Path(tempfile.mkdtemp(prefix="crimebook-bench-"))
    try:
        with EmbeddedPostgres(root, durable=False) as server:
            migrations.migrate(server.url("crimebook"))
            database.connect(server.url("crimebook"))
            with database.reading() as book:
                yield book
            database.release()
    finally:
        shutil.rmtree(root)


def main() -> None:
    """Measure, and print."""
    with opened() as book:
        rows = list(measured(book))
    usual = [row for row in rows if not 2019 <= row["year"] <= 2021]
    first, last = min(row["year"] for row in rows), max(row["year"] for row in rows)
    told = "\n".join(
        [
            "# Projections",
            "",
            "Written by `python bench/projections.py --write`; its first lines say what is measured.",
            "",
            (
                f"{len({(row['force'], row['group']) for row in rows})} series of forces and offence groups"
                f" with {FEWEST} offences a year or more, financial years {first}/{(first + 1) % 100:02} to"
                f" {last}/{(last + 1) % 100:02}, each projected from earlier years alone."
            ),
            "",
            *table(rows),
            "",
            "Without 2019/20 to 2021/22, when lockdowns broke every series:",
            "",
            *table(usual),
            "",
        ]
    )
    print(told)
    if "--write" in sys.argv:
        RESULTS.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
