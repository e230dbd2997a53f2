"""Whole lists as files: what the database writes is what marshmallow would write, from one snapshot, and
whoever goes away leaves nothing."""

import csv
import io
import json
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest
from builders import offence, record, submit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields
from return_files import GOOD, home_office, send

from bench import capture
from service.offences import offences
from service.store import copying_out, database
from service.web.answers import exports, formats, pages
from service.web.fields import Boolean, Date, Instant, Integer, Number, Output, Uuid

NDJSON, CSV = {"Accept": formats.NDJSON}, {"Accept": formats.CSV}
LISTS = (
    "offences",
    "areas",
    "offence-codes",
    "categories",
    "changes",
    "returns",
    "targets",
    "submissions",
    "callers",
    "audit/erasures",
)

MORE = (
    "measures",
    "operations",
    "outcomes",
    "breaks",
    "peer-groups",
    "mappings",
    "releases",
    "street-crime-types",
    "street-submissions",
    "audit/reclassifications/records?area=northamptonshire&period=2018/19",
    "audit/reviews?due_by=2300-01-01",
)

TARGET = {
    "area": "northamptonshire",
    "base_period": "2011/12",
    "category": "robbery",
    "kind": "reduce-by-percent",
    "name": "Less",
    "owner": "x",
    "percent": 2.5,
    "period": "2012/13",
}


def paged(service, address):
    items, following = [], address + ("&" if "?" in address else "?") + "limit=1000"
    while following:
        page = service.get(following).json
        items += page["items"]
        following = page["next"]
    return items


def said(answer):
    """What a caller sees of a page, but for what is of the moment."""
    told = ("Content-Type", "Crimebook-Change", "ETag", "Link", "Vary")
    return answer.status_code, answer.get_data(), {name: answer.headers.get(name) for name in told}


def by_both(service, monkeypatch, address):
    """The same page, written by the database and by marshmallow."""
    monkeypatch.setattr(pages, "SHORT_PAGE", 0)
    by_database = said(service.get(address))
    assert by_database[0] == 200, address
    headed = service.head(address).headers
    assert (headed["Content-Length"], headed.get("Link")) == (
        str(len(by_database[1])),
        by_database[2]["Link"],
    )
    monkeypatch.setattr(pages, "SHORT_PAGE", pages.LONGEST_PAGE + 1)
    return by_database, said(service.get(address))


def as_written(service, address, accept):
    """One page is written by Python, the whole by the database."""
    whole = service.get(address, headers=accept)
    page = service.get(address + ("&" if "?" in address else "?") + "limit=1000", headers=accept)
    assert whole.status_code == 200
    return whole.get_data(), page.get_data()


@pytest.mark.parametrize("noun", LISTS)
def test_every_list_is_the_same_as_a_file_and_as_pages(service, noun):
    first = record(service, location='Flat 2, "The Mill", rue de l’Église\\')
    service.put(
        f"/v1/offences/{first['offence_id']}",
        json=offence(crime_ref=first["crime_ref"], victims=2),
        headers={"If-Match": first["etag"]},
    )
    service.delete(
        f"/v1/offences/{record(service)['offence_id']}?reason=duplicate",
        headers={"If-Match": f'"{first["since_change"] + 2}"'},
    )
    submit(service, [offence(victims="x"), offence(code="nonsense")])
    send(service, home_office(GOOD))
    service.post("/v1/targets", json=TARGET)
    address = f"/v1/{noun}"
    items = paged(service, address)
    lines, _ = as_written(service, address, NDJSON)
    assert [json.loads(line) for line in lines.splitlines()] == items
    if len(items) <= 1000:
        assert as_written(service, address, NDJSON)[0] == as_written(service, address, NDJSON)[1]
        whole, page = (
            list(csv.reader(io.StringIO(text.decode(), newline="")))
            for text in as_written(service, address, CSV)
        )
        assert whole == page


