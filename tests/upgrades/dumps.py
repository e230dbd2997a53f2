"""Dumps of schemas compared for what they say: not for the order of their parts, nor for white space and comments within functions."""

import gzip
import re
import subprocess
from pathlib import Path

from service.store.placement import programs

HERE = Path(__file__).parent
_PART = re.compile(r"^--\n-- ((?:Data for )?Name: .*?; Type: .*?); .*\n--\n", re.MULTILINE)
_CONTINUED = re.compile(r"'\s*\n\s*'")  # a text over several lines is one text
_NOISE = re.compile(r"^(?:SET |SELECT pg_catalog\.set_config|\\(?:un)?restrict ).*$", re.MULTILINE)


def dumped(url: str, *options: str) -> str:
    """What pg_dump writes of the schema and of the rows that migrations put in, as statements."""
    command = [programs() / "pg_dump", "--no-owner", "--inserts", "--exclude-table=schema_migrations", *options, "--dbname", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def kept(version: str) -> str:
    """The same of an earlier version, as it is kept here."""
    return gzip.decompress((HERE / version / "schema.sql.gz").read_bytes()).decode()


def parts(dump: str) -> dict[str, list[str]]:
    """What a dump says of each thing, by name and type: equal where two schemas are."""
    found: dict[str, list[str]] = {}
    pieces = _PART.split(dump)
    for heading, text in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(heading, []).append(_plain(text))
    return {heading: sorted(texts) for heading, texts in found.items()}


def _plain(text: str) -> str:
    text = _NOISE.sub("", text)
    text = re.sub(r"--[^\n]*", "", _CONTINUED.sub("", text))
    if "INSERT INTO" in text:
        text = "\n".join(sorted(text.splitlines()))
    return re.sub(r"\s*([(),\[\]])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def restore(url: str, version: str) -> None:
    """Fill an empty database with the book that is kept of a version."""
    run(url, gzip.decompress((HERE / version / "book.sql.gz").read_bytes()).decode())


def run(url: str, script: str) -> None:
    """Run what pg_dump wrote."""
    command = [programs() / "psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", url]
    done = subprocess.run(command, check=False, input=script.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
