"""Workbooks hold what CSV files hold, on sheets; what is wrong with one is told, and harms nobody."""

import csv
import gzip
import io
import struct
import zipfile

import openpyxl
import pytest
from return_files import (
    EARLIER,
    GOOD,
    HOME_OFFICE,
    ONS_TABLES,
    OUTCOMES,
    ROLLING,
    csv_of,
    figures,
    home_office,
    kept,
    last_change,
    listed,
    send,
)
from workbook_files import KINDS, ODS, XLSX, xlsx

HEAD = HOME_OFFICE.split(",")
COVER = [["Police recorded crime"], ["Contents"], ["Notes", "Figures are revised"]]


def line(year, quarter, force, code, count):
    return [year, quarter, force, "What", "Group", "Subgroup", code, count]


def rows_in(path):
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def cells_of(service, sent, *without):
    return [
        {name: value for name, value in cell.items() if name not in without}
        for cell in listed(service, f"/v1/returns/{sent['return_id']}/cells")
    ]


@pytest.mark.parametrize("media_type", [ODS, XLSX])
def test_a_workbook_has_the_cells_of_the_csv_files_that_its_sheets_are(service, media_type):
    head, *rows = rows_in(EARLIER)
    some = [row for row in rows if row[2] in ("Northamptonshire", "London, City of", "Action Fraud")]
    sheets = {
        "Cover": COVER,
        "2017_18": [head, *some],
        "2018-19": [head, *(["2018/19", *row[1:]] for row in some)],
        "Notes": COVER,
    }
    plain = kept(service, csv_of(head, *some, *(["2018/19", *row[1:]] for row in some)), source="as-csv")
    sent = kept(service, KINDS[media_type](sheets), source="as-workbook", media_type=media_type)
    assert (
        (sent["cells"], sent["total"])
        == (plain["cells"], plain["total"])
        == (2 * len(some), 2 * sum(int(row[7]) for row in some))
    )
    assert sent["total"] != 0
    cells = cells_of(service, sent, "line", "sheet")
    assert cells == cells_of(service, plain, "line", "sheet")
    placed = [(cell["sheet"], int(cell["line"])) for cell in cells_of(service, sent)]
    assert placed == [
        (sheet, number) for sheet in ("2017_18", "2018-19") for number in range(2, len(some) + 2)
    ]
    totals = [
        figures(service, area="northamptonshire", period="2018/19", source=source)[0]["value"]
        for source in ("as-csv", "as-workbook")
    ]
    assert totals[0] == totals[1] > 0


@pytest.mark.parametrize("media_type", [ODS, XLSX])
@pytest.mark.parametrize(
    ("path", "asked"),
    [(OUTCOMES, {"basis": "recorded"}), (ROLLING, {"understood_only": "true"})],
    ids=["outcomes", "rolling"],
)
def test_other_tables_are_the_same_in_a_workbook(service, media_type, path, asked):
    head, *rows = rows_in(path)
    some = rows[:1200]
    plain = kept(service, csv_of(head, *some), source="as-csv", **asked)
    sent = kept(
        service,
        KINDS[media_type]({"Table": [head, *some]}),
        source="as-workbook",
        media_type=media_type,
        **asked,
    )
    assert cells_of(service, sent, "sheet") == cells_of(service, plain, "sheet")
    assert (sent["cells"], sent["refused"], sent["total"]) == (
        plain["cells"],
        plain["refused"],
        plain["total"],
    )


def table(name):
    """The headings of a table of ONS, and what it says of a few forces and of all."""
    head, *rows = rows_in(ONS_TABLES / f"table-{name}.csv")
    few = ("Northamptonshire", "Suffolk", "ENGLAND", "British Transport Police", "Greater Manchester")
    return [head, *(row for row in rows if row[0].startswith(few) or row[1].startswith(few))]


def of_ons():
    """The workbook of ONS: each table under its title and a note, the counts of now and of a year earlier,
    percentages and rates."""
    titles = {
        "P1": "number of offences, year ending December 2024 [note 1]",
        "P2": "percentage change, year ending December 2024",
        "P3": "rates, year ending December 2024",
        "P4": "number of offences, year ending December 2023",
        "C1": "districts",
        "C2": "offences, year ending December 2024",
        "C4": "rates",
        "C5": "offences, year ending December 2023",
    }
    sheets = {
        f"Table {name}": [[f"Table {name}: {title}"], ["This worksheet holds one table."], [], *table(name)]
        for name, title in titles.items()
    }
    return {"Cover": COVER, **sheets, "Notes": COVER}


