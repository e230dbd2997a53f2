"""Callers with scopes and forces: who may ask, and what each may see and do. A caller is recognised by its
key or by a token of an authorisation server."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.callers import keys, tokens
from service.callers.scopes import SCOPES
from service.store import Book, database
from service.store.identifiers import new_id
from service.web import exchanges
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.caller import Recognised
from service.web.fields import AsKnown, AsOf, Choice, Input, Instant, Integer, Known, Output, Row, Text, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

OWN_NAME = "crimebook"
"""Who makes the changes that no caller asked for; it has no key."""

callers = Namespace("callers", description="Who may read, record and administer, and for which forces.")


def recognise(issuer: tokens.Issuer | None, key: str) -> Recognised | None:
    """Whose key or token this is; None where it is not in use now, whatever the reason."""
    if issuer is not None and tokens.looks_like_token(key):
        return issuer.recognise(key)
    return keys.recognise(key)


def require_force(force: str) -> None:
    """Raise 403 unless the present caller may write records of that force."""
    caller = exchanges.caller()
    if not caller.may_write_for(force):
        raise Problem(
            "forbidden",
            f"{caller.name} may write for {', '.join(sorted(caller.forces))}, not for {force}.",
        )


def create(
    book: Book, name: str, scopes: list[str], forces: list[str], expires_at: datetime | None = None
) -> tuple[Row, str]:
    """Make a caller; returns its row and its key, which is shown this once. `forces` are codes or slugs.
    Raises 422."""
    if name.strip().lower() == OWN_NAME:
        raise _refused(
            "/name",
            "crimebook is the name under which the service makes its own changes: choose a different one.",
        )
    if forces and "administer" in scopes:
        raise _refused(
            "/forces", "A key that administers does so for every force: leave forces or administer out."
        )
    key, codes = keys.new_key(), _codes_of_forces(book, forces)
    row = book.callers.callers.create(
        caller_id=new_id(), digest=keys.digest(key), name=name, scopes=sorted(set(scopes)), forces=codes
    )
    first = keys.make(book, row["caller_id"], expires_at, key=key)
    return {**row, "expires_at": first["expires_at"], "key_id": first["key_id"]}, key


def _codes_of_forces(book: Book, names: list[str]) -> list[str]:
    known = {
        row["wanted"]: row["code"]
        for row in book.reference.areas.find(names=names)
        if row["kind"] in ("force", "body")
    }
    if strangers := [name for name in names if name not in known]:
        raise _refused(
            "/forces",
            f"Each must be a force or body that /v1/areas lists; these are none: {', '.join(strangers)}.",
        )
    return sorted(set(known.values()))


def _refused(pointer: str, detail: str) -> Problem:
    return Problem(
        "invalid-body", f"{pointer.strip('/')}: {detail}", errors=[{"pointer": pointer, "detail": detail}]
    )


def ensure_first_key(database_url: str, home: Path) -> str | None:
    """On a book without callers, make the administrator's key and write it to `home`/key, readable by its
    owner alone.

    Returns the key when it was just made, else None.
    """
    database.connect(database_url)
    with database.reading() as book:
        if book.callers.callers.any_in_use():
            return None
    with database.writing("first key made", caller=OWN_NAME, trace_id=secrets.token_hex(16)) as book:
        if book.callers.callers.any_in_use():
            return None
        _, key = create(book, "administrator", list(SCOPES), [])
        home.mkdir(parents=True, exist_ok=True)
        path = home / "key"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
    return key


class CallerDraft(Input):
    """A caller to be made, with its first key."""

    expires_at = Instant(
        allow_none=True, load_default=None, metadata={"description": "When its key ends; null is never."}
    )
    forces = fields.List(
        Text(longest=100),
        load_default=list,
        metadata={
            "description": (
                "Forces whose records it sees and writes, by code or slug; none is all. Who administers has"
                " none."
            )
        },
    )
    name = Text(longest=100, required=True)
    scopes = fields.List(
        Choice("Scope", *SCOPES), required=True, validate=validate.Length(min=1, max=len(SCOPES))
    )


class CallerSummary(Output):
    """A caller, without its key."""

    table_key = ("caller_id",)

    caller_id = Uuid()
    created_change = Integer(least=1, most=2**62)
    forces = fields.List(fields.String())
    name = fields.String()
    revoked_change = Integer(least=1, most=2**62, allow_none=True)
    scopes = fields.List(Choice("Scope", *SCOPES))
    since_change = Integer(least=1, most=2**62)


class CallerFilter(Paged):
    """As known when."""

    as_of = AsOf()


class NewCaller(CallerSummary):
    """A caller just made, with its key: shown this once."""

    expires_at = Instant(allow_none=True)
    key = fields.String()
    key_id = Uuid()


@callers.route("")
class Callers(Resource):
    """Everybody who has a key."""

    @operation(
        "listCallers",
        "List the callers",
        query=CallerFilter(),
        returns=page_of(CallerSummary, "CallerPage"),
        scope="administer",
        formats=LISTED,
        listed=True,
    )
    def get(self, as_of: AsKnown, **paging: Any) -> Answer:
        """Those in use and those revoked, by id; never a key."""
        with reading(as_of) as sql:
            return listed(sql, sql.callers.callers.list, CallerSummary(), {"caller_id": UUID}, **paging)

    @operation(
        "createCaller",
        "Make a caller",
        body=CallerDraft(),
        returns=NewCaller(),
        scope="administer",
        status=201,
        secret=True,
        errors=(409,),
    )
    def post(self, body: Row) -> Answer:
        """The key is in the answer and nowhere else: only its digest is kept. A repeat with the same
        Idempotency-Key gets 409."""
        with writing(f"key made for {body['name']}") as sql:
            row, key = create(sql, body["name"], body["scopes"], body["forces"], body["expires_at"])
            return Answer(
                {**row, "key": key},
                {"Location": f"/v1/callers/{row['caller_id']}", "Cache-Control": "no-store"},
            )


@callers.route("/<uuid:caller_id>")
class OneCaller(Resource):
    """One caller."""

    @operation(
        "readCaller",
        "Read one caller",
        query=Known(),
        returns=CallerSummary(),
        scope="administer",
        tagged=True,
        errors=(404,),
    )
    def get(self, caller_id: UUID, as_of: AsKnown) -> Row:
        """Its name, scopes and forces."""
        with reading(as_of) as sql:
            return found(sql.callers.callers.read(caller_id=caller_id), f"No caller has the id {caller_id}.")

    @operation(
        "revokeCaller",
        "Revoke a caller",
        returns=CallerSummary(),
        scope="administer",
        guarded=True,
        tagged=True,
        errors=(404,),
    )
    def delete(self, caller_id: UUID, seen: int) -> Row:
        """From this moment none of its keys opens anything."""
        with writing("caller revoked") as sql:
            row = found(sql.callers.callers.read(caller_id=caller_id), f"No caller has the id {caller_id}.")
            require_seen(row, seen)
            return found(
                sql.callers.callers.revoke(caller_id=caller_id), f"Caller {caller_id} was revoked already."
            )
