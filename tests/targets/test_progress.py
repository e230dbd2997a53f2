"""Where a target stands: the arithmetic, the status and its rule, to date and at the end, and the caveats
beside it."""

import csv
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from builders import FORCE, NORTHAMPTON, offence, submit
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extras import RealDictCursor
from return_files import home_office, send

from service.store import Book

GOLDEN = Path(__file__).parents[1] / "golden"
WORKED = (
    "ceiling",
    "floor",
    "distance",
    "percent_so_far",
    "share_of_the_way",
    "run_rate",
    "required_run_rate",
    "status",
)
READ = {"true": True, "false": False, "": None}


def rows_of(name):
    return list(csv.DictReader((GOLDEN / name).read_text().splitlines()))


def worked(book, given):
    """What the statement makes of one case."""
    return book.targets.progress.stand(**given, method="seasonal", reason="no observation")


CASES = [
    ({name: READ.get(value, value) for name, value in asked.items()}, answered)
    for asked, answered in zip(rows_of("progress-given.csv"), rows_of("progress-expected.csv"), strict=True)
]
TYPES = {"days_known": int, "days": int, "rank": int}


@pytest.fixture(scope="module")
def book(databases, migrated):
    name = databases.make(like=migrated)
    with closing(psycopg2.connect(databases.url(name), cursor_factory=RealDictCursor)) as connection:
        yield Book(connection, 1, None, {"as_of": 1})
    databases.drop(name)


@pytest.mark.parametrize(("asked", "answered"), CASES, ids=[asked["case"] for asked, _ in CASES])
def test_a_target_stands_as_worked_out_by_hand(book, asked, answered):
    said = {
        name: (
            TYPES.get(name, Decimal)(value)
            if isinstance(value, str) and name not in ("case", "kind")
            else value
        )
        for name, value in asked.items()
    }
    told = worked(book, said)
    assert asked["case"] == answered["case"]
    assert {
        name: told[name] if name == "status" else told[name] and Decimal(told[name]) for name in WORKED
    } == {
        name: answered[name] if name == "status" else Decimal(answered[name]) if answered[name] else None
        for name in WORKED
    } | {name: told[name] for name in WORKED if told[name] == 0 and Decimal(answered[name] or 1) == 0}
    assert told["status"] in told["rule"]


numbers = st.integers(0, 10**7)


@given(
    kind=st.sampled_from(
        ["reduce-by-percent", "raise-by-percent", "reduce-to", "raise-to", "reduce", "raise", "eliminate"]
    ),
    base=numbers,
    actual=numbers,
    percent=st.integers(1, 100),
    amount=numbers,
    known=st.integers(1, 365),
)
def test_distance_and_actual_make_the_ceiling(book, kind, base, actual, percent, amount, known):
    stands = book.targets.progress.stand(
        kind=kind,
        base=base,
        base_part=base,
        actual=actual,
        percent=percent,
        amount=amount,
        ceiling=None,
        floor=None,
        rank=None,
        additive=True,
        days=365,
        days_known=known,
        base_complete=True,
        known=True,
        over=known == 365,
        low=None,
        high=None,
        method=None,
        reason=None,
    )
    aim = stands["ceiling"] if stands["ceiling"] is not None else stands["floor"]
    assert stands["distance"] + actual == aim
    if known < 365:
        assert abs(actual + stands["required_run_rate"] * (365 - known) - aim) <= Decimal("0.005") * (
            365 - known
        )


def target(service, **said):
    draft = {
        "area": "northamptonshire",
        "category": "all-crime",
        "kind": "reduce-to",
        "name": "Fewer",
        "owner": "The force",
        "period": "2012/13",
    }
    answer = service.post("/v1/targets", json=draft | said)
    assert answer.status_code == 201, answer.json
    return answer.headers["Location"]


