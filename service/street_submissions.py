"""Files of data.police.uk: read line by line, whole or not at all, each in place of what its force's month said before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service import street_archives, street_lines
from service.callers import require_force
from service.store import Book, as_json, database
from service.store.copying import copy
from service.store.identifiers import new_id
from service.street_archives import Allowance, Source
from service.web import bodies, formats, logs, transactions
from service.web.fields import Choice, Instant, Integer, Output, Query, Text, Uuid
from service.web.operations import Answer, found, operation
from service.web.pages import LISTED, Paged, listed, page_of
from service.web.problems import Problem
from service.web.transactions import reading

ZIP = "application/zip"
FAULTS_SHOWN = 20
SECONDS_TO_APPLY = 3600
MOST = 2**31 - 1
street_submissions = Namespace("street-submissions", description="Files of data.police.uk, as downloaded.")


class Month(fields.String):
    """A month as YYYY-MM, out of the day it begins on."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **keywords: Any) -> str | None:
        return None if value is None else str(value)[:7]


class StreetSubmissionQuery(Query):
    """What the file is."""

    name = Text(
        longest=200, metadata={"description": "What a CSV file is called; its month, force and kind are then held against its rows."}
    )
    reason = Text(longest=500, metadata={"description": "Why it is sent; kept with the change it makes."})


class PassedOver(Output):
    """A file of a folder or archive that was not read."""

    name = fields.String()
    reason = fields.String()


class StreetFile(Output):
    """What one file did: a month of a force."""

    corrected = Integer(least=0, most=MOST, metadata={"description": "Rows that say otherwise of a Crime ID what was held."})
    ended = Integer(least=0, most=MOST, metadata={"description": "Rows held before that the file no longer has."})
    force = fields.String()
    kind = Choice("StreetFileKind", "street", "outcomes")
    month = Month()
    name = fields.String(allow_none=True)
    recorded = Integer(least=0, most=MOST)
    rows = Integer(least=0, most=MOST)
    unchanged = Integer(least=0, most=MOST)


class StreetSubmission(Output):
    """The receipt."""

    table_key = ("street_submission_id",)

    at = Instant()
    caller = fields.String()
    change = Integer(least=1, most=2**62, allow_none=True, metadata={"description": "The change it made; null where nothing changed."})
    digest = fields.String(
        metadata={"description": "SHA-256 of the bytes received; of a folder, of its files in the order of their names."}
    )
    faults = Integer(least=0, most=MOST)
    files = fields.List(fields.Nested(StreetFile))
    passed_over = fields.List(fields.Nested(PassedOver), metadata={"description": "The first 100 files that were not read, and why."})
    passed_over_count = Integer(least=0, most=MOST)
    reason = fields.String()
    rows = Integer(least=0, most=MOST)
    status = Choice("StreetSubmissionStatus", "accepted", "refused")
    street_submission_id = Uuid()


class StreetFault(Output):
    """One thing wrong with one line of a file."""

    table_key = ("position",)

    detail = fields.String()
    field = fields.String()
    file = fields.String(allow_none=True)
    line = Integer(least=1, most=MOST)
    position = Integer(least=1, most=MOST)
    value = fields.String(allow_none=True)


@dataclass(frozen=True)
class Sender:
    """Who sends: its name, what stops it from writing for a force that is not its own, what is told when all is read, and how it makes a
    change."""

    name: str
    require_force: Callable[[str], None]
    received: Callable[[Book, str], None]
    take_change: Callable[[Book, str], Book]


