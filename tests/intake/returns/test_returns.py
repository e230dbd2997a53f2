"""Official counts sent, listed and read."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import key
from return_files import GOOD, home_office, last_change, listed, ons, send
from workbook_files import ODS, XLSX


def test_the_same_file_again_is_the_same_return_and_no_change(service):
    first = send(service, home_office(GOOD), title="First")
    change = last_change(service)
    again = send(service, home_office(GOOD), title="Second")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert last_change(service) == change
    assert service.get(first.headers["Location"]).json == first.json


def test_the_same_edition_with_other_bytes_is_a_conflict(service):
    first = send(service, home_office(GOOD))
    change = last_change(service)
    answer = send(service, home_office(GOOD, ("2012/13", 2, "Kent", "34B", 5)))
    assert answer.status_code == 409
    assert "give the new file its own edition" in answer.json["detail"]
    assert (service.get("/v1/returns").json["items"], last_change(service)) == ([first.json], change)


def test_the_same_file_twice_at_the_same_moment_is_one_return(service):
    change = last_change(service)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: send(
                    service.application.test_client(),
                    home_office(GOOD),
                    headers={"Authorization": f"Bearer {service.key}"},
                ),
                range(4),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json["return_id"] for answer in answers}) == 1
    assert last_change(service) == change + 1


def test_an_idempotency_key_gives_the_first_answer_again(service):
    headers = {"Idempotency-Key": "a-return"}
    first, again = [send(service, home_office(GOOD), headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    assert again.headers["Idempotent-Replay"] == "true"
    assert (
        send(service, home_office(GOOD, ("2012/13", 2, "Kent", "34B", 5)), headers=headers).status_code == 422
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"edition": "last week"},
        {"edition": "2026-4"},
        {"source": "records"},
        {"source": "Home Office"},
        {"edition": None},
        {"colour": "red"},
        {"understood_only": "yes"},
    ],
)
def test_a_return_says_whose_and_when_in_the_words_of_the_contract(service, asked):
    query = {"source": "home-office-pfa", "edition": "2026-04"} | asked
    answer = service.post(
        "/v1/returns",
        query_string={name: value for name, value in query.items() if value},
        data=home_office(GOOD),
        content_type="text/csv",
    )
    assert answer.status_code in (400, 422), answer.json
    assert service.get("/v1/returns").json["items"] == []


def test_only_an_administrator_sends_csv_or_a_workbook(service):
    assert send(service, home_office(GOOD), headers=key(service, "read", "record")).status_code == 403
    answer = service.post(
        "/v1/returns?source=home-office-pfa&edition=2026-04", data=b"{}", content_type="application/json"
    )
    assert (answer.status_code, answer.headers["Accept"]) == (415, f"text/csv, {ODS}, {XLSX}")


def test_cells_are_listed_by_every_filter(service):
    lines = [
        ("2012/13", 1, "Northamptonshire", "34B", 1),
        ("2012/13", 2, "Northamptonshire", "28A", 2),
        ("2012/13", 4, "Kent", "34B", 3),
        ("2013/14", 1, "Leicestershire", "45", 4),
    ]
    address = f"/v1/returns/{send(service, home_office(*lines)).json['return_id']}/cells"

    def found(**asked):
        return [int(cell["count"]) for cell in listed(service, address, **asked)]

    assert found() == [1, 2, 3, 4]
    assert found(area="northamptonshire") == [1, 2]
    assert found(area="east-midlands") == [1, 2, 4]
    assert found(area="england-and-wales", code="34B") == [1, 3]
    assert found(category="robbery") == [1, 3]
    assert found(category="serious-acquisitive-crime") == [1, 2, 3, 4]
    assert found(category="robbery", area="kent") == [3]
    assert found(from_on="2012-07-01") == [2, 3, 4]
    assert found(to_on="2012-09-30") == [1, 2]
    assert found(category="serious-acquisitive-crime", from_on="2012-07-01", to_on="2013-03-31") == [2, 3]
    assert service.get(f"{address}?category=gossip").status_code == 400
    assert service.get(f"{address}?area=atlantis").status_code == 400
    seen, following = [], f"{address}?limit=3&category=all-crime"
    while following:
        page = service.get(following)
        seen += [cell["count"] for cell in page.json["items"]]
        following = page.json["next"]
    assert seen == [1, 2, 3, 4]


def test_every_rolling_year_of_a_group_is_listed_where_no_days_are_asked_for(service):
    lines = [
        (ending, "Northamptonshire", "Robbery", number)
        for number, ending in enumerate(("31-03-2012", "30-06-2012", "31-03-2013"))
    ]
    sent = send(service, ons(*lines), source="ons-rolling-year", edition="2013-07")
    address = f"/v1/returns/{sent.json['return_id']}/cells"
    assert [int(cell["count"]) for cell in listed(service, address, category="robbery")] == [0, 1, 2]
    assert [
        int(cell["count"])
        for cell in listed(service, address, category="robbery", from_on="2011-04-01", to_on="2013-03-31")
    ] == [0, 2]


def test_a_return_was_not_known_before_it_came(service):
    sent = send(service, home_office(GOOD)).json
    address, before = f"/v1/returns/{sent['return_id']}", sent["since_change"] - 1
    assert service.get(f"{address}?as_of={sent['since_change']}").json == sent
    assert service.get(f"{address}?as_of={before}").status_code == 404
    assert service.get(f"{address}/cells?as_of={before}").status_code == 404
    assert service.get(f"/v1/returns?as_of={before}").json["items"] == []
    assert (
        service.get(
            f"/v1/summaries?area=kent&period=2012/13&source=home-office-pfa&as_of={before}"
        ).status_code
        == 400
    )
    assert service.get("/v1/returns/00000000-0000-7000-8000-000000000000").status_code == 404
    assert service.get("/v1/returns/00000000-0000-7000-8000-000000000000/faults").status_code == 404
    again = service.get(address, headers={"If-None-Match": service.get(address).headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
