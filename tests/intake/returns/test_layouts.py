"""Tables of partnerships, of ONS and of outcomes: held as published, added up as they are meant."""

import csv
import re

import pytest
from builders import FORCE
from return_files import (
    HOME_OFFICE,
    ONS_TABLES,
    OUTCOMES,
    csv_of,
    evidence,
    figures,
    kept,
    listed,
    rows_of,
    send,
)

PARTNERSHIP = (
    "Financial Year,Financial Quarter,Police Force,CSP Name,Offence Description,Offence Group,Offence"
    " Subgroup,Offence Code,Offence Count"
)
TWO_COUNTS = (
    "Financial Year",
    "Financial Quarter",
    "Force Name",
    "Offence Code",
    "Offence Group",
    "Outcome Type",
    "Outcome Description",
    "Outcome Group",
    "Force outcomes for offences recorded in quarter",
    "Force outcomes recorded in quarter",
)
PARTNERSHIPS = (
    "Corby",
    "Daventry and South Northamptonshire",
    "East Northamptonshire",
    "Kettering",
    "Northampton",
    "Wellingborough",
)


def partnerships(*lines):
    return "\n".join(
        [
            PARTNERSHIP,
            *(
                f'{year},{quarter},{force},"{name}",What,Group,Subgroup,{code},{count}'
                for year, quarter, force, name, code, count in lines
            ),
        ]
    ).encode()


def table(name):
    """A table of ONS: the counts by group of each (code of the force, name of the partnership)."""
    text = (ONS_TABLES / f"table-{name}.csv").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(text.splitlines())
    first = 2 if name.startswith("P") else 6

    def plain(words):
        return re.sub(r"\[note.*?\]", "", words).strip()

    return {
        (row[0], plain(row[3]) if first == 6 else ""): {
            plain(group): int(count) for group, count in zip(head[first:], row[first:], strict=True)
        }
        for row in rows
        if any(row[first:])
    }


def test_outcomes_are_held_with_the_files_sums_and_count_towards_no_figure(service):
    rows = rows_of(OUTCOMES)
    asked = {"source": "home-office-outcomes", "edition": "2026-01"}
    unclear = send(service, OUTCOMES, **asked)
    assert (unclear.status_code, unclear.json["errors"][0]["parameter"]) == (400, "basis")
    sent = kept(service, OUTCOMES, basis="recorded", **asked)
    assert (sent["cells"], sent["refused"], sent["total"]) == (
        len(rows),
        0,
        sum(int(row["Outcomes"]) for row in rows),
    )
    address = f"/v1/returns/{sent['return_id']}"
    for force in ("Northamptonshire", "London, City of", "British Transport Police"):
        area = {"London, City of": "city-of-london"}.get(force, force.lower().replace(" ", "-"))
        own = [row for row in rows if row["Force Name"] == force]
        told = service.get(f"{address}/outcomes?area={area}").json
        expected = {
            kind: sum(int(row["Outcomes"]) for row in own if row["Outcome Type"] == kind)
            for kind in {row["Outcome Type"] for row in own}
        }
        assert {one["outcome"]: one["number"] for one in told["outcomes"]} == expected
        assert told["totals"] == [
            {
                "basis": "recorded",
                "not_yet_assigned": expected["0"],
                "number": sum(expected.values()),
                "outcomes": sum(expected.values()) - expected["0"],
            }
        ]
    assert service.get(f"{address}/outcomes?area=northamptonshire").json["totals"][0]["number"] == 59304
    [figure] = figures(service, area="northamptonshire", period="2024/25", source="home-office-outcomes")
    assert (figure["value"], figure["period"]["complete"]) == (None, False)
    robbed = [
        int(row["Outcomes"])
        for row in rows
        if (row["Force Name"], row["Offence Group"], row["Outcome Type"], row["Financial Quarter"])
        == ("Kent", "Robbery", "18", "2")
    ]
    cells = listed(
        service,
        f"{address}/cells",
        area="kent",
        category="robbery",
        outcome="18",
        basis="recorded",
        from_on="2024-07-01",
        to_on="2024-09-30",
    )
    assert [int(cell["count"]) for cell in cells] == robbed
    assert listed(service, f"{address}/cells", area="kent", basis="assigned") == []


