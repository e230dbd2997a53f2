"""Seals: signed heads of the tree that holds every change, and proofs that something is in it and that it
only ever grew."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from flask import current_app, request
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.audit import merkle, sealing
from service.audit.sealing import Head, SealingFault
from service.releases import releases
from service.store import Book, database
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import Boolean, Choice, Instant, Integer, Output, Query, Text, Uuid
from service.web.problems import Problem
from service.web.request import access, transactions
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

NOUNS = (
    "area",
    "area_ancestor",
    "caller",
    "caller_key",
    "category",
    "change",
    "code",
    "coverage",
    "erasure",
    "household_count",
    "known_code",
    "mapping",
    "measure",
    "observation",
    "offence",
    "operation",
    "operation_tag",
    "peer_group",
    "population",
    "release",
    "return",
    "series_break",
    "severity_weight",
    "street_record",
    "street_submission",
    "submission",
    "target",
)
MOST = 2**62
seals = Namespace("audit/seals", description="Signed heads and proofs: nobody changed the book afterwards.")


class SignedInstant(Instant):
    """Shown as it is signed, so that who puts the signed text together from the other members gets the same
    bytes."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **keywords: Any) -> str | None:
        return sealing.signed_instant(value)


class Seal(Output):
    """A signed head."""

    table_key: ClassVar[tuple[str, ...]] = ("tree_size",)

    at = SignedInstant(metadata={"description": "With six digits of the second, as it is signed."})
    change = Integer(
        least=1, most=MOST, metadata={"description": "It covers everything up to and with this change."}
    )
    root = fields.String(metadata={"description": "SHA-256 in hexadecimal, as RFC 9162 makes it."})
    signature = fields.String(metadata={"description": "Ed25519, in base64."})
    tree_size = Integer(least=1, most=MOST, metadata={"description": "The number of leaves."})


class SignedSeal(Seal):
    """A signed head with all that is needed to check it."""

    public_key = fields.String(
        metadata={"description": "PEM, as openssl reads it. Compare it with the one you were given."}
    )
    signed = fields.String(metadata={"description": "The text whose UTF-8 bytes are signed."})


class Inclusion(Output):
    """What was sealed, and the proof that it is in the tree."""

    change = Integer(least=1, most=MOST)
    closing = Boolean()
    entry = fields.String(
        allow_none=True,
        metadata={
            "description": (
                "The text that is hashed after a byte nought, made from the book today; null where it has"
                " gone."
            )
        },
    )
    key = fields.String()
    leaf_hash = fields.String()
    noun = Choice("SealedNoun", *NOUNS)
    path = fields.List(fields.String(), metadata={"description": "From the leaf upwards, in hexadecimal."})
    position = Integer(least=0, most=MOST, metadata={"description": "Of the leaf, counted from nought."})
    root = fields.String()
    since_change = Integer(least=1, most=MOST)
    tree_size = Integer(least=1, most=MOST)


class Consistency(Output):
    """The proof that a tree is the beginning of another."""

    from_tree_size = Integer(least=1, most=MOST)
    path = fields.List(
        fields.String(), metadata={"description": "In hexadecimal, in the order of RFC 9162, 2.1.4."}
    )
    root = fields.String()
    tree_size = Integer(least=1, most=MOST)


class InclusionQuestion(Query):
    """Of what: a change, a version of an offence, or any thing by noun and key."""

    change = Integer(least=1, most=MOST, metadata={"description": "The change itself: who, when and why."})
    closing = Boolean(
        metadata={"description": "true asks for the ending of the version that began at since_change."}
    )
    key = Text(
        longest=400,
        metadata={
            "description": "What names it: E07000154 for an area, E23000022/<offence_id> for an offence."
        },
    )
    noun = Choice("SealedNoun", *NOUNS)
    offence_id = Uuid()
    since_change = Integer(
        least=1, most=MOST, metadata={"description": "Which version; needed where there are several."}
    )


_EARLIER = Integer(
    least=1, most=MOST, required=True, metadata={"description": "The size of the earlier tree."}
)
ConsistencyQuestion = Query.from_dict({"from": _EARLIER}, name="ConsistencyQuestion")


