"""One file of offences inside a transaction: staged, judged, and applied whole or not at all, wherever it
comes from."""

from collections.abc import Iterable
from dataclasses import replace

from service.intake.faults import MOST_FAULTS_KEPT, Fault, keep_first, list_errors, read_faults
from service.intake.offences import mappings, replacements, staging
from service.intake.offences.options import SubmissionOptions
from service.intake.offences.receipts import Days, SubmissionReceipt
from service.intake.offences.replacements import Replacement
from service.intake.offences.staged import Staged
from service.intake.senders import Sender
from service.reference import areas, categories
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web.problems import Problem


def submit_offences(
    book: Book, pieces: Iterable[bytes], media_type: str, options: SubmissionOptions, sender: Sender
) -> SubmissionReceipt:
    """Take one file inside a prepared transaction; returns its receipt, with status refused where a line is
    at fault. `pieces` are the bytes as they come.

    Raises a 422 problem for a file without any line that says whose it is, and a 409 problem for one that
    would cancel more than it may.
    """
    assert book.at is not None
    named = _find_force(book, options.force, sender) if options.force else None
    mapping = mappings.choose_mapping(book, named, options.mapping)
    covers = categories.find_category(book, options.covers or "all-crime").code
    staged = staging.stage_offences(book, pieces, media_type, named, mapping)
    sender.note_received(book, staged.digest.encode())
    force = _require_record(staged)
    sender.require_force(force)
    replacement = replacements.prepare(book, force, covers, options.replaces)
    faults, count = _judge(book, staged, replacement)
    receipt = SubmissionReceipt(
        at=book.at,
        caller=sender.name,
        covers=covers,
        digest=staged.digest,
        faults=count,
        force=force,
        lines=staged.lines,
        mapping=mapping.name if mapping else None,
        mapping_change=mapping.change if mapping else None,
        reason=options.reason or "submission received",
        replaces=replacement.period.period if replacement else None,
        status="refused" if faults else "accepted",
        submission_id=new_id(),
    )
    receipt = _foresee(book, receipt, options, replacement)
    if options.validate_only:
        return _keep(book, replace(receipt, status="rehearsed"), faults)
    if faults or _says_nothing_new(book, receipt):
        return _keep(book, receipt, faults)
    database.wait_for_writers(book)
    # Others may have written meanwhile: what a place or a code is, or even this very file.
    if book.intake.offences.submissions.reference_changed():
        faults, count = _judge(book, staged, replacement)
        if faults:
            return _keep(book, replace(receipt, faults=count, status="refused"), faults)
    receipt = _foresee(book, receipt, options, replacement)
    if _says_nothing_new(book, receipt):
        return _keep(book, receipt, [])
    if replacement:
        replacement.require_confirmation(book, receipt.cancelled_by_replacement or 0, options.confirm)
    return _apply(sender.take_change(book, receipt.reason, receipt.submission_id), receipt)


def _find_force(book: Book, name: str, sender: Sender) -> str:
    """The force that is named for the whole file. Raises a problem where there is none of that name, or the
    sender may not write for it."""
    force = areas.find_area(book, name, "force").code
    if force not in (row["area"] for row in book.intake.offences.submissions.forces()):
        detail = f"{name} is no force. GET /v1/areas?kind=force lists them."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "force", "detail": detail}])
    sender.require_force(force)
    return force


def _require_record(staged: Staged) -> str:
    """The force of the file. Raises a 422 problem for a file that holds no record, or does not say whose it
    is."""
    if staged.force is None or not staged.lines:
        faults = staged.faults.kept
        detail = faults[0].detail if faults else "The file holds no record."
        raise Problem("refused-file", detail, errors=list_errors(faults))
    return staged.force


def _judge(book: Book, staged: Staged, replacement: Replacement | None) -> tuple[list[Fault], int]:
    """The faults of the lines and of the file, by line, as many as are kept; and how many there are in
    all."""
    book.intake.offences.submissions.look_up_areas()
    found = [
        book.intake.offences.submissions.faults(force=staged.force, most=MOST_FAULTS_KEPT),
        replacement.list_faults(book, MOST_FAULTS_KEPT) if replacement else [],
    ]
    count = staged.faults.count + sum(rows[0]["faults"] for rows in found if rows)
    return keep_first([*staged.faults.kept, *read_faults(found[0]), *read_faults(found[1])]), count


def _foresee(
    book: Book, receipt: SubmissionReceipt, options: SubmissionOptions, replacement: Replacement | None
) -> SubmissionReceipt:
    """The receipt with what the lines will do, and the days of which they are every record."""
    first, last = (
        (replacement.period.from_on, replacement.period.to_on)
        if replacement
        else (options.period_from, options.period_to)
    )
    days = book.intake.offences.submissions.days(period_from=first, period_to=last)
    lacking = replacement.find_lacking(book) if replacement else None
    return replace(
        receipt,
        **book.intake.offences.submissions.foresee(force=receipt.force),
        cancelled_by_replacement=lacking,
        days=tuple(Days(**row) for row in days),
    )


def _says_nothing_new(book: Book, receipt: SubmissionReceipt) -> bool:
    """Does the book say all this already? Then the same file again changes nothing, not even the number of
    the last change."""
    return not receipt.changed_records and bool(
        book.intake.offences.submissions.covered(
            force=receipt.force, covers=receipt.covers, days=as_json(receipt.days)
        )
    )


def _apply(book: Book, receipt: SubmissionReceipt) -> SubmissionReceipt:
    """Under the change lock: close what differs, open what is new, leave what is the same."""
    book.intake.offences.submissions.apply(force=receipt.force)
    book.intake.offences.replacements.cancel(force=receipt.force, caller=receipt.caller)
    book.offences.tally.count_change(force=receipt.force)
    book.intake.offences.submissions.cover(
        force=receipt.force, covers=receipt.covers, days=as_json(receipt.days)
    )
    assert book.at is not None
    return _keep(book, replace(receipt, at=book.at, change=book.as_of), [])


def _keep(book: Book, receipt: SubmissionReceipt, faults: list[Fault]) -> SubmissionReceipt:
    """Keep the receipt, with the records that a replacement cancels and with the faults."""
    members = {name: value for name, value in vars(receipt).items() if name not in ("change", "days")}
    book.intake.offences.submissions.keep(
        **members,
        change_made=receipt.change,
        period_from=receipt.period_from,
        period_to=receipt.period_to,
    )
    submission = {"force": receipt.force, "submission_id": receipt.submission_id}
    book.intake.offences.replacements.keep(**submission, most=replacements.MOST_KEPT)
    if faults:
        book.intake.offences.submissions.keep_faults(**submission, faults=as_json(faults))
    return receipt
