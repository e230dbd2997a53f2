"""The statements that one request sends, as scripts for pgbench: the same SQL with the same round trips, and
nothing of ours around it."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.extras
from flask import Flask

from bench.measuring import Done
from service.store import database, preparing
from service.web.request import lasting

_PREPARED = re.compile(r"\\set (\w+) 1")
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|;")


@dataclass
class Heard:
    """One statement with its values."""

    statement: str
    values: dict[str, Any] = field(default_factory=dict)


_heard: list[Heard] = []


class _Hearing:
    def execute(self, query: Any, values: Any = None) -> Any:
        _heard.append(Heard(query, dict(values or {})))
        return super().execute(query, values)  # type: ignore[misc]


class _Plain(_Hearing, psycopg2.extensions.cursor):
    pass


class _ByName(_Hearing, preparing.Cursor):
    pass


class _HeardConnection(psycopg2.extensions.connection):
    def cursor(self, *args: Any, **named: Any) -> Any:
        plain = named.get("cursor_factory") is psycopg2.extensions.cursor
        named["cursor_factory"] = _Plain if plain else _ByName
        return super().cursor(*args, **named)


@contextmanager
def listening() -> Iterator[None]:
    """Within this, connections of this process tell what they are asked."""
    connect = psycopg2.connect
    psycopg2.connect = lambda *args, **named: connect(
        *args, **named | {"connection_factory": _HeardConnection}
    )
    database.release()
    try:
        yield
    finally:
        psycopg2.connect = connect
        database.release()


def heard(
    app: Flask,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None = None,
    *,
    again: bool = False,
) -> list[Heard]:
    """What one request asks of the database, after a first that warmed up; `again` where the answer to that
    may be given again."""
    lasting.make(app, 1 if again else 0)
    with listening():
        for _ in range(2 if method == "GET" else 1):
            _heard.clear()
            answer = app.test_client().open(path, method=method, headers=headers, data=body)
            answer.get_data()
            if answer.status_code >= 400:
                raise RuntimeError(answer.get_data(as_text=True))
        return list(_heard)


def script(statements: list[Heard], url: str, *, writing: bool = False) -> str:
    """For pgbench. Named statements are prepared once by each client, as the service does. What must be new
    each time (ids, references) is, and a writer's change is the one it has just begun."""
    psycopg2.extras.register_uuid()
    lines = [r"\set n random(100000000000, 999999999999)"]
    for named in {
        one.statement: named for one in statements if (named := preparing.find_prepared(one.statement))
    }.values():
        known = named.name.replace(".", "__")
        lines += [rf"\if :{known}", r"\else", _plain(named.prepare) + ";", rf"\set {known} 1", r"\endif"]
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for one in statements:
            values = {name: _fresh(name, value, one.values, writing) for name, value in one.values.items()}
            named = preparing.find_prepared(one.statement)
            text = _plain(cursor.mogrify(named.execute if named else one.statement, values or None).decode())
            needed = writing and _plain(one.statement).startswith(
                ("insert into change ", "select * from offence_version where offence_id")
            )
            lines.append(text + (r" \gset" if needed else ";"))
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """One command for pgbench, whatever it consists of."""
    text = text.strip().rstrip(";")
    return _TOKEN.sub(
        lambda found: {";": r"\;"}.get(found[0], "" if found[0].startswith("--") else found[0]), text
    ).strip()


class _Raw:
    """A value that pgbench fills in."""

    def __init__(self, text: str) -> None:
        self.text = text

    def getquoted(self) -> bytes:
        return self.text.encode()


psycopg2.extensions.register_adapter(_Raw, lambda value: value)


def _fresh(name: str, value: Any, others: dict[str, Any], writing: bool) -> Any:
    made = {"access_id": f"'{str(value)[:24]}:n'"}
    if name == "row":  # of the access log, as JSON
        made["row"] = (
            "'" + re.sub(r'("access_id":"[^"]{24})[^"]{12}"', r'\1:n"', str(value)).replace("'", "''") + "'"
        )
    if writing:
        made |= {"as_of": ":id", "change": ":id", "changed_at": "':at'", "seen": ":since_change"}
        if "crime_ref" in others and "seen" not in others:
            made |= {"crime_ref": "'pgbench/:n'", "offence_id": f"'{str(value)[:24]}:n'::uuid"}
    return _Raw(made[name]) if name in made and value is not None else value


def pgbench(url: str, texts: list[str], seconds: float, clients: int) -> Done:
    """Transactions made, each by one of the scripts; the processor time of pgbench itself counts."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        scripts = [part for file in files for part in ("-f", str(file))]
        scripts += [
            part
            for name in sorted({name for text in texts for name in _PREPARED.findall(text)})
            for part in ("-D", f"{name}=0")
        ]
        command = [
            "pgbench",
            "-n",
            *scripts,
            "-c",
            str(clients),
            "-j",
            "1",
            "-T",
            str(max(1, round(seconds))),
            url,
        ]
        before, options = os.times(), "-c role=crimebook_service -c TimeZone=UTC"
        told = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | {"PGOPTIONS": options}
        )
        after = os.times()
    found = re.search(r"transactions actually processed: (\d+)", told.stdout)
    if told.returncode or not found:
        raise RuntimeError(f"pgbench: {told.stderr[-2000:]}\n{texts[0][:3000]}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Done(int(found[1]), used)
