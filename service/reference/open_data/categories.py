"""The categories shipped by hand, as drafts for `define_categories`; all other ONS groups and subgroups
follow from the codes.

Sources: the codes' own groups, old and new (`service.reference.open_data.codes`); for what police reports of
April 2013 meant by "vehicle crime" and "serious acquisitive crime", the sets of codes whose counts agree with
theirs. Counts quoted are Northamptonshire 2012/13, from the Home Office's police force area table.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import TypedDict

from service.reference.open_data.codes import ShippedCode


class Member(TypedDict):
    """A code, and the days between which it belongs, as ISO 8601 writes them."""

    code: str
    from_on: str | None
    to_on: str | None


class ShippedCategory(TypedDict):
    """A category as `define_categories` takes it."""

    category: str
    name: str
    description: str
    codes: list[Member]
    every_code: bool
    part_of: str | None
    aliases: list[str]


VIOLENCE = "Violence against the person"
VICTIM_BASED = (VIOLENCE, "Sexual offences", "Robbery", "Theft offences", "Criminal damage and arson")
"""The ONS groups whose offences have a victim; `severity-weights.csv` says so of every code it has, without
an exception."""
VEHICLE_CRIME = {"37.2", "45", "48"}


def _draft(
    category: str,
    name: str,
    description: str,
    codes: list[Member],
    *,
    part_of: str | None = None,
    aliases: tuple[str, ...] = (),
) -> ShippedCategory:
    return {
        "category": category,
        "name": name,
        "description": description,
        "codes": codes,
        "every_code": not codes,
        "part_of": part_of,
        "aliases": list(aliases),
    }


def _members(codes: list[ShippedCode], belongs: Callable[[ShippedCode], bool]) -> list[Member]:
    """Each code that belongs, for as long as it lives: lives begin and end with a financial year, so months
    stay whole."""
    return [
        {"code": code["code"], "from_on": code["from_on"], "to_on": code["to_on"]}
        for code in codes
        if belongs(code)
    ]


def _grouped(codes: list[ShippedCode], *names: str) -> list[Member]:
    """The codes that ever stood in one of these ONS groups or subgroups. Those of burglary, robbery and the
    five groups never moved."""
    return _members(
        codes,
        lambda code: any(
            {period["offence_group"], period["offence_subgroup"]} & set(names) for period in code["periods"]
        ),
    )


def _union(*parts: list[Member]) -> list[Member]:
    return sorted((member for part in parts for member in part), key=lambda member: str(member["code"]))


def _was_violence_in_april_2013(code: ShippedCode) -> bool:
    """By the old group; a code that began later has none, and is taken in where ONS groups it with
    violence."""
    return VIOLENCE in (
        [code["old_group"]] if code["old_group"] else [period["offence_group"] for period in code["periods"]]
    )


def _wide(codes: list[ShippedCode]) -> list[ShippedCategory]:
    return [
        _draft(
            "all-crime",
            "All recorded crime",
            "Every offence code there is and will be, fraud included. Northamptonshire 2012/13: 46,983.",
            [],
            aliases=("Total recorded crime", "Total recorded crime (including fraud)"),
        ),
        _draft(
            "all-crime-excluding-fraud",
            "All recorded crime, excluding fraud",
            "Every offence code but those of the ONS group fraud offences, as the ONS tables of forces and"
            " partnerships count. Northamptonshire 2012/13: 46,305.",
            _members(
                codes,
                lambda code: all(period["offence_group"] != "Fraud offences" for period in code["periods"]),
            ),
            aliases=("Total recorded crime (excluding fraud)",),
        ),
        _draft(
            "victim-based-crime",
            "Victim-based crime",
            "The ONS groups violence against the person, sexual offences, robbery, theft offences, and"
            " criminal damage and arson. The rest is crime against society, and fraud.",
            _grouped(codes, *VICTIM_BASED),
        ),
        _draft(
            "violence",
            "Violence (group in use in April 2013)",
            "Violence against the person as the Home Office grouped it before July 2013: the ONS group of"
            " that name, with public fear, alarm or distress (9A, 9B) and possession of weapons (10A, 10C,"
            " 10D), without kidnapping (36). Codes that began later are taken in where ONS counts them as"
            " violence against the person. Northamptonshire 2012/13: 9,084; the ONS group 8,270.",
            _members(codes, _was_violence_in_april_2013),
        ),
    ]


def _burglary(codes: list[ShippedCode]) -> list[ShippedCategory]:
    """A tree: burglary, residential or not, before April 2017 or since. Its leaves are the ONS subgroups.

    The leaves are shipped too because ONS calls one of them "Residential burglary", as people call the whole:
    for twelve months around April 2017 a return gives "Domestic burglary" and "Residential burglary" beside
    each other, and only their sum is the figure. So a return means the leaf by that name: an alias is what
    returns call a category, and goes before any name.
    """
    dwelling, home = _grouped(codes, "Domestic burglary"), _grouped(codes, "Residential burglary")
    other, business = _grouped(codes, "Non-domestic burglary"), _grouped(codes, "Non-residential burglary")
    return [
        _draft(
            "burglary",
            "Burglary",
            "Burglary of every kind of building. Northamptonshire 2012/13: 6,719.",
            _union(dwelling, home, other, business),
            part_of="theft-offences",
        ),
        _draft(
            "residential-burglary",
            "Residential burglary",
            "Burglary in a dwelling (28A-28D, 29, and 28 before them) until 31 March 2017 and residential"
            " burglary (28E-28P, 29A-29C) since. Residential takes in sheds, garages and outbuildings, so the"
            " series breaks there: do not compare across 1 April 2017. Northamptonshire 2012/13: 3,182.",
            _union(dwelling, home),
            part_of="burglary",
            aliases=("Dwelling burglary", "Burglary in a dwelling"),
        ),
        _draft(
            "domestic-burglary",
            "Domestic burglary",
            "ONS subgroup until 31 March 2017: burglary in a dwelling.",
            dwelling,
            part_of="residential-burglary",
        ),
        _draft(
            "residential-burglary-since-2017",
            "Residential burglary (since April 2017)",
            "ONS subgroup since 1 April 2017: burglary of homes with their sheds, garages and outbuildings.",
            home,
            part_of="residential-burglary",
            aliases=("Residential burglary",),
        ),
        _draft(
            "non-dwelling-burglary",
            "Non-dwelling burglary",
            "Burglary in a building other than a dwelling (30A, 30B, 31, and 30 before them) until 31 March"
            " 2017 and of businesses and communities (30C, 30D, 31A) since. Sheds and garages of homes left"
            " it then, so the series breaks on 1 April 2017. Northamptonshire 2012/13: 3,537.",
            _union(other, business),
            part_of="burglary",
        ),
        _draft(
            "non-domestic-burglary",
            "Non-domestic burglary",
            "ONS subgroup until 31 March 2017: burglary in a building other than a dwelling.",
            other,
            part_of="non-dwelling-burglary",
        ),
        _draft(
            "non-residential-burglary",
            "Non-residential burglary",
            "ONS subgroup since 1 April 2017: burglary of businesses and communities.",
            business,
            part_of="non-dwelling-burglary",
        ),
    ]


def _acquisitive(codes: list[ShippedCode]) -> list[ShippedCategory]:
    vehicle = _members(codes, lambda code: code["code"] in VEHICLE_CRIME)
    return [
        _draft(
            "vehicle-crime",
            "Vehicle crime",
            "Theft from a vehicle (45), theft or unauthorised taking of a motor vehicle (48) and aggravated"
            " vehicle taking (37.2). The ONS subgroup vehicle offences has interfering with a motor vehicle"
            " (126) as well. Northamptonshire 2012/13: 5,206.",
            vehicle,
        ),
        _draft(
            "serious-acquisitive-crime",
            "Serious acquisitive crime",
            "Residential burglary, robbery and vehicle crime, with the break of residential burglary on 1"
            " April 2017. Northamptonshire 2012/13: 9,010.",
            _union(
                _grouped(codes, "Domestic burglary", "Residential burglary"),
                _grouped(codes, "Robbery"),
                vehicle,
            ),
        ),
    ]


def drafts(codes: list[ShippedCode]) -> list[ShippedCategory]:
    """Every category shipped by hand, by name; `codes` are the drafts of
    `service.reference.open_data.codes`."""
    return sorted([*_wide(codes), *_burglary(codes), *_acquisitive(codes)], key=itemgetter("category"))
