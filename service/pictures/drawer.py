"""What draws: run as a process of its own by `service.pictures.process`, which asks and is answered over the
socket on standard input.

It has no book, no web and no settings. It ends when whoever started it has closed the other end of the
socket, as the kernel does for one that was killed; and where a picture takes longer than it is given, also
when nobody is left to end it.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import orjson

from service.pictures import drawing, progress, ranking, series, summaries

PICTURES: dict[str, Callable[..., dict[str, Any]]] = {
    "progress": progress.picture,
    "ranking": ranking.picture,
    "series": series.picture,
    "summaries": summaries.picture,
}
DRAWN, FAILED = b"drawn", b"failed"
LESS_URGENT = 5  # of niceness: whoever asks for anything else is answered first


def main() -> int:
    """Draw what is asked for, one picture after another, each within so many seconds."""
    seconds = int(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is for whoever started it
    os.nice(LESS_URGENT)
    asker = Connection(sys.stdin.fileno())
    with suppress(EOFError, ConnectionError):
        while True:
            asked = asker.recv_bytes()
            signal.alarm(seconds)  # no handler: the kernel ends it, whatever holds the interpreter
            for part in _drawn(asked):
                asker.send_bytes(part)
            signal.alarm(0)
    return 0


def _drawn(asked: bytes) -> tuple[bytes, bytes]:
    """How it went, and the picture or what went wrong."""
    try:
        told = orjson.loads(asked)
        return DRAWN, drawing.written(PICTURES[told["of"]](**told["given"]), told["as_what"])
    except Exception:  # noqa: BLE001 (whoever asked is told, and the next picture may well go right)
        return FAILED, traceback.format_exc().encode()


if __name__ == "__main__":
    sys.exit(main())
