"""Districts, partnerships, forces, regions and nations of England and Wales as drafts for `define_areas`.

Sources: the ONS lookups of January 2017 and December 2023, the Home Office's list of partnerships, ONS
mid-year population estimates, and the dated reorganisations in `service.reference.open_data.reorganisations`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import TypedDict

from service.reference.open_data.reorganisations import BETWEEN_LOOKUPS, FORMER_PARTNERSHIPS, REORGANISATIONS
from service.reference.open_data.tables import table


class ShippedPopulation(TypedDict):
    """Usual residents in the middle of a year."""

    residents: int
    source: str
    year: int


class ShippedHouseholds(TypedDict):
    """Households in the middle of a year."""

    households: int
    source: str
    year: int


class ShippedArea(TypedDict):
    """An area as `define_areas` takes it, its days as ISO 8601 writes them."""

    area: str
    kind: str
    name: str
    parents: list[str]
    aliases: list[str]
    from_on: str | None
    to_on: str | None
    households: list[ShippedHouseholds]
    populations: list[ShippedPopulation]
    slug: str


ENGLAND_AND_WALES, ENGLAND, WALES = "K04000001", "E92000001", "W92000004"
NATIONS = {ENGLAND_AND_WALES: "England and Wales", ENGLAND: "England", WALES: "Wales"}
REGIONS = {
    "E12000001": ("North East", "North East Region"),
    "E12000002": ("North West", "North West Region"),
    "E12000003": ("Yorkshire and The Humber",),
    "E12000004": ("East Midlands", "East Midlands Region"),
    "E12000005": ("West Midlands", "West Midlands Region"),
    "E12000006": ("East", "Eastern Region", "East of England"),
    "E12000007": ("London", "London Region"),
    "E12000008": ("South East", "South East Region"),
    "E12000009": ("South West", "South West Region"),
}
"""As ONS police force area table P1 codes and names them, then as the Home Office's list of partnerships
does."""

BODIES = {
    "British Transport Police": ("BTP",),
    "Action Fraud": ("Fraud: Action Fraud",),
    "CIFAS": ("Cifas", "Fraud: CIFAS"),
    "Financial Fraud Action UK": ("FFA UK", "Fraud: Financial Fraud Action UK"),
    "UK Finance": ("Fraud: UK Finance",),
}
"""Bodies without land that stand among the forces in both publishers' tables; the fraud bodies are also
written as a region."""

NORTHERN_IRELAND = ("Police Service of Northern Ireland", ("PSNI", "Northern Ireland"))
"""It publishes on data.police.uk beside the forces of England and Wales, and lies in none of the areas
here."""

FORCE_NAMES = {
    "E23000034": "City of London"
}  # the Home Office and the lookups write "London, City of"; ONS tables and people do not
LATER_NAMES = {"E22000145": ("Folkestone and Hythe",)}  # ONS table C2; both lookups keep the older Shepway
SLUG_PRECEDENCE = ("nation", "body", "force", "district", "region", "partnership")


@dataclass(frozen=True)
class District:
    """A district in one lookup, with the force and the partnerships that share its land."""

    area: str
    name: str
    force: str
    partnerships: frozenset[str]


def _draft(
    area: str,
    kind: str,
    name: str,
    parents: Iterable[str | None],
    aliases: Iterable[str] = (),
    from_on: str | None = None,
    to_on: str | None = None,
) -> ShippedArea:
    return {
        "area": area,
        "kind": kind,
        "name": name,
        "parents": sorted({parent for parent in parents if parent}),
        "aliases": sorted({alias for alias in aliases if alias != name}),
        "from_on": from_on,
        "to_on": to_on,
        "households": [],
        "populations": [],
        "slug": "",
    }


def _lookup(year: int) -> list[dict[str, str]]:
    """Rows of an ONS lookup, its dated headings made plain: district, district_name, partnership,
    partnership_name, force, force_name."""
    columns = {"LAD": "district", "CSP": "partnership", "PFA": "force"}
    return [
        {
            columns[code] + ending: row[f"{code}{year % 100}{suffix}"]
            for code in columns
            for suffix, ending in (("CD", ""), ("NM", "_name"))
        }
        for row in table(f"ons-geography/districts-partnerships-forces-{year}.csv")
    ]


def _districts(year: int) -> dict[str, District]:
    partnerships = defaultdict(set)
    for row in _lookup(year):
        partnerships[row["district"]].add(row["partnership"])
    return {
        row["district"]: District(
            row["district"], row["district_name"], row["force"], frozenset(partnerships[row["district"]])
        )
        for row in _lookup(year)
    }


@cache
def _home_office_names() -> dict[str, set[str]]:
    """Code of a partnership or district: the names the Home Office's list has for it."""
    names = defaultdict(set)
    for row in table("ons-geography/home-office-partnerships.csv"):
        if not row["CSP Name"].startswith(
            "Central Beds_"
        ):  # two halves under one code: neither name means the whole
            names[row["ONS Code"]].add(row["CSP Name"])
    return names