def test_of_which_types_are_counted_once_and_the_two_bases_never_together(service):
    lines = [
        ("2024/25", "1", "Kent", "34B", "Robbery", kind, "What", "Group", recorded, assigned)
        for kind, recorded, assigned in (
            ("1", 10, 7),
            ("1a", 3, 2),
            ("0", 5, 0),
            ("18", 20, 30),
            ("19", "N/A", 1),
        )
    ]
    sent = kept(service, csv_of(TWO_COUNTS, *lines), source="home-office-outcomes")
    address = f"/v1/returns/{sent['return_id']}"
    assert (sent["layout"], sent["cells"], sent["total"]) == ("home-office-outcomes", 10, 35)
    told = service.get(f"{address}/outcomes?area=kent&category=robbery").json
    assert [(one["basis"], one["outcome"], one["part_of"], one["number"]) for one in told["outcomes"]] == [
        ("assigned", "0", None, 0),
        ("assigned", "1", None, 7),
        ("assigned", "1A", "1", 2),
        ("assigned", "18", None, 30),
        ("assigned", "19", None, 1),
        ("recorded", "0", None, 5),
        ("recorded", "1", None, 10),
        ("recorded", "1A", "1", 3),
        ("recorded", "18", None, 20),
        ("recorded", "19", None, None),
    ]
    assert [(one["basis"], one["outcomes"], one["not_yet_assigned"]) for one in told["totals"]] == [
        ("assigned", 38, 0),
        ("recorded", None, None),
    ]
    assert [
        int(cell["line"]) for cell in listed(service, f"{address}/cells", outcome="1", basis="recorded")
    ] == [2, 3]
    [withheld] = [
        cell for cell in listed(service, f"{address}/cells", outcome="19") if cell["basis"] == "recorded"
    ]
    assert (withheld["count"], withheld["withheld"], withheld["withheld_because"]) == (
        "",
        "n/a",
        "not applicable",
    )
    said = send(
        service, csv_of(TWO_COUNTS, *lines), source="home-office-outcomes", edition="2027", basis="recorded"
    )
    assert (said.status_code, said.json["errors"][0]["parameter"]) == (400, "basis")
    wrong = send(
        service,
        csv_of(TWO_COUNTS, (*lines[0][:5], "23", *lines[0][6:])),
        source="home-office-outcomes",
        edition="2027",
    )
    assert "23 is no type of outcome" in wrong.json["errors"][0]["detail"]


def test_what_no_partnership_has_belongs_to_its_force(service):
    lines = [
        ("2024/25", f"Q{quarter}", "Northamptonshire", name, "34B", number + quarter)
        for quarter in (1, 2, 3, 4)
        for number, name in enumerate((*PARTNERSHIPS, "Unassigned", "Sywell Airport"))
    ]
    sent = kept(service, partnerships(*lines), source="home-office-csp")
    assert sent["layout"] == "home-office-partnership"
    [force] = figures(
        service, area="northamptonshire", category="robbery", period="2024/25", source="home-office-csp"
    )
    assert (force["value"], force["period"]["complete"]) == (sum(count for *_, count in lines), True)
    assert sorted(int(cell["count"]) for cell in evidence(service, force)) == sorted(
        count for *_, count in lines
    )
    assert {cell["unassigned"] for cell in evidence(service, force)} == {"", "Unassigned", "Sywell Airport"}
    [corby] = figures(
        service, area="E22000233", category="robbery", period="2024/25", source="home-office-csp"
    )
    assert (corby["value"], corby["period"]["complete"]) == (
        sum(count for *_, name, _, count in lines if name == "Corby"),
        True,
    )
    [region] = figures(
        service, area="east-midlands", category="robbery", period="2024/25", source="home-office-csp"
    )
    assert (region["value"], region["period"]["complete"]) == (force["value"], False)
    without = [line for line in lines if line[3] != "Corby"]
    kept(service, partnerships(*without), source="without-corby")
    [force] = figures(
        service, area="northamptonshire", category="robbery", period="2024/25", source="without-corby"
    )
    assert (force["value"], force["period"]["complete"]) == (sum(count for *_, count in without), False)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            ("2024/25", "1", "Kent", "Corby", "34B", 1),
            "Kent has no partnership, or more than one, that is called Corby",
        ),
        (("2024/25", "1", "Rutland", "Corby", "34B", 1), "No force is called Rutland"),
        (("2024/25", "1", "Rutland", "Unassigned", "34B", 1), "No force is called Rutland"),
    ],
)
def test_a_partnership_is_looked_for_in_its_own_force(service, line, sentence):
    answer = send(service, partnerships(line))
    assert answer.status_code == 422
    assert sentence in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize("name", ["P1", "P4", "C2", "C5"])
