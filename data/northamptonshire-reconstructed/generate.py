"""Made-up offence records that add up to published counts for Northamptonshire.

python generate.py 2012/13 > offences.csv

None of these records is a real crime. PROVENANCE.md beside this file says which counts are exact and what is
invented.

The same year gives the same bytes on every machine and every Python from 3.11 on. So chance comes only from
Random.random(), whose sequence for a whole-number seed is kept between versions (choices, shuffle and gauss
may change); other arithmetic is on whole numbers or products and quotients, which every processor rounds
alike (logarithms it need not); and nothing follows the order of a set or a hash.
"""

import argparse
import csv
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
HOME_OFFICE = HERE.parent / "home-office-pfa" / "northamptonshire-2012-13-to-2013-14.csv"
LONDON = ZoneInfo("Europe/London")
FORCE, NORTHAMPTON = "E23000022", "E07000154"
YEARS = ("2008/09", "2011/12", "2012/13")
MOMENTS = ("recorded_on", "recorded_at", "reported_at", "committed_from", "committed_to")
COLUMNS = ("force", "crime_ref", "area", "code", *MOMENTS, "victims", "location")
WITHOUT_VICTIM = (
    "Drug offences",
    "Miscellaneous crimes against society",
    "Possession of weapons offences",
    "Public order offences",
)
LONGEST_WINDOW, LONGEST_WAIT, LONGEST_BACKLOG = 43_200, 64_800, 14_400  # minutes: 30, 45 and 10 days
# Minutes from report to record: leaves about nine in ten within the 72 hours that the rules of 2012 allowed.
MEDIAN_BACKLOG = 360


class Code(NamedTuple):
    """One offence code of 2012/13: its ONS group and subgroup, and its count in each of the four quarters (a
    count may be negative)."""

    group: str
    subgroup: str
    quarters: list[int]


class Cell(NamedTuple):
    """So many offences of one code, all recorded from the first day to the last, both included."""

    code: str
    first: date
    last: date
    offences: int


class Happening(NamedTuple):
    """When one offence was committed, reported and recorded, in local time without an offset; ended is None
    where one instant is known."""

    began: datetime
    ended: datetime | None
    reported: datetime
    recorded: datetime


class Pattern(NamedTuple):
    """How one subgroup of offences falls over the day, week and year (weights), and how long it takes to come
    to notice."""

    hours_from_06: list[int]  # added up; the others are not
    weekdays_from_monday: list[int]
    months_from_april: list[int]
    window_percent: int
    window_minutes: int
    report_minutes: int
    late_percent: int
    late_years: int


def records(year: str) -> Iterator[dict[str, str]]:
    """Every record of one financial year, in the order recorded.

    year is "2012/13" or "2011/12" (all crime, 46,983 and 49,576 records) or "2008/09" (serious acquisitive
    crime only, 12,562). Each record holds the COLUMNS as text: ONS codes for force and area, a Home Office
    code, recorded_on as a local date, instants in UTC to the second (committed_to may be empty), victims 0 or
    1, and an empty location. Raises ValueError for any other year.
    """
    if year not in YEARS:
        raise ValueError(f"no records can be made for {year!r}; the years are {', '.join(YEARS)}")
    chance = Random(int(year.replace("/", "")))
    codes, categories = home_office_codes(), category_codes()
    cells = cells_of(year, codes)
    areas = deal_areas(chance, year, cells)
    made = [
        (code, next(areas[categories[code]]), happen(chance, codes[code].subgroup, first, last))
        for code, first, last, offences in cells
        for _ in range(offences)
    ]
    made.sort(
        key=lambda offence: offence[2].recorded
    )  # a stable sort: equal instants keep the order they were made in
    return (
        record(
            f"NN/{number:06d}/{year[2:4]}",
            area,
            code,
            happening,
            "0" if codes[code].group in WITHOUT_VICTIM else "1",
        )
        for number, (code, area, happening) in enumerate(made, start=1)
    )


