"""The environment, read once into one frozen dataclass."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, Self

from service.admittance import A_RATE, Origins, rate

KIBIBYTE = 1024
SIGNED_BY = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
PERCENT_RULES = ("either-under-50", "current-under-50", "none")


class SettingsFault(Exception):
    """Some variables cannot be used. `faults` holds a sentence for each, and all of them are told at once."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """What can be set from outside. An empty variable counts as one that is not set.

    ==========================  ============  ========================================================
    variable                    default       meaning
    ==========================  ============  ========================================================
    CRIMEBOOK_HOME              .local        directory of database, first key and sealing key
    DATABASE_URL                              URL of the database; an embedded one where not set
    READ_DATABASE_URL                         URL of a replica of it, which answers what only reads
    REPLICA_LAG_SECONDS         10            seconds that the replica may be behind and still be read
    OWNER_DATABASE_URL          DATABASE_URL  URL of the owning role, used for migrations only
    HOST                        127.0.0.1     address to listen on
    PORT                        8000          port to listen on
    WORKERS                     2             worker processes
    THREADS                     8             threads, and so database connections, in each worker
    CONNECTIONS                 1000          connections that each worker holds; others wait
    ARRIVAL_SECONDS             10            seconds that head and short body of a request may take
    QUEUE_SECONDS               10            seconds a request may wait for a thread; then 503
    RATE_LIMIT                  30000/minute  requests of one caller: number/unit of time, or none
    KEY_ATTEMPT_LIMIT           120/minute    requests without a valid key from one address
    CORS_ORIGINS                              origins, with commas, whose pages in a browser may ask
    PROXIES                     0             proxies in front whose X-Forwarded-For is believed
    STATEMENT_TIMEOUT_SECONDS   30            seconds one SQL statement of a request may take
    LARGEST_BODY_BYTES          1048576       bytes one request's body may have
    LARGEST_SUBMISSION_BYTES    2147483648    bytes one submitted file may have
    LASTING_ANSWERS_MB          16            megabytes of answered figures each worker keeps
    SEAL_KEY                                  file of the key that signs seals; else seal.key at home
    SEAL_EVERY_SECONDS          60            seconds from one sealing to the next; 0 is never
    JUSTIFICATION               optional      header Justification: optional or required
    JWT_ISSUER                                issuer of tokens; with JWT_AUDIENCE and JWKS
    JWT_AUDIENCE                              audience that those tokens name
    JWKS                                      file or URL of the issuer's public keys
    JWT_ALGORITHMS              RS256,ES256,EdDSA,Ed25519  by which a token may be signed
    JWT_FORCES_CLAIM            forces        claim of a token that names its forces; * is every one
    JWT_CLOCK_SKEW_SECONDS      30            seconds by which the issuer's clock may differ from ours
    LOG_LEVEL                   info          debug, info, warning, error or critical
    PERCENT_RULE                either-under-50  when a percentage is withheld
    REVIEW_YEARS                100,10,6,6    years until records of groups 1 to 4 are reviewed
    REVIEW_CATEGORIES           homicide;violence-against-the-person,sexual-offences,robbery  of group 1; 2
    PG_BINDIR                                 programs of another PostgreSQL for the embedded one
    PG_OS_USER                  nobody        user of the embedded server when started by root
    ==========================  ============  ========================================================
    """

    home: Path
    database_url: str | None = field(repr=False)  # the URLs hold passwords, and settings end up in logs
    read_database_url: str | None = field(repr=False)
    replica_lag_seconds: int
    owner_database_url: str | None = field(repr=False)
    host: str
    port: int
    workers: int
    threads: int
    connections: int
    arrival_seconds: int
    queue_seconds: int
    rate_limit: str
    key_attempt_limit: str
    cors_origins: Origins
    proxies: int
    statement_timeout_seconds: int
    largest_body_bytes: int
    largest_submission_bytes: int
    lasting_answers_mb: int
    seal_key: Path | None
    seal_every_seconds: int
    justification: str
    jwt_issuer: str | None
    jwt_audience: str | None
    jwks: str | None
    jwt_algorithms: str
    jwt_forces_claim: str
    jwt_clock_skew_seconds: int
    log_level: str
    percent_rule: str
    review_years: "Years"
    review_categories: "ReviewCategories"
    pg_bindir: Path | None
    pg_os_user: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings an environment describes. Raises SettingsFault naming every variable that cannot be
        used."""
        values: dict[str, Any] = {}
        faults = []
        for each in fields(cls):
            variable = VARIABLES[each.name]
            text = environment.get(variable.name, "").strip() or variable.default
            try:
                values[each.name] = None if text is None else variable.read(text)
            except ValueError:
                told = "" if variable.secret else f", not {text!r}"
                faults.append(f"{variable.name} should be {variable.should_be}{told}")
        together = [
            VARIABLES[name].name for name in ("jwt_issuer", "jwt_audience", "jwks") if not values.get(name)
        ]
        if len(together) in (1, 2):
            faults.append(
                f"{' and '.join(together)} should be set too: JWT_ISSUER, JWT_AUDIENCE and JWKS go together"
            )
        if values.get("read_database_url") and not values.get("database_url"):
            faults.append("DATABASE_URL should be set too: READ_DATABASE_URL names a replica of it")
        if faults:
            raise SettingsFault(faults)
        values["owner_database_url"] = values["owner_database_url"] or values["database_url"]
        return cls(**values)

    @property
    def sealing_key(self) -> Path:
        """The file of the key that signs seals: beside the first key where no other is named."""
        return self.seal_key or self.home / "seal.key"

    def to_environment(self) -> dict[str, str]:
        """The variables that give these settings again: how the launcher tells its children."""
        told = ((VARIABLES[each.name].name, getattr(self, each.name)) for each in fields(self))
        return {name: str(value) for name, value in told if value is not None}


