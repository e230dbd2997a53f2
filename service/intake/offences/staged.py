"""What of a file of offences came in, and the faults found in its lines."""

from dataclasses import dataclass, field
from typing import Any

import orjson

MOST_FAULTS_KEPT = 10_000


@dataclass
class Staged:
    """What came in: its force (null when no line says it), its lines, its SHA-256, and the faults found so
    far.

    `forces` gives the code of each force by slug and by code, `said` are the names by which the lines called
    theirs.
    """

    forces: dict[str, str]
    digest: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    force: str | None = None
    lines: int = 0
    more_faults: int = 0
    said: set[str | None] = field(default_factory=set)

    def note(self, line: int, name: str, value: Any, detail: str) -> None:
        """Keep a fault, or count it when there are too many to keep."""
        if len(self.faults) >= MOST_FAULTS_KEPT:
            self.more_faults += 1
            return
        shown = (
            value if value is None or isinstance(value, str) else orjson.dumps(value, default=str).decode()
        )
        kept = {"field": name[:100] or "line", "value": shown and shown[:200], "detail": detail}
        plain = {
            said: text and text.replace("\x00", "␀") for said, text in kept.items()
        }  # no text of the database holds NUL
        self.faults.append({"line": line, **plain})

    def is_of_the_force(self, line: int, name: Any) -> bool:
        """Does a line belong to the file's one force? One that names another, or none, is a fault."""
        if name is not None and not isinstance(name, str):
            return False  # the schema says so
        if name in self.said:
            return True
        code = self.force if name is None else self.forces.get(name) or self.forces.get(name.lower())
        self.force = self.force or code
        if code is None:
            detail = (
                "The line names no force, and none was named for the file: ?force=… names it once."
                if name is None
                else (f"No force is called {name[:100]}. GET /v1/areas?kind=force lists them.")
            )
            self.note(line, "force", name, detail)
        elif code != self.force:
            self.note(
                line,
                "force",
                name,
                f"The file is of force {self.force}: send each force's records in a file of their own.",
            )
        if code is None or code != self.force:
            return False
        self.said.add(name)
        return True
