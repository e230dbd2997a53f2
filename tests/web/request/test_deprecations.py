"""An operation that will go says so long before: in the contract, and in every answer it gives."""

import datetime as dt
import json

import pytest
from flask_restx import Namespace, Resource
from marshmallow import fields
from openapi_spec_validator import validate

from service.app import Api, Application
from service.web import logs, problems
from service.web.contract.openapi import document
from service.web.declaration import Deprecated
from service.web.fields import Integer, Output, Query
from service.web.request.operation import operation

GOING = Deprecated(since=dt.date(2027, 1, 1), sunset=dt.date(2028, 1, 1), instead="/v1/summaries")


class Wisdom(Output):
    """What the old address says."""

    words = fields.String()


class Asked(Query):
    """How much of it."""

    much = Integer(least=1, most=3)


@pytest.fixture
def old():
    """A service with one operation that will go and one that stays."""
    namespace = Namespace("wisdom", description="Old words.")

    @namespace.route("")
    class Words(Resource):
        @operation(
            "readWisdom", "Read old words", query=Asked(), returns=Wisdom(), scope=None, deprecated=GOING
        )
        def get(self, much):
            return {"words": "much" if much else "few"}

        @operation("writeWisdom", "Write old words", returns=Wisdom(), scope=None)
        def post(self):
            return {"words": "new"}

    app = Application("old", static_folder=None)
    logs.log_requests(app)
    problems.answer_faults(app)
    app.api = Api(app, prefix="/v1", doc=False)
    app.api.add_namespace(namespace, "/wisdom")
    return app


def test_every_answer_of_it_says_since_when_until_when_and_what_instead(old):
    for address, status in (("/v1/wisdom", 200), ("/v1/wisdom?much=9", 400), ("/v1/wisdom?wrong=1", 400)):
        answer = old.test_client().get(address)
        assert answer.status_code == status, answer.text
        assert answer.headers["Deprecation"] == "@1798761600"
        assert dt.datetime.fromtimestamp(1798761600, dt.UTC).date() == GOING.since
        assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
        assert answer.headers["Link"] == '</v1/summaries>; rel="successor-version"'


def test_what_stays_says_nothing_of_it(old):
    answer = old.test_client().post("/v1/wisdom")
    assert answer.status_code == 200, answer.text
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers.keys())


def test_the_contract_says_it_too(old):
    told = json.loads(json.dumps(document(old.api)))
    validate(told)
    going, staying = told["paths"]["/v1/wisdom"]["get"], told["paths"]["/v1/wisdom"]["post"]
    assert going["deprecated"] is True
    assert "may be gone from 2028-01-01. Use /v1/summaries." in going["description"]
    assert {"Deprecation", "Sunset", "Link"} <= set(going["responses"]["200"]["headers"])
    assert "deprecated" not in staying and "Sunset" not in staying["responses"]["200"]["headers"]


def test_nothing_goes_before_callers_were_told():
    with pytest.raises(ValueError, match="before callers were told"):
        Deprecated(since=dt.date(2027, 1, 1), sunset=dt.date(2027, 1, 1), instead="/v1/summaries")
