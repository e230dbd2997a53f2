"""What of a file of offences came in, and the faults found in its lines."""

from dataclasses import dataclass, field

from service.intake.faults import Faults


@dataclass
class Staged:
    """What came in: the file's force (null while no line has named it), the number of its lines, its SHA-256,
    and the faults found so far.

    `forces` gives the code of each force by slug and by code; `names_of_force` are the names that lines have
    used for theirs, null among them where a line may leave it out.
    """

    forces: dict[str, str]
    digest: str = ""
    faults: Faults = field(default_factory=Faults)
    force: str | None = None
    lines: int = 0
    names_of_force: set[str | None] = field(default_factory=set)

    def check_force(self, line: int, name: object) -> bool:
        """Does a line belong to the file's one force? One that names another, or none, is a fault."""
        if name is not None and not isinstance(name, str):
            return False  # the schema says so
        if name in self.names_of_force:
            return True
        code = self.force if name is None else self.forces.get(name) or self.forces.get(name.lower())
        self.force = self.force or code
        if code is None:
            detail = (
                "The line names no force, and none was named for the file: ?force=… names it once."
                if name is None
                else f"No force is called {name[:100]}. GET /v1/areas?kind=force lists them."
            )
            self.faults.note(line, "force", name, detail)
        elif code != self.force:
            detail = f"The file is of force {self.force}: send each force's records in a file of their own."
            self.faults.note(line, "force", name, detail)
        if code is None or code != self.force:
            return False
        self.names_of_force.add(name)
        return True
