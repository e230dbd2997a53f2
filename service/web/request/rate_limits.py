"""How often a caller may ask, and how often an address may try keys that are not in use.

Counted in the memory of each worker, in windows that begin with their first request: a worker allows its
share of what is set, so that all of them together allow no more. What is left is told as
draft-ietf-httpapi-ratelimit-headers says. The library `limits` reads the rates; its own counts in memory
start a thread every ten milliseconds, a tenth of the cost of reading one record.
"""

import functools
import ipaddress
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse

from service.web.problems import Problem

_MOST_REMEMBERED = 10_000


def share(limit: str, workers: int) -> RateLimitItem | None:
    """What one of so many workers allows of a limit like 600/minute, at least one; None where it is none."""
    if limit == "none":
        return None
    whole = parse(limit)
    return type(whole)(max(1, whole.amount // workers), whole.multiples)


class Windows:
    """How many requests each has made in its present window of so many seconds."""

    def __init__(self, seconds: int) -> None:
        self._seconds, self._lock = seconds, threading.Lock()
        self._counts: dict[str, tuple[float, int]] = {}

    def count(self, whose: str, more: int = 1) -> tuple[int, int]:
        """Count one more, or look with none; the requests of this window, and the whole seconds until it
        ends."""
        now = time.monotonic()
        with self._lock:
            ends, made = self._counts.get(whose, (0.0, 0))
            if ends <= now:
                ends, made = now + self._seconds, 0
            if more:
                self._counts[whose] = ends, made + more
                if len(self._counts) % _MOST_REMEMBERED == 0:
                    self._counts = {name: told for name, told in self._counts.items() if told[0] > now}
        return made + more, math.ceil(ends - now)


@dataclass(frozen=True)
class Spent:
    """What the present caller has left."""

    allowed: int
    window: int
    remaining: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As the draft writes them."""
        policy = f'"caller";q={self.allowed};w={self.window}'
        return {"RateLimit-Policy": policy, "RateLimit": f'"caller";r={self.remaining};t={self.seconds}'}


class RateLimits:
    """The counts of this process. `known` are the credentials that were good here: guesses from their address
    do not lock them out."""

    def __init__(self, per_caller: RateLimitItem | None, attempts_per_address: RateLimitItem | None) -> None:
        self.per_caller, self.attempts_per_address = per_caller, attempts_per_address
        self._callers = Windows(per_caller.get_expiry() if per_caller else 1)
        self._addresses = Windows(attempts_per_address.get_expiry() if attempts_per_address else 1)
        self._known: set[int] = set()

    def spend(self, caller: str) -> None:
        """Count a request of this caller. Raises 429 beyond its limit."""
        if self.per_caller is None:
            return
        allowed, window = self.per_caller.amount, self.per_caller.get_expiry()
        made, seconds = self._callers.count(caller)
        g.spent = Spent(allowed, window, max(0, allowed - made), seconds)
        if made > allowed:
            detail = f"{caller} has asked {allowed:,} times in {window:,} seconds, which is the limit here."
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(seconds)})

    def remember(self, credentials: str) -> None:
        """These were good. Only a hash is held, by which nobody is let in: it is asked whether to look the
        key up at all."""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known.add(hash(credentials))

    def require_attempts_left(self, address: str, credentials: str) -> None:
        """Raise 429, without asking the database, where too many keys from this address were not in use."""
        limit = self.attempts_per_address
        if limit is None or hash(credentials) in self._known:
            return
        made, seconds = self._addresses.count(address, 0)
        if made >= limit.amount:
            detail = (
                f"From this address came {limit.amount:,} requests without a key in use, so no other is"
                " looked at for now."
            )
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(seconds)})

    def attempted(self, address: str) -> None:
        """Count a request without a key in use."""
        if self.attempts_per_address:
            self._addresses.count(address)


@functools.lru_cache(maxsize=1024)
def network(address: str | None) -> str:
    """Whom an address stands for: of IPv6 the network of 64 bits, since one machine has all of its
    addresses."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


@contextmanager
def counted() -> Iterator[None]:
    """Around what finds out who asks: the caller's requests are counted, and so are an address's requests of
    nobody."""
    limits: RateLimits = current_app.extensions["rate_limits"]
    credentials = request.headers.get("Authorization", "")
    limits.require_attempts_left(address := network(request.remote_addr), credentials)
    try:
        yield
    except Problem as fault:
        if fault.kind == "unauthenticated":
            limits.attempted(address)
            raise
        limits.spend(g.caller.name)
        raise
    limits.remember(credentials)
    limits.spend(g.caller.name)


def limit_rates(app: Flask, limits: RateLimits) -> None:
    """Hold callers to these limits, and tell them what they have left."""
    app.extensions["rate_limits"] = limits

    @app.after_request
    def tell(answer: Response) -> Response:
        if (spent := g.get("spent")) is not None:
            for name, value in spent.headers().items():
                answer.headers.add(name, value)
        return answer
