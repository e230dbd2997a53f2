"""The memory of one process for answers that the change they reflect decides for ever. What has not been
asked for the longest time is dropped first."""

import threading
from typing import NamedTuple

from cachetools import LRUCache
from flask import Response

from service.web.exchanges import Question

MEGABYTE = 2**20
MOST_OF_ALL = 8
"""No answer takes more than this part of the memory."""


class KeptAnswer(NamedTuple):
    """An answer as it left."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    tag: str

    @property
    def size(self) -> int:
        """In bytes, with about what Python needs to hold it and its question."""
        return len(self.body) + sum(len(name) + len(value) + 150 for name, value in self.headers) + 1000


class LastingAnswers:
    """Answers by their questions, up to so many megabytes."""

    def __init__(self, megabytes: int) -> None:
        self._most = megabytes * MEGABYTE
        self._answers: LRUCache[Question, KeptAnswer] = LRUCache(
            self._most, getsizeof=lambda answer: answer.size
        )
        self._lock = threading.Lock()

    def find(self, question: Question) -> KeptAnswer | None:
        """The answer to this question, if it was kept."""
        with self._lock:
            return self._answers.get(question)

    def keep(self, question: Question, response: Response) -> None:
        """Keep an answer that is whole and not too large."""
        answer = KeptAnswer(response.get_data(), tuple(response.headers), response.headers["ETag"])
        if answer.size <= self._most // MOST_OF_ALL:
            with self._lock:
                self._answers[question] = answer
