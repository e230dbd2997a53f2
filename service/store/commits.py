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
    """The connections whose statements are bounded at this moment, and until when. One thread watches all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[Connection, float] = {}
        self._watch: threading.Thread | None = None

    @contextmanager
    def bounded(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Within this block, a statement that runs over the connection is cancelled after so many seconds,
        wherever it hangs."""
        with self._lock:
            self._ends[connection] = time.monotonic() + seconds
            if self._watch is None or not self._watch.is_alive():  # a fork takes no thread along
                self._watch = threading.Thread(target=self._cancel_late, name="commits", daemon=True)
                self._watch.start()
        try:
            yield
        finally:
            with self._lock:
                self._ends.pop(connection, None)

    def _cancel_late(self) -> None:
        while True:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            with self._lock:
                for connection in [late for late, end in self._ends.items() if end < time.monotonic()]:
                    del self._ends[connection]
                    with suppress(psycopg2.Error):
                        connection.cancel()


bounded = _Waits().bounded
