"""What answers are made of: the service writes members by a shorter way than marshmallow's, and must write
the same."""

import orjson
import pytest
from marshmallow import Schema

from service.web.fields import Output

ADDRESSES = [
    "/v1/offences?limit=19",
    "/v1/offences?status=any&limit=5",
    "/v1/targets?limit=19",
    "/v1/releases?limit=19",
    "/v1/returns?limit=19",
    "/v1/changes?limit=19",
    "/v1/areas?limit=19",
    "/v1/categories?limit=19",
    "/v1/offence-codes?limit=19",
    "/v1/measures?limit=19",
    "/v1/breaks?limit=19",
    "/v1/outcomes?limit=19",
    "/v1/submissions?limit=19",
    "/v1/callers?limit=19",
    "/v1/audit/accesses",
    "/v1/audit/seals",
    "/v1/summaries?area=northamptonshire&period=2012/13&compare=2011/12&category=robbery",
    "/v1/summaries?area=northamptonshire&period=2012/13&compare=2011/12&measure=rate",
    "/v1/summaries?area=northamptonshire&period=2012/13&compare=2011/12&measure=severity",
    "/v1/summaries/series?area=northamptonshire&category=robbery&period=2012/13&every=month",
    "/v1/summaries/ranking?area=england-and-wales&period=2012/13&source=home-office-pfa",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_written_as_marshmallow_writes_it(published, monkeypatch, address):
    ours, written = Output._serialize, []

    def both(self, obj, *, many=False):
        shown = ours(self, obj, many=many)
        assert orjson.dumps(shown) == orjson.dumps(Schema._serialize(self, obj, many=many))
        written.append(type(self))
        return shown

    monkeypatch.setattr(Output, "_serialize", both)
    answer = published.get(address)
    assert answer.status_code == 200 and written, answer.json