class Variable(NamedTuple):
    """One variable: `read` turns its text into the field's value or raises ValueError."""

    name: str
    default: str | None
    read: Callable[[str], object]
    should_be: str
    secret: bool = False


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers, both ends allowed."""

    def read(text: str) -> int:
        number = int(text)
        if not lowest <= number <= highest:
            raise ValueError
        return number

    return read


def postgresql_url(text: str) -> str:
    """The URL as it stands."""
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError
    return text


def level(text: str) -> str:
    """The name of a log level, in small letters."""
    if text.lower() not in LOG_LEVELS:
        raise ValueError
    return text.lower()


def optional_or_required(text: str) -> str:
    """The word as it stands."""
    if text not in ("optional", "required"):
        raise ValueError
    return text


def percent_rule(text: str) -> str:
    """The rule as it stands."""
    if text not in PERCENT_RULES:
        raise ValueError
    return text


def server_programs(text: str) -> Path:
    """A directory that holds PostgreSQL's programs."""
    directory = Path(text).absolute()
    if not (directory / "postgres").is_file():
        raise ValueError
    return directory


def file_or_https(text: str) -> str:
    """An https:// URL as it stands, or the path of a file from the root."""
    if text.startswith("https://"):
        return text
    if "://" in text:
        raise ValueError
    return str(absolute(text))


def algorithms(text: str) -> str:
    """Algorithms by which tokens may be signed, as they stand: never one whose key would have to be secret,
    and never none."""
    if not set(text.split(",")) <= set(SIGNED_BY):
        raise ValueError
    return text


