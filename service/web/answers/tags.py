"""Entity tags (RFC 9110), and answers that need not be made because the caller has them already."""

from flask import Response, request
from werkzeug.exceptions import HTTPException

from service.store import Book
from service.web import exchanges
from service.web.answers.formats import CSV, JSON, NDJSON, PARQUET, PNG, SVG, TEXT, VEGA_LITE

_SUFFIX = {
    JSON: "",
    CSV: ".csv",
    NDJSON: ".ndjson",
    PARQUET: ".parquet",
    TEXT: ".txt",
    SVG: ".svg",
    PNG: ".png",
    VEGA_LITE: ".vegalite",
}


def etag(change: int, media_type: str = JSON) -> str:
    """The strong tag of what is known at a change, in one representation."""
    return f'"{change}{_SUFFIX.get(media_type, "")}"'


class Ready(HTTPException):
    """An answer that is there already, and skips the work of making one."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        super().__init__(response=answer)


class NotModified(Ready):
    """A 304: the caller has the answer."""

    code = 304

    def __init__(self, tag: str, change: int) -> None:
        super().__init__(
            Response(status=304, headers={"ETag": tag, "Crimebook-Change": str(change), "Vary": "Accept"})
        )


def unless_seen(change: int, tag: str) -> None:
    """Stop here with 304 when If-None-Match already names the tag of the answer about to be made."""
    sent = request.headers.get("If-None-Match", "")
    if sent.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in sent.split(",")):
        raise NotModified(tag, change)


def unless_unchanged(book: Book) -> None:
    """Stop here with 304 where the caller has what the book says at this change already, in the
    representation that it asks for."""
    unless_seen(book.as_of, etag(book.as_of, exchanges.current().media_type))
