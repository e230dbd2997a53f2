"""Places for what may hold a thread for long, fewer than there are threads: so reading goes on while files
come and writers wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from service.web.problems import Problem

SECONDS_FOR_A_PLACE = (
    0.2  # a writer needs milliseconds, so whoever finds no place for so long stands behind something slow
)
Kind = Literal["files", "pictures", "writers"]


class Places:
    """So many places in this process; `taken_by` says in the plural what takes them."""

    def __init__(self, most: int, taken_by: str) -> None:
        self._free, self._most, self._taken_by = threading.Semaphore(most), most, taken_by

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises 503 where none becomes free at once."""
        if not self._free.acquire(timeout=SECONDS_FOR_A_PLACE):
            detail = f"{self._most} {self._taken_by} are under way already in this process."
            raise Problem("busy", detail, headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._free.release()


def for_threads(threads: int) -> dict[Kind, Places]:
    """Half of the threads for files and long bodies, as many for pictures, all but two for writers, in each
    case one at least."""
    return {
        "files": Places(max(1, threads // 2), "files or long bodies"),
        "pictures": Places(max(1, threads // 2), "pictures"),
        "writers": Places(max(1, threads - 2), "changes"),
    }
