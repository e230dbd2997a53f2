"""Is any package that the lock files pin known to be vulnerable? `make audit` asks; `make lint` too, where
the database can be reached.

pip-audit takes a package of which the database knows nothing for a sound one, so a machine that reaches no
database would find all well. Here that is a fault with a sentence of its own, or, with --where-reachable, the
sentence alone.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = (
    "requirements-dev.txt",
    "requirements-bench.txt",
)  # the first holds what the service itself needs too
_PINNED = re.compile(r"^[A-Za-z0-9._-]+==[^ ;\\]+", re.MULTILINE)
_ASK = [
    sys.executable,
    "-m",
    "pip_audit",
    "--disable-pip",
    "--no-deps",
    "--progress-spinner",
    "off",
    "--format",
    "json",
]
UNASKED = 3


def pinned(project: Path) -> list[str]:
    """Every name==version of the lock files, once."""
    return sorted(
        {pin for lock in LOCKS for pin in _PINNED.findall((project / lock).read_text(encoding="utf-8"))}
    )


def asked(pins: list[str]) -> list[dict[str, Any]]:
    """What the database says of each: `vulns`, or a `skip_reason` where it knows nothing. Empty where it
    cannot be reached."""
    told = subprocess.run(
        [*_ASK, "--requirement", "/dev/stdin"],
        check=False,
        capture_output=True,
        text=True,
        input="\n".join(pins),
    )
    try:
        found: list[dict[str, Any]] = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return found


def findings(told: list[dict[str, Any]], pins: list[str]) -> tuple[list[str], list[str]]:
    """A sentence for each known vulnerability, and the packages of which nothing is known."""
    known = {one["name"].lower(): one for one in told if "skip_reason" not in one}
    vulnerable = [
        f"{one['name']} {one['version']}: {each['id']}, mended in"
        f" {', '.join(each['fix_versions']) or 'no version yet'}"
        for one in known.values()
        for each in one["vulns"]
    ]
    return vulnerable, [pin for pin in pins if pin.partition("==")[0].lower() not in known]


def main(arguments: list[str]) -> int:
    """The exit code: 0, 1 where something is vulnerable, 3 where that could not be found out and was to
    be."""
    pins = pinned(Path.cwd())
    first = asked(pins[:1])
    reached = (
        bool(first) and "skip_reason" not in first[0]
    )  # one question first, not a hundred that nobody answers
    vulnerable, unknown = findings(asked(pins) if reached else [], pins)
    print("\n".join(vulnerable), end="\n" if vulnerable else "", file=sys.stderr)
    if unknown:
        which = f"of {', '.join(unknown)}" if reached else "from this machine"
        print(
            f"NOT AUDITED: the database of known vulnerabilities gives no answer {which}. Run `make audit`"
            " where it does.",
            file=sys.stderr,
        )
    elif not vulnerable:
        print(f"{len(pins)} packages audited: no known vulnerability.")
    if vulnerable:
        return 1
    return UNASKED if unknown and "--where-reachable" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
