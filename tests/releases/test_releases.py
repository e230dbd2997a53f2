"""Releases: figures frozen as published, seen by those who may, and found by every record that counted in
them."""

import csv
import datetime as dt
import io

import psycopg2
import pytest
from builders import FORCE, KETTERING, NORTHAMPTON, key, record
from publications import DRAFT, crime, publish, send_years

from service.releases import releases
from service.store import database

LATER, UNKNOWN = "2999-01-01T00:00:00Z", "01939f3c-7c1e-7f00-8000-000000000000"


@pytest.fixture
def years(service):
    send_years(service, [crime(number) for number in range(40)])
    return service


def read(service, release, accept="application/json", **keywords):
    return service.get(
        f"/v1/releases/{release['release_id']}",
        headers={"Accept": accept} | keywords.pop("headers", {}),
        **keywords,
    )


def refused(service, **said):
    """What is told of a release that may not be: the pointer, and why."""
    answer = service.post("/v1/releases", json=DRAFT | said)
    assert answer.status_code == 422, answer.json
    return answer.json["errors"][0]["pointer"], answer.json["errors"][0]["detail"]


def test_a_release_is_the_figures_as_they_were_asked_for(years):
    question = {
        "area": DRAFT["areas"],
        "category": DRAFT["categories"],
        "period": DRAFT["period"],
        "compare": DRAFT["compare"],
    }
    asked = years.get("/v1/summaries", query_string=question).json
    release = publish(years)
    assert (release["figures"], release["change"], release["at"]) == (
        asked["figures"],
        asked["as_of"]["change"],
        asked["as_of"]["at"],
    )
    assert (release["since_change"], release["counted"], release["compare"]) == (
        release["change"] + 1,
        6,
        "2011/12",
    )
    assert release["definitions"][0]["every_code"]
    assert release["definitions"][2] == {
        "category": "robbery",
        "definition": 1,
        "every_code": False,
        "name": "Robbery",
        "codes": [
            {"code": "34A", "from_on": None, "to_on": None},
            {"code": "34B", "from_on": None, "to_on": None},
        ],
    }
    assert years.get(f"/v1/changes/{release['since_change']}").json["reason"] == "release made"


def test_what_was_published_stays_byte_for_byte_whatever_comes_after(years):
    release = publish(years)
    types = ("application/json", "text/csv", "text/plain")
    before = [read(years, release, accept) for accept in types]
    held = years.get("/v1/categories/robbery")
    draft = {name: held.json[name] for name in ("aliases", "description", "every_code", "part_of")} | {
        "codes": [{"code": "34A"}]
    }
    years.put(
        "/v1/categories/robbery",
        json=draft | {"name": "Robberies"},
        headers={"If-Match": held.headers["ETag"]},
    )
    record(years)
    after = [read(years, release, accept) for accept in types]
    assert [one.get_data() for one in after] == [one.get_data() for one in before]
    assert before[0].json == release
    assert len({one.headers["ETag"] for one in before}) == 3
    assert (
        years.get(
            f"/v1/releases/{release['release_id']}", headers={"If-None-Match": before[0].headers["ETag"]}
        ).status_code
        == 304
    )


def test_as_a_table_it_has_the_columns_of_the_summaries(years):
    release = publish(years)
    rows = list(csv.DictReader(io.StringIO(read(years, release, "text/csv").text)))
    summary = years.get("/v1/summaries?area=northampton&period=2012/13", headers={"Accept": "text/csv"}).text
    assert ",".join(rows[0]) == summary.splitlines()[0]
    assert [int(row["value"]) for row in rows] == [one["value"] for one in release["figures"]]


def test_as_text_it_can_be_read(years):
    answer = read(
        years, release := publish(years, embargo_until=LATER, title="Crime in the county"), "text/plain"
    )
    assert answer.content_type == "text/plain; charset=utf-8"
    lines = [" ".join(line.split()) for line in answer.text.splitlines()]
    first = release["figures"][0]
    assert lines[0] == "Crime in the county"
    assert "Not to be published before 01 January 2999 00:00 UTC." in lines
    assert "Northamptonshire 2011/12 2012/13 change per cent" in lines
    assert (
        f"All recorded crime {first['compared']['value']} {first['value']}"
        f" {first['compared']['difference']:+} -" in lines
    )
    assert "* Robbery (robbery, definition 1): codes 34A, 34B." in lines
    assert f"{first['wording']}." in lines and any("provisional" in line for line in lines)


def test_figures_can_be_those_of_an_earlier_change_or_instant(years):
    before = years.get("/v1/changes?limit=1").headers["Crimebook-Change"]
    record(years)
    now, then = publish(years), publish(years, as_of=before)
    assert then["change"] == int(before)
    assert now["figures"][0]["value"] == then["figures"][0]["value"] + 1
    assert publish(years, as_of=then["at"])["figures"] == then["figures"]
    assert publish(years, as_of=f"release:{then['release_id']}")["figures"] == then["figures"]


