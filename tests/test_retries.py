"""A POST that is sent again, because its answer was lost on the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import looking, offence, value

from service.store import database


def test_the_same_key_and_body_get_the_same_bytes_and_do_it_once(service):
    sent = offence()
    first = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    again = service.post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    assert [again.headers[name] for name in ("ETag", "Location", "Crimebook-Change")] == [
        first.headers[name] for name in ("ETag", "Location", "Crimebook-Change")]  # fmt: skip
    assert again.headers["Idempotent-Replay"] == "true"
    assert value(service) == 1


def test_the_same_key_with_another_body_is_refused(service):
    service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    answer = service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "a-1"})
    assert (answer.status_code, answer.json["type"]) == (422, "/docs/problems/idempotency-key-reused")
    assert value(service) == 1


def test_a_refused_request_keeps_nothing_so_its_key_can_be_used_again(service):
    assert service.post("/v1/offences", json=offence(code="999Z"), headers={"Idempotency-Key": "a-1"}).status_code == 422
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
    assert service.get(first.headers["Location"], headers={"Authorization": f"Bearer {first.json['key']}"}).status_code == 403


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
            return app.test_client().post("/v1/offences", json=sent, headers={"Idempotency-Key": "a-1"}).get_data()
        finally:
            database.release()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(post, range(12)))
    assert len(answers) == 1
    assert value(service) == 1
