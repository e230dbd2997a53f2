"""What writes an answer in a media type. A renderer is registered for a media type and a schema, and holds
for what inherits from that schema as well: so there is one for every answer as JSON, and one that draws a
summary.

The general ones are in `service.web.answers.documents`; folders of nouns register their own beside their
schemas.
"""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from service.web.answers.answer import Answer
from service.web.fields import Output


class Rendered(NamedTuple):
    """A representation: its bytes, whole or as they come, and headers that belong to it."""

    body: bytes | Iterator[bytes]
    headers: dict[str, str] | None = None


Renderer = Callable[[Output, Answer], Rendered]

_renderers: dict[tuple[str, type[Output]], Renderer] = {}


def register(media_type: str, schema: type[Output], renderer: Renderer) -> None:
    """Let this function write answers of that schema in that media type."""
    _renderers[media_type, schema] = renderer
    renderer_for.cache_clear()


@functools.cache
def renderer_for(media_type: str, schema: type[Output]) -> Renderer:
    """The renderer that was registered for the schema, or else for the nearest that it inherits from. Raises
    LookupError where there is none."""
    for ancestor in schema.__mro__:
        if renderer := _renderers.get((media_type, ancestor)):
            return renderer
    raise LookupError(f"Nothing is registered that writes {schema.__name__} as {media_type}.")
