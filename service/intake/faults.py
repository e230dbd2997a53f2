"""Faults in what was sent, at each of the three doors: the first are kept, each with its line, and all are
counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MOST_FAULTS_KEPT = 10_000
FAULTS_IN_A_PROBLEM = 20
_VISIBLE_NUL = "␀"  # no text of the database holds NUL


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one line; of several files or sheets with the name of the one that has the line.

    `field` is a column, or `line` for the line as a whole; `value` is what stands there, null where nothing
    does.
    """

    line: int
    field: str
    value: str | None
    detail: str
    file: str | None = None
    sheet: str | None = None

    def as_error(self) -> dict[str, int | str]:
        """The fault as a problem lists it in `errors`."""
        file = f"{self.file}: " if self.file else ""
        error: dict[str, int | str] = {
            "line": self.line,
            "pointer": f"/{self.field}",
            "detail": file + self.detail,
        }
        return error | {"sheet": self.sheet} if self.sheet else error


@dataclass
class Faults:
    """The faults found so far: those that are kept, and how many there are."""

    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def note(self, line: int, name: str, value: object, detail: str, file: str | None = None) -> None:
        """Keep a fault, or only count it where there are too many to keep. A value that is no text is kept as
        JSON."""
        self.count += 1
        if len(self.kept) >= MOST_FAULTS_KEPT:
            return
        text = value if value is None or isinstance(value, str) else orjson.dumps(value, default=str).decode()
        self.kept.append(
            Fault(
                line,
                _show_nul(name[:100] or "line"),
                text and _show_nul(text[:200]),
                _show_nul(detail),
                file and _show_nul(file),
            )
        )


def _show_nul(text: str) -> str:
    return text.replace("\x00", _VISIBLE_NUL)


def read_faults(rows: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Rows of the database as faults."""
    return [
        Fault(
            row["line"],
            row["field"],
            row["value"],
            row["detail"],
            file=row.get("file"),
            sheet=row.get("sheet"),
        )
        for row in rows
    ]


def keep_first(faults: Iterable[Fault]) -> list[Fault]:
    """Those of these faults that are kept, in the order of their lines."""
    return sorted(faults, key=lambda fault: fault.line)[:MOST_FAULTS_KEPT]


def list_errors(faults: list[Fault]) -> list[dict[str, int | str]]:
    """The first faults as a problem lists them."""
    return [fault.as_error() for fault in faults[:FAULTS_IN_A_PROBLEM]]
