"""The classification shipped: codes live as long as they were used, and categories count what was
published."""

from collections import Counter, defaultdict
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise

import psycopg2
import pytest

from service.reference import open_data
from service.reference.categories import PUBLISHED_NAMES, CategoryDraft, _slug
from service.reference.offence_codes import OffenceCodeDraft
from service.reference.open_data import categories, codes
from service.reference.open_data.tables import table
from service.store import database

CODES = {draft["code"]: draft for draft in codes.drafts()}
CATEGORIES = {draft["category"]: draft for draft in categories.drafts(list(CODES.values()))}

FORCE_TABLE = table("home-office-pfa/prc-pfa-mar2013-onwards-tables.csv.gz")
EARLIER_TABLE = table("home-office-pfa/prc-pfa-2017-18-earlier-edition.csv.gz")
NORTHAMPTONSHIRE = table("home-office-pfa/northamptonshire-2012-13-to-2013-14.csv")
ROLLING_YEAR = table("ons-rolling-year/rec-crime-pfa.csv.gz")


def listed(codes):
    return set(codes.split())


def every_category():
    """Those shipped by hand, and the ONS groups and subgroups as the classification makes them: {category:
    (names, members)}."""
    made = {slug: ({draft["name"], *draft["aliases"]}, draft["codes"]) for slug, draft in CATEGORIES.items()}
    groups = defaultdict(list)
    for code in CODES.values():
        for period in code["periods"]:
            for name in {period["offence_group"], period["offence_subgroup"]}:
                groups[name].append(
                    {"code": code["code"], "from_on": period["from_on"], "to_on": period["to_on"]}
                )
    for name, members in groups.items():
        made.setdefault(_slug(name), ({name, *PUBLISHED_NAMES.get(_slug(name), [])}, members))
    return made


def codes_on(category, day):
    members = every_category()[category][1]
    return {one["code"] for one in members if (one["from_on"] or "") <= day <= (one["to_on"] or "9999")}


def offences(rows, year="2012/13"):
    """The counts of a financial year by code."""
    counts = Counter()
    for row in rows:
        if row["Financial Year"] == year:
            counts[row["Offence Code"]] += int(row["Number of Offences"])
    return counts


def quarter(row):
    """First and last day of a row of the force tables."""
    year, number = int(row["Financial Year"][:4]), int(row["Financial Quarter"])
    first = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return first.isoformat(), ((first + timedelta(days=92)).replace(day=1) - timedelta(days=1)).isoformat()


def test_every_draft_is_one_that_the_service_takes():
    for drafts, schema, key in ((CODES, OffenceCodeDraft, "code"), (CATEGORIES, CategoryDraft, "category")):
        for draft in drafts.values():
            said = {name: value for name, value in draft.items() if name != key}
            assert set(schema().fields) == set(said)
            schema().load(said)


def test_every_code_has_periods_that_follow_each_other_through_its_whole_life():
    for code in CODES.values():
        periods = code["periods"]
        assert (periods[0]["from_on"], periods[-1]["to_on"]) == (code["from_on"], code["to_on"])
        for before, after in pairwise(periods):
            assert date.fromisoformat(before["to_on"]) + timedelta(days=1) == date.fromisoformat(
                after["from_on"]
            )
        for day in (code["from_on"], *(period["from_on"] for period in periods)):
            assert day is None or day.endswith("-04-01")
        for day in (code["to_on"], *(period["to_on"] for period in periods)):
            assert day is None or day.endswith("-03-31")
        assert not any(
            "outcome" in period["description"] or "  " in period["description"] for period in periods
        )


def test_every_code_of_both_force_tables_is_known_and_no_count_falls_outside_a_codes_life():
    outside = []
    for row in [*FORCE_TABLE, *EARLIER_TABLE, *NORTHAMPTONSHIRE]:
        code = CODES[row["Offence Code"]]
        first, last = quarter(row)
        alive = (code["from_on"] or "") <= first and last <= (code["to_on"] or "9999")
        if not alive and row["Number of Offences"].lstrip("-0"):
            outside.append(row)
    assert outside == []