@dataclass(frozen=True)
class Thing:
    """What can be sealed, by noun and key: a version of it, where `since_change` says which, or the ending of
    one."""

    noun: str
    key: str
    since_change: int | None
    closing: bool

    def __str__(self) -> str:
        return f"{'The ending of ' if self.closing else ''}{self.noun} {self.key}"


@dataclass(frozen=True)
class Leaf:
    """A leaf of the tree: where it stands, the hash of its entry, and of what thing that is."""

    position: int
    change: int
    closing: bool
    hash: bytes
    key: str
    noun: str
    since_change: int


def _describe(head: Head) -> dict[str, object]:
    return {
        "at": head.at,
        "change": head.change,
        "public_key": sealing.public_key_pem(head.public_key),
        "root": head.root.hex(),
        "signature": base64.b64encode(head.signature).decode(),
        "signed": head.signed(),
        "tree_size": head.tree_size,
    }


def _head(book: Book, tree_size: int) -> Head:
    row = book.audit.seals.read(tree_size=tree_size) if tree_size < MOST else None
    return Head.of(
        found(row, f"No head was signed at tree size {tree_size}. GET /v1/audit/seals lists them.")
    )


def _wrong(parameter: str, detail: str) -> Problem:
    return Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


@seals.route("")
class Seals(Resource):
    """The heads."""

    @operation(
        "listSeals",
        "List signed heads",
        query=Paged(),
        returns=page_of(Seal, "SealPage"),
        scope="audit",
        formats=LISTED,
        listed=True,
    )
    def get(self, **paging: Any) -> Answer:
        """Oldest first. Keep the newest: it is what a later state of the book can be held against."""
        with reading() as sql:

            def select(**page: Any) -> list[dict[str, Any]]:
                return [_describe(Head.of(row)) for row in sql.audit.seals.list(**page)]

            return listed(sql, select, Seal(), {"tree_size": int}, tagged=False, **paging)

    @operation("sealChanges", "Seal what changed", returns=SignedSeal(), scope="audit", creates=True)
    def post(self) -> Answer:
        """Everything up to the last change goes into the tree now, and its head is signed: 201. Where nothing
        changed since the newest head, that is the answer: 200."""
        if request.content_length:
            raise Problem("malformed-body", "POST /v1/audit/seals takes no body.")
        with transactions.preparing(sealing.SECONDS_TO_SEAL, of_every_force=True) as sql:
            transactions.received(sql, b"")
            try:
                head, new = sealing.seal(sql, Path(current_app.config["SEAL_KEY"]))
            except (SealingFault, OSError) as fault:
                raise Problem("not-sealed", str(fault)) from fault
            if head is None:
                raise Problem(
                    "conflict", "Nothing has been changed in this book, so there is nothing to seal."
                )
            database.reflected_change.set(head.change)
            return Answer(
                _describe(head), {"Location": f"/v1/audit/seals/{head.tree_size}"}, status=201 if new else 200
            )


@seals.route("/<int:tree_size>")
class OneSeal(Resource):
    """One head."""

    @operation(
        "readSeal", "Read one signed head", returns=SignedSeal(), scope="audit", tagged=True, errors=(404,)
    )
    def get(self, tree_size: int) -> Answer:
        """With the text that is signed and the public key. The signature proves nothing unless you know the
        key from elsewhere."""
        with reading() as sql:
            head = _head(sql, tree_size)
            return Answer(_describe(head), tag=head.change)


@seals.route("/<int:tree_size>/inclusion")
class SealInclusion(Resource):
    """What a head covers."""

    @operation(
        "proveInclusion",
        "Prove that something is sealed",
        query=InclusionQuestion(),
        returns=Inclusion(),
        scope="audit",
        access="consultation",
        errors=(404,),
    )
    def get(self, tree_size: int, **question: Any) -> dict[str, object]:
        """Hash a byte nought and the entry: that is leaf_hash. Hash it upwards with the path: that is root,
        which the head signs. Personal and free-text fields of an offence stand in the entry as one salted
        digest, so that erasing them leaves the proof as it was.
        """
        with reading() as sql:
            head = _head(sql, tree_size)
            leaf = _leaf(sql, _thing(sql, question), head)
            path = sealing.run_hashes(sql, merkle.inclusion_runs(leaf.position, (0, tree_size)))
            of_leaf = asdict(leaf)
            names = ("change", "closing", "key", "noun", "since_change")
            entry = sql.audit.seals.entry(**{name: of_leaf[name] for name in names})
            _log_whose_it_is(leaf)
            return {
                **of_leaf,
                "entry": entry["entry"] if entry else None,
                "leaf_hash": leaf.hash.hex(),
                "path": [one.hex() for one in path],
                "root": head.root.hex(),
                "tree_size": tree_size,
            }


