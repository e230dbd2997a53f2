"""Files of data.police.uk inside a transaction: staged, judged, and applied whole or not at all, wherever
they come from."""

from dataclasses import replace

from service.intake.faults import FAULTS_IN_A_PROBLEM
from service.intake.police_uk.archives import Source
from service.intake.police_uk.lines import COLUMNS, StagedFiles, fold_name, read_records
from service.intake.police_uk.receipts import StreetFileEffect, StreetReceipt
from service.intake.senders import Sender
from service.store import Book, as_json, database
from service.store.copying import copy
from service.store.identifiers import new_id
from service.web.problems import Problem


def submit_street_files(book: Book, source: Source, reason: str | None, sender: Sender) -> StreetReceipt:
    """Take what is sent inside a prepared transaction; returns the receipt, with status refused where a line
    is at fault.

    Raises a 422 problem where nothing in it can be read at all.
    """
    assert book.at is not None
    staged = _stage(book, source)
    sender.note_received(book, source.digest().encode())
    if not staged.rows and not staged.faults.count:
        errors = [
            {"pointer": f"/{file.name}", "detail": file.reason}
            for file in source.passed_over[:FAULTS_IN_A_PROBLEM]
        ]
        raise Problem(
            "refused-file", "There is no street crime and no outcome in what was sent.", errors=errors
        )
    for force in sorted({force for force, *_ in staged.files}):
        sender.require_force(force)
    receipt = StreetReceipt(
        at=book.at,
        caller=sender.name,
        digest=source.digest(),
        faults=staged.faults.count,
        passed_over=tuple(source.passed_over),
        passed_over_count=source.passed_over_count,
        reason=reason or "data.police.uk files received",
        rows=staged.rows,
        status="refused" if staged.faults.count else "accepted",
        street_submission_id=new_id(),
    )
    return _keep(book, receipt, staged) if staged.faults.count else _apply(book, receipt, staged, sender)


def _stage(book: Book, source: Source) -> StagedFiles:
    """Put every good row into staged_street_record; returns what was found."""
    forces = {fold_name(row["name"]): row["area"] for row in book.intake.police_uk.submissions.forces()}
    crime_types = frozenset(row["crime_type"] for row in book.intake.police_uk.submissions.crime_types())
    assert book.at is not None
    staged = StagedFiles(forces, crime_types, book.at.date())
    book.intake.police_uk.submissions.begin_staging()
    copy(book, "staged_street_record", COLUMNS, read_records(source, staged))
    return staged


def _apply(book: Book, receipt: StreetReceipt, staged: StagedFiles, sender: Sender) -> StreetReceipt:
    """Under the change lock: end the versions that the files lack, begin those that are new, leave the
    rest."""
    book.intake.police_uk.submissions.analyse_staging()
    book.intake.police_uk.submissions.place()
    database.wait_for_writers(book)
    book.intake.police_uk.submissions.match()
    book.intake.police_uk.submissions.find_matches()
    effects = [
        StreetFileEffect(**row, name=staged.files[row["force"], row["month"], row["kind"]])
        for row in book.intake.police_uk.submissions.foresee()
    ]
    receipt = replace(
        receipt, files=tuple(sorted(effects, key=lambda file: (file.month, file.force, file.kind)))
    )
    if any(file.corrected or file.ended or file.recorded for file in effects):
        book = sender.take_change(book, receipt.reason)
        book.intake.police_uk.submissions.end()
        book.intake.police_uk.submissions.begin()
        assert book.at is not None
        receipt = replace(receipt, at=book.at, change=book.as_of)
    return _keep(book, receipt, staged)


def _keep(book: Book, receipt: StreetReceipt, staged: StagedFiles) -> StreetReceipt:
    """Keep the receipt, with what each file did or with the faults."""
    members = {name: value for name, value in vars(receipt).items() if name not in ("change", "files")}
    forces = sorted({file.force for file in receipt.files}) or None
    book.intake.police_uk.submissions.keep(
        **members | {"passed_over": as_json(receipt.passed_over)}, change_made=receipt.change, forces=forces
    )
    submission_id = receipt.street_submission_id
    if receipt.files:
        book.intake.police_uk.submissions.keep_files(
            street_submission_id=submission_id, files=as_json(receipt.files)
        )
    if staged.faults.count:
        book.intake.police_uk.submissions.keep_faults(
            street_submission_id=submission_id, caller=receipt.caller, faults=as_json(staged.faults.kept)
        )
    return receipt
