"""One return inside a transaction: staged, understood, and kept whole or not at all, wherever it comes
from."""

import hashlib
from typing import Any

from service.intake.faults import read_faults
from service.intake.returns import home_office_tables, staging, tables
from service.intake.returns.layouts import Layout
from service.intake.returns.options import ReturnOptions
from service.intake.senders import Sender
from service.store import Book, database
from service.store.identifiers import new_id
from service.web.problems import Problem

FAULTS_IN_A_PROBLEM = 50


def receive_return(
    book: Book, file: bytes, options: ReturnOptions, sender: Sender
) -> tuple[dict[str, Any], bool]:
    """Take one file inside a prepared transaction; returns the row of the return, and whether it is new.

    The very file received before as this edition is the return it was then. Raises a 422 problem, listing
    line and reason, when a line is not understood and understood_only was not asked for.
    """
    edition = {
        "source": options.source,
        "edition": options.edition,
        "digest": hashlib.sha256(file).hexdigest(),
    }
    if (row := book.intake.returns.returns.same(**edition)) is not None:
        return row, False
    layout = staging.stage_return(book, file, options)
    refused = _understand(book, layout, understood_only=bool(options.understood_only))
    database.wait_for_writers(book)
    if (row := book.intake.returns.returns.same(**edition)) is not None:  # it came twice at the same moment
        return row, False
    return_id = new_id()
    change = sender.take_change(book, f"return received: {options.source} {options.edition}")
    change.intake.returns.returns.keep_cells(return_id=return_id)
    change.intake.returns.returns.keep_outcome_cells(return_id=return_id)
    change.intake.returns.returns.keep_faults(return_id=return_id)
    if layout.name == home_office_tables.LAYOUT and not file.startswith(tables.ZIP):
        home_office_tables.keep_wording(change, return_id, file)
    row = change.intake.returns.returns.keep(
        return_id=return_id,
        layout=layout.name,
        refused=refused,
        title=options.title or options.source,
        **edition,
    )
    return row, True


def _understand(book: Book, layout: Layout, *, understood_only: bool) -> int:
    """Find what each cell means; returns how many lines are not understood. Raises a 422 problem unless all
    are, or the others are to be kept and there are any."""
    statements = book.intake.returns.returns
    statements.name_forces()
    statements.name_partnerships()
    statements.name_codes()
    statements.understand(by_code=layout.by_code, rolling=layout.rolling)
    if layout.wide:
        statements.drop_repeated_cells()
    statements.judge(by_code=layout.by_code, rolling=layout.rolling)
    found = statements.misunderstood()
    lines, understood = int(found["lines"]), found["staged"] - found["cells"]
    if not found["staged"]:
        raise Problem("refused-file", "The file holds no count.")
    if lines and not (understood_only and understood > 0):
        raise _refuse(book, lines, some_understood=understood > 0)
    return lines


def _refuse(book: Book, lines: int, *, some_understood: bool) -> Problem:
    """The problem of a return of which so many lines are not understood, with the first of them."""
    faults = read_faults(book.intake.returns.returns.first_faults(limit=FAULTS_IN_A_PROBLEM))
    first = faults[0]
    place = f"Sheet {first.sheet}, line" if first.sheet else "Line"
    return Problem(
        "refused-file",
        f"{lines:,} {'line is' if lines == 1 else 'lines are'} not understood; nothing was kept."
        f" {place} {first.line}: {first.detail}",
        errors=[fault.as_error() for fault in faults],
        hint=(
            "Correct them, or send understood_only=true to keep the others and list these."
            if some_understood
            else None
        ),
    )