def take(book: Book, source: Source, reason: str | None, sender: Sender) -> dict[str, Any]:
    """Take what is sent inside a prepared transaction; returns the receipt, with status refused where a line is at fault.

    Raises a 422 problem where nothing in it can be read at all.
    """
    read = _staged(book, source)
    sender.received(book, source.digest())
    if not read.rows and not read.faults:
        errors = [{"pointer": f"/{one['name']}", "detail": one["reason"]} for one in source.passed_over[:FAULTS_SHOWN]]
        raise Problem("refused-file", "There is no street crime and no outcome in what was sent.", errors=errors)
    for force in sorted({force for force, *_ in read.files}):
        sender.require_force(force)
    receipt = {
        "street_submission_id": new_id(), "caller": sender.name, "change_made": None, "digest": source.digest(), "faults": 0,
        "passed_over": as_json(source.passed_over), "passed_over_count": source.passed_over_count,
        "reason": reason or "data.police.uk files received", "rows": read.rows, "status": "accepted",
    }  # fmt: skip
    if read.faults:
        receipt |= {"status": "refused", "faults": len(read.faults) + read.more_faults}
        return _kept(book, receipt, [], read.faults)
    return _applied(book, receipt, read, sender)


def _staged(book: Book, source: Source) -> street_lines.Read:
    """Every good row in staged_street_record, and what was found."""
    forces = {street_lines.plain_name(row["said"]): row["area"] for row in book.street_submissions.forces()}
    crime_types = frozenset(row["crime_type"] for row in book.street_submissions.crime_types())
    assert book.at is not None
    read = street_lines.Read(forces, crime_types, book.at.date())
    book.street_submissions.begin_staging()
    copy(book, "staged_street_record", street_lines.COLUMNS, street_lines.records(source, read))
    return read


def _applied(book: Book, receipt: dict[str, Any], read: street_lines.Read, sender: Sender) -> dict[str, Any]:
    """Under the change lock: end what is no longer said, begin what is new, leave what is the same."""
    book.street_submissions.analyse_staging()
    book.street_submissions.place()
    database.wait_for_writers(book)
    book.street_submissions.match()
    book.street_submissions.find_matches()
    files = [{**row, "name": read.files[row["force"], row["month"], row["kind"]]} for row in book.street_submissions.foresee()]
    if any(row["corrected"] or row["ended"] or row["recorded"] for row in files):
        book = sender.take_change(book, receipt["reason"])
        book.street_submissions.end()
        book.street_submissions.begin()
        receipt = receipt | {"change_made": book.as_of}
    return _kept(book, receipt, files, [])


def _kept(book: Book, receipt: dict[str, Any], files: list[dict[str, Any]], faults: list[dict[str, Any]]) -> dict[str, Any]:
    submission_id = receipt["street_submission_id"]
    forces = sorted({file["force"] for file in files}) or None
    book.street_submissions.keep(**receipt, forces=forces)
    if files:
        book.street_submissions.keep_files(street_submission_id=submission_id, files=as_json(files))
    if faults:
        book.street_submissions.keep_faults(street_submission_id=submission_id, caller=receipt["caller"], faults=as_json(faults))
    row: dict[str, Any] = book.street_submissions.read(street_submission_id=submission_id)
    return row


def _source_of_this_request(name: str | None) -> Source:
    """The body: CSV as it comes, an archive by way of a file without a name, since its list of files stands at its end."""
    most = current_app.config["LARGEST_SUBMISSION_BYTES"]
    pieces = bodies.pieces(most, "A submission", ": send it in several files")
    if request.mimetype != ZIP:
        return street_archives.of_stream(pieces, name, Allowance(most))
    return street_archives.of_zip(street_archives.spooled(pieces, g.transactions), Allowance(most))