def test_lists_within_one_thing_are_the_same_too(service):
    first = record(service)
    service.put(
        f"/v1/offences/{first['offence_id']}",
        json=offence(crime_ref=first["crime_ref"], victims=2),
        headers={"If-Match": first["etag"]},
    )
    refused = submit(service, [offence(victims="x"), offence(code="nonsense")]).headers["Location"]
    kept = send(
        service, home_office(GOOD, ("2012/13", 2, "Atlantis", "34B", 5)), understood_only="true"
    ).headers["Location"]
    for address in (
        f"/v1/offences/{first['offence_id']}/versions",
        f"{refused}/faults",
        f"{kept}/cells",
        f"{kept}/faults",
        f"/v1/changes/{first['since_change']}/offences",
        "/v1/changes/2/things",
    ):
        for accept in (NDJSON, CSV):
            whole, page = as_written(service, address, accept)
            assert whole == page and whole, address


def made_of_everything(service):
    """A book that has something on every list; the addresses of those within one thing."""
    first = record(service, location='Flat 2, "The Mill", rue de l’Église\\')
    service.put(
        f"/v1/offences/{first['offence_id']}",
        json=offence(crime_ref=first["crime_ref"], victims=2),
        headers={"If-Match": first["etag"]},
    )
    gone = record(service)
    service.delete(f"/v1/offences/{gone['offence_id']}?reason=duplicate", headers={"If-Match": gone["etag"]})
    refused = submit(service, [offence(victims="x"), offence(code="nonsense")]).headers["Location"]
    kept = send(
        service, home_office(GOOD, ("2012/13", 2, "Atlantis", "34B", 5)), understood_only="true"
    ).headers["Location"]
    service.post(
        "/v1/operations",
        json={
            "areas": ["northampton"],
            "categories": ["robbery"],
            "name": "x",
            "from_on": "2012-05-01",
            "to_on": "2012-06-01",
        },
    )
    for number in range(3):
        service.post("/v1/targets", json=TARGET | {"percent": 0.00001 + number})
    return (
        f"/v1/offences/{first['offence_id']}/versions",
        f"{refused}/faults",
        f"{kept}/cells",
        f"{kept}/faults",
        f"/v1/changes/{first['since_change']}/offences",
        "/v1/changes/2/things",
    )


def test_a_page_says_the_same_whether_the_database_or_marshmallow_writes_it(service, monkeypatch):
    within, by_database = made_of_everything(service), set()

    def page(book, select, item, asked):
        lines = exports_page(book, select, item, asked)
        by_database.update([type(item).__name__.removesuffix("Schema")] if lines else [])
        return lines

    exports_page = exports.page
    monkeypatch.setattr(exports, "page", page)
    for address in (
        *(f"/v1/{noun}" for noun in (*LISTS, *MORE)),
        *within,
        "/v1/offences?status=any",
        "/v1/offences?crime_ref=none",
    ):
        mark = "&" if "?" in address else "?"
        for limit in (1, 2, 100, 1000):
            one, other = by_both(service, monkeypatch, f"{address}{mark}limit={limit}")
            assert one == other, (address, limit)
        if following := service.get(f"{address}{mark}limit=1").json["next"]:
            one, other = by_both(service, monkeypatch, following)
            assert one == other, following
    assert by_database >= {
        "Area",
        "CallerSummary",
        "Category",
        "Cell",
        "Fault",
        "Measure",
        "Offence",
        "OffenceCode",
        "OffenceTouched",
        "Operation",
        "Return",
        "ReturnFault",
        "SeriesBreak",
        "Submission",
        "Target",
    }


