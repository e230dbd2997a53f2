"""Every limit that docs/operating.md writes down, at its edge and beyond."""

import csv
import re
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from builders import key, offence, record, submit
from return_files import GOOD, home_office, send
from submission_files import lines
from workbook_files import XLSX, xlsx

from service.figures.ranking import places as ranked_places
from service.intake.offences import replacements
from service.intake.police_uk import archives
from service.intake.returns import layouts
from service.store import copying_out, database
from service.web.request import places
from service.web.request.rate_limits import RateLimits, Windows, network, share
from service.web.request.wiring import wiring_of

PROJECT = Path(__file__).parents[1]
TRIED = {
    "JSON body": "web/test_problems.py::test_the_largest_body_is_taken",
    "file of offences": (
        "intake/offences/test_submissions_on_the_way.py::test_a_file_larger_than_allowed_is_refused"
    ),
    "line of such a file": (
        "intake/offences/test_faults.py::test_a_row_that_cannot_be_read_is_named_by_its_line"
    ),
    "gzipped file, unpacked": (
        "web/request/test_gzip_uploads.py::test_a_bomb_is_refused_before_it_fills_anything"
    ),
    "headings of a mapping": (
        "test_limits.py::test_a_mapping_names_at_most_two_hundred_headings_and_ten_forms_of_a_day"
    ),
    "records kept of those that a replaced period loses": (
        "test_limits.py::test_of_what_a_replaced_period_loses_so_much_is_kept_and_all_is_counted"
    ),
    "faults kept of a file": "intake/offences/test_faults.py::test_faults_too_many_to_keep_are_counted",
    "file of an official return": (
        "intake/returns/test_return_faults.py::test_a_file_larger_than_allowed_is_refused"
    ),
    "line of such a file in CSV": (
        "intake/returns/test_return_faults.py::test_a_file_that_cannot_be_read_is_refused_whole"
    ),
    "workbook": (
        "intake/returns/test_workbooks.py::test_a_workbook_that_cannot_be_understood_is_refused_whole"
    ),
    "reading a workbook, in a process of its own": (
        "intake/returns/test_workbooks.py::test_a_directory_that_lies_about_its_sizes_meets_the_limits_of_the_reader"
    ),
    "bars, series, points of each, places, months of a target in a picture": (
        "pictures/test_pictures.py::test_more_than_can_be_read_is_refused_with_the_limit_and_still_to_be_had_as_json"
    ),
    "drawing a picture, in a process of its own": (
        "pictures/test_drawing.py::test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_drawn"
    ),
    "pictures that are drawn or wait for their turn": (
        "pictures/test_drawing.py::test_more_than_half_of_the_threads_do_not_wait_for_pictures_and_who_is_one_too_many_is_told_so"
    ),
    "wait of a picture for its turn": (
        "pictures/test_drawing.py::test_a_turn_that_does_not_come_is_refused_in_time"
    ),
    "rest of the process that draws": "pictures/test_drawing.py::test_it_ends_after_a_rest_and_begins_again",
    "lines above the headings of a sheet": (
        "test_limits.py::test_so_many_lines_may_stand_above_the_headings_of_a_sheet"
    ),
    "files of data.police.uk in one submission, as sent and unpacked": (
        "intake/police_uk/test_faults.py::test_a_file_that_unpacks_to_more_than_is_taken_is_refused"
    ),
    "files in a zip archive": (
        "intake/police_uk/test_faults.py::test_an_archive_of_too_many_files_is_refused_before_they_are_listed"
    ),
    "files passed over that a receipt names": (
        "test_limits.py::test_a_receipt_names_a_hundred_files_that_were_passed_over_and_counts_all"
    ),
    "months in a question about street crimes": (
        "test_limits.py::test_a_question_about_street_crimes_spans_at_most_240_months"
    ),
    "`Location`, `Crime ID` of data.police.uk": "intake/police_uk/test_faults.py::test_a_bad_line_is_named",
    "page of a list": "test_limits.py::test_a_page_has_at_most_a_thousand_items",
    "areas, categories in one question": (
        "test_limits.py::test_a_question_names_at_most_a_hundred_areas_and_two_hundred_categories"
    ),
    "areas, categories in one release; its title": (
        "test_limits.py::test_a_release_names_at_most_100_areas_and_200_categories_under_a_title_of_300_characters"
    ),
    "figures in one answer (areas × categories × months, by code × 250)": (
        "figures/test_summaries.py::test_a_question_for_endless_figures_is_refused"
    ),
    "points in one answer of series (areas × categories × points), of a return": (
        "figures/series/test_series.py::test_a_question_for_endless_points_is_refused"
    ),
    "places in a ranking; its seed": (
        "test_limits.py::test_a_ranking_has_at_most_four_hundred_places_and_a_seed_of_32_bits"
    ),
    "forces in a peer group, beside its own": "test_limits.py::test_a_peer_group_has_at_most_fifteen_others",
    "key; token": "callers/test_tokens.py::test_a_key_has_at_most_200_characters_and_a_token_8192",
    "areas in one question of figures for auditors": (
        "audit/test_timeliness.py::test_a_hundred_areas_may_be_asked_and_any_reader_may_ask"
    ),
    "size, seed of a sample": "audit/test_samples.py::test_the_longest_seed_and_the_largest_sample_are_drawn",
    "rest of a slow reader of a whole list": (
        "web/answers/test_exports.py::test_whoever_rests_too_long_is_cut_off"
    ),
    "statement": "web/test_problems.py::test_a_statement_that_takes_too_long_is_503",
    "wait of a commit for replicas": (
        "store/scaling/test_replicas.py::test_a_change_that_no_replica_took_in_time_is_in_doubt_and_not_acknowledged"
    ),
    "replica behind the primary": (
        "store/scaling/test_replicas.py::test_a_replica_too_far_behind_is_not_read_until_it_has_caught_up"
    ),
    "replica that does not answer": (
        "store/scaling/test_replicas.py::test_a_replica_that_died_is_left_alone_and_read_again_when_it_lives"
    ),
    "whole list as a file": "test_limits.py::test_a_whole_list_has_an_hour",
    "wait for a change (`/v1/changes?wait=`)": (
        "audit/test_change_feed.py::test_nobody_waits_longer_than_a_minute_or_for_the_past"
    ),
    "callers that wait for a change": "audit/test_change_feed.py::test_only_so_many_wait_at_once",
    "years in a draft of the Home Office's table": (
        "test_limits.py::test_a_draft_of_the_home_office_table_is_of_at_most_twenty_years"
    ),
    "address line": "web/server/test_gunicorn.py::test_what_is_not_http_is_answered_with_a_problem",
    "headers of a request": "web/server/test_gunicorn.py::test_what_is_not_http_is_answered_with_a_problem",
    "head of a request, with a body up to 32 KiB": (
        "web/server/test_slow_callers.py::test_who_sends_too_slowly_is_told_so_and_hung_up_on"
    ),
    "longer body": "web/server/test_slow_callers.py::test_a_longer_body_must_keep_coming",
    "rest of a caller who does not take an answer": (
        "web/server/test_slow_callers.py::test_who_does_not_take_an_answer_is_hung_up_on"
    ),
    "connections": (
        "web/server/test_slow_callers.py::test_beyond_so_many_connections_a_caller_waits_until_one_is_closed"
    ),
    "wait for a thread": (
        "web/server/test_overload.py::test_more_than_can_be_done_is_served_or_told_to_come_again_and_nothing_acknowledged_is_lost"
    ),
    "files, and bodies over 32 KiB, under way": (
        "test_limits.py::test_half_of_the_threads_take_files_and_long_bodies"
    ),
    "changes that are made or wait for their turn": (
        "test_limits.py::test_two_threads_are_left_by_those_who_wait_to_change_something"
    ),
    "requests of one caller": "test_limits.py::test_a_caller_may_ask_so_often_and_is_told_what_is_left",
    "requests without a key in use from one address": "test_limits.py::test_an_address_may_try_so_many_keys",
    "`Crimebook-Change` of a question": (
        "store/scaling/test_replicas.py::test_a_change_that_is_no_number_is_refused_by_name"
    ),
    "`Idempotency-Key`": "web/request/test_retries.py::test_a_key_is_up_to_200_visible_characters",
    "`Justification`": (
        "audit/test_accesses_asked.py::test_a_justification_is_up_to_500_characters_without_controls"
    ),
    "`crime_ref`, `location`": "test_limits.py::test_text_has_a_longest_length",
    "area code, offence code": "reference/test_areas.py::test_an_area_code_is_letters_digits_and_hyphens",
}
"""Each row of the table of limits, and the test that goes up to it and beyond."""