class Years(tuple[int, ...]):
    """The review periods of groups 1 to 4, written with commas."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> Self:
        """Four whole numbers of years, each from 1 to 200."""
        years = cls(whole_number(1, 200)(part) for part in text.split(","))
        if len(years) != 4:
            raise ValueError
        return years


class ReviewCategories(tuple[tuple[str, ...], ...]):
    """The categories of review groups 1 and 2."""

    __slots__ = ()

    def __str__(self) -> str:
        return ";".join(",".join(group) for group in self)

    @classmethod
    def read(cls, text: str) -> Self:
        """Two groups with a semicolon between them, each of categories with commas."""
        groups = cls(
            tuple(name.strip() for name in group.split(",") if name.strip()) for group in text.split(";")
        )
        if len(groups) != 2:
            raise ValueError
        return groups


def absolute(text: str) -> Path:
    """The path from the root, whatever directory a child of ours will run in."""
    return Path(text).expanduser().absolute()


def count(name: str, default: int, highest: int, unit: str) -> Variable:
    """A variable that counts something, of which there is at least one."""
    return Variable(
        name, str(default), whole_number(1, highest), f"a whole number {unit} from 1 to {highest}"
    )


VARIABLES: Mapping[str, Variable] = {
    "home": Variable("CRIMEBOOK_HOME", ".local", absolute, "a directory"),
    "database_url": Variable("DATABASE_URL", None, postgresql_url, "a postgresql:// URL", secret=True),
    "read_database_url": Variable(
        "READ_DATABASE_URL", None, postgresql_url, "a postgresql:// URL", secret=True
    ),
    "replica_lag_seconds": count("REPLICA_LAG_SECONDS", 10, 3600, "of seconds"),
    "owner_database_url": Variable(
        "OWNER_DATABASE_URL", None, postgresql_url, "a postgresql:// URL", secret=True
    ),
    "host": Variable("HOST", "127.0.0.1", str, "an address of this machine"),
    "port": Variable("PORT", "8000", whole_number(1, 65535), "a whole number from 1 to 65535"),
    "workers": count("WORKERS", 2, 256, "of processes"),
    "threads": count("THREADS", 8, 256, "of threads"),
    "connections": count("CONNECTIONS", 1000, 100_000, "of connections"),
    "arrival_seconds": count("ARRIVAL_SECONDS", 10, 3600, "of seconds"),
    "queue_seconds": count("QUEUE_SECONDS", 10, 3600, "of seconds"),
    "rate_limit": Variable("RATE_LIMIT", "30000/minute", rate, A_RATE),
    "key_attempt_limit": Variable("KEY_ATTEMPT_LIMIT", "120/minute", rate, A_RATE),
    "cors_origins": Variable(
        "CORS_ORIGINS", None, Origins.read, "origins with commas, each like https://figures.example"
    ),
    "proxies": Variable("PROXIES", "0", whole_number(0, 10), "a whole number of proxies from 0 to 10"),
    "statement_timeout_seconds": count("STATEMENT_TIMEOUT_SECONDS", 30, 86_400, "of seconds"),
    "largest_body_bytes": count("LARGEST_BODY_BYTES", KIBIBYTE**2, KIBIBYTE**3, "of bytes"),
    "largest_submission_bytes": count("LARGEST_SUBMISSION_BYTES", 2 * KIBIBYTE**3, KIBIBYTE**4, "of bytes"),
    "lasting_answers_mb": Variable(
        "LASTING_ANSWERS_MB", "16", whole_number(0, 1024), "a whole number of megabytes from 0 to 1024"
    ),
    "seal_key": Variable("SEAL_KEY", None, absolute, "a file"),
    "seal_every_seconds": Variable(
        "SEAL_EVERY_SECONDS", "60", whole_number(0, 86_400), "a whole number of seconds from 0 to 86400"
    ),
    "justification": Variable("JUSTIFICATION", "optional", optional_or_required, "optional or required"),
    "jwt_issuer": Variable("JWT_ISSUER", None, str, "the issuer of tokens"),
    "jwt_audience": Variable("JWT_AUDIENCE", None, str, "the audience of tokens"),
    "jwks": Variable("JWKS", None, file_or_https, "a file or an https:// URL"),
    "jwt_algorithms": Variable(
        "JWT_ALGORITHMS", "RS256,ES256,EdDSA,Ed25519", algorithms, "some of " + ",".join(SIGNED_BY)
    ),
    "jwt_forces_claim": Variable("JWT_FORCES_CLAIM", "forces", str, "the name of a claim"),
    "jwt_clock_skew_seconds": Variable(
        "JWT_CLOCK_SKEW_SECONDS", "30", whole_number(0, 600), "a whole number of seconds from 0 to 600"
    ),
    "log_level": Variable("LOG_LEVEL", "info", level, "one of " + ", ".join(LOG_LEVELS)),
    "percent_rule": Variable(
        "PERCENT_RULE", PERCENT_RULES[0], percent_rule, "one of " + ", ".join(PERCENT_RULES)
    ),
    "review_years": Variable(
        "REVIEW_YEARS", "100,10,6,6", Years.read, "four numbers of years with commas, like 100,10,6,6"
    ),
    "review_categories": Variable(
        "REVIEW_CATEGORIES",
        "homicide;violence-against-the-person,sexual-offences,robbery",
        ReviewCategories.read,
        "categories with commas, those of group 2 after a semicolon",
    ),
    "pg_bindir": Variable("PG_BINDIR", None, server_programs, "a directory that holds the program postgres"),
    "pg_os_user": Variable("PG_OS_USER", "nobody", str, "the name of a user"),
}
