"""The examples of the contract, and what must be there before each can be sent."""

import json
from pathlib import Path

from builders import record
from publications import crime, send_years

EXAMPLES = Path(__file__).parents[1] / "openapi" / "examples"
NEW = {
    "area": "NN-ABINGTON",
    "category": "burglary-and-robbery",
    "code": "34Z",
    "force": "northamptonshire",
    "measure": "savings",
    "name": "niche",
    "peer_group": "example",
    "series_break": "assaults-regrouped",
}
"""What the examples that define a thing call it."""


def example(name):
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def ground(service, name, path):
    """Make what the example of an operation is about. Gives the parts of its path, and the headers that it
    needs."""
    if name == "publishRelease":  # only what a force has sent whole is published
        send_years(service, [crime(number) for number in range(12)])
    if "observation" in path:
        made = service.put("/v1/measures/savings", json=example("defineMeasure"), headers={"If-Match": '"0"'})
        assert made.status_code == 201, made.json
    for member, by, address in (
        ("operation_id", "beginOperation", "/v1/operations"),
        ("target_id", "setTarget", "/v1/targets"),
        ("caller_id", "createCaller", "/v1/callers"),
        ("observation_id", "reportObservation", "/v1/measures/savings/observations"),
    ):
        if f"{{{member}}}" in path:
            made = service.post(address, json=example(by))
            assert made.status_code == 201, made.json
            return NEW | {member: made.json[member]}, {"If-Match": made.headers.get("ETag", "")}
    if "{offence_id}" in path:
        made = record(service)
        return NEW | {"offence_id": made["offence_id"]}, {"If-Match": made["etag"]}
    return NEW, {"If-Match": '"0"'}


def body(service, name, text):
    """The example as it is sent: ids in it are of things that are there."""
    return (
        text.replace(example("tagOffences")["offence_ids"][0], record(service)["offence_id"])
        if name == "tagOffences"
        else text
    )