def test_the_count_tables_of_ons_are_held_with_their_sums(service, name):
    period = "2024" if name in ("P1", "C2") else "2023"
    counts = table(name)
    asked = {"source": "ons-pfa-tables", "edition": "2025-04-24"}
    unclear = send(service, ONS_TABLES / f"table-{name}.csv", **asked)
    assert (unclear.status_code, "add period" in unclear.json["detail"]) == (422, True)
    sent = kept(service, ONS_TABLES / f"table-{name}.csv", period=period, **asked)
    assert (sent["layout"], sent["refused"], sent["first_day"]) == ("ons-tables", 0, f"{period}-01-01")
    assert sent["cells"] == sum(len(groups) for groups in counts.values())
    assert sent["total"] == sum(sum(groups.values()) for groups in counts.values())
    northamptonshire = counts[FORCE, ""]
    for category, group in (
        ("all-crime-excluding-fraud", "Total recorded crime (excluding fraud)"),
        ("robbery", "Robbery"),
        ("violence-with-injury", "Violence with injury"),
        ("theft-offences", "Theft offences"),
        ("residential-burglary", "Residential burglary"),
        ("non-dwelling-burglary", "Non-residential burglary"),
        ("all-crime", "Total recorded crime (excluding fraud)"),
    ):
        [figure] = figures(
            service, area="northamptonshire", category=category, period=period, source="ons-pfa-tables"
        )
        assert (figure["value"], figure["period"]["complete"]) == (northamptonshire[group], True), category
        assert sum(int(cell["count"]) for cell in evidence(service, figure)) == figure["value"]
    parts = [
        groups["Robbery"] for (force, partnership), groups in counts.items() if force == FORCE and partnership
    ]
    if name.startswith("C"):
        assert sum(parts) == northamptonshire["Robbery"]
        [corby] = figures(
            service, area="E22000233", category="robbery", period=period, source="ons-pfa-tables"
        )
        assert corby["value"] == counts[FORCE, "Corby"]["Robbery"]
    else:
        places = [("england-and-wales", "K04000001"), ("east-midlands", "E12000004"), ("wales", "W92000004")]
        shown = figures(
            service,
            area=[place for place, _ in places],
            category="robbery",
            period=period,
            source="ons-pfa-tables",
        )
        assert [figure["value"] for figure in shown] == [counts[said, ""]["Robbery"] for _, said in places]
        assert all(
            figure["period"]["complete"] for figure in shown
        )  # the region's own row, though some of its forces are not in the file
        assert [sum(int(cell["count"]) for cell in evidence(service, figure)) for figure in shown] == [
            figure["value"] for figure in shown
        ]


@pytest.mark.parametrize("name", ["P2", "P3", "C4"])
def test_percentages_and_rates_are_no_counts(service, name):
    answer = send(service, ONS_TABLES / f"table-{name}.csv", period="2024", understood_only="true")
    assert (answer.status_code, "percentages or rates" in answer.json["detail"]) == (422, True)


