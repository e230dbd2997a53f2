"""A POST that is sent again, because its answer was lost on the way."""

from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from builders import key, looking, offence, value
from committed import contract
from examples import EXAMPLES, body, ground

from service.store import database


def test_the_same_key_and_body_get_the_same_bytes_and_do_it_once(service):
    sent = offence()
    first = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    again = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    assert [again.headers[name] for name in ("ETag", "Location", "Crimebook-Change")] == [
        first.headers[name] for name in ("ETag", "Location", "Crimebook-Change")
    ]
    assert again.headers["Idempotent-Replay"] == "true"
    assert value(service) == 1


def test_the_same_key_with_another_body_is_refused(service):
    service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    answer = service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    assert (answer.status_code, answer.json["type"]) == (422, "/docs/problems/idempotency-key-reused")
    assert value(service) == 1


def test_a_refused_request_keeps_nothing_so_its_key_can_be_used_again(service):
    assert (
        service.post(
            "/v1/offences", json=offence(code="999Z"), headers={"Idempotency-Key": "a-1"}
        ).status_code
        == 422
    )
    assert service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"}).status_code == 201


@pytest.mark.parametrize("sent", ["", '""', "x" * 201, "two words", "\x7f"])
def test_a_key_is_up_to_200_visible_characters(service, sent):
    assert service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": sent}).status_code == 400


def test_a_new_key_is_not_kept_so_a_repeat_is_told_that_it_was_made(service):
    sent, tag = {"name": "Custody system", "scopes": ["read"]}, {"Idempotency-Key": "a-1"}
    first = service.post("/v1/callers", json=sent, headers=tag)
    again = service.post("/v1/callers", json=sent, headers=tag)
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replay"]) == (201, 409, "true")
    assert "shown then and is not kept" in again.json["detail"]
    assert again.headers["Location"] == first.headers["Location"]
    with looking() as cursor:
        cursor.execute("select convert_from(body, 'utf8') || given_answer::text as kept from given_answer")
        [row] = cursor.fetchall()
    assert first.json["key"] not in row["kept"] and "cb_" not in row["kept"]
    assert (
        service.get(
            first.headers["Location"], headers={"Authorization": f"Bearer {first.json['key']}"}
        ).status_code
        == 403
    )


def test_a_key_of_the_day_before_yesterday_can_be_used_again(service):
    first = service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    with database.connection().cursor() as cursor:
        cursor.execute("set role crimebook")
        cursor.execute("update given_answer set at = at - interval '25 hours'")
        cursor.execute("set role crimebook_service")
    sent = offence()
    second = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    assert (first.status_code, second.status_code) == (201, 201), second.json
    assert "Idempotent-Replay" not in second.headers
    again = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    assert (again.get_data(), again.headers["Idempotent-Replay"]) == (second.get_data(), "true")


def test_of_many_at_once_one_does_it_and_all_get_its_answer(service, app):
    sent = offence()

    def post(_):
        try:
            return (
                app.test_client()
                .post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
                .get_data()
            )
        finally:
            database.release()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(post, range(12)))
    assert len(answers) == 1
    assert value(service) == 1


POSTS = {
    one["operationId"]: path
    for path, told in contract()["paths"].items()
    for method, one in told.items()
    if method == "post"
}
ASKED = {"receiveReturn": "?source=home-office-pfa&edition=2026-04&understood_only=true"}
KEEPS_NOTHING = {"guessMapping"}


def ready(service, name, path):
    """What is to be sent: the address, the body as its example has it, and headers but for the key."""
    [file] = [
        file for file in (EXAMPLES / f"{name}{ending}" for ending in (".json", ".csv")) if file.exists()
    ] or [None]
    kind = {".json": "application/json", ".csv": "text/csv"}[file.suffix] if file else None
    names, headers = ground(service, name, path)
    sent = body(service, name, file.read_text()) if file else None
    return path.format(**names) + ASKED.get(name, ""), {"data": sent, "content_type": kind}, headers


def changes():
    with looking() as cursor:
        cursor.execute(
            "select count(*) as changes, (select count(*) from given_answer) as answers from change"
        )
        return tuple(cursor.fetchone().values())


@pytest.mark.parametrize(("name", "path"), POSTS.items(), ids=POSTS)
def test_whatever_is_posted_twice_with_one_key_is_done_once_and_answered_with_the_same_bytes(
    service, name, path
):
    address, sent, headers = ready(service, name, path)
    first = service.post(address, headers=headers | {"Idempotency-Key": "once"}, **sent)
    assert first.status_code in (200, 201), first.json
    done = changes()
    again = service.post(address, headers=headers | {"Idempotency-Key": "once"}, **sent)
    assert changes() == done
    if name in ("createCaller", "rotateCallerKey"):  # a secret is shown once
        assert (again.status_code, "key" in again.json) == (409, False)
        return
    assert (again.status_code, again.get_data()) == (first.status_code, first.get_data())
    for header in ("Content-Type", "ETag", "Location", "Crimebook-Change"):
        assert again.headers.get(header) == first.headers.get(header), header
    assert ("Idempotent-Replay" in again.headers) is (name not in KEEPS_NOTHING)


@pytest.mark.parametrize("where", ["before it is kept", "while it is kept"])
def test_an_answer_and_its_effect_are_kept_together_or_not_at_all(service, monkeypatch, where):
    """Whatever fails after the effect takes it back, and the key can do it anew."""
    before, sent = changes(), offence()

    def fails(*_, **__):
        raise psycopg2.DataError("on the way")

    with monkeypatch.context() as broken:
        broken.setattr(
            *{
                "while it is kept": ("service.web.request.retries._keep", fails),
                "before it is kept": ("service.web.request.access.write", fails),
            }[where]
        )
        assert service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"}).status_code >= 400
    assert changes() == before
    assert service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"}).status_code == 201
    assert changes() == (before[0] + 1, before[1] + 1)


def test_of_two_bodies_at_once_with_one_key_one_is_done_and_the_other_refused(service, app):
    sent = [offence() for _ in range(6)]

    def post(body):
        try:
            answer = app.test_client().post("/v1/offences", json=body, headers={"Idempotency-Key": "a-1"})
            return answer.status_code, answer.json["type"] if answer.status_code == 422 else None
        finally:
            database.release()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(post, sent))
    assert answers == [(201, None), *[(422, "/docs/problems/idempotency-key-reused")] * 5]
    assert value(service) == 1


def test_the_same_key_of_another_caller_is_another_key(service):
    other = key(service, "record")
    first = service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    second = service.post("/v1/offences", json=offence(), headers=other | {"Idempotency-Key": "a-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["offence_id"] != second.json["offence_id"]
