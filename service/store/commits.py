"""A commit waits for the replicas that the database is told to wait for, if need be for ever: no time limit
of PostgreSQL ends that.

Here one does, and then PostgreSQL calls the commit done, with a warning and no error: it stands at the
primary and perhaps nowhere else.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2

from service.store.book import Connection

_SECONDS_BETWEEN_LOOKS = 0.5


class _Waits:
    """Those that wait at this moment, and until when they may. One thread looks after all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[Connection, float] = {}
        self._watch: threading.Thread | None = None

    @contextmanager
    def bounded(self, held: Connection, seconds: float) -> Iterator[None]:
        """Within, the statement that runs over this connection is cancelled after so many seconds, wherever
        it hangs."""
        with self._lock:
            self._ends[held] = time.monotonic() + seconds
            if self._watch is None or not self._watch.is_alive():  # a fork takes no thread along
                self._watch = threading.Thread(target=self._look, name="commits", daemon=True)
                self._watch.start()
        try:
            yield
        finally:
            with self._lock:
                self._ends.pop(held, None)

    def _look(self) -> None:
        while True:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            with self._lock:
                for held in [one for one, end in self._ends.items() if end < time.monotonic()]:
                    del self._ends[held]
                    with suppress(psycopg2.Error):
                        held.cancel()


bounded = _Waits().bounded
