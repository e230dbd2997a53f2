"""What settings say of those who come: how often they may ask, and from which pages."""

import re
from typing import Self

A_RATE = "a rate like 600/minute (second, minute, hour or day), or none"


def rate(text: str) -> str:
    """A rate as `limits` reads it; none and 0 are no limit."""
    if text in ("none", "0"):
        return "none"
    if not re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", text):
        raise ValueError
    return text


class Origins(tuple[str, ...]):
    """Origins of pages, written with commas."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(self)

    @classmethod
    def read(cls, text: str) -> Self:
        """Each a scheme, a host in small letters and perhaps a port, as browsers write it; never `*`."""
        origins = cls(part.strip() for part in text.split(","))
        if not all(re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", one) for one in origins):
            raise ValueError
        return origins
