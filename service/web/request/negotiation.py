"""In which representation the caller is answered."""

from flask import Response, request

from service.web.exchanges import Exchange
from service.web.problems import Problem
from service.web.request.steps import Proceed


def negotiate(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: take the offered media type that the caller likes best; the first where it says nothing. Raises
    406 when none fits."""
    offered = exchange.operation.formats
    if request.headers.get("Accept"):
        best = request.accept_mimetypes.best_match(offered)
        if best is None:
            raise Problem("not-acceptable", f"{request.path} can be had as {', '.join(offered)}.")
        exchange.media_type = best
    else:
        exchange.media_type = offered[0]
    return proceed(exchange)
