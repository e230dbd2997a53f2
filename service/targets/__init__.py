"""What was promised, and where it stands."""

from service.targets import (
    progress,  # noqa: F401 - its address is among those of targets
    targets,
)

namespaces = (targets.targets,)
