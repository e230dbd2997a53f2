"""Tokens of an authorisation server: taken when everything about them is right, and for nothing more than
they say."""

import base64
import hmac
import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from builders import FORCE, offence, record
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from service.callers import callers, tokens
from service.web.request.wiring import wiring_of

ISSUER, AUDIENCE = "https://login.example", "crimebook"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed-1"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa-1"})


def published(*keys):
    return json.dumps(KeySet(list(keys)).as_dict(private=False)).encode()


def claims(**said):
    now = int(time.time())
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now + 300,
        "iat": now,
        "sub": "a",
        "client_id": "custody",
        "scope": "read record",
        "forces": ["E23000022"],
    } | said
    return {name: value for name, value in told.items() if value is not None}


def token(key=RSA, alg="RS256", header=None, **said):
    return jwt.encode(
        {"alg": alg, "kid": key.kid, "typ": "at+jwt"} | (header or {}), claims(**said), key, algorithms=[alg]
    )


@pytest.fixture
def issuer(app, tmp_path, monkeypatch):
    """The service as it is when it trusts an authorisation server whose keys are in a file."""
    place = tmp_path / "jwks.json"
    place.write_bytes(published(RSA, EC, ED))
    made = tokens.Issuer(
        ISSUER, AUDIENCE, ("RS256", "ES256", "EdDSA", "Ed25519"), "forces", 30, tokens.Published(str(place))
    )
    monkeypatch.setattr(wiring_of(app), "recognise", partial(callers.recognise, made))
    return made


def status(service, sent, path="/v1/areas?limit=1"):
    return service.get(path, headers={"Authorization": f"Bearer {sent}"}).status_code


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_a_token_signed_in_each_allowed_way_is_taken(service, issuer, key, alg):
    assert status(service, token(key, alg)) == 200


def test_a_token_is_not_taken_where_no_server_is_trusted(service):
    assert status(service, token()) == 401


def encoded(content):
    return (
        base64.urlsafe_b64encode(content if isinstance(content, bytes) else json.dumps(content).encode())
        .rstrip(b"=")
        .decode()
    )


def unsigned():
    return f"{encoded({'alg': 'none', 'kid': 'rsa-1'})}.{encoded(claims())}."


def signed_with_the_public_key_as_a_secret():
    said = f"{encoded({'alg': 'HS256', 'kid': 'rsa-1'})}.{encoded(claims())}"
    return f"{said}.{encoded(hmac.digest(RSA.as_pem(private=False), said.encode(), 'sha256'))}"


def altered():
    head, _, tail = token().split(".")
    return ".".join([head, encoded(claims(scope="administer")), tail])


