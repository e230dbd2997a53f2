"""Figures that were worked out at a change are not worked out again, and never outlive it."""

import pytest
from builders import key, record
from flask import Response

from service.store import preparing
from service.store.statements import statements as statements_of
from service.web.request.lasting_answers import MEGABYTE, LastingAnswers

BURGLARY = "/v1/summaries?area=northamptonshire&category=residential-burglary&period=2012/13&compare=previous"


@pytest.fixture
def statements(service, monkeypatch):
    """What the service asks of the database, statement by statement."""
    asked = []
    execute = preparing.Cursor.execute

    def heard(cursor, query, values=None):
        asked.append(query)
        return execute(cursor, query, values)

    monkeypatch.setattr(preparing.Cursor, "execute", heard)
    return asked


@pytest.fixture
def counts(statements):
    """How often figures were counted so far."""
    return lambda: statements.count(statements_of()["figures.counts"].count.sql)


def test_the_same_question_at_the_same_change_is_counted_once_and_answered_with_the_same_bytes(
    service, counts
):
    first = service.get(BURGLARY)
    counted = counts()
    again = service.get(BURGLARY)
    assert counted >= 1
    assert counts() == counted
    assert again.get_data() == first.get_data()
    told = {"ETag", "Crimebook-Change", "Content-Type", "Vary"}
    assert {name: again.headers[name] for name in told} == {name: first.headers[name] for name in told}


def test_a_change_makes_it_a_new_question(service, counts):
    before = service.get(BURGLARY).json["figures"][0]["value"]
    record(service)
    assert service.get(BURGLARY).json["figures"][0]["value"] == before + 1


def test_the_book_as_it_was_stays_answered_as_it_was(service):
    first = service.get(BURGLARY)
    then = f"{BURGLARY}&as_of={first.headers['Crimebook-Change']}"
    before = service.get(then).get_data()
    record(service)
    assert service.get(then).get_data() == before


def test_who_holds_the_answer_is_told_so_without_a_count(service, counts):
    tag = service.get(BURGLARY).headers["ETag"]
    counted = counts()
    assert service.get(BURGLARY, headers={"If-None-Match": tag}).status_code == 304
    assert counts() == counted


def test_each_representation_and_each_sight_has_its_own(service, counts):
    as_json = service.get(BURGLARY)
    picture = service.get(BURGLARY, headers={"Accept": "application/vnd.vegalite.v6+json"})
    assert picture.content_type != as_json.content_type
    theirs = key(service, "read", forces=("kent",))
    mine, before = service.get(BURGLARY), counts()
    other = service.get(BURGLARY, headers=theirs)
    assert counts() > before
    assert other.json == mine.json


def test_no_key_no_answer(service):
    service.get(BURGLARY)
    assert service.get(BURGLARY, headers={"Authorization": "Bearer none"}).status_code == 401


def test_a_fault_is_not_kept(service):
    wrong = BURGLARY.replace("northamptonshire", "atlantis")
    assert [service.get(wrong).status_code for _ in range(2)] == [400, 400]


def answers_of(megabytes, *bodies):
    kept = LastingAnswers(megabytes)
    for number, body in enumerate(bodies):
        kept.keep(number, Response(body, headers={"ETag": '"1"'}))
    return [kept.find(number) is not None for number in range(len(bodies))]


def test_what_was_asked_least_lately_makes_room():
    tenth = b"x" * (MEGABYTE // 10)
    held = answers_of(1, *[tenth] * 12)
    assert held == [False] * 3 + [True] * 9


def test_an_answer_that_would_take_an_eighth_of_the_room_is_not_kept():
    assert answers_of(1, b"x" * (MEGABYTE // 8), b"x" * (MEGABYTE // 9)) == [False, True]


def test_without_room_nothing_is_kept():
    assert answers_of(0, b"x") == [False]
