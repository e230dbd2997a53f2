"""The feed of changes: a reader that goes on from the last one it saw misses nothing."""

import json

from builders import record


def test_changes_come_in_commit_order_a_page_at_a_time(service):
    made = [record(service)["since_change"] for _ in range(5)]
    seen, address = [], f"/v1/changes?after={made[0] - 1}&limit=2"
    while address:
        page = service.get(address)
        seen += [one["change"] for one in page.json["items"]]
        address = page.json["next"]
    assert seen == made


def test_a_change_says_who_when_and_why(service):
    made = record(service)
    change = service.get(f"/v1/changes/{made['since_change']}").json
    assert (change["caller"], change["reason"], change["submission_id"]) == (
        "administrator",
        "offence recorded",
        None,
    )
    assert change["at"].endswith("Z")


def test_a_change_that_was_not_made_is_not_found(service):
    for change in ("999999", "0", "9" * 30):
        assert service.get(f"/v1/changes/{change}").status_code == 404


def test_the_feed_as_lines_and_as_a_table_holds_the_same(service):
    items = service.get("/v1/changes").json["items"]
    lines = service.get("/v1/changes", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert [json.loads(line) for line in lines] == items
    assert service.get("/v1/changes", headers={"Accept": "text/csv"}).text.count("\r\n") == len(items) + 1
