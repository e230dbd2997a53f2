"""Sealing the book: what changed goes into the Merkle tree, and the head of the tree is signed with a key
that no database holds."""

import contextlib
import json
import logging
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psycopg2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from service.audit import merkle
from service.processes import LAUNCHER
from service.store import Book, database

SECONDS_TO_SEAL = 3600
CHANGES_AT_ONCE = 10_000  # in one transaction: a first sealing that is cut short goes on from the last head

log = logging.getLogger(__name__)


class SealingFault(RuntimeError):
    """The book cannot be sealed; the text is a sentence for whoever runs it."""


@dataclass(frozen=True)
class Head:
    """A signed head: the tree of that size covers everything up to and with the change."""

    tree_size: int
    at: datetime
    change: int
    public_key: bytes
    root: bytes
    signature: bytes

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The head that a row holds."""
        return cls(
            row["tree_size"],
            row["at"],
            row["change"],
            *(bytes(row[name]) for name in ("public_key", "root", "signature")),
        )

    def signed(self) -> str:
        """The text whose UTF-8 bytes are signed."""
        return signed_text(self.tree_size, self.change, self.at, self.root)

    def is_signed(self) -> bool:
        """Is the signature that of the public key it names?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(self.signature, self.signed().encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def signed_text(tree_size: int, change: int, at: datetime, root: bytes) -> str:
    """Five lines, each ended by LF."""
    return f"crimebook seal 1\n{tree_size}\n{change}\n{signed_instant(at)}\n{root.hex()}\n"


def signed_instant(at: datetime) -> str:
    """The instant as it is signed: in UTC, with all six digits of the second, noughts at the end too."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_key(path: Path) -> Ed25519PrivateKey:
    """The signing key that a file holds. Raises SealingFault."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise SealingFault(f"The sealing key {path} cannot be read: {fault}") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise SealingFault(f"The sealing key {path} is not an Ed25519 key.")
    return key


def read_public_key(path: Path) -> bytes:
    """The public key in a PEM file, or that of the signing key in it. Raises SealingFault."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as fault:
        raise SealingFault(f"The public key {path} cannot be read: {fault}") from fault
    except (ValueError, UnsupportedAlgorithm):
        key = read_key(path).public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise SealingFault(f"{path} is not an Ed25519 key.")
    return key.public_bytes_raw()


def public_key_pem(public_key: bytes) -> str:
    """A public key as openssl reads it."""
    return (
        Ed25519PublicKey.from_public_bytes(public_key)
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _signing_key(path: Path, sealed_before: bool) -> Ed25519PrivateKey:
    """The key in the file; for the first seal of a book it is made where there is none. A key that was lost
    is not replaced in silence."""
    if not path.exists():
        if sealed_before:
            raise SealingFault(
                f"The sealing key {path} is missing, and this book was sealed before: put the key back, or"
                " put a new one there and tell those who verify."
            )
        _make_key(path)
    return read_key(path)


def _make_key(path: Path) -> None:
    """Whole or not at all, and never over another: of two that make one at the same moment, the second takes
    the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def seal(book: Book, key_file: Path, most: int | None = None) -> tuple[Head | None, bool]:
    """Seal all changes made since the last head, or the first `most` of them: the newest head, and whether it
    is a new one.

    To be called in a transaction of its own, not in a snapshot: changes are numbered in the order they are
    committed, so all that is visible of the newest change is visible of every one before it, and stays so in
    each statement that follows. Raises SealingFault.
    """
    now = database.take_turn_to_seal(book)
    newest = book.audit.seals.newest()
    last = Head.of(newest) if newest else None
    size, after = (last.tree_size, last.change) if last else (0, 0)
    until = book.audit.seals.step(after=after, most=most)["until"]
    if until is None:
        return last, False
    key = _signing_key(key_file, last is not None)
    between = {"after": after, "until": until}
    book.audit.seals.digest_personal(**between, nonce=secrets.token_bytes(32))
    grown = size + book.audit.seals.seal_leaves(**between, tree_size=size)
    for level in range(1, grown.bit_length()):
        book.audit.seals.seal_nodes(level=level, first=size >> level, last=grown >> level)
    root = run_hashes(book, [(0, grown)])[0]
    signature = key.sign(signed_text(grown, until, now, root).encode())
    made = book.audit.seals.sign(
        tree_size=grown,
        at=now,
        change=until,
        public_key=key.public_key().public_bytes_raw(),
        root=root,
        signature=signature,
    )
    return Head.of(made), True


def run_hashes(book: Book, runs: Iterable[merkle.Run]) -> list[bytes]:
    """The hashes of runs of the tree, from its stored subtrees; of one that is missing, the empty bytes."""
    runs = list(runs)
    wanted = sorted({one for run in runs for one in merkle.subtrees(run)})
    rows = book.audit.seals.subtrees(
        levels=[level for level, _ in wanted], positions=[position for _, position in wanted]
    )
    hashes = {(row["level"], row["position"]): bytes(row["hash"] or b"") for row in rows}
    return [merkle.run_hash(run, hashes.__getitem__) for run in runs]


def seal_everything(key_file: Path) -> Head | None:
    """Seal until nothing is left, some thousands of changes at a time: the new head, or None where there was
    nothing to seal."""
    made = None
    while True:
        with database.preparing(SECONDS_TO_SEAL) as book:
            head, new = seal(book, key_file, CHANGES_AT_ONCE)
        if not new:
            return made
        made = head


def keep_sealing(key_file: Path, seconds: int) -> None:
    """Seal what changed, again and again, until the launcher is gone. A sealing that fails is said on
    standard error and tried again."""
    launcher = int(os.environ.get(LAUNCHER) or 0)
    due = 0.0
    while not launcher or os.getppid() == launcher:
        if time.monotonic() >= due:
            _seal_or_say_why_not(key_file)
            due = time.monotonic() + seconds
        time.sleep(min(0.5, seconds))


def _seal_or_say_why_not(key_file: Path) -> None:
    try:
        if head := seal_everything(key_file):
            log.info("sealed to change %s", head.change, extra={"fields": _brief(head)})
    except (psycopg2.Error, SealingFault, OSError) as fault:
        database.release()
        log.error("not sealed, to be tried again: %s", str(fault).strip())  # noqa: TRY400


def as_line(head: Head) -> str:
    """A head in one line of JSON, for a terminal and for whoever keeps it."""
    return json.dumps(_brief(head))


def _brief(head: Head) -> dict[str, object]:
    return {"change": head.change, "root": head.root.hex(), "tree_size": head.tree_size}
