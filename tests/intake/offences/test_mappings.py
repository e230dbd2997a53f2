"""Extracts in a force's own words: mappings set, used, guessed, and refused with a pointer to what is
wrong."""

import json
from dataclasses import asdict

import pytest
from builders import key, value
from submission_files import checked, counts, faults, held, ndjson, send

from service.intake.offences.options import SubmissionOptions
from service.intake.offences.translation import FORMS, Untranslatable, convert_from_london, parse_local_time
from service.launcher import files
from service.web.problems import Problem

ADDRESS = "/v1/mappings/northamptonshire/niche"
MAPPING = {
    "columns": {
        "Crime No": "crime_ref",
        "District": "area",
        "HO Code": "code",
        "Recorded": "recorded_on",
        "From": "committed_from",
        "To": "committed_to",
        "Disposal": "outcome",
        "Victims": "victims",
    },
    "dates": {
        "recorded_on": ["DD/MM/YYYY"],
        "committed_from": ["DD/MM/YYYY HH:MM", "DD/MM/YYYY"],
        "committed_to": ["DD/MM/YYYY HH:MM"],
    },
    "codes": {"outcome": {"NFA": "18", "CHG": "1"}, "code": {"BURG": "28A"}},
    "ignored": ["Officer"],
}
HEADER = "Crime No,District,HO Code,Recorded,From,To,Disposal,Victims,Officer"
ROW = 'NN/1,northampton,BURG,03/05/2012,02/05/2012 20:30,,NFA,2,"Smith, PC"'
FORCE = {"force": "northamptonshire"}


@pytest.fixture
def service(service):
    yield from checked(service)


def put(service, mapping=MAPPING, tag='"0"', address=ADDRESS, **headers):
    return service.put(address, json=mapping, headers={"If-Match": tag, **headers})


def extract(*rows, header=HEADER):
    return "\r\n".join([header, *rows]).encode()


def read(service, crime_ref="NN/1"):
    [one] = service.get(f"/v1/offences?crime_ref={crime_ref}").json["items"]
    return one


def test_a_file_in_the_forces_words_is_recorded_in_ours(service):
    made = put(service)
    assert made.status_code == 201, made.json
    answer = send(
        service, extract(ROW, ROW.replace("NN/1", " NN/2 ").replace("NFA", "CHG")), mapping="niche", **FORCE
    )
    assert (answer.status_code, counts(answer.json)) == (201, (2, 0, 0, 0)), answer.json
    assert (answer.json["mapping"], answer.json["mapping_change"]) == ("niche", made.json["since_change"])
    one = read(service)
    assert {
        name: one[name]
        for name in ("code", "recorded_on", "committed_from", "committed_to", "outcome", "victims")
    } == {
        "code": "28A",
        "recorded_on": "2012-05-03",
        "committed_from": "2012-05-02T19:30:00Z",
        "committed_to": None,
        "outcome": "18",
        "victims": 2,
    }
    assert read(service, "NN/2")["outcome"] == "1"
    again = send(service, extract(ROW), mapping="niche", **FORCE)
    assert (counts(again.json), again.json["change"]) == ((0, 0, 1, 0), None)


def test_objects_and_headings_in_other_capitals_are_read_too(service):
    put(service)
    line = {
        "CRIME NO": "NN/1",
        "district": "northampton",
        "Ho  Code": "BURG",
        "Recorded": "3/5/2012",
        "From": "2/5/2012",
        "Victims": 3,
    }
    assert send(service, ndjson([line]), "application/x-ndjson", mapping="niche", **FORCE).status_code == 201
    assert (read(service)["committed_from"], read(service)["victims"]) == ("2012-05-01T23:00:00Z", 3)


