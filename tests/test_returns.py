"""Official counts, as published: what is understood is kept exactly, what is not is refused with line and reason."""

import csv
import gzip
import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from builders import FORCE, key

from service.store import database

DATA = Path(__file__).parents[1] / "data"
TABLE = DATA / "home-office-pfa" / "prc-pfa-mar2013-onwards-tables.csv.gz"
EARLIER = DATA / "home-office-pfa" / "prc-pfa-2017-18-earlier-edition.csv.gz"
ROLLING = DATA / "ons-rolling-year" / "northamptonshire.csv"
ROLLING_TABLE = DATA / "ons-rolling-year" / "rec-crime-pfa.csv.gz"
OTHER_NAMES = {"London, City of": "City of London"}
HOME_OFFICE = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences"
)
ONS = "12 months ending,PFA,Region,Offence,Rolling year total number of offences"


@cache
def rows_of(path):
    """A file as a spreadsheet program would read it; nothing here is shared with the service."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def counts_by_force_and_year(rows):
    sums = Counter()
    for row in rows:
        name = OTHER_NAMES.get(row["Force Name"], row["Force Name"])
        sums[name, row["Financial Year"]] += int(row["Number of Offences"].strip())
    return sums


def send(service, file, *, source="home-office-pfa", edition="2026-04", headers=None, **asked):
    data = file.read_bytes() if isinstance(file, Path) else file
    return service.post("/v1/returns", query_string={"source": source, "edition": edition} | asked, data=data,
                        content_type="text/csv", headers=headers)  # fmt: skip


def home_office(*lines):
    return "\n".join(
        [HOME_OFFICE, *(f"{year},{quarter},{force},What,Group,Subgroup,{code},{count}" for year, quarter, force, code, count in lines)]
    ).encode()


def ons(*lines):
    return "\n".join([ONS, *(f"{ending},{force},Region,{group},{count}" for ending, force, group, count in lines)]).encode()


def figures(service, **asked):
    answer = service.get("/v1/summaries", query_string={"source": "home-office-pfa"} | asked)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"]


def listed(service, address, **asked):
    """A whole list, as a table."""
    answer = service.get(address, query_string=asked or None, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.json
    return list(csv.DictReader(io.StringIO(answer.text)))


def evidence(service, figure):
    return listed(service, figure["evidence"])


def last_change(service):
    return service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).get_data().count(b"\n")


@pytest.fixture
def home_office_table(published):
    """The return that holds the whole Home Office table."""
    [one] = [row for row in published.get("/v1/returns").json["items"] if row["source"] == "home-office-pfa"]
    return one


def test_the_home_office_table_is_held_line_by_line(published, home_office_table):
    rows = rows_of(TABLE)
    assert (home_office_table["cells"], home_office_table["refused"]) == (len(rows), 0)
    assert home_office_table["total"] == sum(int(row["Number of Offences"]) for row in rows)
    cells = listed(published, f"/v1/returns/{home_office_table['return_id']}/cells", area="northamptonshire")
    sent = [(number, row) for number, row in enumerate(rows, start=2) if row["Force Name"] == "Northamptonshire"]
    assert [(int(cell["line"]), cell["code"], int(cell["count"])) for cell in cells] == [
        (number, row["Offence Code"], int(row["Number of Offences"])) for number, row in sent]  # fmt: skip


def test_sums_by_force_and_year_are_those_of_the_file(published):
    sums = counts_by_force_and_year(rows_of(TABLE))
    names = {
        area["name"]: area["area"] for kind in ("force", "body") for area in published.get(f"/v1/areas?kind={kind}&limit=100").json["items"]
    }
    for year in sorted({year for _, year in sums}):
        forces = sorted(name for name, of in sums if of == year)
        shown = figures(published, area=[names[name] for name in forces], period=year)
        assert [figure["value"] for figure in shown] == [sums[name, year] for name in forces], year


def test_counts_below_nought_are_kept(published, home_office_table):
    [cell] = published.get(
        f"/v1/returns/{home_office_table['return_id']}/cells?area=northamptonshire&code=80&from_on=2013-01-01&to_on=2013-03-31"
    ).json["items"]
    assert (cell["count"], cell["from_on"], cell["to_on"]) == (-1, "2013-01-01", "2013-03-31")


def test_the_city_of_london_is_found_by_the_home_offices_name(published):
    [figure] = figures(published, area="city-of-london", period="2012/13")
    assert figure["value"] == counts_by_force_and_year(rows_of(TABLE))["City of London", "2012/13"] > 0


@pytest.mark.parametrize("area", ["northamptonshire", "east-midlands", "england-and-wales"])
@pytest.mark.parametrize("category", ["all-crime", "violence", "theft-offences", "robbery", "serious-acquisitive-crime", "homicide"])
def test_the_cells_behind_a_figure_add_up_to_it(published, area, category):
    [figure] = figures(published, area=area, category=category, period="2012/13")
    assert sum(int(cell["count"]) for cell in evidence(published, figure)) == figure["value"] > 0


def test_the_codes_of_a_figure_are_its_parts_each_with_its_cells(published):
    [whole] = figures(published, area="northamptonshire", category="theft-offences", period="2012/13")
    parts = figures(published, area="northamptonshire", category="theft-offences", period="2012/13", by="code")
    assert sum(part["value"] for part in parts) == whole["value"]
    assert len({part["code"] for part in parts}) == len(parts) > 10
    for part in parts:
        assert sum(int(cell["count"]) for cell in evidence(published, part)) == part["value"]


ROLLING_FIGURES = [
    ("all-crime", "2012/13"), ("all-crime", "12m:2017-06"), ("residential-burglary", "2012/13"), ("residential-burglary", "12m:2017-06"),
    ("burglary", "2011/12"), ("theft-offences", "2012/13"), ("robbery", "2012/13"), ("violence-against-the-person", "2012/13"),
    ("all-crime", "2011-04-01..2013-03-31"), ("burglary", "2012-01-01..2013-03-31"), ("domestic-burglary", "2017/18"),
]  # fmt: skip


@pytest.mark.parametrize(("category", "period"), ROLLING_FIGURES)
def test_the_groups_behind_a_figure_of_a_rolling_year_add_up_to_it(published, category, period):
    [figure] = figures(published, area="northamptonshire", category=category, period=period, source="ons-rolling-year")
    cells = evidence(published, figure)
    assert sum(int(cell["count"]) for cell in cells) == figure["value"]
    assert cells
    assert {cell["area"] for cell in cells} == {FORCE}


def test_years_that_overlap_are_not_counted_twice(published):
    [first, second, both] = [figures(published, area="northamptonshire", period=period, source="ons-rolling-year")[0]
                             for period in ("2011/12", "2012/13", "2011-04-01..2013-03-31")]  # fmt: skip
    assert (first["value"], second["value"], both["value"]) == (49571, 46983, 49571 + 46983)
    assert both["period"]["complete"]
    [longer] = figures(published, area="northamptonshire", period="2012-01-01..2013-03-31", source="ons-rolling-year")
    [year] = figures(published, area="northamptonshire", period="2012", source="ons-rolling-year")
    assert (longer["value"], longer["period"]["complete"]) == (year["value"], False)


def test_a_total_beside_its_parts_counts_once(service):
    lines = [("31-03-2013", "Northamptonshire", group, count)
             for group, count in (("Theft offences", 100), ("Shoplifting", 40), ("Bicycle theft", 60), ("Robbery", 7))]  # fmt: skip
    assert send(service, ons(*lines), source="ons-rolling-year", edition="2013-07").status_code == 201
    values = {category: figures(service, area="northamptonshire", category=category, period="2012/13", source="ons-rolling-year")[0]
              for category in ("theft-offences", "shoplifting", "all-crime", "robbery")}  # fmt: skip
    assert {category: figure["value"] for category, figure in values.items()} == {
        "theft-offences": 100, "shoplifting": 40, "all-crime": 107, "robbery": 7}  # fmt: skip
    for figure in values.values():
        assert sum(int(cell["count"]) for cell in evidence(service, figure)) == figure["value"]


def test_a_nation_is_complete_when_every_force_is_there_whatever_bodies_come_and_go(service):
    forces = [area["name"] for area in service.get("/v1/areas?kind=force&limit=100").json["items"]]
    whole = [("2012/13", quarter, force, "34B", 1) for force in forces for quarter in (1, 2, 3, 4)]
    assert send(service, home_office(*whole), edition="2013-07").status_code == 201
    [figure] = figures(service, area="england-and-wales", category="robbery", period="2012/13")
    assert (figure["value"], figure["period"]["complete"]) == (4 * len(forces), True)
    assert send(service, home_office(*whole[:-1]), edition="2013-10").status_code == 201
    [figure] = figures(service, area="england-and-wales", category="robbery", period="2012/13")
    assert (figure["value"], figure["period"]["complete"]) == (4 * len(forces) - 1, False)


def test_a_year_of_three_quarters_is_incomplete(published):
    [figure] = figures(published, area="avon-and-somerset", period="2025/26")
    assert figure["value"] > 0
    assert not figure["period"]["complete"]


def test_an_edition_saved_from_a_spreadsheet_is_read_and_the_later_one_supersedes_it(service):
    sent = send(service, EARLIER, edition="2018-07", title="Sheet 2017/18, as saved from a spreadsheet")
    assert sent.status_code == 201, sent.json
    rows = rows_of(EARLIER)
    assert (sent.json["cells"], sent.json["total"]) == (len(rows), sum(int(row["Number of Offences"]) for row in rows))
    before = figures(service, area=["northamptonshire", "city-of-london"], period="2017/18")
    sums = counts_by_force_and_year(rows)
    assert (
        [figure["value"] for figure in before]
        == [54640, sums["City of London", "2017/18"]]
        == [sums["Northamptonshire", "2017/18"], before[1]["value"]]
    )
    [homicide] = figures(service, area="northamptonshire", category="homicide", period="2017/18")
    assert homicide["value"] == sum(int(cell["count"]) for cell in evidence(service, homicide)) == 5  # four codes in one, a line for each

    assert send(service, TABLE).status_code == 201
    [after] = figures(service, area="northamptonshire", period="2017/18")
    assert (after["value"], after["edition"]) == (54760, "2026-04")
    [then] = figures(service, area="northamptonshire", period="2017/18", as_of=sent.json["since_change"])
    assert (then["value"], then["edition"]) == (54640, "2018-07")
    assert service.get(f"/v1/returns/{sent.json['return_id']}").json == sent.json
    assert sum(int(cell["count"]) for cell in evidence(service, before[0])) == 54640


def test_an_earlier_edition_that_comes_late_does_not_supersede(service):
    for edition, count in (("2014", 2), ("2013-10", 1), ("2014-01", 3), ("2013-12-31", 4)):
        assert send(service, home_office(("2012/13", 1, "Northamptonshire", "34B", count)), edition=edition).status_code == 201
    [figure] = figures(service, area="northamptonshire", category="robbery", period="2012/13Q1")
    assert (figure["value"], figure["edition"]) == (3, "2014-01")


def test_the_whole_rolling_year_table_loads_but_for_its_misdated_period(service):
    rows = rows_of(ROLLING_TABLE)
    refused = send(service, ROLLING_TABLE, source="ons-rolling-year", edition="2019-04")
    misdated = [number for number, row in enumerate(rows, start=2) if row["12 months ending"] == "30-12-2017"]
    assert refused.status_code == 422
    assert f"{len(misdated):,} lines are not understood; nothing was kept" in refused.json["detail"]
    assert service.get("/v1/returns").json["items"] == []
    sent = send(service, ROLLING_TABLE, source="ons-rolling-year", edition="2019-04", understood_only="true").json
    assert (sent["cells"], sent["refused"]) == (len(rows) - len(misdated), len(misdated))
    faults = listed(service, f"/v1/returns/{sent['return_id']}/faults")
    assert [int(fault["line"]) for fault in faults] == misdated
    assert {(fault["field"], fault["value"], fault["detail"]) for fault in faults} == {
        ("period", "30-12-2017", "Twelve months end on the last day of a month; December 2017 ends on 31.")}  # fmt: skip
    ends = [("31-03-2004", "2003/04"), ("31-03-2013", "2012/13"), ("31-12-2018", "2018")]
    for force in ("Northamptonshire", "City of London", "Metropolitan Police"):
        for ending, period in ends:
            total = sum(
                int(row["Rolling year total number of offences"])
                for row in rows
                if (row["12 months ending"], row["PFA"]) == (ending, force)
            )
            [figure] = figures(service, area=force.lower().replace(" ", "-"), period=period, source="ons-rolling-year")
            assert (figure["value"], figure["period"]["complete"]) == (total, True)
            assert sum(int(cell["count"]) for cell in evidence(service, figure)) == total
    assert figures(service, area="northamptonshire", period="2017", source="ons-rolling-year")[0]["value"] is None


def test_both_date_styles_say_the_same(service):
    plain = ROLLING.read_text().splitlines()
    slashed = "\r\n".join([plain[0], *(line.replace("-", "/", 2) for line in plain[1:])]).encode()
    hyphens = send(service, ROLLING, source="ons-rolling-year", edition="2019-04", understood_only="true").json
    slashes = send(service, slashed, source="ons-slashes", edition="2019-04", understood_only="true").json
    assert slashes["cells"] == hyphens["cells"] > 1000
    cells = [service.get(f"/v1/returns/{one['return_id']}/cells", headers={"Accept": "text/csv"}).text for one in (hyphens, slashes)]
    assert cells[0] == cells[1]


GOOD = ("2012/13", 1, "Northamptonshire", "34B", 5)
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
    (("2012/13", "Q1", "Kent", "34B", 5), "period", "a quarter from 1 to 4"),
    (("2012/14", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("2012-13", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("0000/01", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (("", 1, "Kent", "34B", 5), "period", "not a financial year"),
    (GOOD, "line", "This cell stands on 2 lines, first on line 2"),
]


@pytest.mark.parametrize(("line", "field", "sentence"), NOT_UNDERSTOOD, ids=[f"{one[1]}: {one[2]}" for one in NOT_UNDERSTOOD])
def test_what_is_not_understood_is_refused_with_line_and_reason(service, line, field, sentence):
    file = home_office(GOOD, ("2012/13", 2, "Northamptonshire", "34B", 6), line)
    answer = send(service, file)
    assert answer.status_code == 422, answer.json
    assert any(one["line"] == 4 and one["pointer"] == f"/{field}" and sentence in one["detail"] for one in answer.json["errors"]), (
        answer.json
    )
    assert service.get("/v1/returns").json["items"] == []
    kept = send(service, file, understood_only="true").json
    faults = listed(service, f"/v1/returns/{kept['return_id']}/faults")
    lines = [int(cell["line"]) for cell in listed(service, f"/v1/returns/{kept['return_id']}/cells")]
    assert {int(fault["line"]) for fault in faults} | set(lines) == {2, 3, 4}
    assert lines == ([3] if line == GOOD else [2, 3])  # of a cell given twice, neither is believed
    assert (kept["cells"], kept["refused"]) == (len(lines), 3 - len(lines))


@pytest.mark.parametrize(("ending", "group", "field", "sentence"), [
    ("31-13-2012", "Robbery", "period", "nor the last day of twelve months"),
    ("03/31/2013", "Robbery", "period", "nor the last day of twelve months"),
    ("31-03-0000", "Robbery", "period", "nor the last day of twelve months"),
    ("31-02-2013", "Robbery", "period", "February 2013 ends on 28"),
    ("30-03-2013", "Robbery", "period", "March 2013 ends on 31"),
    ("28-02-2012", "Robbery", "period", "February 2012 ends on 29"),
    ("31-03-2013", "Gossip", "counted", "Gossip is no group of offences"),
])  # fmt: skip
def test_a_rolling_year_is_refused_where_it_cannot_be_meant(service, ending, group, field, sentence):
    answer = send(service, ons((ending, "Kent", group, 5)), source="ons-rolling-year", edition="2013-07", understood_only="true")
    assert answer.status_code == 422
    [fault] = answer.json["errors"]
    assert (fault["line"], fault["pointer"]) == (2, f"/{field}")
    assert sentence in fault["detail"]


UNREADABLE = [
    (b"", "headings"),
    (HOME_OFFICE.encode(), "holds no count"),
    (b"Force,Year,Count\nKent,2012,5\n", "headings are of no layout known here"),
    ((HOME_OFFICE + ",Force Name\n2012/13,1,Kent,a,b,c,34B,5,Surrey").encode(), "Force Name stands there twice"),
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


@pytest.mark.parametrize(("file", "sentence"), UNREADABLE, ids=[f"{number} {one[1]}" for number, one in enumerate(UNREADABLE)])
@pytest.mark.parametrize("understood_only", ["true", "false"])
def test_a_file_that_cannot_be_read_is_refused_whole(service, file, sentence, understood_only):
    before = last_change(service)
    answer = send(service, file, understood_only=understood_only)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["detail"]
    assert (service.get("/v1/returns").json["items"], last_change(service)) == ([], before)


def test_what_a_spreadsheet_does_to_a_file_is_understood(service):
    lines = home_office(("2012/13", 1, ' "London, City of" '.strip(), "34B", " 66776 "), ("2012/13", 2, "Northamptonshire", "34B", "-00 "),
                        ("2012/13", 3, "northamptonshire", "34B", " -4 ")).decode().splitlines()  # fmt: skip
    file = "\ufeff" + "\r\n".join(line + ",," for line in lines) + "\r\n,,,,,,,,,\r\n"
    sent = send(service, file.encode())
    assert sent.status_code == 201, sent.json
    counts = [int(cell["count"]) for cell in listed(service, f"/v1/returns/{sent.json['return_id']}/cells")]
    assert counts == [66776, 0, -4]


def test_a_gzipped_file_that_would_fill_the_disk_is_refused(service, monkeypatch):
    monkeypatch.setattr("service.layouts.LARGEST_UNPACKED", 1_000_000)
    answer = send(service, gzip.compress(home_office(GOOD) + b"\n" + b",,,,,,,\n" * 500_000))
    assert answer.status_code == 413
    assert service.get("/v1/returns").json["items"] == []


def test_a_file_larger_than_allowed_is_refused(service, app, monkeypatch):
    monkeypatch.setitem(app.config, "LARGEST_RETURN_BYTES", 100)
    assert send(service, home_office(GOOD)).status_code == 413


def test_a_name_that_two_forces_bear_says_neither(service):
    kent = service.get("/v1/areas/kent")
    sent = {name: kent.json[name] for name in ("aliases", "from_on", "kind", "name", "parents", "slug", "to_on")} | {"aliases": ["Surrey"]}
    assert service.put("/v1/areas/kent", json=sent, headers={"If-Match": kent.headers["ETag"]}).status_code == 200
    answer = send(service, home_office(GOOD, ("2012/13", 1, "Surrey", "34B", 5)))
    assert answer.status_code == 422
    assert "2 forces are called Surrey" in answer.json["errors"][0]["detail"]


def test_the_same_file_again_is_the_same_return_and_no_change(service):
    first = send(service, home_office(GOOD), title="First")
    change = last_change(service)
    again = send(service, home_office(GOOD), title="Second")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert last_change(service) == change
    assert service.get(first.headers["Location"]).json == first.json


def test_the_same_edition_with_other_bytes_is_a_conflict(service):
    first = send(service, home_office(GOOD))
    change = last_change(service)
    answer = send(service, home_office(GOOD, ("2012/13", 2, "Kent", "34B", 5)))
    assert answer.status_code == 409
    assert "give the new file its own edition" in answer.json["detail"]
    assert (service.get("/v1/returns").json["items"], last_change(service)) == ([first.json], change)


def test_the_same_file_twice_at_the_same_moment_is_one_return(service):
    change = last_change(service)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: send(service.application.test_client(), home_office(GOOD), headers={"Authorization": f"Bearer {service.key}"}),
                range(4),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json["return_id"] for answer in answers}) == 1
    assert last_change(service) == change + 1


def test_an_idempotency_key_gives_the_first_answer_again(service):
    headers = {"Idempotency-Key": "a-return"}
    first, again = [send(service, home_office(GOOD), headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    assert again.headers["Idempotent-Replay"] == "true"
    assert send(service, home_office(GOOD, ("2012/13", 2, "Kent", "34B", 5)), headers=headers).status_code == 422


@pytest.mark.parametrize("asked", [
    {"edition": "last week"}, {"edition": "2026-4"}, {"source": "records"}, {"source": "Home Office"}, {"edition": None}, {"colour": "red"},
    {"understood_only": "yes"},
])  # fmt: skip
def test_a_return_says_whose_and_when_in_the_words_of_the_contract(service, asked):
    query = {"source": "home-office-pfa", "edition": "2026-04"} | asked
    answer = service.post("/v1/returns", query_string={name: value for name, value in query.items() if value}, data=home_office(GOOD),
                          content_type="text/csv")  # fmt: skip
    assert answer.status_code in (400, 422), answer.json
    assert service.get("/v1/returns").json["items"] == []


def test_only_an_administrator_sends_csv(service):
    assert send(service, home_office(GOOD), headers=key(service, "read", "record")).status_code == 403
    answer = service.post("/v1/returns?source=home-office-pfa&edition=2026-04", data=b"{}", content_type="application/json")
    assert (answer.status_code, answer.headers["Accept"]) == (415, "text/csv")


def test_cells_are_listed_by_every_filter(service):
    lines = [("2012/13", 1, "Northamptonshire", "34B", 1), ("2012/13", 2, "Northamptonshire", "28A", 2), ("2012/13", 4, "Kent", "34B", 3),
             ("2013/14", 1, "Leicestershire", "45", 4)]  # fmt: skip
    address = f"/v1/returns/{send(service, home_office(*lines)).json['return_id']}/cells"

    def found(**asked):
        return [int(cell["count"]) for cell in listed(service, address, **asked)]

    assert found() == [1, 2, 3, 4]
    assert found(area="northamptonshire") == [1, 2]
    assert found(area="east-midlands") == [1, 2, 4]
    assert found(area="england-and-wales", code="34B") == [1, 3]
    assert found(category="robbery") == [1, 3]
    assert found(category="serious-acquisitive-crime") == [1, 2, 3, 4]
    assert found(category="robbery", area="kent") == [3]
    assert found(from_on="2012-07-01") == [2, 3, 4]
    assert found(to_on="2012-09-30") == [1, 2]
    assert found(category="serious-acquisitive-crime", from_on="2012-07-01", to_on="2013-03-31") == [2, 3]
    assert service.get(f"{address}?category=gossip").status_code == 400
    assert service.get(f"{address}?area=atlantis").status_code == 400
    seen, following = [], f"{address}?limit=3&category=all-crime"
    while following:
        page = service.get(following)
        seen += [cell["count"] for cell in page.json["items"]]
        following = page.json["next"]
    assert seen == [1, 2, 3, 4]


def test_every_rolling_year_of_a_group_is_listed_where_no_days_are_asked_for(service):
    lines = [(ending, "Northamptonshire", "Robbery", number) for number, ending in enumerate(("31-03-2012", "30-06-2012", "31-03-2013"))]
    address = f"/v1/returns/{send(service, ons(*lines), source='ons-rolling-year', edition='2013-07').json['return_id']}/cells"
    assert [int(cell["count"]) for cell in listed(service, address, category="robbery")] == [0, 1, 2]
    assert [int(cell["count"]) for cell in listed(service, address, category="robbery", from_on="2011-04-01", to_on="2013-03-31")] == [0, 2]


def test_a_return_was_not_known_before_it_came(service):
    sent = send(service, home_office(GOOD)).json
    address, before = f"/v1/returns/{sent['return_id']}", sent["since_change"] - 1
    assert service.get(f"{address}?as_of={sent['since_change']}").json == sent
    assert service.get(f"{address}?as_of={before}").status_code == 404
    assert service.get(f"{address}/cells?as_of={before}").status_code == 404
    assert service.get(f"/v1/returns?as_of={before}").json["items"] == []
    assert service.get(f"/v1/summaries?area=kent&period=2012/13&source=home-office-pfa&as_of={before}").status_code == 400
    assert service.get("/v1/returns/00000000-0000-7000-8000-000000000000").status_code == 404
    assert service.get("/v1/returns/00000000-0000-7000-8000-000000000000/faults").status_code == 404
    again = service.get(address, headers={"If-None-Match": service.get(address).headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_a_return_moves_no_count_of_records(service):
    send(service, home_office(GOOD))
    assert service.get("/v1/summaries?area=northamptonshire&period=2012/13").json["figures"][0]["value"] == 0
    with database.reading() as book:
        assert book.tally.differences() == []
