"""Books of chance, made by a seed through the interface, and what they hold, counted by hand in Python."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from builders import FORCE, KETTERING, NORTHAMPTON, offence, record
from scipy.stats import binomtest

OTHER_FORCE, LEICESTER = "E23000021", "E06000016"
PLACES = {NORTHAMPTON: FORCE, KETTERING: FORCE, FORCE: FORCE, LEICESTER: OTHER_FORCE}
CODES = ("28A", "34A", "34B", "45", "8N", "105A")
OUTCOMES = ("0", "0", "1", "1A", "2", "2A", "3A", "18")
REASONS = ("additional-information", "duplicate", "recorded-in-error", "self-defence")
LONDON = ZoneInfo("Europe/London")


def random_offence(chance, **said):
    recorded_on = date(
        *chance.choice([(2012, 4), (2012, 6), (2012, 9), (2015, 4), (2015, 5)]), chance.randint(1, 28)
    )
    area = chance.choice(list(PLACES))
    recorded_at = chance.choice(
        [None, datetime.combine(recorded_on, time(chance.randint(1, 22), 30), LONDON)]
    )
    midday = datetime.combine(recorded_on, time(1, 0), LONDON)
    reported_at = chance.choice([None, midday - timedelta(hours=chance.randint(0, 120))])
    return offence(
        area=area,
        force=PLACES[area],
        code=chance.choice(CODES),
        recorded_on=recorded_on.isoformat(),
        outcome=chance.choice(OUTCOMES),
        committed_from=datetime.combine(recorded_on - timedelta(days=9), time(12), UTC).isoformat(),
        committed_to=None,
        recorded_at=recorded_at and recorded_at.isoformat(),
        reported_at=reported_at and reported_at.isoformat(),
        **said,
    )


def random_book(service, seed, records=45, moves=45):
    """Records that are made, reclassified, corrected and cancelled by chance; returns the chance, for more of
    it."""
    chance = random.Random(seed)
    held = [record(service, **random_offence(chance)) for _ in range(records)]
    for _ in range(moves):
        one = chance.choice(held)
        address, tag = f"/v1/offences/{one['offence_id']}", {"If-Match": one["etag"]}
        move = chance.choice(["reclassify", "reclassify", "correct", *(["cancel"] if len(held) > 1 else [])])
        if move == "cancel":
            answer = service.delete(f"{address}?reason={chance.choice(REASONS)}", headers=tag)
            held.remove(one)
        elif move == "correct":
            place = one["area"]
            sent = random_offence(chance, crime_ref=one["crime_ref"]) | {
                "area": place,
                "force": PLACES[place],
            }
            answer = service.put(address, json=sent, headers=tag)
        else:
            said = {"code": chance.choice(CODES), "reason": "looked at again", "authority": "Registrar"}
            answer = service.patch(address, json=said, headers=tag)
        assert answer.status_code == 200, answer.json
        one["etag"] = answer.headers["ETag"]
    return chance


def lines(service, address, **asked):
    """A whole list."""
    answer = service.get(address, query_string=asked or None, headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.json
    return [json.loads(line) for line in answer.get_data().splitlines()]


def exported(service, as_of=None):
    """Every record with its versions, as known at a change."""
    asked = {"as_of": as_of} if as_of else {}
    return [
        one | {"versions": lines(service, f"/v1/offences/{one['offence_id']}/versions", **asked)}
        for one in lines(service, "/v1/offences", status="any", **asked)
    ]


def belongs(service, category):
    """Is a code of the category on a day? As the category says of itself."""
    said = service.get(f"/v1/categories/{category}").json
    spans = [(one["code"], one["from_on"] or "0000", one["to_on"] or "9999") for one in said["codes"]]
    return lambda code, day: (
        said["every_code"] or any(one == code and first <= day <= last for one, first, last in spans)
    )


def lies_in(record, area):
    return area in (record["area"], PLACES[record["area"]])


def in_time(record):
    """By the rule of the day of the report: true, false, or None where nobody can say."""
    if record["reported_at"] is None:
        return None
    reported = datetime.fromisoformat(record["reported_at"])
    limit = reported + timedelta(hours=24 if reported.astimezone(LONDON).date() >= date(2015, 4, 1) else 72)
    day = date.fromisoformat(record["recorded_on"])
    midnights = [
        datetime.combine(day + timedelta(days=more), time(), LONDON).astimezone(UTC) for more in (0, 1)
    ]
    earliest, latest = (
        [datetime.fromisoformat(record["recorded_at"])] * 2 if record["recorded_at"] else midnights
    )
    return True if latest <= limit else False if earliest > limit else None


def interval(counted, among):
    """Share, low and high, by scipy, as they are shown; of none there is none."""
    if among == 0:
        return None, None, None
    held = binomtest(counted, among).proportion_ci(method="wilson")
    return tuple(round(number, 4) for number in (counted / among, held.low, held.high))


def near(shown, expected):
    """Equal but for what two ways of rounding may leave."""
    return all(one is two or abs(one - two) < 0.00011 for one, two in zip(shown, expected, strict=True))
