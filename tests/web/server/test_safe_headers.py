"""What every answer forbids a browser, whom it lets ask, and what is never written into a log."""

import json
import logging
import re

import pytest
from builders import key, offence, record, submit
from conftest import ContractClient

from service.app import create_app
from service.settings import Settings
from service.store import connect, database
from service.web import logs

PAGE = "https://figures.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization",
    "Authorization": None,
}
ANYWHERE = [
    "/live",
    "/ready",
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/start.js",
    "/docs/swagger-ui.css",
    "/docs/problems/conflict",
    "/v1/areas?limit=1",
    "/v1/offences",
    "/v1/nothing",
    "/nothing",
    "/v1/areas?nothing=1",
]


@pytest.fixture
def made(service, databases, home):
    """Makes a client of an application with other settings, on the same book."""
    url = database._database["url"]

    def make(**told):
        environment = {"DATABASE_URL": url, "LOG_LEVEL": "error", "CRIMEBOOK_HOME": str(home), **told}
        app = create_app(Settings.from_environment(environment))
        app.test_client_class = ContractClient
        return app.test_client()

    yield make
    connect(url)


@pytest.mark.parametrize("path", ANYWHERE)
@pytest.mark.parametrize("authorised", [True, False])
def test_every_answer_forbids_guessing_running_and_framing_it(service, path, authorised):
    answer = service.get(path, headers={} if authorised else {"Authorization": None})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert (
        policy.startswith("default-src 'none'")
        and "frame-ancestors 'none'" in policy
        and "unsafe" not in policy
    )
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    assert (
        "Strict-Transport-Security" not in answer.headers
        and "Access-Control-Allow-Origin" not in answer.headers
    )
    assert "Set-Cookie" not in answer.headers


def test_what_shows_records_is_kept_nowhere_and_figures_by_the_caller_alone(service):
    one = record(service)
    for path in (
        "/v1/offences",
        f"/v1/offences/{one['offence_id']}",
        f"/v1/offences/{one['offence_id']}/versions",
    ):
        for accept in ("application/json", "application/x-ndjson"):
            answer = service.get(path, headers={"Accept": accept})
            if answer.status_code == 200:
                assert answer.headers["Cache-Control"] == "no-store", path
    assert service.post("/v1/offences", json=offence(crime_ref="NN/2")).headers["Cache-Control"] == "no-store"
    assert (
        service.get("/v1/summaries?area=northamptonshire&period=2012/13").headers["Cache-Control"]
        == "private, no-cache"
    )
    assert (
        service.post("/v1/callers", json={"name": "x", "scopes": ["read"]}).headers["Cache-Control"]
        == "no-store"
    )


def test_only_the_pages_of_the_contract_may_run_a_script_and_only_their_own(service):
    may_run = {
        path for path in ANYWHERE if "script-src" in service.get(path).headers["Content-Security-Policy"]
    }
    assert may_run == {"/docs", "/docs/problems/conflict"}
    for path in may_run:
        page = service.get(path, headers={"Authorization": None})
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page.text)


def test_no_page_of_another_origin_may_ask_unless_it_was_named(service):
    for headers in ({"Origin": PAGE}, {"Origin": PAGE, **PREFLIGHT}):
        answer = service.open(
            "/v1/areas",
            method="OPTIONS" if "Access-Control-Request-Method" in headers else "GET",
            headers=headers,
        )
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert "Origin" not in answer.headers.get("Vary", "")


def test_a_page_whose_origin_was_named_may_ask_and_no_other(made):
    client = made(CORS_ORIGINS=f"{PAGE}, http://localhost:3000")
    preflight = client.open("/v1/areas", method="OPTIONS", headers={"Origin": PAGE, **PREFLIGHT})
    assert (preflight.status_code, preflight.get_data()) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"authorization", "if-match", "idempotency-key"} <= {
        one.strip().lower() for one in preflight.headers["Access-Control-Allow-Headers"].split(",")
    }
    answer = client.get("/v1/areas?limit=1", headers={"Origin": PAGE})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    refused = client.get("/v1/areas", headers={"Origin": PAGE, "Authorization": None})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (
        401,
        PAGE,
    ), "a page must see why it gets nothing"
    for other in (
        f"{PAGE}.evil.example",
        "https://evil.example",
        "null",
        PAGE.upper(),
        f"{PAGE}:444",
        "http://figures.example",
    ):
        for method, headers in (("GET", {}), ("OPTIONS", PREFLIGHT)):
            answer = client.open("/v1/areas?limit=1", method=method, headers={"Origin": other, **headers})
            assert "Access-Control-Allow-Origin" not in answer.headers, other
            assert "Origin" in answer.headers["Vary"]


