"""Every operation goes through the same list of steps, and each step can be tried alone."""

from functools import partial

import pytest
from flask import Response

from service.callers import callers
from service.web import exchanges
from service.web.answers import formats
from service.web.caller import Caller, Recognised
from service.web.declaration import Operation
from service.web.problems import Problem
from service.web.request.authorisation import authorise
from service.web.request.negotiation import negotiate
from service.web.request.operation import STEPS
from service.web.request.places import for_threads
from service.web.request.preconditions import read_conditions, require_version
from service.web.request.rate_limits import RateLimits, share
from service.web.request.steps import chain
from service.web.request.wiring import wiring_of

READER = Caller("reader", frozenset({"read"}), frozenset({"E23000022"}))


@pytest.fixture
def arrive(app):
    """An exchange as it is when a request has arrived, for an operation with these promises."""
    contexts = []

    def made(path="/", method="GET", headers=None, **promises):
        while contexts:  # as each request has a context of its own
            contexts.pop().pop()
        contexts.append(app.test_request_context(path, method=method, headers=headers))
        contexts[0].push()
        exchange = exchanges.current()
        exchange.operation, exchange.arguments = Operation("tryOut", "Try out", **promises), {}
        return exchange

    yield made
    while contexts:
        contexts.pop().pop()


def done(_exchange):
    return Response(b"done")


def refused(step, exchange):
    with pytest.raises(Problem) as fault:
        step(done, exchange)
    return fault.value.kind


def test_steps_are_taken_in_order_from_the_outside_in_and_one_may_answer_itself(arrive):
    taken = []

    def note(name, proceed, exchange):
        taken.append(name)
        response = proceed(exchange)
        taken.append(f"{name} again")
        return response

    def answer(_proceed, _exchange):
        return Response(b"sooner")

    exchange = arrive()
    outer, inner = partial(note, "outer"), partial(note, "inner")
    assert chain([outer, inner], done)(exchange).get_data() == b"done"
    assert taken == ["outer", "inner", "inner again", "outer again"]
    assert chain([outer, answer, inner], done)(exchange).get_data() == b"sooner"


def test_who_asks_is_known_before_anything_else_is_looked_at():
    names = [step.__name__ for step in STEPS]
    assert names.index("authorise") == 1 and names[0] == "announce_deprecation"
    assert names.index("answer_once") < names.index("repeat_once") < names.index("open_transactions")
    assert names[-3:] == ["open_transactions", "keep_answer", "log_access"], (
        "what is kept for a repeat, and the line in the log, stand or fall with the effect"
    )


def test_a_caller_is_recognised_counted_and_held_to_the_scope(app, arrive, monkeypatch):
    parts = wiring_of(app)
    monkeypatch.setattr(parts, "recognise", {"good": Recognised(READER, 7)}.get)
    monkeypatch.setattr(parts, "rate_limits", RateLimits(share("3/day", 1), share("none", 1)))
    good = {"Authorization": "Bearer good"}
    exchange = arrive(headers=good)
    assert authorise(done, exchange).get_data() == b"done"
    assert (exchanges.caller(), exchange.newest_change) == (READER, 7)
    assert exchange.rate_limit["RateLimit"].startswith('"caller";r=2;')
    assert refused(authorise, arrive(headers=good, scope="record")) == "forbidden"
    assert refused(authorise, arrive(headers={"Authorization": "Bearer bad"})) == "unauthenticated"
    assert refused(authorise, arrive(headers={"Authorization": "Basic good"})) == "unauthenticated"
    assert authorise(done, arrive(headers=good)).status_code == 200
    assert refused(authorise, arrive(headers=good)) == "too-many-requests"
    open_to_all = arrive(scope=None)
    assert authorise(done, open_to_all).status_code == 200
    with pytest.raises(RuntimeError, match="has no scope"):
        exchanges.caller()


def test_the_representation_is_the_one_that_the_caller_likes_best(arrive):
    offered = {"formats": (formats.JSON, formats.CSV)}
    for accepted, chosen in (
        (None, formats.JSON),
        ("text/csv", formats.CSV),
        ("text/*;q=0.5, application/json;q=0.1", formats.CSV),
        ("*/*", formats.JSON),
    ):
        exchange = arrive(headers={"Accept": accepted} if accepted else None, **offered)
        negotiate(done, exchange)
        assert exchange.media_type == chosen
    assert refused(negotiate, arrive(headers={"Accept": "image/png"}, **offered)) == "not-acceptable"


def test_a_reader_says_what_it_has_seen_and_a_writer_which_version(arrive):
    exchange = arrive(headers={"Crimebook-Change": "5", "If-None-Match": '"9.csv"'})
    read_conditions(done, exchange)
    assert exchange.last_seen == 9
    writer = arrive(method="PUT", headers={"If-Match": '"12"'}, guarded=True)
    read_conditions(done, writer)
    require_version(done, writer)
    assert (writer.last_seen, writer.arguments) == (None, {"seen": 12})
    assert refused(require_version, arrive(method="PUT", guarded=True)) == "precondition-required"
    wrong = arrive(method="PUT", headers={"If-Match": "12"}, guarded=True)
    assert refused(require_version, wrong) == "stale-version"


def test_nothing_can_be_kept_of_a_request_that_was_not_declared(arrive):
    exchange = arrive()
    with pytest.raises(AttributeError):
        exchange.favourite_colour = "blue"


def test_an_application_has_the_parts_it_was_wired_with(app):
    parts = wiring_of(app)
    assert parts.recognise.func is callers.recognise
    assert set(parts.places) == set(for_threads(4)) == {"files", "pictures", "writers"}
