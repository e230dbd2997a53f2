"""Keys of callers: shown once, kept as digests, rotated with an overlap, revoked at once."""

import hashlib
import hmac
import logging
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg2
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.callers.scopes import known_scopes
from service.store import Book, database
from service.store.identifiers import new_id
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.caller import Caller, Recognised
from service.web.fields import AsKnown, Input, Instant, Integer, Known, Output, Row, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

LONGEST_KEY = 200
keys = Namespace("keys", description="Keys of one caller.", path="/callers")
log = logging.getLogger(__name__)


def digest(key: str) -> bytes:
    """What is kept of a key. Keys are 256 random bits, so a plain SHA-256 cannot be searched backwards."""
    return hashlib.sha256(key.encode()).digest()


def new_key() -> str:
    """A key: 256 random bits."""
    return "cb_" + secrets.token_urlsafe(32)


def recognise(key: str) -> Recognised | None:
    """The caller whose key this is, asked of the database for each request, so that what is revoked opens
    nothing from then on. None for a key that is not in use now."""
    if not key or len(key) > LONGEST_KEY:
        return None
    sent, at = digest(key), datetime.now(UTC)
    row: Row | None = database.ask("callers.keys", "bearer", digest=sent, at=at)
    if row is None or not hmac.compare_digest(bytes(row["digest"]), sent):
        return None
    if not row["noted"]:
        _note_use(row["key_id"], at)
    caller = Caller(row["name"], known_scopes(row["scopes"]), frozenset(row["forces"]))
    return Recognised(caller, row["newest_change"], row["newest_at"])


def _note_use(key_id: UUID, at: datetime) -> None:
    """At most once an hour for each key, outside any change, and never in the way of the request."""
    try:
        database.ask("callers.keys", "note_use", key_id=key_id, at=at)
    except psycopg2.Error as fault:
        with suppress(psycopg2.Error):
            database.release()
        log.warning("the use of a key could not be noted", exc_info=fault)


def make(book: Book, caller_id: UUID, expires_at: datetime | None, *, key: str | None = None) -> Row:
    """Make a key for a caller; its row with the key itself, shown this once. Raises 422 where it would have
    expired already."""
    _require_future(book, "expires_at", expires_at)
    opens = key or new_key()
    row = book.callers.keys.make(
        caller_id=caller_id, key_id=new_id(), digest=digest(opens), expires_at=expires_at
    )
    return {**row, "key": opens}


def _require_future(book: Book, name: str, instant: datetime | None) -> None:
    if instant is not None and book.at is not None and instant <= book.at:
        detail = f"{instant.isoformat().replace('+00:00', 'Z')} has gone by already."
        raise Problem("invalid-body", f"{name}: {detail}", errors=[{"pointer": f"/{name}", "detail": detail}])


class KeyDraft(Input):
    """A key that takes the place of those in use."""

    expires_at = Instant(
        allow_none=True,
        load_default=None,
        metadata={"description": "From then on it opens nothing; null is never."},
    )
    overlap_ends = Instant(
        allow_none=True,
        load_default=None,
        metadata={"description": "Until then the caller's other keys go on working; null ends them at once."},
    )


class CallerKey(Output):
    """A key of a caller, but not the key itself."""

    table_key = ("key_id",)

    caller_id = Uuid()
    created_change = Integer(least=1, most=2**62)
    expires_at = Instant(allow_none=True)
    key_id = Uuid()
    revoked_change = Integer(least=1, most=2**62, allow_none=True)
    since_change = Integer(least=1, most=2**62)


class NewKey(CallerKey):
    """A key just made: shown this once."""

    key = fields.String()


class CallerKeyUse(CallerKey):
    """A key, and when it was last used."""

    last_used_at = Instant(allow_none=True, metadata={"description": "To the hour; null where it never was."})


@keys.route("/<uuid:caller_id>/keys")
class CallerKeys(Resource):
    """Keys of one caller."""

    @operation(
        "listCallerKeys",
        "List the keys of a caller",
        query=Paged(),
        returns=page_of(CallerKeyUse, "CallerKeyPage"),
        scope="administer",
        formats=LISTED,
        listed=True,
        errors=(404,),
    )
    def get(self, caller_id: UUID, **paging: Any) -> Answer:
        """Those in use, expired and revoked, by id, as they are now: keys are used without a change, so it
        has no `as_of`, no ETag."""
        with reading() as sql:
            found(sql.callers.callers.read(caller_id=caller_id), f"No caller has the id {caller_id}.")
            return listed(
                sql,
                sql.callers.keys.list,
                CallerKeyUse(),
                {"key_id": UUID},
                tagged=False,
                caller_id=caller_id,
                **paging,
            )

    @operation(
        "rotateCallerKey",
        "Make another key for a caller",
        body=KeyDraft(),
        returns=NewKey(),
        scope="administer",
        status=201,
        secret=True,
        errors=(404, 409),
    )
    def post(self, caller_id: UUID, body: Row) -> Answer:
        """Name, scopes and forces stay. Keys made before work until `overlap_ends`, or no longer; none is
        made to last longer by it."""
        with writing("key rotated") as sql:
            caller = found(
                sql.callers.callers.read(caller_id=caller_id), f"No caller has the id {caller_id}."
            )
            if caller["revoked_change"] is not None:
                raise Problem(
                    "conflict", f"Caller {caller_id} was revoked at change {caller['revoked_change']}."
                )
            _require_future(sql, "overlap_ends", body["overlap_ends"])
            row = make(sql, caller_id, body["expires_at"])
            sql.callers.keys.overlap(
                caller_id=caller_id, key_id=row["key_id"], overlap_ends=body["overlap_ends"] or sql.at
            )
            return Answer(
                row,
                {"Location": f"/v1/callers/{caller_id}/keys/{row['key_id']}", "Cache-Control": "no-store"},
            )


@keys.route("/<uuid:caller_id>/keys/<uuid:key_id>")
class OneCallerKey(Resource):
    """One key."""

    @operation(
        "readCallerKey",
        "Read one key of a caller",
        query=Known(),
        returns=CallerKey(),
        scope="administer",
        tagged=True,
        errors=(404,),
    )
    def get(self, caller_id: UUID, key_id: UUID, as_of: AsKnown) -> Row:
        """When it was made, when it expires and since when it is revoked; never the key."""
        with reading(as_of) as sql:
            return found(
                sql.callers.keys.read(caller_id=caller_id, key_id=key_id),
                f"Caller {caller_id} has no key {key_id}.",
            )

    @operation(
        "revokeCallerKey",
        "Revoke one key of a caller",
        returns=CallerKey(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404, 409),
    )
    def delete(self, caller_id: UUID, key_id: UUID, seen: int) -> Row:
        """From this moment it opens nothing; the caller's other keys do."""
        with writing("key revoked") as sql:
            row = found(
                sql.callers.keys.read(caller_id=caller_id, key_id=key_id),
                f"Caller {caller_id} has no key {key_id}.",
            )
            require_seen(row, seen)
            if row["revoked_change"] is not None:
                raise Problem("conflict", f"Key {key_id} was revoked at change {row['revoked_change']}.")
            sql.callers.keys.revoke(key_id=key_id)
            return {**row, "revoked_change": sql.as_of, "since_change": sql.as_of}
