"""Dumps of schemas compared for what they say: not for the order of their parts, nor for white space and
comments within functions."""

import gzip
import re
import subprocess
from pathlib import Path

from service.store.embedded.placement import programs

HERE = Path(__file__).parent
_PART = re.compile(r"^--\n-- ((?:Data for )?Name: .*?; Type: .*?); .*\n--\n", re.MULTILINE)
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\s+|[(),\[\];]|[^\s'(),\[\];-]+|-")
_OPENS, _CLOSES = {"(", "[", ","}, {"(", ")", "[", "]", ","}
_NOISE = re.compile(r"^(?:SET |SELECT pg_catalog\.set_config|\\(?:un)?restrict ).*$", re.MULTILINE)


def dumped(url: str, *options: str) -> str:
    """What pg_dump writes of the schema and of the rows that migrations put in, as statements."""
    command = [
        programs() / "pg_dump",
        "--no-owner",
        "--inserts",
        "--exclude-table=schema_migrations",
        *options,
        "--dbname",
        url,
    ]
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
    """Texts as they are, all else in single spaces. A text that goes on in the next line is one text, as it
    is to the server."""
    text = _NOISE.sub("", text)
    if "INSERT INTO" in text:
        text = "\n".join(sorted(text.splitlines()))
    found: list[str] = []
    between = ""
    for token in _TOKEN.finditer(text):
        told = token[0]
        if told.startswith("--") or told.isspace():
            between += "\n" if told.startswith("--") else told
        elif told.startswith("'") and found and found[-1].startswith("'") and "\n" in between:
            found[-1], between = found[-1][:-1] + told[1:], ""
        else:
            if between and found and told not in _CLOSES and found[-1] not in _OPENS:
                found.append(" ")
            found.append(told)
            between = ""
    return "".join(found)


def restore(url: str, version: str) -> None:
    """Fill an empty database with the book that is kept of a version."""
    run(url, gzip.decompress((HERE / version / "book.sql.gz").read_bytes()).decode())


def run(url: str, script: str) -> None:
    """Run what pg_dump wrote."""
    command = [programs() / "psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", url]
    done = subprocess.run(command, check=False, input=script.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
