"""Files of offences: received line by line, judged as a set, applied whole or not at all, answered with a receipt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validates_schema

from service import areas, categories, receiving
from service.callers import require_force
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web import access, bodies, formats, logs, transactions
from service.web.fields import Boolean, Choice, Date, Instant, Integer, Output, Query, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.transactions import reading

FAULTS_SHOWN = 20
SECONDS_TO_APPLY = 3600
submissions = Namespace("submissions", description="Files of offences, whole or not at all.")


class SubmissionQuery(Query):
    """What the file is."""

    covers = Text(metadata={"description": "The category of which the file holds every record of its days; all-crime where not given."})
    force = Text(metadata={"description": "The force it comes from; needed where lines do not say."})
    period_from = Date(metadata={"description": "First day of which it holds every record; without either day, each month that has one."})
    period_to = Date(metadata={"description": "Last such day; never the day it is received or a later one."})
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})
    validate_only = Boolean(metadata={"description": "Rehearse: judge every line and count, change nothing."})

    @validates_schema
    def its_days_are_in_order(self, data: dict[str, Any], **_: Any) -> None:
        """The last day does not come before the first."""
        if "period_from" in data and "period_to" in data and data["period_to"] < data["period_from"]:
            raise ValidationError("period_to cannot come before period_from.", "period_to")


class Submission(Output):
    """The receipt."""

    table_key = ("submission_id",)

    at = Instant()
    caller = fields.String()
    cancelled = Integer(least=0, most=2**31 - 1, metadata={"description": "Lines whose record was cancelled here; it is left as it is."})
    change = Integer(least=1, most=2**62, allow_none=True, metadata={"description": "The change it made; null where nothing changed."})
    corrected = Integer(least=0, most=2**31 - 1)
    covers = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of the bytes received."})
    erased = Integer(least=0, most=2**31 - 1, metadata={"description": "Lines whose record was erased here; it is left as it is."})
    faults = Integer(least=0, most=2**31 - 1)
    force = fields.String()
    lines = Integer(least=0, most=2**31 - 1)
    period_from = Date(allow_none=True)
    period_to = Date(allow_none=True)
    reason = fields.String()
    recorded = Integer(least=0, most=2**31 - 1)
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


@dataclass(frozen=True)
class Sender:
    """Who sends a file: its name, what stops it from writing for a force that is not its own, what is told when all bytes have come,
    and how it makes a change."""

    name: str
    require_force: Callable[[str], None]
    received: Callable[[Book, str], None]
    take_change: Callable[[Book, dict[str, Any]], Book]


def take(book: Book, pieces: Iterable[bytes], media_type: str, asked: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """Take one file inside a prepared transaction; returns its receipt, with status refused where a line is at fault.

    `asked` has the members of SubmissionQuery; `pieces` are the bytes as they come. Raises a 422 problem for a file without any
    line that says whose it is.
    """
    named = _named_force(book, asked["force"], sender) if asked.get("force") else None
    covers = categories.named(book, [asked.get("covers") or "all-crime"])[0]["category"]
    staged = receiving.stage(book, pieces, media_type, named)
    sender.received(book, staged.digest)
    if staged.force is None or not staged.lines:
        detail = staged.faults[0]["detail"] if staged.faults else "The file holds no record."
        raise Problem("refused-file", detail, errors=_shown(staged.faults))
    sender.require_force(staged.force)
    faults, count = _judged(book, staged)
    receipt = {
        "submission_id": new_id(), "force": staged.force, "caller": sender.name, "covers": covers, "digest": staged.digest,
        "lines": staged.lines, "faults": count, "reason": asked.get("reason") or "submission received",
        "change_made": None, "status": "refused" if faults else "accepted", **_foreseen(book, staged.force, asked),
    }  # fmt: skip
    if asked.get("validate_only"):
        return _receipt(book, receipt | {"status": "rehearsed"}, faults)
    if faults or _is_known(book, receipt):
        return _receipt(book, receipt, faults)
    database.wait_for_writers(book)
    if book.submissions.reference_changed():  # others wrote meanwhile: perhaps what a place or a code is, perhaps this very file
        faults, count = _judged(book, staged)
        if faults:
            return _receipt(book, receipt | {"faults": count, "status": "refused"}, faults)
    receipt |= _foreseen(book, staged.force, asked)
    return _receipt(book, receipt, []) if _is_known(book, receipt) else _apply(sender.take_change(book, receipt), receipt)


def _named_force(book: Book, name: str, sender: Sender) -> str:
    """The force that is named for the whole file, where the sender may write for it."""
    force: str = areas.named(book, [name], "force")[0]["area"]
    if force not in (row["area"] for row in book.submissions.forces()):
        detail = f"{name} is no force. GET /v1/areas?kind=force lists them."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "force", "detail": detail}])
    sender.require_force(force)
    return force


def _judged(book: Book, staged: receiving.Staged) -> tuple[list[dict[str, Any]], int]:
    """The faults of the lines and of the file, by line, as many as are kept; and how many there are in all."""
    book.submissions.look_up_areas()
    found_in_sql = book.submissions.faults(force=staged.force, most=receiving.MOST_FAULTS_KEPT)
    count = len(staged.faults) + staged.more_faults + (found_in_sql[0]["faults"] if found_in_sql else 0)
    return sorted([*staged.faults, *found_in_sql], key=lambda one: one["line"])[: receiving.MOST_FAULTS_KEPT], count


def _foreseen(book: Book, force: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the lines will do, and the days of which they are every record."""
    days = book.submissions.days(period_from=asked.get("period_from"), period_to=asked.get("period_to"))
    ends = {"period_from": days[0]["period_from"], "period_to": days[-1]["period_to"]} if days else {"period_from": None, "period_to": None}
    return {**book.submissions.foresee(force=force), **ends, "days": as_json(days)}