def test_an_incomplete_period_is_not_published(years):
    pointer, detail = refused(years, period="2013/14", compare=None)
    assert (pointer, detail) == (
        "/period",
        "2013/14 is incomplete for Northamptonshire: not every record of All recorded crime is held.",
    )
    pointer, detail = refused(years, period="2011/12", compare="previous")
    assert (pointer, detail.split(":")[0]) == ("/compare", "2010/11 is incomplete for Northamptonshire")
    pointer, detail = refused(years, areas=["leicester"])
    assert "incomplete for Leicester" in detail


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"areas": ["atlantis"]}, "/areas"),
        ({"areas": []}, "/areas"),
        ({"categories": ["gossip"]}, "/categories"),
        ({"source": "the-papers"}, "/source"),
        ({"period": "soon"}, "/period"),
        ({"compare": "soon"}, "/compare"),
        ({"as_of": "999999"}, "/as_of"),
        ({"as_of": LATER}, "/as_of"),
        ({"as_of": "0"}, "/as_of"),
        ({"as_of": f"release:{UNKNOWN}"}, "/as_of"),
        ({"embargo_until": "2013-04-18T09:00:00Z"}, "/embargo_until"),
        ({"source": "home-office-pfa", "measure": "victims"}, "/measure"),
        ({"title": " "}, "/title"),
    ],
)
def test_what_is_not_known_or_has_not_come_is_not_published(years, said, pointer):
    before = years.get("/v1/changes?limit=1").headers["Crimebook-Change"]
    assert refused(years, **said)[0] == pointer
    assert years.get("/v1/changes?limit=1").headers["Crimebook-Change"] == before


def test_only_who_publishes_makes_a_release(years):
    answer = years.post("/v1/releases", json=DRAFT, headers=key(years, "read", "record", "administer"))
    assert answer.status_code == 403
    assert years.post("/v1/releases", json=DRAFT, headers=key(years, "publish")).status_code == 201


