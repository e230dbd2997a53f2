"""The client that openapi-python-client makes of the contract, without a warning, calling the running
service."""

import importlib
import json
import sys
from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from builders import offence
from client_tools import CLIENTS, CONTRACT, done


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The client as a package that can be imported."""
    folder = tmp_path_factory.mktemp("python")
    done(
        "openapi-python-client",
        "generate",
        "--path",
        CONTRACT,
        "--config",
        CLIENTS / "python" / "config.yaml",
        "--meta",
        "none",
        "--output-path",
        folder / "crimebook",
        "--fail-on-warning",
        cwd=folder,
    )
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"crimebook.{name}")
    sys.path.remove(str(folder))


class Caller:
    """The generated client with a key: `caller("offences.read_offence", …)` is the answer to one call."""

    def __init__(self, made, service):
        self.made, self.service = made, service
        self.client = self.with_headers({})

    def with_headers(self, headers):
        return self.made("client").AuthenticatedClient(
            base_url=self.service.url, token=self.service.key, headers=headers
        )

    def __call__(self, operation, *path, client=None, **said):
        return self.made(f"api.{operation}").sync_detailed(*path, client=client or self.client, **said)

    def model(self, name, **said):
        words = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).strip("_")
        return getattr(self.made(f"models.{words}"), name).from_dict(said)


@pytest.fixture
def caller(made, called):
    ready = Caller(made, called)
    with ready.client:
        yield ready


def submitted(caller, crimes):
    """The whole year 2012/13 of Northamptonshire, as NDJSON."""
    lines = "\n".join(json.dumps(one) for one in crimes).encode()
    file = caller.made("types").File(payload=BytesIO(lines))
    day = caller.made("models.submission").datetime.date
    answer = caller(
        "submissions.submit_offences",
        body=file,
        force="northamptonshire",
        period_from=day(2012, 4, 1),
        period_to=day(2013, 3, 31),
        idempotency_key="year-2012-13",
    )
    assert answer.status_code == HTTPStatus.CREATED, answer.content
    return answer.parsed


def figure(caller):
    answer = caller("summaries.read_summary", area=["northamptonshire"], period="2012/13")
    assert answer.status_code == HTTPStatus.OK, answer.content
    return answer.parsed.figures[0].value


def pages(caller, **said):
    """Every page of the offences, each reached by the cursor in the `next` of the one before."""
    after = {}
    while True:
        page = caller("offences.list_offences", limit=3, **said, **after).parsed
        yield page.items
        if page.next_ is None:
            return
        after = {
            name: value
            for name, [value] in parse_qs(urlsplit(page.next_).query).items()
            if name in ("after", "as_of")
        }


def test_the_generated_client_of_python_does_a_whole_journey(caller):
    receipt = submitted(caller, [offence() for _ in range(6)])
    assert (receipt.status, receipt.recorded, figure(caller)) == ("accepted", 6, 6)
    draft = caller.model("ReleaseDraft", title="The year", areas=["northamptonshire"], period="2012/13")
    release = caller("releases.publish_release", body=draft, idempotency_key="r-1").parsed

    sent = offence()
    recorded = caller(
        "offences.record_offence", body=caller.model("OffenceDraft", **sent), idempotency_key="o-1"
    )
    again = caller(
        "offences.record_offence", body=caller.model("OffenceDraft", **sent), idempotency_key="o-1"
    )
    assert (recorded.status_code, again.content) == (HTTPStatus.CREATED, recorded.content)
    offence_id, tag = recorded.parsed.offence_id, recorded.headers["ETag"]

    read = caller("offences.read_offence", offence_id)
    assert (read.headers["ETag"], read.parsed) == (tag, recorded.parsed)
    with caller.with_headers({"If-None-Match": tag}) as holding:
        held = caller("offences.read_offence", offence_id, client=holding)
    assert (held.status_code, held.content) == (HTTPStatus.NOT_MODIFIED, b"")

    more = caller.model("OffenceDraft", **sent | {"victims": 2})
    corrected = caller("offences.correct_offence", offence_id, body=more, if_match=tag, reason="two victims")
    assert (corrected.parsed.victims, corrected.headers["ETag"] != tag) == (2, True)
    stale = caller("offences.correct_offence", offence_id, body=more, if_match=tag)
    assert (stale.status_code, stale.parsed.type_) == (
        HTTPStatus.PRECONDITION_FAILED,
        "/docs/problems/stale-version",
    )
    assert stale.headers["ETag"] == corrected.headers["ETag"]

    listed = list(pages(caller, area="northamptonshire"))
    assert [len(items) for items in listed] == [3, 3, 1]
    assert len({one.offence_id for items in listed for one in items}) == 7

    assert figure(caller) == 7
    moved = caller("releases.read_revisions", release.release_id).parsed
    assert [
        (one.then, one.now, one.difference) for one in moved.revisions if one.category.code == "all-crime"
    ] == [(6, 7, 1)]


def test_a_fault_comes_as_a_problem_that_names_the_field(caller):
    answer = caller("offences.record_offence", body=caller.model("OffenceDraft", **offence(code="999Z")))
    assert (answer.status_code, answer.parsed.status) == (HTTPStatus.UNPROCESSABLE_ENTITY, 422)
    assert [one.pointer for one in answer.parsed.errors] == ["/code"]
