"""What a request needs from outside of the web: put together once, when the application is made
(`service.app`)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import Flask, current_app

from service.web.caller import Recognised
from service.web.request.lasting_answers import LastingAnswers
from service.web.request.places import Kind, Places
from service.web.request.rate_limits import RateLimits

_NAME = "crimebook"


@dataclass(slots=True)
class Wiring:
    """The parts of one application.

    `recognise` gives the caller whose key or token this is, None where it is not in use. `change_of_release`
    gives the change that the figures of a release were known at, and raises 400 where the caller may not see
    it.
    """

    recognise: Callable[[str], Recognised | None]
    change_of_release: Callable[[UUID], int]
    lasting_answers: LastingAnswers
    places: dict[Kind, Places]
    rate_limits: RateLimits

    def place(self, kind: Kind) -> AbstractContextManager[None]:
        """Hold a place among the files, pictures or writers. Raises 503 where none becomes free at once."""
        return self.places[kind].one()


def wire(app: Flask, parts: Wiring) -> None:
    """Let the requests of this application use these parts."""
    app.extensions[_NAME] = parts


def wiring_of(app: Flask) -> Wiring:
    """The parts of an application."""
    return cast("Wiring", app.extensions[_NAME])


def wiring() -> Wiring:
    """The parts of the application that answers the present request."""
    return cast("Wiring", current_app.extensions[_NAME])
