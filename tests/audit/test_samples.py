"""Samples: drawn by seed, again and again the same, in proportion where asked, with what they can say."""

import hashlib
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, key, record
from plans import read
from random_books import OTHER_FORCE, belongs, exported, in_time, interval, lies_in, lines, near, random_book

from service.store import database

ASKED = {"area": "northamptonshire", "period": "2012/13", "seed": "April"}


def sample(service, **asked):
    answer = service.get(
        "/v1/audit/samples",
        query_string={name: value for name, value in (ASKED | asked).items() if value is not None},
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def ids(drawn):
    return [one["offence_id"] for one in drawn["items"]]


def lot(seed, offence_id):
    return hashlib.sha256((seed + offence_id).encode()).digest()


def test_anybody_can_draw_the_same_sample_by_the_digest_of_seed_and_id(published):
    drawn = sample(published, size=200, period="2012-05", category="residential-burglary")
    population = [one["offence_id"] for one in lines(published, drawn["evidence"])]
    assert drawn["population"] == len(population) > 200
    assert ids(drawn) == sorted(population, key=lambda one: lot("April", one))[:200]


def test_the_same_seed_gets_the_same_bytes_after_the_book_moved_on(service):
    chance = random_book(service, 3, records=20, moves=5)
    now = service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).headers["Crimebook-Change"]
    asked = ASKED | {"as_of": now, "size": 8, "status": "any", "period": "2012-04-01..2015-12-31"}
    headers = [{"Accept": accepted} for accepted in ("application/json", "text/csv", "application/x-ndjson")]
    first = [service.get("/v1/audit/samples", query_string=asked, headers=one) for one in headers]
    random_book(service, chance.random(), records=10, moves=10)
    again = [service.get("/v1/audit/samples", query_string=asked, headers=one) for one in headers]
    assert [one.get_data() for one in first] == [one.get_data() for one in again]
    held = service.get(
        "/v1/audit/samples", query_string=asked, headers={"If-None-Match": first[0].headers["ETag"]}
    )
    assert (held.status_code, held.get_data()) == (304, b"")


def test_another_seed_draws_others_and_a_larger_sample_holds_the_smaller(published):
    small, large, other = (
        sample(published, size=50),
        sample(published, size=120),
        sample(published, size=50, seed="May"),
    )
    assert ids(large)[:50] == ids(small)
    assert len(set(ids(small)) & set(ids(other))) < 5
    assert small["seed"] == "April" and small["size"] == small["drawn"] == 50


def test_csv_and_ndjson_hold_the_records_in_the_order_drawn(published):
    drawn = sample(published, size=7)
    for accepted in ("text/csv", "application/x-ndjson"):
        answer = published.get(
            "/v1/audit/samples", query_string=ASKED | {"size": 7}, headers={"Accept": accepted}
        )
        assert answer.content_type.startswith(accepted)
        found = [
            line
            for line in answer.text.splitlines()
            if '"offence_id":"' in line or not line.startswith("area,")
        ]
        assert [next(one for one in ids(drawn) if one in line) for line in found] == ids(drawn)
    assert lines(published, "/v1/audit/samples", **ASKED, size=7) == drawn["items"]


def test_a_year_of_a_force_is_drawn_from_at_once(published):
    year = {
        "areas": [FORCE],
        "category": None,
        "from_on": date(2012, 4, 1),
        "to_on": date(2013, 3, 31),
        "status": "recorded",
        "stratify": "area",
    }
    with database.reading() as book:
        strata = book.audit.samples.strata(**year, size=300)
        stratum, sizes = [one["stratum"] for one in strata], [one["sample"] for one in strata]
        asked = {**year, "strata": stratum, "samples": sizes}
        drawn = [book.audit.samples.draw(**asked, seed=seed) for seed in ("one", "two", "three", "four")]
        with book.connection.cursor() as cursor:
            cursor.execute(
                f"explain (analyze, format json) {book.audit.samples.draw.bound(**asked, seed='one')}"
            )
            plan = cursor.fetchone()["QUERY PLAN"][0]["Plan"]
    assert (strata[0]["whole"], sum(sizes)) == (46983, 300)
    assert {len(one) for one in drawn} == {300}
    looked_at = sum(rows for relation, _, rows in read(plan) if relation == "offence_version")
    assert looked_at < 3 * 46983, "each record is read once or twice, however many are drawn"


STRATA = {
    "area": lambda one: one["area"],
    "code": lambda one: one["code"],
    "force": lambda one: one["force"],
    "month": lambda one: one["recorded_on"][:7],
    "outcome": lambda one: one["outcome"],
    "status": lambda one: one["status"],
    None: lambda _: "all",
}


def shared_out(population, size):
    """By largest remainder, on fractions; of equal remainders the first in the order of their names."""
    whole = population.total()
    size = min(size, whole)
    exact = {name: Fraction(size * number, whole) for name, number in population.items()}
    shares = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (shares[name] - exact[name], name.encode()))
    for name in by_remainder[: size - sum(shares.values())]:
        shares[name] += 1
    return shares