def _thing(book: Book, question: Mapping[str, Any]) -> Thing:
    """What an InclusionQuestion asks for. Raises 400 unless it is named in one of the three ways, 404 for an
    offence that there never was."""
    given = {name for name, value in question.items() if value is not None}
    since_change, closing = question["since_change"], bool(question["closing"])
    if given == {"change"}:
        return Thing("change", str(question["change"]), question["change"], closing=False)
    if {"noun", "key"} <= given and not given & {"change", "offence_id"}:
        return Thing(question["noun"], question["key"], since_change, closing)
    if "offence_id" in given and not given & {"change", "noun", "key"}:
        offence_id: UUID = question["offence_id"]
        row = found(
            book.audit.seals.key_of_offence(offence_id=offence_id), f"No offence has the id {offence_id}."
        )
        return Thing("offence", row["key"], since_change, closing)
    detail = (
        "Name one thing: by change, by offence_id with since_change, or by noun and key with since_change."
    )
    raise Problem(
        "invalid-parameter",
        detail,
        errors=[{"parameter": name, "detail": detail} for name in sorted(given) or ["change"]],
    )


def _log_whose_it_is(leaf: Leaf) -> None:
    """The entry of an offence is the record, but for what is personal; all others are of no person."""
    if leaf.noun == "offence":
        force, offence_id = leaf.key.split("/")
        access.shown(offence_id=offence_id, force=force)
    else:
        access.shown(0)


def _leaf(book: Book, thing: Thing, head: Head) -> Leaf:
    """Its leaf under that head. Raises 400 where several versions could be meant, 404 where there is none or
    the caller may not know."""
    hidden = book.audit.seals.is_hidden(noun=thing.noun, key=thing.key, **releases.sight_of_caller())
    rows = [] if hidden else book.audit.seals.leaves(**asdict(thing))
    if len(rows) > 1:
        raise _wrong("since_change", f"{thing} was sealed more than once: say which version by since_change.")
    if not rows:
        is_there = not hidden and book.audit.seals.is_there(**asdict(thing))
        raise Problem(
            "not-found",
            f"{thing} is not sealed yet." if is_there else f"{thing} is not in the book as asked for.",
        )
    leaf = Leaf(**{**rows[0], "hash": bytes(rows[0]["hash"])})
    if leaf.position >= head.tree_size:
        raise Problem(
            "not-found", f"{thing} was sealed after tree size {head.tree_size}: ask of a later head."
        )
    return leaf


@seals.route("/<int:tree_size>/consistency")
class SealConsistency(Resource):
    """What a head adds to an earlier one."""

    @operation(
        "proveConsistency",
        "Prove that the tree only grew",
        query=ConsistencyQuestion(),
        returns=Consistency(),
        scope="audit",
        errors=(404,),
    )
    def get(self, tree_size: int, **question: int) -> dict[str, object]:
        """Everything under the earlier head is under this one, in the same places and unaltered. Hold it
        against the root you kept."""
        with reading() as sql:
            head = _head(sql, tree_size)
            earlier = question["from"]
            if earlier > tree_size:
                raise _wrong(
                    "from",
                    f"The tree of {earlier} leaves is larger than that of {tree_size}: from is the"
                    " earlier one.",
                )
            path = sealing.run_hashes(sql, merkle.consistency_runs(earlier, tree_size))
            return {
                "from_tree_size": earlier,
                "path": [one.hex() for one in path],
                "root": head.root.hex(),
                "tree_size": tree_size,
            }