@street_submissions.route("")
class StreetSubmissions(Resource):
    """Every file received."""

    @operation("listStreetSubmissions", "List submissions of data.police.uk files", query=Paged(),
               returns=page_of(StreetSubmission, "StreetSubmissionPage"), formats=LISTED, listed=True)  # fmt: skip
    def get(self, **paging: Any) -> Answer:
        """In the order they came; refused ones too."""
        with reading() as sql:
            return listed(sql, sql.street_submissions.list, StreetSubmission(), {"street_submission_id": UUID}, tagged=False, **paging)

    @operation("submitStreetFiles", "Submit files of data.police.uk", query=StreetSubmissionQuery(), returns=StreetSubmission(),
               scope="record", status=201, streamed=(formats.CSV, ZIP))  # fmt: skip
    def post(self, name: str | None, reason: str | None) -> Answer:
        """A street or outcomes file as downloaded, CSV or gzipped CSV, or a zip archive of them in any folders.

        Accepted whole or not at all. A file takes the place of what was held of its force, month and kind; the state before stays
        readable `as_of`. Rows that are equal in every column are kept, each as a record. The same file again changes nothing.
        """
        with transactions.preparing(SECONDS_TO_APPLY) as sql:
            sender = Sender(g.caller.name, require_force, _received, _change_of_this_request)
            receipt = take(sql, _source_of_this_request(name), reason, sender)
            headers = {"Location": f"/v1/street-submissions/{receipt['street_submission_id']}"}
            if receipt["status"] == "refused":
                return _refusal(sql, receipt, headers)
            return Answer(receipt, headers, status=201 if receipt["change"] else 200)


def _received(book: Book, digest: str) -> None:
    transactions.received(book, digest.encode())


def _change_of_this_request(book: Book, reason: str) -> Book:
    return database.take_change(book, reason, caller=g.caller.name, trace_id=logs.trace_id())


def refusal(sql: Book, receipt: dict[str, Any]) -> Problem:
    """The problem that a refused submission is: the line of each fault, and the file where there are several."""
    submission_id = receipt["street_submission_id"]
    first = sql.street_submissions.list_faults(street_submission_id=submission_id, after_position=None, limit=FAULTS_SHOWN)
    address = f"/v1/street-submissions/{submission_id}/faults"
    named = [(one, f"{one['file']}: " if one["file"] else "") for one in first]
    return Problem(
        "refused-file", f"Faults: {receipt['faults']:,}, in {receipt['rows']:,} rows; nothing was recorded. {address} lists them.",
        errors=[{"line": one["line"], "pointer": f"/{one['field']}", "detail": name + one["detail"]} for one, name in named],
        headers={"Link": f'<{address}>; rel="describedby"'}, submission=submission_id,
    )  # fmt: skip


def _refusal(sql: Book, receipt: dict[str, Any], headers: dict[str, str]) -> Answer:
    """The refusal is kept, so that its faults can be read; the records are as they were."""
    problem = refusal(sql, receipt)
    problem.headers.update(headers)
    return Answer(response=problem.response())


@street_submissions.route("/<uuid:street_submission_id>")
class OneStreetSubmission(Resource):
    """One submission."""

    @operation("readStreetSubmission", "Read the receipt of data.police.uk files", returns=StreetSubmission(), tagged=True, errors=(404,))
    def get(self, street_submission_id: UUID) -> dict[str, Any]:
        """As it was answered."""
        with reading() as sql:
            row = sql.street_submissions.read(street_submission_id=street_submission_id)
            return found(row, f"No submission of data.police.uk files has the id {street_submission_id}.")


@street_submissions.route("/<uuid:street_submission_id>/faults")
class StreetSubmissionFaults(Resource):
    """What was wrong with it."""

    @operation("listStreetSubmissionFaults", "List the faults of data.police.uk files", query=Paged(),
               returns=page_of(StreetFault, "StreetFaultPage"), formats=LISTED, listed=True, errors=(404,))  # fmt: skip
    def get(self, street_submission_id: UUID, **paging: Any) -> Answer:
        """In the order they were found; the first 10,000 are kept, `faults` of the receipt counts them all."""
        with reading() as sql:
            row = sql.street_submissions.read(street_submission_id=street_submission_id)
            found(row, f"No submission of data.police.uk files has the id {street_submission_id}.")
            return listed(sql, sql.street_submissions.list_faults, StreetFault(), {"position": int},
                          street_submission_id=street_submission_id, **paging)  # fmt: skip
