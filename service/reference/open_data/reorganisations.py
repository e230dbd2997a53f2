"""How local government was reorganised, as far as it concerns the districts of our lookups.

The districts and codes are those of the two ONS lookups (January 2017, December 2023) unless a comment says
otherwise; the days are those of the orders named, which are general knowledge and stand in no file here.
"""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Reorganisation:
    """On `day` the land of `predecessors` passed to `successor`, under `order`."""

    day: str
    successor: str
    predecessors: tuple[str, ...]
    order: str

    @property
    def last_day_before(self) -> str:
        """The last day of the predecessors."""
        return (date.fromisoformat(self.day) - timedelta(days=1)).isoformat()


def _on(day: str, successor: str, predecessors: str, order: str) -> Reorganisation:
    return Reorganisation(day, successor, tuple(predecessors.split()), order)


REORGANISATIONS = (
    # Hardly a house changed hands in these three, but each district was given a new code; the old codes are
    # older than both lookups.
    _on(
        "2012-04-01",
        "E07000240",
        "E07000100",
        "The St Albans and Welwyn Hatfield (Boundary Change) Order 2012",
    ),
    _on(
        "2012-04-01",
        "E07000241",
        "E07000104",
        "The St Albans and Welwyn Hatfield (Boundary Change) Order 2012",
    ),
    _on(
        "2013-04-01",
        "E06000057",
        "E06000048",
        "The Gateshead and Northumberland (Boundary Change) Order 2013",
    ),
    _on(
        "2013-04-01",
        "E08000037",
        "E08000020",
        "The Gateshead and Northumberland (Boundary Change) Order 2013",
    ),
    _on(
        "2013-04-01",
        "E07000242",
        "E07000097",
        "The East Hertfordshire and Stevenage (Boundary Change) Order 2013",
    ),
    _on(
        "2013-04-01",
        "E07000243",
        "E07000101",
        "The East Hertfordshire and Stevenage (Boundary Change) Order 2013",
    ),
    # Bournemouth, Christchurch and Poole; Dorset.
    _on(
        "2019-04-01",
        "E06000058",
        "E06000028 E06000029 E07000048",
        "The Bournemouth, Dorset and Poole (Structural Changes) Order 2018",
    ),
    _on(
        "2019-04-01",
        "E06000059",
        "E07000049 E07000050 E07000051 E07000052 E07000053",
        "The Bournemouth, Dorset and Poole (Structural Changes) Order 2018",
    ),
    # East Suffolk from Suffolk Coastal and Waveney; West Suffolk from Forest Heath and St Edmundsbury.
    _on(
        "2019-04-01",
        "E07000244",
        "E07000205 E07000206",
        "The East Suffolk (Local Government Changes) Order 2018",
    ),
    _on(
        "2019-04-01",
        "E07000245",
        "E07000201 E07000204",
        "The West Suffolk (Local Government Changes) Order 2018",
    ),
    # Somerset West and Taunton lived between the two lookups.
    _on(
        "2019-04-01",
        "E07000246",
        "E07000190 E07000191",
        "The Somerset West and Taunton (Local Government Changes) Order 2018",
    ),
    _on(
        "2020-04-01",
        "E06000060",
        "E07000004 E07000005 E07000006 E07000007",
        "The Buckinghamshire (Structural Changes) Order 2019",
    ),
    # North Northamptonshire from Corby, East Northamptonshire, Kettering and Wellingborough; West from
    # Daventry, Northampton and South.
    _on(
        "2021-04-01",
        "E06000061",
        "E07000150 E07000152 E07000153 E07000156",
        "The Northamptonshire (Structural Changes) Order 2020",
    ),
    _on(
        "2021-04-01",
        "E06000062",
        "E07000151 E07000154 E07000155",
        "The Northamptonshire (Structural Changes) Order 2020",
    ),
    # Cumberland from Allerdale, Carlisle and Copeland; Westmorland and Furness from Barrow-in-Furness, Eden
    # and South Lakeland.
    _on(
        "2023-04-01",
        "E06000063",
        "E07000026 E07000028 E07000029",
        "The Cumbria (Structural Changes) Order 2022",
    ),
    _on(
        "2023-04-01",
        "E06000064",
        "E07000027 E07000030 E07000031",
        "The Cumbria (Structural Changes) Order 2022",
    ),
    _on(
        "2023-04-01",
        "E06000065",
        "E07000163 E07000164 E07000165 E07000166 E07000167 E07000168 E07000169",
        "The North Yorkshire (Structural Changes) Order 2022",
    ),
    _on(
        "2023-04-01",
        "E06000066",
        "E07000187 E07000188 E07000189 E07000246",
        "The Somerset (Structural Changes) Order 2022",
    ),
)

BETWEEN_LOOKUPS = {"E07000246": "Somerset West and Taunton"}
"""Districts that began after the first lookup and ended before the second; the rest is that of their
predecessors."""

FORMER_PARTNERSHIPS = {
    "E22000109": ("E07000084", "E22000374"),  # Basingstoke and Deane, now in North Hampshire
    "E22000114": ("E07000089", "E22000374"),  # Hart
    "E22000119": ("E07000092", "E22000374"),  # Rushmoor
    "W14000016": ("W06000016", "W14000023"),  # Rhondda Cynon Taf, now in Cwm Taf
    "W14000017": ("W06000024", "W14000023"),  # Merthyr Tydfil
}
"""Partnerships of the Home Office's list that neither lookup has: the district of the same name, and the
partnership it is in now.

When they were joined stands in none of our sources, so they have no last day.
"""
