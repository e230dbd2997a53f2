"""What was published: figures frozen as they were, and why they have moved since."""

from service.releases import (
    releases,
    revisions,  # noqa: F401 - its addresses are among those of releases
)

namespaces = (releases.releases,)
