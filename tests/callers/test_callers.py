"""Keys: made, listed, used, revoked."""

import stat

import pytest
from builders import FORCE, offence

from service.callers import callers
from service.store import database


def test_a_key_is_shown_once_and_works_until_it_is_revoked(service):
    made = service.post(
        "/v1/callers", json={"name": "Custody system", "scopes": ["read"], "forces": ["northamptonshire"]}
    )
    assert (made.status_code, made.json["forces"], made.json["scopes"]) == (201, [FORCE], ["read"])
    headers = {"Authorization": f"Bearer {made.json['key']}"}
    assert service.get("/v1/offences", headers=headers).status_code == 200
    read = service.get(made.headers["Location"])
    assert "key" not in read.json and made.json["key"] not in service.get("/v1/callers").text
    gone = service.delete(made.headers["Location"], headers={"If-Match": read.headers["ETag"]})
    assert gone.json["revoked_change"] == gone.json["since_change"]
    assert service.get("/v1/offences", headers=headers).status_code == 401


def test_only_an_administrator_makes_keys(service):
    made = service.post("/v1/callers", json={"name": "Reader", "scopes": ["read"]}).json
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (
        service.post("/v1/callers", json={"name": "x", "scopes": ["read"]}, headers=headers).status_code
        == 403
    )
    assert service.get("/v1/callers", headers=headers).status_code == 403


def test_a_caller_has_a_name_of_its_own_known_scopes_and_known_forces(service):
    assert service.post("/v1/callers", json={"name": "administrator", "scopes": ["read"]}).status_code == 409
    assert service.post("/v1/callers", json={"name": "x", "scopes": ["everything"]}).status_code == 422
    assert service.post("/v1/callers", json={"name": "x", "scopes": []}).status_code == 422
    assert (
        service.post(
            "/v1/callers", json={"name": "x", "scopes": ["read"], "forces": ["northampton"]}
        ).status_code
        == 422
    )
    assert service.post("/v1/callers", json={"name": "<x>", "scopes": ["read"]}).status_code == 422


def test_a_key_that_administers_does_so_for_every_force(service):
    answer = service.post(
        "/v1/callers", json={"name": "x", "scopes": ["read", "administer"], "forces": ["northamptonshire"]}
    )
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/forces")
    assert (
        service.post("/v1/callers", json={"name": "x", "scopes": ["read", "administer"]}).status_code == 201
    )


@pytest.mark.parametrize("name", ["crimebook", "Crimebook", "CRIMEBOOK"])
def test_nobody_takes_the_name_under_which_the_service_makes_its_own_changes(service, name):
    answer = service.post("/v1/callers", json={"name": name, "scopes": ["read"]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/name")


def test_a_key_is_for_forces_or_bodies_named_by_code_or_slug(service):
    sent = {
        "name": "x",
        "scopes": ["record"],
        "forces": ["northamptonshire", FORCE, "british-transport-police"],
    }
    assert service.post("/v1/callers", json=sent).json["forces"] == [FORCE, "british-transport-police"]
    for wrong in ("northampton", "england", "atlantis"):
        answer = service.post("/v1/callers", json=sent | {"name": "y", "forces": [wrong]})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/forces")
        assert wrong in answer.json["detail"]


def test_the_first_key_is_made_once_and_only_its_owner_can_read_it(book_url, tmp_path):
    key = callers.ensure_first_key(book_url, tmp_path / "home")
    path = tmp_path / "home" / "key"
    assert path.read_text() == key + "\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert callers.ensure_first_key(book_url, tmp_path / "home") is None
    with database.reading() as book:
        [row] = book.callers.callers.list(after_caller_id=None, limit=10)
        assert key not in str(row)
    database.release()


def test_the_change_says_which_key_made_it(service):
    made = service.post("/v1/callers", json={"name": "Crime desk", "scopes": ["read", "record"]}).json
    answer = service.post("/v1/offences", json=offence(), headers={"Authorization": f"Bearer {made['key']}"})
    change = service.get(f"/v1/changes/{answer.headers['Crimebook-Change']}").json
    assert (change["caller"], change["reason"]) == ("Crime desk", "offence recorded")