def _is_known(book: Book, receipt: dict[str, Any]) -> bool:
    """Does the book say all this already? Then the same file again changes nothing, not even the number of the last change."""
    claimed = {name: receipt[name] for name in ("force", "covers", "days")}
    return not receipt["recorded"] and not receipt["corrected"] and bool(book.submissions.covered(**claimed))


def _apply(book: Book, receipt: dict[str, Any]) -> dict[str, Any]:
    """Under the change lock: close what differs, open what is new, leave what is the same."""
    book.submissions.apply(force=receipt["force"])
    book.tally.count_change(force=receipt["force"])
    book.submissions.cover(**{name: receipt[name] for name in ("force", "covers", "days")})
    return _receipt(book, receipt | {"change_made": book.as_of}, [])


def _receipt(book: Book, receipt: dict[str, Any], faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep it, with what was wrong."""
    row: dict[str, Any] = book.submissions.keep(**receipt)
    if faults:
        book.submissions.keep_faults(force=receipt["force"], submission_id=receipt["submission_id"], faults=as_json(faults))
    return row


@submissions.route("")
class Submissions(Resource):
    """Every file received."""

    @operation(
        "listSubmissions", "List submissions", query=Paged(), returns=page_of(Submission, "SubmissionPage"), formats=LISTED, listed=True
    )
    def get(self, **paging: Any) -> Answer:
        """In the order they came; refused and rehearsed ones too."""
        with reading() as sql:
            return listed(sql, sql.submissions.list, Submission(), {"submission_id": UUID}, tagged=False, **paging)

    @operation("submitOffences", "Submit a file of offences", query=SubmissionQuery(), returns=Submission(), scope="record", status=201,
               access="collection", streamed=(formats.CSV, formats.NDJSON))  # fmt: skip
    def post(self, **asked: Any) -> Answer:
        """CSV with a header of field names, or NDJSON, one offence a line, with the fields of a single offence.

        Accepted whole or not at all. A record is known by its force and crime_ref: a new one is recorded, one that differs is
        corrected, one that is the same is left alone, so the same file sent again changes nothing. One that was cancelled here stays
        cancelled. A record is one line also in CSV: a quoted cell may hold commas, not line ends. Lines end with LF or CRLF.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            sender = Sender(g.caller.name, require_force, _received, _change_of_this_request)
            pieces = bodies.pieces(current_app.config["LARGEST_SUBMISSION_BYTES"], "A submission", ": send it in several files")
            receipt = take(sql, pieces, request.mimetype, asked, sender)
            access.shown(**collected(receipt))
            headers = {"Location": f"/v1/submissions/{receipt['submission_id']}"}
            if receipt["status"] == "refused":
                return _refusal(sql, receipt, headers)
            return Answer(receipt, headers, status=201 if receipt["status"] == "accepted" else 200)


def collected(receipt: dict[str, Any]) -> dict[str, Any]:
    """What the access log keeps of a file: how many records it brought, if any. A file that was refused is kept in its faults."""
    records = receipt["recorded"] + receipt["corrected"] if receipt["change"] else 0
    asked = {name: receipt[name] for name in ("covers", "period_from", "period_to", "status", "submission_id")}
    return {"records": records, "force": receipt["force"], "asked": asked}


def _received(book: Book, digest: str) -> None:
    transactions.received(book, digest.encode())


def _change_of_this_request(book: Book, receipt: dict[str, Any]) -> Book:
    return database.take_change(
        book, receipt["reason"], caller=g.caller.name, trace_id=logs.trace_id(), submission_id=receipt["submission_id"]
    )


def _shown(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"line": one["line"], "pointer": f"/{one['field']}", "detail": one["detail"]} for one in faults[:FAULTS_SHOWN]]


