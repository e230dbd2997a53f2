"""Rows out of the book by COPY, the fastest way out; memory stays constant however slowly they are read.

COPY pushes and an answer is pulled: a thread of its own takes what the database sends, and hands it over in
pieces through a queue that holds few. A reader that goes away ends the statement in the database too, and
leaves the connection fit for use.
"""

import contextlib
import queue
import threading
from collections.abc import Iterator

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from service.store.database import SECONDS_A_READER_MAY_REST

SECONDS_TO_COPY = 3600
PIECE = 131_072
"""Bytes handed over at once."""
_PIECES_WAITING = 3


class SlowReader(Exception):
    """Nobody took the next piece in time."""


class _Rows:
    """The file that COPY writes into, a row at a time."""

    def __init__(self, connection: Connection, seconds_to_rest: float) -> None:
        self._connection, self._seconds = connection, seconds_to_rest
        self._piece: list[bytes] = []
        self._size = 0
        self.pieces: queue.Queue[list[bytes] | None] = queue.Queue(_PIECES_WAITING)
        self.fault: BaseException | None = None
        self.stopped = False

    def write(self, row: bytes) -> None:
        """Take one row; once stopped, only drain what the database has sent already."""
        self._piece.append(row)
        self._size += len(row)
        if self._size > PIECE:
            self._hand_over()

    def _hand_over(self) -> None:
        piece, self._piece, self._size = self._piece, [], 0
        if self.stopped or not piece:
            return
        try:
            self.pieces.put(piece, timeout=self._seconds)
        except queue.Full:
            self.fault = SlowReader(f"The next rows were not taken within {self._seconds} seconds.")
            self.stop()

    def stop(self) -> None:
        """End the statement in the database: an error, which leaves the connection ready, follows what is on
        its way."""
        self.stopped = True
        with contextlib.suppress(psycopg2.Error):
            self._connection.cancel()

    def copy(self, statement: str, seconds: int) -> None:
        """Run the COPY to its end; what goes wrong is kept for the reader."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"set local statement_timeout = {seconds * 1000}")
                cursor.copy_expert(statement, self)
            self._hand_over()
        except BaseException as fault:  # noqa: BLE001 (raised for whoever reads)
            self.fault = self.fault or fault
        while not self.stopped:
            with contextlib.suppress(queue.Full):
                self.pieces.put(None, timeout=1)
                return


def copy_out(
    connection: Connection,
    statement: str,
    *,
    seconds: int = SECONDS_TO_COPY,
    seconds_to_rest: float = SECONDS_A_READER_MAY_REST,
) -> Iterator[list[bytes]]:
    """The rows of `copy … to stdout`, each with its line end, in lists of a hundred kilobytes or so.

    Raises what the database raises, and SlowReader where a list was left waiting too long. May be given up at
    any row.
    """
    rows = _Rows(connection, seconds_to_rest)
    thread = threading.Thread(target=rows.copy, args=(statement, seconds), name="copy", daemon=True)
    thread.start()
    try:
        while (piece := _next(rows, thread)) is not None:
            yield piece
        if rows.fault is not None:
            raise rows.fault
    finally:
        if thread.is_alive() and not rows.stopped:
            rows.stop()
        while thread.is_alive():  # it may be waiting to hand over one more
            with contextlib.suppress(queue.Empty):
                rows.pieces.get(timeout=0.01)
        thread.join()


def _next(rows: _Rows, thread: threading.Thread) -> list[bytes] | None:
    while True:
        with contextlib.suppress(queue.Empty):
            return rows.pieces.get(timeout=1)
        if not thread.is_alive() and rows.pieces.empty():
            return None
