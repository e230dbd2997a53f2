"""Places, codes and categories: read by their names, defined anew, and known as they were."""

from urllib.parse import quote

import pytest


def test_an_area_is_found_by_code_and_by_slug(service):
    by_slug = service.get("/v1/areas/northampton")
    assert by_slug.json == service.get("/v1/areas/E07000154").json
    assert (by_slug.json["kind"], by_slug.json["to_on"]) == ("district", "2021-03-31")
    assert {"E23000022", "E22000237", "E06000062"} <= set(by_slug.json["parents"])
    force = service.get("/v1/areas/northamptonshire").json
    assert {one["year"]: one["residents"] for one in force["populations"]}[2012] == 703_143


def test_areas_are_listed_by_kind_and_within_another(service):
    forces = service.get("/v1/areas?kind=force&limit=100").json["items"]
    assert len(forces) == 43
    districts = service.get("/v1/areas?kind=district&within=northamptonshire").json["items"]
    assert {one["slug"] for one in districts} >= {"northampton", "corby", "west-northamptonshire"}
    assert service.get("/v1/areas?within=atlantis").status_code == 400


def test_an_area_can_be_defined_anew_and_read_as_it_was(service):
    draft = {"kind": "beat", "name": "Abington", "slug": "abington-beat", "parents": ["northampton"]}
    made = service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    assert made.status_code == 201, made.json
    assert service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'}).status_code == 412
    renamed = service.put(
        "/v1/areas/NN-ABI",
        json=draft | {"name": "Abington and Phippsville"},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert renamed.json["name"] == "Abington and Phippsville"
    assert (
        service.get(f"/v1/areas/abington-beat?as_of={made.json['since_change']}").json["name"] == "Abington"
    )


def test_a_beat_counts_from_its_records_and_in_all_it_lies_in(service):
    from builders import record, value

    draft = {"kind": "beat", "name": "Abington", "slug": "abington-beat", "parents": ["northampton"]}
    service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    record(service, area="abington-beat")
    record(service)
    assert [
        value(service, area=area)
        for area in ("abington-beat", "northampton", "west-northamptonshire", "england")
    ] == [1, 2, 2, 2]


WRONG = [
    ({"kind": "galaxy"}, "/kind"),
    ({"slug": "Not A Slug"}, None),
    ({"from_on": "2020-01-01", "to_on": "2019-01-01"}, "/to_on"),
    ({"name": ""}, "/name"),
]


@pytest.mark.parametrize(("said", "pointer"), WRONG, ids=[str(said) for said, _ in WRONG])
def test_an_area_that_cannot_be_is_refused(service, said, pointer):
    draft = {"kind": "beat", "name": "Abington", "slug": "abington-beat", "parents": ["northampton"]} | said
    answer = service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    assert pointer is None or answer.json["errors"][0]["pointer"] == pointer


def test_a_code_is_known_through_time(service):
    harassment = service.get("/v1/offence-codes/8L").json
    assert [(one["offence_subgroup"], one["from_on"], one["to_on"]) for one in harassment["periods"]] == [
        ("Violence without injury", None, "2013-03-31"),
        ("Stalking and harassment", "2013-04-01", None),
    ]
    homicide = service.get("/v1/offence-codes/1/4.1/4.10/4.2").json
    assert (homicide["old_group"], round(homicide["severity_weight"])) == (
        "Violence against the person",
        7973,
    )
    burglary = service.get("/v1/offence-codes/28A")
    assert (burglary.json["to_on"], burglary.json["old_group"]) == ("2017-03-31", "Burglary")
    on_that_day = {
        one["code"] for one in service.get("/v1/offence-codes?on=2012-05-03&limit=1000").json["items"]
    }
    assert "28A" in on_that_day and "28E" not in on_that_day


def test_moving_a_code_defines_its_groups_anew(service):
    before = service.get("/v1/categories/robbery").json
    held = service.get("/v1/offence-codes/35")
    draft = {
        name: held.json[name]
        for name in ("from_on", "old_group", "old_subgroup", "periods", "severity_weight", "to_on")
    }
    draft["periods"] = [draft["periods"][0] | {"offence_group": "Robbery", "offence_subgroup": "Blackmail"}]
    answer = service.put("/v1/offence-codes/35", json=draft, headers={"If-Match": held.headers["ETag"]})
    assert answer.status_code == 200, answer.json
    after = service.get("/v1/categories/robbery").json
    assert (before["definition"], after["definition"]) == (1, 2)
    assert {one["code"] for one in after["codes"]} - {one["code"] for one in before["codes"]} == {"35"}
    assert service.get("/v1/categories/blackmail").json["part_of"] == "robbery"
    assert service.get(f"/v1/categories/robbery?as_of={held.headers['Crimebook-Change']}").json == before


def test_a_category_can_be_defined_here_and_figures_say_which_definition_they_used(service):
    from builders import record

    draft = {
        "name": "Theft of and from vehicles",
        "description": "Without aggravated taking.",
        "codes": [{"code": "45"}, {"code": "48"}],
    }
    made = service.put("/v1/categories/vehicle-theft", json=draft, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json["definition"]) == (201, 1)
    record(service, code="45")
    wider = service.put(
        "/v1/categories/vehicle-theft",
        json=draft | {"codes": [{"code": "48"}]},
        headers={"If-Match": made.headers["ETag"]},
    )
    question = {"area": "northampton", "category": "vehicle-theft", "period": "2012/13"}
    now = service.get("/v1/summaries", query_string=question).json["figures"][0]
    assert (now["category"]["definition"], now["value"]) == (2, 0)
    then = service.get(
        "/v1/summaries", query_string=question | {"as_of": int(wider.json["since_change"]) - 1}
    ).json["figures"][0]
    assert (then["category"]["definition"], then["value"]) == (1, 1)


@pytest.mark.parametrize("codes", [[{"code": "999Z"}], [{"code": "45", "from_on": "2012-04-02"}], []])
def test_a_category_holds_known_codes_in_whole_months(service, codes):
    draft = {"name": "Odd", "description": "Odd.", "codes": codes}
    answer = service.put("/v1/categories/odd", json=draft, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    assert service.get("/v1/categories/odd").status_code == 404


def test_the_categories_that_were_promised_are_there(service):
    listed = {one["category"] for one in service.get("/v1/categories?limit=1000").json["items"]}
    assert listed >= {
        "all-crime",
        "violence",
        "violence-against-the-person",
        "sexual-offences",
        "residential-burglary",
        "robbery",
        "vehicle-crime",
        "criminal-damage",
        "drug-offences",
        "serious-acquisitive-crime",
        "theft-offences",
        "rape-offences",
    }


def test_what_is_one_areas_code_and_anothers_slug_means_the_code(service):
    from builders import record, value

    tag = {"If-Match": '"0"'}
    draft = {"kind": "beat", "name": "Abington", "slug": "abington-beat", "parents": ["northampton"]}
    service.put("/v1/areas/nn-abi", json=draft, headers=tag)
    made = service.put(
        "/v1/areas/NN-2",
        json=draft | {"name": "Other", "slug": "nn-abi", "parents": ["kettering"]},
        headers=tag,
    )
    assert made.status_code == 201, made.json
    assert service.get("/v1/areas/nn-abi").json["name"] == "Abington"
    assert service.get("/v1/areas/NN-ABI").json["name"] == "Other"
    assert record(service, area="nn-abi")["area"] == "nn-abi"
    assert (
        value(service, area="nn-abi"),
        value(service, area="NN-2"),
        value(service, area="northampton"),
    ) == (1, 0, 1)


def test_the_etag_of_an_area_moves_with_its_populations(service):
    before = service.get("/v1/areas/kettering")
    draft = {
        name: before.json[name]
        for name in ("aliases", "from_on", "kind", "name", "parents", "populations", "slug", "to_on")
    }
    grown = draft | {
        "populations": [*draft["populations"], {"residents": 1, "source": "a guess", "year": 1801}]
    }
    counted = service.put("/v1/areas/kettering", json=grown, headers={"If-Match": before.headers["ETag"]})
    assert counted.status_code == 200, counted.json
    assert counted.headers["ETag"] not in ("", before.headers["ETag"])
    assert (
        service.get("/v1/areas/kettering", headers={"If-None-Match": before.headers["ETag"]}).status_code
        == 200
    )
    assert (
        service.put(
            "/v1/areas/kettering", json=draft, headers={"If-Match": before.headers["ETag"]}
        ).status_code
        == 412
    )
    taken_back = service.put("/v1/areas/kettering", json=draft, headers={"If-Match": counted.headers["ETag"]})
    assert taken_back.json["since_change"] > counted.json["since_change"]
    assert service.get(f"/v1/areas/kettering?as_of={before.headers['Crimebook-Change']}").json == before.json
    assert service.get(f"/v1/areas/kettering?as_of={counted.json['since_change']}").json == counted.json


@pytest.mark.parametrize("kind", ["force", "body", "region", "nation"])
def test_an_area_does_not_lie_in_one_that_ranks_below_it(service, kind):
    draft = {"kind": kind, "name": "Abington", "slug": "abington", "parents": ["northampton"]}
    answer = service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/parents")
    assert service.get("/v1/areas/NN-ABI").status_code == 404


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        ("district", "northampton"),
        ("partnership", "northampton"),
        ("body", "northamptonshire"),
        ("force", "british-transport-police"),
        ("nation", "england"),
        ("beat", "england"),
    ],
)
def test_an_area_lies_in_one_of_its_rank_or_above(service, kind, parent):
    draft = {"kind": kind, "name": "Abington", "slug": "abington", "parents": [parent]}
    answer = service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    assert answer.status_code == 201, answer.json


