"""The last step of an operation: call its method, and make a response of what it gives."""

from urllib.parse import urlencode

from flask import Response, request

from service.store import reflected_change
from service.web.answers import documents as documents  # noqa: PLC0414 (registers the general renderers)
from service.web.answers import formats
from service.web.answers.answer import Answer
from service.web.answers.renderers import renderer_for
from service.web.answers.tags import Ready, etag, unless_seen
from service.web.exchanges import Exchange
from service.web.request import lasting


def respond(exchange: Exchange) -> Response:
    """Call the method. It may stop with an answer that is there already, as 304 where the caller has it."""
    try:
        result = exchange.method(**exchange.arguments)
        answer = result if isinstance(result, Answer) else Answer(result)
        if exchange.access_note is not None:
            exchange.access_note.show_content(answer.content)
        response = answer.response if answer.response is not None else _response(exchange, answer)
        lasting.keep(exchange, response)
    except Ready as ready:
        if ready.code == 304 and exchange.access_note is not None:
            exchange.access_note.show_nothing_new()
        return ready.answer
    return response


def _response(exchange: Exchange, answer: Answer) -> Response:
    """The answer in the representation that the caller asked for, by the renderer that is registered for
    it."""
    operation, media_type = exchange.operation, exchange.media_type
    status = answer.status or operation.status
    if operation.returns is None or answer.content is None:
        response = Response(b"", status if operation.returns is not None or status != 200 else 204)
        response.headers.update(answer.headers)
    else:
        rendered = renderer_for(media_type, type(operation.returns))(operation.returns, answer)
        content_type = formats.CONTENT_TYPES.get(media_type, media_type)
        response = Response(rendered.body, status, content_type=content_type)
        response.headers.update(answer.headers)
        if rendered.headers is not None:
            response.headers.update(rendered.headers)
        if media_type == formats.CSV:
            links = [*response.headers.getlist("Link"), _described_by(operation.name)]
            response.headers["Link"] = ", ".join(links)
    _tag(exchange, answer, response)
    if len(operation.formats) > 1:
        response.headers["Vary"] = "Accept"
    if (change := reflected_change.get()) is not None:
        response.headers["Crimebook-Change"] = str(change)
    return response


def _described_by(operation: str) -> str:
    """The link from a table to what its columns mean (`service.web.contract.csvw`)."""
    query = urlencode({"of": request.full_path.rstrip("?")})
    return f'</csvw/{operation}.json?{query}>; rel="describedby"; type="application/csvm+json"'


def _tag(exchange: Exchange, answer: Answer, response: Response) -> None:
    """Tag the response with the change that it tells of; stop with 304 where the caller has it already."""
    tag = answer.tag
    if tag is None and exchange.operation.tagged and isinstance(answer.content, dict):
        tag = answer.content.get("since_change")
    if tag is not None:
        response.headers["ETag"] = etag(tag, exchange.media_type)
        if request.method == "GET" and response.status_code == 200:
            unless_seen(reflected_change.get() or tag, response.headers["ETag"])