def test_tls_is_asked_for_where_a_proxy_says_that_it_was_there(made):
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}
    assert "Strict-Transport-Security" not in made().get("/live", headers=sent).headers, (
        "nobody is believed unasked"
    )
    behind = made(PROXIES="1")
    assert behind.get("/live", headers=sent).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in behind.get("/live").headers


def test_the_address_that_counts_is_the_one_the_proxy_saw(made):
    behind = made(PROXIES="1", KEY_ATTEMPT_LIMIT="2/day", WORKERS="1")

    def tried(forwarded):
        return behind.get(
            "/v1/areas", headers={"Authorization": "Bearer cb_guess", "X-Forwarded-For": forwarded}
        ).status_code

    assert [tried("192.0.2.9") for _ in range(3)] == [401, 401, 429]
    assert tried("203.0.113.5, 192.0.2.9") == 429, (
        "what a caller writes before the proxy does is not believed"
    )
    assert tried("192.0.2.10") == 401


SECRETS = {
    "crime_ref": "NN/unspeakable-ref",
    "location": "12 Unspeakable Street",
    "reported_by": "Unspeakable Reporter",
    "recorded_by": "Unspeakable Recorder",
    "reason": "because of unspeakable things",
}


def test_no_key_token_or_body_is_ever_written_into_the_log(service, caplog, capfd):
    token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1bnNwZWFrYWJsZSJ9.c2lnbmF0dXJlLXVuc3BlYWthYmxl"
    other = key(service, "read")["Authorization"].removeprefix("Bearer ")
    with caplog.at_level(logging.DEBUG):
        one = service.post(
            "/v1/offences",
            json=offence(**{name: value for name, value in SECRETS.items() if name != "reason"}),
        )
        assert one.status_code == 201, one.json
        tag, address = one.headers["ETag"], one.headers["Location"]
        service.post("/v1/offences", json=offence(crime_ref="NN/unspeakable-ref"))
        service.post("/v1/offences", json=offence(location="Unspeakable \x00 Street"))
        service.post("/v1/offences", json=offence(area="unspeakable-area"))
        service.patch(
            address,
            json={"location": "34 Unspeakable Road", "reason": SECRETS["reason"]},
            headers={"If-Match": tag},
        )
        service.post("/v1/offences", data=b'{"crime_ref": "unspeakable', content_type="application/json")
        submit(
            service,
            [
                offence(crime_ref="NN/unspeakable-2"),
                offence(crime_ref="NN/unspeakable-3", code="unspeakable"),
            ],
        )
        service.get("/v1/offences", headers={"Authorization": f"Bearer {other}"})
        service.get("/v1/offences", headers={"Authorization": f"Bearer {token}"})
        service.get("/v1/offences", headers={"Authorization": "Basic dW5zcGVha2FibGU6eA=="})
        service.get(
            "/v1/offences", headers={"Authorization": f"Bearer {other}x", "Cookie": "session=unspeakable"}
        )
        made_key = service.post("/v1/callers", json={"name": "feed", "scopes": ["read"]}).json["key"]
        database.release()
        url = database._database["url"]
        connect(
            re.sub(r"//[^@/]*@", "//crimebook:unspeakable-password@", url).replace("host=", "host=/nowhere")
        )
        assert service.get("/v1/areas").status_code == 503
        connect(url)
    formatter = logs.JsonLines()
    written = "\n".join(formatter.format(line) for line in caplog.records) + "".join(capfd.readouterr())
    assert '"path":"/v1/offences"' in written, "the log was looked at"
    for secret in (
        service.key,
        other,
        made_key,
        token,
        token.split(".")[1],
        "dW5zcGVha2FibGU6eA==",
        "unspeakable",
    ):
        assert secret.lower() not in written.lower(), secret
    assert json.loads(formatter.format(caplog.records[0]))