WRONG = {
    "expired": lambda: token(exp=int(time.time()) - 31),
    "without an end": lambda: token(exp=None),
    "not begun": lambda: token(nbf=int(time.time()) + 60),
    "of the future": lambda: token(iat=int(time.time()) + 60),
    "of another issuer": lambda: token(iss="https://login.example/"),
    "without an issuer": lambda: token(iss=None),
    "for another audience": lambda: token(aud="payroll"),
    "without an audience": lambda: token(aud=None),
    "signed by a stranger": lambda: token(STRANGER),
    "of a key not published": lambda: token(header={"kid": "rsa-2"}),
    "by an algorithm not allowed": lambda: token(alg="RS512"),
    "by the wrong kind of key": lambda: token(RSA, header={"kid": "ec-1"}),
    "unsigned": unsigned,
    "signed with what is public": signed_with_the_public_key_as_a_secret,
    "altered": altered,
    "of another kind": lambda: token(header={"typ": "logout+jwt"}),
    "without forces": lambda: token(forces=None),
    "with no force": lambda: token(forces=[]),
    "with a force that quotes": lambda: token(forces=["E1'; drop table offence; --"]),
    "with every force among others": lambda: token(forces=["*", "E23000022"]),
    "without a client": lambda: token(client_id=None, sub=None),
    "of a client that quotes": lambda: token(client_id="a'b"),
    "too long": lambda: token(more="x" * 9000),
    "with critical unknowns": lambda: token(header={"crit": ["b64"], "b64": False}),
    "no token": lambda: "a.b.c",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_is_wrong_with_a_token_the_answer_is_that_to_an_unknown_key(service, issuer, wrong):
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    sent = WRONG[wrong]()
    bad, unknown = (
        service.get("/v1/offences", headers=trace | {"Authorization": f"Bearer {one}"})
        for one in (sent, "cb_nobody")
    )
    assert bad.status_code == 401
    assert (bad.get_data(), list(bad.headers.items())) == (unknown.get_data(), list(unknown.headers.items()))


def test_a_key_has_at_most_200_characters_and_a_token_8192(service, issuer):
    longest = next(sent for n in range(6200, 5000, -1) if len(sent := token(more="x" * n)) <= 8192)
    assert len(longest) > 8180
    assert (status(service, longest), status(service, token(more="x" * 6200))) == (200, 401)
    assert (
        status(service, "cb_" + "x" * 197)
        == status(service, "cb_" + "x" * 198)
        == status(service, "cb_" + "x" * 60_000)
        == 401
    )


def test_a_clock_that_is_a_little_off_is_forgiven(service, issuer):
    assert status(service, token(exp=int(time.time()) - 10, nbf=int(time.time()) + 10)) == 200


def test_a_token_may_do_what_its_scopes_say_for_its_forces_and_no_more(service, issuer):
    one = record(service)
    bearer = {"Authorization": f"Bearer {token(scope='read', forces='E23000021')}"}
    assert service.get(f"/v1/offences/{one['offence_id']}", headers=bearer).status_code == 404
    assert service.post("/v1/offences", json=offence(), headers=bearer).status_code == 403
    bearer = {"Authorization": f"Bearer {token(scope='read record launder', forces=[FORCE])}"}
    assert service.get(f"/v1/offences/{one['offence_id']}", headers=bearer).status_code == 200
    made = service.post("/v1/offences", json=offence(), headers=bearer)
    assert service.get(f"/v1/changes/{made.headers['Crimebook-Change']}").json["caller"] == "client:custody"
    assert service.get("/v1/audit/accesses", headers=bearer).status_code == 403


def test_a_token_for_every_force_says_so_and_one_bound_to_forces_administers_nothing(service, issuer):
    one = record(service)
    bearer = {"Authorization": f"Bearer {token(scope='read administer', forces='*')}"}
    assert service.get(f"/v1/offences/{one['offence_id']}", headers=bearer).status_code == 200
    assert service.get("/v1/callers", headers=bearer).status_code == 200
    assert status(service, token(scope="read administer", forces=[FORCE]), "/v1/callers") == 403


def test_no_token_is_taken_for_a_caller_with_a_key(service, issuer):
    """A colon stands in the name of every client and in that of no key, so neither finds the other's
    answers."""
    bearer = {
        "Authorization": f"Bearer {token(client_id='administrator', forces='*')}",
        "Idempotency-Key": "k",
    }
    first = service.post("/v1/offences", json=offence(), headers=bearer)
    assert (
        service.post("/v1/offences", json=offence(), headers={"Idempotency-Key": "k"}).json["offence_id"]
        != first.json["offence_id"]
    )


def test_published_keys_are_read_again_for_a_key_that_is_not_among_them_but_not_at_every_token(tmp_path):
    place, now = tmp_path / "jwks.json", [1000.0]
    place.write_bytes(published(RSA))
    held = tokens.Published(str(place), clock=lambda: now[0])

    def kids(kid):
        return {key.kid for key in held.keys(kid) or ()}

    assert kids("rsa-1") == {"rsa-1"}
    place.write_bytes(published(RSA, EC))
    assert kids("ec-1") == {"rsa-1"}, "it was read a moment ago"
    now[0] += 31
    assert kids("rsa-1") == {"rsa-1"}, "no need"
    assert kids("ec-1") == {"rsa-1", "ec-1"}
    place.write_bytes(published(EC))
    now[0] += 601
    assert kids("ec-1") == {"ec-1"}, "a key that was withdrawn counts ten minutes longer at most"


def test_keys_that_cannot_be_read_again_count_for_a_day(tmp_path):
    place, now = tmp_path / "jwks.json", [1000.0]
    held = tokens.Published(str(place), clock=lambda: now[0])
    assert held.keys("rsa-1") is None
    place.write_bytes(published(RSA))
    now[0] += 31
    assert held.keys("rsa-1")
    place.write_bytes(b"<html>out of order</html>")
    now[0] += 3600
    assert held.keys("rsa-1")
    now[0] += 86_400
    assert held.keys("rsa-1") is None


@pytest.fixture
def server(tmp_path, monkeypatch):
    """An https server that publishes keys, or sends its readers elsewhere."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))

    class Publisher(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302 if self.path == "/elsewhere" else 200)
            self.send_header("Location", "/jwks.json")
            self.end_headers()
            self.wfile.write(published(RSA))

        def log_message(self, *_):
            """Say nothing."""

    listening = HTTPServer(("localhost", 0), Publisher)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    yield f"https://localhost:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


def test_keys_are_read_over_https_from_the_address_that_was_named_and_no_other(server, monkeypatch):
    assert tokens.Published(f"{server}/jwks.json").keys("rsa-1")
    assert tokens.Published(f"{server}/elsewhere").keys("rsa-1") is None
    monkeypatch.delenv("SSL_CERT_FILE")
    assert tokens.Published(f"{server}/jwks.json").keys("rsa-1") is None, "its certificate is nobody's"
