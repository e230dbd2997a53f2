"""Lists: their cursors and their tags."""

import base64

import orjson
import pytest
from builders import offence, record

from service.reference import areas
from service.web.answers import pages


def forged(address, **parts):
    """The next page's address with a part of its cursor replaced."""
    head, cursor = address.split("after=")
    told = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for place, part in parts.items():
        told[int(place.strip("at"))] = part
    return head + "after=" + base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("=")


@pytest.mark.parametrize("number", [str(2**63), str(-(2**63) - 1), "9" * 30, "x", None])
def test_a_cursor_with_a_number_that_no_row_can_have_is_400(service, number):
    made = record(service)
    address = f"/v1/offences/{made['offence_id']}"
    service.put(
        address, json=offence(crime_ref=made["crime_ref"], victims=2), headers={"If-Match": made["etag"]}
    )
    following = service.get(f"{address}/versions?limit=1").json["next"]
    assert service.get(following).status_code == 200
    answer = service.get(forged(following, at1=number))
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "after")


def test_a_list_that_grows_without_a_change_has_no_tag_and_is_never_304(service, monkeypatch):
    tagged = service.get("/v1/areas?limit=1")
    assert (
        service.get("/v1/areas?limit=1", headers={"If-None-Match": tagged.headers["ETag"]}).status_code == 304
    )
    monkeypatch.setattr(areas, "listed", lambda *given, **asked: pages.listed(*given, **asked, tagged=False))
    for media_type in pages.LISTED:
        answer = service.get(
            "/v1/areas?limit=1", headers={"If-None-Match": tagged.headers["ETag"], "Accept": media_type}
        )
        assert (answer.status_code, "ETag" in answer.headers) == (200, False)
        assert (
            service.get("/v1/areas", headers={"If-None-Match": "*", "Accept": media_type}).status_code == 200
        )
