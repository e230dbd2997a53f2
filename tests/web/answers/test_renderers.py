"""Representations are registered; resources give values and know nothing of media types."""

import re
from pathlib import Path

import pytest
from flask_restx import Namespace, Resource
from marshmallow import fields

from service.app import Api, Application, _require_renderers
from service.web import logs, problems
from service.web.answers import documents, formats, renderers
from service.web.answers.answer import Answer
from service.web.answers.renderers import Rendered, register, renderer_for
from service.web.fields import Output
from service.web.request.operation import operation

SERVICE = Path(__file__).parents[3] / "service"
HAIKU = "text/x-haiku"


class Poem(Output):
    """Lines."""

    items = fields.List(fields.String())


class LongPoem(Poem):
    """More lines."""


@pytest.fixture
def haiku(monkeypatch):
    """A format that only poems can be had in."""
    monkeypatch.setattr(renderers, "_renderers", dict(renderers._renderers))
    register(HAIKU, Poem, lambda _schema, answer: Rendered("/".join(answer.content["items"]).encode()))
    yield HAIKU
    monkeypatch.undo()
    renderer_for.cache_clear()


def test_a_renderer_holds_for_its_schema_and_what_inherits_from_it(haiku):
    assert renderer_for(haiku, LongPoem) is renderer_for(haiku, Poem)
    register(haiku, LongPoem, lambda _schema, _answer: Rendered(b"too long"))
    assert renderer_for(haiku, LongPoem)(LongPoem(), Answer()).body == b"too long"
    assert renderer_for(formats.JSON, LongPoem) is documents.as_json
    with pytest.raises(LookupError, match="writes Output as text/x-haiku"):
        renderer_for(haiku, Output)


def served(*media_types, returns):
    namespace = Namespace("poems", description="Poems.")

    @namespace.route("")
    class Poems(Resource):
        @operation("readPoem", "Read a poem", returns=returns, scope=None, formats=media_types)
        def get(self):
            return {"items": ["old pond", "a frog jumps in"]}

    app = Application("poems", static_folder=None)
    logs.log_requests(app)
    problems.answer_faults(app)
    app.api = Api(app, prefix="/v1", doc=False)
    app.api.add_namespace(namespace, "/poems")
    return app


def test_another_format_is_one_more_renderer_and_no_resource_changes(haiku):
    app = served(formats.JSON, haiku, returns=Poem())
    _require_renderers(app.api)
    client = app.test_client()
    as_json, as_haiku = (client.get("/v1/poems", headers={"Accept": one}) for one in (formats.JSON, haiku))
    assert as_json.json == {"items": ["old pond", "a frog jumps in"]}
    assert (as_haiku.text, as_haiku.content_type) == ("old pond/a frog jumps in", haiku)
    assert as_haiku.headers["Vary"] == as_json.headers["Vary"] == "Accept"


def test_a_format_that_nothing_writes_is_found_when_the_service_starts():
    with pytest.raises(LookupError, match="writes Poem as text/x-haiku"):
        _require_renderers(served(formats.JSON, HAIKU, returns=Poem()).api)


def test_no_resource_looks_at_the_media_type():
    looks = re.compile(r"current\(\)\.media_type|exchange\.media_type|accept_mimetypes")
    looking = {
        str(path.relative_to(SERVICE))
        for path in SERVICE.rglob("*.py")
        if looks.search(path.read_text(encoding="utf-8"))
    }
    assert {path for path in looking if not path.startswith("web/")} == set()
    assert "web/request/negotiation.py" in looking