def write(year: str, stream: TextIO) -> None:
    """Write one year to an open text stream as CSV: a heading, then a line for each record, each ended by one
    line feed.

    Raises ValueError for a year that records() does not know, before anything is written.
    """
    offences = records(year)
    table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(offences)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total into whole parts in proportion to weights, by largest remainder; on a tie the earlier
    part gains."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % whole))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def without_negatives(quarters: Sequence[int]) -> list[int]:
    """The same total in four counts of which none is negative: the largest gives up what another lacks, as no
    quarter has -1 records."""
    counts = [max(count, 0) for count in quarters]
    counts[counts.index(max(counts))] -= sum(counts) - sum(quarters)
    return counts


def table_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def home_office_codes() -> dict[str, Code]:
    """Every code the Home Office lists for Northamptonshire in 2012/13, in the order of its table."""
    codes: dict[str, Code] = {}
    for row in table_rows(HOME_OFFICE):
        if row["Financial Year"] == "2012/13":
            code = codes.setdefault(
                row["Offence Code"], Code(row["Offence Group"], row["Offence Subgroup"], [0, 0, 0, 0])
            )
            code.quarters[int(row["Financial Quarter"]) - 1] += int(row["Number of Offences"])
    return codes


@lru_cache(maxsize=1)
def category_codes() -> dict[str, str]:
    """The category of each code; the last category, which lists no codes, has all that no other lists."""
    rows = table_rows(HERE / "northampton-district.csv")
    listed = {code: row["category"] for row in rows for code in row["codes"].split()}
    return {code: listed.get(code, rows[-1]["category"]) for code in home_office_codes()}


def cells_of(year: str, codes: dict[str, Code]) -> list[Cell]:
    start = int(year[:4])
    if year == "2012/13":
        starts = [
            date(start, 4, 1),
            date(start, 7, 1),
            date(start, 10, 1),
            date(start + 1, 1, 1),
            date(start + 1, 4, 1),
        ]
        quarters = [(first, after - timedelta(days=1)) for first, after in pairwise(starts)]
        return [
            Cell(code, *quarter, offences)
            for code, facts in codes.items()
            for quarter, offences in zip(quarters, without_negatives(facts.quarters), strict=True)
        ]
    cells = []
    for row in (row for row in table_rows(HERE / "group-totals.csv") if row["year"] == year):
        members = row["codes"].split()
        shares = apportion(int(row["offences"]), [sum(codes[code].quarters) for code in members])
        cells += [
            Cell(code, date(start, 4, 1), date(start + 1, 3, 31), share)
            for code, share in zip(members, shares, strict=True)
        ]
    return cells


def deal_areas(chance: Random, year: str, cells: Sequence[Cell]) -> dict[str, Iterator[str]]:
    """For each category the district of each of its offences in turn: Northampton's chosen count, the other
    six by weight, shuffled."""
    districts, categories = table_rows(HERE / "districts.csv"), category_codes()
    hands = {}
    for row in table_rows(HERE / "northampton-district.csv"):
        northampton = int(row["northampton_" + year.replace("/", "_")])
        elsewhere = (
            sum(cell.offences for cell in cells if categories[cell.code] == row["category"]) - northampton
        )
        shares = zip(
            districts,
            apportion(elsewhere, [int(district[row["spread"]]) for district in districts]),
            strict=True,
        )
        hand = [NORTHAMPTON] * northampton + [
            district["area"] for district, share in shares for _ in range(share)
        ]
        for last in range(len(hand) - 1, 0, -1):
            other = int(chance.random() * (last + 1))
            hand[last], hand[other] = hand[other], hand[last]
        hands[row["category"]] = iter(hand)
    return hands


@lru_cache(maxsize=1)
def patterns() -> dict[str, Pattern]:
    found = {}
    for row in table_rows(HERE / "patterns.csv"):
        hours, weekdays, months = (
            [int(weight) for weight in row[name].split()] for name in Pattern._fields[:3]
        )
        found[row["subgroup"]] = Pattern(
            list(accumulate(hours)), weekdays, months, *(int(row[name]) for name in Pattern._fields[3:])
        )
    return found


