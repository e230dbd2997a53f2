"""What callers were promised is kept: openapi/released.yaml is the contract as last promised, and only a new
major version may break it."""

import copy
import json
import re
import tomllib
from pathlib import Path

import committed
import pytest

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def broken(redocly, tmp_path_factory):
    """What of the first contract the second breaks without a new major version, as `place: what`; Redocly
    judges, also who is a caller and who an answer: a new word of an enum in an answer breaks strict
    clients."""

    def compare(before, after):
        files = [tmp_path_factory.mktemp("contracts") / f"{name}.yaml" for name in ("before", "after")]
        for file, contract in zip(files, (before, after), strict=True):
            file.write_text(json.dumps(contract))
        told = redocly("diff", *files, "--format", "json", "--fail-on", "none")
        assert told.returncode == 0, told.stderr
        found = json.loads(told.stdout)
        old, new = (int(contract["info"]["version"].split(".")[0]) for contract in (before, after))
        assert new >= old
        return (
            []
            if new > old
            else [
                f"{one['path']}: {told['message']}"
                for one in found["changes"]
                for told in one["verdicts"]
                if told["impact"] == "major"
            ]
        )

    return compare


@pytest.fixture
def contract():
    return copy.deepcopy(committed.contract())


def test_the_contract_is_clean_by_the_strictest_rules_of_redocly(redocly):
    told = redocly("lint", "--extends", "recommended-strict", committed.NOW)
    assert told.returncode == 0, told.stdout + told.stderr


def test_nothing_that_was_promised_is_broken(broken, contract):
    """Where this fails: keep what was promised, or, if it must go, give the contract a new major version and
    `make promise`."""
    assert broken(committed.contract(committed.RELEASED), contract) == []


def broken_in_many_ways(contract):
    """The contract with something of every kind broken, and where each is."""
    made = copy.deepcopy(contract)
    paths, schemas = made["paths"], made["components"]["schemas"]
    del paths["/v1/offences/{offence_id}/figures"]
    del paths["/v1/offences/{offence_id}"]["delete"]
    del paths["/v1/targets"]["post"]["responses"]["201"]
    del schemas["Area"]["properties"]["slug"]
    schemas["Area"]["required"].remove("slug")
    schemas["OffenceDraft"]["properties"]["weapon"] = {"type": "string"}
    schemas["OffenceDraft"]["required"].append("weapon")
    schemas["AreaKind"]["enum"].remove("beat")
    schemas["Offence"]["properties"]["victims"] = {"type": "string"}
    paths["/v1/callers"]["get"]["parameters"].append(
        {"name": "why", "in": "query", "required": True, "schema": {"type": "string"}}
    )
    del paths["/v1/areas"]["get"]["responses"]["200"]["content"]["text/csv"]
    paths["/v1/changes"]["get"]["operationId"] = "listEverything"
    return made


def test_whatever_breaks_a_caller_is_noticed(broken, contract):
    found = "\n".join(broken(contract, broken_in_many_ways(contract)))
    for place in (
        "~1v1~1offences~1{offence_id}~1figures:",
        "~1v1~1offences~1{offence_id}/delete:",
        "~1v1~1targets/post/responses/201:",
        "items/properties/slug:",
        "~1v1~1offences/post/requestBody",
        "~1v1~1areas/get/parameters/3/schema:",
        "properties/victims:",
        "~1v1~1callers/get/parameters/4:",
        "~1v1~1areas/get/responses/200/content/text~1csv:",
        "~1v1~1changes/get:",
    ):
        assert place in found, f"{place} in\n{found}"


def test_a_new_major_version_may_break_what_was_promised(broken, contract):
    made = broken_in_many_ways(contract)
    made["info"]["version"] = "9.0.0"
    assert broken(contract, made) == []


def test_more_than_was_promised_breaks_nobody(broken, contract):
    made = copy.deepcopy(contract)
    paths, schemas = made["paths"], made["components"]["schemas"]
    paths["/v1/more"] = {"get": paths["/v1/outcomes"]["get"] | {"operationId": "listMore"}}
    paths["/v1/outcomes"]["post"] = paths["/v1/targets"]["post"] | {"operationId": "addMore"}
    schemas["Area"]["properties"]["motto"] = {"type": "string"}
    schemas["Area"]["required"].append("motto")
    schemas["OffenceDraft"]["properties"]["weapon"] = {"type": "string"}
    schemas["More"] = {"type": "object", "properties": {"more": {"type": "string"}}}
    paths["/v1/callers"]["get"]["parameters"].append(
        {"name": "why", "in": "query", "required": False, "schema": {"type": "string"}}
    )
    paths["/v1/areas"]["get"]["responses"]["200"]["content"]["text/plain"] = {"schema": {"type": "string"}}
    paths["/v1/areas"]["get"]["deprecated"] = True
    assert broken(contract, made) == []


def test_the_version_of_the_contract_is_that_of_the_changelog(contract):
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    [newest, *_] = re.findall(r"^## \[([0-9a-z.]+)\]", changelog, re.MULTILINE)
    built = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert contract["info"]["version"] == newest == built
