"""What `make run` serves: real official returns and reference data, and reconstructed records of
Northamptonshire."""

import importlib.util
import io
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from service.intake.offences.options import SubmissionOptions
from service.intake.returns.options import ReturnOptions
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

RETURNS = {
    "home-office-pfa/prc-pfa-mar2013-onwards-tables.csv.gz": ReturnOptions(
        source="home-office-pfa",
        edition="2026-04",
        title="Home Office, police recorded crime by police force area, year ending March 2013 onwards",
    ),
    "ons-rolling-year/northamptonshire.csv": ReturnOptions(
        source="ons-rolling-year",
        edition="2019-04",
        understood_only=True,
        title=(
            "ONS, recorded crime by police force area, rolling twelve months (a misdated period is refused)"
        ),
    ),
}
"""The file of each return among the data."""

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
    """Load everything that is not there yet, a step at a time, each a change of its own: a load cut short
    goes on where it stopped."""
    database.connect(database_url)
    open_data.load(database_url)
    for file, options in RETURNS.items():
        _load_return(DATA / file, options)
    for year, covers in YEARS.items():
        _load_year(year, covers)
    _set_target()
    _publish_release()


def _load_return(file: Path, options: ReturnOptions) -> None:
    with database.reading() as book:
        editions = book.intake.returns.returns.list(
            source=options.source, after_source=None, after_edition=None, after_return_id=None, limit=1000
        )
    if any(row["edition"] == options.edition for row in editions):
        return
    row = load_return(file.read_bytes(), options)
    refused = f", {row['refused']:,} lines refused" if row["refused"] else ""
    print(
        f"Return {row['source']} {row['edition']}: {row['cells']:,} counts{refused}.",
        file=sys.stderr,
        flush=True,
    )


def import_generator() -> ModuleType:
    """The module that makes the reconstructed records; it lives with the data, in a folder whose name is no
    Python name."""
    path = DATA / "northamptonshire-reconstructed" / "generate.py"
    spec = importlib.util.spec_from_file_location("northamptonshire_reconstructed", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def reconstruct_records(year: str) -> Iterator[bytes]:
    """The records of a year as CSV, in pieces."""
    text = io.StringIO()
    import_generator().write(year, text)
    file = text.getvalue().encode()
    yield from (file[at : at + 65_536] for at in range(0, len(file), 65_536))


def _load_year(year: str, covers: str) -> None:
    reason = f"{RECONSTRUCTED}: Northamptonshire {year}"
    with database.reading() as book:
        if book.intake.offences.submissions.accepted_for(reason=reason):
            return
    period = parse(year)
    options = SubmissionOptions(
        covers=covers,
        force="northamptonshire",
        reason=reason,
        period_from=period.from_on,
        period_to=period.to_on,
    )
    receipt = load_offences(reconstruct_records(year), formats.CSV, f"Northamptonshire {year}", options)
    if receipt.status != "accepted":
        raise RuntimeError(
            f"The reconstructed records of {year} were {receipt.status}, with {receipt.faults} faults."
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


def _publish_release() -> None:
    with database.reading() as book:
        if book.releases.releases.titled(title=RELEASE["title"]):
            return
    with database.writing("release made", caller="crimebook", trace_id=secrets.token_hex(16)) as book:
        publish(book, RELEASE)
