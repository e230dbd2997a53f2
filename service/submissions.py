"""Files of offences: received line by line, judged as a set, applied whole or not at all, answered with a receipt."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service import areas, categories, receiving
from service.callers import require_force
from service.store import Book, as_json, database
from service.store.identifiers import new_id
from service.web import formats, logs, transactions
from service.web.fields import Boolean, Choice, Date, Instant, Integer, Output, Query, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.transactions import reading

SECONDS_TO_APPLY = 3600
submissions = Namespace("submissions", description="Files of offences, whole or not at all.")


class SubmissionQuery(Query):
    """What the file is."""

    covers = Text(metadata={"description": "The category of which the file holds every record of its days; all-crime where not given."})
    force = Text(metadata={"description": "The force it comes from; needed where lines do not say."})
    period_from = Date(metadata={"description": "First day of which it holds every record; the month of the earliest where not given."})
    period_to = Date(metadata={"description": "Last such day; the end of the month of the latest where not given."})
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})
    validate_only = Boolean(metadata={"description": "Rehearse: judge every line and count, change nothing."})


class Submission(Output):
    """The receipt."""

    at = Instant()
    caller = fields.String()
    cancelled = Integer(least=0, most=2**31 - 1, metadata={"description": "Lines whose record was cancelled here; it is left as it is."})
    change = Integer(least=1, most=2**62, allow_none=True, metadata={"description": "The change it made; null where nothing changed."})
    corrected = Integer(least=0, most=2**31 - 1)
    covers = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of the bytes received."})
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

    detail = fields.String()
    field = fields.String()
    line = Integer(least=1, most=2**31 - 1)
    position = Integer(least=1, most=2**31 - 1)
    value = fields.String(allow_none=True)


@dataclass(frozen=True)
class Sender:
    """Who sends a file: its name, what stops it from writing for a force that is not its own, and how it makes a change."""

    name: str
    require_force: Callable[[str], None]
    take_change: Callable[[Book, dict[str, Any]], Book]


def take(book: Book, pieces: Iterable[bytes], media_type: str, asked: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """Take one file inside a prepared transaction; returns its receipt, with status refused where a line is at fault.

    `asked` has the members of SubmissionQuery; `pieces` are the bytes as they come. Raises a 422 problem for a file without any
    line that says whose it is.
    """
    named = areas.named(book, [asked["force"]], "force")[0]["area"] if asked.get("force") else None
    covers = categories.named(book, [asked.get("covers") or "all-crime"])[0]["category"]
    staged = receiving.stage(book, pieces, media_type, named)
    if staged.force is None or not staged.lines:
        raise Problem("refused-file", staged.faults[0]["detail"] if staged.faults else "The file holds no record.",
                      errors=[{"line": one["line"], "detail": one["detail"]} for one in staged.faults[:20]])  # fmt: skip
    sender.require_force(staged.force)
    book.submissions.look_up_areas()
    faults = sorted([*staged.faults, *book.submissions.faults(force=staged.force)], key=lambda one: one["line"])
    receipt = {
        "submission_id": new_id(), "force": staged.force, "caller": sender.name, "covers": covers, "digest": staged.digest,
        "lines": staged.lines, "faults": len(faults) + staged.more_faults, "reason": asked.get("reason") or "submission received",
        "change_made": None, "status": "refused" if faults else "accepted", **_foreseen(book, staged.force, asked),
    }  # fmt: skip
    if asked.get("validate_only"):
        return _receipt(book, receipt | {"status": "rehearsed"}, faults)
    if faults or _is_known(book, receipt):
        return _receipt(book, receipt, faults)
    return _apply(sender.take_change(book, receipt), receipt, asked)


def _foreseen(book: Book, force: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the lines will do, and the days of which they are every record."""
    days = book.submissions.days(period_from=asked.get("period_from"), period_to=asked.get("period_to"))
    return {**book.submissions.foresee(force=force), **(days or {"period_from": None, "period_to": None})}


def _is_known(book: Book, receipt: dict[str, Any]) -> bool:
    """Does the book say all this already? Then the same file again changes nothing, not even the number of the last change."""
    days = {name: receipt[name] for name in ("force", "covers", "period_from", "period_to")}
    return not receipt["recorded"] and not receipt["corrected"] and bool(book.submissions.covered(**days))


