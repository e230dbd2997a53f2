"""How much a picture can hold and still be read. Asked before anything is drawn, and so without what
draws."""

from service.web.problems import Problem

MOST_BARS = 40
"""A page of A4: below 30 pixels a row, labels of two lines would touch."""
MOST_SERIES, MOST_POINTS = 4, 360
"""In one picture; thirty years of months, a pixel and a half each."""
MOST_PLACES = 60
MOST_MONTHS = 60
"""Of a target."""


def require_drawable(number: int, most: int, what: str, parameter: str) -> None:
    """Raise 400 where a picture would hold more than can be read in it."""
    if number > most:
        detail = (
            f"A picture shows at most {most:,} {what}, and this one would have {number:,}: ask for less at"
            " once, or for JSON or CSV."
        )
        raise Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])
