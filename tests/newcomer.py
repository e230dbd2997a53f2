"""A service to which somebody added columns, as CONTRIBUTING says: a migration, a line in the declaration and
one in the schemas of the noun. It is a copy of ours with those lines put in, on a book of its own."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras

PROJECT = Path(__file__).parents[1]
PERSONAL = ("decided_by", "handled_by", "location", "reason", "recorded_by", "reported_by", "witness")
REMARK = ('Column("remark", "text", since=2)',)
REMARKED = (
    "AREA",
    "CATEGORY",
    "CODE",
    "HOUSEHOLD_COUNT",
    "MAPPING",
    "MEASURE",
    "OBSERVATION",
    "OPERATION",
    "PEER_GROUP",
    "POPULATION",
    "SERIES_BREAK",
    "TARGET",
)

STATED = {
    "OffenceDraft": ("location_type", "witness"),
    "Population": ("remark",),
    "Households": ("remark",),
    **dict.fromkeys(
        (
            "AreaDraft",
            "BreakDraft",
            "CategoryDraft",
            "MappingDraft",
            "MeasureDraft",
            "ObservationDraft",
            "OffenceCodeDraft",
            "OperationDraft",
            "PeerGroupDraft",
            "TargetDraft",
        ),
        ("remark",),
    ),
}
ANSWERED = {
    "Offence": ("grade", "handled_by", "location_type", "witness"),
    "StreetCrime": ("weather",),
    **dict.fromkeys(
        (
            "Area",
            "Category",
            "MeasureSchema",
            "Observation",
            "OffenceCode",
            "OperationSchema",
            "PeerGroupSchema",
            "SeriesBreak",
            "StoredMapping",
            "TargetSchema",
        ),
        ("remark",),
    ),
}
"""The fields that are added, by the schema that takes or gives them."""
NOUNS = {
    "Measure": "reference/measures.py",
    "Operation": "operations/operations.py",
    "PeerGroup": "reference/peer_groups.py",
    "Target": "targets/target.py",
}
"""Those whose dataclasses stand beside their schemas: `remark` is added there too."""

MIGRATION = """-- migrate:up
alter table offence_version
    add column grade text, add column handled_by text, add column location_type text, add column witness text,
    drop constraint offence_erased_holds_nothing_personal,
    add constraint offence_erased_holds_nothing_personal
        check (erased_change is null or num_nonnulls({personal}) = 0);
create or replace view offence with (security_invoker = true) as
select * from offence_version where until_change is null;
grant update (handled_by, witness) on offence_version to crimebook_eraser;
alter table area_version add column remark text;
alter table caller_key_version add column remark text;
alter table category_version add column remark text;
alter table code_version add column remark text;
alter table household_count add column remark text;
alter table mapping_version add column remark text;
alter table measure_version add column remark text;
alter table observation_version add column remark text;
alter table operation_version add column remark text;
alter table peer_group_version add column remark text;
alter table population add column remark text;
alter table series_break_version add column remark text;
alter table street_record_version add column weather text;
alter table target_version add column remark text;
do $$
declare
    made text;