def _refusal(sql: Book, receipt: dict[str, Any], headers: dict[str, str]) -> Answer:
    """The refusal is kept, so that its faults can be read; the records are as they were."""
    first = sql.submissions.list_faults(submission_id=receipt["submission_id"], force=receipt["force"], after_line=None,
                                        after_position=None, limit=FAULTS_SHOWN)  # fmt: skip
    address = f"/v1/submissions/{receipt['submission_id']}/faults"
    problem = Problem(
        "refused-file", f"Faults: {receipt['faults']:,}, in {receipt['lines']:,} lines; nothing was recorded. {address} lists them all.",
        errors=_shown(first),
        headers={**headers, "Link": f'<{address}>; rel="describedby"'}, submission=receipt["submission_id"],
    )  # fmt: skip
    return Answer(response=problem.response())


@submissions.route("/<uuid:submission_id>")
class OneSubmission(Resource):
    """One file."""

    @operation("readSubmission", "Read the receipt of a submission", returns=Submission(), tagged=True, errors=(404,))
    def get(self, submission_id: UUID) -> dict[str, Any]:
        """As it was answered."""
        with reading() as sql:
            return found(sql.submissions.read(submission_id=submission_id), f"No submission has the id {submission_id}.")


@submissions.route("/<uuid:submission_id>/faults")
class SubmissionFaults(Resource):
    """What was wrong with it."""

    @operation("listSubmissionFaults", "List the faults of a submission", query=Paged(), returns=page_of(Fault, "FaultPage"),
               access="consultation", formats=LISTED, listed=True, errors=(404,))  # fmt: skip
    def get(self, submission_id: UUID, **paging: Any) -> Answer:
        """By line; the first 10,000 are kept, `faults` of the receipt counts them all."""
        with reading() as sql:
            receipt = found(sql.submissions.read(submission_id=submission_id), f"No submission has the id {submission_id}.")
            return listed(sql, sql.submissions.list_faults, Fault(), {"line": int, "position": int}, submission_id=submission_id,
                          force=receipt["force"], **paging)  # fmt: skip
