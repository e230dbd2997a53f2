"""The files of the schema, each frozen once it is committed: its SHA-256 stands in a list beside the files,
and in each book that has applied it. A file that is not what it was is refused, when the schema is brought up
to date and by a process that is to serve.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

SCHEMA = Path(__file__).parent / "schema"
LIST = "SHA256SUMS"  # as sha256sum writes it, so that `sha256sum -c` reads it


class MigrationFault(RuntimeError):
    """The schema could not be brought up to date; the text says which file failed and what the database
    answered."""


def version_of(name: str) -> str:
    """The number that a file's name begins with."""
    return name.partition("_")[0]


def versions() -> set[str]:
    """Those of all files."""
    return {version_of(path.name) for path in SCHEMA.glob("*.sql")}


def checksums() -> dict[str, str]:
    """The SHA-256 of each file as it is now, in hexadecimal, by the file's name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(SCHEMA.glob("*.sql"))}


def listed_checksums() -> dict[str, str]:
    """What the list beside the files says, by the file's name."""
    path = SCHEMA / LIST
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def list_new_files() -> None:
    """Add files that have no line yet to the list. Raises MigrationFault where a file that has one was edited
    or is gone."""
    now = checksums()
    for name, digest in listed_checksums().items():
        if now.get(name) != digest:
            raise MigrationFault(
                f"{name} is not what it was when {LIST} listed it: put it back, and make a new migration of"
                " what is to change."
            )
    (SCHEMA / LIST).write_text("".join(f"{digest}  {name}\n" for name, digest in now.items()))


def edited(applied: Mapping[str, str | None]) -> str:
    """A sentence about the first file that is not what it was when a book applied it; empty where all are.

    `applied` holds the SHA-256 by version, None where it is not known. A version that this code has no file
    for counts for nothing: a later version of the code has applied it.
    """
    for name, now in checksums().items():
        then = applied.get(version_of(name))
        if then is not None and then != now:
            return (
                f"The migration {name} was edited after this book had applied it: its SHA-256 was {then} and"
                f" is {now}. Put the file back as it was, and make a new migration of what is to change."
            )
    return ""


def require_unedited(connection: Connection) -> None:
    """Raises MigrationFault where a file was edited after this book had applied it."""
    if sentence := edited(_kept_checksums(connection) or {}):
        raise MigrationFault(sentence)


def keep_checksums(connection: Connection) -> None:
    """Keep in the book what each file was that it has applied, where that is not kept yet."""
    kept = _kept_checksums(connection)
    if kept is None:
        return
    new = {version_of(name): digest for name, digest in checksums().items() if version_of(name) not in kept}
    if new:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into schema_checksum (version, sha256) select file.version, file.sha256 from"
                " unnest(%s, %s) as file (version, sha256) join schema_migrations using (version) on conflict"
                " do nothing",
                (list(new), list(new.values())),
            )


def _kept_checksums(connection: Connection) -> dict[str, str] | None:
    """By version; None before there is a table for them."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('schema_checksum') is not null")
        if cursor.fetchone() != (True,):
            return None
        cursor.execute("select version, sha256 from schema_checksum")
        return dict(cursor.fetchall())
