"""One file of offences inside a transaction: staged, judged, and applied whole or not at all, wherever it
comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from service.intake.offences import mappings, replacements, staging
from service.intake.offences.staged import MOST_FAULTS_KEPT, Staged
from service.reference import areas, categories
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web.problems import Problem

FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Sender:
    """Who sends a file: its name, what stops it from writing for a force that is not its own, what is told
    when all bytes have come, and how it makes a change."""

    name: str
    require_force: Callable[[str], None]
    received: Callable[[Book, str], None]
    take_change: Callable[[Book, dict[str, Any]], Book]


def take(
    book: Book, pieces: Iterable[bytes], media_type: str, asked: dict[str, Any], sender: Sender
) -> dict[str, Any]:
    """Take one file inside a prepared transaction; returns its receipt, with status refused where a line is
    at fault.

    `asked` has the members of SubmissionQuery; `pieces` are the bytes as they come. Raises a 422 problem for
    a file without any line that says whose it is.
    """
    named = _named_force(book, asked["force"], sender) if asked.get("force") else None
    mapping = mappings.chosen(book, named, asked.get("mapping"))
    covers = categories.find_category(book, asked.get("covers") or "all-crime").code
    staged = staging.stage(book, pieces, media_type, named, mapping)
    sender.received(book, staged.digest)
    if staged.force is None or not staged.lines:
        detail = staged.faults[0]["detail"] if staged.faults else "The file holds no record."
        raise Problem("refused-file", detail, errors=shown(staged.faults))
    sender.require_force(staged.force)
    replaced = replacements.prepared(book, staged.force, covers, asked.get("replaces"))
    faults, count = _judged(book, staged, replaced)
    receipt = {
        "submission_id": new_id(),
        "force": staged.force,
        "caller": sender.name,
        "covers": covers,
        "digest": staged.digest,
        "lines": staged.lines,
        "faults": count,
        "reason": asked.get("reason") or "submission received",
        "mapping": mapping and mapping.name,
        "mapping_change": mapping and mapping.change,
        "replaces": replaced and replaced.period.period,
        "change_made": None,
        "status": "refused" if faults else "accepted",
        **_foreseen(book, staged.force, asked, replaced),
    }
    if asked.get("validate_only"):
        return _receipt(book, receipt | {"status": "rehearsed"}, faults)
    if faults or _is_known(book, receipt):
        return _receipt(book, receipt, faults)
    database.wait_for_writers(book)
    if (
        book.intake.offences.submissions.reference_changed()
    ):  # others wrote meanwhile: perhaps what a place or a code is, perhaps this very file
        faults, count = _judged(book, staged, replaced)
        if faults:
            return _receipt(book, receipt | {"faults": count, "status": "refused"}, faults)
    receipt |= _foreseen(book, staged.force, asked, replaced)
    return (
        _receipt(book, receipt, [])
        if _is_known(book, receipt)
        else _apply(sender.take_change(book, receipt), receipt)
    )


def _named_force(book: Book, name: str, sender: Sender) -> str:
    """The force that is named for the whole file, where the sender may write for it."""
    force = areas.find_area(book, name, "force").code
    if force not in (row["area"] for row in book.intake.offences.submissions.forces()):
        detail = f"{name} is no force. GET /v1/areas?kind=force lists them."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "force", "detail": detail}])
    sender.require_force(force)
    return force


def _judged(
    book: Book, staged: Staged, replaced: replacements.Replacement | None
) -> tuple[list[dict[str, Any]], int]:
    """The faults of the lines and of the file, by line, as many as are kept; and how many there are in
    all."""
    most = MOST_FAULTS_KEPT
    book.intake.offences.submissions.look_up_areas()
    found = [
        book.intake.offences.submissions.faults(force=staged.force, most=most),
        replaced.faults(book, most) if replaced else [],
    ]
    count = len(staged.faults) + staged.more_faults + sum(faults[0]["faults"] for faults in found if faults)
    return sorted([*staged.faults, *found[0], *found[1]], key=lambda one: one["line"])[:most], count


def _foreseen(
    book: Book, force: str, asked: dict[str, Any], replaced: replacements.Replacement | None
) -> dict[str, Any]:
    """What the lines will do, and the days of which they are every record."""
    first, last = (
        (replaced.period.from_on, replaced.period.to_on)
        if replaced
        else (asked.get("period_from"), asked.get("period_to"))
    )
    days = book.intake.offences.submissions.days(period_from=first, period_to=last)
    ends = (
        {"period_from": days[0]["period_from"], "period_to": days[-1]["period_to"]}
        if days
        else {"period_from": None, "period_to": None}
    )
    lacking = replaced.foresee(book) if replaced else None
    return {
        **book.intake.offences.submissions.foresee(force=force),
        **ends,
        "days": as_json(days),
        "cancelled_by_replacement": lacking,
    }


def _is_known(book: Book, receipt: dict[str, Any]) -> bool:
    """Does the book say all this already? Then the same file again changes nothing, not even the number of
    the last change."""
    claimed = {name: receipt[name] for name in ("force", "covers", "days")}
    changes = any(receipt[name] for name in ("recorded", "corrected", "cancelled_by_replacement"))
    return not changes and bool(book.intake.offences.submissions.covered(**claimed))


def _apply(book: Book, receipt: dict[str, Any]) -> dict[str, Any]:
    """Under the change lock: close what differs, open what is new, leave what is the same."""
    book.intake.offences.submissions.apply(force=receipt["force"])
    book.intake.offences.replacements.cancel(force=receipt["force"], caller=receipt["caller"])
    book.offences.tally.count_change(force=receipt["force"])
    book.intake.offences.submissions.cover(**{name: receipt[name] for name in ("force", "covers", "days")})
    return _receipt(book, receipt | {"change_made": book.as_of}, [])


def _receipt(book: Book, receipt: dict[str, Any], faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep it, with what was wrong."""
    row: dict[str, Any] = book.intake.offences.submissions.keep(**receipt)
    of_it = {"force": receipt["force"], "submission_id": receipt["submission_id"]}
    book.intake.offences.replacements.keep(**of_it, most=replacements.MOST_KEPT)
    if faults:
        book.intake.offences.submissions.keep_faults(**of_it, faults=as_json(faults))
    return row


def shown(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first faults, as a problem tells them."""
    return [
        {"line": one["line"], "pointer": f"/{one['field']}", "detail": one["detail"]}
        for one in faults[:FAULTS_SHOWN]
    ]
