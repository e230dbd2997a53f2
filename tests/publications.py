"""Releases that tests publish, of years that a force has sent whole."""

from typing import Any

from builders import FORCE, KETTERING, NORTHAMPTON, offence, submit

YEARS = {"2011/12": ("2011-04-01", "2012-03-31"), "2012/13": ("2012-04-01", "2013-03-31")}
DRAFT = {
    "title": "Burglary and robbery, 2012/13",
    "areas": ["northamptonshire", "northampton"],
    "categories": ["all-crime", "residential-burglary", "robbery"],
    "period": "2012/13",
    "compare": "previous",
}


def crime(number: int, **said: Any) -> dict[str, Any]:
    """One of many different crimes of the two years, all of one night, that differ in area, code, victims and
    day of recording."""
    area, code = (
        (NORTHAMPTON, KETTERING, FORCE)[number % 3],
        ("28A", "34B", "45", "28E")[number % 4 if number % 7 else 0],
    )
    code = "28A" if code == "28E" else code
    return offence(
        **{
            "area": area,
            "code": code,
            "crime_ref": f"NN/{number:04}",
            "committed_from": "2011-04-01T01:00:00Z",
            "committed_to": None,
            "recorded_on": f"{2011 + number % 2}-{4 + number % 9:02}-{1 + number % 28:02}",
            "reported_at": None,
            "victims": 1 + number % 3,
        }
        | said
    )


def send_years(service: Any, crimes: list[dict[str, Any]]) -> None:
    """Two whole years of one force: these crimes and no other."""
    for first, last in YEARS.values():
        sent = [one for one in crimes if first <= one["recorded_on"] <= last]
        answer = submit(service, sent, force=FORCE, period_from=first, period_to=last)
        assert answer.status_code == 201, answer.json


def publish(service: Any, **said: Any) -> dict[str, Any]:
    """Publish, and give back what was answered."""
    answer = service.post("/v1/releases", json=DRAFT | said)
    assert answer.status_code == 201, answer.json
    return answer.json


def put(service: Any, address: str, **said: Any) -> None:
    """Say something otherwise of an area or a category."""
    held = service.get(address)
    draft = {
        name: value
        for name, value in held.json.items()
        if name not in ("area", "category", "code", "definition", "derived", "series_break", "since_change")
    }
    answer = service.put(address, json=draft | said, headers={"If-Match": held.headers["ETag"]})
    assert answer.status_code == 200, answer.json
