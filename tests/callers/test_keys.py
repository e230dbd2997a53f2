"""Several keys of a caller: they expire, take each other's place with an overlap, and are revoked at once."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import looking, offence

from service.callers import keys

NOBODY = "01939f3c-7c1e-7f00-8000-000000000000"


def instant(**later):
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def opens(service, key):
    return service.get("/v1/areas?limit=1", headers=bearer(key)).status_code == 200


def passed(caller_key, name="expires_at"):
    """Let the day of a key go by: as the owner, since nothing else can turn the clock."""
    with looking() as cursor:
        cursor.execute("set role crimebook")
        cursor.execute(
            f"update caller_key_version set {name} = '2020-01-01' where key_id = %s and until_change is null",
            (caller_key,),
        )
        cursor.execute("set role crimebook_service")


@pytest.fixture
def made(service):
    answer = service.post("/v1/callers", json={"name": "Custody system", "scopes": ["read"]})
    assert answer.status_code == 201
    return answer.json | {"address": answer.headers["Location"]}


def test_a_new_key_takes_the_place_of_the_old_at_once_where_no_overlap_is_asked(service, made):
    rotated = service.post(f"{made['address']}/keys", json={})
    assert rotated.status_code == 201 and rotated.json["key"] != made["key"]
    assert opens(service, rotated.json["key"]) and not opens(service, made["key"])
    assert (
        rotated.json["key"]
        not in service.get(f"{made['address']}/keys").text + service.get(rotated.headers["Location"]).text
    )


def test_old_and_new_key_work_side_by_side_until_the_overlap_ends(service, made):
    rotated = service.post(f"{made['address']}/keys", json={"overlap_ends": instant(days=7)}).json
    assert opens(service, made["key"]) and opens(service, rotated["key"])
    passed(made["key_id"])
    assert not opens(service, made["key"]) and opens(service, rotated["key"])


def test_an_overlap_never_lets_a_key_last_longer_than_it_would(service):
    soon = instant(days=1)
    made = service.post("/v1/callers", json={"name": "x", "scopes": ["read"], "expires_at": soon})
    address = f"{made.headers['Location']}/keys"
    service.post(address, json={"overlap_ends": instant(days=7)})
    held = service.get(f"{address}/{made.json['key_id']}").json
    assert datetime.fromisoformat(held["expires_at"]) == datetime.fromisoformat(soon)
    service.post(address, json={"overlap_ends": instant(hours=1)})
    held = service.get(f"{address}/{made.json['key_id']}").json
    assert datetime.fromisoformat(held["expires_at"]) < datetime.fromisoformat(soon)


def test_a_key_opens_nothing_once_its_day_has_come(service):
    made = service.post(
        "/v1/callers", json={"name": "x", "scopes": ["read"], "expires_at": instant(days=1)}
    ).json
    assert opens(service, made["key"])
    passed(made["key_id"])
    assert not opens(service, made["key"])


@pytest.mark.parametrize("name", ["expires_at", "overlap_ends"])
def test_what_has_gone_by_already_is_refused(service, made, name):
    answer = service.post(f"{made['address']}/keys", json={name: "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{name}")
    assert opens(service, made["key"]), "nothing was changed"


def test_one_key_is_revoked_at_once_and_the_others_stay(service, made):
    rotated = service.post(f"{made['address']}/keys", json={"overlap_ends": instant(days=7)})
    address = f"{made['address']}/keys/{made['key_id']}"
    assert opens(service, made["key"])
    gone = service.delete(address, headers={"If-Match": service.get(address).headers["ETag"]})
    assert gone.json["revoked_change"] == gone.json["since_change"] == int(gone.headers["Crimebook-Change"])
    assert not opens(service, made["key"]) and opens(service, rotated.json["key"])
    assert service.get(address).json == gone.json
    assert service.get(f"{address}?as_of={gone.json['revoked_change'] - 1}").json["revoked_change"] is None
    assert service.delete(address, headers={"If-Match": gone.headers["ETag"]}).status_code == 409


def test_revoking_a_caller_ends_all_its_keys_and_makes_no_more(service, made):
    rotated = service.post(f"{made['address']}/keys", json={"overlap_ends": instant(days=7)}).json
    tag = {"If-Match": service.get(made["address"]).headers["ETag"]}
    assert service.delete(made["address"], headers=tag).status_code == 200
    assert not opens(service, made["key"]) and not opens(service, rotated["key"])
    assert service.post(f"{made['address']}/keys", json={}).status_code == 409


def test_a_key_revoked_while_it_was_not_seen_is_stale(service, made):
    service.post(f"{made['address']}/keys", json={"overlap_ends": instant(days=7)})
    tag = {"If-Match": f'"{made["since_change"]}"'}
    assert service.delete(f"{made['address']}/keys/{made['key_id']}", headers=tag).status_code == 412


def test_the_last_use_of_a_key_is_told_to_the_hour_and_written_once_an_hour(service, made):
    address = f"{made['address']}/keys"
    assert service.get(address).json["items"][0]["last_used_at"] is None
    for _ in range(3):
        opens(service, made["key"])
    used = datetime.fromisoformat(service.get(address).json["items"][0]["last_used_at"])
    assert timedelta(0) <= datetime.now(UTC) - used < timedelta(hours=1, minutes=1) and (
        used.minute,
        used.second,
    ) == (0, 0)
    with looking() as cursor:
        cursor.execute(
            "select xmin::text as written, used_at from caller_key_use where key_id = %s", (made["key_id"],)
        )
        before = cursor.fetchone()
        opens(service, made["key"])
        cursor.execute(
            "select xmin::text as written, used_at from caller_key_use where key_id = %s", (made["key_id"],)
        )
        assert cursor.fetchone() == before


def test_a_use_that_cannot_be_noted_stops_nobody(service, made):
    with looking() as cursor:
        cursor.execute(
            "set role crimebook; revoke insert on caller_key_use from crimebook_service; set role"
            " crimebook_service"
        )
    assert opens(service, made["key"])


def test_keys_are_256_random_bits_and_no_two_alike():
    many = {keys.new_key() for _ in range(1000)}
    assert (
        len(many) == 1000
        and {len(one) for one in many} == {46}
        and all(one.startswith("cb_") for one in many)
    )


def test_keys_are_for_administrators(service, made):
    assert service.get(f"{made['address']}/keys", headers=bearer(made["key"])).status_code == 403
    assert service.post(f"{made['address']}/keys", json={}, headers=bearer(made["key"])).status_code == 403
    assert service.get(f"/v1/callers/{NOBODY}/keys").status_code == 404
    assert service.get(f"{made['address']}/keys/{NOBODY}").status_code == 404


def test_the_same_answer_comes_whatever_is_wrong_with_a_key(service, made):
    expired = service.post(
        "/v1/callers", json={"name": "x", "scopes": ["read"], "expires_at": instant(days=1)}
    ).json
    passed(expired["key_id"])
    service.post(f"{made['address']}/keys", json={})
    said = [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer cb_nobody",
        f"Bearer {'x' * 201}",
        "Bearer a.b.c",
        f"Bearer {made['key']}",
        f"Bearer {expired['key']}",
        f"Basic {made['key']}",
        f"Bearer {made['key']}x",
    ]
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    answers = {
        (
            answer.status_code,
            answer.get_data(),
            answer.headers["WWW-Authenticate"],
            answer.headers["Content-Type"],
        )
        for answer in (service.get("/v1/offences", headers=trace | {"Authorization": one}) for one in said)
    }
    assert len(answers) == 1
    [(status, _, challenge, _)] = answers
    assert (status, challenge) == (401, 'Bearer realm="crimebook"')


def test_a_caller_of_the_time_before_there_were_several_keys_goes_on(service, made):
    """What the migration does to each caller: its digest becomes its first key."""
    with looking() as cursor:
        cursor.execute("select digest from caller where caller_id = %s", (made["caller_id"],))
        assert bytes(cursor.fetchone()["digest"]) == keys.digest(made["key"])


def test_what_a_key_did_is_in_the_name_of_its_caller_whichever_key_it_was(service):
    made = service.post("/v1/callers", json={"name": "Crime desk", "scopes": ["read", "record"]})
    second = service.post(f"{made.headers['Location']}/keys", json={}).json["key"]
    change = service.post("/v1/offences", json=offence(), headers=bearer(second)).headers["Crimebook-Change"]
    assert service.get(f"/v1/changes/{change}").json["caller"] == "Crime desk"
