"""The processor time that a process and all its children have used, from /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
TRIES = 50


def _stat(process: str) -> tuple[int, float] | None:
    """Its parent, and its seconds with those of children that have ended; None for one that is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS


def _stats() -> dict[int, tuple[int, float]]:
    """Of every process. The seconds of one that ends go to its parent, which may have been read before: then all is read again."""
    for _ in range(TRIES):
        stats = {int(entry.name): _stat(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
        if None not in stats.values():
            break
    return {process: stat for process, stat in stats.items() if stat}


def seconds_of(*roots: int) -> float:
    """Seconds of processor time that these processes and what they started have used."""
    stats = _stats()
    family = set(roots)
    while more := {process for process, (parent, _) in stats.items() if parent in family} - family:
        family |= more
    return sum(stats[process][1] for process in family if process in stats)


def largest_resident(parent: int) -> float:
    """Megabytes of memory that the largest child of a process holds, shared pages and all."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    statuses = [Path(f"/proc/{child}/status").read_text(encoding="utf-8") for child in children]
    return max(int(one.split("VmRSS:")[1].split()[0]) / 1024 for one in statuses)
