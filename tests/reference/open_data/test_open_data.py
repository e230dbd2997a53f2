"""The reference data: areas nest as they lay, and loading them again changes nothing."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import psycopg2
import pytest
from builders import looking

from service.reference import open_data
from service.reference.areas import AreaDraft
from service.reference.open_data.areas import drafts
from service.reference.open_data.reorganisations import REORGANISATIONS
from service.reference.open_data.tables import table
from service.store import as_json, database

AREAS = {draft["area"]: draft for draft in drafts()}
NORTHAMPTONSHIRE, NORTHAMPTON, WEST_NORTHAMPTONSHIRE = "E23000022", "E07000154", "E06000062"


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


def test_every_draft_is_one_that_the_service_takes():
    for draft in AREAS.values():
        said = {name: value for name, value in draft.items() if name != "area"}
        assert set(AreaDraft().fields) == set(said)
        AreaDraft().load(said)


def test_there_are_43_forces_and_every_district_of_both_lookups():
    kinds = Counter(area["kind"] for area in AREAS.values())
    assert kinds == {"nation": 3, "region": 9, "body": 6, "force": 43, "district": 366, "partnership": 319}
    for year in (2017, 2023):
        rows = table(f"ons-geography/districts-partnerships-forces-{year}.csv")
        assert {row[f"LAD{year % 100}CD"] for row in rows} <= set(AREAS)
        assert {row[f"CSP{year % 100}CD"] for row in rows} <= set(AREAS)


def test_slugs_are_unique_and_the_bare_name_goes_to_the_force_then_the_district():
    slugs = Counter(area["slug"] for area in AREAS.values())
    assert max(slugs.values()) == 1
    assert {AREAS[area]["slug"] for area in (NORTHAMPTONSHIRE, NORTHAMPTON, "E22000237")} == {
        "northamptonshire",
        "northampton",
        "northampton-partnership",
    }
    named = {area["slug"]: (area["kind"], area["name"]) for area in AREAS.values()}
    assert named["west-midlands"] == ("force", "West Midlands")
    assert named["west-midlands-region"] == ("region", "West Midlands")
    assert named["wiltshire-district"] == ("district", "Wiltshire")
    assert named["bristol"] == ("district", "Bristol, City of")
    assert named["kings-lynn-and-west-norfolk"][0] == "district"


def test_every_parent_is_an_area_and_every_area_lies_in_england_and_wales():
    for area in AREAS:
        above = ancestors(area)
        assert "K04000001" in above or area == "police-service-of-northern-ireland"
        forces = {one for one in above if AREAS[one]["kind"] in ("force", "body")}
        assert len(forces) == (AREAS[area]["kind"] not in ("region", "nation"))


def test_northamptonshire_nests_as_it_did():
    assert AREAS["E06000061"]["parents"] == ["E23000022"], "four partnerships: it lies in none of them"
    assert all(
        "E06000061" in AREAS[one]["parents"] for one in listed("E22000233 E22000235 E22000236 E22000239")
    )
    assert AREAS["E22000357"]["parents"] == [WEST_NORTHAMPTONSHIRE, NORTHAMPTONSHIRE]
    assert all("E22000357" in AREAS[one]["parents"] for one in ("E07000151", "E07000155"))
    assert not {"E07000151", "E07000155"} & ancestors("E22000357"), "it spans both"
    assert ancestors(NORTHAMPTON) == {
        NORTHAMPTON,
        "E22000237",
        WEST_NORTHAMPTONSHIRE,
        NORTHAMPTONSHIRE,
        "E12000004",
        "E92000001",
        "K04000001",
    }
    for last in range(7):
        district = AREAS[f"E0700015{last}"]
        assert (district["from_on"], district["to_on"]) == (None, "2021-03-31")
    assert (AREAS[WEST_NORTHAMPTONSHIRE]["from_on"], AREAS[WEST_NORTHAMPTONSHIRE]["to_on"]) == (
        "2021-04-01",
        None,
    )


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
    assert set(after) - set(before) == {
        change.successor for change in REORGANISATIONS if change.successor in set(after) - set(before)
    }
    for old in set(before) - set(after):
        new = successor[old].successor
        assert before[old] <= after[successor[new].successor if new in successor else new]
        assert date.fromisoformat(AREAS[old]["to_on"]) + timedelta(days=1) == date.fromisoformat(
            AREAS[new]["from_on"]
        )


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
    counts = table("home-office-pfa/prc-pfa-mar2013-onwards-tables.csv.gz") + table(
        "home-office-pfa/prc-pfa-2017-18-earlier-edition.csv.gz"
    )
    rolling_year = table("ons-rolling-year/rec-crime-pfa.csv.gz")
    names = {row["Force Name"] for row in [*counts, *partnerships]}
    names |= {row["PFA"] for row in rolling_year} | {row["PFA23NM"] for row in lookup}
    assert {name for name in names if name.lower() not in means} == set()
    assert (
        len({area for name in names for area in means[name.lower()] if AREAS[area]["kind"] == "force"}) == 43
    )
    regions = published_names("region", "nation", "body")
    assert {
        row["Region"] for row in [*rolling_year, *partnerships] if row["Region"].lower() not in regions
    } == set()


def test_every_partnership_of_the_home_offices_list_is_held():
    codes = {row["ONS Code"] for row in table("ons-geography/home-office-partnerships.csv")}
    assert {code for code in codes if code[:3] in ("E22", "W14")} <= set(AREAS)
    assert AREAS["E22000109"]["parents"] == ["E07000084", "E22000374", "E23000030"]


def test_populations_are_those_of_the_middle_of_each_year():
    residents = {one["year"]: one["residents"] for one in AREAS[NORTHAMPTONSHIRE]["populations"]}
    assert list(residents) == list(range(2011, 2025))
    assert (residents[2012], residents[2023], residents[2024]) == (703_143, 802_340, 813_682)
    assert {one["kind"] for one in AREAS.values() if one["populations"]} == {
        "nation",
        "region",
        "force",
        "district",
        "partnership",
    }
    assert all(
        len(one["populations"]) == 13
        for one in AREAS.values()
        if one["kind"] == "district" and one["to_on"] is None
    )
    for year in range(2011, 2024):
        forces = [
            one
            for area in AREAS.values()
            if area["kind"] == "force"
            for one in area["populations"]
            if one["year"] == year
        ]
        (whole,) = [one for one in AREAS["K04000001"]["populations"] if one["year"] == year]
        assert sum(one["residents"] for one in forces) == whole["residents"]


def test_households_are_those_that_official_rates_are_divided_by():
    (households,) = AREAS[NORTHAMPTONSHIRE]["households"]
    assert (households["households"], households["year"]) == (321_538, 2021)
    assert {one["kind"] for one in AREAS.values() if one["households"]} == {
        "nation",
        "region",
        "force",
        "partnership",
    }
    for row in table("ons-population/households-2021.csv"):
        assert abs(int(row["households"]) - int(row["printed"])) <= 50, row


@pytest.fixture
def rows(book_url):
    open_data.load(book_url)

    def ask(question):
        with psycopg2.connect(book_url) as connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()

    yield ask
    database.release()


def test_loading_makes_two_changes_and_again_none(rows, book_url):
    made = [("reference data: areas",), ("reference data: offence codes and categories",)]
    assert rows("select reason from change order by id") == made
    open_data.load(book_url)
    assert rows("select reason from change order by id") == made
    assert rows("select count(*) from area") == [(len(AREAS),)]


def test_the_book_nests_as_the_drafts_do(rows):
    held = rows("select ancestor from area_ancestor where area = 'E07000154' and until_change is null")
    assert {ancestor for (ancestor,) in held} == ancestors(NORTHAMPTON)
    assert rows("select count(*) from area_ancestor") == [(sum(len(ancestors(area)) for area in AREAS),)]


def test_what_was_altered_by_hand_stays_until_it_is_put_back(rows, book_url):
    with database.writing("a slip", caller="test", trace_id="0") as book:
        areas = [{**AREAS[NORTHAMPTON], "aliases": ["Nothampton"]}]
        book.reference.areas.close_differing(drafts=as_json(areas))
        book.reference.areas.open_missing(drafts=as_json(areas))
    open_data.load(book_url)
    assert rows("select aliases, since_change from area where area = 'E07000154'") == [(["Nothampton"], 3)]
    open_data.load(book_url, put_back=True)
    assert rows("select aliases, since_change from area where area = 'E07000154'") == [([], 4)]


def test_the_planner_knows_what_was_loaded_before_autovacuum_comes(service):
    with looking() as cursor:
        cursor.execute(
            "select relname from pg_class where relname in ('area_ancestor', 'area_version', 'category_code')"
            " and reltuples < 100"
        )
        assert cursor.fetchall() == []
    with database.connection().cursor() as cursor:
        cursor.execute("select current_user as named")
        assert cursor.fetchone()["named"] == "crimebook_service"
