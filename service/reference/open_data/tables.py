"""The open data files that the reference data are read from; each folder of `data` has a PROVENANCE.md with
publisher and licence."""

import csv
import gzip
from pathlib import Path

DATA = Path(__file__).parents[3] / "data"


def table(name: str) -> list[dict[str, str]]:
    """The rows of `table("ons-population/forces-2024.csv")`, cells without the spaces around them. A name
    ending in .gz is gzipped."""
    path = DATA / name
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        return [{column: cell.strip() for column, cell in row.items()} for row in csv.DictReader(file)]
