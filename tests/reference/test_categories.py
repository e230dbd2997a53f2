"""Codes and categories: what may be defined, and what figures of an earlier change go on counting."""

from urllib.parse import quote

import pytest
from builders import record, value

from service.store import database

CODE = {"periods": [{"description": "Odd", "offence_group": "Robbery", "offence_subgroup": "Robbery"}]}
DRAFT = {"name": "Odd", "description": "Odd.", "codes": [{"code": "45"}]}
NEW = {"If-Match": '"0"'}


def members(category, as_of):
    with database.reading(as_of) as book, book.connection.cursor() as cursor:
        cursor.execute("select code from category_member(%s, %s)", (category, as_of))
        return {row["code"] for row in cursor.fetchall()}


def test_every_code_of_an_earlier_change_is_every_code_known_by_then(service):
    made = service.put("/v1/offence-codes/999Z", json=CODE, headers=NEW)
    assert made.status_code == 201, made.json
    change = made.json["since_change"]
    assert members("all-crime", change) - members("all-crime", change - 1) == {"999Z"}
    assert value(service, category="all-crime") == 0


@pytest.mark.parametrize("code", [" 9", "-9", "9" * 25, "9_Z", "\u0661"])
def test_an_offence_code_is_letters_digits_spaces_stops_and_slashes(service, code):
    answer = service.put(f"/v1/offence-codes/{quote(code)}", json=CODE, headers=NEW)
    assert answer.status_code == 422
    assert answer.json["detail"].startswith(
        "An offence code is up to 24 letters, digits, spaces, full stops and slashes"
    )


