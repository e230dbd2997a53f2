"""Operations that will go, and how a caller is told long before: in the contract, and in every answer (RFC
9745, RFC 8594)."""

import datetime as dt
from dataclasses import dataclass

from flask import Response
from werkzeug.http import http_date


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

    def told(self, answer: Response) -> Response:
        """The answer, whatever it is, with `Deprecation`, `Sunset` and a `Link` to what takes its place."""
        answer.headers["Deprecation"] = f"@{int(_midnight(self.since).timestamp())}"
        answer.headers["Sunset"] = http_date(_midnight(self.sunset))
        links = [*answer.headers.getlist("Link"), f'<{self.instead}>; rel="successor-version"']
        answer.headers["Link"] = ", ".join(links)
        return answer

    def sentence(self) -> str:
        """What the contract says of it."""
        return f"Deprecated since {self.since}; it may be gone from {self.sunset}. Use {self.instead}."


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
