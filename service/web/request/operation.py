"""@operation makes a method of a Resource an operation of the contract: every request to it goes through the
same steps, and the contract document is read off its declaration."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response

from service.store import reflected_change
from service.web import exchanges
from service.web.answers.answer import Answer
from service.web.declaration import Operation
from service.web.exchanges import Exchange
from service.web.problems import Problem
from service.web.request.access import log_access, log_replay, require_justification
from service.web.request.arguments import load_body, load_query
from service.web.request.authorisation import authorise
from service.web.request.deprecations import announce_deprecation
from service.web.request.lasting import answer_from_memory
from service.web.request.negotiation import negotiate
from service.web.request.preconditions import read_conditions, require_version
from service.web.request.responding import respond
from service.web.request.retries import answer_once, keep_answer, repeat_once
from service.web.request.steps import Step, chain
from service.web.request.transactions import open_transactions

__all__ = ["STEPS", "Answer", "found", "operation"]

Found = TypeVar("Found")

Method = Callable[..., object]

STEPS: tuple[Step, ...] = (
    announce_deprecation,
    authorise,
    negotiate,
    read_conditions,
    answer_from_memory,
    require_justification,
    load_query,
    require_version,
    load_body,
    log_replay,
    answer_once,
    repeat_once,
    open_transactions,
    keep_answer,
    log_access,
)
"""What happens around every method, from the outside in. What is to happen around every request is one more
step here."""

_answered = chain(STEPS, respond)


def operation(name: str, summary: str, **contract: Any) -> Callable[[Method], Method]:
    """Make a Resource method an operation of the contract. Its docstring is the longer description;
    `contract` are the members of `Operation`."""
    declared = Operation(name, summary, **contract)

    def wrap(method: Method) -> Method:
        @functools.wraps(method)
        def run(resource: object, **path: object) -> Response:
            exchange: Exchange = exchanges.current()
            exchange.operation, exchange.arguments = declared, path
            exchange.method = functools.partial(method, resource)
            reflected_change.set(None)
            return _answered(exchange)

        run.operation = declared  # type: ignore[attr-defined]
        return run

    return wrap


def found(row: Found | None, otherwise: str) -> Found:
    """The row or the noun, or a 404 problem with that sentence."""
    if row is None:
        raise Problem("not-found", otherwise)
    return row