def test_what_is_withheld_is_never_nought(service):
    head = (
        "Area Code",
        "Area Name [note 1]",
        "Total recorded crime (excluding fraud) [note 2]",
        "Robbery",
        "Homicide",
    )
    sent = kept(
        service,
        csv_of(
            head,
            ("E23000022", "Northamptonshire [note 4]", 100, 7, "[x]"),
            ("E23000032", "Kent", 200, "[u]", 3),
        ),
        source="ons-pfa-tables",
        period="2024",
    )
    shown = {
        (figure["area"]["code"], figure["category"]["code"]): figure
        for figure in figures(
            service,
            area=["northamptonshire", "kent", "england-and-wales"],
            category=["robbery", "homicide"],
            period="2024",
            source="ons-pfa-tables",
        )
    }
    assert {key: figure["value"] for key, figure in shown.items()} == {
        ("E23000022", "robbery"): 7,
        ("E23000022", "homicide"): None,
        ("E23000032", "robbery"): None,
        ("E23000032", "homicide"): 3,
        ("K04000001", "robbery"): None,
        ("K04000001", "homicide"): None,
    }
    assert not shown["E23000032", "robbery"]["period"]["complete"]
    cells = listed(service, f"/v1/returns/{sent['return_id']}/cells", category="robbery")
    assert [(cell["count"], cell["withheld"], cell["withheld_because"]) for cell in cells] == [
        ("7", "", ""),
        ("", "[u]", "withheld: the count is too small to be relied on"),
    ]
    assert (sent["cells"], sent["total"]) == (6, 310)


WIDE = ("Area Code", "Area Name", "Total recorded crime (excluding fraud)", "Robbery")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([WIDE, ("E23000032", "Surrey", 5, 1)], "E23000032 is Kent, not Surrey."),
        ([WIDE, ("E23999999", "Kent", 5, 1)], "No area has the code E23999999 (Kent)."),
        ([WIDE, ("", "Kentshire", 5, 1)], "No force is called Kentshire"),
        ([WIDE, ("E23000032", "Kent", 5, "")], "An empty cell is not a whole number"),
        ([(*WIDE, "Gossip"), ("E23000032", "Kent", 5, 1, 1)], "Gossip is no group of offences"),
        ([(*WIDE, "Robbery [note 2]"), ("E23000032", "Kent", 5, 1, 1)], "This cell stands on 2 lines"),
        ([(*WIDE, "", "Homicide"), ("E23000032", "Kent", 5, 1, 1, 1)], "a cell under an empty heading"),
        ([WIDE, ("E23000032", "Kent", 5, "[q]")], "[q] is not a whole number"),
    ],
)
def test_a_table_of_ons_is_refused_where_it_is_not_understood(service, rows, sentence):
    answer = send(service, csv_of(*rows), source="ons-pfa-tables", period="2024")
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "heading",
    [
        "FINANCIAL YEAR,financial  quarter,Police Force,Offence Code,Offence Count",
        HOME_OFFICE.replace("Force Name", "Force Name [note 3]"),
        "Offence Count,Offence Code,Force Name,Financial Quarter,Financial Year",
    ],
)
def test_headings_that_drift_are_understood_by_the_words_in_the_table(service, heading):
    columns = next(csv.reader([heading]))
    said = {
        "year": "2012/13",
        "quarter": "2",
        "force": "London, City of",
        "code": "34B",
        "number": "4",
        "count": "4",
    }
    row = [
        next(
            (
                value
                for word, value in said.items()
                if re.sub(r" \[.*", "", column).lower().split()[-1]
                in (word, "offences" if word == "number" else word)
                or word in column.lower()
            ),
            "What",
        )
        for column in columns
    ]
    sent = kept(service, csv_of(columns, row))
    assert (sent["cells"], sent["total"]) == (1, 4)


@pytest.mark.parametrize(
    ("heading", "sentence"),
    [
        (
            HOME_OFFICE + ",Territorial",
            "The heading Territorial is not known in the layout home-office-force",
        ),
        (HOME_OFFICE + ",Police Force", "The heading Force Name stands there twice"),
        (HOME_OFFICE.replace("Number of Offences", "Offences"), "headings are of no layout known here"),
        (HOME_OFFICE.replace("Offence Code", "Code"), "headings are of no layout known here"),
    ],
)
def test_headings_that_are_not_known_are_refused_with_those_that_are(service, heading, sentence):
    answer = send(service, f"{heading}\n2012/13,1,Kent,a,b,c,34B,5,x\n".encode())
    assert answer.status_code == 422
    assert sentence in answer.json["detail"]
    assert "Force Name or Police Force" in answer.json["detail"] or "twice" in sentence