def test_every_limit_in_the_operators_table_is_tried():
    table = (PROJECT / "docs" / "operating.md").read_text().split("## Limits")[1].split("\n\n")[1]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert rows == list(dict.fromkeys(rows))
    assert set(rows) == set(TRIED)
    for told in TRIED.values():
        file, name = told.split("::")
        assert re.search(rf"^def {name}\(", (PROJECT / "tests" / file).read_text(), re.MULTILINE), told


def test_a_question_names_at_most_a_hundred_areas_and_two_hundred_categories(service):
    def ask(areas, categories):
        question = {
            "area": ["northampton"] * areas,
            "category": ["robbery"] * categories,
            "period": "2012/13",
        }
        return service.get("/v1/summaries", query_string=question).status_code

    assert (ask(100, 1), ask(101, 1)) == (200, 400)
    assert (ask(1, 200), ask(1, 201)) == (200, 400)


def test_a_peer_group_has_at_most_fifteen_others(service):
    forces = [
        one["area"]
        for one in service.get("/v1/areas?kind=force").json["items"]
        if one["slug"] != "northamptonshire"
    ]

    def ask(number):
        group = {"peers": forces[:number], "source": "a guess"}
        return service.put(
            f"/v1/peer-groups/northamptonshire/of-{number}", json=group, headers={"If-Match": '"0"'}
        ).status_code

    assert (ask(15), ask(16)) == (201, 422)


