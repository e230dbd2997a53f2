"""Which forces are most like a force: dated, a force's own, and none shipped. The groups here are made up."""

import pytest
from builders import key

ADDRESS = "/v1/peer-groups/northamptonshire/most-similar-2013"
GROUP = {"peers": ["leicestershire", "E23000032"], "source": "made for this test", "from_on": "2013-04-01"}
NEW = {"If-Match": '"0"'}


def made(service, address=ADDRESS, **said):
    answer = service.put(address, json=GROUP | said, headers=NEW)
    assert answer.status_code == 201, answer.json
    return answer


def test_none_is_shipped(published):
    assert published.get("/v1/peer-groups").json["items"] == []


def test_a_peer_group_has_every_verb_and_a_past(service):
    first = made(service)
    assert first.headers["Location"] == "/v1/peer-groups/E23000022/most-similar-2013"
    assert first.json["peers"] == ["E23000021", "E23000032"]
    assert service.get(ADDRESS).json == first.json
    later = service.put(
        ADDRESS,
        json=GROUP | {"peers": ["essex"], "to_on": "2016-03-31"},
        headers={"If-Match": first.headers["ETag"]},
    )
    assert (later.status_code, later.json["peers"], later.json["to_on"]) == (200, ["E23000028"], "2016-03-31")
    assert service.put(ADDRESS, json=GROUP, headers={"If-Match": first.headers["ETag"]}).status_code == 412
    assert service.put(ADDRESS, json=GROUP).status_code == 428
    assert service.get(f"{ADDRESS}?as_of={first.json['since_change']}").json == first.json
    assert service.delete(ADDRESS, headers={"If-Match": later.headers["ETag"]}).status_code == 200
    assert service.get(ADDRESS).status_code == 404
    assert service.get(f"{ADDRESS}?as_of={later.json['since_change']}").json == later.json


def test_groups_are_listed_by_force_and_by_the_day_they_were_in_use(service):
    made(service, to_on="2016-03-31")
    made(service, "/v1/peer-groups/northamptonshire/most-similar-2016", from_on="2016-04-01")
    made(service, "/v1/peer-groups/kent/most-similar-2013", peers=["northamptonshire"])

    def names(**asked):
        return [
            (one["force"], one["peer_group"])
            for one in service.get("/v1/peer-groups", query_string=asked).json["items"]
        ]

    assert len(names()) == 3
    assert names(force="northamptonshire", on="2016-03-31") == [("E23000022", "most-similar-2013")]
    assert names(force="northamptonshire", on="2016-04-01") == [("E23000022", "most-similar-2016")]
    assert names(force="northamptonshire", on="2013-03-31") == []


def test_a_ranking_takes_the_group_in_use_on_the_last_day_of_its_period_and_asks_where_there_are_two(service):
    made(service, to_on="2016-03-31")
    made(service, "/v1/peer-groups/northamptonshire/most-similar-2016", peers=["essex"], from_on="2016-04-01")

    def peers(period, **asked):
        question = {"area": "northamptonshire", "among": "peers", "order": "number", "period": period} | asked
        return service.get("/v1/summaries/ranking", query_string=question).json

    assert peers("2015/16")["peer_group"]["peers"] == ["E23000021", "E23000032"]
    assert peers("2016/17")["peer_group"]["peers"] == ["E23000028"]
    made(service, "/v1/peer-groups/northamptonshire/our-own", peers=["surrey"])
    assert peers("2016/17")["errors"][0]["detail"].endswith("say peer_group=most-similar-2016 or our-own.")
    assert peers("2016/17", peer_group="our-own")["peer_group"]["peers"] == ["E23000031"]


WRONG = [
    ({"peers": []}, "peers"),
    ({"peers": ["atlantis"]}, "peers"),
    ({"peers": ["northampton"]}, "peers"),
    ({"peers": ["kent", "kent"]}, "peers"),
    ({"peers": ["kent", "E23000032"]}, "peers"),
    ({"peers": "kent"}, "peers"),
    ({"source": ""}, "source"),
    ({"to_on": "2012-03-31"}, "to_on"),
    ({"from_on": "soon"}, "from_on"),
]


@pytest.mark.parametrize(("said", "member"), WRONG)
def test_a_group_that_breaks_a_rule_is_refused_by_name(service, said, member):
    answer = service.put(ADDRESS, json=GROUP | said, headers=NEW)
    assert answer.status_code == 422 and answer.json["errors"][0]["pointer"].split("/")[1] == member
    assert service.get("/v1/peer-groups").json["items"] == []


def test_a_force_is_not_its_own_peer_and_a_name_reads_well(service):
    own = service.put(ADDRESS, json=GROUP | {"peers": ["northamptonshire", "kent"]}, headers=NEW)
    assert own.status_code == 422 and "peers are the other forces" in own.json["detail"]
    odd = service.put("/v1/peer-groups/northamptonshire/Most Similar", json=GROUP, headers=NEW)
    assert odd.status_code == 422 and "small letters" in odd.json["detail"]
    assert service.put("/v1/peer-groups/northampton/x", json=GROUP, headers=NEW).status_code == 404


def test_only_an_administrator_sets_peer_groups(service):
    assert service.put(ADDRESS, json=GROUP, headers=NEW | key(service, "read", "record")).status_code == 403
    made(service)
    assert service.get(ADDRESS, headers=key(service, "read")).status_code == 200
