"""Workbooks made from rows, as their publishers make them: a sheet for each table, numbers as numbers and
words as text."""

import io

import openpyxl
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def valued(cell):
    """A cell of CSV as a spreadsheet takes it: whole numbers as numbers."""
    return (
        int(cell)
        if isinstance(cell, str) and cell.strip().lstrip("-").isdigit() and cell.strip() == cell
        else cell
    )


def xlsx(sheets):
    """`sheets` is rows by name of sheet."""
    workbook = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([valued(cell) for cell in row])
    held = io.BytesIO()
    workbook.save(held)
    return held.getvalue()


def ods(sheets):
    document = OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = Table(name=name)
        document.spreadsheet.addElement(table)
        for row in rows:
            line = TableRow()
            table.addElement(line)
            for value in map(valued, row):
                cell = (
                    TableCell(valuetype="float", value=value)
                    if isinstance(value, int)
                    else TableCell(valuetype="string")
                )
                cell.addElement(P(text=str(value)))
                line.addElement(cell)
    held = io.BytesIO()
    document.write(held)
    return held.getvalue()


KINDS = {ODS: ods, XLSX: xlsx}
