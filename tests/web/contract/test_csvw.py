"""CSV says what its columns mean: metadata by the W3C's CSV on the Web, led to by Link, and true of every
cell."""

import csv
import io
import json
import re
from datetime import date, datetime
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
import street_files
from builders import offence, record, submit
from publications import crime, publish, send_years
from return_files import GOOD, home_office, send

CSV = {"Accept": "text/csv"}
# What the vocabulary allows: https://www.w3.org/TR/2015/REC-tabular-metadata-20151217/
TABLE = {"@context", "url", "dc:title", "dialect", "null", "tableSchema"}
COLUMN = {"name", "titles", "datatype", "required", "separator", "dc:description"}
DATATYPES = {"string", "integer", "double", "boolean", "date", "dateTimeStamp", "json"}
DIALECT = {
    "encoding",
    "delimiter",
    "quoteChar",
    "doubleQuote",
    "header",
    "headerRowCount",
    "lineTerminators",
    "skipBlankRows",
    "trim",
}


def description(service, answer):
    [address] = re.findall(
        r'<([^>]+)>; rel="describedby"; type="application/csvm\+json"', answer.headers["Link"]
    )
    told = service.get(address, headers={"Authorization": None})
    assert (told.status_code, told.content_type) == (200, "application/csvm+json")
    return told.json


def holds(column, cell):
    """Is this cell what its column says?"""
    if cell == "":
        return not column["required"]
    if "separator" in column:
        return all(
            holds({name: value for name, value in column.items() if name != "separator"}, part)
            for part in cell.split(" ")
        )
    datatype = column["datatype"] if isinstance(column["datatype"], dict) else {"base": column["datatype"]}
    return HELD[datatype["base"]](cell, datatype)


HELD = {
    "integer": (
        lambda cell, said: (
            re.fullmatch(r"-?[0-9]+", cell)
            and said.get("minimum", int(cell)) <= int(cell) <= said.get("maximum", int(cell))
        )
    ),
    "double": lambda cell, _: re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", cell),
    "boolean": lambda cell, said: cell in said["format"].split("|"),
    "date": lambda cell, _: date.fromisoformat(cell),
    "dateTimeStamp": lambda cell, _: cell.endswith("Z") and datetime.fromisoformat(cell),
    "json": lambda cell, _: isinstance(json.loads(cell), list),
    "string": (
        lambda cell, said: (
            re.fullmatch(said.get("format", ".*"), cell, re.DOTALL) and said.get("minLength", 0) <= len(cell)
        )
    ),
}


@pytest.fixture
def filled(service):
    send_years(service, [crime(number) for number in range(30)])
    release = publish(service)
    first = record(service, location="a, b")
    service.put(
        f"/v1/offences/{first['offence_id']}",
        json=offence(crime_ref=first["crime_ref"], victims=2),
        headers={"If-Match": first["etag"]},
    )
    refused = submit(service, [offence(victims="x"), offence(code="nonsense")]).headers["Location"]
    kept = send(
        service, home_office(GOOD, ("2012/13", 2, "Atlantis", "34B", 5)), understood_only="true"
    ).headers["Location"]
    service.post(
        "/v1/targets",
        json={
            "area": "northamptonshire",
            "base_period": "2011/12",
            "category": "robbery",
            "kind": "reduce-by-percent",
            "name": "Less",
            "owner": "x",
            "percent": 2.5,
            "period": "2012/13",
        },
    )
    operation = {
        "areas": ["northampton"],
        "categories": ["robbery"],
        "from_on": "2012-05-01",
        "name": "Challenge",
    }
    operation_id = service.post("/v1/operations", json=operation).json["operation_id"]
    service.post(
        f"/v1/operations/{operation_id}/tags", json={"offence_ids": [first["offence_id"]], "tagged": True}
    )
    rows = street_files.street(street_files.ASB, street_files.ASB, street_files.crime("a" * 64))
    street = street_files.sent(service, rows)["street_submission_id"]
    caller = service.get("/v1/callers").json["items"][0]["caller_id"]
    street_files.sent(service, (street_files.OUTCOMES + street_files.outcome("a" * 64)).encode())
    savings = {
        "adds_up": "sum",
        "better": "higher",
        "description": "As reported.",
        "name": "Savings",
        "unit": "pounds",
    }
    service.put("/v1/measures/savings", json=savings, headers={"If-Match": '"0"'})
    service.post("/v1/measures/savings/observations", json={"area": "kent", "period": "2012", "value": 2.0})
    named = {
        "measure": "savings",
        "caller_id": caller,
        "change": str(first["since_change"]),
        "offence_id": first["offence_id"],
        "operation_id": operation_id,
        "release_id": release["release_id"],
        "return_id": kept.split("/")[-1],
        "street_submission_id": street,
        "submission_id": refused.split("/")[-1],
    }
    group = {"peers": ["leicestershire", "kent"], "source": "a guess", "from_on": "2010-01-01"}
    assert (
        service.put(
            "/v1/peer-groups/northamptonshire/mine", json=group, headers={"If-Match": '"0"'}
        ).status_code
        == 201
    )
    return service, named


