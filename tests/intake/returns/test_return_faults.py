"""Official counts that cannot be understood are refused with line and reason, never guessed."""

import gzip

import pytest
from return_files import GOOD, HOME_OFFICE, home_office, last_change, listed, ons, send

NOT_UNDERSTOOD = [
    (("2012/13", 1, "Rutland Constabulary", "34B", 5), "area", "No force is called Rutland Constabulary"),
    (("2012/13", 1, "", "34B", 5), "area", "No force is called nothing"),
    (("2012/13", 1, "Northampton", "34B", 5), "area", "No force is called Northampton"),
    (("2012/13", 1, "Kent", "999Z", 5), "counted", "999Z is no offence code"),
    (("2012/13", 1, "Kent", "", 5), "counted", "An empty cell is no offence code"),
    (("2012/13", 1, "Kent", "34B", '"1,234"'), "number", "1,234 is not a whole number"),
    (("2012/13", 1, "Kent", "34B", "1 234"), "number", "1 234 is not a whole number"),
    (("2012/13", 1, "Kent", "34B", "1,234"), "line", "The line has 9 cells, the header 8"),
    (("2012/13", 1, "Kent", "34B", ""), "number", "An empty cell is not a whole number"),
    (("2012/13", 1, "Kent", "34B", "about 5"), "number", "about 5 is not a whole number"),
    (("2012/13", 1, "Kent", "34B", "5.0"), "number", "5.0 is not a whole number"),
    (("2012/13", 1, "Kent", "34B", "12345678901"), "number", "at most nine digits"),
    (("2012/13", 5, "Kent", "34B", 5), "period", "a quarter from 1 to 4"),
    (("2012/13", "Q5", "Kent", "34B", 5), "period", "a quarter from 1 to 4"),
    (("2012/14", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("2012-13", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("0000/01", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (GOOD, "line", "This cell stands on 2 lines, first on line 2"),
]


@pytest.mark.parametrize(
    ("line", "field", "sentence"), NOT_UNDERSTOOD, ids=[f"{one[1]}: {one[2]}" for one in NOT_UNDERSTOOD]
)
def test_what_is_not_understood_is_refused_with_line_and_reason(service, line, field, sentence):
    file = home_office(GOOD, ("2012/13", 2, "Northamptonshire", "34B", 6), line)
    answer = send(service, file)
    assert answer.status_code == 422, answer.json
    assert any(
        one["line"] == 4 and one["pointer"] == f"/{field}" and sentence in one["detail"]
        for one in answer.json["errors"]
    ), answer.json
    assert service.get("/v1/returns").json["items"] == []
    kept = send(service, file, understood_only="true").json
    faults = listed(service, f"/v1/returns/{kept['return_id']}/faults")
    lines = [int(cell["line"]) for cell in listed(service, f"/v1/returns/{kept['return_id']}/cells")]
    assert {int(fault["line"]) for fault in faults} | set(lines) == {2, 3, 4}
    assert lines == ([3] if line == GOOD else [2, 3])  # of a cell given twice, neither is believed
    assert (kept["cells"], kept["refused"]) == (len(lines), 3 - len(lines))


@pytest.mark.parametrize(
    ("ending", "group", "field", "sentence"),
    [
        ("31-13-2012", "Robbery", "period", "nor the last day of twelve months"),
        ("03/31/2013", "Robbery", "period", "nor the last day of twelve months"),
        ("31-03-0000", "Robbery", "period", "nor the last day of twelve months"),
        ("31-02-2013", "Robbery", "period", "February 2013 ends on 28"),
        ("30-03-2013", "Robbery", "period", "March 2013 ends on 31"),
        ("28-02-2012", "Robbery", "period", "February 2012 ends on 29"),
        ("31-03-2013", "Gossip", "counted", "Gossip is no group of offences"),
    ],
)
def test_a_rolling_year_is_refused_where_it_cannot_be_meant(service, ending, group, field, sentence):
    answer = send(
        service,
        ons((ending, "Kent", group, 5)),
        source="ons-rolling-year",
        edition="2013-07",
        understood_only="true",
    )
    assert answer.status_code == 422
    [fault] = answer.json["errors"]
    assert (fault["line"], fault["pointer"]) == (2, f"/{field}")
    assert sentence in fault["detail"]


UNREADABLE = [
    (b"", "headings"),
    (HOME_OFFICE.encode(), "holds no count"),
    (b"Force,Year,Count\nKent,2012,5\n", "headings are of no layout known here"),
    (
        (HOME_OFFICE + ",Force Name\n2012/13,1,Kent,a,b,c,34B,5,Surrey").encode(),
        "Force Name stands there twice",
    ),
    (home_office(GOOD) + b"\n2012/13,1,K\xe9nt,a,b,c,34B,5\n", "Line 3: The line is not UTF-8"),
    (home_office(GOOD).decode().encode("utf-16"), "Line 1: The line holds the character NUL"),
    (home_office(GOOD) + b"\n2012/13,1,Ke\x00nt,a,b,c,34B,5\n", "Line 3: The line holds the character NUL"),
    (home_office(GOOD) + b'\n2012/13,1,"Kent,a,b,c,34B,5\n', "Line 3: The line is not CSV"),
    (home_office(GOOD) + b"\n" + b"x" * 70_000, "Line 3: The line is longer than 65,536 bytes"),
    (home_office(GOOD).replace(b"\n", b"\r"), "The line is not CSV"),
    (gzip.compress(home_office(GOOD) * 50)[:-12], "ends or breaks off"),
    (gzip.compress(home_office(GOOD))[:20] + b"\xff" * 30, "ends or breaks off"),
    (gzip.compress(home_office(GOOD))[:-8] + b"\x00" * 8, "ends or breaks off"),
    (b"\x1f\x8bnonsense", "ends or breaks off"),
]


@pytest.mark.parametrize(
    ("file", "sentence"), UNREADABLE, ids=[f"{number} {one[1]}" for number, one in enumerate(UNREADABLE)]
)
@pytest.mark.parametrize("understood_only", ["true", "false"])
def test_a_file_that_cannot_be_read_is_refused_whole(service, file, sentence, understood_only):
    before = last_change(service)
    answer = send(service, file, understood_only=understood_only)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["detail"]
    assert (service.get("/v1/returns").json["items"], last_change(service)) == ([], before)


def test_what_a_spreadsheet_does_to_a_file_is_understood(service):
    lines = (
        home_office(
            ("2012/13", 1, ' "London, City of" '.strip(), "34B", " 66776 "),
            ("2012/13", 2, "Northamptonshire", "34B", "-00 "),
            ("2012/13", 3, "northamptonshire", "34B", " -4 "),
        )
        .decode()
        .splitlines()
    )
    file = "\ufeff" + "\r\n".join(line + ",," for line in lines) + "\r\n,,,,,,,,,\r\n"
    sent = send(service, file.encode())
    assert sent.status_code == 201, sent.json
    counts = [int(cell["count"]) for cell in listed(service, f"/v1/returns/{sent.json['return_id']}/cells")]
    assert counts == [66776, 0, -4]


def test_a_gzipped_file_that_would_fill_the_disk_is_refused(service, monkeypatch):
    monkeypatch.setattr("service.intake.returns.tables.LARGEST_UNPACKED", 1_000_000)
    answer = send(service, gzip.compress(home_office(GOOD) + b"\n" + b",,,,,,,\n" * 500_000))
    assert answer.status_code == 413
    assert service.get("/v1/returns").json["items"] == []


def test_a_file_larger_than_allowed_is_refused(service, app, monkeypatch):
    monkeypatch.setitem(app.config, "LARGEST_RETURN_BYTES", 100)
    assert send(service, home_office(GOOD)).status_code == 413


def test_a_name_that_two_forces_bear_says_neither(service):
    kent = service.get("/v1/areas/kent")
    sent = {
        name: kent.json[name] for name in ("aliases", "from_on", "kind", "name", "parents", "slug", "to_on")
    } | {"aliases": ["Surrey"]}
    assert (
        service.put("/v1/areas/kent", json=sent, headers={"If-Match": kent.headers["ETag"]}).status_code
        == 200
    )
    answer = send(service, home_office(GOOD, ("2012/13", 1, "Surrey", "34B", 5)))
    assert answer.status_code == 422
    assert "2 forces are called Surrey" in answer.json["errors"][0]["detail"]
