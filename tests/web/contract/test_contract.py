"""The contract is what is served: written from the code, committed, and true of every answer."""

import re
from pathlib import Path

import committed
import pytest
import schemathesis
from builders import record
from conftest import _client
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import run_state_machine_as_test
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig

from service.store import database
from service.web.request import waiting


def test_the_committed_contract_is_the_one_the_code_writes(contract):
    assert committed.contract() == contract, "run `make openapi` and commit what it writes"


def test_the_contract_is_valid_openapi(contract):
    assert contract["openapi"] == "3.1.1"
    validate(contract)


def test_the_contract_is_served_to_anyone_as_json_and_yaml(service, contract):
    assert service.get("/openapi.json", headers={"Authorization": None}).json == contract
    assert (
        service.get("/openapi.yaml", headers={"Authorization": None}).get_data() == committed.NOW.read_bytes()
    )


def test_every_route_is_in_the_contract_and_no_other(app, contract):
    served = {re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", str(rule)) for rule in app.url_map.iter_rules()}
    assert {path for path in served if path.startswith("/v1")} == set(contract["paths"])
    assert {path for path in served if not path.startswith("/v1")} == {
        "/live",
        "/ready",
        "/openapi.json",
        "/openapi.yaml",
        "/docs",
        "/docs/start.js",
        "/docs/{name}",
        "/docs/problems/{kind}",
        "/csvw/{operation}.json",
    }


def test_flask_restx_serves_no_contract_of_its_own(service):
    for path in ("/swagger.json", "/v1/swagger.json", "/swaggerui/swagger-ui.css"):
        assert service.get(path).status_code == 404


def test_names_are_one_to_an_operation_and_kebab_or_snake(contract):
    operations = [one for path in contract["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+[A-Za-z]+", name) for name in names)
    for path in contract["paths"]:
        assert re.fullmatch(r"(/([a-z0-9-]+|\{[a-z_]+\}))+", path)
    for schema in contract["components"]["schemas"].values():
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in schema.get("properties", {}))
        assert "oneOf" not in schema


def test_what_changes_something_needs_the_version_that_was_seen(contract):
    for path in contract["paths"].values():
        for method in ("put", "patch", "delete"):
            if method in path:
                assert {"$ref": "#/components/parameters/If-Match"} in path[method]["parameters"]
                assert {"412", "428"} <= set(path[method]["responses"])
        if "post" in path:
            assert {"$ref": "#/components/parameters/Idempotency-Key"} in path["post"]["parameters"]


def test_only_what_can_be_made_by_put_promises_201_besides_200(contract):
    both = {
        path
        for path, one in contract["paths"].items()
        if {"200", "201"} <= set(one.get("put", {}).get("responses", {}))
    }
    assert both == {
        "/v1/areas/{area}",
        "/v1/categories/{category}",
        "/v1/mappings/{force}/{name}",
        "/v1/measures/{measure}",
        "/v1/offence-codes/{code}",
        "/v1/breaks/{series_break}",
        "/v1/peer-groups/{force}/{peer_group}",
    }


def test_the_headers_that_callers_go_on_with_are_promised(contract):
    def promised(path, method, status):
        headers = contract["paths"][path][method]["responses"][status]["headers"]
        assert all(one == {"$ref": f"#/components/headers/{name}"} for name, one in headers.items())
        return set(headers)

    for path in ("/v1/summaries", "/v1/targets/{target_id}/progress", "/v1/offences", "/v1/areas/{area}"):
        assert "ETag" in promised(path, "get", "200"), path
    for path, one in contract["paths"].items():
        for method, told in one.items():
            if "201" in told["responses"]:
                assert "Location" in promised(path, method, "201"), path
            if told["operationId"].startswith("list"):
                assert "Link" in promised(path, method, "200"), path
    assert {"ETag", "Link", "Location"} <= set(contract["components"]["headers"])


def test_an_answer_of_a_code_with_a_slash_is_held_against_its_own_operation(service, contract):
    matching = [
        path for pattern, path in service.paths if pattern.fullmatch("/v1/offence-codes/1/4.1/4.10/4.2")
    ]
    assert matching == ["/v1/offence-codes/{code}"]


def test_an_answer_outside_the_contract_would_be_noticed(service, monkeypatch):
    monkeypatch.setattr(type(service), "paths", [pair for pair in service.paths if pair[1] != "/v1/areas"])
    with pytest.raises(AssertionError, match="is not in the contract"):
        service.get("/v1/areas?limit=1")


def test_the_page_of_the_contract_asks_nothing_of_other_machines(service):
    page = service.get("/docs", headers={"Authorization": None})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert address.startswith("/docs/")
        assert service.get(address, headers={"Authorization": None}).status_code == 200
    assert "<script>" not in page.text and "style=" not in page.text


BRIEFLY = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
OPERATIONS = [(path, method) for path, one in committed.contract()["paths"].items() for method in one]


@pytest.fixture(scope="module")
def read(app, contract, referenced, home):
    """The contract as Schemathesis reads it, with every check on. Once: it compiles all modules of the
    service in search of words to send."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRIMEBOOK_KEY", (home / "key").read_text().strip())
        config = SchemathesisConfig.from_path(Path(__file__).parents[2] / "schemathesis.toml")
    schema = schemathesis.openapi.from_dict(contract, config=config)
    schema.app = app
    return schema


@pytest.fixture
def promised(service, read, monkeypatch):
    """The same, to be asked on a book with one record."""
    record(service)
    monkeypatch.setattr(
        waiting.watcher, "stopping", lambda: True
    )  # who asks to wait, up to a minute, looks once: nobody else writes here
    return read


@pytest.mark.parametrize(
    ("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS]
)
def test_nothing_that_can_be_sent_is_answered_outside_the_contract(promised, path, method):
    @BRIEFLY
    @given(case=promised[path][method].as_strategy())
    def answers(case):
        case.call_and_validate()

    answers()


def test_journeys_from_answer_to_answer_stay_within_the_contract(promised, app, databases, referenced, home):
    class Journey(promised.as_state_machine()):
        """Each begins on a book of its own: what one did would be found by the next, and what is drawn
        depends on what is answered."""

        def setup(self):
            self.book = databases.make(like=referenced)
            record(_client(app, databases.url(self.book), home))
            super().setup()

        def teardown(self):
            super().teardown()
            database.release()
            databases.drop(self.book)

    run_state_machine_as_test(Journey, settings=settings(BRIEFLY, stateful_step_count=10))
