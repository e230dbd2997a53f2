"""Lines that are plainly good are not judged one by one: by chance, that never spares one that the judge
would not let pass."""

import random
from datetime import date, timedelta

import psycopg2
import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, looking, offence
from submission_files import ndjson

from service.intake.offences import staging
from service.store import database
from service.web.answers import formats

DAYS = [date(2012, 5, 3) + timedelta(days) for days in (-1, 0, 0, 0, 1, 2)]
CLOCKS = ["00:00:00Z", "00:30:00+01:00", "08:00:00Z", "22:59:59Z", "23:00:00Z", "23:30:00Z"]


def a_line(rng, number):
    def moment():
        return f"{rng.choice(DAYS)}T{rng.choice(CLOCKS)}"

    told = {
        "crime_ref": f"NN/{rng.randrange(20) if rng.random() < 0.05 else number + 5000}",
        "committed_to": None,
        "reported_at": None,
    }
    chances = {
        "area": lambda: rng.choice(
            [NORTHAMPTON, KETTERING, "kettering", "atlantis", "leicester", "west-northamptonshire", FORCE]
        ),
        "code": lambda: rng.choice(["28A", "28E", "999Z", "34B"]),
        "committed_from": moment,
        "committed_to": moment,
        "recorded_at": moment,
        "reported_at": moment,
        "recorded_on": lambda: str(rng.choice([*DAYS, date(2998, 1, 1), date(1990, 1, 1)])),
        "outcome": lambda: rng.choice(["0", "1A", "20", "22"]),
        "outcome_on": lambda: rng.choice(["2012-06-01", "2019-05-01", "2998-01-01"]),
        "transferred_from": lambda: "01939f3c-7c1e-7f00-8000-000000000000",
        "victims_told_on": lambda: rng.choice(["2012-06-01", "2998-01-01"]),
    }
    for name in rng.sample(sorted(chances), rng.randrange(4)):
        told[name] = chances[name]()
    return offence(**told)


def test_every_fault_is_found_that_judging_each_line_finds(service):
    rng = random.Random(23)
    lines = [a_line(rng, number) for number in range(1500)]
    with database.preparing() as book:
        staged = staging.stage(book, iter([ndjson(lines)]), formats.NDJSON, None)
        assert (staged.faults, staged.lines) == ([], 1500)
        book.intake.offences.submissions.look_up_areas()
        found = {
            (one["line"], one["field"], one["detail"])
            for one in book.intake.offences.submissions.faults(force=FORCE, most=100_000)
        }
        with book.connection.cursor() as cursor:
            cursor.execute(
                """
                select line, fault.field,
                  fault.detail from staged_offence as staged left join area as place using (area)
                cross join offence_faults(
                    %s, coalesce(area_said, staged.area), place.area, code, committed_from, committed_to,
                      outcome, outcome_on, recorded_at,
                    recorded_on, reported_at, transferred_from, victims_told_on, %s) as fault""",
                (FORCE, book.at),
            )
            each = {(one["line"], one["field"], one["detail"]) for one in cursor.fetchall()}
    assert {one for one in found if one[1] != "crime_ref"} == each
    assert {one for one in found if one[1] == "crime_ref"}
    assert 300 < len({line for line, *_ in each}) < 1300


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("area", "offence_area_is_known"),
        ("code", "offence_code_is_known"),
        ("force", "offence_force_is_known"),
        ("outcome", "offence_outcome_is_known"),
        ("since_change", "offence_began_at_a_change"),
    ],
)
def test_a_version_points_at_what_is_known_whoever_writes_it(service, column, constraint):
    told = {
        "force": FORCE,
        "offence_id": "01939f3c-7c1e-7f00-8000-000000000000",
        "since_change": 1,
        "area": NORTHAMPTON,
        "code": "28A",
        "committed_from": "2012-05-02T20:00:00Z",
        "crime_ref": "NN/1",
        "recorded_on": "2012-05-03",
        "outcome": "0",
    }
    statement = f"insert into offence_version ({', '.join(told)}) values %s"
    with looking() as cursor:
        cursor.execute(statement, (tuple(told.values()),))
        told |= {
            "offence_id": "01939f3c-7c1e-7f00-8000-000000000001",
            "crime_ref": "NN/2",
            column: 9999 if column == "since_change" else "9Z",
        }
        with pytest.raises(psycopg2.errors.ForeignKeyViolation) as fault:
            cursor.execute(statement, (tuple(told.values()),))
    assert fault.value.diag.constraint_name == constraint