def test_a_page_written_by_the_database_is_logged_as_any_other(service, monkeypatch):
    records = [record(service) for _ in range(3)]
    for one in records[:2]:
        changed = {"code": "34B", "reason": "a weapon was found"}
        assert (
            service.patch(
                f"/v1/offences/{one['offence_id']}", json=changed, headers={"If-Match": one["etag"]}
            ).status_code
            == 200
        )

    def logged(address, shortest):
        monkeypatch.setattr(pages, "SHORT_PAGE", shortest)
        page = service.get(address)
        [last] = service.get("/v1/audit/accesses?limit=1").json["items"]
        aside = ("access_id", "at", "trace_id", "ended_at")
        return [one["offence_id"] for one in page.json["items"]], {
            name: value for name, value in last.items() if name not in aside
        }

    moved = "/v1/audit/reclassifications/records?area=northamptonshire&period=2012/13"
    for address in ("/v1/offences?limit=2", "/v1/offences?crime_ref=none", moved):
        assert logged(address, 0) == logged(address, pages.LONGEST_PAGE)
    assert [one["offence_id"] for one in records[:2]] == logged(moved, 0)[0]
    ids, last = logged("/v1/offences?limit=2", 0)
    assert (last["records"], [last["first_offence_id"], last["last_offence_id"]]) == (2, ids)
    assert set(ids) < {one["offence_id"] for one in records}


def test_a_page_costs_one_statement_once_its_columns_are_known(service):
    asked = capture.heard(
        service.application,
        "GET",
        "/v1/offences?force=northamptonshire",
        {"Authorization": f"Bearer {service.key}"},
    )
    assert sum("offence_version" in one.statement for one in asked) == 1


class Odd(Output):
    """Every kind of field at once."""

    day = Date(allow_none=True)
    flag = Boolean(allow_none=True)
    id = Uuid(allow_none=True)
    instant = Instant(allow_none=True)
    number = Number(allow_none=True)
    parts = fields.List(fields.Nested(offences.Difference))
    text = fields.String(allow_none=True)
    whole = Integer(least=-(2**62), most=2**62, allow_none=True)
    words = fields.List(fields.String(), allow_none=True)


LETTERS = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12
) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@a",
        '"',
        '""',
        ",",
        "\n",
        "\r\n",
        "\r",
        "\\",
        "\\.",
        "\\N",
        "null",
        "\x01",
        "\x02",
        "\x7f",
        "\u2028",
        "é",
        "🕯",
        "'",
        "",
        " x ",
    ]
)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(-5_364_662_400_000_000, 32_503_679_999_999_999).map(
    lambda one: BEGINNING + timedelta(microseconds=one)
)
FAR = (
    "0.0001",
    "0.00001",
    "0.000015",
    "-0.00000123",
    "0.00000000001",
    "1e15",
    "9007199254740993",
    "1e16",
    "12345678901234567890",
    "-3e22",
)
NUMBERS = (
    st.decimals(-(10**12), 10**12, places=2)
    | st.integers(-(10**6), 10**6)
    | st.sampled_from([Decimal(one) for one in FAR])
)


@pytest.fixture(scope="module")
def select(databases, migrated):
    """A statement that gives back what it is given, bound as every statement is."""
    connection = psycopg2.connect(databases.url(migrated), options="-c TimeZone=UTC -c DateStyle=ISO")

    class Select:
        text = "a statement that gives back what it is given"

        @staticmethod
        def text_with(**row):
            given_once = """select %(day)s::date as day, %(flag)s::boolean as flag, %(id)s::uuid as id,
              %(instant)s::timestamptz as instant,
                %(number)s::numeric as number, %(parts)s::jsonb as parts, %(text)s::text as text,
                  %(whole)s::bigint as whole,
                %(words)s::text[] as words"""
            with connection.cursor() as cursor:
                return cursor.mogrify(given_once, row | {"parts": json.dumps(row["parts"])}).decode()

    yield connection, Select
    connection.close()


@settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    row=st.fixed_dictionaries(
        {
            "day": st.none() | st.dates(date(1800, 1, 1), date(2999, 12, 31)),
            "flag": st.none() | st.booleans(),
            "id": st.none() | st.uuids(),
            "instant": st.none() | INSTANTS,
            "number": st.none() | NUMBERS,
            "parts": st.lists(
                st.fixed_dictionaries({name: st.none() | LETTERS for name in ("after", "before", "field")}),
                max_size=3,
            ),
            "text": st.none() | LETTERS,
            "whole": st.none() | st.integers(-(2**62), 2**62),
            "words": st.none() | st.lists(LETTERS, max_size=3),
        }
    )
)
def test_a_line_of_the_database_is_the_line_that_marshmallow_would_dump(app, select, row):
    connection, statement = select
    book = database.Book(connection, 0, None, {})

    def written(*, as_json):
        pieces = exports.copying(book, statement, Odd(), row, as_json=as_json)
        return b"".join(line for piece in pieces for line in piece)

    with connection, app.app_context():
        line, cells = written(as_json=True), written(as_json=False)
        alone = exports.page(book, statement, Odd(), row)
    item = Odd().dump(row)
    assert line == formats.json_bytes(item) + b"\n"
    assert alone == [formats.json_bytes(item)]
    expected = b"".join(formats.csv_lines(list(Odd().fields), [item], headed=False))
    [told], [wanted] = (
        list(csv.reader(io.StringIO(text.decode(), newline=""))) for text in (cells, expected)
    )
    assert told == wanted


def test_what_begins_like_a_formula_is_given_as_it_stands(service):
    for location in ("=1+1", "+44 1604", "-1", "@home", '=cmd|"/c calc"!A1'):
        record(service, location=location)
    rows = csv.DictReader(io.StringIO(service.get("/v1/offences", headers=CSV).text, newline=""))
    assert {row["location"] for row in rows} == {"=1+1", "+44 1604", "-1", "@home", '=cmd|"/c calc"!A1'}


def test_a_list_is_of_one_snapshot_also_while_others_write(service, app):
    for number in range(30):
        record(service, crime_ref=f"B/{number}")
    stop, made = threading.Event(), []

    def write():
        client = app.test_client()
        while not stop.is_set():
            made.append(record(client)["since_change"])
        database.release()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(6):
            whole = service.get("/v1/offences", headers=NDJSON)
            rows, change = (
                [json.loads(line) for line in whole.get_data().splitlines()],
                int(whole.headers["Crimebook-Change"]),
            )
            assert max(row["since_change"] for row in rows) == change
            assert (
                len(rows)
                == len({row["offence_id"] for row in rows})
                == change - min(row["since_change"] for row in rows) + 1
            )
            assert service.get(f"/v1/offences?as_of={change}", headers=NDJSON).get_data() == whole.get_data()
    finally:
        stop.set()
        writer.join()
    assert made


def many(select="select n, repeat('x', 200) from generate_series(1, 2000000) as n"):
    return copying_out.copy_out(database.connection(), f"copy ({select}) to stdout", seconds_to_rest=0.5)


def test_whoever_goes_away_ends_the_statement_and_leaves_a_connection_fit_for_use(service):
    with database.reading() as book:
        rows = many()
        assert len(next(rows)) > 100
        rows.close()
        assert book.connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_INERROR
    assert threading.active_count() < 10 and not [one for one in threading.enumerate() if one.name == "copy"]
    assert service.get("/v1/offences").status_code == 200


def test_whoever_rests_too_long_is_cut_off(service):
    with database.reading():
        rows = many()
        next(rows)
        time.sleep(1.5)
        with pytest.raises(copying_out.SlowReader):
            list(rows)
    assert service.get("/v1/offences").status_code == 200


def test_what_goes_wrong_in_the_database_is_raised_where_the_rows_are_read(service):
    with pytest.raises(psycopg2.errors.DivisionByZero), database.reading():
        list(many("select 1 / (n - 90000) from generate_series(1, 100000) as n"))
    with pytest.raises(psycopg2.errors.QueryCanceled), database.reading() as book:
        list(copying_out.copy_out(book.connection, "copy (select pg_sleep(5)) to stdout", seconds=1))
    assert service.get("/v1/offences").status_code == 200


def test_a_long_list_takes_no_more_memory_than_a_short_one(service):
    import tracemalloc

    with database.reading():
        tracemalloc.start()
        rows = sum(
            len(piece) for piece in many("select n, repeat('x', 200) from generate_series(1, 200000) as n")
        )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert rows == 200_000 and most < 4 * 2**20
