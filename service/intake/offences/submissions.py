"""Files of offences: received line by line, judged as a set, applied whole or not at all, answered with a
receipt."""

from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource

from service.intake.faults import FAULTS_IN_A_PROBLEM, list_errors, read_faults
from service.intake.offences.options import SubmissionOptions, SubmissionQuery
from service.intake.offences.receipts import Fault, Submission, SubmissionReceipt
from service.intake.offences.submitting import submit_offences
from service.intake.senders import sender_of_request
from service.store import Book
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.request import access, bodies, transactions, unpacking
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

SECONDS_TO_APPLY = 3600
submissions = Namespace("submissions", description="Files of offences, whole or not at all.")


@submissions.route("")
class Submissions(Resource):
    """Every file received."""

    @operation(
        "listSubmissions",
        "List submissions",
        query=Paged(),
        returns=page_of(Submission, "SubmissionPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, **paging: Any) -> Answer:
        """In the order they came; refused and rehearsed ones too."""
        with reading() as sql:
            return listed(
                sql,
                sql.intake.offences.submissions.list,
                Submission(),
                {"submission_id": UUID},
                tagged=False,
                **paging,
            )

    @operation(
        "submitOffences",
        "Submit a file of offences",
        query=SubmissionQuery(),
        returns=Submission(),
        scope="record",
        status=201,
        access="collection",
        errors=(409,),
        streamed=(formats.CSV, formats.NDJSON),
    )
    def post(self, **options: Any) -> Answer:
        """CSV with a header of field names, or NDJSON, one offence a line, with the fields of a single
        offence.

        Accepted whole or not at all. A record is known by its force and crime_ref: a new one is recorded, one
        that differs is corrected, one that is the same is left alone, so the same file sent again changes
        nothing. One that was cancelled here stays cancelled. A record is one line also in CSV: a quoted cell
        may hold commas, not line ends. Lines end with LF or CRLF.

        `Content-Encoding: gzip` is unpacked on the way. With `replaces` the file is all there is for that
        period: records of it that the file lacks are cancelled as not-in-resubmission, by the caller, and
        come back when a later file has them. Rehearse first with `validate_only=true`, and read `/replaced`:
        a file that would cancel more than a tenth of what is recorded of its period and category needs
        `confirm` with the number that the rehearsal gave as `cancelled_by_replacement`. It may cancel at most
        that many by the time it is applied; else the answer is 409, and nothing is changed.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            most = current_app.config["LARGEST_SUBMISSION_BYTES"]
            pieces = unpacking.as_said(
                bodies.pieces(most, "A submission", ": send it in several files"), most
            )
            receipt = submit_offences(
                sql, pieces, request.mimetype, SubmissionOptions(**options), sender_of_request()
            )
            access.shown(**summarise_access(receipt))
            headers = {"Location": f"/v1/submissions/{receipt.submission_id}"}
            if receipt.status == "refused":
                return _refuse(sql, receipt, headers)
            return Answer(receipt, headers, status=201 if receipt.status == "accepted" else 200)


def summarise_access(receipt: SubmissionReceipt) -> dict[str, Any]:
    """What the access log keeps of a file: how many records it brought, if any. A file that was refused is
    kept in its faults."""
    question = {
        "covers": receipt.covers,
        "period_from": receipt.period_from,
        "period_to": receipt.period_to,
        "status": receipt.status,
        "submission_id": receipt.submission_id,
    }
    records = receipt.changed_records if receipt.change else 0
    return {"records": records, "force": receipt.force, "asked": question}


def _refuse(sql: Book, receipt: SubmissionReceipt, headers: dict[str, str]) -> Answer:
    """Answer with a problem. The refusal is kept, so that its faults can be read; the records are as they
    were."""
    rows = sql.intake.offences.submissions.list_faults(
        submission_id=receipt.submission_id,
        force=receipt.force,
        after_line=None,
        after_position=None,
        limit=FAULTS_IN_A_PROBLEM,
    )
    address = f"/v1/submissions/{receipt.submission_id}/faults"
    problem = Problem(
        "refused-file",
        f"Faults: {receipt.faults:,}, in {receipt.lines:,} lines; nothing was recorded. {address} lists"
        " them all.",
        errors=list_errors(read_faults(rows)),
        headers={**headers, "Link": f'<{address}>; rel="describedby"'},
        submission=receipt.submission_id,
    )
    return Answer(response=problem.response())


@submissions.route("/<uuid:submission_id>")
class OneSubmission(Resource):
    """One file."""

    @operation(
        "readSubmission", "Read the receipt of a submission", returns=Submission(), tagged=True, errors=(404,)
    )
    def get(self, submission_id: UUID) -> dict[str, Any]:
        """As it was answered."""
        with reading() as sql:
            return found(
                sql.intake.offences.submissions.read(submission_id=submission_id),
                f"No submission has the id {submission_id}.",
            )


@submissions.route("/<uuid:submission_id>/faults")
class SubmissionFaults(Resource):
    """What was wrong with it."""

    @operation(
        "listSubmissionFaults",
        "List the faults of a submission",
        query=Paged(),
        returns=page_of(Fault, "FaultPage"),
        access="consultation",
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, submission_id: UUID, **paging: Any) -> Answer:
        """By line; the first 10,000 are kept, `faults` of the receipt counts them all."""
        with reading() as sql:
            receipt = found(
                sql.intake.offences.submissions.read(submission_id=submission_id),
                f"No submission has the id {submission_id}.",
            )
            return listed(
                sql,
                sql.intake.offences.submissions.list_faults,
                Fault(),
                {"line": int, "position": int},
                submission_id=submission_id,
                force=receipt["force"],
                **paging,
            )
