"""A file that is all there is for a period: what the book has of it and the file lacks is cancelled, and can
be listed before that is done."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.periods import Period
from service.store import Book
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Date, Output, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

MOST_KEPT = 10_000
UNCONFIRMED_SHARE = 10
"""One in so many records of its period a file may cancel without a number that confirms it."""

replacements = Namespace(
    "replacements", description="What files of a whole period take out of the counts.", path="/submissions"
)


class Replaced(Output):
    """A record that the file of its period lacks."""

    table_key = ("offence_id",)

    area = fields.String()
    code = fields.String()
    crime_ref = fields.String()
    offence_id = Uuid()
    recorded_on = Date()


@dataclass(frozen=True)
class Replacement:
    """Of which days, and of which category, the file of a force is all there is."""

    force: str
    covers: str
    period: Period

    def list_faults(self, book: Book, most: int) -> list[dict[str, Any]]:
        """The lines that do not belong to them, as rows; each has as `faults` how many there are in all."""
        rows: list[dict[str, Any]] = book.intake.offences.replacements.faults(
            replaces=self.period.period, covers=self.covers, most=most, **self._days
        )
        return rows

    def find_lacking(self, book: Book) -> int:
        """Find the records that the file lacks; returns how many they are."""
        book.intake.offences.replacements.find(force=self.force, covers=self.covers, **self._days)
        return int(book.intake.offences.replacements.count())

    def require_confirmation(self, book: Book, cancelled: int, confirm: int | None) -> None:
        """Raises a 409 problem where the file would cancel more records than were confirmed: of a file for
        which no number was, more than a tenth of what is recorded of its days and category."""
        if cancelled <= (confirm or 0):
            return
        held = int(
            book.intake.offences.replacements.count_held(force=self.force, covers=self.covers, **self._days)
        )
        if confirm is None and cancelled * UNCONFIRMED_SHARE <= held:
            return
        limit = "more than a tenth" if confirm is None else f"more than the {confirm:,} that were confirmed"
        raise Problem(
            "conflict",
            f"The file would cancel {cancelled:,} of the {held:,} records of {self.period.period}, {limit}."
            " Nothing was changed. Rehearse it with validate_only=true and read what it would cancel; if that"
            f" is right, repeat it with confirm={cancelled}.",
            cancelled_by_replacement=cancelled,
            held=held,
        )

    @property
    def _days(self) -> dict[str, date]:
        return {"from_on": self.period.from_on, "to_on": self.period.to_on}


def prepare(book: Book, force: str, covers: str, period: Period | None) -> Replacement | None:
    """What is replaced, if anything. Raises 400 where its days are not over: a crime recorded today may not
    be in the file yet."""
    book.intake.offences.replacements.begin()
    if period is None:
        return None
    if not book.intake.offences.replacements.is_over(to_on=period.to_on):
        detail = f"{period.period} is not over: a file can replace days that lie before today."
        raise Problem(
            "invalid-parameter", f"replaces: {detail}", errors=[{"parameter": "replaces", "detail": detail}]
        )
    return Replacement(force, covers, period)


@replacements.route("/<uuid:submission_id>/replaced")
class SubmissionReplaced(Resource):
    """What it takes out of the counts."""

    @operation(
        "listSubmissionReplaced",
        "List the records that a submission cancels",
        query=Paged(),
        returns=page_of(Replaced, "ReplacedPage"),
        access="consultation",
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, submission_id: UUID, **paging: Any) -> Answer:
        """Those of the period it `replaces` that it lacks, by day; of a rehearsal those it would cancel. The
        first 10,000 are kept, `cancelled_by_replacement` of the receipt counts them all."""
        with reading() as sql:
            receipt = found(
                sql.intake.offences.submissions.read(submission_id=submission_id),
                f"No submission has the id {submission_id}.",
            )
            return listed(
                sql,
                sql.intake.offences.replacements.list,
                Replaced(),
                {"recorded_on": date, "offence_id": UUID},
                tagged=False,
                submission_id=submission_id,
                force=receipt["force"],
                **paging,
            )