@lru_cache
def days_by_weight(subgroup: str, first: date, last: date) -> tuple[list[date], list[int]]:
    """The days of a span and their weights added up: month of the season times day of the week."""
    _, weekdays, months, *_ = patterns()[subgroup]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return days, list(accumulate(months[(day.month - 4) % 12] * weekdays[day.weekday()] for day in days))


def drawn(chance: Random, added_up: Sequence[int]) -> int:
    """The index of one of several things, drawn by their weights added up."""
    return bisect_right(added_up, chance.random() * added_up[-1], 0, len(added_up) - 1)


def skewed(chance: Random, median: int, longest: int) -> int:
    """A whole number from 0 to longest: half of the time below the median and now and then far above it, as
    waits are."""
    share = chance.random()
    return min(longest, int(median * share / (1 - share)))


def happen(chance: Random, subgroup: str, first: date, last: date) -> Happening:
    """Invent the instants of one offence recorded from the first day to the last."""
    pattern = patterns()[subgroup]
    days, weights = days_by_weight(subgroup, first, last)
    morning = datetime.combine(
        days[drawn(chance, weights)], time(6)
    )  # days run from six to six, so that Friday night is one night
    began = morning + timedelta(
        hours=drawn(chance, pattern.hours_from_06), minutes=5 * int(chance.random() * 12)
    )
    ended = None
    if chance.random() * 100 < pattern.window_percent:
        ended = began + timedelta(minutes=5 + skewed(chance, pattern.window_minutes, LONGEST_WINDOW) // 5 * 5)
    reported = (ended or began) + timedelta(minutes=1 + skewed(chance, pattern.report_minutes, LONGEST_WAIT))
    recorded = reported + timedelta(
        minutes=1 + skewed(chance, MEDIAN_BACKLOG, LONGEST_BACKLOG), seconds=int(chance.random() * 60)
    )
    # What would be recorded after the span moves back by its length: its first days then hold offences
    # committed before it, as in life.
    while recorded.date() > last:
        began, reported, recorded = (
            moment - timedelta(days=len(days)) for moment in (began, reported, recorded)
        )
        ended = ended and ended - timedelta(days=len(days))
    if (
        chance.random() * 100 < pattern.late_percent
    ):  # told months or years later, when only the days it lies between are remembered
        share = chance.random()
        back = 30 + int((pattern.late_years * 365 - 30) * share * share * share)
        began, ended = (
            began - timedelta(days=back),
            began - timedelta(days=back - int(back * 0.3 * chance.random())),
        )
    return Happening(began, ended, reported, recorded)


def instant(local: datetime) -> str:
    """RFC 3339 in UTC. A local time that the spring change leaves out becomes the instant of the change, so
    that order is kept."""
    utc = local.replace(tzinfo=LONDON).astimezone(UTC)
    if local.hour == 1 and utc.astimezone(LONDON).hour != 1:
        utc = utc.replace(minute=0, second=0)
    return utc.isoformat()[:19] + "Z"


def record(crime_ref: str, area: str, code: str, happening: Happening, victims: str) -> dict[str, str]:
    began, ended, reported, recorded = happening
    moments = (instant(recorded), instant(reported), instant(began), instant(ended) if ended else "")
    return dict(
        zip(
            COLUMNS,
            (FORCE, crime_ref, area, code, recorded.date().isoformat(), *moments, victims, ""),
            strict=True,
        )
    )


def main() -> None:
    reader = argparse.ArgumentParser(
        description="Write a year of reconstructed offence records for Northamptonshire as CSV."
    )
    reader.add_argument("year", choices=YEARS)
    with open(
        sys.stdout.fileno(), "w", encoding="ascii", newline="", closefd=False
    ) as stream:  # so that a line feed stays one everywhere
        write(reader.parse_args().year, stream)


if __name__ == "__main__":
    main()
