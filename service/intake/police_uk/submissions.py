"""Files of data.police.uk: read line by line, whole or not at all, each in place of what its force's month
said before."""

from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource

from service.intake.faults import FAULTS_IN_A_PROBLEM, list_errors, read_faults
from service.intake.police_uk import archives
from service.intake.police_uk.archives import Allowance, Source
from service.intake.police_uk.receipts import StreetFault, StreetReceipt, StreetSubmission
from service.intake.police_uk.submitting import submit_street_files
from service.intake.senders import sender_of_request
from service.store import Book
from service.web import exchanges
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Query, Text
from service.web.problems import Problem
from service.web.request import bodies, transactions
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

ZIP = "application/zip"
SECONDS_TO_APPLY = 3600
street_submissions = Namespace("street-submissions", description="Files of data.police.uk, as downloaded.")


class StreetSubmissionQuery(Query):
    """What the file is."""

    name = Text(
        longest=200,
        metadata={
            "description": (
                "What a CSV file is called; its month, force and kind are then held against its rows."
            )
        },
    )
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})


def _open_body(name: str | None) -> Source:
    """The body: CSV as it comes, an archive by way of a file without a name, since its list of files stands
    at its end."""
    most = current_app.config["LARGEST_SUBMISSION_BYTES"]
    pieces = bodies.pieces(most, "A submission", ": send it in several files")
    if request.mimetype != ZIP:
        return archives.open_stream(pieces, name, Allowance(most))
    return archives.open_zip(archives.spool(pieces, exchanges.current().transactions), Allowance(most))


@street_submissions.route("")
class StreetSubmissions(Resource):
    """Every file received."""

    @operation(
        "listStreetSubmissions",
        "List submissions of data.police.uk files",
        query=Paged(),
        returns=page_of(StreetSubmission, "StreetSubmissionPage"),
        formats=LISTED,
        listed=True,
    )
    def get(self, **paging: Any) -> Answer:
        """In the order they came; refused ones too."""
        with reading() as sql:
            return listed(
                sql,
                sql.intake.police_uk.submissions.list,
                StreetSubmission(),
                {"street_submission_id": UUID},
                tagged=False,
                **paging,
            )

    @operation(
        "submitStreetFiles",
        "Submit files of data.police.uk",
        query=StreetSubmissionQuery(),
        returns=StreetSubmission(),
        scope="record",
        status=201,
        streamed=(formats.CSV, ZIP),
    )
    def post(self, name: str | None, reason: str | None) -> Answer:
        """A street or outcomes file as downloaded, CSV or gzipped CSV, or a zip archive of them in any
        folders.

        Accepted whole or not at all. A file takes the place of what was held of its force, month and kind;
        the state before stays readable `as_of`. Rows that are equal in every column are kept, each as a
        record. The same file again changes nothing.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            receipt = submit_street_files(sql, _open_body(name), reason, sender_of_request())
            headers = {"Location": f"/v1/street-submissions/{receipt.street_submission_id}"}
            if receipt.status == "refused":
                problem = word_refusal(sql, receipt)
                problem.headers.update(headers)
                return Answer(response=problem.response())
            return Answer(receipt, headers, status=201 if receipt.change else 200)


def word_refusal(sql: Book, receipt: StreetReceipt) -> Problem:
    """The problem of a submission that was refused, with the line of each fault, and the file where there are
    several. The refusal is kept, so that its faults can be read; the records are as they were."""
    rows = sql.intake.police_uk.submissions.list_faults(
        street_submission_id=receipt.street_submission_id, after_position=None, limit=FAULTS_IN_A_PROBLEM
    )
    address = f"/v1/street-submissions/{receipt.street_submission_id}/faults"
    return Problem(
        "refused-file",
        f"Faults: {receipt.faults:,}, in {receipt.rows:,} rows; nothing was recorded. {address} lists them.",
        errors=list_errors(read_faults(rows)),
        headers={"Link": f'<{address}>; rel="describedby"'},
        submission=receipt.street_submission_id,
    )


@street_submissions.route("/<uuid:street_submission_id>")
class OneStreetSubmission(Resource):
    """One submission."""

    @operation(
        "readStreetSubmission",
        "Read the receipt of data.police.uk files",
        returns=StreetSubmission(),
        tagged=True,
        errors=(404,),
    )
    def get(self, street_submission_id: UUID) -> dict[str, Any]:
        """As it was answered."""
        with reading() as sql:
            row = sql.intake.police_uk.submissions.read(street_submission_id=street_submission_id)
            return found(row, f"No submission of data.police.uk files has the id {street_submission_id}.")


@street_submissions.route("/<uuid:street_submission_id>/faults")
class StreetSubmissionFaults(Resource):
    """What was wrong with it."""

    @operation(
        "listStreetSubmissionFaults",
        "List the faults of data.police.uk files",
        query=Paged(),
        returns=page_of(StreetFault, "StreetFaultPage"),
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, street_submission_id: UUID, **paging: Any) -> Answer:
        """In the order they were found; the first 10,000 are kept, `faults` of the receipt counts them
        all."""
        with reading() as sql:
            row = sql.intake.police_uk.submissions.read(street_submission_id=street_submission_id)
            found(row, f"No submission of data.police.uk files has the id {street_submission_id}.")
            return listed(
                sql,
                sql.intake.police_uk.submissions.list_faults,
                StreetFault(),
                {"position": int},
                street_submission_id=street_submission_id,
                **paging,
            )
