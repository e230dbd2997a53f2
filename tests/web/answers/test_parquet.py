"""Whole lists as Parquet: typed columns, the same values as the JSON, a row group at a time."""

import io
import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime

import pyarrow as pa
from builders import offence, record, submit
from pyarrow import parquet as arrow_parquet

from service.web.answers import formats, parquet
from service.web.fields import Integer, Output

PARQUET = {"Accept": formats.PARQUET}


def table(answer):
    assert (answer.status_code, answer.content_type) == (200, formats.PARQUET), answer.get_data()[:300]
    return arrow_parquet.read_table(io.BytesIO(answer.get_data()))


def as_json(value):
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat().replace("+00:00", "")
        return (text.rstrip("0") if "." in text else text) + "Z"
    return value.isoformat() if isinstance(value, date) else value


def test_every_cell_is_the_member_of_the_json(service):
    first = record(
        service, location='two\nlines, "quoted"', recorded_at="2012-05-03T08:00:00.250Z", recorded_by="PC é"
    )
    record(service, code="34B", reported_at=None, committed_to=None)
    service.delete(
        f"/v1/offences/{first['offence_id']}?reason=duplicate", headers={"If-Match": first["etag"]}
    )
    items = service.get("/v1/offences?status=any").json["items"]
    answer = service.get("/v1/offences?status=any", headers=PARQUET)
    rows = [{name: as_json(value) for name, value in row.items()} for row in table(answer).to_pylist()]
    assert rows == items
    assert answer.headers["ETag"] == f'"{answer.headers["Crimebook-Change"]}.parquet"'
    assert service.get("/v1/offences?status=any&limit=1", headers=PARQUET).status_code == 200
    assert table(service.get("/v1/offences?status=any&limit=1", headers=PARQUET)).num_rows == 1


def test_a_list_of_nothing_is_a_file_without_rows_whoever_writes_it(service):
    for noun in ("offences", "street-submissions", "street-crimes", "street-outcomes"):
        assert table(service.get(f"/v1/{noun}", headers=PARQUET)).num_rows == 0, noun


def test_columns_have_the_types_of_the_schema(service):
    told = table(service.get("/v1/offences", headers=PARQUET))
    assert told.num_rows == 0
    kinds = {one.name: one.type for one in told.schema}
    assert (kinds["recorded_on"], kinds["recorded_at"]) == (pa.date32(), pa.timestamp("us", tz="UTC"))
    assert (kinds["victims"], kinds["since_change"]) == (pa.int32(), pa.int64())
    assert (kinds["hours_to_record"], kinds["recorded_in_time"], kinds["offence_id"]) == (
        pa.float64(),
        pa.bool_(),
        pa.string(),
    )


def test_the_change_that_a_file_reflects_stands_in_it(service):
    answer = service.get("/v1/areas", headers=PARQUET)
    told = table(answer)
    assert told.schema.metadata[b"crimebook:change"].decode() == answer.headers["Crimebook-Change"]
    assert told.num_rows > 300 and told.column("parents")[0].type == pa.string()


def test_every_list_can_be_had(service):
    record(service)
    submit(service, [offence(victims="x")])
    for noun in (
        "areas",
        "audit/erasures",
        "callers",
        "categories",
        "changes",
        "offence-codes",
        "offences",
        "returns",
        "submissions",
        "targets",
    ):
        lines = service.get(f"/v1/{noun}", headers={"Accept": formats.NDJSON}).get_data().count(b"\n")
        assert table(service.get(f"/v1/{noun}", headers=PARQUET)).num_rows == lines, noun


class Line(Output):
    """A number."""

    line = Integer(least=0, most=2**31 - 1)


def test_a_long_list_is_several_row_groups_and_never_whole_in_memory(monkeypatch):
    monkeypatch.setattr(parquet, "GROUP", 20_000)
    pieces = (
        [b"%d\n" % number for number in range(start, start + 2_000)] for start in range(0, 400_000, 2_000)
    )
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    made = [len(piece) for piece in parquet.file(Line().table_columns(), pieces, {})]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made) > 100 and sum(made) > 2_000_000
    assert most < 2**20 and pa.total_allocated_bytes() - before < 2**20


def test_pyarrow_is_imported_only_where_it_is_asked_for():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, service.app; print('pyarrow' in sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout.strip() == "False"
