"""Lasting answers: what a change, the question and whose records its asker sees decide for ever, and so need
not be worked out twice.

A figure as known at a change never becomes another. So an operation that says `lasting` is answered by a
worker with the bytes that it has made before, if the same was asked at the same change; nothing here can be
stale, and a new change is a new question. What is asked least lately makes room.
"""

import threading
from typing import Any, NamedTuple

from cachetools import LRUCache
from flask import Flask, Response, current_app, g, request

from service.store import Book, connections
from service.web.request.preconditions import Ready, unless_seen

MEGABYTE = 2**20
MOST_OF_ALL = 8
"""No answer takes more than this part of the room."""


class _Kept(NamedTuple):
    """An answer as it left."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    tag: str

    @property
    def size(self) -> int:
        """In bytes, with about what Python needs to hold it and its key."""
        return len(self.body) + sum(len(name) + len(value) + 150 for name, value in self.headers) + 1000


class LastingAnswers:
    """Those of one worker."""

    def __init__(self, megabytes: int) -> None:
        self._room = megabytes * MEGABYTE
        self._kept: LRUCache[Any, _Kept] = LRUCache(self._room, getsizeof=lambda kept: kept.size)
        self._lock = threading.Lock()

    def find(self, key: Any) -> _Kept | None:
        """The answer to this question, if it was made."""
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Any, answer: Response) -> None:
        """Keep an answer that is whole and not too large."""
        kept = _Kept(answer.get_data(), tuple(answer.headers), answer.headers["ETag"])
        if kept.size <= self._room // MOST_OF_ALL:
            with self._lock:
                self._kept[key] = kept


def make(app: Flask, megabytes: int) -> None:
    """Give this application its room for lasting answers."""
    app.extensions["lasting_answers"] = LastingAnswers(megabytes)


def answered_at_newest() -> Response | None:
    """The answer that was made to this question at the newest change, or 304 where the caller holds it. The
    change came with the caller's key, so the book need not be opened; and what is asked as of another change
    was never answered at this one.
    """
    change, at = g.newest
    try:
        _stop_if_answered(change, _question(change, at))
    except Ready as ready:
        g.read_at = "memory"
        return ready.answer
    return None


def unless_answered(book: Book) -> None:
    """Stop here with the answer that was made to this question at this change, or with 304 where the caller
    holds it; else what will be made may be kept. Where no snapshot spans the book, what is read may be ahead
    of the change, and nothing lasts.
    """
    if not connections.distributed():
        g.question = _question(book.as_of, book.at)
        _stop_if_answered(book.as_of, g.question)


def _question(change: int | None, at: Any) -> tuple[Any, ...]:
    # The instant too: of another book, as after a restore, a change may have the same number. And a release
    # may be asked for under embargo.
    sees = (g.caller.sees, "publish" in g.caller.scopes)
    return (request.path, request.query_string, g.media_type, change, at, *sees)


def _stop_if_answered(change: int | None, question: tuple[Any, ...]) -> None:
    if kept := current_app.extensions["lasting_answers"].find(question):
        unless_seen(change or 0, kept.tag)
        raise Ready(Response(kept.body, headers=list(kept.headers)))


def keep(answer: Response) -> None:
    """Keep what was just made, for whoever asks the same."""
    if "question" in g and answer.status_code == 200 and not answer.is_streamed:
        current_app.extensions["lasting_answers"].keep(g.pop("question"), answer)
