"""Files of official counts that tests send, and what comes of them."""

import csv
import gzip
import io
from collections import Counter
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"

TABLE = DATA / "home-office-pfa" / "prc-pfa-mar2013-onwards-tables.csv.gz"

EARLIER = DATA / "home-office-pfa" / "prc-pfa-2017-18-earlier-edition.csv.gz"

ROLLING = DATA / "ons-rolling-year" / "northamptonshire.csv"

ROLLING_TABLE = DATA / "ons-rolling-year" / "rec-crime-pfa.csv.gz"

OUTCOMES = DATA / "home-office-outcomes" / "outcomes_2024_25.csv.gz"

ONS_TABLES = DATA / "ons-pfa-tables"

OTHER_NAMES = {"London, City of": "City of London"}

HOME_OFFICE = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence"
    " Code,Number of Offences"
)

ONS = "12 months ending,PFA,Region,Offence,Rolling year total number of offences"

GOOD = ("2012/13", 1, "Northamptonshire", "34B", 5)


@cache
def rows_of(path):
    """A file as a spreadsheet program would read it; nothing here is shared with the service."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def counts_by_force_and_year(rows):
    sums = Counter()
    for row in rows:
        name = OTHER_NAMES.get(row["Force Name"], row["Force Name"])
        sums[name, row["Financial Year"]] += int(row["Number of Offences"].strip())
    return sums


def send(
    service,
    file,
    *,
    source="home-office-pfa",
    edition="2026-04",
    headers=None,
    media_type="text/csv",
    **asked,
):
    data = file.read_bytes() if isinstance(file, Path) else file
    return service.post(
        "/v1/returns",
        query_string={"source": source, "edition": edition} | asked,
        data=data,
        content_type=media_type,
        headers=headers,
    )


def kept(service, file, **asked):
    """A file sent and kept."""
    answer = send(service, file, **asked)
    assert answer.status_code == 201, answer.json
    return answer.json


def csv_of(*rows):
    """Rows of anything as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def home_office(*lines):
    return "\n".join(
        [
            HOME_OFFICE,
            *(
                f"{year},{quarter},{force},What,Group,Subgroup,{code},{count}"
                for year, quarter, force, code, count in lines
            ),
        ]
    ).encode()


def ons(*lines):
    return "\n".join(
        [ONS, *(f"{ending},{force},Region,{group},{count}" for ending, force, group, count in lines)]
    ).encode()


def figures(service, **asked):
    answer = service.get("/v1/summaries", query_string={"source": "home-office-pfa"} | asked)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"]


def listed(service, address, **asked):
    """A whole list, as a table."""
    answer = service.get(address, query_string=asked or None, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.json
    return list(csv.DictReader(io.StringIO(answer.text)))


def evidence(service, figure):
    return listed(service, figure["evidence"])


def last_change(service):
    return service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).get_data().count(b"\n")
