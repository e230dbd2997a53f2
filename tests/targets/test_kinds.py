"""Kinds of target: what each needs, what it does not take, and that the database holds to the same."""

from itertools import product

import psycopg2
import pytest
from publications import crime, publish, send_years

from service.store import database
from service.targets.kinds import KINDS
from service.targets.targets import TargetDraft

WHAT = {
    "area": "northamptonshire",
    "category": "all-crime",
    "name": "Said in the article",
    "owner": "The commissioner",
    "period": "2013/14",
}
SAVED = {"category": None, "measure": "savings-gbp"}
STORIES = {
    "two per cent less crime": {"kind": "reduce-by-percent", "percent": 2, "base_period": "2012/13"},
    "forty per cent less violence in five years": {
        "kind": "reduce-by-percent",
        "percent": 40,
        "base_period": "12m:2012-10",
        "category": "violence",
        "period": "2012-11-01..2017-10-31",
    },
    "fewer than 600 robberies": {"kind": "reduce-to", "amount": 600, "category": "robbery"},
    "a tenth more sexual offences recorded": {
        "kind": "raise-by-percent",
        "percent": 110,
        "base_period": "2012/13",
        "category": "sexual-offences",
    },
    "a thousand drugs offences found": {"kind": "raise-to", "amount": 1000, "category": "drug-offences"},
    "reducing acquisitive crime": {
        "kind": "reduce",
        "base_period": "2012/13",
        "category": "serious-acquisitive-crime",
    },
    "raising reports": {"kind": "raise", "base_period": "2012/13", "category": "sexual-offences"},
    "eradicating drugs": {"kind": "eliminate", "category": "drug-offences"},
    "the safest county": {"kind": "rank", "rank": 1, "measure": "rate"},
    "6.8 million saved": {"kind": "save", "amount": 6_800_000, **SAVED},
    "robbery kept within bounds": {
        "kind": "keep-within",
        "floor": 500,
        "ceiling": 700,
        "category": "robbery",
    },
}
NUMBERS = {"amount": 5, "base_period": "2012/13", "ceiling": 9, "floor": 3, "percent": 10, "rank": 1}


def setting(service, **said):
    return service.post("/v1/targets", json=WHAT | said)


@pytest.mark.parametrize("story", STORIES)
def test_each_kind_is_set_read_and_asked_where_it_stands(service, story):
    made = setting(service, **STORIES[story])
    assert made.status_code == 201, made.json
    address = made.headers["Location"]
    assert service.get(address).json == made.json
    assert {
        name: value
        for name, value in made.json.items()
        if name in STORIES[story] and name not in ("base_period", "period")
    } == {name: value for name, value in STORIES[story].items() if name not in ("base_period", "period")}
    stands = service.get(f"{address}/progress").json
    assert (stands["status"], stands["complete"]) == ("too_early", False)
    assert stands["caveats"][0]["caveat"] == (
        "reported" if "savings-gbp" in STORIES[story].values() else "recording"
    )


def test_every_kind_has_its_story():
    assert {one["kind"] for one in STORIES.values()} == set(KINDS)


def test_what_nobody_observes_yet_is_said_in_plain_words(service):
    saved = service.get(
        setting(service, **STORIES["6.8 million saved"]).headers["Location"] + "/progress"
    ).json
    ranked = service.get(
        setting(service, **STORIES["the safest county"]).headers["Location"] + "/progress"
    ).json
    assert (saved["actual"]["value"], saved["actual"]["reason"]) == (
        None,
        "no observation of savings-gbp in 2013/14: no measure is called savings-gbp",
    )
    assert (ranked["actual"]["value"], ranked["actual"]["reason"]) == (
        None,
        "no observation of a rank by rate in 2013/14: the period is incomplete",
    )
    assert saved["rule"].endswith(
        "too_early: no observation of savings-gbp in 2013/14: no measure is called savings-gbp"
    )
    assert (saved["floor"], saved["distance"], ranked["ceiling"]) == (6_800_000, None, 1)