def test_a_ranking_has_at_most_four_hundred_places_and_a_seed_of_32_bits(service, monkeypatch):

    question = "/v1/summaries/ranking?area=england-and-wales&kind=district&period=2022/23&order=number"
    assert len(service.get(question).json["items"]) == 331
    asked = [service.get(f"{question}&seed={seed}").status_code for seed in (0, 2**32 - 1, 2**32, -1)]
    assert asked == [200, 200, 400, 400]
    monkeypatch.setattr(ranked_places, "MOST_PLACES", 330)  # there is no area with over 400
    answer = service.get(f"{question}&seed=1")
    assert answer.status_code == 400 and "331 districts, and at most 330 are ranked" in answer.json["detail"]


def test_a_page_has_at_most_a_thousand_items(service):
    assert service.get("/v1/areas?limit=1000").status_code == 200
    assert service.get("/v1/areas?limit=1001").status_code == 400
    assert len(service.get("/v1/areas").json["items"]) == 100


@pytest.mark.parametrize(("field", "length"), [("crime_ref", 64), ("location", 500)])
def test_text_has_a_longest_length(service, field, length):
    record(service, **{field: "x" * length})
    assert service.post("/v1/offences", json=offence(**{field: "x" * (length + 1)})).status_code == 422


def test_a_record_has_at_most_ten_thousand_victims(service):
    record(service, victims=10_000)
    assert service.post("/v1/offences", json=offence(victims=10_001)).status_code == 422


def test_days_lie_between_1800_and_2999(service):
    old = offence(
        recorded_on="1800-01-01", committed_from="1800-01-01T00:00:00Z", committed_to=None, reported_at=None
    )
    answer = service.post("/v1/offences", json=old)
    assert answer.status_code == 201, answer.json
    answer = service.post("/v1/offences", json=old | {"recorded_on": "1799-12-31"})
    assert "between the years 1800 and 2999" in answer.json["detail"]


