"""Makes the small book of a version, from which tests upgrade to later versions. `make keep-book` runs this.

The book has the reference data, every hundredth record of two years of the demonstration, one force's rows of
a return, and something of every noun besides: recorded, corrected, reclassified, cancelled, transferred,
erased, replaced, tagged, released, sealed and consulted. Beside it lie the answers that the version gave to
some questions, so that a later version can be asked the same after the upgrade.

PG_BINDIR=/usr/lib/postgresql/15/bin python tests/upgrades/keep_book.py tests/upgrades/0.9.0

Run it with the oldest PostgreSQL that is supported: every later one can restore what that one wrote.
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

PROJECT = Path.cwd()  # that of the version, which need not be the one that this file is of
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import psycopg2  # noqa: E402
import street_files  # noqa: E402
from builders import FORCE, key, offence, record, submit  # noqa: E402
from return_files import HOME_OFFICE, send  # noqa: E402
from sealed_books import fill, line  # noqa: E402

from service.app import create_app  # noqa: E402
from service.callers import callers  # noqa: E402
from service.launcher import demonstration  # noqa: E402
from service.reference import open_data  # noqa: E402
from service.settings import Settings  # noqa: E402
from service.store import connect, database, migrations  # noqa: E402
from service.store.embedded.placement import programs  # noqa: E402
from service.store.embedded.server import EmbeddedPostgres  # noqa: E402

EACH = 100
YEARS = ("2011/12", "2012/13")
TABLE = PROJECT / "data" / "home-office-pfa" / "prc-pfa-mar2013-onwards-tables.csv.gz"
MAY_BE_EMPTY = {"rate_withheld", "schema_migrations"}

WHERE = "area=northamptonshire"
QUESTIONS = (
    "/v1/areas?limit=1000",
    "/v1/areas/NN-1",
    "/v1/offence-codes?limit=1000",
    "/v1/offence-codes/999Z",
    "/v1/categories?limit=1000",
    "/v1/breaks",
    "/v1/measures",
    "/v1/measures/savings/observations",
    "/v1/peer-groups",
    "/v1/callers",
    "/v1/mappings",
    "/v1/offences?limit=200",
    "/v1/offences?status=any&limit=1000",
    "/v1/offences?area=northampton&category=robbery&limit=50",
    "/v1/submissions",
    "/v1/street-submissions",
    "/v1/street-crimes?limit=100",
    "/v1/street-outcomes?limit=100",
    "/v1/street-crimes/counts?period=2018-11",
    "/v1/returns",
    "/v1/releases",
    "/v1/targets",
    "/v1/operations",
    f"/v1/summaries?{WHERE}&period=2012/13&compare=2011/12",
    f"/v1/summaries?{WHERE}&period=ytd:2013-02-14",
    f"/v1/summaries?{WHERE}&period=2012/13&category=all-crime&by=area",
    f"/v1/summaries?{WHERE}&period=2014/15&source=home-office-pfa",
    f"/v1/summaries/series?{WHERE}&period=2012/13&every=month",
    f"/v1/summaries/ranking?kind=district&area={FORCE}&period=2012/13&order=number",
    "/v1/outcomes",
    f"/v1/audit/outcomes?{WHERE}&period=2012/13",
    f"/v1/audit/timeliness?{WHERE}&period=2012/13",
    f"/v1/audit/cancellations?{WHERE}&period=2012/13",
    f"/v1/audit/reclassifications?{WHERE}&period=2012/13&category=all-crime",
    f"/v1/audit/samples?{WHERE}&period=2012/13&seed=kept",
    f"/v1/reconciliations?{WHERE}&source=home-office-pfa&period=2012/13",
    "/v1/audit/erasures",
    "/v1/audit/reviews?due_by=2099-01-01&limit=50",
    "/v1/audit/accesses?limit=50&order=oldest",
    "/v1/audit/seals",
    "/v1/changes?limit=200",
)
"""What every later version is asked as well, as known at the book's last change where a question can say
so."""


def sample(year: str) -> bytes:
    """The heading of the demonstration's records of a year, and every hundredth record."""
    heading, *lines = b"".join(demonstration.reconstruct_records(year)).splitlines(keepends=True)
    return b"".join([heading, *lines[::EACH]])