def _apply(book: Book, receipt: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Under the change lock: close what differs, open what is new, leave what is the same."""
    receipt |= {**_foreseen(book, receipt["force"], asked), "change_made": book.as_of}
    book.submissions.apply(force=receipt["force"])
    book.tally.count_change(force=receipt["force"])
    book.submissions.cover(**{name: receipt[name] for name in ("force", "covers", "period_from", "period_to")})
    return _receipt(book, receipt, [])


def _receipt(book: Book, receipt: dict[str, Any], faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep it, with what was wrong."""
    row: dict[str, Any] = book.submissions.keep(**receipt)
    if faults:
        kept = as_json(faults[: receiving.MOST_FAULTS_KEPT])
        book.submissions.keep_faults(force=receipt["force"], submission_id=receipt["submission_id"], faults=kept)
    return row


def _received_pieces() -> Iterator[bytes]:
    limit: int = current_app.config["LARGEST_SUBMISSION_BYTES"]
    total = 0
    while piece := request.stream.read(65_536):
        total += len(piece)
        if total > limit:
            raise Problem("too-large", f"A submission has at most {limit:,} bytes: send it in several files.")
        yield piece


@submissions.route("")
class Submissions(Resource):
    """Every file received."""

    @operation(
        "listSubmissions", "List submissions", query=Paged(), returns=page_of(Submission, "SubmissionPage"), formats=LISTED, listed=True
    )
    def get(self, **paging: Any) -> Answer:
        """In the order they came; refused and rehearsed ones too."""
        with reading() as sql:
            return listed(sql, sql.submissions.list, Submission(), {"submission_id": UUID}, **paging)

    @operation("submitOffences", "Submit a file of offences", query=SubmissionQuery(), returns=Submission(), scope="record", status=201,
               streamed=(formats.CSV, formats.NDJSON))  # fmt: skip
    def post(self, **asked: Any) -> Answer:
        """CSV with a header of field names, or NDJSON, one offence a line, with the fields of a single offence.

        Accepted whole or not at all. A record is known by its force and crime_ref: a new one is recorded, one that differs is
        corrected, one that is the same is left alone, so the same file sent again changes nothing.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            sender = Sender(g.caller.name, require_force, _change_of_this_request)
            receipt = take(sql, _received_pieces(), request.mimetype, asked, sender)
            headers = {"Location": f"/v1/submissions/{receipt['submission_id']}"}
            if receipt["status"] == "refused":
                return _refusal(sql, receipt, headers)
            return Answer(receipt, headers, status=201 if receipt["status"] == "accepted" else 200)


def _change_of_this_request(book: Book, receipt: dict[str, Any]) -> Book:
    g.received = receipt["digest"].encode()
    return transactions.written(database.take_change(
        book, receipt["reason"], caller=g.caller.name, trace_id=logs.trace_id(), submission_id=receipt["submission_id"]))  # fmt: skip


def _refusal(sql: Book, receipt: dict[str, Any], headers: dict[str, str]) -> Answer:
    """The refusal is kept, so that its faults can be read; the records are as they were."""
    first = sql.submissions.list_faults(submission_id=receipt["submission_id"], after_line=None, after_position=None, limit=20)
    address = f"/v1/submissions/{receipt['submission_id']}/faults"
    problem = Problem(
        "refused-file", f"{receipt['faults']:,} faults in {receipt['lines']:,} lines; nothing was recorded. {address} lists them all.",
        errors=[{"line": one["line"], "pointer": f"/{one['field']}", "detail": one["detail"]} for one in first],
        headers={**headers, "Link": f'<{address}>; rel="describedby"'}, submission=receipt["submission_id"],
    )  # fmt: skip
    return Answer(response=problem.response())


@submissions.route("/<uuid:submission_id>")
class OneSubmission(Resource):
    """One file."""

    @operation("readSubmission", "Read the receipt of a submission", returns=Submission(), errors=(404,))
    def get(self, submission_id: UUID) -> dict[str, Any]:
        """As it was answered."""
        with reading() as sql:
            return found(sql.submissions.read(submission_id=submission_id), f"No submission has the id {submission_id}.")


@submissions.route("/<uuid:submission_id>/faults")
class SubmissionFaults(Resource):
    """What was wrong with it."""

    @operation("listSubmissionFaults", "List the faults of a submission", query=Paged(), returns=page_of(Fault, "FaultPage"), formats=LISTED,
               listed=True, errors=(404,))  # fmt: skip
    def get(self, submission_id: UUID, **paging: Any) -> Answer:
        """By line; the first 10,000 are kept, `faults` of the receipt counts them all."""
        with reading() as sql:
            found(sql.submissions.read(submission_id=submission_id), f"No submission has the id {submission_id}.")
            return listed(sql, sql.submissions.list_faults, Fault(), {"line": int, "position": int}, submission_id=submission_id, **paging)
