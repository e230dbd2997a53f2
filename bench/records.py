"""Records for a book that is filled over HTTP, the same on every run: 43 forces, ten financial years, then a
correction of one in fifty.

`seeding.sql` is quicker and makes larger books, but knows the tables of one schema. This knows only the
contract, so that two trees whose schemas differ can be given the same records.
"""

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.questions import Service

FIRST, LAST = dt.date(2012, 4, 1), dt.date(2022, 3, 31)
CORRECTED_ONE_IN = 50
OUTCOMES = ["0", "0", "14", "15", "16", "18", "18", "1", "8", "3"]
COLUMNS = [
    "area",
    "code",
    "committed_from",
    "crime_ref",
    "location",
    "outcome",
    "outcome_on",
    "recorded_at",
    "recorded_on",
    "reported_at",
    "victims",
]

Row = dict[str, str | int]


@dataclass(frozen=True)
class Place:
    """A district, and the days on which it existed."""

    area: str
    from_on: str
    to_on: str


@dataclass(frozen=True)
class Country:
    """What records can be of: the districts of each force, and the codes that were in use throughout."""

    places: dict[str, list[Place]]
    codes: list[str]


def read_country(service: Service) -> Country:
    """As a book with its reference data and no records tells it."""
    forces = [area["area"] for area in _items(service, "/v1/areas?kind=force")]
    places = {
        force: [_place(area) for area in _items(service, f"/v1/areas?kind=district&within={force}")]
        for force in forces
    }
    codes = [code for code in _items(service, "/v1/offence-codes?limit=1000") if _lasts(code)]
    return Country(places, [code["code"] for code in codes])


def _items(service: Service, path: str) -> Iterator[Any]:
    page: dict[str, Any] = {"next": path}
    while page["next"]:
        page = service.json(page["next"])
        yield from page["items"]


def _place(area: Any) -> Place:
    return Place(area["area"], area["from_on"] or str(dt.date.min), area["to_on"] or str(dt.date.max))


def _lasts(code: Any) -> bool:
    return (code["from_on"] or "") <= str(FIRST) and (code["to_on"] or str(dt.date.max)) >= str(LAST)


def draw(country: Country, force: str, rows: int, name: str) -> list[Row]:
    """Records of one force, in the order of their days; `name` begins their references, and decides all that
    is drawn."""
    rng = random.Random(f"{force} {name}")  # noqa: S311 (not for secrets)
    days = sorted(rng.randrange((LAST - FIRST).days + 1) for _ in range(rows))
    return [
        _drawn(rng, country, force, FIRST + dt.timedelta(days=day), f"{name}/{number}")
        for number, day in enumerate(days)
    ]


def _drawn(rng: random.Random, country: Country, force: str, day: dt.date, crime_ref: str) -> Row:
    places = [place.area for place in country.places[force] if place.from_on <= str(day) <= place.to_on]
    recorded = dt.datetime.combine(day, dt.time(9)) + dt.timedelta(seconds=rng.randrange(36_000))
    reported = recorded - dt.timedelta(seconds=rng.randrange(72_000))
    committed = reported - dt.timedelta(seconds=rng.randrange(200_000))
    outcome = rng.choice(OUTCOMES)
    return {
        "area": rng.choice(places),
        "code": country.codes[
            int(len(country.codes) * rng.random() ** 2.5)
        ],  # some are commoner by far, as codes are
        "committed_from": f"{committed:%Y-%m-%dT%H:%M:%SZ}",
        "crime_ref": crime_ref,
        "location": f"{rng.randrange(1, 200)} High Street",
        "outcome": outcome,
        "outcome_on": "" if outcome == "0" else str(day + dt.timedelta(days=rng.randrange(90))),
        "recorded_at": f"{recorded:%Y-%m-%dT%H:%M:%SZ}",
        "recorded_on": str(day),
        "reported_at": f"{reported:%Y-%m-%dT%H:%M:%SZ}",
        "victims": 2 if rng.random() < 0.1 else 1,
    }


def send(service: Service, force: str, rows: Iterable[Row]) -> int:
    """Submit a file that holds all crime of a force in the ten years. Gives its change; RuntimeError where it
    is refused."""
    return send_text(service, force, as_csv(rows))


def as_csv(rows: Iterable[Row]) -> bytes:
    """A file of records."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def send_text(service: Service, force: str, file: bytes) -> int:
    """The same of a file as it is sent."""
    declared = {
        "covers": "all-crime",
        "force": force,
        "period_from": FIRST,
        "period_to": LAST,
        "reason": "for the bench",
    }
    receipt = service.send("/v1/submissions?" + urlencode(declared), file, "text/csv")
    if receipt["status"] != "accepted":
        raise RuntimeError(str(receipt)[:1000])
    return int(receipt["change"])


def fill(service: Service, country: Country, offences: int) -> int:
    """A file for each force, then one of its corrections. Gives the change before these: a past that
    differs."""
    forces = sorted(country.places)
    drawn = {}
    past = 0
    for number, force in enumerate(forces):
        rows = (number + 1) * offences // len(forces) - number * offences // len(forces)
        drawn[force] = draw(country, force, rows, f"bench/{number}")
        past = send(service, force, drawn[force])
    for force in forces:
        send(
            service,
            force,
            [
                {**row, "outcome": "18", "outcome_on": row["recorded_on"]}
                for row in drawn[force][::CORRECTED_ONE_IN]
            ],
        )
    return past
