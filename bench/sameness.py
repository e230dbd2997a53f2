"""Does (c) answer the same numbers as the service? Else nothing is measured."""

import json
import urllib.request
from typing import Any

from bench.questions import Question, Service


def _asked(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=300) as answer:  # our own # nosec B310
        return json.load(answer)


def _numbers(question: Question, ours: Any, theirs: Any) -> tuple[Any, Any]:
    if question.name.startswith(("force year", "nation")):
        told = {
            figure["category"]["code"]: (figure["value"], (figure["compared"] or {}).get("value") or 0)
            for figure in ours["figures"]
        }
        return {name: pair for name, pair in told.items() if pair != (0, 0)}, {
            name: (one["value"], one["base"]) for name, one in theirs.items()
        }
    if question.name.startswith("series"):
        return [point["value"] for point in ours["series"][0]["points"]], list(theirs.values())
    if question.name.startswith("ranking"):
        return (
            sorted((place["area"]["code"], place["count"]) for place in ours["items"] if place["count"]),
            sorted((one["force"], one["count"]) for one in theirs),
        )
    if question.name == "one offence":
        return (ours["offence_id"], ours["code"]), (theirs["offence_id"], theirs["code"])
    return [one["offence_id"] for one in ours["items"]], [one["offence_id"] for one in theirs]


def require_same(service: Service, port: int, questions: list[Question]) -> None:
    """Raise RuntimeError where the two differ."""
    for question in questions:
        if question.rival:
            ours, theirs = _numbers(question, service.json(question.path), _asked(port, question.rival))
            if ours != theirs:
                raise RuntimeError(
                    f"{question.name}: the service says {str(ours)[:500]}, (c) says {str(theirs)[:500]}"
                )
