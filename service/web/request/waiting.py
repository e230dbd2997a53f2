"""Waiting for the next change, without a transaction, a connection or a lock: one watcher in each process
looks for all who wait."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg2

from service.store import database
from service.web.problems import Problem

LONGEST_WAIT = 60
_SECONDS_BETWEEN_LOOKS = 0.1


class _Watcher:
    """Sees that a change was made. Its thread lives while somebody waits."""

    def __init__(self) -> None:
        self._seen = threading.Condition(threading.RLock())
        self._newest = 0
        self._waiting = 0
        self._watching = False
        self.stopping: Callable[[], bool] = lambda: False

    def wait_beyond(self, change: int, seconds: float, most: int) -> bool:
        """Come back when a later change than this has been made, or after so many seconds; was one? Raises
        503 where too many wait."""
        until = time.monotonic() + seconds
        with self._seen:
            if self._waiting >= most:
                detail = (
                    f"{most} callers wait already in this process for a change: ask without wait, or again in"
                    " a few seconds."
                )
                raise Problem("busy", detail, headers={"Retry-After": "5"})
            self._waiting += 1
            self._newest = 0  # what was seen by earlier watchers may be of another database
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="watch", daemon=True).start()
            try:
                while self._watching and self._newest <= change and (left := until - time.monotonic()) > 0:
                    self._seen.wait(left)
                return self._newest > change
            finally:
                self._waiting -= 1

    def _watch(self) -> None:
        """Look until nobody waits. Where the database does not answer, or the process is to end, everybody
        stops waiting at once."""
        try:
            while self._look():
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        except psycopg2.Error:
            self._end()
        with suppress(psycopg2.Error):
            database.release()

    def _look(self) -> bool:
        latest = database.ask("store.changes", "latest")
        with self._seen:
            self._newest = latest["id"] if latest else 0
            if self._waiting == 0 or self.stopping():
                self._end()
            self._seen.notify_all()
            return self._watching

    def _end(self) -> None:
        with self._seen:
            self._watching = False
            self._seen.notify_all()


watcher = _Watcher()
"""The one of this process."""


def for_change(after: int, seconds: int, most: int) -> bool:
    """Wait until a change after this one has been made, at most so many seconds; was one? The connections of
    this thread are given back meanwhile."""
    latest = database.ask("store.changes", "latest")
    if latest is not None and latest["id"] > after:
        return True
    database.release()
    return watcher.wait_beyond(after, seconds, most)