def stands(service, address, **asked):
    answer = service.get(f"{address}/progress", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def quarters(year, *counts, code="34B"):
    return [(year, number, "Northamptonshire", code, count) for number, count in enumerate(counts, 1)]


def test_half_a_year_is_projected_by_its_days(published):
    [held] = published.get("/v1/targets").json["items"]
    told = stands(published, f"/v1/targets/{held['target_id']}", on="2012-09-30")
    [straight] = [one for one in told["projections"] if one["method"] == "straight_line"]
    assert (told["actual"]["from"], told["actual"]["to"], told["actual"]["complete"]) == (
        "2012-04-01",
        "2012-09-30",
        True,
    )
    assert straight["projected"] == round(told["actual"]["value"] * 365 / 183, 1)
    assert (told["status"], told["complete"]) == ("too_early", False)
    assert told["required_run_rate"] == round((told["ceiling"] - told["actual"]["value"]) / 182, 2)


def test_a_return_is_known_to_the_end_of_its_last_quarter_and_no_further(service):
    send(service, home_office(*quarters("2012/13", 100, 90, 80)))
    address = target(service, category="robbery", amount=300, source="home-office-pfa")
    told = stands(service, address)
    assert (told["actual"]["value"], told["actual"]["to"], told["actual"]["edition"]) == (
        270,
        "2012-12-31",
        "2026-04",
    )
    assert stands(service, address, on="2012-10-20")["actual"]["to"] == "2012-09-30"
    assert stands(service, address, on="2012-06-30")["status"] == "too_early"
    refused = service.get(f"{address}/progress?on=2012-03-31")
    assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (400, "on")


def years_of(service):
    """Five years alike but for chance, and three quarters of a sixth."""
    lines = []
    for year, lift in ((2012, 0), (2013, 8), (2014, -6), (2015, 4), (2016, -2)):
        lines += quarters(f"{year}/{year - 1999}", *(base + lift for base in (300, 260, 240, 200)))
    send(service, home_office(*lines, *quarters("2017/18", 300, 260, 240)))


@pytest.mark.parametrize(
    ("amount", "status"), [(1100, "on_track"), (1000, "too_early"), (900, "off_track"), (799, "missed")]
)
def test_three_quarters_of_a_year_are_judged_by_the_interval_of_its_end(service, amount, status):
    years_of(service)
    told = stands(
        service,
        target(service, category="robbery", amount=amount, period="2017/18", source="home-office-pfa"),
    )
    first = told["projections"][0]
    assert (first["method"], first["learnt_from"]) == ("seasonal", 4)
    assert first["interval_80"]["low"] < 1000 < first["interval_80"]["high"]
    assert told["status"] == status, told["rule"]
    if status.endswith("track"):
        assert "80 per cent interval of the projection (seasonal)" in told["rule"]


def test_milestones_are_judged_by_the_count_to_their_day(service):
    send(service, home_office(*quarters("2012/13", 100, 90, 80)))
    marks = [
        {"on": "2012-12-31", "amount": 269},
        {"on": "2012-06-30", "amount": 101},
        {"on": "2012-09-30", "amount": 190},
        {"on": "2013-03-31", "amount": 360},
    ]
    told = stands(
        service, target(service, category="robbery", amount=360, source="home-office-pfa", milestones=marks)
    )
    assert [(one["on"], one["actual"], one["status"]) for one in told["milestones"]] == [
        ("2012-06-30", 100, "exceeded"),
        ("2012-09-30", 190, "met"),
        ("2012-12-31", 270, "missed"),
        ("2013-03-31", None, "too_early"),
    ]


def sent(service, first, last, number, code="34B"):
    lines = [
        offence(
            code=code,
            recorded_on=first,
            committed_from=f"{first}T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
        for _ in range(number)
    ]
    answer = submit(service, lines, force=FORCE, period_from=first, period_to=last)
    assert answer.status_code == 201, answer.json


def test_records_are_known_to_the_last_day_that_a_file_covers(service):
    sent(service, "2012-04-01", "2012-06-30", 5)
    sent(service, "2012-07-01", "2012-07-15", 3)
    sent(service, "2012-08-01", "2012-08-31", 3)
    told = stands(service, target(service, category="robbery", amount=30))
    assert (told["actual"]["value"], told["actual"]["to"], told["actual"]["complete"]) == (
        8,
        "2012-07-15",
        True,
    )
    assert told["run_rate"] == round(8 / 106, 2)


def test_to_eliminate_is_missed_with_the_first_record_and_met_with_none(service):
    sent(service, "2012-04-01", "2013-03-31", 2)
    assert stands(service, target(service, category="robbery", kind="eliminate"))["status"] == "missed"
    assert stands(service, target(service, category="drug-offences", kind="eliminate"))["status"] == "met"


def test_progress_is_the_same_for_ever_as_of_a_change(service):
    sent(service, "2012-04-01", "2012-09-30", 5)
    address = target(service, category="robbery", amount=30)
    then = service.get(f"{address}/progress")
    asked = {"as_of": then.headers["Crimebook-Change"], "on": "2012-08-31"}
    before = service.get(f"{address}/progress", query_string=asked).get_data()
    sent(service, "2012-10-01", "2012-12-31", 9)
    assert stands(service, address)["actual"]["to"] == "2012-12-31"
    assert service.get(f"{address}/progress", query_string=asked).get_data() == before


def caveats(told):
    return [one["caveat"] for one in told["caveats"]]


def test_the_recording_of_crime_and_every_other_target_for_the_figure_are_said_beside_it(service):
    sent(service, "2011-04-01", "2012-03-31", 60)
    sent(service, "2012-04-01", "2013-03-31", 59)
    first = target(service, category="robbery", kind="reduce", base_period="2011/12")
    other = target(
        service, category="robbery", amount=50, owner="The commissioner", period="2012-06-01..2014-05-31"
    )
    target(service, category="robbery", amount=50, owner="The commissioner", area=NORTHAMPTON)
    told = stands(service, first)
    assert caveats(told) == ["recording", "live_base", "within_chance", "other_targets"]
    assert told["caveats"][3]["source"] == other
    assert "p = " in told["caveats"][2]["says"]
    assert told["status"] == "met"


def test_what_is_not_all_held_is_said(service):
    sent(service, "2012-04-01", "2012-06-30", 5)
    told = stands(service, target(service, category="robbery", kind="reduce", base_period="2011/12"))
    assert caveats(told)[:2] == ["recording", "incomplete"]
    assert told["caveats"][1]["says"] == "Not everything is held of the base period 2011/12."
