"""Every request body has a whole example, which the service takes as it stands; and every example of an
answer is a true answer."""

import json

import pytest
from committed import contract
from examples import EXAMPLES, body, ground
from jsonschema import Draft202012Validator

COMMITTED = contract()
OPERATIONS = {
    one["operationId"]: (path, method, one)
    for path, told in COMMITTED["paths"].items()
    for method, one in told.items()
}
BINARY = {
    "application/zip",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BODIES = [
    (name, kind, one["requestBody"]["content"][kind])
    for name, (_, _, one) in OPERATIONS.items()
    for kind in one.get("requestBody", {}).get("content", {})
    if kind not in BINARY
]
ASKED = {"receiveReturn": {"source": "home-office-pfa", "edition": "2026-04", "understood_only": "true"}}


def valid(schema, instance):
    Draft202012Validator(
        {"$ref": "#/it", "it": schema, "components": COMMITTED["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    ).validate(instance)


@pytest.mark.parametrize(
    ("name", "kind", "content"), BODIES, ids=[f"{name} {kind}" for name, kind, _ in BODIES]
)
def test_every_body_has_a_whole_example_that_is_taken(service, name, kind, content):
    example = content["example"]
    if kind == "application/json":
        valid(content["schema"], example)
        whole = COMMITTED["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        assert name.startswith("patch") or set(example) == set(whole["properties"]), (
            "an example says all that can be said"
        )
        example = json.dumps(example)
    path, method, _ = OPERATIONS[name]
    names, headers = ground(service, name, path)
    answer = service.open(
        path.format(**names),
        method=method.upper(),
        data=body(service, name, example),
        content_type=kind,
        query_string=ASKED.get(name),
        headers=headers,
    )
    assert answer.status_code in (200, 201), answer.json


SHOWN = [
    (name, status, answer["content"]["application/json"])
    for name, (_, _, one) in OPERATIONS.items()
    for status, answer in one["responses"].items()
    if "example" in answer.get("content", {}).get("application/json", {})
]


@pytest.mark.parametrize(
    ("name", "status", "content"), SHOWN, ids=[f"{name} {status}" for name, status, _ in SHOWN]
)
def test_every_example_of_an_answer_is_one(name, status, content):
    valid(content["schema"], content["example"])


def test_every_file_of_an_example_is_one_of_an_operation():
    assert {file.name.split(".")[0] for file in EXAMPLES.iterdir()} <= set(OPERATIONS)
