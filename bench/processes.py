"""The processor time that a process and all its children have used, from /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(process: str) -> tuple[int, float] | None:
    """Its parent, and its seconds with those of children that have ended; None for one that is gone."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return int(told[1]), sum(map(int, told[11:15])) / TICKS


def seconds_of(*roots: int) -> float:
    """Seconds of processor time that these processes and what they started have used."""
    told = {int(name): stat for name in (entry.name for entry in Path("/proc").iterdir()) if name.isdigit() and (stat := _stat(name))}
    family = set(roots)
    while more := {process for process, (parent, _) in told.items() if parent in family} - family:
        family |= more
    return sum(told[process][1] for process in family if process in told)


def largest_resident(parent: int) -> float:
    """Megabytes of memory that the largest child of a process holds, shared pages and all."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    told = [Path(f"/proc/{child}/status").read_text(encoding="utf-8") for child in children]
    return max(int(one.split("VmRSS:")[1].split()[0]) / 1024 for one in told)