def _nations_regions_and_bodies() -> Iterator[ShippedArea]:
    for area, name in NATIONS.items():
        yield _draft(area, "nation", name, [None if area == ENGLAND_AND_WALES else ENGLAND_AND_WALES])
    for area, (name, *aliases) in REGIONS.items():
        yield _draft(area, "region", name, [ENGLAND], aliases)
    for name, others in BODIES.items():
        yield _draft(
            slug_of(name), "body", name, [ENGLAND_AND_WALES], others
        )  # no code is published for them
    name, others = NORTHERN_IRELAND
    yield _draft(slug_of(name), "body", name, [], others)


def _forces() -> Iterator[ShippedArea]:
    forces = {row["partnership"]: row["force"] for row in _lookup(2023)}
    regions = {name.lower(): area for area, names in REGIONS.items() for name in names} | {"wales": WALES}
    home_office = {
        forces[row["ONS Code"]]: row
        for row in table("ons-geography/home-office-partnerships.csv")
        if row["ONS Code"] in forces
    }
    for area, lookup_name in sorted({(row["force"], row["force_name"]) for row in _lookup(2023)}):
        published = home_office[area]["Force Name"]
        region = regions[home_office[area]["Region"].lower()]
        yield _draft(area, "force", FORCE_NAMES.get(area, published), [region], [published, lookup_name])


def _every_district() -> dict[str, District]:
    """Those of both lookups, and those that lived before or between them under another code; each as in the
    latest that has it."""
    districts = _districts(2017) | _districts(2023)
    for change in REORGANISATIONS:
        for predecessor in set(change.predecessors) - set(districts) - set(BETWEEN_LOOKUPS):
            after = districts[change.successor]
            districts[predecessor] = District(predecessor, after.name, after.force, after.partnerships)
        if change.successor in BETWEEN_LOOKUPS:
            before = districts[change.predecessors[0]]
            districts[change.successor] = District(
                change.successor, BETWEEN_LOOKUPS[change.successor], before.force, before.partnerships
            )
    return districts


def _district_drafts() -> Iterator[ShippedArea]:
    """A district lies in its force, in its partnership when that is only one, and in the authority that took
    its land."""
    earlier = _districts(2017)
    began = {change.successor: change.day for change in REORGANISATIONS}
    ended = {predecessor: change for change in REORGANISATIONS for predecessor in change.predecessors}
    for area, district in _every_district().items():
        end = ended.get(area)
        partnership = next(iter(district.partnerships)) if len(district.partnerships) == 1 else None
        names = _home_office_names().get(area, set()) | {earlier.get(area, district).name}
        yield _draft(
            area,
            "district",
            district.name,
            [district.force, partnership, end.successor if end else None],
            names,
            began.get(area),
            end.last_day_before if end else None,
        )