def test_a_release_names_at_most_100_areas_and_200_categories_under_a_title_of_300_characters(
    service,
):
    def pointer(areas=1, categories=1, title=1):
        draft = {
            "areas": ["northampton"] * areas,
            "categories": ["robbery"] * categories,
            "period": "2012/13",
            "title": "x" * title,
        }
        return service.post("/v1/releases", json=draft).json["errors"][0]["pointer"]

    assert (pointer(areas=100), pointer(areas=101)) == ("/period", "/areas")
    assert (pointer(categories=200), pointer(categories=201)) == ("/period", "/categories")
    assert (pointer(title=300), pointer(title=301)) == ("/period", "/title")


def limited(app, monkeypatch, per_caller="none", attempts="none"):
    made = RateLimits(share(per_caller, 1), share(attempts, 1))
    monkeypatch.setattr(wiring_of(app), "rate_limits", made)


def test_a_caller_may_ask_so_often_and_is_told_what_is_left(service, app, monkeypatch):
    limited(app, monkeypatch, per_caller="3/day")
    reader = key(service, "read")  # spends one of the administrator's three
    for left in (1, 0):
        answer = service.get("/v1/areas?limit=1")
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"caller";q=3;w=86400'
        assert re.fullmatch(rf'"caller";r={left};t=[1-9][0-9]*', answer.headers["RateLimit"])
    beyond = service.get("/v1/areas?limit=1")
    assert (beyond.status_code, beyond.json["type"]) == (429, "/docs/problems/too-many-requests")
    assert 1 <= int(beyond.headers["Retry-After"]) <= 86_400
    assert beyond.headers["RateLimit"].startswith('"caller";r=0;')
    assert service.get("/v1/areas?limit=1", headers=reader).status_code == 200, (
        "another caller has a count of its own"
    )
    assert (service.get("/live").status_code, service.get("/ready").status_code) == (200, 200)


def test_after_its_window_a_caller_may_ask_again(service, app, monkeypatch):
    limited(app, monkeypatch, per_caller="1/second")
    answers = [service.get("/v1/areas?limit=1").status_code for _ in range(200)]
    assert set(answers[:50]) <= {200, 429} and 429 in answers
    waited = threading.Event()
    waited.wait(1.1)
    assert service.get("/v1/areas?limit=1").status_code == 200


def test_what_is_refused_for_its_scope_is_counted_too(service, app, monkeypatch):
    reader = key(service, "read")
    limited(app, monkeypatch, per_caller="2/day")
    assert [service.post("/v1/offences", json=offence(), headers=reader).status_code for _ in range(3)] == [
        403,
        403,
        429,
    ]


