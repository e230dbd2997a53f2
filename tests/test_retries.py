"""A POST that is sent again, because its answer was lost on the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import offence, value

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
