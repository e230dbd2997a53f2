"""What a method gives back when a plain row is not enough."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Response


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with what else is said of it.

    `content` in bytes is JSON already; `tag` is the change of the ETag, `stream` replaces the content,
    `response` the whole answer.
    """

    content: object = None
    headers: dict[str, str] = field(default_factory=dict)
    response: Response | None = None
    status: int | None = None
    stream: Iterable[bytes] | None = None
    tag: int | None = None