WRONG = [
    ("percent", {"kind": "reduce-by-percent", "percent": 0, "base_period": "2012/13"}),
    ("percent", {"kind": "reduce-by-percent", "percent": 101, "base_period": "2012/13"}),
    ("percent", {"kind": "raise-by-percent", "percent": 1001, "base_period": "2012/13"}),
    ("base_period", {"kind": "reduce-by-percent", "percent": 2}),
    ("base_period", {"kind": "reduce", "base_period": "12m:2013-04"}),
    ("rank", {"kind": "rank", "measure": "rate"}),
    ("rank", {"kind": "rank", "measure": "rate", "rank": 0}),
    ("amount", {"kind": "reduce-to", "amount": -1}),
    ("amount", {"kind": "reduce-to", "amount": 1e15}),
    ("amount", {"kind": "eliminate", "amount": 5}),
    ("floor", {"kind": "keep-within", "floor": 701, "ceiling": 700}),
    ("ceiling", {"kind": "keep-within", "floor": 701}),
    ("measure", {"kind": "save", "amount": 5, "category": None}),
    ("measure", {"kind": "reduce-to", "amount": 5, "category": None, "measure": "Savings in pounds"}),
    ("category", {"kind": "save", "amount": 5, "measure": "savings-gbp"}),
    ("category", {"kind": "reduce-to", "amount": 5, "category": None}),
    ("source", {"kind": "reduce-to", "amount": 5, "source": "nobody"}),
    ("source", {"kind": "reduce-to", "amount": 5, "source": "home-office-pfa", "measure": "victims"}),
    (
        "base_release",
        {"kind": "reduce-to", "amount": 5, "base_release": "01939f3c-7c1e-7f00-8000-000000000000"},
    ),
    (
        "base_release",
        {"kind": "reduce", "base_period": "2012/13", "base_release": "01939f3c-7c1e-7f00-8000-000000000000"},
    ),
    ("milestones", {"kind": "reduce-to", "amount": 5, "milestones": [{"on": "2014-04-01", "amount": 5}]}),
    ("milestones", {"kind": "reduce-to", "amount": 5, "milestones": [{"on": "2013-09-30", "amount": -5}]}),
    (
        "milestones",
        {
            "kind": "reduce-to",
            "amount": 5,
            "milestones": [{"on": "2013-09-30", "amount": 3}, {"on": "2013-09-30", "amount": 2}],
        },
    ),
    (
        "milestones",
        {"kind": "keep-within", "floor": 1, "ceiling": 2, "milestones": [{"on": "2013-09-30", "amount": 3}]},
    ),
]


@pytest.mark.parametrize(
    ("member", "said"),
    WRONG,
    ids=[f"{said['kind']}: {member} {number}" for number, (member, said) in enumerate(WRONG)],
)
def test_what_a_kind_cannot_be_is_refused_by_member(service, member, said):
    answer = setting(service, **said)
    assert answer.status_code == 422, answer.json
    assert member in [one["pointer"].split("/")[1] for one in answer.json["errors"]]


def test_a_milestone_that_is_none_among_others_is_named(service):
    milestones = [{"on": "2013-06-30", "amount": 1}, 0, {"on": "2013-09-30"}, {"amount": 2, "on": "soon"}]
    answer = setting(service, kind="reduce-to", amount=5, milestones=milestones)
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json["errors"]} >= {
        "/milestones/1",
        "/milestones/2/amount",
        "/milestones/3/on",
    }


def test_one_owner_has_one_target_for_a_figure_of_whatever_kind(service):
    saved = STORIES["6.8 million saved"]
    assert setting(service, kind="reduce-to", amount=5).status_code == 201
    assert setting(service, kind="eliminate").status_code == 409
    assert setting(service, **saved).status_code == 201
    assert setting(service, **saved | {"amount": 3_000_000}).status_code == 409
    assert setting(service, **saved, owner="The force").status_code == 201
    assert setting(service, **saved | {"period": "2014/15"}).status_code == 201


def test_a_patch_is_judged_together_with_what_stays(service):
    made = setting(service, **STORIES["robbery kept within bounds"])
    address, tag = made.headers["Location"], {"If-Match": made.headers["ETag"]}
    assert service.patch(address, json={"floor": 701}, headers=tag).json["errors"] == [
        {"pointer": "/floor", "detail": "floor is above ceiling: nothing can lie within."}
    ]
    assert service.patch(address, json={"kind": "eliminate"}, headers=tag).status_code == 422
    bound = service.patch(address, json={"kind": "eliminate", "floor": None, "ceiling": None}, headers=tag)
    assert (bound.status_code, bound.json["kind"], bound.json["floor"]) == (200, "eliminate", None)
    marked = service.patch(
        address,
        json={"milestones": [{"on": "2013-09-30", "amount": 9}]},
        headers={"If-Match": bound.headers["ETag"]},
    )
    named = service.patch(address, json={"name": "No robbery"}, headers={"If-Match": marked.headers["ETag"]})
    assert (named.json["name"], named.json["milestones"]) == (
        "No robbery",
        [{"on": "2013-09-30", "amount": 9.0}],
    )


