"""docs/threats.md names for each threat the test that shows what stops it; and some of these tests."""

import re
from pathlib import Path

import pytest
from builders import offence, record

PROJECT = Path(__file__).parents[1]
THREATS = (PROJECT / "docs" / "threats.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in THREATS.splitlines()
    if re.match(r"\| [STRIDE]\b", line)
]
SQL = [
    "'; drop table offence_version; --",
    "' or '1'='1",
    "%(caller)s",
    "{0}",
    ":as_of",
    "\\'; select pg_sleep(9) --",
    "$1",
    "%s",
]


def test_every_threat_names_a_test_that_there_is():
    assert len(ROWS) > 50
    for row in ROWS:
        assert len(row) == 5 and all(row), row
        file, name = re.fullmatch(r"`(tests/[a-z_/]*test_[a-z_]+\.py)::(test_[a-z0-9_]+)`", row[4]).groups()
        assert re.search(rf"^def {name}\(", (PROJECT / file).read_text(), re.MULTILINE), (
            f"{file}::{name} is not there"
        )


def test_no_letter_is_left_out_at_any_boundary():
    boundaries = [part for part in THREATS.split("\n## ")[1:] if "\n| S |" in part]
    assert len(boundaries) == 6
    for part in boundaries:
        assert set(re.findall(r"^\| ([STRIDE]) \|", part, re.MULTILINE)) == set("STRIDE"), part.splitlines()[
            0
        ]


@pytest.mark.parametrize("text", SQL)
def test_text_that_reads_like_sql_is_text(service, text):
    one = record(service, crime_ref=text, location=text)
    assert (one["crime_ref"], one["location"]) == (text, text)
    found = service.get("/v1/offences", query_string={"crime_ref": text}).json["items"]
    assert [each["crime_ref"] for each in found] == [text]
    assert service.get("/v1/offences", query_string={"force": text}).status_code in (200, 400)
    assert service.get(
        "/v1/summaries", query_string={"area": text, "category": text, "period": "2012/13"}
    ).status_code in (400, 404)
    assert service.get(f"/v1/areas/{text}").status_code == 404
    assert service.post("/v1/offences", json=offence(area=text, code=text)).status_code == 422
    assert len(service.get("/v1/offences").json["items"]) == 1


def test_every_operation_needs_a_key(service, contract):
    for path, one in contract["paths"].items():
        address = (
            re.sub(r"\{[a-z_]+_id\}", "01939f3c-7c1e-7f00-8000-000000000000", path)
            .replace("{tree_size}", "1")
            .replace("{change}", "1")
        )
        for method in one:
            answer = service.open(
                re.sub(r"\{[^}]+\}", "x", address), method=method.upper(), headers={"Authorization": None}
            )
            assert answer.status_code == 401, (method, path)
            assert "429" in one[method]["responses"]
