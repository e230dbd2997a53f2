"""Targets, and where they stand."""

import pytest

TARGET = {
    "area": "northamptonshire",
    "base_period": "2011/12",
    "category": "robbery",
    "kind": "reduce-by-percent",
    "name": "Robbery down a tenth",
    "owner": "The commissioner",
    "percent": 10,
    "period": "2012/13",
}


def made(service, **said):
    answer = service.post("/v1/targets", json=TARGET | said)
    assert answer.status_code == 201, answer.json
    return answer


def test_the_police_authoritys_two_per_cent_was_exceeded(published):
    [target] = published.get("/v1/targets?area=northamptonshire").json["items"]
    stands = published.get(f"/v1/targets/{target['target_id']}/progress").json
    assert (stands["ceiling"], stands["actual"]["value"], stands["base"]["value"]) == (48584.48, 46983, 49576)
    assert (stands["distance"], stands["share_of_the_way"], stands["status"], stands["complete"]) == (
        1601.48,
        261.5,
        "exceeded",
        True,
    )
    assert "base × (1 − percent / 100)" in stands["rule"]


def test_a_target_has_every_verb(service):
    first = made(service)
    address = first.headers["Location"]
    assert service.get(address).json == first.json
    corrected = service.put(
        address, json=TARGET | {"percent": 12}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (corrected.status_code, corrected.json["percent"]) == (200, 12)
    patched = service.patch(
        address,
        json={"name": "Robbery down an eighth", "percent": 12.5},
        headers={"If-Match": corrected.headers["ETag"]},
    )
    assert (patched.json["percent"], patched.json["name"], patched.json["owner"]) == (
        12.5,
        "Robbery down an eighth",
        "The commissioner",
    )
    assert service.put(address, json=TARGET, headers={"If-Match": first.headers["ETag"]}).status_code == 412
    assert service.put(address, json=TARGET).status_code == 428
    assert service.get(f"{address}?as_of={first.json['since_change']}").json["percent"] == 10
    gone = service.delete(address, headers={"If-Match": patched.headers["ETag"]})
    assert gone.status_code == 200
    assert service.get(address).status_code == 404
    assert service.get(f"{address}/progress").status_code == 404
    assert service.get(f"{address}?as_of={patched.json['since_change']}").json["percent"] == 12.5
    assert service.get("/v1/targets").json["items"] == []


def test_one_owner_has_one_target_for_a_figure_and_others_theirs(service):
    made(service)
    assert service.post("/v1/targets", json=TARGET | {"percent": 5}).status_code == 409
    made(service, owner="The chief constable")


def test_progress_before_the_figures_are_in_is_too_early(service):
    address = made(service).headers["Location"]
    assert service.get(f"{address}/progress").json["status"] == "too_early"


WRONG = [
    ({"percent": 0}, "percent"),
    ({"percent": 101}, "percent"),
    ({"percent": "2"}, "percent"),
    ({"base_period": "2012/13"}, "base_period"),
    ({"area": "atlantis"}, "area"),
    ({"category": "gossip"}, "category"),
    ({"period": "soon"}, "period"),
    ({"kind": "hope"}, "kind"),
    ({"owner": ""}, "owner"),
    ({"set_on": "2012-13-01"}, "set_on"),
]


@pytest.mark.parametrize(("said", "field"), WRONG, ids=[f"{field}: {said[field]}" for said, field in WRONG])
def test_a_target_that_cannot_be_is_refused_by_field(service, said, field):
    answer = service.post("/v1/targets", json=TARGET | said)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{field}"


def test_targets_are_listed_by_area_and_category(service):
    first = made(service).json
    made(service, category="burglary", name="Burglary down a tenth")
    assert [
        one["target_id"]
        for one in service.get("/v1/targets?area=northamptonshire&category=robbery").json["items"]
    ] == [first["target_id"]]
    assert service.get("/v1/targets?category=gossip").status_code == 400
