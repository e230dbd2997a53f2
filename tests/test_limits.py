"""Every limit that docs/operating.md writes down, at its edge and beyond."""

import pytest
from builders import offence, record


def test_a_question_names_at_most_a_hundred_areas_and_two_hundred_categories(service):
    def ask(areas, categories):
        question = {"area": ["northampton"] * areas, "category": ["robbery"] * categories, "period": "2012/13"}
        return service.get("/v1/summaries", query_string=question).status_code

    assert (ask(100, 1), ask(101, 1)) == (200, 400)
    assert (ask(1, 200), ask(1, 201)) == (200, 400)


def test_a_peer_group_has_at_most_fifteen_others(service):
    forces = [one["area"] for one in service.get("/v1/areas?kind=force").json["items"] if one["slug"] != "northamptonshire"]

    def ask(number):
        group = {"peers": forces[:number], "source": "a guess"}
        return service.put(f"/v1/peer-groups/northamptonshire/of-{number}", json=group, headers={"If-Match": '"0"'}).status_code

    assert (ask(15), ask(16)) == (201, 422)


def test_a_ranking_has_at_most_four_hundred_places(service, monkeypatch):
    from service import standings

    question = "/v1/summaries/ranking?area=england-and-wales&kind=district&period=2022/23&order=number"
    assert len(service.get(question).json["items"]) == 331
    monkeypatch.setattr(standings, "MOST_PLACES", 330)  # there is no area with over 400
    answer = service.get(question)
    assert answer.status_code == 400 and "331 districts, and at most 330 are ranked" in answer.json["detail"]


def test_a_page_has_at_most_a_thousand_items(service):
    assert service.get("/v1/areas?limit=1000").status_code == 200
    assert service.get("/v1/areas?limit=1001").status_code == 400
    assert len(service.get("/v1/areas").json["items"]) == 100


@pytest.mark.parametrize(("field", "length"), [("crime_ref", 64), ("location", 500)])
def test_text_has_a_longest_length(service, field, length):
    record(service, **{field: "x" * length})
    assert service.post("/v1/offences", json=offence(**{field: "x" * (length + 1)})).status_code == 422


def test_a_record_has_at_most_ten_thousand_victims(service):
    record(service, victims=10_000)
    assert service.post("/v1/offences", json=offence(victims=10_001)).status_code == 422


def test_days_lie_between_1800_and_2999(service):
    old = offence(recorded_on="1800-01-01", committed_from="1800-01-01T00:00:00Z", committed_to=None, reported_at=None)
    answer = service.post("/v1/offences", json=old)
    assert answer.status_code == 201, answer.json
    answer = service.post("/v1/offences", json=old | {"recorded_on": "1799-12-31"})
    assert "between the years 1800 and 2999" in answer.json["detail"]


def test_a_release_names_at_most_a_hundred_areas_and_two_hundred_categories_under_a_title_of_three_hundred_characters(service):
    def pointer(areas=1, categories=1, title=1):
        draft = {"areas": ["northampton"] * areas, "categories": ["robbery"] * categories, "period": "2012/13", "title": "x" * title}
        return service.post("/v1/releases", json=draft).json["errors"][0]["pointer"]

    assert (pointer(areas=100), pointer(areas=101)) == ("/period", "/areas")
    assert (pointer(categories=200), pointer(categories=201)) == ("/period", "/categories")
    assert (pointer(title=300), pointer(title=301)) == ("/period", "/title")