@pytest.mark.parametrize("seed", [11, 12])
def test_samples_of_random_books_are_those_drawn_by_hand(service, seed):
    chance = random_book(service, seed)
    held = exported(service)
    for stratify, stratum in STRATA.items():
        area, category, status = (
            chance.choice([FORCE, NORTHAMPTON, None]),
            chance.choice([None, "robbery", "violence"]),
            chance.choice(["recorded", "cancelled", "any"]),
        )
        size, counts = chance.choice([1, 3, 7, 20, 500]), belongs(service, category or "all-crime")
        population = [
            one
            for one in held
            if one["recorded_on"] < "2013"
            and status in ("any", one["status"])
            and (area is None or lies_in(one, area))
            and counts(one["code"], one["recorded_on"])
        ]
        drawn = sample(service, area=area, category=category, status=status, stratify=stratify, size=size)
        numbers = Counter(map(stratum, population))
        shares = shared_out(numbers, size) if numbers else {}
        assert {one["stratum"]: (one["population"], one["sample"]) for one in drawn["strata"]} == {
            name: (numbers[name], shares[name]) for name in numbers
        }
        chosen = [
            one["offence_id"]
            for name in numbers
            for one in sorted(
                (one for one in population if stratum(one) == name),
                key=lambda one: lot("April", one["offence_id"]),
            )[: shares[name]]
        ]
        assert ids(drawn) == sorted(chosen, key=lambda one: lot("April", one))
        assert (drawn["population"], drawn["drawn"]) == (len(population), len(chosen))
        assert {one["offence_id"] for one in lines(service, drawn["evidence"])} == {
            one["offence_id"] for one in population
        }
        assert all(one["recorded_in_time"] is in_time(one) for one in drawn["items"])


def test_a_stratum_of_area_is_the_district_that_a_beat_lies_in(service):
    beat = {
        "kind": "beat",
        "name": "Abington",
        "slug": "abington",
        "parents": ["northampton"],
        "populations": [],
    }
    assert service.put("/v1/areas/NN-1", json=beat, headers={"If-Match": '"0"'}).status_code == 201
    for area in ("NN-1", "northampton", "kettering", "northamptonshire"):
        record(service, area=area)
    assert {one["stratum"]: one["population"] for one in sample(service, stratify="area")["strata"]} == {
        NORTHAMPTON: 2,
        KETTERING: 1,
        FORCE: 1,
    }


def test_the_interval_is_wilsons(service):
    for _ in range(30):
        record(service)
    drawn = sample(service, size=24, right=19)["interval"]
    for finding, right in (("all_right", 24), ("half_right", 12), ("found_right", 19)):
        shown = drawn[finding]
        assert shown["right"] == right
        assert near((shown["share"], shown["low"], shown["high"]), interval(right, 24))
    assert sample(service, size=24)["interval"]["found_right"] is None
    assert sample(service, size=25)["interval"]["half_right"]["right"] == 12.5


def test_wilson_agrees_with_scipy_also_on_what_inspectors_found(service):
    with database.reading() as book, book.connection.cursor() as cursor:

        def wilson(counted, among):
            cursor.execute("select share, low, high from wilson(%s, %s)", (counted, among))
            return tuple(None if one is None else float(one) for one in cursor.fetchone().values())

        for among in (0, 1, 2, 3, 10, 82, 90, 1000, 46983):
            for counted in {0, 1, among // 3, among // 2, among - 1, among} if among else {0}:
                assert near(wilson(counted, among), interval(counted, among)), (counted, among)
        assert wilson(65, 82) == (
            0.7927,
            0.6928,
            0.8663,
        )  # crimes recorded of those that should have been, Northamptonshire 2012/13


def test_a_period_without_records_is_no_fault(service):
    drawn = sample(service, right=0, stratify="code")
    assert (drawn["population"], drawn["drawn"], drawn["items"], drawn["strata"]) == (0, 0, [], [])
    assert {(one["share"], one["low"], one["high"]) for one in drawn["interval"].values()} == {
        (None, None, None)
    }


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"area": "atlantis"}, "area"),
        ({"category": "piracy"}, "category"),
        ({"period": "2012/14"}, "period"),
        ({"period": None}, "period"),
        ({"as_of": "999999"}, "as_of"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
        ({"size": "0"}, "size"),
        ({"size": "1001"}, "size"),
        ({"size": "ten"}, "size"),
        ({"right": "2", "size": "1"}, "right"),
        ({"right": "-1"}, "right"),
        ({"stratify": "colour"}, "stratify"),
        ({"seed": None}, "seed"),
        ({"seed": "x" * 101}, "seed"),
        ({"seed": ""}, "seed"),
        ({"status": "lost"}, "status"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(service, asked, parameter):
    record(service)
    question = {name: value for name, value in (ASKED | asked).items() if value is not None}
    answer = service.get("/v1/audit/samples", query_string=question)
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json["errors"]] == [parameter]


def test_the_longest_seed_and_the_largest_sample_are_drawn(service):
    record(service)
    assert sample(service, seed="é" * 100, size=1000)["drawn"] == 1


def test_only_an_auditor_draws(service):
    answer = service.get("/v1/audit/samples", query_string=ASKED, headers=key(service, "read", "record"))
    assert answer.status_code == 403
    assert (
        service.get("/v1/audit/samples", query_string=ASKED, headers=key(service, "audit")).status_code == 200
    )
    assert sample(service, area=OTHER_FORCE)["drawn"] == 0