def test_what_was_made_says_where_it_is(service):
    assert (
        service.put("/v1/offence-codes/1/4.9 Z", json=CODE, headers=NEW).headers["Location"]
        == "/v1/offence-codes/1/4.9%20Z"
    )
    made = service.put("/v1/categories/odd", json=DRAFT, headers=NEW)
    assert made.headers["Location"] == "/v1/categories/odd"
    again = service.put(
        "/v1/categories/odd", json=DRAFT | {"name": "Odder"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert (again.status_code, "Location" in again.headers) == (200, False)


def test_a_code_that_changes_group_inside_a_month_is_refused_in_words_that_fit(service):
    periods = [
        CODE["periods"][0] | {"to_on": "2012-04-10"},
        CODE["periods"][0] | {"from_on": "2012-04-11", "offence_group": "Odd"},
    ]
    answer = service.put("/v1/offence-codes/999Z", json={"periods": periods}, headers=NEW)
    assert (answer.status_code, answer.json["detail"]) == (
        422,
        "Codes enter and leave groups on the first and last day of a month.",
    )


def agree():
    """Are the counts by category those by code?"""
    with database.reading() as book:
        return book.offences.tally.category_differences() == []


def test_what_was_recorded_before_a_category_was_defined_counts_in_it_and_what_leaves_it_no_longer_does(
    service,
):
    for code in ("28A", "34B"):
        record(service, code=code)
    made = service.put(
        "/v1/categories/odd",
        json=DRAFT | {"codes": [{"code": "28A"}, {"code": "34B", "from_on": "2012-06-01"}]},
        headers=NEW,
    )
    assert (made.status_code, value(service, category="odd"), agree()) == (201, 1, True)
    again = service.put(
        "/v1/categories/odd",
        json=DRAFT | {"codes": [{"code": "34B"}]},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert (value(service, category="odd"), agree()) == (1, True)
    record(service, code="34B")
    assert (value(service, category="odd"), agree()) == (2, True)
    whole = DRAFT | {"codes": [], "every_code": True}
    assert (
        service.put("/v1/categories/odd", json=whole, headers={"If-Match": again.headers["ETag"]}).status_code
        == 200
    )
    assert (value(service, category="odd"), agree()) == (3, True)
    assert value(service, category="odd", as_of=made.headers["Crimebook-Change"]) == 1


def test_a_code_that_moves_to_another_group_takes_its_counts_along(service):
    record(service, code="28A")
    before = service.get("/v1/offence-codes/28A")
    period = before.json["periods"][-1] | {
        "offence_group": "Robbery",
        "offence_subgroup": "Robbery",
        "from_on": None,
        "to_on": None,
    }
    draft = {
        "periods": [{name: period[name] for name in ("description", "offence_group", "offence_subgroup")}]
    }
    robberies = value(service, category="robbery")
    answer = service.put("/v1/offence-codes/28A", json=draft, headers={"If-Match": before.headers["ETag"]})
    assert answer.status_code == 200, answer.json
    assert (value(service, category="robbery"), agree()) == (robberies + 1, True)


TWICE = [
    [{"code": "45"}, {"code": "45"}],
    [{"code": "45"}, {"code": "48"}, {"code": "45", "from_on": "2012-04-01"}],
    [{"code": "45", "to_on": "2012-04-30"}, {"code": "45", "from_on": "2012-04-01"}],
    [{"code": "45", "from_on": "2012-04-01"}, {"code": "45", "from_on": "2012-01-01", "to_on": "2012-12-31"}],
    [{"code": "45", "from_on": "2012-01-01", "to_on": "2012-01-31"}, {"code": "45", "from_on": "2011-01-01"}],
]


@pytest.mark.parametrize("codes", TWICE, ids=str)
def test_a_code_is_not_counted_twice_for_the_same_days(service, codes):
    answer = service.put("/v1/categories/odd", json=DRAFT | {"codes": codes}, headers=NEW)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/codes")
    assert "45" in answer.json["detail"]


def test_a_code_may_leave_a_category_and_come_back(service):
    codes = [{"code": "45", "from_on": "2013-04-01"}, {"code": "45", "to_on": "2012-03-31"}]
    assert service.put("/v1/categories/odd", json=DRAFT | {"codes": codes}, headers=NEW).status_code == 201


def test_a_list_of_a_category_holds_a_code_on_its_days_alone(service):
    codes = [{"code": "28A"}, {"code": "45", "from_on": "2013-04-01"}, {"code": "45", "to_on": "2012-03-31"}]
    assert service.put("/v1/categories/odd", json=DRAFT | {"codes": codes}, headers=NEW).status_code == 201
    for code in ("28A", "45", "34B"):
        for day in ("2012-03-31", "2012-04-01", "2013-03-31", "2013-04-01"):
            record(
                service,
                code=code,
                committed_from="2012-01-01T10:00:00Z",
                committed_to=None,
                reported_at=None,
                recorded_on=day,
            )

    def listed():
        return [
            (one["code"], one["recorded_on"])
            for one in service.get("/v1/offences?category=odd").json["items"]
        ]

    always = {("28A", day) for day in ("2012-03-31", "2012-04-01", "2013-03-31", "2013-04-01")}
    assert set(listed()) == always | {("45", "2012-03-31"), ("45", "2013-04-01")} and len(listed()) == 6
    tag = service.get("/v1/categories/odd").headers["ETag"]
    later = service.put(
        "/v1/categories/odd", json=DRAFT | {"codes": [{"code": "45"}]}, headers={"If-Match": tag}
    )
    assert (later.status_code, len(listed()), {code for code, _ in listed()}) == (200, 4, {"45"})


def test_a_category_is_part_of_one_that_is_known(service):
    answer = service.put("/v1/categories/odd", json=DRAFT | {"part_of": "gossip"}, headers=NEW)
    assert (answer.status_code, answer.json["detail"]) == (
        422,
        "A category can only be part_of one that /v1/categories lists.",
    )
    assert (
        service.put("/v1/categories/odd", json=DRAFT | {"part_of": "robbery"}, headers=NEW).status_code == 201
    )


def test_no_category_lies_in_itself_through_others(service):
    itself = service.put("/v1/categories/odd", json=DRAFT | {"part_of": "odd"}, headers=NEW)
    assert (itself.status_code, itself.json["errors"][0]["pointer"]) == (422, "/part_of")
    service.put("/v1/categories/odd", json=DRAFT | {"part_of": "robbery"}, headers=NEW)
    held = service.get("/v1/categories/all-crime")
    draft = {name: held.json[name] for name in ("aliases", "codes", "description", "every_code", "name")}
    ring = service.put(
        "/v1/categories/all-crime",
        json=draft | {"part_of": "odd"},
        headers={"If-Match": held.headers["ETag"]},
    )
    assert (ring.status_code, ring.json["errors"][0]["pointer"]) == (422, "/part_of")
    assert service.get("/v1/categories/all-crime").json == held.json


def test_a_group_that_the_classification_no_longer_has_ends(service):
    made = service.put(
        "/v1/offence-codes/999Z",
        json={"periods": [CODE["periods"][0] | {"offence_subgroup": "Oddity"}]},
        headers=NEW,
    )
    assert service.get("/v1/categories/oddity").json["part_of"] == "robbery"
    moved = service.put("/v1/offence-codes/999Z", json=CODE, headers={"If-Match": made.headers["ETag"]})
    assert service.get("/v1/categories/oddity").status_code == 404
    assert (
        service.get(f"/v1/categories/oddity?as_of={made.json['since_change']}").json["codes"][0]["code"]
        == "999Z"
    )
    back = {"periods": [CODE["periods"][0] | {"offence_subgroup": "Oddity"}]}
    service.put("/v1/offence-codes/999Z", json=back, headers={"If-Match": moved.headers["ETag"]})
    assert service.get("/v1/categories/oddity").json["definition"] == 2
    assert service.get("/v1/categories/all-crime").json["definition"] == 1