def table_of_one_force() -> bytes:
    """What the Home Office's table says of Northamptonshire."""
    lines = gzip.decompress(TABLE.read_bytes()).decode("utf-8-sig").splitlines()
    assert lines[0].startswith(HOME_OFFICE.split(",")[0])
    return "\n".join([lines[0], *(one for one in lines if ",Northamptonshire," in one)]).encode()


def succeed(answer: Any) -> Any:
    """The answer, which has to be a good one."""
    assert answer.status_code < 300, (answer.request.path, answer.get_data(as_text=True))
    return answer


def write(service: Any) -> None:
    """Put something of everything into a book that has the reference data."""
    for year in YEARS:
        begun = int(year[:4])
        asked = {
            "force": "northamptonshire",
            "covers": "all-crime",
            "period_from": f"{begun}-04-01",
            "period_to": f"{begun + 1}-03-31",
            "reason": f"every hundredth record of {year}",
        }
        succeed(
            service.post("/v1/submissions", query_string=asked, data=sample(year), content_type="text/csv")
        )
    succeed(send(service, table_of_one_force(), edition="2026-01", understood_only="true"))
    for file in street_files.NORTHAMPTONSHIRE[1:2]:
        rows = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        street_files.sent(service, rows[0] + b"".join(rows[1::EACH]))
    seal(service)
    fill(service)
    seal(service)
    for number in range(3):
        moved = record(service, recorded_on=f"2012-06-0{number + 1}")
        told = {"force": "leicestershire", "reason": "it was done there"}
        address = f"/v1/offences/{moved['offence_id']}/transfer"
        succeed(service.post(address, json=told, headers={"If-Match": moved["etag"]}))
    arrived = {"force": "leicestershire", "area": "leicester", "transferred_from": moved["offence_id"]}
    succeed(service.post("/v1/offences", json=offence(**arrived), headers={"Idempotency-Key": "kept"}))
    july = [
        line(f"NN/J{number}") | {"recorded_on": "2012-07-03", "committed_from": "2012-07-02T20:00:00Z"}
        for number in range(5)
    ]
    succeed(submit(service, july, force="northamptonshire", reason="July"))
    replacing = {"replaces": "2012-07", "confirm": 100, "reason": "July once more"}
    succeed(submit(service, july[:3], force="northamptonshire", **replacing))
    assert submit(service, [july[0] | {"code": "999X"}], force="northamptonshire").status_code == 422
    piracy = street_files.street(
        street_files.crime("c" * 64, reported_by="Northamptonshire Police", crime_type="Piracy")
    )
    assert service.post("/v1/street-submissions", data=piracy, content_type="text/csv").status_code == 422
    outcome = street_files.outcome("a" * 64, reported_by="Northamptonshire Police")
    street_files.sent(service, (street_files.OUTCOMES + outcome).encode())
    set_targets(service)
    for kind in ("text/csv", "application/x-ndjson"):
        succeed(
            service.get(
                "/v1/offences?area=northampton", headers={"Accept": kind, "Justification": "an audit"}
            )
        ).close()
    bound = key(service, "read", "record", forces=("leicestershire", "northamptonshire"))
    succeed(service.get("/v1/offences?limit=20", headers=bound))
    succeed(service.post("/v1/offences", json=offence(crime_ref="NN/bound"), headers=bound))
    seal(service)
    record(service)


def set_targets(service: Any) -> None:
    """One of most kinds."""
    what = {"area": "northamptonshire", "category": "all-crime", "name": "Kept", "period": "2012/13"}
    for told in (
        {"kind": "reduce-by-percent", "percent": 2, "base_period": "2011/12"},
        {"kind": "reduce-to", "amount": 600, "category": "robbery"},
        {"kind": "eliminate", "category": "drug-offences"},
        {"kind": "rank", "rank": 1, "measure": "rate"},
        {"kind": "keep-within", "floor": 500, "ceiling": 700, "category": "robbery"},
    ):
        succeed(
            service.post("/v1/targets", json=what | told | {"owner": f"The commissioner, to {told['kind']}"})
        )


def seal(service: Any) -> None:
    """Everything up to now."""
    succeed(service.post("/v1/audit/seals"))


