"""The Home Office's table: given back as it came, and drafted from records."""

import csv
import gzip
import io
from collections import Counter

import pytest
from builders import record
from return_files import DATA, GOOD, HOME_OFFICE, TABLE, home_office, ons, send

SAMPLE = DATA / "home-office-pfa" / "northamptonshire-2012-13-to-2013-14.csv"
DRAFT = "/v1/returns/drafts/home-office-table"


def table(service, sent, **asked):
    assert sent.status_code in (200, 201), sent.json
    return service.get(f"/v1/returns/{sent.json['return_id']}/table", **asked)


def lines(answer):
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.get_data()[:300]
    return list(csv.DictReader(io.StringIO(answer.get_data().decode(), newline="")))


@pytest.mark.parametrize("packed", [False, True])
def test_the_sample_is_given_back_byte_for_byte(service, packed):
    data = SAMPLE.read_bytes()
    sent = send(service, gzip.compress(data) if packed else data)
    answer = table(service, sent)
    assert answer.get_data() == data
    assert "profile" not in answer.content_type and 'rel="describedby"' in answer.headers["Link"]
    again = table(service, sent, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_given_back_can_be_sent_again_and_is_the_same_table(service):
    first = table(service, send(service, SAMPLE.read_bytes())).get_data()
    sent = send(service, first, edition="2026-05")
    assert sent.json["total"] == 46_983 + 40_898
    assert table(service, sent).get_data() == first


def test_words_with_commas_quotes_and_other_letters_stay_as_they_came(service):
    odd = (
        '2012/13,1,Northamptonshire,"Robbery, ""of"" a person’s é",Robbery,Robbery of personal'
        " property,34B,-5\n"
    )
    file = f"{HOME_OFFICE}\n{odd}2012/13,4,northamptonshire,Dwelling,Burglary,Domestic,28A,0\n".encode()
    assert table(service, send(service, file)).get_data() == file


def test_a_carriage_return_inside_a_cell_is_part_of_it_and_ends_no_line(service):
    odd = '2012/13,1,Northamptonshire,"Robbery\rof all kinds",Robbery,Robbery,34B,5\n'
    plain = "2012/13,4,northamptonshire,Dwelling,Burglary,Domestic,28A,0\n"
    file = f"{HOME_OFFICE}\n{odd}{plain}".encode()
    assert table(service, send(service, file)).get_data() == file


def test_columns_in_another_order_come_back_in_the_order_of_the_home_office(service):
    file = (
        b"Offence Code,Number of Offences,Force Name,Financial Quarter,Financial Year,Offence"
        b" Subgroup,Offence Group,Offence Description\r\n"
    )
    sent = send(service, file + b"34B,5,Northamptonshire,1,2012/13,Sub,Group,Words\r\n")
    assert (
        table(service, sent).get_data()
        == f"{HOME_OFFICE}\n2012/13,1,Northamptonshire,Words,Group,Sub,34B,5\n".encode()
    )


def test_a_return_in_another_layout_has_no_such_table(service):
    sent = send(service, ons(("31-03-2012", "Northamptonshire", "Robbery", 5)), source="ons-rolling-year")
    answer = table(service, sent)
    assert (answer.status_code, answer.json["detail"].startswith("This return came as ons-rolling-year")) == (
        409,
        True,
    )
    assert service.get("/v1/returns/00000000-0000-7000-8000-000000000000/table").status_code == 404
    good = send(service, home_office(GOOD))
    address = f"/v1/returns/{good.json['return_id']}/table"
    assert service.get(address, headers={"Accept": "application/json"}).status_code == 406
    assert service.get(f"{address}?as_of={good.json['since_change'] - 1}").status_code == 404


def test_a_draft_counts_the_records_and_can_be_sent_as_it_stands(service):
    for code, day in (
        ("28A", "2012-05-03"),
        ("28A", "2012-06-30"),
        ("34B", "2012-07-01"),
        ("45", "2013-04-01"),
    ):
        record(
            service,
            code=code,
            recorded_on=day,
            committed_from="2012-01-01T00:00:00Z",
            committed_to=None,
            reported_at=None,
        )
    answer = service.get(f"{DRAFT}?force=northamptonshire&period=2012/13")
    rows = lines(answer)
    assert answer.get_data().split(b"\n")[0].decode() == HOME_OFFICE
    counted = {
        (row["Financial Year"], row["Financial Quarter"], row["Offence Code"]): row["Number of Offences"]
        for row in rows
        if row["Number of Offences"] != "0"
    }
    assert counted == {("2012/13", "1", "28A"): "2", ("2012/13", "2", "34B"): "1"}
    assert len(rows) > 400 and rows == sorted(
        rows, key=lambda row: (row["Financial Quarter"], row["Offence Description"], row["Offence Code"])
    )
    subgroups = {
        row["Financial Year"]: row["Offence Subgroup"]
        for period in ("2012/13Q4", "2013/14Q1")
        for row in lines(service.get(f"{DRAFT}?force=E23000022&period={period}"))
        if row["Offence Code"] == "8L"
    }
    assert subgroups == {"2012/13": "Violence without injury", "2013/14": "Stalking and harassment"}
    sent = send(service, answer.get_data(), source="draft")
    assert (sent.status_code, sent.json["total"], sent.json["cells"]) == (201, 3, len(rows))
    assert table(service, sent).get_data() == answer.get_data()


def test_a_draft_as_of_a_change_stays_what_it_was(service):
    first = record(service)
    address = f"{DRAFT}?force=northamptonshire&period=2012/13Q1&as_of={first['since_change']}"
    before = service.get(address).get_data()
    service.delete(
        f"/v1/offences/{first['offence_id']}?reason=duplicate", headers={"If-Match": first["etag"]}
    )
    assert service.get(address).get_data() == before
    assert (
        sum(int(row["Number of Offences"]) for row in lines(service.get(address.partition("&as_of")[0]))) == 0
    )


@pytest.mark.parametrize(
    "asked",
    [
        "force=northampton&period=2012/13",
        "force=atlantis&period=2012/13",
        "period=2012/13",
        "force=kent",
        "force=kent&period=2012-04",
        "force=kent&period=ytd:2012-06-29",
        "force=kent&period=1950-04-01..2012-03-31",
    ],
)
def test_a_draft_is_of_a_force_and_of_whole_quarters(service, asked):
    assert service.get(f"{DRAFT}?{asked}").status_code == 400


def test_the_table_of_all_forces_is_given_back_byte_for_byte(published):
    [sent] = published.get("/v1/returns?source=home-office-pfa").json["items"]
    assert published.get(f"/v1/returns/{sent['return_id']}/table").get_data() == gzip.decompress(
        TABLE.read_bytes()
    )


def test_the_records_of_the_demonstration_would_be_sent_as_the_home_office_published_them(published):
    drafted = Counter()
    for row in lines(published.get(f"{DRAFT}?force=northamptonshire&period=2012/13")):
        drafted[row["Offence Code"]] += int(row["Number of Offences"])
    sent = Counter()
    for row in csv.DictReader(io.StringIO(SAMPLE.read_text(encoding="utf-8"))):
        if row["Financial Year"] == "2012/13":
            sent[row["Offence Code"]] += int(row["Number of Offences"])
    assert sum(drafted.values()) == 46_983
    assert {code: number for code, number in drafted.items() if number} == {
        code: number for code, number in sent.items() if number
    }