def test_an_address_may_try_so_many_keys(service, app, monkeypatch):
    stranger = key(service, "read")
    limited(app, monkeypatch, attempts="3/day")
    assert service.get("/v1/areas?limit=1").status_code == 200
    wrong = {"Authorization": "Bearer cb_guess"}
    assert [service.get("/v1/areas", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert service.get("/v1/areas", headers={"Authorization": None}).status_code == 429
    assert service.get("/v1/areas?limit=1").status_code == 200, (
        "a key that was good here is not locked out by guesses beside it"
    )
    assert service.get("/v1/areas?limit=1", headers=stranger).status_code == 429, (
        "one that was never seen might be the next guess"
    )
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert service.get("/v1/areas?limit=1", headers=stranger, environ_overrides=elsewhere).status_code == 200


def test_a_key_that_was_revoked_is_refused_also_where_it_was_remembered(service, app, monkeypatch):
    limited(app, monkeypatch, attempts="1000/day")
    reader = key(service, "read")
    assert service.get("/v1/areas?limit=1", headers=reader).status_code == 200
    [one] = [caller for caller in service.get("/v1/callers").json["items"] if caller["scopes"] == ["read"]]
    tag = service.get(f"/v1/callers/{one['caller_id']}").headers["ETag"]
    assert service.delete(f"/v1/callers/{one['caller_id']}", headers={"If-Match": tag}).status_code == 200
    assert service.get("/v1/areas?limit=1", headers=reader).status_code == 401


def test_workers_share_a_limit_and_none_is_none():
    assert share("none", 2) is None
    assert [share("600/minute", workers).amount for workers in (1, 2, 7, 1000)] == [600, 300, 85, 1]
    assert (share("5/hour", 1).get_expiry(), share("5/second", 1).get_expiry()) == (3600, 1)


def test_an_address_of_ipv6_stands_for_its_network():
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::1") != network("2001:db8:1:3::1")
    assert (network("192.0.2.7"), network(None), network("fe80::1%eth0")) == (
        "192.0.2.7",
        "unknown",
        "fe80::/64",
    )


def with_threads(app, monkeypatch, threads):
    """The places of a process with so many threads."""
    made = places.for_threads(threads)
    monkeypatch.setattr(wiring_of(app), "places", made)
    return made


def full(app, monkeypatch, of, most):
    """Hold all places of that kind."""
    made = places.Places(most, of)
    monkeypatch.setitem(wiring_of(app).places, of, made)
    held = ExitStack()
    for _ in range(most):
        held.enter_context(made.one())
    return held


def test_half_of_the_threads_take_files_and_long_bodies(service, app, monkeypatch):
    made = with_threads(app, monkeypatch, 8)
    assert (made["files"]._most, made["writers"]._most) == (4, 6)
    long = {"data": b'{"a": "' + b"x" * 40_000 + b'"}', "content_type": "application/json"}
    with full(app, monkeypatch, "files", 4):
        for path, body in (
            ("/v1/submissions", {"data": b"{}", "content_type": "application/x-ndjson"}),
            ("/v1/offences", long),
        ):
            answer = service.post(path, **body)
            assert (answer.status_code, answer.headers["Retry-After"], answer.json["type"]) == (
                503,
                "5",
                "/docs/problems/busy",
            )
        record(service)
        assert service.get("/v1/offences").status_code == 200
    assert service.post("/v1/offences", **long).status_code == 400


def test_two_threads_are_left_by_those_who_wait_to_change_something(service, app, monkeypatch):
    with full(app, monkeypatch, "writers", 6):
        answer = service.post("/v1/offences", json=offence())
        assert (answer.status_code, answer.headers["Retry-After"], answer.json["type"]) == (
            503,
            "5",
            "/docs/problems/busy",
        )
        assert service.get("/v1/offences").json["items"] == []
    record(service)


def test_a_place_is_given_back_also_by_what_fails(service, app, monkeypatch):
    with_threads(app, monkeypatch, 3)
    for _ in range(3):
        assert service.post("/v1/offences", json=offence(area="atlantis")).status_code == 422
        assert (
            service.post("/v1/submissions", data=b"{", content_type="application/x-ndjson").status_code >= 400
        )
    record(service)


def test_a_database_with_no_connection_left_is_503_with_when_to_try_again(service, databases):
    name = database.connection().info.dbname
    role = f"few_{name}"
    databases.run(f"create role {role} login superuser connection limit 0")
    databases.run(f'alter database "{name}" connection limit 0')
    url = database._database["url"]
    try:
        databases.run(f"alter role {role} nosuperuser")
        databases.run(f"grant crimebook_service to {role}")
        database.connect(url.replace("crimebook@", f"{role}@"))
        answer = service.get("/v1/areas?limit=1")
        assert (answer.status_code, answer.json["type"]) == (503, "/docs/problems/unavailable")
        assert answer.headers["Retry-After"] == "2"
    finally:
        database.connect(url)
        databases.run(f'alter database "{name}" connection limit -1')
        databases.run(f"drop role {role}")
    assert service.get("/v1/areas?limit=1").status_code == 200


def test_a_whole_list_has_an_hour():
    assert copying_out.SECONDS_TO_COPY == 3600


def test_a_mapping_names_at_most_two_hundred_headings_and_ten_forms_of_a_day(service):
    def refused(columns=0, ignored=0, forms=1):
        mapping = {
            "columns": {"Ref": "crime_ref", **{f"c{number}": "location" for number in range(columns)}},
            "ignored": [f"i{number}" for number in range(ignored)],
            "dates": {"recorded_on": ["DD/MM/YYYY"] * forms},
        }
        answer = service.put("/v1/mappings/northamptonshire/niche", json=mapping, headers={"If-Match": '"0"'})
        return {
            one["pointer"].split("/")[1]
            for one in answer.json.get("errors", [])
            if "ength" in one["detail"] or "onger" in one["detail"]
        }

    assert (refused(columns=199), refused(columns=200)) == (set(), {"columns"})
    assert (refused(ignored=200), refused(ignored=201)) == (set(), {"ignored"})
    assert (refused(forms=10), refused(forms=11)) == (set(), {"dates"})


def test_of_what_a_replaced_period_loses_so_much_is_kept_and_all_is_counted(service, monkeypatch):
    assert replacements.MOST_KEPT == 10_000
    monkeypatch.setattr(replacements, "MOST_KEPT", 2)
    submit(service, lines(5))
    receipt = submit(service, lines(1), replaces="2012-05", confirm=2**31 - 1).json
    assert receipt["cancelled_by_replacement"] == 4
    assert len(service.get(f"/v1/submissions/{receipt['submission_id']}/replaced").json["items"]) == 2


def test_so_many_lines_may_stand_above_the_headings_of_a_sheet(service):
    def understood(above):
        head, *rows = csv.reader(home_office(GOOD).decode().splitlines())
        sheet = xlsx({"2012-13": [*[["A note"]] * above, head, *([*row[:-1], int(row[-1])] for row in rows)]})
        return send(service, sheet, edition=f"20{above}", media_type=XLSX).status_code

    assert layouts.MOST_LINES_BEFORE_HEADINGS == 30
    assert (understood(29), understood(31)) == (201, 422)


def test_a_receipt_names_a_hundred_files_that_were_passed_over_and_counts_all():
    source = archives.Source([], str)
    for number in range(250):
        source.pass_over(f"{number}.txt", "It is not a street or outcomes file.")
    assert (len(source.passed_over), source.passed_over_count) == (100, 250)


def test_a_question_about_street_crimes_spans_at_most_240_months(service):
    assert service.get("/v1/street-crimes?period=2001-01-01..2020-12-31").status_code == 200
    answer = service.get("/v1/street-crimes?period=2001-01-01..2021-01-31")
    assert (answer.status_code, "240 months" in answer.json["detail"]) == (400, True)


def test_a_draft_of_the_home_office_table_is_of_at_most_twenty_years(service):
    def draft(last):
        return service.get(f"/v1/returns/drafts/home-office-table?force=kent&period=2000-04-01..{last}-03-31")

    assert draft(2020).status_code == 200
    assert (draft(2021).status_code, "20 years" in draft(2021).json["detail"]) == (400, True)


def test_counts_of_windows_that_are_over_are_forgotten(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("service.web.request.rate_limits.time.monotonic", lambda: now)
    windows = Windows(60)
    assert [windows.count("a") for _ in range(3)] == [(1, 60), (2, 60), (3, 60)]
    now += 59.5
    assert (windows.count("a", 0), windows.count("b", 0)) == ((3, 1), (0, 60))
    now += 1
    assert windows.count("a") == (1, 60)
    for number in range(25_000):
        now += 0.1
        windows.count(f"address {number}")
    assert len(windows._counts) < 11_000
    assert windows.count(f"address {number}")[0] == 2


def test_of_requests_at_once_none_is_lost_from_the_count():
    windows = Windows(3600)
    threads = [threading.Thread(target=lambda: [windows.count("a") for _ in range(2_000)]) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert windows.count("a", 0)[0] == 16_000
