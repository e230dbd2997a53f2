"""Tokens of an authorisation server: OAuth 2 client credentials as signed JWTs (RFC 7519, RFC 9068), held
against its published keys."""

import logging
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from service.callers.scopes import known_scopes
from service.settings import Settings
from service.web.caller import Caller, Recognised

log = logging.getLogger(__name__)
warnings.filterwarnings(
    "ignore", "EdDSA is deprecated", SecurityWarning
)  # RFC 9864 calls it Ed25519; servers say both
LONGEST_TOKEN, LARGEST_JWKS = 8192, 2**20
SECONDS_TO_FETCH = 5
SECONDS_KEPT, SECONDS_KEPT_AT_MOST = 600, 86_400
SECONDS_BETWEEN_READINGS = 30
"""Published keys are read again after ten minutes, or when a token names one that is not among them, but not
more often than this. Where they cannot be read, those held go on counting for a day."""

_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_CLIENT = re.compile(r"[A-Za-z0-9._@|/:-]{1,90}")
_FORCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


def looks_like_token(sent: str) -> bool:
    """Is this a token, and no key? A key has no full stop."""
    return sent.count(".") == 2


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The address in the settings is the one that is trusted, and no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass
class Published:
    """The keys that the authorisation server publishes, read from a file or an https URL when they are first
    needed and then kept."""

    place: str
    clock: Callable[[], float] = time.monotonic
    _latest: KeySet | None = None
    _tried: float | None = None
    _read: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def keys(self, kid: str | None) -> KeySet | None:
        """The keys as they were read last; read again where they are old or have none of that id. None where
        there are none to trust."""
        if self._wanted(kid) and self._turn.acquire(blocking=self._latest is None):
            try:
                if self._wanted(kid):
                    self._read_again()
            finally:
                self._turn.release()
        return self._latest if self.clock() - self._read < SECONDS_KEPT_AT_MOST else None

    def _wanted(self, kid: str | None) -> bool:
        if self._tried is not None and self.clock() - self._tried < SECONDS_BETWEEN_READINGS:
            return False
        if self._latest is None or self.clock() - self._read > SECONDS_KEPT:
            return True
        return kid is not None and all(key.kid != kid for key in self._latest.keys)

    def _read_again(self) -> None:
        self._tried = self.clock()
        try:
            self._latest, self._read = KeySet.import_key_set(orjson.loads(_content(self.place))), self.clock()
        except (OSError, ValueError, TypeError, KeyError, JoseError) as fault:
            log.warning("the keys of tokens could not be read from %s: %s", self.place, fault)


def _content(place: str) -> bytes:
    """What stands there. Raises OSError, of which the faults of urllib are kinds, or ValueError where it is
    too much."""
    if not place.startswith("https://"):
        return Path(place).read_bytes()
    opener = urllib.request.build_opener(
        _NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    with opener.open(place, timeout=SECONDS_TO_FETCH) as answer:
        content: bytes = answer.read(LARGEST_JWKS + 1)
    if len(content) > LARGEST_JWKS:
        raise ValueError("a set of keys is not that large")
    return content


@dataclass(frozen=True)
class Issuer:
    """The authorisation server whose tokens are taken, and how."""

    name: str
    audience: str
    algorithms: tuple[str, ...]
    forces_claim: str
    skew: int
    published: Published

    @classmethod
    def of(cls, settings: Settings) -> "Issuer | None":
        """The one that the settings name; None where they name none."""
        if settings.jwt_issuer is None or settings.jwt_audience is None or settings.jwks is None:
            return None
        return cls(
            settings.jwt_issuer,
            settings.jwt_audience,
            tuple(settings.jwt_algorithms.split(",")),
            settings.jwt_forces_claim,
            settings.jwt_clock_skew_seconds,
            Published(settings.jwks),
        )

    def recognise(self, sent: str) -> Recognised | None:
        """Whose token this is. None for one that is not to be trusted now, whatever the reason."""
        if len(sent) > LONGEST_TOKEN:
            return None
        try:
            token = self._verified(sent)
            caller = self._caller(token.claims) if token else None
        except (JoseError, ValueError, TypeError, KeyError) as fault:
            log.debug("a token was not taken: %s", fault)
            return None
        return Recognised(caller) if caller else None

    def _verified(self, sent: str) -> jwt.Token | None:
        """The token, where its signature, its kind, issuer, audience and times are right."""
        header = jws.extract_compact(sent.encode()).headers()
        if header.get("alg") not in self.algorithms or str(header.get("typ", "JWT")).lower() not in _TYPES:
            return None
        keys = self.published.keys(header.get("kid"))
        if keys is None:
            return None
        token = jwt.decode(sent, keys, algorithms=list(self.algorithms))
        registry = jwt.JWTClaimsRegistry(
            leeway=self.skew,
            iss={"essential": True, "value": self.name},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
        )
        registry.validate(token.claims)
        return token

    def _caller(self, claims: Mapping[str, object]) -> Caller | None:
        """Named by its client id, with a colon that no name of a key can have. Forces must be said: `*` is
        every force. One that is bound to forces administers nothing, as with keys."""
        client = claims.get("client_id") or claims.get("azp") or claims.get("sub")
        forces, scopes = _words(claims.get(self.forces_claim)), _words(claims.get("scope"))
        if not isinstance(client, str) or not _CLIENT.fullmatch(client) or not forces:
            return None
        if forces == ["*"]:
            return Caller(f"client:{client}", known_scopes(scopes), frozenset())
        if not all(_FORCE.fullmatch(force) for force in forces):
            return None
        return Caller(f"client:{client}", known_scopes(scopes) - {"administer"}, frozenset(forces))


def _words(claim: object) -> list[str]:
    """What a claim lists: a list of texts, or one text with spaces or commas."""
    if isinstance(claim, str):
        return claim.replace(",", " ").split()
    return [word for word in claim if isinstance(word, str)] if isinstance(claim, list) else []
