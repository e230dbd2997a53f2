"""What lies around the tests: where their files are, and what each start of the service reads before it does
anything.

Imported before the service, for the sake of what the service imports.
"""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = (
    6 << 30
)  # bytes, free and for programs: four processes, each with a server and its books, need less than half
PLACE = "CRIMEBOOK_TESTS_PLACE"
PREFIX, LOCK = "crimebook-tests-", "held"
_lock = None
WITHOUT = Path(__file__).parent / "without"


def settle():
    """Once for all processes of a run: a directory for all that is written, in memory where there is room,
    taken away at the end.

    A book is some 600 files, and most tests have one of their own: copying them on a disk's file system takes
    five times as long.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
    if PLACE in os.environ:
        return
    for directory in (MEMORY, Path(tempfile.gettempdir())):
        _sweep(directory)
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if _has_room(MEMORY) else None))
    place.chmod(0o755)  # the servers' user goes through
    global _lock  # noqa: PLW0603 (held for as long as this process lives)
    _lock = (place / LOCK).open("w")
    fcntl.flock(_lock, fcntl.LOCK_EX)
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    os.environ |= {PLACE: str(place), "TMPDIR": str(place)}
    tempfile.tempdir = str(place)


def _sweep(directory):
    """Take away what runs that were cut short have left: directories whose lock nobody holds any more."""
    for left in directory.glob(f"{PREFIX}*"):
        try:
            with (left / LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        shutil.rmtree(left, ignore_errors=True)


def start_quickly():
    """What is started from here is imported as in a user's installation, and compiled once."""
    os.environ["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(WITHOUT), os.environ.get("PYTHONPATH")) if part
    )
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # then elsewhere
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(os.environ[PLACE]) / "bytecode")


def _has_room(directory):
    """Are there so many bytes, and may programs be run there, as tests do with copies of the server's?"""
    try:
        held, memory = os.statvfs(directory), Path("/proc/meminfo").read_text()
    except OSError:
        return False
    free = int(memory.split("MemAvailable:")[1].split()[0]) * 1024
    return min(held.f_bavail * held.f_frsize, free) >= ROOM and not held.f_flag & os.ST_NOEXEC


settle()
