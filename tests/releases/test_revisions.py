"""Why published figures have moved: every difference in parts that add up to it, each part with the records
that make it."""

import csv
import io
from collections import Counter

import pytest
from builders import KETTERING, NORTHAMPTON, key, record
from meddling import Meddler, two_years
from publications import crime, publish, put
from return_files import home_office, send

from service.store import database


@pytest.fixture
def years(service):
    return two_years(service)


def revisions(service, release, **asked):
    answer = service.get(f"/v1/releases/{release['release_id']}/revisions", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def parts(told, position=1, role="value"):
    """{part: difference} of one figure."""
    [one] = [one for one in told["revisions"] if (one["position"], one["role"]) == (position, role)]
    return {part["part"]: part["difference"] for part in one["parts"]}


def counts(service, release, role, as_of):
    """{(area, category): count} as the summaries say as of a change."""
    period = release["period"] if role == "value" else release["compare"]
    asked = {
        "area": release["areas"],
        "category": release["categories"],
        "period": period,
        "as_of": as_of,
        "measure": release["measure"],
    }
    shown = service.get("/v1/summaries", query_string=asked).json["figures"]
    return {(one["area"]["code"], one["category"]["code"]): one["value"] for one in shown}


def hold(service, release, as_of):
    """Everything that must be true of the revisions of a release as of a change."""
    told = revisions(service, release, as_of=as_of)
    now = {role: counts(service, release, role, as_of) for role in ("value", "base")}
    seen = Counter()
    for one in told["revisions"]:
        figure = release["figures"][one["position"] - 1]
        assert one["then"] == (figure if one["role"] == "value" else figure["compared"])["value"]
        assert one["now"] == now[one["role"]][one["area"]["code"], one["category"]["code"]]
        assert (
            one["difference"] == one["now"] - one["then"] == sum(part["difference"] for part in one["parts"])
        ), one
        for part in one["parts"]:
            records = service.get(f"{part['evidence']}&limit=1000").json["items"]
            assert sum(each["contribution"] for each in records) == part["difference"]
            assert len(records) == part["records"] == len({each["offence_id"] for each in records}) > 0
            assert all(release["change"] < each["change"] <= as_of for each in records), (part, records)
            seen[part["part"]] += 1
    return seen


@pytest.mark.parametrize("seed", range(2))
def test_the_parts_of_every_difference_add_up_to_it_whatever_was_done(years, seed):
    asked = {
        "areas": ["northamptonshire", "northampton", "kettering", "nn-abi"],
        "categories": ["all-crime", "residential-burglary", "mine"],
    }
    released = [publish(years, **asked), publish(years, **asked, measure="victims")]
    meddler, seen, answers = Meddler(years, seed), Counter(), {}
    for _ in range(2):
        meddler.meddle(25)
        as_of = int(years.get("/v1/offences?limit=1").headers["Crimebook-Change"])
        for release in released:
            seen += hold(years, release, as_of)
            answers[release["release_id"], as_of] = revisions(years, release, as_of=as_of)
    for (release_id, as_of), told in answers.items():
        assert revisions(years, {"release_id": release_id}, as_of=as_of) == told
    assert len(seen) >= 9, seen


def test_what_was_recorded_late_cancelled_or_reclassified_is_told_apart(years):
    release = publish(years, areas=["northampton"], categories=["residential-burglary"])
    [first, second, *_] = years.get("/v1/offences?area=northampton&code=28A&recorded_from=2012-04-01").json[
        "items"
    ]
    for number in (900, 902):
        assert (
            years.post(
                "/v1/offences", json=crime(number, area="northampton", code="28A", recorded_on="2012-05-05")
            ).status_code
            == 201
        )
    years.delete(
        f"/v1/offences/{first['offence_id']}?reason=duplicate",
        headers={"If-Match": f'"{first["since_change"]}"'},
    )
    years.patch(
        f"/v1/offences/{second['offence_id']}",
        json={"code": "45", "reason": "a car"},
        headers={"If-Match": f'"{second["since_change"]}"'},
    )
    told = revisions(years, release)
    assert parts(told) == {"recorded_late": 2, "cancelled": -1, "reclassified_out": -1}
    [one] = [one for one in told["revisions"] if one["parts"]]
    assert (told["revised"], one["then"], one["now"]) == (0, one["now"], release["figures"][0]["value"])
    assert (
        one["wording"]
        == f"Residential burglary, Northampton, 2012/13: {one['then']} when released, {one['now']} now: "
        "2 recorded late, 1 cancelled, 1 reclassified out"
    )
    [cancelled] = years.get(one["parts"][1]["evidence"]).json["items"]
    assert (cancelled["crime_ref"], cancelled["then_status"], cancelled["now_status"]) == (
        first["crime_ref"],
        "recorded",
        "cancelled",
    )
    assert years.get(f"/v1/changes/{cancelled['change']}").json["reason"] == "offence cancelled: duplicate"


def test_a_record_that_came_late_and_was_cancelled_explains_nothing(years):
    release = publish(years)
    made = record(years)
    years.delete(f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]})
    assert revisions(years, release)["revised"] == 0
    assert all(one["parts"] == [] for one in revisions(years, release)["revisions"])