def test_the_database_refuses_every_combination_that_the_draft_refuses_and_no_other(service):
    """Each kind with each set of members: the two lists of rules are one."""
    refused = {name: [] for name in KINDS}
    for kind, *given in product(KINDS, *([False, True] for _ in NUMBERS)):
        said = {name: NUMBERS[name] for name, is_given in zip(NUMBERS, given, strict=True) if is_given}
        draft = WHAT | {"kind": kind} | said | (SAVED if kind == "save" else {})
        by_draft = bool(TargetDraft().validate(draft))
        assert _by_database(draft) == by_draft, draft
        refused[kind].append(by_draft)
    assert all(0 < sum(not one for one in answers) <= 2 for answers in refused.values())


def _by_database(draft):
    """Does the table itself refuse it?"""
    row = {
        "target_id": "01939f3c-7c1e-7f00-8000-000000000000",
        "since_change": 1,
        "period_from": "2013-04-01",
        "period_to": "2014-03-31",
        "measure": "offences",
        **draft,
        "area": "E23000022",
    }
    if row.get("base_period"):
        row |= {"base_from": "2012-04-01", "base_to": "2013-03-31"}
    with database.connection().cursor() as cursor:
        try:
            cursor.execute("begin")
            columns = ", ".join(row)
            cursor.execute(f"insert into target_version ({columns}) values %s", [tuple(row.values())])
            return False
        except psycopg2.errors.CheckViolation:
            return True
        finally:
            cursor.execute("rollback")


@pytest.fixture
def years(service):
    send_years(service, [crime(number) for number in range(60)])
    return service


def frozen(service, release, **said):
    return setting(
        service,
        **{
            "kind": "reduce-by-percent",
            "percent": 10,
            "base_period": "2011/12",
            "period": "2012/13",
            "base_release": release["release_id"],
        }
        | said,
    )


def test_a_frozen_base_stays_as_it_was_published_while_a_live_one_moves(years):
    release = publish(years)
    published = release["figures"][0]["compared"]["value"]
    address = frozen(years, release).headers["Location"]
    live = setting(
        years, kind="reduce-by-percent", percent=10, base_period="2011/12", period="2012/13", owner="Another"
    ).headers["Location"]
    before = [years.get(f"{one}/progress").json for one in (address, live)]
    assert [one["base"]["value"] for one in before] == [published] * 2
    [gone, *_] = years.get(
        "/v1/offences?recorded_from=2011-04-01&recorded_to=2012-03-31&status=recorded"
    ).json["items"]
    assert (
        years.delete(
            f"/v1/offences/{gone['offence_id']}?reason=duplicate",
            headers={"If-Match": f'"{gone["since_change"]}"'},
        ).status_code
        == 200
    )
    after = [years.get(f"{one}/progress").json for one in (address, live)]
    assert [one["base"]["value"] for one in after] == [published, published - 1]
    assert [one["base_is"] for one in after] == ["frozen", "live"]
    assert after[0]["base"]["release_id"] == release["release_id"]
    [revised] = [one for one in after[0]["caveats"] if one["caveat"] == "revised_base"]
    assert revised == {
        "caveat": "revised_base",
        "source": f"/v1/releases/{release['release_id']}/revisions",
        "says": (
            f"The base was published as {published}; the book counts {published - 1} for the same days now."
        ),
    }


def test_a_base_is_frozen_only_where_the_release_published_that_very_figure(years):
    release = publish(years)
    for said in (
        {"area": "kettering"},
        {"category": "vehicle-crime"},
        {"base_period": "2010/11"},
        {"measure": "victims"},
    ):
        answer = frozen(years, release, **said)
        assert answer.status_code == 422, said
        assert answer.json["errors"][0]["pointer"] == "/base_release"
    hidden = publish(years, title="Not yet", embargo_until="2999-01-01T00:00:00Z")
    assert frozen(years, hidden).status_code == 422
    assert frozen(years, release, base_period="2012/13", period="2013/14").status_code == 201


@pytest.mark.parametrize(
    "milestones",
    ["[1]", '[{"on": "2013-09-30"}]', '[{"amount": 1, "on": "2014-04-01"}]', '{"on": "2013-09-30"}'],
)
def test_the_database_itself_refuses_milestones_that_are_none(service, milestones):
    draft = WHAT | {"kind": "reduce-to", "amount": 5}
    assert not _by_database(draft | {"milestones": '[{"amount": 1, "on": "2013-09-30"}]'})
    assert _by_database(draft | {"milestones": milestones})
