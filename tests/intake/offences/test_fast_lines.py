"""The fast way of a line into the book, held against the slow one: what a pattern takes, marshmallow takes
with the same value."""

import csv
import io
import json
import random

import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, offence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError, validates_schema
from submission_files import as_csv, ndjson

from service.intake.offences import fast_lines, lines, staging
from service.intake.offences.fast_lines import MOST_SHAPES, Recogniser
from service.intake.offences.staged import Staged
from service.store import database
from service.web.answers import formats

FIELDS = lines.OffenceLine().fields
TEXTS = st.one_of(
    st.sampled_from(
        [
            "Gold Street",
            "12 Gold Street, Northampton",
            "Café",
            " a",
            "a ",
            "\u00a0a",
            "a\u2003",
            "a\x1fb",
            "x\x7f",
            'a"b',
            "a'b",
            "\\.",
            "\\",
            "NULL",
            "null",
            "=cmd|' /C calc'!A0",
            "-",
            "a\tb",
            "\u0085a",
            "a" * 64,
            "a" * 65,
            "é" * 200,
            "é" * 201,
            "b" * 500,
            "b" * 501,
            "",
            "\U0001f600",
            FORCE,
            NORTHAMPTON,
            "northamptonshire",
            "Northamptonshire",
        ]
    ),
    st.text(max_size=8),
)
DAYS = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        [
            "2012-02-29",
            "2013-02-29",
            "2012-02-30",
            "2012-04-31",
            "1799-12-31",
            "1800-01-01",
            "2999-12-31",
            "3000-01-01",
            "2012-00-10",
            "2012-13-01",
            "2012-1-1",
            "20120503",
            "2012-05-00",
            "２012-05-03",
            "2012-12-31",
            "03/05/2012",
        ]
    ),
)
CLOCKS = st.sampled_from(
    [
        "T20:00:00Z",
        "T20:00:00z",
        "t20:00:00Z",
        "T24:00:00Z",
        "T23:59:60Z",
        "T23:59:59.5Z",
        "T00:00:00.1234567Z",
        " 20:00:00Z",
        "T20:00:00.123456Z",
        "T20:00Z",
        "T20:00:00",
        "T20:00:00+01:00",
        "T20:00:00-13:59",
        "T20:00:00+14:00",
        "T20:00:00+1:00",
        "T20:00:00+01:60",
        "T12:00:00+0100",
        "T20:00:00.000001+05:45",
    ]
)
INSTANTS = st.tuples(DAYS, CLOCKS).map("".join)
NUMBERS = st.sampled_from(
    [
        "0",
        "1",
        "10",
        "007",
        "9999",
        "10000",
        "10001",
        "-1",
        "+1",
        "1.0",
        "1e2",
        "1_0",
        "٣",
        "many",
        " 1",
        "-0",
    ]
)
CHOICES = st.sampled_from(["0", "1", "1A", "1a", "22", "23", "2A ", "01"])
UUIDS = st.one_of(
    st.uuids().map(str), st.uuids().map(lambda one: str(one).upper()), st.uuids().map(lambda one: one.hex)
)
SAID = {
    "Text": TEXTS,
    "Date": DAYS,
    "Instant": INSTANTS,
    "Integer": NUMBERS,
    "Choice": CHOICES,
    "Uuid": UUIDS,
}
GOOD = {
    name: str(said) for name, said in offence(crime_ref="NN/1", outcome="14", outcome_on="2012-05-04").items()
}

VALUES = {name: SAID[type(field).__name__] for name, field in FIELDS.items()}
ROWS = st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names}).map(lambda odd: GOOD | odd)
)
QUOTED = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


def slowly(read, schema, staged, line):
    """The row that the line becomes by marshmallow, or null."""
    sent = read(1, line)
    if sent is None:
        return None
    try:
        draft = schema.load(sent)
    except ValidationError:
        return None
    return draft


def cells_mean(schema, cells):
    """What COPY would put into the columns, as the values of a draft."""
    [plain] = csv.reader([",".join(cells)], strict=True)
    said = {name: cell for name, cell in zip(lines.RECOGNISED, plain, strict=True) if cell}
    return lines.OffenceRow().load(said)


def hold(reader_of, header_line, line):
    staged = Staged({FORCE: FORCE, "northamptonshire": FORCE})
    reader = reader_of(iter([header_line] if header_line is not None else []), staged)
    assert staged.faults.count == 0
    cells = reader.recognise(line)
    if cells is None:
        return False
    slow = slowly(reader.read_line, reader.schema, staged, line)
    assert slow is not None, (line, staged.faults)
    assert cells_mean(reader.schema, cells) == slow, line
    return True


def line_of(values, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator="").writerow(values)
    return text.getvalue()


def turned(row, chance):
    """The fields of a row in one of few orders, since each order is a pattern to make."""
    names = list(GOOD) + sorted(set(row) - set(GOOD))
    return names if chance.random() < 0.5 else names[::-1]


bounded = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))


