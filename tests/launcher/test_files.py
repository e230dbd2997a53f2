"""Files from a terminal: the same code as over HTTP, with progress that a log can hold and a terminal can
draw."""

import io
import os
import pty
import re
import select
import termios
from dataclasses import replace
from pathlib import Path

import pytest
from builders import offence

from service.intake.offences.options import SubmissionOptions
from service.intake.returns.options import ReturnOptions
from service.launcher import files
from service.store import database
from service.web.answers import formats
from service.web.problems import Problem

OPTIONS = SubmissionOptions(force="northamptonshire", reason="loaded")
LINE = re.compile(r"May 2012: ([0-9,]+) rows, ([0-9,]+) rows/s")


def pieces(number):
    yield b"area,code,committed_from,crime_ref,recorded_on\n"
    for one in range(number):
        yield f"northampton,28A,2012-05-02T20:00:00Z,NN/{one},2012-05-03\n".encode()


def load(number, **options):
    return files.load_offences(pieces(number), formats.CSV, "May 2012", replace(OPTIONS, **options))


def test_a_file_is_loaded_as_over_http(service):
    receipt = load(20)
    assert (receipt.recorded, receipt.status, receipt.caller) == (20, "accepted", "crimebook")
    assert service.get(f"/v1/submissions/{receipt.submission_id}").json["digest"] == receipt.digest
    again = load(20)
    assert (again.unchanged, again.change) == (20, None)
    assert load(20, validate_only=True).status == "rehearsed"
    with database.reading() as book:
        assert book.intake.offences.submissions.accepted_for(reason="loaded")
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []


def test_in_a_log_progress_is_one_plain_line_at_the_end(service, capsys):
    load(1234)
    [line] = capsys.readouterr().err.splitlines()
    match = LINE.fullmatch(line)
    assert match, line
    assert match[1] == "1,234"
    assert int(match[2].replace(",", "")) > 0


def test_in_a_log_a_long_load_says_how_far_it_is_now_and_then(service, capsys, monkeypatch):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_LINES", 0.001)
    load(2000)
    lines = capsys.readouterr().err.splitlines()
    counts = [int(LINE.fullmatch(line)[1].replace(",", "")) for line in lines]
    assert len(counts) > 2
    assert counts == sorted(counts)
    assert counts[0] > 0
    assert counts[-1] == 2000


def test_on_a_terminal_progress_is_a_bar(service, monkeypatch):
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (25, 100))
    with os.fdopen(writer, "w") as terminal, monkeypatch.context() as during:
        during.setattr("sys.stderr", terminal)
        load(50)
        terminal.flush()
        shown = b""
        while select.select([reader], [], [], 0.2)[0]:
            shown += os.read(reader, 65_536)
    os.close(reader)
    assert b"\rMay 2012: 50 rows [" in shown
    assert b"rows/s" in shown


def test_a_load_that_fails_does_not_say_that_it_is_done(service, capsys):
    def broken():
        yield from pieces(5)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        files.load_offences(broken(), formats.CSV, "May 2012", OPTIONS)
    assert capsys.readouterr().err == ""
    assert service.get("/v1/offences").json["items"] == []


def test_what_no_force_can_be_told_of_is_said_plainly(service):
    with pytest.raises(Problem) as fault:
        files.load_offences(iter([b"area,colour\n"]), formats.CSV, "May 2012", OPTIONS)
    said = files.write_problem(fault.value).splitlines()
    assert said[0].startswith("The header names colour")
    assert all(line.startswith("  line 1: ") for line in said[1:])


def test_a_return_is_loaded_once(service):
    file = (
        b"Financial Year,Financial Quarter,Force Name,Offence Code,Number of Offences\n2012/13,1,Kent,34B,5\n"
    )
    options = ReturnOptions(source="home-office-pfa", edition="2013-07")
    first = files.load_return(file, options)
    assert files.load_return(file, options) == first
    assert service.get(f"/v1/returns/{first['return_id']}").json["total"] == 5


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.csv", formats.CSV),
        ("a.CSV", formats.CSV),
        ("a.ndjson", formats.NDJSON),
        ("a.jsonl", formats.NDJSON),
    ],
)
def test_a_files_ending_says_what_it_is(name, media_type):
    assert files.find_media_type(Path(name)) == media_type


def test_another_ending_is_refused():
    with pytest.raises(ValueError, match=r"offences come as \.csv, \.jsonl, \.ndjson"):
        files.find_media_type(Path("a.xlsx"))


def test_a_last_line_without_an_end_is_counted(capsys):
    with files.ProgressLines("May 2012") as progress:
        assert list(files._count_rows([b"one\ntwo\nth", b"ree"], progress, 0)) == [b"one\ntwo\nth", b"ree"]
    assert capsys.readouterr().err.startswith("May 2012: 3 rows, ")


def test_the_fewest_words_of_a_record_are_enough(service):
    sent = offence()
    text = io.StringIO()
    text.write("area,code,committed_from,crime_ref,force,recorded_on\n")
    text.write(
        ",".join(
            sent[name] for name in ("area", "code", "committed_from", "crime_ref", "force", "recorded_on")
        )
    )
    receipt = files.load_offences(
        iter([text.getvalue().encode()]), formats.CSV, "May 2012", replace(OPTIONS, force=None)
    )
    assert (receipt.recorded, receipt.lines) == (1, 1)