def test_the_same_request_with_an_idempotency_key_makes_one_release(years):
    answers = [years.post("/v1/releases", json=DRAFT, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].get_data() == answers[1].get_data()
    assert len(years.get("/v1/releases").json["items"]) == 1


def test_releases_are_listed_in_the_order_they_were_made(years):
    made = [publish(years, title=f"Release {number}")["release_id"] for number in range(5)]
    seen, address = [], "/v1/releases?limit=2"
    while address:
        page = years.get(address)
        seen += [one["release_id"] for one in page.json["items"]]
        address = page.json["next"]
    assert seen == made
    assert years.get("/v1/releases", headers={"Accept": "text/csv"}).text.count("\r\n") == 6


def test_under_embargo_it_is_not_there_for_others_and_says_so_in_the_same_words(years, monkeypatch):
    open_one, hidden = publish(years), publish(years, embargo_until=LATER)
    reader, publisher = key(years, "read", "administer", "audit"), key(years, "read", "publish")
    unseen, unknown = (
        read(years, hidden, headers=reader),
        years.get(f"/v1/releases/{UNKNOWN}", headers=reader),
    )
    assert (unseen.status_code, unseen.json["detail"]) == (
        404,
        f"No release has the id {hidden['release_id']}.",
    )
    assert unknown.json["detail"] == unseen.json["detail"].replace(hidden["release_id"], UNKNOWN)
    assert [unseen.json[name] for name in ("title", "hint")] == [
        unknown.json[name] for name in ("title", "hint")
    ]
    assert read(years, hidden, headers=reader | {"If-None-Match": "*"}).status_code == 404

    def listed(headers):
        return [one["release_id"] for one in years.get("/v1/releases", headers=headers).json["items"]]

    assert (listed(reader), listed(publisher)) == (
        [open_one["release_id"]],
        [open_one["release_id"], hidden["release_id"]],
    )
    assert read(years, hidden, headers=publisher).json == hidden

    class AfterTheEmbargo(dt.datetime):
        @classmethod
        def now(cls, tz):
            return dt.datetime(2999, 1, 1, tzinfo=tz)

    monkeypatch.setattr(releases.dt, "datetime", AfterTheEmbargo)
    assert listed(reader) == listed(publisher)
    assert read(years, hidden, headers=reader).json == hidden


@pytest.fixture
def owner(years, databases):
    """A connection that may do anything to this book."""
    with database.reading() as book:
        name = book.connection.info.dbname
    connection = psycopg2.connect(databases.server.url(name, "postgres"))
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.mark.parametrize("role", ["crimebook_service", "crimebook", "postgres"])
def test_nothing_of_a_release_can_be_changed_by_anyone(years, owner, role):
    publish(years)
    cursor = owner.cursor()
    cursor.execute(f"set role {role}")
    for told in (
        "update release set title = 'x'",
        "update release_figure set value = 0",
        "delete from release_definition",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(told)


def test_counting_again_finds_every_figure_that_was_altered(years, owner):
    publish(years)
    release = publish(years, measure="victims")
    record(years)
    with database.reading() as book:
        assert list(releases.find_alterations(book)) == []
    cursor = owner.cursor()
    cursor.execute("set session_replication_role = replica")  # what keeps triggers from firing
    cursor.execute(
        "update release_figure set figure = replace(figure, 'Robbery', 'Larceny') where position = 3 and"
        " release_id = %s",
        [release["release_id"]],
    )
    with database.reading() as book:
        [one] = releases.find_alterations(book)
    assert (str(one["release_id"]), one["what"]) == (release["release_id"], "figure 3")
    assert "Larceny" in one["published"]["figure"] and "Robbery" in one["counted"]["figure"]
    cursor.execute(
        "update release_figure set figure = replace(figure, 'Larceny', 'Robbery'), value = 0 where"
        " position = 3"
    )
    cursor.execute("update release_definition set codes = '[]' where category = 'robbery'")
    with database.reading() as book:
        assert (
            sorted(one["what"] for one in releases.find_alterations(book))
            == ["definition robbery"] * 2 + ["figure 3"] * 2
        )


def test_a_record_finds_every_figure_that_it_counted_in(years):
    robbery = record(years, area=NORTHAMPTON, code="34B", recorded_on="2012-06-01")
    address = f"/v1/offences/{robbery['offence_id']}"
    first = publish(years)
    patched = years.patch(
        address, json={"code": "28A", "reason": "nobody was there"}, headers={"If-Match": robbery["etag"]}
    )
    second = publish(years, period="2012/13Q1", compare=None, areas=["northampton", "kettering"])
    publish(years, period="2011/12", compare=None)
    hidden = publish(
        years, embargo_until=LATER, areas=["northampton"], categories=["all-crime"], compare=None
    )

    def counted(headers=None, **asked):
        items = years.get(f"{address}/figures", query_string=asked, headers=headers).json["items"]
        return [
            (one["release_id"], one["area"], one["category"], one["role"], one["counts_now"]) for one in items
        ]

    asked = [
        (first["release_id"], FORCE, "all-crime", "value", True),
        (first["release_id"], FORCE, "robbery", "value", False),
        (first["release_id"], NORTHAMPTON, "all-crime", "value", True),
        (first["release_id"], NORTHAMPTON, "robbery", "value", False),
        (second["release_id"], NORTHAMPTON, "all-crime", "value", True),
        (second["release_id"], NORTHAMPTON, "residential-burglary", "value", True),
    ]
    assert counted(headers=key(years, "read")) == asked
    assert counted() == [*asked, (hidden["release_id"], NORTHAMPTON, "all-crime", "value", True)]
    assert counted(as_of=first["since_change"]) == [(*one[:4], True) for one in asked[:4]]
    assert counted(as_of=patched.json["since_change"])[1] == asked[1]
    years.delete(f"{address}?reason=duplicate", headers={"If-Match": patched.headers["ETag"]})
    assert {one[4] for one in counted()} == {False}


def test_a_record_counts_in_the_base_of_a_comparison_too(years):
    made = record(
        years,
        area=KETTERING,
        code="34B",
        recorded_on="2011-06-01",
        committed_from="2011-05-01T10:00:00Z",
        committed_to=None,
        reported_at=None,
    )
    release = publish(years, areas=["northamptonshire"])
    items = years.get(f"/v1/offences/{made['offence_id']}/figures").json["items"]
    assert [(one["position"], one["role"], one["period"]) for one in items] == [
        (1, "base", "2011/12"),
        (3, "base", "2011/12"),
    ]
    assert items[1]["value"] == release["figures"][2]["compared"]["value"]
    for address in (items[0]["release"], items[0]["revisions"]):
        assert years.get(address).status_code == 200
    page = years.get(f"/v1/offences/{made['offence_id']}/figures?limit=1").json
    assert years.get(page["next"]).json["items"] == items[1:]
    assert years.get(f"/v1/offences/{UNKNOWN}/figures").status_code == 404


def test_under_embargo_a_release_is_told_neither_by_its_change_nor_by_its_seal(service):
    send_years(service, [crime(number) for number in range(40)])
    hidden = publish(service, embargo_until="2999-01-01T00:00:00Z")
    size = service.post("/v1/audit/seals").json["tree_size"]
    addresses = [
        f"/v1/changes/{hidden['since_change']}/things",
        f"/v1/audit/seals/{size}/inclusion?noun=release&key={hidden['release_id']}",
    ]
    reader = key(service, "read", "audit")
    assert service.get(addresses[0], headers=reader).json["items"] == []
    told, unknown = (service.get(one, headers=reader) for one in (addresses[1], addresses[1][:-4] + "0000"))
    assert (told.status_code, unknown.status_code) == (404, 404)
    assert told.json["detail"].replace(hidden["release_id"], "x") == unknown.json["detail"].replace(
        hidden["release_id"][:-4] + "0000", "x"
    )
    assert service.get(addresses[0]).json["items"][0]["name"] == hidden["release_id"]
    assert hidden["title"] in service.get(addresses[1]).json["entry"]
