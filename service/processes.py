"""What the operating system knows about other processes, and does to ours when their launcher dies."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LAUNCHER = "CRIMEBOOK_LAUNCHER"
"""The variable by which the launcher tells gunicorn its process number: what the kernel does not do for it,
it does itself."""

_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A preexec_fn: the kernel sends the child that signal when the thread that started it is gone. Does
    nothing but on Linux."""
    parent = os.getpid()

    def ask() -> None:
        if _libc:
            _libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(number), 0, 0, 0)
            if os.getppid() != parent:  # it died before the kernel was asked
                os.kill(os.getpid(), number)

    return ask


def command_of(process: int) -> str:
    """The command line of a process, empty when there is none or it is a zombie. Slim images have /proc but
    no ps, macOS has ps only."""
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return os.fsdecode(Path(f"/proc/{process}/cmdline").read_bytes())
        return ""
    return subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(process)], check=False, capture_output=True, text=True
    ).stdout