@pytest.mark.parametrize(
    ("codes", "from_on", "to_on"),
    [
        ("28A 28B 28C 28D 29 30A 30B 31", None, "2017-03-31"),
        ("51 52 53B 53C 53D 53E 53F 53H 53J 55 65", None, "2013-03-31"),
        ("58E 68 75 5A 8F 12 62 1/4.1/4.2 1/4.1/4.2/4.10 28 30 53A 92B", None, "2012-03-31"),
        ("1 4.1 4.2 4.10 33A", "2013-04-01", None),
        ("28E 28F 28G 28H 29A 30C 30D 31A 8R 8S UK#Finance", "2017-04-01", None),
        ("28I 28P 29B 29C", "2023-04-01", None),
        ("90", None, "2021-03-31"),
        ("FFA#UK 1/4.1/4.10/4.2", None, "2018-03-31"),
        ("8Q 96", "2014-04-01", None),
        ("106", "2015-04-01", None),
        ("2 4.4 8L 8N 34A 45 48 49A 72 AF CIFAS", None, None),
    ],
)
def test_codes_live_from_a_first_of_april_to_a_31st_of_march(codes, from_on, to_on):
    for code in listed(codes):
        held = CODES[code.replace("#", " ")]
        assert (held["from_on"], held["to_on"]) == (from_on, to_on), code


def test_codes_that_moved_in_april_2013_have_two_periods():
    moved = {
        code
        for code, held in CODES.items()
        if len({period["offence_subgroup"] for period in held["periods"]}) > 1
    }
    assert moved == listed("8L 8M 4.4 4.6 4.8 4.9 37.1")
    assert {CODES[code]["periods"][1]["from_on"] for code in moved} == {"2013-04-01"}
    assert not [
        code
        for code, held in CODES.items()
        if len({period["offence_group"] for period in held["periods"]}) > 1
    ]
    assert {code for code, held in CODES.items() if len(held["periods"]) > 1} - moved == listed("71 81")


def test_no_old_code_makes_a_group_or_subgroup_of_its_own():
    def groups(codes):
        return {
            (period["offence_group"], period["offence_subgroup"])
            for code in codes
            for period in CODES[code]["periods"]
        }

    counted = {row["Offence Code"] for row in table("offence-reference/offence-code-history.csv")}
    assert groups(set(CODES) - counted) <= groups(counted)


def test_homicide_has_the_old_group_and_the_weight_of_its_parts():
    assert {CODES[code]["old_group"] for code in listed("1 4.1 4.2 4.10 1/4.1/4.10/4.2")} == {
        "Violence against the person"
    }
    assert {round(CODES[code]["severity_weight"], 2) for code in listed("1 4.1 4.2 4.10 1/4.1/4.10/4.2")} == {
        7973.39
    }


def test_the_severity_of_northamptonshire_in_2012_13_is_855_per_100_residents():
    counts = offences(NORTHAMPTONSHIRE)
    weighed = {code: count for code, count in counts.items() if CODES[code]["severity_weight"] is not None}
    assert round(sum(count * CODES[code]["severity_weight"] for code, count in weighed.items())) == 6_008_786
    assert sum(counts.values()) - sum(weighed.values()) == 692


@pytest.mark.parametrize(
    ("category", "count"),
    [
        ("violence", 9_084),
        ("violence-against-the-person", 8_270),
        ("sexual-offences", 786),
        ("robbery", 622),
        ("drug-offences", 1_701),
        ("criminal-damage", 7_836),
        ("arson", 273),
        ("burglary", 6_719),
        ("residential-burglary", 3_182),
        ("domestic-burglary", 3_182),
        ("non-dwelling-burglary", 3_537),
        ("vehicle-crime", 5_206),
        ("vehicle-offences", 5_566),
        ("serious-acquisitive-crime", 9_010),
        ("residential-burglary-since-2017", 0),
    ],
)
def test_northamptonshire_2012_13_counts_as_published(category, count):
    codes = codes_on(category, "2012-04-01")
    assert codes == codes_on(category, "2013-03-31")
    assert sum(number for code, number in offences(NORTHAMPTONSHIRE).items() if code in codes) == count


def test_all_crime_takes_in_every_code():
    assert CATEGORIES["all-crime"]["every_code"]
    assert sum(offences(NORTHAMPTONSHIRE).values()) == 46_983
    assert not any("excluding" in alias for alias in CATEGORIES["all-crime"]["aliases"])