def test_what_cannot_be_read_is_named_by_its_heading_and_line(service):
    put(service)
    rows = [
        ROW,
        ROW.replace("03/05/2012", "2012-05-03"),
        ROW.replace("02/05/2012 20:30", "25/03/2012 01:30"),
        ROW.replace(",2,", ",many,"),
        ROW.replace("03/05/2012", "31/04/2012"),
        ROW.replace("northampton", "atlantis"),
        ROW.replace("NFA", "OTHER"),
    ]
    rows = [row.replace("NN/1", f"NN/{number}") for number, row in enumerate(rows)]
    found = {
        line: (field, said)
        for line, field, _, said in faults(service, send(service, extract(*rows), mapping="niche", **FORCE))
    }
    assert found[3] == ("recorded_on", "Column Recorded: 2012-05-03 is not written as DD/MM/YYYY.")
    assert found[4] == (
        "committed_from",
        "Column From: 01:30 on 25 March 2012 did not happen: the clocks went forward over it.",
    )
    assert found[5] == ("victims", "Column Victims: Send a whole number.")
    assert (
        found[6][1]
        == "Column Recorded: 31/04/2012 is not a day and time of the calendar, read as DD/MM/YYYY."
    )
    assert found[7][0] == "area"
    assert found[8][1].startswith("Column Disposal: Send one of 0")
    assert (sorted(found), held(service)) == ([3, 4, 5, 6, 7, 8], 0)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (HEADER + ",Shoe size", "does not say what to do with the heading Shoe size"),
        (HEADER.replace("Crime No", "X"), "the heading X"),
        (HEADER.replace("Officer", "crime no"), "The heading Crime No stands there more than once"),
        (HEADER.replace("HO Code", "Officer"), "no heading HO Code, from which code comes"),
    ],
)
def test_a_header_that_is_not_the_mappings_is_refused(service, header, sentence):
    put(service)
    answer = send(service, extract(ROW, header=header), mapping="niche", **FORCE)
    assert answer.status_code == 422
    assert sentence in answer.json["detail"]


def with_(**said):
    return MAPPING | said


BAD = [
    (
        with_(columns=MAPPING["columns"] | {"Also": "crime_ref"}),
        "/columns/Also",
        "crime_ref comes from more than one column.",
    ),
    (
        with_(columns=MAPPING["columns"] | {"A/B": "colour"}),
        "/columns/A~1B",
        "colour is no field of an offence",
    ),
    (with_(columns=MAPPING["columns"] | {"CRIME  no": "location"}), "/columns/CRIME  no", "more than once"),
    (with_(columns={"Crime No": "crime_ref"}, dates={}, codes={}), "/columns/area", "No column gives area"),
    (with_(columns={}), "/columns", ""),
    (with_(ignored=["crime no"]), "/columns/crime no", "more than once"),
    (
        with_(dates={"recorded_on": ["DD/MM/YY"]}),
        "/dates/recorded_on",
        "DD/MM/YY is no form that recorded_on can have",
    ),
    (
        with_(dates={"reported_at": ["DD/MM/YYYY"]}),
        "/dates/reported_at",
        "is no form that reported_at can have",
    ),
    (with_(dates={"victims": ["DD/MM/YYYY"]}), "/dates/victims", "is no form that victims can have"),
    (with_(dates={"colour": ["DD/MM/YYYY"]}), "/dates/colour", "is no field"),
    (with_(codes={"colour": {"a": "b"}}), "/codes/colour", "is no field"),
    (with_(constants={"victims": "2"}), "/constants/victims", "comes from a column already"),
    (with_(constants={"outcome_on": "soon"}), "/constants/outcome_on", "Send a day"),
]


@pytest.mark.parametrize(
    ("mapping", "pointer", "sentence"), BAD, ids=[f"{number} {one[1]}" for number, one in enumerate(BAD)]
)
def test_a_mapping_that_cannot_work_is_refused_with_a_pointer(service, mapping, pointer, sentence):
    answer = put(service, mapping)
    assert answer.status_code == 422, answer.json
    assert pointer in [one["pointer"] for one in answer.json["errors"]]
    assert sentence in answer.json["detail"]


def test_mappings_are_versioned_and_a_forces_own(service):
    first = put(service)
    second = put(service, with_(constants={"location": "not known"}), first.headers["ETag"])
    assert (second.status_code, second.json["constants"]) == (200, {"location": "not known"})
    assert service.get(f"{ADDRESS}?as_of={first.json['since_change']}").json == first.json
    assert put(service, tag=first.headers["ETag"]).status_code == 412
    assert [one["name"] for one in service.get("/v1/mappings?force=northamptonshire").json["items"]] == [
        "niche"
    ]
    other = key(service, "read", "record", forces=("leicestershire",))
    assert put(service, tag=second.headers["ETag"], **other).status_code == 403
    assert put(service, address="/v1/mappings/northampton/x").status_code == 404
    assert put(service, address="/v1/mappings/northamptonshire/No%20Name").status_code == 422
    gone = service.delete(ADDRESS, headers={"If-Match": second.headers["ETag"]})
    assert (gone.status_code, service.get(ADDRESS).status_code) == (200, 404)
    assert service.get(f"{ADDRESS}?as_of={second.json['since_change']}").json["name"] == "niche"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"mapping": "niche"}, "a force's own"), ({"mapping": "other", **FORCE}, "no mapping called other")],
)
def test_a_mapping_that_there_is_not_is_said(service, asked, sentence):
    put(service)
    answer = send(service, extract(ROW), **asked)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "mapping")
    assert sentence in answer.json["detail"]


