"""The reference data: areas nest as they lay, codes live as long as they were used, categories count what was published."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import psycopg2
import pytest

from service import reference
from service.areas import AreaDraft
from service.categories import PUBLISHED_NAMES, CategoryDraft, _slug
from service.classifications import OffenceCodeDraft
from service.reference import areas as reference_areas
from service.reference import categories as reference_categories
from service.reference import codes as reference_codes
from service.reference.open_data import table
from service.reference.reorganisations import REORGANISATIONS
from service.store import database

AREAS = {draft["area"]: draft for draft in reference_areas.drafts()}
CODES = {draft["code"]: draft for draft in reference_codes.drafts()}
CATEGORIES = {draft["category"]: draft for draft in reference_categories.drafts(list(CODES.values()))}

FORCE_TABLE = table("home-office-pfa/prc-pfa-mar2013-onwards-tables.csv.gz")
EARLIER_TABLE = table("home-office-pfa/prc-pfa-2017-18-earlier-edition.csv.gz")
NORTHAMPTONSHIRE = table("home-office-pfa/northamptonshire-2012-13-to-2013-14.csv")
ROLLING_YEAR = table("ons-rolling-year/rec-crime-pfa.csv.gz")
NORTHAMPTONSHIRE_FORCE, NORTHAMPTON, WEST_NORTHAMPTONSHIRE = "E23000022", "E07000154", "E06000062"


def listed(codes):
    return set(codes.split())


def ancestors(area):
    found, waiting = set(), [area]
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += AREAS[one]["parents"]
    return found


def published_names(*kinds):
    """Lower-case name or alias: the areas it may mean."""
    means = defaultdict(set)
    for area in AREAS.values():
        if area["kind"] in kinds:
            for name in (area["name"], *area["aliases"]):
                means[name.lower()].add(area["area"])
    return means


def every_category():
    """Those shipped by hand, and the ONS groups and subgroups as the classification makes them: {category: (names, members)}."""
    made = {slug: ({draft["name"], *draft["aliases"]}, draft["codes"]) for slug, draft in CATEGORIES.items()}
    groups = defaultdict(list)
    for code in CODES.values():
        for period in code["periods"]:
            for name in {period["offence_group"], period["offence_subgroup"]}:
                groups[name].append({"code": code["code"], "from_on": period["from_on"], "to_on": period["to_on"]})
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
    first = date(int(row["Financial Year"][:4]) + (row["Financial Quarter"] == "4"), {"1": 4, "2": 7, "3": 10, "4": 1}[row["Financial Quarter"]], 1)
    return first.isoformat(), ((first + timedelta(days=92)).replace(day=1) - timedelta(days=1)).isoformat()


# Areas


def test_there_are_43_forces_and_every_district_of_both_lookups():
    kinds = Counter(area["kind"] for area in AREAS.values())
    assert kinds == {"nation": 3, "region": 9, "body": 5, "force": 43, "district": 366, "partnership": 319}
    for year in (2017, 2023):
        rows = table(f"ons-geography/districts-partnerships-forces-{year}.csv")
        assert {row[f"LAD{year % 100}CD"] for row in rows} <= set(AREAS)
        assert {row[f"CSP{year % 100}CD"] for row in rows} <= set(AREAS)


def test_every_draft_is_one_that_the_service_takes():
    for draft, schema, key in ((AREAS, AreaDraft, "area"), (CODES, OffenceCodeDraft, "code"), (CATEGORIES, CategoryDraft, "category")):
        for one in draft.values():
            said = {name: value for name, value in one.items() if name != key}
            assert set(schema().fields) == set(said)
            schema().load(said)


def test_slugs_are_unique_and_the_bare_name_goes_to_the_force_then_the_district():
    slugs = Counter(area["slug"] for area in AREAS.values())
    assert max(slugs.values()) == 1
    assert {AREAS[area]["slug"] for area in (NORTHAMPTONSHIRE_FORCE, NORTHAMPTON, "E22000237")} == {
        "northamptonshire", "northampton", "northampton-partnership"}  # fmt: skip
    named = {area["slug"]: (area["kind"], area["name"]) for area in AREAS.values()}
    assert named["west-midlands"] == ("force", "West Midlands")
    assert named["west-midlands-region"] == ("region", "West Midlands")
    assert named["wiltshire-district"] == ("district", "Wiltshire")
    assert named["bristol"] == ("district", "Bristol, City of")
    assert named["kings-lynn-and-west-norfolk"][0] == "district"


def test_every_parent_is_an_area_and_every_area_lies_in_england_and_wales():
    for area in AREAS:
        above = ancestors(area)
        assert "K04000001" in above
        forces = {one for one in above if AREAS[one]["kind"] in ("force", "body")}
        assert len(forces) == (AREAS[area]["kind"] not in ("region", "nation"))


def test_northamptonshire_nests_as_it_did():
    assert AREAS["E06000061"]["parents"] == ["E23000022"], "four partnerships: it lies in none of them"
    assert all("E06000061" in AREAS[one]["parents"] for one in listed("E22000233 E22000235 E22000236 E22000239"))
    assert AREAS["E22000357"]["parents"] == [WEST_NORTHAMPTONSHIRE, NORTHAMPTONSHIRE_FORCE]
    assert all("E22000357" in AREAS[one]["parents"] for one in ("E07000151", "E07000155"))
    assert not {"E07000151", "E07000155"} & ancestors("E22000357"), "it spans both"
    assert ancestors(NORTHAMPTON) == {
        NORTHAMPTON, "E22000237", WEST_NORTHAMPTONSHIRE, NORTHAMPTONSHIRE_FORCE, "E12000004", "E92000001", "K04000001"}  # fmt: skip
    for last in range(7):
        district = AREAS[f"E0700015{last}"]
        assert (district["from_on"], district["to_on"]) == (None, "2021-03-31")
    assert (AREAS[WEST_NORTHAMPTONSHIRE]["from_on"], AREAS[WEST_NORTHAMPTONSHIRE]["to_on"]) == ("2021-04-01", None)


def test_districts_and_partnerships_of_the_same_land_lie_in_each_other():
    assert "E22000369" in AREAS["E06000066"]["parents"]
    assert "E06000066" in AREAS["E22000369"]["parents"]


def test_every_district_that_the_second_lookup_lacks_has_a_successor_with_its_partnership():
    partnerships = {year: defaultdict(set) for year in (2017, 2023)}
    for year, found in partnerships.items():
        for row in table(f"ons-geography/districts-partnerships-forces-{year}.csv"):
            found[row[f"LAD{year % 100}CD"]].add(row[f"CSP{year % 100}CD"])
    before, after = partnerships[2017], partnerships[2023]
    successor = {old: change for change in REORGANISATIONS for old in change.predecessors}
    assert set(before) - set(after) == {old for old in successor if old in before}
    assert set(after) - set(before) == {change.successor for change in REORGANISATIONS if change.successor in set(after) - set(before)}
    for old in set(before) - set(after):
        new = successor[old].successor
        assert before[old] <= after[successor[new].successor if new in successor else new]
        assert date.fromisoformat(AREAS[old]["to_on"]) + timedelta(days=1) == date.fromisoformat(AREAS[new]["from_on"])


def test_a_recoded_district_lies_in_itself_under_the_new_code():
    old, new = AREAS["E06000048"], AREAS["E06000057"]
    assert old["name"] == new["name"] == "Northumberland"
    assert "E06000057" in old["parents"]
    assert (old["to_on"], new["from_on"]) == ("2013-03-31", "2013-04-01")
    assert (old["slug"], new["slug"]) == ("northumberland-until-2013", "northumberland")


def test_somerset_west_and_taunton_lived_between_the_lookups():
    district = AREAS["E07000246"]
    assert (district["from_on"], district["to_on"]) == ("2019-04-01", "2023-03-31")
    assert {"E07000246", "E06000066", "E22000369", "E23000036"} <= ancestors("E07000190")


def test_every_place_of_the_published_tables_is_found_by_name_and_no_name_means_two():
    means = published_names("force", "body")
    assert all(len(areas) == 1 for areas in means.values())
    partnerships = table("ons-geography/home-office-partnerships.csv")
    lookup = table("ons-geography/districts-partnerships-forces-2023.csv")
    names = {row["Force Name"] for row in [*FORCE_TABLE, *EARLIER_TABLE, *partnerships]}
    names |= {row["PFA"] for row in ROLLING_YEAR} | {row["PFA23NM"] for row in lookup}
    assert {name for name in names if name.lower() not in means} == set()
    assert len({area for name in names for area in means[name.lower()] if AREAS[area]["kind"] == "force"}) == 43
    regions = published_names("region", "nation", "body")
    assert {row["Region"] for row in [*ROLLING_YEAR, *partnerships] if row["Region"].lower() not in regions} == set()


def test_every_partnership_of_the_home_offices_list_is_held():
    codes = {row["ONS Code"] for row in table("ons-geography/home-office-partnerships.csv")}
    assert {code for code in codes if code[:3] in ("E22", "W14")} <= set(AREAS)
    assert AREAS["E22000109"]["parents"] == ["E07000084", "E22000374", "E23000030"]


def test_populations_are_those_of_the_middle_of_each_year():
    residents = {one["year"]: one["residents"] for one in AREAS[NORTHAMPTONSHIRE_FORCE]["populations"]}
    assert list(residents) == list(range(2011, 2025))
    assert (residents[2012], residents[2023], residents[2024]) == (703_143, 802_340, 813_682)
    assert {one["kind"] for one in AREAS.values() if one["populations"]} == {"nation", "region", "force", "district"}
    assert all(len(one["populations"]) == 13 for one in AREAS.values() if one["kind"] == "district" and one["to_on"] is None)
    for year in range(2011, 2024):
        forces = [one for area in AREAS.values() if area["kind"] == "force" for one in area["populations"] if one["year"] == year]
        (whole,) = [one for one in AREAS["K04000001"]["populations"] if one["year"] == year]
        assert sum(one["residents"] for one in forces) == whole["residents"]


# Codes


def test_every_code_has_periods_that_follow_each_other_through_its_whole_life():
    for code in CODES.values():
        periods = code["periods"]
        assert (periods[0]["from_on"], periods[-1]["to_on"]) == (code["from_on"], code["to_on"])
        for before, after in zip(periods, periods[1:], strict=False):
            assert date.fromisoformat(before["to_on"]) + timedelta(days=1) == date.fromisoformat(after["from_on"])
        for day in (code["from_on"], *(period["from_on"] for period in periods)):
            assert day is None or day.endswith("-04-01")
        for day in (code["to_on"], *(period["to_on"] for period in periods)):
            assert day is None or day.endswith("-03-31")
        assert not any("outcome" in period["description"] or "  " in period["description"] for period in periods)


def test_every_code_of_both_force_tables_is_known_and_no_count_falls_outside_a_codes_life():
    outside = []
    for row in [*FORCE_TABLE, *EARLIER_TABLE, *NORTHAMPTONSHIRE]:
        code = CODES[row["Offence Code"]]
        first, last = quarter(row)
        alive = (code["from_on"] or "") <= first and last <= (code["to_on"] or "9999")
        if not alive and row["Number of Offences"].lstrip("-0"):
            outside.append(row)
    assert outside == []


@pytest.mark.parametrize(("codes", "from_on", "to_on"), [
    ("28A 28B 28C 28D 29 30A 30B 31", None, "2017-03-31"),
    ("51 52 53B 53C 53D 53E 53F 53H 53J 55 65 1/4.1/4.10/4.2", None, "2013-03-31"),
    ("58E 68 75 5A 8F 12 62 1/4.1/4.2 1/4.1/4.2/4.10 28 30 53A 92B", None, "2012-03-31"),
    ("1 4.1 4.2 4.10 33A", "2013-04-01", None),
    ("28E 28F 28G 28H 29A 30C 30D 31A 8R 8S UK#Finance", "2017-04-01", None),
    ("28I 28P 29B 29C", "2023-04-01", None),
    ("90", None, "2021-03-31"), ("FFA#UK", None, "2018-03-31"), ("8Q 96", "2014-04-01", None), ("106", "2015-04-01", None),
    ("2 4.4 8L 8N 34A 45 48 49A 72 AF CIFAS", None, None),
])  # fmt: skip
def test_codes_live_from_a_first_of_april_to_a_31st_of_march(codes, from_on, to_on):
    for code in listed(codes):
        held = CODES[code.replace("#", " ")]
        assert (held["from_on"], held["to_on"]) == (from_on, to_on), code


def test_codes_that_moved_in_april_2013_have_two_periods():
    moved = {code for code, held in CODES.items() if len({period["offence_subgroup"] for period in held["periods"]}) > 1}
    assert moved == listed("8L 8M 4.4 4.6 4.8 4.9 37.1")
    assert {CODES[code]["periods"][1]["from_on"] for code in moved} == {"2013-04-01"}
    assert not [code for code, held in CODES.items() if len({period["offence_group"] for period in held["periods"]}) > 1]
    assert {code for code, held in CODES.items() if len(held["periods"]) > 1} - moved == listed("71 81")


def test_no_old_code_makes_a_group_or_subgroup_of_its_own():
    def groups(codes):
        return {(period["offence_group"], period["offence_subgroup"]) for code in codes for period in CODES[code]["periods"]}

    counted = {row["Offence Code"] for row in table("offence-reference/offence-code-history.csv")}
    assert groups(set(CODES) - counted) <= groups(counted)


def test_homicide_has_the_old_group_and_the_weight_of_its_parts():
    assert {CODES[code]["old_group"] for code in listed("1 4.1 4.2 4.10 1/4.1/4.10/4.2")} == {"Violence against the person"}
    assert {round(CODES[code]["severity_weight"], 2) for code in listed("1 4.1 4.2 4.10 1/4.1/4.10/4.2")} == {7973.39}


def test_the_severity_of_northamptonshire_in_2012_13_is_855_per_100_residents():
    counts = offences(NORTHAMPTONSHIRE)
    weighed = {code: count for code, count in counts.items() if CODES[code]["severity_weight"] is not None}
    assert round(sum(count * CODES[code]["severity_weight"] for code, count in weighed.items())) == 6_008_786
    assert sum(counts.values()) - sum(weighed.values()) == 692


# Categories


@pytest.mark.parametrize(("category", "count"), [
    ("violence", 9_084), ("violence-against-the-person", 8_270), ("sexual-offences", 786), ("robbery", 622), ("drug-offences", 1_701),
    ("criminal-damage", 7_836), ("arson", 273), ("burglary", 6_719), ("residential-burglary", 3_182), ("domestic-burglary", 3_182),
    ("non-dwelling-burglary", 3_537), ("vehicle-crime", 5_206), ("vehicle-offences", 5_566), ("serious-acquisitive-crime", 9_010),
    ("residential-burglary-since-2017", 0),
])  # fmt: skip
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
    assert codes_on("residential-burglary", "2023-04-01") == listed("28E 28F 28G 28H 28I 28J 28K 28L 28M 28N 28O 28P 29A 29B 29C")
    assert codes_on("non-dwelling-burglary", "2017-03-31") == listed("30A 30B 31")
    assert codes_on("non-dwelling-burglary", "2017-04-01") == listed("30C 30D 31A")


def test_residential_burglary_of_any_twelve_months_is_what_its_parts_add_up_to():
    parts = {draft["name"] for draft in CATEGORIES.values() if draft["part_of"] == "residential-burglary"}
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
        assert (row["code_original"] in victim_based) == row["category_severity"].startswith("victim based crime")


def test_a_category_keeps_whole_financial_years_and_holds_a_code_once():
    for draft in CATEGORIES.values():
        assert len({one["code"] for one in draft["codes"]}) == len(draft["codes"])
        for one in draft["codes"]:
            assert (one["from_on"], one["to_on"]) == (CODES[one["code"]]["from_on"], CODES[one["code"]]["to_on"])


def test_every_offence_of_the_rolling_year_table_is_one_category():
    means = defaultdict(set)
    for category, (names, _) in every_category().items():
        for name in names:
            means[name.lower()].add(category)
    assert all(len(categories) == 1 for categories in means.values())
    assert {row["Offence"] for row in ROLLING_YEAR if row["Offence"].lower() not in means} == set()
    assert {row["Offence Group"] for row in FORCE_TABLE if row["Offence Group"].lower() not in means} == set()
    assert {row["Offence Subgroup"] for row in FORCE_TABLE if row["Offence Subgroup"].lower() not in means} == set()


# The book


@pytest.fixture
def rows(book_url):
    reference.load(book_url)

    def ask(question):
        with psycopg2.connect(book_url) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()

    yield ask
    database.release()


def test_loading_makes_three_changes_and_again_none(rows, book_url):
    made = [("reference data: area",), ("reference data: code",), ("reference data: category",)]
    assert rows("select reason from change order by id") == made
    reference.load(book_url)
    assert rows("select reason from change order by id") == made
    assert rows("select count(*) from area") == [(len(AREAS),)]
    assert rows("select count(*) from code_version where until_change is null") == [(len(CODES),)]


def test_the_book_nests_as_the_drafts_do(rows):
    held = rows("select ancestor from area_ancestor where area = 'E07000154' and until_change is null")
    assert {ancestor for (ancestor,) in held} == ancestors(NORTHAMPTON)
    assert rows("select count(*) from area_ancestor") == [(sum(len(ancestors(area)) for area in AREAS),)]


def test_the_book_groups_codes_as_the_drafts_do(rows):
    held = rows("select category, name, aliases from category_version where until_change is null")
    assert {category: {name, *aliases} for category, name, aliases in held} == {slug: names for slug, (names, _) in every_category().items()}
    for category in ("violence-against-the-person", "criminal-damage", "residential-burglary", "stalking-and-harassment"):
        members = rows(f"select code from category_member('{category}', 3) where coalesce(to_on, '9999-01-01') >= '2012-04-01' "
                       "and coalesce(from_on, '-infinity') <= '2012-04-01'")  # fmt: skip
        assert {code for (code,) in members} == codes_on(category, "2012-04-01")


def test_what_was_altered_by_hand_is_put_back_in_one_change(rows, book_url):
    with database.writing("a slip", caller="test", trace_id="0") as book:
        areas = [{**AREAS[NORTHAMPTON], "aliases": ["Nothampton"]}]
        book.areas.close_differing(drafts=database.as_json(areas))
        book.areas.open_missing(drafts=database.as_json(areas))
    reference.load(book_url)
    assert rows("select max(id) from change") == [(5,)]
    assert rows("select aliases, since_change from area where area = 'E07000154'") == [([], 5)]
