"""Figures read from official counts: those of the files, exactly, each with the cells behind it."""

import pytest
from builders import FORCE
from return_files import (
    EARLIER,
    GOOD,
    ROLLING,
    ROLLING_TABLE,
    TABLE,
    counts_by_force_and_year,
    evidence,
    figures,
    home_office,
    listed,
    ons,
    rows_of,
    send,
)

from service.store import database


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
    sent = [
        (number, row) for number, row in enumerate(rows, start=2) if row["Force Name"] == "Northamptonshire"
    ]
    assert [(int(cell["line"]), cell["code"], int(cell["count"])) for cell in cells] == [
        (number, row["Offence Code"], int(row["Number of Offences"])) for number, row in sent
    ]


def test_sums_by_force_and_year_are_those_of_the_file(published):
    sums = counts_by_force_and_year(rows_of(TABLE))
    names = {
        area["name"]: area["area"]
        for kind in ("force", "body")
        for area in published.get(f"/v1/areas?kind={kind}&limit=100").json["items"]
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
@pytest.mark.parametrize(
    "category",
    ["all-crime", "violence", "theft-offences", "robbery", "serious-acquisitive-crime", "homicide"],
)
def test_the_cells_behind_a_figure_add_up_to_it(published, area, category):
    [figure] = figures(published, area=area, category=category, period="2012/13")
    assert sum(int(cell["count"]) for cell in evidence(published, figure)) == figure["value"] > 0


def test_the_codes_of_a_figure_are_its_parts_each_with_its_cells(published):
    [whole] = figures(published, area="northamptonshire", category="theft-offences", period="2012/13")
    parts = figures(
        published, area="northamptonshire", category="theft-offences", period="2012/13", by="code"
    )
    assert sum(part["value"] for part in parts) == whole["value"]
    assert len({part["code"] for part in parts}) == len(parts) > 10
    for part in parts:
        assert sum(int(cell["count"]) for cell in evidence(published, part)) == part["value"]


ROLLING_FIGURES = [
    ("all-crime", "2012/13"),
    ("all-crime", "12m:2017-06"),
    ("residential-burglary", "2012/13"),
    ("residential-burglary", "12m:2017-06"),
    ("burglary", "2011/12"),
    ("theft-offences", "2012/13"),
    ("robbery", "2012/13"),
    ("violence-against-the-person", "2012/13"),
    ("all-crime", "2011-04-01..2013-03-31"),
    ("burglary", "2012-01-01..2013-03-31"),
    ("domestic-burglary", "2017/18"),
]


@pytest.mark.parametrize(("category", "period"), ROLLING_FIGURES)
def test_the_groups_behind_a_figure_of_a_rolling_year_add_up_to_it(published, category, period):
    [figure] = figures(
        published, area="northamptonshire", category=category, period=period, source="ons-rolling-year"
    )
    cells = evidence(published, figure)
    assert sum(int(cell["count"]) for cell in cells) == figure["value"]
    assert cells
    assert {cell["area"] for cell in cells} == {FORCE}


def test_years_that_overlap_are_not_counted_twice(published):
    [first, second, both] = [
        figures(published, area="northamptonshire", period=period, source="ons-rolling-year")[0]
        for period in ("2011/12", "2012/13", "2011-04-01..2013-03-31")
    ]
    assert (first["value"], second["value"], both["value"]) == (49571, 46983, 49571 + 46983)
    assert both["period"]["complete"]
    [longer] = figures(
        published, area="northamptonshire", period="2012-01-01..2013-03-31", source="ons-rolling-year"
    )
    [year] = figures(published, area="northamptonshire", period="2012", source="ons-rolling-year")
    assert (longer["value"], longer["period"]["complete"]) == (year["value"], False)


def test_a_total_beside_its_parts_counts_once(service):
    lines = [
        ("31-03-2013", "Northamptonshire", group, count)
        for group, count in (
            ("Theft offences", 100),
            ("Shoplifting", 40),
            ("Bicycle theft", 60),
            ("Robbery", 7),
        )
    ]
    assert send(service, ons(*lines), source="ons-rolling-year", edition="2013-07").status_code == 201
    values = {
        category: figures(
            service, area="northamptonshire", category=category, period="2012/13", source="ons-rolling-year"
        )[0]
        for category in ("theft-offences", "shoplifting", "all-crime", "robbery")
    }
    assert {category: figure["value"] for category, figure in values.items()} == {
        "theft-offences": 100,
        "shoplifting": 40,
        "all-crime": 107,
        "robbery": 7,
    }
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
    assert (sent.json["cells"], sent.json["total"]) == (
        len(rows),
        sum(int(row["Number of Offences"]) for row in rows),
    )
    before = figures(service, area=["northamptonshire", "city-of-london"], period="2017/18")
    sums = counts_by_force_and_year(rows)
    assert (
        [figure["value"] for figure in before]
        == [54640, sums["City of London", "2017/18"]]
        == [sums["Northamptonshire", "2017/18"], before[1]["value"]]
    )
    [homicide] = figures(service, area="northamptonshire", category="homicide", period="2017/18")
    assert (
        homicide["value"] == sum(int(cell["count"]) for cell in evidence(service, homicide)) == 5
    )  # four codes in one, a line for each

    assert send(service, TABLE).status_code == 201
    [after] = figures(service, area="northamptonshire", period="2017/18")
    assert (after["value"], after["edition"]) == (54760, "2026-04")
    [then] = figures(service, area="northamptonshire", period="2017/18", as_of=sent.json["since_change"])
    assert (then["value"], then["edition"]) == (54640, "2018-07")
    assert service.get(f"/v1/returns/{sent.json['return_id']}").json == sent.json
    assert sum(int(cell["count"]) for cell in evidence(service, before[0])) == 54640


def test_an_earlier_edition_that_comes_late_does_not_supersede(service):
    for edition, count in (("2014", 2), ("2013-10", 1), ("2014-01", 3), ("2013-12-31", 4)):
        assert (
            send(
                service, home_office(("2012/13", 1, "Northamptonshire", "34B", count)), edition=edition
            ).status_code
            == 201
        )
    [figure] = figures(service, area="northamptonshire", category="robbery", period="2012/13Q1")
    assert (figure["value"], figure["edition"]) == (3, "2014-01")


def test_the_whole_rolling_year_table_loads_but_for_its_misdated_period(service):
    rows = rows_of(ROLLING_TABLE)
    refused = send(service, ROLLING_TABLE, source="ons-rolling-year", edition="2019-04")
    misdated = [number for number, row in enumerate(rows, start=2) if row["12 months ending"] == "30-12-2017"]
    assert refused.status_code == 422
    assert f"{len(misdated):,} lines are not understood; nothing was kept" in refused.json["detail"]
    assert service.get("/v1/returns").json["items"] == []
    sent = send(
        service, ROLLING_TABLE, source="ons-rolling-year", edition="2019-04", understood_only="true"
    ).json
    assert (sent["cells"], sent["refused"]) == (len(rows) - len(misdated), len(misdated))
    faults = listed(service, f"/v1/returns/{sent['return_id']}/faults")
    assert [int(fault["line"]) for fault in faults] == misdated
    assert {(fault["field"], fault["value"], fault["detail"]) for fault in faults} == {
        ("period", "30-12-2017", "Twelve months end on the last day of a month; December 2017 ends on 31.")
    }
    ends = [("31-03-2004", "2003/04"), ("31-03-2013", "2012/13"), ("31-12-2018", "2018")]
    for force in ("Northamptonshire", "City of London", "Metropolitan Police"):
        for ending, period in ends:
            total = sum(
                int(row["Rolling year total number of offences"])
                for row in rows
                if (row["12 months ending"], row["PFA"]) == (ending, force)
            )
            [figure] = figures(
                service, area=force.lower().replace(" ", "-"), period=period, source="ons-rolling-year"
            )
            assert (figure["value"], figure["period"]["complete"]) == (total, True)
            assert sum(int(cell["count"]) for cell in evidence(service, figure)) == total
    assert (
        figures(service, area="northamptonshire", period="2017", source="ons-rolling-year")[0]["value"]
        is None
    )


def test_both_date_styles_say_the_same(service):
    plain = ROLLING.read_text().splitlines()
    slashed = "\r\n".join([plain[0], *(line.replace("-", "/", 2) for line in plain[1:])]).encode()
    hyphens = send(
        service, ROLLING, source="ons-rolling-year", edition="2019-04", understood_only="true"
    ).json
    slashes = send(service, slashed, source="ons-slashes", edition="2019-04", understood_only="true").json
    assert slashes["cells"] == hyphens["cells"] > 1000
    cells = [
        service.get(f"/v1/returns/{one['return_id']}/cells", headers={"Accept": "text/csv"}).text
        for one in (hyphens, slashes)
    ]
    assert cells[0] == cells[1]


def test_a_return_moves_no_count_of_records(service):
    send(service, home_office(GOOD))
    assert service.get("/v1/summaries?area=northamptonshire&period=2012/13").json["figures"][0]["value"] == 0
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []
