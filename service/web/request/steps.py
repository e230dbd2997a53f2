"""What a step of an operation is.

A step is a function of what comes after it and of the exchange. It prepares something and goes on, looks at
what came of that, or answers itself and goes no further. `service.web.request.operation` lists them in order.
"""

import functools
from collections.abc import Callable, Iterable

from flask import Response

from service.web.exchanges import Exchange

Proceed = Callable[[Exchange], Response]
"""Everything that comes after a step."""

Step = Callable[[Proceed, Exchange], Response]


def chain(steps: Iterable[Step], last: Proceed) -> Proceed:
    """One function that takes each step in turn, and then the last."""
    proceed = last
    for step in reversed(list(steps)):
        proceed = functools.partial(step, proceed)
    return proceed
