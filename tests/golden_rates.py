"""Every rate that ONS prints in tables P3 and C4, cell by cell, as a table: python tests/golden_rates.py
writes it anew."""

import csv
import gzip
import io
import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
TABLES = Path(__file__).parents[1] / "data" / "ons-pfa-tables"
PUBLISHED, DIFFERENCES = GOLDEN / "ons-rates.published.csv.gz", GOLDEN / "ons-rates.differences.csv"
COLUMNS = ("sheet", "area", "heading", "category", "measure", "printed")
CATEGORIES = {
    "Total recorded crime (excluding fraud)": "all-crime-excluding-fraud",
    "Non-residential burglary": "non-dwelling-burglary",
    "Death or serious injury - unlawful driving": "death-or-serious-injury-unlawful-driving",
    "Death or serious injury caused by illegal driving": "death-or-serious-injury-unlawful-driving",
    "All other theft offences": "other-theft-offences",
}
"""What a heading is called here, where that is not its own words."""


def cells():
    """The cells of both tables, with the area and category that the service knows them by."""
    for sheet, first in (("P3", 4), ("C4", 8)):
        with (TABLES / f"table-{sheet}.csv").open(newline="") as file:
            head, *rows = csv.reader(file)
        for row in rows:
            area = row[0] if sheet == "P3" else row[2] or row[0]
            if sheet == "C4" and row[3].strip() and not row[2]:  # what no partnership has
                area = row[3].strip()
            for heading, printed in list(zip(head, row, strict=True))[first:]:
                said = re.sub(r" \[note.*?\]", "", heading)
                measure = "household-rate" if "household" in said else "rate"
                plain = re.sub(r" \((per 1,000 (population|household)|households)\)", "", said)
                slug = CATEGORIES.get(plain, re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-"))
                yield dict(zip(COLUMNS, (sheet, area, said, slug, measure, printed.strip()), strict=True))


def published():
    with gzip.open(PUBLISHED, "rt", newline="") as file:
        return list(csv.DictReader(file))


def differences():
    with DIFFERENCES.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells())
    PUBLISHED.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
