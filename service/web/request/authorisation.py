"""Who asks, whether the caller may, and how often: the first thing that is found out about a request."""

from flask import Response, request

from service.web.exchanges import Exchange
from service.web.problems import Problem
from service.web.request.rate_limits import RateLimits, network
from service.web.request.steps import Proceed
from service.web.request.wiring import wiring

_REALM = 'Bearer realm="crimebook"'


def authorise(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: recognise the caller by its key or token, count its request, and hold it to the scope.

    Raises 401 without a key or token in use, always with the same words; 403 without the scope; 429 beyond a
    limit. Requests of nobody are counted against their address.
    """
    if (scope := exchange.operation.scope) is not None:
        parts = wiring()
        credentials, address = request.headers.get("Authorization", ""), network(request.remote_addr)
        parts.rate_limits.require_attempts_left(address, credentials)
        kind, _, key = credentials.partition(" ")
        recognised = parts.recognise(key.strip()) if kind.lower() == "bearer" else None
        if recognised is None:
            parts.rate_limits.count_attempt(address)
            detail = "This needs a key or token that is in use."
            raise Problem("unauthenticated", detail, headers={"WWW-Authenticate": _REALM})
        exchange.caller = recognised.caller
        exchange.newest_change, exchange.newest_at = recognised.newest_change, recognised.newest_at
        if scope not in recognised.caller.scopes:
            _spend(parts.rate_limits, exchange, recognised.caller.name)
            raise _without_scope(recognised.caller.name, recognised.caller.scopes, scope)
        parts.rate_limits.remember(credentials)
        _spend(parts.rate_limits, exchange, recognised.caller.name)
    return proceed(exchange)


def _spend(limits: RateLimits, exchange: Exchange, caller: str) -> None:
    """Count one more request of this caller. Raises 429 beyond its limit, and tells it what it has left
    either way."""
    if (spent := limits.spend(caller)) is not None:
        exchange.rate_limit = spent.headers()
        spent.require_left(caller)


def _without_scope(caller: str, scopes: frozenset[str], scope: str) -> Problem:
    return Problem(
        "forbidden",
        f"This needs scope {scope}; {caller} has {', '.join(sorted(scopes)) or 'none'}.",
        headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
    )
