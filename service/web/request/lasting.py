"""Lasting answers: what a change, the question and whose records its caller sees decide for ever, and so need
not be worked out twice.

A figure as known at a change never becomes another. So an operation that says `lasting` is answered by a
worker with the bytes that it made before, if the same was asked at the same change. Nothing here can be
stale: a new change makes a new question.
"""

from datetime import datetime

from flask import Flask, Response, request

from service.store import Book, connections
from service.web import exchanges
from service.web.answers.tags import Ready, unless_seen
from service.web.exchanges import Exchange, Question
from service.web.request.lasting_answers import LastingAnswers
from service.web.request.steps import Proceed
from service.web.request.wiring import wiring, wiring_of


def make(app: Flask, megabytes: int) -> None:
    """Give this application an empty memory of that size."""
    wiring_of(app).lasting_answers = LastingAnswers(megabytes)


def answer_from_memory(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: give the answer that was made to this question at the newest change, or 304 where the caller has
    it.

    The change came with the caller's key, so the book need not be opened. What is asked as of another change
    was never answered at this one.
    """
    if exchange.operation.lasting and request.method in ("GET", "HEAD"):
        try:
            _stop_if_answered(
                exchange.newest_change, _question(exchange, exchange.newest_change, exchange.newest_at)
            )
        except Ready as ready:
            exchange.read_at = "memory"
            return ready.answer
    return proceed(exchange)


def unless_answered(book: Book) -> None:
    """Stop here with the answer that was made to this question at this change, or with 304 where the caller
    has it; else what will be made may be kept. Where no snapshot spans the book, what is read may be ahead of
    the change, and nothing lasts.
    """
    if not connections.distributed():
        exchange = exchanges.current()
        exchange.question = _question(exchange, book.as_of, book.at)
        _stop_if_answered(book.as_of, exchange.question)


def _question(exchange: Exchange, change: int | None, at: datetime | None) -> Question:
    # The instant too: of another book, as after a restore, a change may have the same number. And a release
    # may be asked for under embargo.
    caller = exchanges.caller_of(exchange)
    publishes = "publish" in caller.scopes
    return (request.path, request.query_string, exchange.media_type, change, at, caller.sees, publishes)


def _stop_if_answered(change: int | None, question: Question) -> None:
    if answer := wiring().lasting_answers.find(question):
        unless_seen(change or 0, answer.tag)
        raise Ready(Response(answer.body, headers=list(answer.headers)))


def keep(exchange: Exchange, response: Response) -> None:
    """Keep what was just made, for whoever asks the same."""
    if exchange.question is not None and response.status_code == 200 and not response.is_streamed:
        question, exchange.question = exchange.question, None
        wiring().lasting_answers.keep(question, response)