begin
    -- The guard of closed versions knows what is personal, by name.
    made := pg_get_functiondef('offence_version_only_ends_or_is_erased'::regproc);
    execute replace(made, '''reported_by'',', '''reported_by'', ''handled_by'', ''witness'',');
    -- What the schema itself answers of a table has its columns by name too.
    made := pg_get_functiondef('areas_known'::regproc);
    drop function areas_known;
    made := replace(made, 'TABLE(area text,', 'TABLE(area text, remark text,');
    made := replace(made, '''year'', year)', '''year'', year, ''remark'', counted.remark)');
    execute regexp_replace(made, 'select\\s+place.area,', 'select place.area, place.remark,');
    made := pg_get_functiondef('codes_known'::regproc);
    drop function codes_known;
    made := replace(made, 'TABLE(code text,', 'TABLE(code text, remark text,');
    execute regexp_replace(made, 'select\\s+version.code,', 'select version.code, version.remark,');
    made := pg_get_functiondef('categories_known'::regproc);
    drop function categories_known;
    made := replace(made, 'TABLE(aliases text[],', 'TABLE(remark text, aliases text[],');
    execute regexp_replace(made, 'select\\s+version.aliases,', 'select version.remark, version.aliases,');
    made := rtrim(pg_get_viewdef('target_shown'::regclass), '; ');
    execute 'create or replace view target_shown with (security_invoker = true) as '
            || regexp_replace(made, '\\mFROM target_version', ', remark FROM target_version');
end
$$;

-- migrate:down
""".replace("{personal}", ", ".join(PERSONAL))


def put_in(tree: Path) -> None:
    """Add the columns to a copy of the code, as a hand would."""
    (tree / "service/store/schema/999_added_columns.sql").write_text(MIGRATION)
    if (sums := tree / "service/store/schema/SHA256SUMS").exists():
        with sums.open("a") as file:
            file.write(f"{hashlib.sha256(MIGRATION.encode()).hexdigest()}  999_added_columns.sql\n")
    declare(tree / "service/store/tables.py")
    for schemas, field in (
        (STATED, "Text(allow_none=True, load_default=None)"),
        (ANSWERED, "fields.String(allow_none=True)"),
    ):
        for schema, names in schemas.items():
            for name in names:
                add_field(tree, schema, f"{name} = {field}")
    for noun, file in NOUNS.items():
        insert(tree / "service" / file, rf'^class {noun}:\n    """[^"]*"""\n', "\n    remark: str | None")
    weather = ' "Weather": ("weather", _text(100)),'
    insert(tree / "service/intake/police_uk/layouts.py", r'"Context": \("context", _text\(500\)\),', weather)


def declare(path: Path) -> None:
    """Say in the declaration that there are these columns."""
    insert(path, r"^VERSION = 1$", " + 1")
    for anchor, columns in (
        (
            r'Column\("location", "text", personal=True\),',
            ('Column("location_type", "text", since=2)', 'Column("witness", "text", personal=True, since=2)'),
        ),
        (
            r'Column\("duplicate_of", "uuid"\),',
            ('Column("grade", "text", since=2)', 'Column("handled_by", "text", personal=True, since=2)'),
        ),
        (r'noun="caller_key",', ('decided=(Column("remark", "text", since=2),)',)),
        (r'Column\("reported_by", "text", required=True\),', ('Column("weather", "text", since=2)',)),
        *(
            (rf"^{name} = VersionedTable\((?:\n(?!    stated).*)*\n    stated=\(", REMARK)
            for name in REMARKED
        ),
    ):
        insert(path, anchor, "".join(f"\n{column}," for column in columns))


def add_field(tree: Path, schema: str, line: str) -> None:
    """Add a field to a schema, below what the schema says of itself."""
    heading = re.compile(rf'^class {schema}\((?!Resource).*\n    """[^"]*"""\n', re.MULTILINE)
    [path] = [path for path in (tree / "service").rglob("*.py") if heading.search(path.read_text())]
    insert(path, heading.pattern, f"\n    {line}")


def insert(path: Path, anchor: str, text: str) -> None:
    """Put a text behind every place of a file that looks like the anchor."""
    new, times = re.subn(anchor, lambda match: match[0] + text, path.read_text(), flags=re.MULTILINE)
    assert times, f"{path} has nothing like {anchor}"
    path.write_text(new)


def copy(folder: Path) -> Path:
    """A copy of the service, with what stands beside it."""
    shutil.copytree(PROJECT / "service", folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "docs", "openapi", "pyproject.toml"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / ".local").mkdir()
    return folder


FINDINGS = """
from service.audit import sealing, verification
from service.settings import Settings
from service.store import connect, database

settings = Settings.from_environment()
connect(settings.database_url)
with database.reading(seconds=600) as book:
    trusted = frozenset([sealing.read_public_key(settings.sealing_key)])
    print("\\n".join(verification.findings(book, trusted)))
"""


@dataclass
class Answer:
    """What a service answered."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def tag(self) -> dict[str, str]:
        """The header that says that this very version was seen."""
        return {"If-Match": self.headers["ETag"]}


@dataclass
class Newcomer:
    """The service with the added columns: to be asked, looked into, and run at the terminal."""

    tree: Path
    url: str
    owner_url: str
    key: str
    port: int = 0

    def ask(self, method: str, path: str, sent: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Ask; what is refused fails the test."""
        is_text = isinstance(sent, str)
        body = None if sent is None else sent.encode() if is_text else json.dumps(sent).encode()
        given = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        given["Content-Type"] = "text/csv" if is_text else "application/json"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1{path}", body, given | (headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{method} {path}: {fault.code} {fault.read().decode()}") from None

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def as_owner(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Run a statement past every guard: rows, where it has any."""
        with (
            closing(psycopg2.connect(self.owner_url)) as connection,
            connection,
            connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor,
        ):
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def at_the_terminal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line of this service, or one of its modules."""
        surroundings = os.environ | {"DATABASE_URL": self.url, "CRIMEBOOK_HOME": str(self.tree / ".local")}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.tree,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )

    def faults(self) -> str:
        """All that verification finds wrong with the book, up to twenty things a check; empty where it is
        sound."""
        done = self.at_the_terminal("-c", FINDINGS)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
