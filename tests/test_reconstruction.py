"""The reconstructed records of Northamptonshire: they add up to what was published, they could have happened,
and they never change."""

import csv
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
GENERATOR = DATA / "northamptonshire-reconstructed" / "generate.py"
LONDON = ZoneInfo("Europe/London")
YEARS = ("2008/09", "2011/12", "2012/13")
SHA256 = {
    "2008/09": "fe660798d2be26d995a8c635e8aa0efa003052cf3cfcc1dd6c96cf6a1f057faa",
    "2011/12": "9ae7114f1b978e25067646fe403eda83b255f14089781c804c5dbf6b1e195057",
    "2012/13": "72601b9fa4d2b10339748696fbfd3b81381831bda6d0e6e4f640e74f5f69ee2b",
}
FORCE, NORTHAMPTON = "E23000022", "E07000154"
DISTRICTS = {f"E0700015{last}" for last in range(7)}


def listed(codes: str) -> list[str]:
    return codes.split()


# Spelled out here and not read from the generator's tables, so that a slip in one shows in the other.
VIOLENCE_AGAINST_THE_PERSON = listed(
    "1/4.1/4.10/4.2 2 3B 4.4 4.8 4.9 5D 5E 8L 8M 8N 8P 11A 13 36 104 105A 105B"
)
BURGLARY, ROBBERY, VEHICLE_CRIME = listed("28A 28B 28C 28D 29"), listed("34A 34B"), listed("37.2 45 48")
CATEGORIES = {
    "violence": [code for code in VIOLENCE_AGAINST_THE_PERSON if code != "36"] + listed("9A 9B 10A 10C 10D"),
    "sexual offences": listed("17A 17B 19C 19D 19E 19F 19G 19H 20A 20B 21 22A 22B 23 70 71 88A 88E"),
    "residential (dwelling) burglary": BURGLARY,
    "residential burglary": BURGLARY,
    "robbery": ROBBERY,
    "vehicle crime": VEHICLE_CRIME,
    "criminal damage": listed("58A 58B 58C 58D 58J"),
    "drugs offences": listed("92A 92C 92D 92E"),
    "serious acquisitive crime, March 2009 to March 2013": BURGLARY + ROBBERY + VEHICLE_CRIME,
}
# The ONS count of the year ending March 2012 for groups the records meet, by their codes.
ONS_2011_12 = {
    9417: VIOLENCE_AGAINST_THE_PERSON,
    7: listed("1/4.1/4.10/4.2"),
    4: listed("4.4 4.8 4.9"),
    547: listed("8L 8M"),
    4795: listed("2 5D 5E 8N 8P"),
    4064: listed("3B 11A 13 36 104 105A 105B"),
    3390: listed("30A 30B 31"),
    5117: [*VEHICLE_CRIME, "126"],
    9031: [*CATEGORIES["criminal damage"], "56A", "56B"],
    1851: CATEGORIES["drugs offences"],
    266: listed("10A 10B 10C 10D"),
    1256: listed("9A 9B 62A 66"),
    3852: listed("46"),
    1355: listed("44"),
    795: listed("39"),
    1034: listed("51 53B 53C 53D 53E 53F"),
    566: listed("26 27 33 38 53H 53J 54 59 60 61 61A 67 69 79 80 86 99 802 814"),
}


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


HOME_OFFICE = DATA / "home-office-pfa" / "northamptonshire-2012-13-to-2013-14.csv"
HOME_OFFICE_ROWS = [row for row in csv_rows(HOME_OFFICE) if row["Financial Year"] == "2012/13"]
PUBLISHED = DATA / "northants-published-figures" / "northants_published_figures.csv"
ARTICLE_ROWS = [row for row in csv_rows(PUBLISHED) if row["published"] == "2013-04"]


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reconstruction", GENERATOR)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def made(year: str) -> list[dict[str, str]]:
    return list(generator().records(year))


@cache
def counts(year: str) -> Counter[tuple[str, str]]:
    return Counter((row["area"], row["code"]) for row in made(year))


def count(year: str, codes: list[str] | None = None, area: str = FORCE) -> int:
    """Records of a year, of these codes (None: of every code), in a district or in the whole force."""
    held = [
        (code, offences) for (district, code), offences in counts(year).items() if area in (district, FORCE)
    ]
    return sum(offences for code, offences in held if codes is None or code in codes)


