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
from dataclasses import dataclass

from flask import Flask, Response
from limits import RateLimitItem, parse

from service.web import exchanges
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
                    self._counts = {name: one for name, one in self._counts.items() if one[0] > now}
        return made + more, math.ceil(ends - now)


@dataclass(frozen=True)
class Spent:
    """What a caller has `made` of the requests `allowed` in a window of so many seconds, and the seconds
    until it ends."""

    allowed: int
    window: int
    made: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As the draft writes them."""
        policy = f'"caller";q={self.allowed};w={self.window}'
        left = max(0, self.allowed - self.made)
        return {"RateLimit-Policy": policy, "RateLimit": f'"caller";r={left};t={self.seconds}'}

    def require_left(self, caller: str) -> None:
        """Raise 429 where the caller has asked more often than it may."""
        if self.made > self.allowed:
            often = f"{self.allowed:,} times in {self.window:,} seconds"
            detail = f"{caller} has asked {often}, which is the limit here."
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(self.seconds)})


class RateLimits:
    """The counts of this process. `known` are the credentials that were good here: guesses from their address
    do not lock them out."""

    def __init__(self, per_caller: RateLimitItem | None, attempts_per_address: RateLimitItem | None) -> None:
        self.per_caller, self.attempts_per_address = per_caller, attempts_per_address
        self._callers = Windows(per_caller.get_expiry() if per_caller else 1)
        self._addresses = Windows(attempts_per_address.get_expiry() if attempts_per_address else 1)
        self._known: set[int] = set()

    def spend(self, caller: str) -> Spent | None:
        """Count a request of this caller; None where there is no limit."""
        if self.per_caller is None:
            return None
        made, seconds = self._callers.count(caller)
        return Spent(self.per_caller.amount, self.per_caller.get_expiry(), made, seconds)

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

    def count_attempt(self, address: str) -> None:
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


def tell_limits(app: Flask) -> None:
    """Tell callers in every answer what they have left."""

    @app.after_request
    def tell(answer: Response) -> Response:
        if (headers := exchanges.current().rate_limit) is not None:
            for name, value in headers.items():
                answer.headers.add(name, value)
        return answer