@pytest.mark.parametrize("media_type", [ODS, XLSX])
def test_the_workbook_of_ons_says_its_own_periods_and_what_two_tables_share_once(service, media_type):
    sent = kept(service, KINDS[media_type](of_ons()), source="ons-pfa-tables", media_type=media_type)
    counts = {name: table(name) for name in ("P1", "P4", "C2", "C5")}
    shared = sum(1 for row in counts["C2"][1:] if row[0] and not row[3])
    held = {name: [row for row in rows[1:] if any(row[6:])] for name, rows in counts.items()}
    assert sent["cells"] == 23 * (sum(map(len, held.values())) - 2 * shared)
    assert (sent["first_day"], sent["last_day"]) == ("2023-01-01", "2024-12-31")
    assert {cell["sheet"] for cell in cells_of(service, sent)} == {
        "Table P1",
        "Table P4",
        "Table C2",
        "Table C5",
    }
    for period, value in (("2024", 59741), ("2023", 61288)):
        [figure] = figures(
            service,
            area="northamptonshire",
            category="all-crime-excluding-fraud",
            period=period,
            source="ons-pfa-tables",
        )
        assert (figure["value"], figure["period"]["complete"]) == (value, True)


def changed(data, old, new):
    return data.replace(old, new)


def encrypted():
    data = bytearray(xlsx({"2012_13": [HEAD, line(*GOOD)]}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says so, in every header
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 1)
    return bytes(data)


def zipped(**files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def formulas():
    workbook = openpyxl.Workbook()
    workbook.active.title = "2012_13"
    for row in (HEAD, [*line(*GOOD)[:7], "=2+3"]):
        workbook.active.append(row)
    held = io.BytesIO()
    workbook.save(held)
    return held.getvalue()


def far_away():
    """Two cells, the last of the sheet among them: its reader asks for a cell for each of those between, half
    a terabyte."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "2012_13"
    workbook.active["A1"], workbook.active["GR1048576"] = "Financial Year", 1
    held = io.BytesIO()
    workbook.save(held)
    data = zipfile.ZipFile(io.BytesIO(held.getvalue()))
    return zipped(**{name: data.read(name).replace(b"GR1048576", b"XFD1048576") for name in data.namelist()})


def repeated():
    """One row of one cell, which says that it stands there a million times sixteen thousand times."""
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table'
        ' table:name="2012_13">'
        f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f"""<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
><manifest:file-entry
        manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>"""
    return zipped(**{"mimetype": ODS, "content.xml": content, "META-INF/manifest.xml": manifest})


KENT = line("2012/13", 2, "Kent", "34B", 5)
BROKEN = [
    (xlsx({"2012_13": [HEAD, line(*GOOD)]})[:-200], "it is no ODS or XLSX file"),
    (b"PK\x03\x04 and no more", "it is no ODS or XLSX file"),
    (zipped(**{"content.xml": b"<office>", "mimetype": ODS}), "cannot be read"),
    (zipped(**{"readme.txt": b"hello"}), "not wholly, what an ODS or XLSX file is"),
    (encrypted(), "protected by a password"),
    (far_away(), "memory"),
    (repeated(), "not wholly, what an ODS or XLSX file is"),
    (xlsx({"2012_13": [[*HEAD, *range(200)]]}), "sheet 2012_13 has 208 columns, and 200 are the most"),
    (
        xlsx({"Cover": COVER, "Notes": COVER}),
        "No sheet has counts under headings that are known here. The workbook has Cover, Notes.",
    ),
    (
        xlsx({"2012_13": [["Year", "Force"], [2012, "Kent"]]}),
        "Sheet 2012_13, line 1: The headings are of no layout known here",
    ),
    (xlsx({"2012_13": []}), "Sheet 2012_13, line 1: The headings are of no layout known here"),
    (xlsx({"2012_13": [HEAD]}), "The file holds no count"),
    (
        xlsx({"2012_13": [HEAD, KENT], "2012-13": [HEAD, KENT]}),
        "Sheets 2012_13 and 2012-13 are both of 2012/13",
    ),
    (
        xlsx({"2012_13": [HEAD, KENT], "Again": [HEAD, KENT]}),
        "This cell stands on 2 lines, first on line 2 of sheet 2012_13",
    ),
    (
        xlsx({"2012_13": [HEAD, KENT], "2013_14": [HEAD, KENT]}),
        "Sheet 2013_14, line 2: The sheet is of 2013/14, and this line of 2012/13.",
    ),
    (xlsx({"2012_13": [HEAD, KENT, ["Note 1: revised", *[None] * 7]]}), "Sheet 2012_13, line 3:"),
    (xlsx({"2012_13": [[*HEAD[:2], "", *HEAD[3:]], KENT]}), "headings are of no layout known here"),
    (xlsx({"2012_13": [[*HEAD, "", ""], [*KENT, 7]]}), "The line has 9 cells, the header 8"),
    (
        xlsx(
            {
                "2012_13": [HEAD, KENT],
                "Years": [
                    ["12 months ending", "PFA", "Region", "Offence", "Rolling year total number of offences"]
                ],
            }
        ),
        "Sheet Years is ons-rolling-year, an earlier one is not",
    ),
    (
        xlsx({"2012_13": [HEAD, line("2012/13", 2, "Kent", 4.1, 5)]}),
        "4.1 stands in a cell of numbers, where a nought at the end is lost",
    ),
    (xlsx({"2012_13": [HEAD, line("2012/13", 2, "Kent", "34B", 5.5)]}), "5.5 is not a whole number"),
    (xlsx({"2012_13": [HEAD, line("2012/13", 2, "Kent", "34B", True)]}), "True is not a whole number"),
    (
        formulas(),
        "An empty cell is not a whole number",
    ),  # nobody has worked it out: what is not there is not nought
    (
        xlsx(
            {
                "P1": [
                    ["Table P1, year ending March 2024 and year ending March 2023"],
                    ["Area Code", "Area Name", "Total recorded crime (excluding fraud)"],
                    ["E23000032", "Kent", 5],
                ]
            }
        ),
        "more than one year",
    ),
    (b"", "The body is not application/vnd.openxmlformats"),
    (home_office(GOOD), "The body is not application/vnd.openxmlformats"),
]


@pytest.mark.parametrize(
    ("file", "sentence"), BROKEN, ids=[f"{number} {one[1][:40]}" for number, one in enumerate(BROKEN)]
)
def test_a_workbook_that_cannot_be_understood_is_refused_whole(service, file, sentence):
    before = last_change(service)
    answer = send(service, file, media_type=XLSX)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["detail"]
    assert (service.get("/v1/returns").json["items"], last_change(service)) == ([], before)


def test_the_type_told_is_the_type_sent(service):
    workbook = xlsx({"2012_13": [HEAD, KENT]})
    assert send(service, workbook, media_type="application/pdf").status_code == 415
    assert "not text/csv" in send(service, workbook).json["detail"]
    assert kept(service, workbook, media_type=XLSX)["cells"] == 1


def test_a_formula_counts_what_the_spreadsheet_worked_out(service):
    data = zipfile.ZipFile(io.BytesIO(formulas()))
    worked_out = zipped(
        **{
            name: (
                data.read(name)
                .replace(b"<v></v>", b"<v>5</v>")
                .replace(b"<v />", b"<v>5</v>")
                .replace(b"<v/>", b"<v>5</v>")
            )
            for name in data.namelist()
        }
    )
    assert kept(service, worked_out, media_type=XLSX)["total"] == 5


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_unpacked(service, monkeypatch):
    workbook = xlsx({"2012_13": [HEAD, *[KENT] * 5000]})
    monkeypatch.setattr("service.intake.returns.tables.LARGEST_UNPACKED", 100_000)
    assert send(service, workbook, media_type=XLSX).status_code == 413
    monkeypatch.setattr("service.intake.returns.tables.LARGEST_UNPACKED", 2**30)
    monkeypatch.setattr("service.intake.returns.workbooks.MOST_SHEETS", 3)
    assert (
        send(service, xlsx({f"Sheet {number}": COVER for number in range(4)}), media_type=XLSX).status_code
        == 413
    )
    monkeypatch.setattr("service.intake.returns.workbooks.MOST_FILES_INSIDE", 3)
    assert send(service, workbook, media_type=XLSX).status_code == 413


def test_a_directory_that_lies_about_its_sizes_meets_the_limits_of_the_reader(service, monkeypatch):
    rows = b"<row r='%d'><c r='A%d'><v>1</v></c></row>"
    inside = zipfile.ZipFile(io.BytesIO(xlsx({"2012_13": [HEAD]})))
    sheet = next(name for name in inside.namelist() if "sheets/" in name)
    long = inside.read(sheet).replace(
        b"</sheetData>", b"".join(rows % (at, at) for at in range(2, 400_000)) + b"</sheetData>"
    )
    data = bytearray(
        zipped(**{name: inside.read(name) if name != sheet else long for name in inside.namelist()})
    )
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark)
        while place >= 0:
            if struct.unpack_from("<I", data, place + at)[0] == len(long):
                struct.pack_into("<I", data, place + at, 1000)
            place = data.find(mark, place + 1)
    monkeypatch.setattr("service.intake.returns.workbooks.MOST_MEMORY", 2**28)
    answer = send(service, bytes(data), media_type=XLSX)
    assert (answer.status_code, "cannot be read" in answer.json["detail"]) == (422, True)
