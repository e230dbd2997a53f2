"""What comes of data.police.uk: one CSV file, a folder, or a zip archive of them; opened file by file, never
unpacked to disk."""

import hashlib
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from service.intake.lines import hash_pieces
from service.intake.police_uk.receipts import PassedOverFile
from service.web.problems import Problem

PIECE = 65_536
MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = 8 * 2**20  # of a zip archive, which is read at once: enough for far more entries
MOST_PASSED_OVER_KEPT = 100
FILE_NAME = re.compile(
    r"(?P<month>[0-9]{4}-[0-9]{2})-(?P<force>[a-z0-9-]+)-(?P<kind>street|outcomes|stop-and-search)\.csv(\.gz)?"
)
_GZIP = b"\x1f\x8b"
_END, _END_LENGTH = b"PK\x05\x06", 22


@dataclass
class Allowance:
    """How many bytes may still come out of what was sent."""

    most: int
    left: int = 0

    def __post_init__(self) -> None:
        self.left = self.most

    def take(self, count: int) -> None:
        """Raise 413 when that many more would be too many."""
        self.left -= count
        if self.left < 0:
            raise Problem(
                "too-large",
                f"What was sent unpacks to more than {self.most:,} bytes: send it in several files.",
            )


@dataclass
class Part:
    """One file: its name, where it has one, and its bytes, opened when its turn comes."""

    name: str | None
    pieces: Callable[[], Iterator[bytes]]


@dataclass
class Source:
    """The files sent, those that were passed over and why, and the SHA-256 of it all, which is right once all
    has been read."""

    parts: list[Part]
    digest: Callable[[], str]
    passed_over: list[PassedOverFile] = field(default_factory=list)
    passed_over_count: int = 0

    def pass_over(self, name: str, reason: str) -> None:
        """Leave a file out, and say so."""
        self.passed_over_count += 1
        if len(self.passed_over) < MOST_PASSED_OVER_KEPT:
            self.passed_over.append(PassedOverFile(name[:200].replace("\x00", "␀"), reason))

    def add(self, name: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Take a file of a folder or an archive, where its name says that it is one of those read here."""
        base = name.rsplit("/", 1)[-1]
        parts = FILE_NAME.fullmatch(base)
        if parts is None or "__MACOSX" in name.split("/"):
            self.pass_over(name, "It is not called like a file of data.police.uk.")
        elif parts["kind"] == "stop-and-search":
            self.pass_over(name, "It holds stops and searches, which are no crimes and are not held here.")
        else:
            self.parts.append(Part(name, pieces))


def open_stream(pieces: Iterable[bytes], name: str | None, allowance: Allowance) -> Source:
    """One CSV file as it comes, plain or gzipped."""
    digest = hashlib.sha256()
    read = hash_pieces(pieces, digest)
    return Source([Part(name, lambda: unpack(read, allowance))], digest.hexdigest)


def open_path(path: Path, allowance: Allowance, opened: ExitStack) -> Source:
    """What is sent from this machine: a folder, an archive, or one file."""
    if path.is_dir():
        return open_folder(path, allowance)
    if path.suffix.lower() == ".zip":
        return open_zip(opened.enter_context(path.open("rb")), allowance)
    return open_stream(_read_file(path), path.name, allowance)


def _read_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def open_folder(folder: Path, allowance: Allowance) -> Source:
    """Every file under a folder, in the order of their names; links are not followed out of it."""
    digest = hashlib.sha256()
    source = Source([], digest.hexdigest)

    def reader_of(path: Path) -> Callable[[], Iterator[bytes]]:
        return lambda: unpack(hash_pieces(_read_file(path), digest), allowance)

    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            source.pass_over(name, "It is a link.")
        elif path.is_file():
            source.add(name, reader_of(path))
    return source


def spool(pieces: Iterable[bytes], opened: ExitStack) -> BinaryIO:
    """An archive on its way in, by way of a file without a name: its list of entries stands at its end."""
    file: BinaryIO = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # `opened` closes it
    file.writelines(pieces)
    return file


def open_zip(file: BinaryIO, allowance: Allowance) -> Source:
    """Every file in a zip archive. Raises a problem for an archive that is damaged, or made to do harm."""
    _require_small_directory(file)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, struct.error) as fault:
        raise _refuse_archive(str(fault)) from None
    source = Source([], lambda: digest)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES:
        raise Problem(
            "too-large", f"An archive has at most {MOST_ENTRIES:,} files; this one has {len(entries):,}."
        )
    for entry in entries:
        _require_harmless(entry)
        source.add(entry.filename, _entry_reader(archive, entry, allowance))
    # zipfile never reads more of an entry than the archive says it has.
    Allowance(allowance.most).take(sum(entry.file_size for entry in entries))
    return source


def _require_small_directory(file: BinaryIO) -> None:
    """The list of entries is read at once, so its size is looked at before: it stands in the last record of
    the archive."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_LENGTH - 65_535))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_LENGTH:
        raise _refuse_archive("it has no end, so it may be cut short")
    if struct.unpack("<L", tail[at + 12 : at + 16])[0] > LARGEST_DIRECTORY:
        raise Problem(
            "too-large",
            f"The archive lists more files than are ever in one: at most {MOST_ENTRIES:,} are read.",
        )
    file.seek(0)


def _require_harmless(entry: zipfile.ZipInfo) -> None:
    """Nothing here is written to disk by its name; but an archive with such names or such entries was not
    made by the publisher."""
    name = entry.orig_filename
    if (
        name.startswith("/")
        or "\\" in name
        or "\x00" in name
        or re.match(r"[A-Za-z]:", name)
        or ".." in name.split("/")
    ):
        raise Problem(
            "refused-file",
            f"The archive has a file called {name[:100]!a}, which leads out of it: nothing was read.",
        )
    if entry.flag_bits & 0x1:
        raise Problem("refused-file", f"{name[:100]} is encrypted: send the archive without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Problem(
            "refused-file", f"{name[:100]} is compressed in a way that is not read here: zip it with deflate."
        )


def _entry_reader(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: Allowance
) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        try:
            with archive.open(entry) as file:
                while piece := file.read(PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as fault:
            raise _refuse_archive(f"{entry.filename[:100]}: {fault}") from None

    return lambda: unpack(read(), allowance)


def _refuse_archive(reason: str) -> Problem:
    return Problem(
        "refused-file",
        f"The archive cannot be read ({reason}): send it again.",
        hint="Nothing was kept. Make the archive anew.",
    )


def unpack(pieces: Iterator[bytes], allowance: Allowance) -> Iterator[bytes]:
    """The bytes, out of gzip where they are in it, as far as the allowance goes. Raises 422 where gzip breaks
    off or is damaged."""
    first = b""
    while len(first) < len(_GZIP) and (piece := next(pieces, b"")):
        first += piece
    whole = chain([first], pieces)
    for piece in _unpack_gzip(whole) if first.startswith(_GZIP) else whole:
        allowance.take(len(piece))
        yield piece


def _unpack_gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """At most PIECE bytes at a time, however much they were compressed; members after one another are one
    file."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            left = piece
            while left:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                yield unpacker.decompress(left, PIECE)
                left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise Problem(
            "refused-file", "The file begins as gzip and is damaged further on: send it again."
        ) from None
    if not unpacker.eof:
        raise Problem("refused-file", "The file is gzip and breaks off before its end: send it again.")
