"""A workbook on standard input as lines of JSON on standard output: run as a process of its own, by
`service.intake.returns.workbooks`.

A workbook of five kilobytes can ask its reader for half a terabyte, and the reader then ends the process it
runs in. So it runs in one that may not take more memory and time than it is given, and that nobody misses.
"""

import datetime as dt
import io
import resource
import sys

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, load_workbook


def main() -> int:
    """Write each sheet: its name, then its rows; at last that it is the end, or what is wrong."""
    memory, seconds, columns = (int(given) for given in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        workbook = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
        for name in workbook.sheet_names:
            _write({"sheet": name})
            _write_rows(workbook, name, columns)
    except PasswordError:
        _write({"fault": "encrypted"})
    except CalamineError as fault:
        _write({"fault": "broken", "reason": str(fault)[:200]})
    else:
        _write({"end": True})
    sys.stdout.buffer.flush()
    return 0


def _write_rows(workbook: CalamineWorkbook, name: str, columns: int) -> None:
    try:
        sheet: CalamineSheet = workbook.get_sheet_by_name(name)
    except CalamineError as fault:
        if "not a worksheet" in str(fault).lower():  # a chart on a sheet of its own holds no cells
            return
        raise
    if sheet.width > columns:
        _write({"wide": sheet.width})
        return
    for row in sheet.iter_rows():
        _write(
            [
                _write_moment(value) if isinstance(value, (dt.date, dt.time, dt.timedelta)) else value
                for value in row
            ]
        )


def _write_moment(value: dt.date | dt.time | dt.timedelta) -> str:
    """A day as tables write it; times, which no table here holds, as Python writes them."""
    return f"{value:%d-%m-%Y}" if isinstance(value, dt.date) else str(value)


def _write(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
