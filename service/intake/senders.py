"""Who sends a file, whichever door it comes by: over HTTP a caller, for forces of its own; from a terminal
the person who runs the service, for every force."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from service.callers.callers import require_force
from service.store import Book, database
from service.web import exchanges, logs
from service.web.request import transactions


@dataclass(frozen=True)
class Sender:
    """In whose name a file comes and its change is made.

    `require_force` raises a 403 problem where it may not write for a force. `note_received` is given the
    digest when every byte has come, and may find that the same request was answered before.
    """

    name: str
    trace_id: str
    require_force: Callable[[str], None]
    note_received: Callable[[Book, bytes], None]

    def take_change(self, book: Book, reason: str, submission_id: UUID | None = None) -> Book:
        """Take the change lock inside a prepared transaction; the book returned writes under the new
        change."""
        return database.take_change(
            book, reason, caller=self.name, trace_id=self.trace_id, submission_id=submission_id
        )


def sender_of_request() -> Sender:
    """The caller of this request."""
    return Sender(exchanges.caller().name, logs.trace_id(), require_force, transactions.received)


def sender_at_terminal(name: str) -> Sender:
    """The person at the terminal of this machine, who may write for every force. `name` is kept with the
    changes."""
    return Sender(name, secrets.token_hex(16), lambda _force: None, lambda _book, _digest: None)