def client(url: str, home: Path) -> Any:
    """A client of the whole service on this book, with the administrator's key."""
    told = {
        "DATABASE_URL": url,
        "LOG_LEVEL": "error",
        "CRIMEBOOK_HOME": str(home),
        "RATE_LIMIT": "none",
        "SEAL_KEY": str(home / "seal.key"),
    }
    made = create_app(Settings.from_environment(told)).test_client()
    connect(url)
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {(home / 'key').read_text().strip()}"
    return made


def answers(service: Any, change: int) -> dict[str, Any]:
    """What is answered to each question, by the question."""
    given: dict[str, Any] = {}
    for question in (*QUESTIONS, *of_each(service)):
        asked = f"{question}{'&' if '?' in question else '?'}as_of={change}"
        answer = service.get(asked)
        if answer.status_code == 400:  # of what has no past
            asked = question
            answer = service.get(asked)
        given[asked] = succeed(answer).json
    return given


def of_each(service: Any) -> Iterator[str]:
    """What is asked of the first things of a kind by their own addresses."""
    for noun, member, parts in (
        ("releases", "release_id", ("", "/revisions")),
        ("targets", "target_id", ("", "/progress")),
        ("returns", "return_id", ("", "/faults")),
        ("operations", "operation_id", ("", "/effect")),
        ("submissions", "submission_id", ("", "/faults", "/replaced")),
        ("offences?area=NN-1&status=any", "offence_id", ("", "/versions")),
        ("changes?limit=20", "change", ("", "/offences", "/things")),
        (
            "offences?status=any&recorded_from=2012-05-03&recorded_to=2012-05-03",
            "offence_id",
            ("", "/versions", "/figures"),
        ),
    ):
        for thing in succeed(service.get(f"/v1/{noun}")).json["items"][:20]:
            yield from (f"/v1/{noun.partition('?')[0]}/{thing[member]}{part}" for part in parts)


def dump(url: str, *options: str) -> str:
    """What pg_dump writes, but for the role that owned it."""
    command = [programs() / "pg_dump", "--no-owner", *options, "--dbname", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def roles(url: str) -> str:
    """What makes the roles that the book grants to, where they are not there: they belong to a server and not
    to a database."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select rolname, rolinherit from pg_roles where rolname like 'crimebook\\_%' order by 1"
        )
        made = [
            f"create role {name} nologin{'' if inherits else ' noinherit'}"
            for name, inherits in cursor.fetchall()
        ]
        cursor.execute(
            "select distinct roleid::regrole::text, member::regrole::text from pg_auth_members where"
            " roleid::regrole::text like 'crimebook\\_%' and member::regrole::text like 'crimebook\\_%' order"
            " by 1, 2"
        )
        granted = [f"grant {role} to {member}" for role, member in cursor.fetchall()]
    there = "exception when duplicate_object or unique_violation or insufficient_privilege then null"
    return "".join(f"do $$ begin {statement}; {there}; end $$;\n" for statement in made + granted)


def pack(path: Path, text: str) -> None:
    """Write it so that the same text gives the same file."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    path.write_bytes(packed.getvalue())


def main(place: Path) -> None:
    """Make the book and write what is kept of it into a folder."""
    place.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        EmbeddedPostgres(root, durable=False) as server,
    ):
        url, home = server.url(), Path(root) / "home"
        migrations.migrate(url)
        callers.ensure_first_key(url, home)
        open_data.load(url)
        service = client(url, home)
        write(service)
        change = int(service.get("/v1/areas?limit=1").headers["Crimebook-Change"])
        given = answers(service, change)
        public = service.get("/v1/audit/seals").json["items"][-1]
        database.release()
        require_something_everywhere(url)
        pack(place / "book.sql.gz", roles(url) + dump(url))
        kept = {
            "change": change,
            "key": (home / "key").read_text().strip(),
            "seal_key": (home / "seal.key").read_text(),
            "newest_seal": public,
            "answers": given,
        }
        pack(place / "answers.json.gz", json.dumps(kept, indent=1, ensure_ascii=False))
    for path in sorted(place.iterdir()):
        print(f"{path}: {path.stat().st_size:,} bytes", file=sys.stderr)


def require_something_everywhere(url: str) -> None:
    """A table of which the book holds nothing is upgraded in no test."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r',"
            " 'p') order by 1"
        )
        empty = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'select not exists (select from "{table}")')
            if cursor.fetchone() == (True,):
                empty.append(table)
    assert set(empty) <= MAY_BE_EMPTY, empty


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]))