def instant(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


def committed(row: dict[str, str]) -> datetime:
    """The earliest instant of the offence on the clocks of the county."""
    return instant(row["committed_from"]).astimezone(LONDON)


def financial_year(period: str) -> str:
    start = int(period[:4])
    return f"{start}/{(start + 1) % 100:02d}"


def rounded_percent(before: int, after: int, places: str) -> Decimal:
    """The change in per cent, rounded once and half away from zero, to as many decimals as places has."""
    return (Decimal(100 * (after - before)) / before).quantize(Decimal(places), rounding=ROUND_HALF_UP)


def test_every_count_of_2012_13_by_code_and_quarter_is_the_home_office_one_unless_a_quarter_is_negative() -> (
    None
):
    official = {
        (row["Offence Code"], int(row["Financial Quarter"])): int(row["Number of Offences"])
        for row in HOME_OFFICE_ROWS
    }
    records = Counter(
        (row["code"], (int(row["recorded_on"][5:7]) - 4) % 12 // 3 + 1) for row in made("2012/13")
    )
    negative = {code for (code, _), offences in official.items() if offences < 0}
    assert (
        {code for code, quarter in official if records[code, quarter] != official[code, quarter]}
        == negative
        == {"22A", "53C", "70", "80"}
    )


def test_every_count_of_2012_13_by_code_is_the_home_office_one_negative_quarters_included() -> None:
    official: Counter[str] = Counter()
    for row in HOME_OFFICE_ROWS:
        official[row["Offence Code"]] += int(row["Number of Offences"])
    assert Counter(row["code"] for row in made("2012/13")) == official
    assert count("2012/13") == 46_983


@pytest.mark.parametrize("row", ARTICLE_ROWS, ids=lambda row: f"{row['area']}, {row['measure']}")
def test_the_records_give_the_percentage_the_article_quotes(row: dict[str, str]) -> None:
    codes = None if row["measure"] == "all recorded crime" else CATEGORIES[row["measure"]]
    area = NORTHAMPTON if row["area"] == "Northampton" else FORCE
    before, after = (count(financial_year(row[period]), codes, area) for period in ("base_period", "period"))
    assert before >= 100
    assert rounded_percent(before, after, "1" if "." not in row["quoted_pct"] else "0.1") == Decimal(
        row["quoted_pct"]
    )
    for quoted, counted in (
        ("quoted_base", before),
        ("quoted_value", after),
        ("quoted_change", after - before),
    ):
        assert row[quoted] in ("", str(counted))


def test_northampton_has_the_counts_its_table_says_20727_and_20271_in_all() -> None:
    assert [count(year, None, NORTHAMPTON) for year in ("2011/12", "2012/13")] == [20_727, 20_271]
    named = {code for codes in CATEGORIES.values() for code in codes}
    others = [row["Offence Code"] for row in HOME_OFFICE_ROWS if row["Offence Code"] not in named]
    for row in csv_rows(GENERATOR.parent / "northampton-district.csv"):
        for year in YEARS:
            counted = count(year, CATEGORIES.get(row["category"], others), NORTHAMPTON)
            assert counted == int(row[f"northampton_{year.replace('/', '_')}"])


@pytest.mark.parametrize(("official", "codes"), ONS_2011_12.items(), ids=str)
def test_the_groups_of_2011_12_that_the_article_leaves_open_have_the_ons_count(
    official: int, codes: list[str]
) -> None:
    assert count("2011/12", codes) == official


def test_2008_09_holds_serious_acquisitive_crime_and_nothing_else() -> None:
    parts = [count("2008/09", codes) for codes in (BURGLARY, ROBBERY, VEHICLE_CRIME)]
    assert parts == [3939, 898, 7725]
    assert sum(parts) == count("2008/09") == 12_562


@pytest.mark.parametrize("year", ["2011/12", "2012/13"])
def test_every_district_has_a_plausible_share_of_every_category(year: str) -> None:
    for codes in (None, *CATEGORIES.values()):
        shares = {area: count(year, codes, area) / count(year, codes) for area in DISTRICTS}
        assert 0.36 < shares.pop(NORTHAMPTON) < 0.60
        assert all(0.03 < share < 0.17 for share in shares.values())


@pytest.mark.parametrize("year", YEARS)
def test_no_crime_is_known_before_it_happened_or_recorded_before_it_was_known(year: str) -> None:
    for row in made(year):
        columns = ("committed_from", "committed_to", "reported_at", "recorded_at")
        instants = [instant(row[column]) for column in columns if row[column] or column != "committed_to"]
        assert instants == sorted(instants)


@pytest.mark.parametrize("year", YEARS)
def test_every_crime_is_recorded_inside_its_financial_year_on_the_local_day_of_the_instant(year: str) -> None:
    start = int(year[:4])
    for row in made(year):
        assert instant(row["recorded_at"]).astimezone(LONDON).date() == date.fromisoformat(row["recorded_on"])
        assert f"{start}-04-01" <= row["recorded_on"] <= f"{start + 1}-03-31"


@pytest.mark.parametrize("year", YEARS)
def test_records_come_in_the_order_recorded_and_are_numbered_in_it(year: str) -> None:
    keys = [(row["recorded_at"], row["crime_ref"]) for row in made(year)]
    assert keys == sorted(keys)
    assert [row["crime_ref"] for row in made(year)] == [
        f"NN/{number:06d}/{year[2:4]}" for number in range(1, len(keys) + 1)
    ]


def test_no_reference_occurs_twice_in_the_three_years() -> None:
    references = [row["crime_ref"] for year in YEARS for row in made(year)]
    assert len(references) == len(set(references)) == 12_562 + 49_576 + 46_983


def test_crimes_against_society_have_no_victim_and_all_others_have_one() -> None:
    groups = {row["Offence Code"]: row["Offence Group"] for row in HOME_OFFICE_ROWS}
    society = (
        "Drug offences",
        "Public order offences",
        "Possession of weapons offences",
        "Miscellaneous crimes against society",
    )
    for row in made("2012/13"):
        assert row["victims"] == ("0" if groups[row["code"]] in society else "1")


def test_every_record_is_of_the_force_and_one_of_its_districts_and_has_no_location() -> None:
    columns = listed(
        "force crime_ref area code recorded_on recorded_at reported_at committed_from committed_to victims"
        " location"
    )
    for row in (row for year in YEARS for row in made(year)):
        assert list(row) == columns
        assert row["force"] == FORCE and row["area"] in DISTRICTS and row["location"] == ""


def test_most_crimes_are_recorded_within_72_hours_and_some_are_not() -> None:
    waits = [instant(row["recorded_at"]) - instant(row["reported_at"]) for row in made("2012/13")]
    assert 0.85 < sum(wait <= timedelta(hours=72) for wait in waits) / len(waits) < 0.97


def test_each_kind_of_crime_keeps_its_own_hours() -> None:
    by_code = {
        code: [row for row in made("2012/13") if row["code"] == code] for code in ("46", "8N", "28A", "19C")
    }
    shoplifting, assaults, burglaries, rapes = by_code.values()
    assert sum(8 <= committed(row).hour < 20 for row in shoplifting) > 0.8 * len(shoplifting)
    # A night runs from 19:00 to 06:00 and belongs to the day it began on: Friday's and Saturday's are 13 per
    # cent of a week's hours.
    evenings = [committed(row) - timedelta(hours=6) for row in assaults]
    assert sum(evening.weekday() in (4, 5) and evening.hour >= 13 for evening in evenings) > 0.2 * len(
        assaults
    )
    assert sum(row["committed_to"] != "" for row in burglaries) > 0.6 * len(burglaries)
    assert any(instant(row["reported_at"]) - committed(row) > timedelta(days=3650) for row in rapes)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_is_the_same_bytes_wherever_it_is_made(year: str) -> None:
    stream = io.StringIO()
    generator().write(year, stream)
    assert hashlib.sha256(stream.getvalue().encode("ascii")).hexdigest() == SHA256[year]


def test_the_command_writes_the_same_bytes_whatever_the_hash_seed_and_time_zone() -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, str(GENERATOR), "2012/13"], capture_output=True, check=True, env=surroundings
    )
    assert hashlib.sha256(done.stdout).hexdigest() == SHA256["2012/13"]


def test_a_year_without_published_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="2010/11"):
        generator().records("2010/11")
