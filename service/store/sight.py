"""In whose name the book is opened, and so whose records the database shows."""

import re
from dataclasses import dataclass

SERVICE_ROLE = "crimebook_service"
ROLE_OF_ONE_FORCE = "crimebook_one_force"
ROLE_OF_SOME_FORCES = "crimebook_some_forces"
ROLE_OF_EVERY_FORCE = "crimebook_every_force"

_SAFE = re.compile(r"[A-Za-z0-9 ._@|:/,*-]*")


@dataclass(frozen=True)
class Sight:
    """Who asks, and whose records it sees: area codes of forces with commas, `*` for every force, nothing for
    none."""

    caller: str
    forces: str

    @property
    def role(self) -> str:
        """The role in which the database is asked: by it the policies know whether `forces` names one,
        several or all."""
        if self.forces in ("*", ""):
            return ROLE_OF_EVERY_FORCE if self.forces else SERVICE_ROLE
        return ROLE_OF_SOME_FORCES if "," in self.forces else ROLE_OF_ONE_FORCE

    def settings(self) -> str:
        """The statements that set what the policies of the database read, until the transaction ends. Raises
        ValueError for names that would need quoting."""
        if not (_SAFE.fullmatch(self.caller) and _SAFE.fullmatch(self.forces)):
            raise ValueError(f"no caller is called {self.caller!r}, and no forces {self.forces!r}")
        return (
            f"set local role {self.role}; set local crimebook.forces = '{self.forces}'; set local"
            f" crimebook.caller = '{self.caller}'"
        )


OWN_SIGHT = Sight("crimebook", "*")
"""What the service does of its own accord: load, seal, verify, keep answers."""
