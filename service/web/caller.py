"""Who sends a request: a caller with scopes and forces, whichever way it is recognised."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a key or a token. No forces means every force."""

    name: str
    scopes: frozenset[str]
    forces: frozenset[str]

    def may_write_for(self, force: str) -> bool:
        """May this caller write records of that force?"""
        return not self.forces or force in self.forces

    @property
    def sees(self) -> str:
        """Whose records the database shows this caller: codes with commas, `*` for every force."""
        return ",".join(sorted(self.forces)) or "*"

    @property
    def only_force(self) -> str | None:
        """The one force that every record it sees belongs to, where there is one."""
        return self.sees if len(self.forces) == 1 else None

    @property
    def bound(self) -> dict[str, str]:
        """What the access log keeps of whose records a list could show at all: nothing of a caller that sees
        those of every force."""
        return {"forces": self.sees} if self.forces else {}


@dataclass(frozen=True, slots=True)
class Recognised:
    """A caller, and the newest change of the book when it was recognised, where that came in the same round
    trip."""

    caller: Caller
    newest_change: int | None = None
    newest_at: datetime | None = None
