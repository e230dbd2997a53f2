"""The processor time that a process and all its children have used: Linux only."""

import ctypes
import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
TRIES = 50
_libc = ctypes.CDLL(None)


def _read(process: int) -> tuple[int, float] | None:
    """Its parent, and its seconds with those of children that have ended; None for one that is gone.

    Its own come from its clock, in nanoseconds: /proc counts in hundredths of a second.
    """
    clock = ctypes.c_int()
    try:
        fields = (
            Path(f"/proc/{process}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rsplit(")", 1)[1]
            .split()
        )
        if _libc.clock_getcpuclockid(process, ctypes.byref(clock)):
            return None
        own = time.clock_gettime(clock.value)
    except OSError:
        return None
    return int(fields[1]), own + (int(fields[13]) + int(fields[14])) / TICKS


def _read_all() -> dict[int, tuple[int, float]]:
    """Of every process. The seconds of one that ends go to its parent, which may have been read before: then
    all is read again."""
    for _ in range(TRIES):
        found = {
            process: _read(process)
            for process in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        }
        if None not in found.values():
            break
    return {process: seconds for process, seconds in found.items() if seconds}


def seconds_of(*roots: int) -> float:
    """Seconds of processor time that these processes and what they started have used."""
    found = _read_all()
    family = set(roots)
    while more := {process for process, (parent, _) in found.items() if parent in family} - family:
        family |= more
    return sum(found[process][1] for process in family if process in found)


def largest_resident(parent: int) -> float:
    """Megabytes of memory that the largest child of a process holds, shared pages and all."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    statuses = [Path(f"/proc/{child}/status").read_text(encoding="utf-8") for child in children]
    return max(int(one.split("VmRSS:")[1].split()[0]) / 1024 for one in statuses)
