"""What `make run` shows: real official returns and reference data, and reconstructed records of
Northamptonshire."""

import importlib.util
import io
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from service.launcher.files import load_offences, load_return
from service.periods import parse
from service.reference import areas, categories, open_data
from service.releases.bulletin import PRINTED
from service.releases.publishing import Draft, publish
from service.store import database
from service.targets import targets
from service.web.answers import formats

DATA = Path(__file__).parents[2] / "data"
RECONSTRUCTED = "Reconstructed to agree with published totals: not real crimes"
YEARS = {"2008/09": "serious-acquisitive-crime", "2011/12": "all-crime", "2012/13": "all-crime"}
"""The years reconstructed, and of which category each file holds every record."""

RETURNS: tuple[dict[str, Any], ...] = (
    {
        "file": "home-office-pfa/prc-pfa-mar2013-onwards-tables.csv.gz",
        "source": "home-office-pfa",
        "edition": "2026-04",
        "title": "Home Office, police recorded crime by police force area, year ending March 2013 onwards",
    },
    {
        "file": "ons-rolling-year/northamptonshire.csv",
        "source": "ons-rolling-year",
        "edition": "2019-04",
        "understood_only": True,
        "title": (
            "ONS, recorded crime by police force area, rolling twelve months (a misdated period is refused)"
        ),
    },
)
TARGET = {
    "area": "northamptonshire",
    "base_period": "2011/12",
    "category": "all-crime",
    "kind": "reduce-by-percent",
    "measure": "offences",
    "name": "Reduce recorded crime by 2 per cent",
    "owner": "Northamptonshire Police Authority",
    "percent": 2.0,
    "period": "2012/13",
    "set_on": "2012-04-01",
}

RELEASE: Draft = {
    "areas": ["northamptonshire", "northampton"],
    "as_of": None,
    "categories": list(PRINTED),
    "compare": parse("2011/12"),
    "embargo_until": None,
    "measure": "offences",
    "percent_rule": None,
    "period": parse("2012/13"),
    "source": "records",
    "title": "Northamptonshire: recorded crime 2012/13",
}


def load(database_url: str) -> None:
    """Load everything that is not held yet, a step at a time, each a change of its own: a load cut short goes
    on where it stopped."""
    database.connect(database_url)
    open_data.load(database_url)
    for one in RETURNS:
        _load_return(one)
    for year, covers in YEARS.items():
        _load_year(year, covers)
    _set_target()
    _publish()


def _load_return(one: dict[str, Any]) -> None:
    with database.reading() as book:
        editions = book.intake.returns.returns.list(
            source=one["source"], after_source=None, after_edition=None, after_return_id=None, limit=1000
        )
    if any(row["edition"] == one["edition"] for row in editions):
        return
    row = load_return((DATA / one["file"]).read_bytes(), one)
    refused = f", {row['refused']:,} lines refused" if row["refused"] else ""
    print(
        f"Return {row['source']} {row['edition']}: {row['cells']:,} counts{refused}.",
        file=sys.stderr,
        flush=True,
    )


def generator() -> ModuleType:
    """The module that makes the reconstructed records; it lives with the data, in a folder whose name is no
    Python name."""
    path = DATA / "northamptonshire-reconstructed" / "generate.py"
    found = importlib.util.spec_from_file_location("northamptonshire_reconstructed", path)
    if found is None or found.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def reconstructed(year: str) -> Iterator[bytes]:
    """The records of a year as CSV, in pieces."""
    text = io.StringIO()
    generator().write(year, text)
    whole = text.getvalue().encode()
    yield from (whole[at : at + 65_536] for at in range(0, len(whole), 65_536))


def _load_year(year: str, covers: str) -> None:
    reason = f"{RECONSTRUCTED}: Northamptonshire {year}"
    with database.reading() as book:
        if book.intake.offences.submissions.accepted_for(reason=reason):
            return
    period = parse(year)
    asked = {
        "covers": covers,
        "force": "northamptonshire",
        "reason": reason,
        "period_from": period.from_on,
        "period_to": period.to_on,
    }
    receipt = load_offences(reconstructed(year), formats.CSV, f"Northamptonshire {year}", asked)
    if receipt["status"] != "accepted":
        raise RuntimeError(
            f"The reconstructed records of {year} were {receipt['status']}, with {receipt['faults']} faults."
        )


def _set_target() -> None:
    with database.reading() as book:
        force = areas.find_area(book, "northamptonshire").code
        categories.find_category(book, "all-crime")
        if any(
            row["name"] == TARGET["name"]
            for row in book.targets.targets.list(area=force, category=None, after_target_id=None, limit=1000)
        ):
            return
    with database.writing(
        "target of the police authority for 2012/13", caller="crimebook", trace_id=secrets.token_hex(16)
    ) as book:
        targets.set_target(book, targets.TargetDraft().load(TARGET))


def _publish() -> None:
    with database.reading() as book:
        if book.releases.releases.titled(title=RELEASE["title"]):
            return
    with database.writing("release made", caller="crimebook", trace_id=secrets.token_hex(16)) as book:
        publish(book, RELEASE)