def test_violence_is_the_old_group_and_what_ons_has_added_to_violence_since():
    codes = {one["code"] for one in CATEGORIES["violence"]["codes"]}
    assert listed("9A 9B 10A 10C 10D 2 5D 8N 105A 1 4.1 4.2 4.10 106 8Q 8R 8S 8T 8U") <= codes
    assert not listed("36 10B 81 90 66 62A") & codes


def test_residential_burglary_is_of_dwellings_until_march_2017_and_of_homes_with_their_sheds_since():
    assert codes_on("residential-burglary", "2011-10-01") == listed("28 28A 28B 28C 28D 29")
    assert codes_on("residential-burglary", "2017-03-31") == listed("28A 28B 28C 28D 29")
    assert codes_on("residential-burglary", "2017-04-01") == listed("28E 28F 28G 28H 29A")
    assert codes_on("residential-burglary", "2023-04-01") == listed(
        "28E 28F 28G 28H 28I 28J 28K 28L 28M 28N 28O 28P 29A 29B 29C"
    )
    assert codes_on("non-dwelling-burglary", "2017-03-31") == listed("30A 30B 31")
    assert codes_on("non-dwelling-burglary", "2017-04-01") == listed("30C 30D 31A")


def test_residential_burglary_of_any_twelve_months_is_what_its_parts_add_up_to():
    parts = {
        name
        for draft in CATEGORIES.values()
        if draft["part_of"] == "residential-burglary"
        for name in (draft["name"], *draft["aliases"])
    }
    given = defaultdict(dict)
    for row in ROLLING_YEAR:
        if row["PFA"] == "Northamptonshire" and row["Offence"] in parts:
            given[row["12 months ending"]][row["Offence"]] = int(row["Rolling year total number of offences"])
    assert given["31-03-2013"] == {"Domestic burglary": 3_182}
    assert given["31-03-2016"] == {"Domestic burglary": 2_497, "Residential burglary": 0}
    assert given["30-06-2017"] == {"Domestic burglary": 2_325, "Residential burglary": 846}


def test_victim_based_crime_agrees_with_every_code_of_the_severity_weights():
    victim_based = {one["code"] for one in CATEGORIES["victim-based-crime"]["codes"]}
    for row in table("offence-reference/severity-weights.csv"):
        assert (row["code_original"] in victim_based) == row["category_severity"].startswith(
            "victim based crime"
        )


def test_a_category_keeps_whole_financial_years_and_holds_a_code_once():
    for draft in CATEGORIES.values():
        assert len({one["code"] for one in draft["codes"]}) == len(draft["codes"])
        for one in draft["codes"]:
            assert (one["from_on"], one["to_on"]) == (
                CODES[one["code"]]["from_on"],
                CODES[one["code"]]["to_on"],
            )


def test_every_offence_of_the_rolling_year_table_is_one_category():
    means = defaultdict(set)
    aliases = {alias.lower() for draft in CATEGORIES.values() for alias in draft["aliases"]}
    for category, (names, _) in every_category().items():
        for name in names:
            if (
                name.lower() not in aliases
                or category not in CATEGORIES
                or name in CATEGORIES[category]["aliases"]
            ):
                means[name.lower()].add(category)  # an alias goes before any name
    assert all(len(categories) == 1 for categories in means.values())
    assert means["residential burglary"] == {"residential-burglary-since-2017"}
    assert {row["Offence"] for row in ROLLING_YEAR if row["Offence"].lower() not in means} == set()
    assert {row["Offence Group"] for row in FORCE_TABLE if row["Offence Group"].lower() not in means} == set()
    assert {
        row["Offence Subgroup"] for row in FORCE_TABLE if row["Offence Subgroup"].lower() not in means
    } == set()


def test_the_book_groups_codes_as_the_drafts_do(book_url):
    open_data.load(book_url)
    database.release()
    with closing(psycopg2.connect(book_url)) as connection, connection.cursor() as cursor:
        cursor.execute("select category, name, aliases from category_version where until_change is null")
        held = {category: {name, *aliases} for category, name, aliases in cursor}
        assert held == {category: names for category, (names, _) in every_category().items()}
        for category in (
            "violence-against-the-person",
            "criminal-damage",
            "residential-burglary",
            "stalking-and-harassment",
        ):
            cursor.execute(
                "select code from category_member(%s, 3) where '2012-04-01' between coalesce(from_on,"
                " '-infinity') and coalesce(to_on, 'infinity')",
                [category],
            )
            assert {code for (code,) in cursor} == codes_on(category, "2012-04-01")
