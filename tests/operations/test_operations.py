"""Operations: named, dated, with their areas and categories, and the records that belong to them."""

import pytest
from builders import KETTERING, NORTHAMPTON, key, offence, record

CHALLENGE = {
    "areas": ["northampton"],
    "categories": ["residential-burglary"],
    "from_on": "2012-05-01",
    "to_on": "2012-05-31",
    "name": "Operation Challenge",
}
NOBODY = "01939f3c-7c1e-7f00-8000-000000000000"


def begun(service, **said):
    answer = service.post("/v1/operations", json=CHALLENGE | said)
    assert answer.status_code == 201, answer.json
    return answer


def belonging(service, operation, **asked):
    answer = service.get("/v1/offences", query_string={"operation": operation, **asked})
    assert answer.status_code == 200, answer.json
    return {one["offence_id"] for one in answer.json["items"]}


def tag(service, operation, *records, tagged=True, **keywords):
    return service.post(
        f"/v1/operations/{operation}/tags", json={"offence_ids": list(records), "tagged": tagged}, **keywords
    )


def test_an_operation_has_every_verb_and_a_history(service):
    first = begun(service)
    address = first.headers["Location"]
    assert first.json["areas"] == [NORTHAMPTON] and first.json["tagging"] == "rule"
    assert service.get(address).json == first.json
    corrected = service.put(
        address, json=CHALLENGE | {"to_on": None}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (corrected.status_code, corrected.json["to_on"]) == (200, None)
    patched = service.patch(
        address, json={"note": "Extended."}, headers={"If-Match": corrected.headers["ETag"]}
    )
    assert (patched.json["note"], patched.json["to_on"], patched.json["name"]) == (
        "Extended.",
        None,
        "Operation Challenge",
    )
    assert (
        service.put(address, json=CHALLENGE, headers={"If-Match": first.headers["ETag"]}).status_code == 412
    )
    assert service.put(address, json=CHALLENGE).status_code == 428
    assert service.delete(address, headers={"If-Match": patched.headers["ETag"]}).status_code == 200
    assert service.get(address).status_code == 404
    assert service.get(f"{address}/tags").status_code == service.get(f"{address}/effect").status_code == 404
    assert service.get(f"{address}?as_of={first.json['since_change']}").json == first.json
    assert service.get("/v1/operations").json["items"] == []


def test_the_rule_tags_what_was_recorded_in_its_areas_categories_and_days(service):
    operation = begun(service).json["operation_id"]
    inside = record(service)["offence_id"]
    for otherwise in ({"area": KETTERING}, {"code": "45"}, {"recorded_on": "2012-06-01"}):
        record(service, **otherwise)
    assert belonging(service, operation) == {inside}
    assert belonging(service, operation, area="kettering") == set()


def test_a_hand_goes_before_the_rule_and_can_be_taken_back(service):
    operation = begun(service).json["operation_id"]
    inside, outside = record(service)["offence_id"], record(service, area=KETTERING)["offence_id"]
    said = tag(service, operation, outside)
    assert (said.status_code, said.json["changed"], said.json["unchanged"]) == (201, 1, 0)
    assert belonging(service, operation) == {inside, outside}
    assert tag(service, operation, inside, tagged=False).json["changed"] == 1
    assert belonging(service, operation) == {outside}
    assert belonging(service, operation, as_of=said.json["since_change"]) == {inside, outside}
    assert tag(service, operation, inside, tagged=False).json["changed"] == 0
    assert tag(service, operation, inside, outside, tagged=None).json["changed"] == 2
    assert belonging(service, operation) == {inside}
    assert service.get(f"/v1/operations/{operation}/tags").json["items"] == []
    then = service.get(f"/v1/operations/{operation}/tags?as_of={said.json['since_change']}").json["items"]
    assert [(one["offence_id"], one["tagged"], one["caller"]) for one in then] == [
        (outside, True, "administrator")
    ]


def test_an_operation_tagged_by_hand_has_only_what_was_tagged(service):
    operation = begun(service, tagging="hand").json["operation_id"]
    first, _second = record(service)["offence_id"], record(service)
    assert belonging(service, operation) == set()
    tag(service, operation, first)
    assert belonging(service, operation) == {first}


def test_a_record_may_belong_to_several_operations_and_keeps_its_tag_when_corrected(service):
    one = begun(service, tagging="hand").json["operation_id"]
    two = begun(service, name="Operation Nightsafe").json["operation_id"]
    held = record(service)
    tag(service, one, held["offence_id"])
    corrected = service.put(
        f"/v1/offences/{held['offence_id']}",
        json=offence(crime_ref=held["crime_ref"], victims=2),
        headers={"If-Match": held["etag"]},
    )
    assert corrected.status_code == 200
    assert belonging(service, one) == belonging(service, two) == {held["offence_id"]}
    cancelled = service.delete(
        f"/v1/offences/{held['offence_id']}?reason=recorded-in-error",
        headers={"If-Match": corrected.headers["ETag"]},
    )
    assert cancelled.status_code == 200
    assert belonging(service, one) == set()
    assert belonging(service, one, status="cancelled") == {held["offence_id"]}


def test_only_the_force_whose_records_they_are_tags_them_and_its_access_log_tells(service):
    operation = begun(service, tagging="hand").json["operation_id"]
    held = record(service)["offence_id"]
    stranger = key(service, "read", "record", forces=("leicestershire",))
    told, nothing = (tag(service, operation, one, headers=stranger) for one in (held, NOBODY))
    assert (told.status_code, told.json["detail"].replace(held, NOBODY)) == (422, nothing.json["detail"])
    assert tag(service, operation, held, headers=key(service, "read")).status_code == 403
    own = key(service, "read", "record", forces=("northamptonshire",))
    assert tag(service, operation, held, headers=own | {"Justification": "tasking 12/4"}).status_code == 201
    told = service.get(f"/v1/audit/accesses?offence_id={held}&operation=tagOffences").json["items"]
    assert [(one["kind"], one["justification"]) for one in told] == [("alteration", "tasking 12/4")]


def test_records_that_are_not_there_are_named_and_nothing_is_tagged(service):
    operation = begun(service, tagging="hand").json["operation_id"]
    held = record(service)["offence_id"]
    answer = tag(service, operation, held, NOBODY)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/offence_ids/1")
    assert belonging(service, operation) == set()
    assert tag(service, NOBODY, held).status_code == 404
    assert tag(service, operation).status_code == 422


def test_records_of_several_forces_are_tagged_force_by_force(service):
    operation = begun(service, tagging="hand").json["operation_id"]
    ours = record(service)["offence_id"]
    theirs = record(service, force="leicestershire", area="leicester")["offence_id"]
    answer = tag(service, operation, ours, theirs)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/offence_ids")
    assert tag(service, operation, ours).status_code == tag(service, operation, theirs).status_code == 201
    assert [
        one["offence_id"]
        for one in service.get(f"/v1/operations/{operation}/tags?force=leicestershire").json["items"]
    ] == [theirs]


def test_operations_are_listed_by_place_crime_and_day(service):
    first = begun(service).json["operation_id"]
    second = begun(
        service, name="Operation Turtle", areas=["northamptonshire"], categories=["robbery"], to_on=None
    ).json["operation_id"]

    def found(asked):
        return [one["operation_id"] for one in service.get(f"/v1/operations?{asked}").json["items"]]

    assert found("area=northampton") == found("area=northamptonshire") == found("") == [first, second]
    assert found("area=kettering") == [second]
    assert found("category=robbery") == found("on=2013-01-01") == [second]
    assert found("on=2012-05-31&category=residential-burglary") == [first]


WRONG = [
    ({"areas": ["atlantis"]}, "/areas"),
    ({"areas": ["northampton", "northamptonshire"]}, "/areas"),
    ({"areas": []}, "/areas"),
    ({"categories": ["gossip"]}, "/categories"),
    ({"to_on": "2012-04-30"}, "/to_on"),
    ({"name": ""}, "/name"),
    ({"tagging": "guess"}, "/tagging"),
    ({"from_on": "2012-13-01"}, "/from_on"),
]


@pytest.mark.parametrize(("said", "pointer"), WRONG, ids=[f"{pointer} {said}" for said, pointer in WRONG])
def test_an_operation_that_cannot_be_is_refused_by_field(service, said, pointer):
    answer = service.post("/v1/operations", json=CHALLENGE | said)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_patch_cannot_end_an_operation_before_it_began(service):
    first = begun(service)
    answer = service.patch(
        first.headers["Location"], json={"to_on": "2012-04-30"}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (answer.status_code, answer.json["detail"]) == (
        422,
        "An operation cannot end before it begins: check from_on and to_on.",
    )


def test_two_operations_have_two_names(service):
    begun(service)
    again = service.post("/v1/operations", json=CHALLENGE | {"name": "operation challenge"})
    assert (again.status_code, "Another operation has this name" in again.json["detail"]) == (409, True)


def test_a_list_of_an_operation_that_is_not_there_is_refused(service):
    answer = service.get(f"/v1/offences?operation={NOBODY}")
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "operation")
    assert service.get("/v1/offences?operation=challenge").status_code == 400