def test_a_code_that_is_new_since_is_no_new_definition_of_every_code(years):
    release = publish(years, categories=["all-crime"])
    period = {"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}
    assert (
        years.put(
            "/v1/offence-codes/999Z", json={"periods": [period]}, headers={"If-Match": '"0"'}
        ).status_code
        == 201
    )
    record(years, code="999Z")
    assert parts(revisions(years, release)) == {"recorded_late": 1}


def test_a_definition_and_a_map_that_changed_move_records_nobody_touched(years):
    release = publish(years, areas=["northampton", "kettering"], categories=["mine"], compare=None)
    put(years, "/v1/categories/mine", codes=[{"code": "34B"}])
    told = revisions(years, release)
    assert set(parts(told)) == {"redefined"}
    put(years, "/v1/areas/NN-ABI", parents=["kettering"])
    assert set(parts(revisions(years, release), 2)) == {"redefined"}  # the beat holds nothing
    record(years, area="nn-abi", code="34B")
    after = publish(years, areas=["northampton", "kettering"], categories=["mine"], compare=None)
    put(years, "/v1/areas/NN-ABI", parents=["northampton"])
    assert (parts(revisions(years, after)), parts(revisions(years, after), 2)) == (
        {"redrawn": 1},
        {"redrawn": -1},
    )


def test_a_category_that_has_ended_counts_nothing_any_more(years):
    period = {"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Oddity"}
    made = years.put("/v1/offence-codes/999Z", json={"periods": [period]}, headers={"If-Match": '"0"'})
    record(years, code="999Z")
    release = publish(years, areas=["northampton"], categories=["oddity"], compare=None)
    years.put(
        "/v1/offence-codes/999Z",
        json={"periods": [period | {"offence_subgroup": "Robbery"}]},
        headers={"If-Match": made.headers["ETag"]},
    )
    told = revisions(years, release)
    assert (told["revisions"][0]["then"], told["revisions"][0]["now"], parts(told)) == (
        1,
        0,
        {"redefined": -1},
    )


def test_revisions_as_a_table_have_a_row_for_each_part(years):
    release = publish(years)
    record(years, area=NORTHAMPTON)
    address = f"/v1/releases/{release['release_id']}/revisions"
    rows = list(csv.DictReader(io.StringIO(years.get(address, headers={"Accept": "text/csv"}).text)))
    assert len(rows) == 12
    moved = [row for row in rows if row["part"]]
    assert [(row["position"], row["role"], row["part"], row["part_difference"]) for row in moved] == [
        (position, "value", "recorded_late", "1") for position in ("1", "2", "4", "5")
    ]
    assert years.get(moved[0]["part_evidence"], headers={"Accept": "text/csv"}).text.count("\r\n") == 2


def test_a_return_that_was_superseded_is_one_part(service):
    send(
        service,
        home_office(*(("2012/13", quarter, "Northamptonshire", "34B", 5) for quarter in (1, 2, 3, 4))),
        edition="2013-07",
    )
    release = publish(
        service, areas=["northamptonshire"], categories=["robbery"], compare=None, source="home-office-pfa"
    )
    assert parts(revisions(service, release)) == {}
    send(
        service,
        home_office(*(("2012/13", quarter, "Northamptonshire", "34B", 6) for quarter in (1, 2, 3, 4))),
        edition="2014-07",
    )
    told = revisions(service, release)
    [part] = told["revisions"][0]["parts"]
    assert (part["part"], part["difference"], part["edition_then"], part["edition_now"]) == (
        "superseded_edition",
        4,
        "2013-07",
        "2014-07",
    )
    assert sum(cell["count"] for cell in service.get(part["evidence"]).json["items"]) == 24
    assert told["revisions"][0]["wording"].endswith(
        "20 when released, 24 now: edition 2013-07 superseded by 2014-07"
    )


def test_revisions_begin_when_the_figures_were_known(years):
    release = publish(years)
    address = f"/v1/releases/{release['release_id']}/revisions"
    assert revisions(years, release, as_of=f"release:{release['release_id']}")["revised"] == 0
    answer = years.get(address, query_string={"as_of": release["change"] - 1})
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "as_of")


def test_the_records_of_a_part_come_in_pages(years):
    release = publish(years, areas=["northamptonshire"], categories=["all-crime"])
    made = {record(years, area=KETTERING)["offence_id"] for _ in range(5)}
    address = revisions(years, release)["revisions"][0]["parts"][0]["evidence"] + "&limit=2"
    seen = []
    while address:
        page = years.get(address).json
        seen += [one["offence_id"] for one in page["items"]]
        address = page["next"]
    assert len(seen) == 5 and set(seen) == made


def test_an_embargoed_release_has_no_revisions_for_others(years):
    release = publish(years, embargo_until="2999-01-01T00:00:00Z")
    reader = key(years, "read")
    for path in ("revisions", "revisions/records?position=1&role=value&part=cancelled"):
        assert years.get(f"/v1/releases/{release['release_id']}/{path}", headers=reader).status_code == 404


def test_a_record_that_was_cancelled_when_released_and_stands_again_is_reinstated(years):
    made = record(years)
    years.delete(f"/v1/offences/{made['offence_id']}?reason=duplicate", headers={"If-Match": made["etag"]})
    release = publish(years, areas=["northampton"], categories=["residential-burglary"], compare=None)
    with (
        database.writing("reinstated by hand", caller="test", trace_id="0" * 32) as book,
        book.connection.cursor() as cursor,
    ):
        named = {"id": made["offence_id"], "change": book.as_of}
        cursor.execute(
            "update offence_version set until_change = %(change)s where offence_id = %(id)s and until_change"
            " is null",
            named,
        )
        cursor.execute(
            """insert into offence_version (force, offence_id, since_change, area, code, committed_from,
              crime_ref, recorded_on)
               select force, offence_id, %(change)s, area, code, committed_from, crime_ref, recorded_on
               from offence_version where offence_id = %(id)s and until_change = %(change)s""",
            named,
        )
        book.offences.tally.count_change(force=made["force"])
    assert parts(revisions(years, release)) == {"reinstated": 1}