def test_constants_stand_on_every_line(service):
    columns = {heading: name for heading, name in MAPPING["columns"].items() if name != "area"}
    put(
        service,
        with_(
            columns=columns,
            constants={"area": "kettering", "outcome_on": "2012-06-01"},
            ignored=["Officer", "District"],
        ),
    )
    assert send(service, extract(ROW), mapping="niche", **FORCE).status_code == 201
    assert (read(service)["area"], read(service)["outcome_on"], value(service, area="kettering")) == (
        "E07000153",
        "2012-06-01",
        1,
    )


@pytest.mark.parametrize(
    "text", ["03/05/2012", "03-05-2012", "3.5.2012", "20120503", "3 May 2012", "03-may-2012", "2012-05-03"]
)
def test_a_day_is_read_in_the_form_it_has(text):
    read_as = {
        str(local.date()) for form in FORMS if "MM/DD" not in form and (local := parse_local_time(text, form))
    }
    assert read_as == {"2012-05-03"}


def test_the_clock_of_london():
    assert (
        convert_from_london(parse_local_time("01/07/2012 12:00", "DD/MM/YYYY HH:MM")).isoformat()
        == "2012-07-01T11:00:00+00:00"
    )
    assert (
        convert_from_london(parse_local_time("2012-10-28T01:30:00", "YYYY-MM-DDTHH:MM:SS")).isoformat()
        == "2012-10-28T00:30:00+00:00"
    )  # the first of two
    with pytest.raises(Untranslatable, match="01:30 on 25 March 2012 did not happen"):
        convert_from_london(parse_local_time("25/03/2012 01:30", "DD/MM/YYYY HH:MM"))


def test_a_mapping_is_guessed_from_a_header(service, tmp_path):
    body = {
        "headings": HEADER.split(","),
        "rows": [["NN/1", "northampton", "28A", "25/05/2012", "24/05/2012 20:30", "", "NFA", "1", ""]],
    }
    told = service.post("/v1/mappings/guess", json=body).json
    assert told["mapping"]["columns"] == {
        "Crime No": "crime_ref",
        "District": "area",
        "HO Code": "code",
        "Recorded": "recorded_on",
        "Disposal": "outcome",
        "Victims": "victims",
    } | {heading: name for heading, name in told["mapping"]["columns"].items() if heading in ("From", "To")}
    assert told["mapping"]["dates"]["recorded_on"] == ["DD/MM/YYYY"]
    assert {one["heading"]: one["confidence"] for one in told["columns"]}["Crime No"] == 1
    nothing = service.post("/v1/mappings/guess", json={"headings": ["Zzyzx"]}).json
    assert (nothing["mapping"]["columns"], nothing["mapping"]["ignored"]) == ({}, ["Zzyzx"])
    path = tmp_path / "extract.csv"
    path.write_bytes(
        extract(
            ROW,
            header=(
                "Crime Reference,District,HO Code,Date Recorded,Offence Start Date,Offence End"
                " Date,Disposal,Victims,Officer"
            ),
        )
    )
    guess = files.guess_mapping(path, 2**20)
    assert guess.missing == []
    assert guess.mapping.dates == {
        "committed_from": ["DD/MM/YYYY HH:MM"],
        "recorded_on": ["DD/MM/YYYY"],
    }
    put(service, asdict(guess.mapping) | {"codes": MAPPING["codes"]})
    assert counts(send(service, path.read_bytes(), mapping="niche", **FORCE).json) == (1, 0, 0, 0)


def test_a_mapping_in_a_file_is_used_from_a_terminal(service, tmp_path):
    path, extracted = tmp_path / "mapping.json", tmp_path / "may.csv"
    path.write_text(json.dumps(MAPPING))
    extracted.write_bytes(extract(ROW))
    options = SubmissionOptions(**FORCE, mapping=files.load_mapping(str(path)))
    receipt = files.load_file(extracted, options, 2**20)
    assert (receipt.recorded, receipt.mapping) == (1, None)
    path.write_text(json.dumps(MAPPING | {"colour": 1}))
    with pytest.raises(Problem, match="colour"):
        files.load_mapping(str(path))
