"""How an operation is declared: everything that one method promises. It is what the method is run by, and
what the contract is written from."""

import datetime as dt
from dataclasses import dataclass, field

from marshmallow import Schema

from service.web.fields import Output, Query


@dataclass(frozen=True)
class Deprecated:
    """Since when an operation should not be used, from when on it may be gone, and the address to use
    instead."""

    since: dt.date
    sunset: dt.date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset <= self.since:
            raise ValueError("An operation cannot go before callers were told that it will.")

    def sentence(self) -> str:
        """What the contract says of it."""
        return f"Deprecated since {self.since}; it may be gone from {self.sunset}. Use {self.instead}."


@dataclass(frozen=True)
class Operation:
    """What a method promises.

    `formats` are the media types of its answer, the first where the caller names none; `guarded` needs
    If-Match; `streamed` are the media types of a body that the method reads itself; `creates` is a PUT that
    can make what it names; `lasting` is an answer that the change it reflects decides for ever
    (`service.web.request.lasting`); `secret` is one that is shown once and never kept; `access` is what it
    does to records, as the access log calls it; `deprecated` says since when, until when and what to use
    instead.
    """

    name: str
    summary: str
    access: str | None = None
    body: Schema | None = None
    creates: bool = False
    deprecated: Deprecated | None = None
    errors: tuple[int, ...] = ()
    formats: tuple[str, ...] = ("application/json",)
    guarded: bool = False
    lasting: bool = False
    listed: bool = False
    query: Query = field(default_factory=Query)
    returns: Output | None = None
    scope: str | None = "read"
    secret: bool = False
    status: int = 200
    streamed: tuple[str, ...] = ()
    tagged: bool = False