def test_an_area_that_others_lie_in_does_not_sink_below_them(service):
    held = service.get("/v1/areas/northamptonshire")
    draft = {
        name: held.json[name]
        for name in ("aliases", "from_on", "name", "parents", "populations", "slug", "to_on")
    }
    answer = service.put(
        "/v1/areas/northamptonshire",
        json=draft | {"kind": "beat"},
        headers={"If-Match": held.headers["ETag"]},
    )
    assert answer.status_code == 422
    assert "cannot lie in Northamptonshire, a beat" in answer.json["detail"]


def test_parents_that_are_not_known_are_a_fault_of_the_body(service):
    draft = {
        "kind": "beat",
        "name": "Abington",
        "slug": "abington-beat",
        "parents": ["northampton", "atlantis"],
    }
    answer = service.put("/v1/areas/NN-ABI", json=draft, headers={"If-Match": '"0"'})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/parents")
    assert "atlantis" in answer.json["detail"]


@pytest.mark.parametrize("code", ["NN ABI", "-NN", "N" * 41, "NN_ABI", "\u00c9"])
def test_an_area_code_is_letters_digits_and_hyphens(service, code):
    draft = {"kind": "beat", "name": "Abington", "slug": "abington-beat", "parents": ["northampton"]}
    answer = service.put(f"/v1/areas/{quote(code)}", json=draft, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    assert answer.json["detail"].startswith("An area code is up to 40 letters, digits and hyphens")