def _partnerships() -> Iterator[ShippedArea]:
    """A partnership lies in its force, and in its district when that is only one; one that was joined to
    another lies in that too."""
    within, described = defaultdict(set), {}
    for row in _lookup(2023):
        within[row["partnership"]].add(row["district"])
        described[row["partnership"]] = (row["partnership_name"], row["force"])
    for area, (name, force) in described.items():
        district = next(iter(within[area])) if len(within[area]) == 1 else None
        aliases = {*_home_office_names().get(area, set()), *LATER_NAMES.get(area, ())}
        yield _draft(area, "partnership", name, [force, district], aliases)
    districts = _districts(2023)
    for area, (district, joined) in FORMER_PARTNERSHIPS.items():
        place = districts[district]
        yield _draft(
            area, "partnership", place.name, [place.force, district, joined], _home_office_names()[area]
        )


def _populations() -> dict[str, list[ShippedPopulation]]:
    """Usual residents by area and year. Counties stand in the district file too, but are no areas here."""
    residents: dict[str, dict[int, ShippedPopulation]] = defaultdict(dict)

    def take(area: str, year: int, count: str, source: str) -> None:
        residents[area][year] = {"residents": int(count), "source": source, "year": year}

    for row in table("ons-population/districts-2011-to-2023.csv"):
        take(row["Code"], int(row["mid_year"]), row["population"], "ONS mid-year estimates, 2023 boundaries")
    for row in table("ons-population/forces-2011-to-2023.csv"):
        take(
            row["PFA23CD"],
            int(row["mid_year"]),
            row["population"],
            "ONS mid-year estimates, 2023 boundaries, districts added up",
        )
    for row in table("ons-population/forces-2024.csv"):
        take(
            row["PFA 2023 Code"],
            2024,
            row["Population"],
            "ONS mid-year estimates, police force areas of 2023",
        )
    for row in table("ons-population/partnerships-2022.csv"):
        take(
            row["area"],
            int(row["year"]),
            row["residents"],
            "ONS mid-year estimates, as police force area tables of 2024 use them",
        )
    return {area: [years[year] for year in sorted(years)] for area, years in residents.items()}


def _households() -> dict[str, list[ShippedHouseholds]]:
    """Households by area: of one year only."""
    source = (
        "2018-based household projections for England, household estimates for Wales, as ONS police force"
        " area tables of 2024 use them"
    )
    return {
        row["area"]: [{"households": int(row["households"]), "source": source, "year": int(row["year"])}]
        for row in table("ons-population/households-2021.csv")
    }


def slug_of(name: str) -> str:
    """`Bristol, City of` is bristol, `King's Lynn and West Norfolk` is kings-lynn-and-west-norfolk."""
    plain = name.removesuffix(", City of").removesuffix(", County of").lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['.]", "", plain)).strip("-")


def _name_slugs(places: list[ShippedArea]) -> None:
    """Give each a slug: the bare name to the first in precedence, with the kind to others, with its last year
    to an ended namesake."""
    taken: dict[str, str] = {}
    for place in sorted(
        places,
        key=lambda area: (SLUG_PRECEDENCE.index(area["kind"]), area["to_on"] is not None, area["area"]),
    ):
        slug = slug_of(place["name"])
        if taken.get(slug) == place["kind"] and place["to_on"]:
            slug = f"{slug}-until-{place['to_on'][:4]}"
        elif slug in taken:
            slug = f"{slug}-{place['kind']}"
        taken[slug] = place["kind"]
        place["slug"] = slug


def drafts() -> list[ShippedArea]:
    """Every area, by code."""
    places = [*_nations_regions_and_bodies(), *_forces(), *_district_drafts(), *_partnerships()]
    _name_slugs(places)
    populations, households = _populations(), _households()
    for place in places:
        place["households"] = households.get(place["area"], [])
        place["populations"] = populations.get(place["area"], [])
    return sorted(places, key=itemgetter("area"))
