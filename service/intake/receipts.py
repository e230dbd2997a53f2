"""The members that every receipt of a file has; each door adds those of its own files."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a file: who sent what and why, whether it was taken, and the change it made, if any."""

    at: datetime
    caller: str
    change: int | None = None
    digest: str
    faults: int
    reason: str
    status: str
