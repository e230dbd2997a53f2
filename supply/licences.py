"""Under what licences are the packages that we use? Each must be one that licences.toml allows;
docs/licences.md lists what is shipped.

`python supply/licences.py` checks both, with --write it writes the list. Packages for other systems than this
one are not looked at.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

SHIPPED, USED = "requirements.txt", "requirements-dev.txt"
LIST = Path("docs") / "licences.md"
_NAME = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_HEAD = """# Licences

What the service is installed with (`requirements.txt`), and under what licence its authors give it.
Written by `make licences`, checked by `make lint` against those that `supply/licences.toml` allows.

| package | licence |
| --- | --- |
"""


def names(lock: Path) -> set[str]:
    """The packages that a lock file pins, as `pip` normalises names."""
    return {re.sub(r"[-_.]+", "-", name).lower() for name in _NAME.findall(lock.read_text(encoding="utf-8"))}


def installed() -> dict[str, str]:
    """Each package installed here, with the licence that its metadata state."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--with-system"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {re.sub(r"[-_.]+", "-", one["Name"]).lower(): " ".join(one["License"].split()) for one in told}


def parts(stated: str) -> list[str]:
    """The licences named in an expression: all of them must be allowed, also those that could be chosen
    instead."""
    found = [part.strip() for part in re.split(r"\bAND\b|\bOR\b|;", stated)]
    return [part if part.count("(") == part.count(")") else part.strip("()") for part in found]


def refused(licences: dict[str, str], rules: dict[str, dict[str, str] | list[str]]) -> list[str]:
    """A sentence for each package whose licence is not allowed, nor looked at and found fit."""
    return [
        f"{name} is under {stated}, which supply/licences.toml does not allow."
        for name, stated in sorted(licences.items())
        if name not in rules["found_fit"] and not set(parts(stated)) <= set(rules["allowed"])
    ]


def listed(licences: dict[str, str], rules: dict[str, dict[str, str] | list[str]]) -> str:
    """The list as a document."""
    fit = rules["found_fit"]
    assert isinstance(fit, dict)
    return _HEAD + "".join(
        f"| {name} | {fit.get(name, stated)} |\n" for name, stated in sorted(licences.items())
    )


def main(arguments: list[str]) -> int:
    """The exit code, after a line for each fault."""
    rules = tomllib.loads((Path("supply") / "licences.toml").read_text(encoding="utf-8"))
    here = installed()
    used = {name: stated for name, stated in here.items() if name in names(Path(USED))}
    told = listed({name: stated for name, stated in used.items() if name in names(Path(SHIPPED))}, rules)
    if "--write" in arguments:
        LIST.write_text(told, encoding="utf-8")
    faults = refused(used, rules)
    if not LIST.exists() or LIST.read_text(encoding="utf-8") != told:
        faults.append(f"{LIST} is not what is installed: run `make licences` and commit it.")
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
