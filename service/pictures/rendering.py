"""Pictures as representations of an answer: a folder of nouns says what is drawn of its answers, and they can
be had as SVG, PNG and Vega-Lite."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from service.pictures.process import drawer
from service.web.answers import formats, renderers
from service.web.answers.answer import Answer
from service.web.answers.renderers import Rendered
from service.web.fields import Output
from service.web.request.wiring import wiring

_AS_WHAT = {formats.SVG: "svg", formats.PNG: "png", formats.VEGA_LITE: "vega-lite"}


class Drawing(NamedTuple):
    """What the drawer is asked for: a picture by its name in `service.pictures.drawer.PICTURES`, and what
    that is given."""

    of: str
    given: dict[str, Any]


def register(schema: type[Output], draw: Callable[[dict[str, Any], Any], Drawing]) -> None:
    """Let answers of that schema be had as pictures. `draw` takes the answer as it is dumped and what it was
    made of (`Answer.made_of`), and raises 400 where there is more than can be read in a picture."""
    for media_type in _AS_WHAT:
        renderers.register(media_type, schema, partial(_render, draw, media_type))


def _render(
    draw: Callable[[dict[str, Any], Any], Drawing], media_type: str, schema: Output, answer: Answer
) -> Rendered:
    """The picture, drawn by a process of its own. Raises 503 where too many wait for theirs."""
    drawing = draw(schema.dump(answer.content), answer.made_of)
    asked = formats.json_bytes({"of": drawing.of, "as_what": _AS_WHAT[media_type], "given": drawing.given})
    with wiring().place("pictures"):
        return Rendered(drawer.draw(asked))
