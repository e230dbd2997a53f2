"""Street crimes are listed, counted and held against official counts, and never mixed with recorded
offences."""

import collections
import csv
import gzip
import io
import random
from pathlib import Path

import pytest
from builders import record, value
from street_files import (
    ASB,
    NORTHAMPTONSHIRE,
    OUTCOMES,
    SAMPLES,
    archive,
    crime,
    crimes,
    outcome,
    rows_of,
    sent,
    street,
)

from service.store import database

QUARTER = "2018/19Q3"
OFFICIAL = Path(__file__).parents[3] / "data" / "home-office-pfa" / "prc-pfa-mar2013-onwards-tables.csv.gz"
OCTOBER = rows_of(NORTHAMPTONSHIRE[0])


@pytest.fixture
def quarter(service):
    """A book with Northamptonshire's October to December 2018 as data.police.uk published them, as one
    archive."""
    sent(
        service,
        archive({f"x/{file.name}": file.read_bytes() for file in NORTHAMPTONSHIRE}),
        "application/zip",
    )
    return service


def official_rows():
    """Northamptonshire's lines of the Home Office table for October to December 2018, with its headings."""
    with gzip.open(OFFICIAL, "rt", encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        headings = next(rows)
        return headings, [row for row in rows if row[:3] == ["2018/19", "3", "Northamptonshire"]]


def receive_official(service):
    headings, rows = official_rows()
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    answer = service.post(
        "/v1/returns?source=home-office-pfa&edition=2026-04",
        data=text.getvalue().encode(),
        content_type="text/csv",
    )
    assert answer.status_code == 201, answer.json
    return sum(int(row[-1]) for row in rows)


def reconciled(service, **asked):
    question = {"force": "northamptonshire", "period": QUARTER, "source": "home-office-pfa"} | asked
    return service.get("/v1/street-crimes/reconciliations", query_string=question)


def test_a_quarter_is_held_against_the_official_count(quarter):
    assert receive_official(quarter) == 14_967
    without = [
        sum(row["Crime type"] != "Anti-social behaviour" for row in rows_of(file))
        for file in NORTHAMPTONSHIRE
    ]
    answer = reconciled(quarter).json
    assert [month["crimes"] for month in answer["months"]] == without
    assert [month["anti_social_behaviour"] for month in answer["months"]] == [1574, 1512, 1443]
    assert (answer["street"], answer["official"], answer["difference"], answer["complete"]) == (
        14_988,
        14_967,
        21,
        True,
    )
    assert sum(without) == 14_988
    for month in answer["months"]:
        listed = quarter.get(month["evidence"], headers={"Accept": "application/x-ndjson"}).get_data()
        assert listed.count(b"\n") == month["crimes"]
    cells = quarter.get(answer["official_evidence"], headers={"Accept": "text/csv"}).get_data().decode()
    assert sum(int(row["count"]) for row in csv.DictReader(io.StringIO(cells))) == 14_967


def test_nothing_is_worked_out_where_a_month_or_the_official_count_is_missing(service):
    receive_official(service)
    sent(service, NORTHAMPTONSHIRE[0].read_bytes())
    answer = reconciled(service).json
    assert (answer["street"], answer["official"], answer["difference"], answer["complete"]) == (
        5131,
        14_967,
        None,
        False,
    )
    assert [month["held"] for month in answer["months"]] == [True, False, False]
    later = reconciled(service, period="2018/19").json
    assert (later["difference"], len(later["months"])) == (None, 12)
    for asked in (
        {"source": "records"},
        {"source": "nobody"},
        {"force": "atlantis"},
        {"period": "2018-10-02..2018-11-30"},
        {"period": "1900-01-01..2018-12-31"},
    ):
        assert reconciled(service, **asked).status_code == 400


def test_recorded_offences_and_their_figures_know_nothing_of_street_crimes(service):
    record(
        service,
        recorded_on="2018-10-03",
        code="30C",
        area="northampton",
        committed_from="2018-10-02T10:00:00Z",
        committed_to=None,
        reported_at=None,
    )
    asked = {"period": QUARTER, "by": ["month", "code"], "compare": "previous"}

    def told():
        figures = service.get("/v1/summaries", query_string={"area": "northamptonshire", **asked}).json[
            "figures"
        ]
        offences = service.get("/v1/offences", headers={"Accept": "text/csv"}).get_data()
        return (
            [{**one, "evidence": None} for one in figures],
            offences,
            value(service, period=QUARTER, area="northampton"),
        )

    before = told()
    sent(service, NORTHAMPTONSHIRE[0].read_bytes())
    assert told() == before
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
        assert book.offences.tally.cells()["records"] == 1
    assert (
        service.get(f"/v1/summaries?area=northamptonshire&period={QUARTER}&source=police-uk").status_code
        == 400
    )


def test_counts_by_month_and_type_are_those_of_the_file_each_with_its_evidence(service):
    sent(service, NORTHAMPTONSHIRE[0].read_bytes())
    types = collections.Counter(row["Crime type"] for row in OCTOBER)
    asked = {"force": "northamptonshire", "period": "2018-10"}

    def counted(**more):
        rows = service.get("/v1/street-crimes/counts", query_string=asked | more).json["items"]
        return {row["crime_type"]: row["count"] for row in rows}, rows

    with_it, _ = counted(anti_social_behaviour="true")
    assert with_it == {**types, None: 6705}
    without, rows = counted()
    assert without == {
        **{name: number for name, number in types.items() if name != "Anti-social behaviour"},
        None: 5131,
    }
    for row in random.Random(5).sample(rows, 3):
        assert (
            len(
                service.get(row["evidence"], headers={"Accept": "application/x-ndjson"})
                .get_data()
                .splitlines()
            )
            == row["count"]
        )
    assert counted(crime_type="Anti-social behaviour")[0] == {"Anti-social behaviour": 1574, None: 1574}
    as_csv = (
        service.get("/v1/street-crimes/counts", query_string=asked, headers={"Accept": "text/csv"})
        .get_data()
        .decode()
    )
    assert {
        row["crime_type"] or None: int(row["count"]) for row in csv.DictReader(io.StringIO(as_csv))
    } == without


def test_counts_as_of_a_change_are_what_they_were_and_say_how_many_forces_had_sent(service):
    first = sent(service, street(ASB, crime(), crime()))
    sent(service, street(crime()))
    sent(service, street(*[crime(reported_by="Gwent Police", place=",,On or near,,")] * 4))

    def counted(**asked):
        rows = service.get("/v1/street-crimes/counts", query_string={"period": "2018-10"} | asked).json[
            "items"
        ]
        return [(row["crime_type"], row["count"], row["forces"]) for row in rows]

    assert counted(as_of=first["change"]) == [(None, 2, 1), ("Burglary", 2, 1)]
    assert counted() == [(None, 5, 2), ("Burglary", 5, 2)]
    assert counted(area="blaby") == counted(force="leicestershire") == [(None, 1, 1), ("Burglary", 1, 1)]
    assert counted(period="2018-11") == []


def test_a_row_lies_in_the_district_of_its_lsoa_and_in_what_that_lies_in(service):
    sent(service, NORTHAMPTONSHIRE[0].read_bytes())
    northampton = sum(row["LSOA name"].startswith("Northampton ") for row in OCTOBER)
    assert len(crimes(service, area="northampton")) == northampton
    assert (
        northampton
        - sum(row["LSOA name"].startswith("Northampton ") and not row["Crime ID"] for row in OCTOBER)
        == 2_033
    )
    inside = {one["street_crime_id"] for one in crimes(service, area="northamptonshire")}
    elsewhere = [one for one in crimes(service) if one["street_crime_id"] not in inside]
    assert 0 < len(elsewhere) < 60
    assert all(one["area"] for one in elsewhere)


def test_of_districts_that_were_called_the_same_a_row_lies_in_that_of_its_month(service):
    places = {"2011-04": "E07000100", "2018-10": "E07000240"}
    for month in places:
        sent(
            service,
            street(
                crime(
                    month=month,
                    reported_by="Hertfordshire Constabulary",
                    place=",,On or near,E01023700,St Albans 001A",
                )
            ),
        )
    sent(
        service,
        street(
            crime(
                reported_by="South Wales Police", place=",,On or near,W01001300,The Vale of Glamorgan 001A"
            ),
            crime(reported_by="South Wales Police", place=",,On or near,E01000000,Nowhere 001A"),
        ),
    )
    assert [(one["month"], one["area"]) for one in crimes(service, force="hertfordshire")] == list(
        places.items()
    )
    assert [one["area"] for one in crimes(service, force="south-wales")] == ["W06000014", None]


def test_outcomes_are_joined_by_crime_id_where_they_can_be_and_kept_where_they_cannot(service):
    folder = SAMPLES / "2018-01"
    outcomes = (folder / "2018-01-avon-and-somerset-outcomes.csv").read_bytes()
    sent(service, outcomes, name="2018-01-avon-and-somerset-outcomes.csv")
    assert len(crimes(service, "street-outcomes", linked="false")) == 5
    whole = (
        folder / "2018-01-avon-and-somerset-street.csv"
    ).read_bytes() + b","  # the end that the fragment lost
    sent(service, whole)
    linked = crimes(service, "street-outcomes", linked="true")
    assert len(linked) == 3
    assert (
        len(
            crimes(
                service,
                "street-outcomes",
                linked="false",
                force="avon-and-somerset",
                area="bristol",
                period="2018-01",
            )
        )
        == 2
    )
    for one in linked:
        held = service.get(f"/v1/street-crimes/{one['street_crime_ids'][0]}").json
        assert (held["crime_id"], held["outcomes"][0]["outcome_type"]) == (
            one["crime_id"],
            one["outcome_type"],
        )
        assert held["outcomes"][0]["street_outcome_id"] == one["street_outcome_id"]


def test_an_outcome_of_an_id_that_repeats_is_joined_to_each_and_one_of_another_force_to_none(service):
    sent(
        service,
        street(
            crime("a" * 64),
            crime("a" * 64),
            crime("b" * 64),
            crime("c" * 64, outcome="Local resolution"),
            ASB,
        ),
    )
    rows = (
        outcome("a" * 64)
        + outcome("a" * 64, said="Offender sent to prison")
        + outcome("", said="Local resolution")
    )
    sent(service, (OUTCOMES + rows).encode())
    sent(service, (OUTCOMES + outcome("b" * 64, reported_by="Gwent Police")).encode())
    assert [
        len(one["street_crime_ids"]) for one in crimes(service, "street-outcomes", force="leicestershire")
    ] == [2, 2, 0]
    assert [len(one["outcomes"]) for one in crimes(service)] == [2, 2, 0, 0, 0]
    assert [one["crime_id"] for one in crimes(service, has_outcome="true")] == ["a" * 64, "a" * 64, "c" * 64]
    assert [one["crime_id"] for one in crimes(service, has_outcome="false")] == ["b" * 64, None]


def test_pages_hold_every_equal_row_once(service):
    sent(service, street(*[ASB] * 25))
    seen, address = [], "/v1/street-crimes?limit=10&crime_type=Anti-social+behaviour"
    while address:
        page = service.get(address).json
        seen += [one["street_crime_id"] for one in page["items"]]
        sent(
            service, street(*[ASB] * (25 - len(seen))) if len(seen) < 25 else street(ASB)
        )  # others write meanwhile
        address = page["next"]
    assert len(seen) == len(set(seen)) == 25


def test_crime_types_have_their_first_and_last_months(service):
    types = {one["crime_type"]: one for one in service.get("/v1/street-crime-types").json["items"]}
    assert len(types) == 16
    assert [name for name, one in types.items() if not one["is_crime"]] == ["Anti-social behaviour"]
    assert {name for name, one in types.items() if one["to_month"] == "2013-04"} == {
        "Violent crime",
        "Public disorder and weapons",
    }
    assert types["Violence and sexual offences"]["from_month"] == "2013-05"
    assert {row["Crime type"] for row in OCTOBER} == {
        name for name, one in types.items() if one["to_month"] is None
    }


@pytest.mark.parametrize(
    "asked",
    [
        "period=2018-10-02..2018-10-30",
        "period=1900-01-01..2018-12-31",
        "force=atlantis",
        "area=atlantis",
        "has_outcome=1",
    ],
)
def test_what_cannot_be_asked_is_refused(service, asked):
    assert service.get(f"/v1/street-crimes?{asked}").status_code == 400
    assert service.get("/v1/street-crimes/01939f3c-7c1e-7f00-8000-000000000000").status_code == 404
