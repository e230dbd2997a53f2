"""Files of offences: received line by line, judged as a set, applied whole or not at all, answered with a
receipt."""

from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service.callers.callers import require_force
from service.intake.offences.submitting import FAULTS_SHOWN, Sender, shown, take
from service.periods import PeriodField
from service.store import Book, database
from service.web import exchanges, logs
from service.web.answers import formats
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Boolean, Choice, Date, Instant, Integer, Output, Query, Text, Uuid
from service.web.problems import Problem
from service.web.request import access, bodies, transactions, unpacking
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

SECONDS_TO_APPLY = 3600
submissions = Namespace("submissions", description="Files of offences, whole or not at all.")


class SubmissionQuery(Query):
    """What the file is."""

    covers = Text(
        metadata={
            "description": (
                "The category of which the file holds every record of its days; all-crime where not given."
            )
        }
    )
    force = Text(metadata={"description": "The force it comes from; needed where lines do not say."})
    mapping = Text(
        longest=60,
        metadata={"description": "The force's mapping by which the file is read; goes with force."},
    )
    period_from = Date(
        metadata={
            "description": (
                "First day of which it holds every record; without either day, each month that has one."
            )
        }
    )
    period_to = Date(metadata={"description": "Last such day; never the day it is received or a later one."})
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})
    replaces = PeriodField(
        metadata={"description": "The period for which the file is all there is: what it lacks is cancelled."}
    )
    validate_only = Boolean(metadata={"description": "Rehearse: judge every line and count, change nothing."})

    @validates_schema
    def its_days_are_in_order(self, data: dict[str, Any], **_: Any) -> None:
        """The last day does not come before the first."""
        if "period_from" in data and "period_to" in data and data["period_to"] < data["period_from"]:
            raise ValidationError("period_to cannot come before period_from.", "period_to")
        if "replaces" in data and ("period_from" in data or "period_to" in data):
            raise ValidationError(
                "replaces names the days already: leave out period_from and period_to.", "replaces"
            )


class Submission(Output):
    """The receipt."""

    table_key = ("submission_id",)

    at = Instant()
    caller = fields.String()
    cancelled = Integer(
        least=0,
        most=2**31 - 1,
        metadata={"description": "Lines whose record was cancelled here; it is left as it is."},
    )
    cancelled_by_replacement = Integer(
        least=0,
        most=2**31 - 1,
        allow_none=True,
        metadata={
            "description": (
                "Records of the period it replaces that it lacks: cancelled, or to be cancelled once it is"
                " accepted."
            )
        },
    )
    change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change it made; null where nothing changed."},
    )
    corrected = Integer(least=0, most=2**31 - 1)
    covers = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of the file, unpacked where it came gzipped."})
    erased = Integer(
        least=0,
        most=2**31 - 1,
        metadata={"description": "Lines whose record was erased here; it is left as it is."},
    )
    faults = Integer(least=0, most=2**31 - 1)
    force = fields.String()
    lines = Integer(least=0, most=2**31 - 1)
    mapping = fields.String(allow_none=True)
    mapping_change = Integer(
        least=1,
        most=2**62,
        allow_none=True,
        metadata={"description": "The change at which that version of the mapping began."},
    )
    period_from = Date(allow_none=True)
    period_to = Date(allow_none=True)
    reason = fields.String()
    recorded = Integer(least=0, most=2**31 - 1)
    replaces = fields.String(allow_none=True)
    status = Choice("SubmissionStatus", "accepted", "refused", "rehearsed")
    submission_id = Uuid()
    unchanged = Integer(least=0, most=2**31 - 1)


class Fault(Output):
    """One thing wrong with one line of a file."""

    table_key = ("line", "position")

    detail = fields.String()
    field = fields.String()
    line = Integer(least=1, most=2**31 - 1)
    position = Integer(least=1, most=2**31 - 1)
    value = fields.String(allow_none=True)


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
        streamed=(formats.CSV, formats.NDJSON),
    )
    def post(self, **asked: Any) -> Answer:
        """CSV with a header of field names, or NDJSON, one offence a line, with the fields of a single
        offence.

        Accepted whole or not at all. A record is known by its force and crime_ref: a new one is recorded, one
        that differs is corrected, one that is the same is left alone, so the same file sent again changes
        nothing. One that was cancelled here stays cancelled. A record is one line also in CSV: a quoted cell
        may hold commas, not line ends. Lines end with LF or CRLF.

        `Content-Encoding: gzip` is unpacked on the way. With `replaces` the file is all there is for that
        period: records of it that the file lacks are cancelled as not-in-resubmission, by the caller, and
        come back when a later file has them; rehearse first, and read `/replaced`.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            sender = Sender(exchanges.caller().name, require_force, _received, _change_of_this_request)
            most = current_app.config["LARGEST_SUBMISSION_BYTES"]
            pieces = unpacking.as_said(
                bodies.pieces(most, "A submission", ": send it in several files"), most
            )
            receipt = take(sql, pieces, request.mimetype, asked, sender)
            access.shown(**collected(receipt))
            headers = {"Location": f"/v1/submissions/{receipt['submission_id']}"}
            if receipt["status"] == "refused":
                return _refusal(sql, receipt, headers)
            return Answer(receipt, headers, status=201 if receipt["status"] == "accepted" else 200)


def collected(receipt: dict[str, Any]) -> dict[str, Any]:
    """What the access log keeps of a file: how many records it brought, if any. A file that was refused is
    kept in its faults."""
    records = (
        sum(receipt[name] or 0 for name in ("recorded", "corrected", "cancelled_by_replacement"))
        if receipt["change"]
        else 0
    )
    asked = {
        name: receipt[name] for name in ("covers", "period_from", "period_to", "status", "submission_id")
    }
    return {"records": records, "force": receipt["force"], "asked": asked}


def _received(book: Book, digest: str) -> None:
    transactions.received(book, digest.encode())


def _change_of_this_request(book: Book, receipt: dict[str, Any]) -> Book:
    return database.take_change(
        book,
        receipt["reason"],
        caller=exchanges.caller().name,
        trace_id=logs.trace_id(),
        submission_id=receipt["submission_id"],
    )


def _refusal(sql: Book, receipt: dict[str, Any], headers: dict[str, str]) -> Answer:
    """The refusal is kept, so that its faults can be read; the records are as they were."""
    first = sql.intake.offences.submissions.list_faults(
        submission_id=receipt["submission_id"],
        force=receipt["force"],
        after_line=None,
        after_position=None,
        limit=FAULTS_SHOWN,
    )
    address = f"/v1/submissions/{receipt['submission_id']}/faults"
    problem = Problem(
        "refused-file",
        f"Faults: {receipt['faults']:,}, in {receipt['lines']:,} lines; nothing was recorded. {address} lists"
        " them all.",
        errors=shown(first),
        headers={**headers, "Link": f'<{address}>; rel="describedby"'},
        submission=receipt["submission_id"],
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
