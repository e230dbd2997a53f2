"""A spec drawn: as itself, as SVG that can be read aloud, or as PNG for print. Nothing is fetched: fonts and
code are vl-convert's own.

The same spec gives the same bytes: no time, no chance and no counter is in them, and text is measured in a
font that comes with vl-convert.
"""

import hashlib
from html import escape
from typing import Any

import orjson
import vl_convert

VEGA_LITE = "6.4"
"""That of the schema by which altair holds a spec; vl-convert has several."""
CSS_PIXELS_PER_INCH = 96
PRINTED_PIXELS_PER_INCH = 288
"""Three pixels of PNG for one of SVG: as wide on paper as the SVG is, some 17 cm, and sharp there."""
_POINTS_PER_INCH = 72  # what vl-convert takes a pixel of a spec to be, where CSS has 96


def written(spec: dict[str, Any], as_what: str) -> bytes:
    """The picture of a spec as `svg`, `png` or `vega-lite`."""
    if as_what == "vega-lite":
        return orjson.dumps(spec) + b"\n"
    svg = svg_of(spec)
    return svg.encode() if as_what == "svg" else png_of(svg)


def svg_of(spec: dict[str, Any]) -> str:
    """SVG with title and description; no address that the spec might hold is asked."""
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    told = spec["usermeta"]["crimebook"]["title"], spec["description"]
    mark = hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]  # several pictures may stand in one page
    names = f"title-{mark}", f"description-{mark}"
    said = "".join(
        f'<{tag} id="{name}">{escape(text, quote=False)}</{tag}>'
        for tag, name, text in zip(("title", "desc"), names, told, strict=True)
    )
    opening, rest = drawn.split(">", 1)
    return f'{opening} role="img" aria-labelledby="{" ".join(names)}">{said}{rest}\n'


def png_of(svg: str) -> bytes:
    """PNG of that SVG, three pixels for one, which says how large it is to be printed."""
    drawn: bytes = vl_convert.svg_to_png(
        svg, scale=_POINTS_PER_INCH / CSS_PIXELS_PER_INCH, ppi=PRINTED_PIXELS_PER_INCH
    )
    return drawn