NEEDED = {
    "area": "northamptonshire",
    "due_by": "2500-01-01",
    "force": "northamptonshire",
    "part": "recorded_late",
    "period": "2012/13",
    "position": "1",
    "role": "value",
    "seed": "1",
    "source": "home-office-pfa",
}
ALSO = {
    "readSummary": {"compare": "last-year"},
    "readStreetCounts": {"period": "2018-10"},
    "readRanking": {"order": "change", "compare": "last-year"},
}


def asked(contract, path):
    """What an address cannot be asked without."""
    told = contract["paths"][path]["get"]
    return {
        one["name"]: NEEDED[one["name"]]
        for one in told["parameters"]
        if one.get("in") == "query" and one["required"]
    } | ALSO.get(told["operationId"], {})


def tables(contract):
    return {
        path: one["get"]["operationId"]
        for path, one in contract["paths"].items()
        if "text/csv" in one.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    }


def test_every_table_is_described_and_every_cell_is_as_described(filled, contract):
    service, named = filled
    assert len(tables(contract)) > 14
    for path, operation in tables(contract).items():
        question = urlencode(asked(contract, path))
        address = path.format(**named) + (f"?{question}" if question else "")
        answer = service.get(address, headers=CSV)
        assert answer.status_code == 200, (address, answer.get_data())
        told = description(service, answer)
        assert told["url"] == address and set(told) <= TABLE
        assert (
            told["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "en"}]
            and set(told["dialect"]) <= DIALECT
        )
        columns = told["tableSchema"]["columns"]
        header, *rows = csv.reader(io.StringIO(answer.get_data().decode(), newline=""))
        assert header == [column["titles"] for column in columns], operation
        for column in columns:
            assert set(column) <= COLUMN and re.fullmatch(r"[a-z][a-z0-9_]*", column["name"])
            assert (
                column["datatype"]["base"] if isinstance(column["datatype"], dict) else column["datatype"]
            ) in DATATYPES
        names = [column["name"] for column in columns]
        assert len(names) == len(set(names))
        for row in rows:
            for column, cell in zip(columns, row, strict=True):
                assert holds(column, cell), (operation, column, cell)
        if key := told["tableSchema"].get("primaryKey"):
            assert set(key) <= set(names)
            keys = [tuple(row[names.index(name)] for name in key) for row in rows]
            assert len(keys) == len(set(keys)), operation
        elif operation.startswith("list"):
            raise AssertionError(f"{operation} says no key")


def test_a_page_of_a_table_leads_on_and_to_its_description(service):
    answer = service.get("/v1/areas?limit=2&kind=force", headers=CSV)
    assert re.match(
        r'</v1/areas\?[^>]+>; rel="next", </csvw/listAreas.json\?[^>]+>; rel="describedby"',
        answer.headers["Link"],
    )
    assert description(service, answer)["url"] == "/v1/areas?limit=2&kind=force"
    assert "describedby" not in service.get("/v1/areas?limit=2").headers["Link"]


def test_the_address_of_a_description_is_open_and_gives_back_only_addresses_of_its_own_operation(service):
    def ask(address):
        return service.get(address, headers={"Authorization": None})

    assert ask("/csvw/listOffences.json").json["url"] == "/v1/offences"
    assert ask("/csvw/listReturnCells.json").json["url"] == "/v1/returns/{return_id}/cells"
    assert ask("/csvw/listGossip.json").status_code == 404
    assert ask("/csvw/recordOffence.json").status_code == 404
    for other in ("https://example.org/", "/v1/areas", "/v1/offences/../areas", "//v1/offences"):
        assert ask(f"/csvw/listOffences.json?of={quote(other)}").status_code == 400, other
    assert ask("/csvw/listOffences.json?colour=red").status_code == 400


def test_a_question_keeps_its_letters_on_the_way_to_its_description(service):
    answer = service.get("/v1/offences", query_string={"crime_ref": "a&b=c/ü"}, headers=CSV)
    [address] = re.findall(r"<(/csvw[^>]+)>", answer.headers["Link"])
    assert parse_qs(urlsplit(parse_qs(urlsplit(address).query)["of"][0]).query) == {"crime_ref": ["a&b=c/ü"]}


def test_figures_are_lines_as_well(service):
    record(service)
    address = "/v1/summaries?area=northamptonshire&area=kent&period=2012/13&compare=last-year"
    lines = service.get(address, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.get_data().splitlines()] == service.get(address).json[
        "figures"
    ]
    assert lines.headers["ETag"].endswith('.ndjson"')