@bounded
@given(ROWS, QUOTED, st.randoms(use_true_random=False))
def test_a_row_that_is_recognised_is_what_marshmallow_makes_of_it(row, quoting, chance):
    names = turned(row, chance)
    line = line_of([row[name] for name in names], quoting).encode("utf-8", "surrogatepass")
    hold(lines.RowReader, line_of(names, csv.QUOTE_MINIMAL).encode(), line)


@bounded
@given(
    ROWS,
    st.sampled_from([(", ", ": "), (",", ":"), (" ,", " :")]),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_an_object_that_is_recognised_is_what_marshmallow_makes_of_it(row, separators, escaped, chance):
    names = turned(row, chance)
    sent = {name: row[name] for name in names if chance.random() > 0.01}
    if "victims" in sent and chance.random() < 0.9:
        sent["victims"] = chance.choice([0, 1, 10_000, 10_001, -1, 1.0, 1.5, True, None, 12, "1", [1]])
    if chance.random() < 0.2:
        sent[chance.choice(names)] = chance.choice([None, 5, True, ["a"], {"b": 1}])
    line = json.dumps(sent, separators=separators, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    hold(lines.ObjectReader, None, line)


@pytest.mark.parametrize("file", [as_csv, ndjson])
def test_the_usual_line_is_recognised(file):
    sent = offence(
        crime_ref="NN/1",
        location='12 Gold Street, "Northampton"'.replace('"', ""),
        recorded_at="2012-05-03T09:00:00+01:00",
    )
    header, line = file([sent]).split(b"\r\n")[:2] if file is as_csv else (None, file([sent]))
    assert hold(lines.RowReader if file is as_csv else lines.ObjectReader, header, line)


def test_null_and_defaults_are_what_marshmallow_says():
    line = json.dumps(offence(location=None, committed_to=None)).encode()
    assert hold(lines.ObjectReader, None, line)
    few = {name: said for name, said in offence().items() if FIELDS[name].required or name == "force"}
    assert hold(lines.ObjectReader, None, json.dumps(few).encode())
    header, row = as_csv([few | {"outcome": "", "victims": ""}]).split(b"\r\n")[:2]
    assert hold(lines.RowReader, header, row)


def test_a_schema_that_judges_fields_together_is_left_to_marshmallow():
    class Stricter(lines.OffenceRow):
        @validates_schema
        def nothing_is_good(self, data, **_):
            raise ValidationError("No.")

    names = list(GOOD)
    line = ",".join(GOOD[name] for name in names).encode()
    assert Recogniser(lines.OffenceRow(), names).of_rows(names)(line) is not None
    assert Recogniser(Stricter(), names).of_rows(names)(line) is None


def test_objects_of_many_orders_are_all_taken():
    recognise = Recogniser(lines.OffenceLine(), lines.RECOGNISED).of_objects()
    names = list(offence())
    for turn in range(MOST_SHAPES + 5):
        names = names[-1:] + names[:-1] if turn % 2 else names[:1] + names[:0:-1]
        sent = offence()
        line = json.dumps({name: sent[name] for name in names}).encode()
        cells = recognise(line)
        assert cells is None or cells_mean(lines.OffenceLine(), cells)["crime_ref"] == sent["crime_ref"]


def staged(file, media_type):
    with database.preparing() as book:
        found = staging.stage_offences(book, iter([file]), media_type, None)
        with book.connection.cursor() as cursor:
            cursor.execute(f"select line, {', '.join(lines.COLUMNS)} from staged_offence order by line")
            return cursor.fetchall(), found.faults.kept, found.lines, found.force


@pytest.mark.parametrize("media_type", [formats.CSV, formats.NDJSON])
def test_a_whole_file_comes_to_the_same_rows_and_faults_either_way(service, monkeypatch, media_type):
    """In the database too: what COPY makes of a recognised cell is what it makes of marshmallow's value."""
    rng = random.Random(11)
    examples = {
        "location": [
            "Café",
            '12, "The" Drapery',
            "\\.",
            "\\N",
            " x",
            "a\x00b",
            "=1+1",
            None,
            "x" * 500,
            "x" * 501,
            "NULL",
        ],
        "committed_from": [
            "2012-05-02T20:00:00.123456Z",
            "2012-05-02T21:00:00+01:00",
            "2012-02-29T00:00:00Z",
            "x",
        ],
        "victims": [0, 10_000, 10_001],
        "outcome": ["14", "1A", "99"],
        "force": ["northamptonshire", "Leicestershire", "atlantis"],
        "area": ["kettering", KETTERING],
        "recorded_on": ["2012-02-29", "2013-02-29", "2012-05-03"],
    }
    rows = [offence(crime_ref=f"NN/{number}", location=None, outcome="0") for number in range(400)]
    for row in rows[1:]:
        for name in rng.sample(sorted(examples), rng.choice([0, 0, 1, 2])):
            row[name] = rng.choice(examples[name])
    file = as_csv(rows) if media_type == formats.CSV else ndjson(rows)
    fast = staged(file, media_type)
    monkeypatch.setattr(fast_lines, "_is_our_own", lambda _: False)
    assert staged(file, media_type) == fast
    assert len(fast[0]) > 150
    assert len(fast[1]) > 50
