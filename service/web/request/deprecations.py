"""Operations that will go, and how a caller is told long before: in every answer (RFC 9745, RFC 8594), as in
the contract."""

import datetime as dt

from flask import Response, after_this_request
from werkzeug.http import http_date

from service.web.declaration import Deprecated
from service.web.exchanges import Exchange
from service.web.request.steps import Proceed


def announce_deprecation(proceed: Proceed, exchange: Exchange) -> Response:
    """Step: whatever the answer will be, it says that the operation will go."""
    if deprecated := exchange.operation.deprecated:

        @after_this_request
        def announce(response: Response) -> Response:
            return _announced(deprecated, response)

    return proceed(exchange)


def _announced(deprecated: Deprecated, response: Response) -> Response:
    """The response with `Deprecation`, `Sunset` and a `Link` to what takes the place of the operation."""
    response.headers["Deprecation"] = f"@{int(_midnight(deprecated.since).timestamp())}"
    response.headers["Sunset"] = http_date(_midnight(deprecated.sunset))
    links = [*response.headers.getlist("Link"), f'<{deprecated.instead}>; rel="successor-version"']
    response.headers["Link"] = ", ".join(links)
    return response


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
