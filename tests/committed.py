"""The contract as it is committed, read once for all that ask of it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "openapi"
NOW, RELEASED = FOLDER / "openapi.yaml", FOLDER / "released.yaml"


@cache
def contract(path: Path = NOW) -> dict[str, Any]:
    """Nobody changes what is returned. Read by libyaml, where it is: twenty thousand lines are a second's
    work without."""
    return yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
