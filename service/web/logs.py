"""One JSON line for each request, and the trace id that walks from a curl to the change it made (W3C Trace
Context)."""

import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime

import orjson
from flask import Flask, Response, has_request_context, request

from service.web import exchanges

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_requests = logging.getLogger("crimebook.requests")


class JsonLines(logging.Formatter):
    """Each record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and whatever the caller put into `extra["fields"]`."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if has_request_context() and "trace_id" not in line:
            line["trace_id"] = trace_id()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(level: str) -> None:
    """Send the log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def trace_id() -> str:
    """The trace id of the present request: 32 hexadecimal digits, the caller's own where it sent a valid
    traceparent."""
    exchange = exchanges.current()
    if not exchange.trace_id:
        exchange.trace_id = _sent_trace_id() or secrets.token_hex(16)
    return exchange.trace_id


def _sent_trace_id() -> str | None:
    sent = request.headers.get("traceparent", "") if has_request_context() else ""
    match = _TRACEPARENT.fullmatch(sent)
    return match[1] if match and match[1] != "0" * 32 and match[2] != "0" * 16 else None


def _query() -> str:
    """The query of a question; that of a change may hold words about a person, which belong to the record and
    nowhere else."""
    return request.query_string.decode("latin-1") if request.method in ("GET", "HEAD", "POST") else ""


def log_requests(app: Flask) -> None:
    """Write the line when the answer leaves. Keys and bodies never enter it."""

    @app.before_request
    def begin() -> None:
        exchanges.current().began = time.perf_counter()
        trace_id()

    @app.after_request
    def write(answer: Response) -> Response:
        answer.headers["Trace-Id"] = trace_id()
        watching = request.path in ("/live", "/ready") and answer.status_code == 200  # every few seconds
        if watching or not _requests.isEnabledFor(logging.INFO):
            return answer
        exchange = exchanges.current()
        fields = {
            "method": request.method,
            "path": request.path,
            "query": _query(),
            "status": answer.status_code,
            "milliseconds": round(1000 * (time.perf_counter() - exchange.began), 2),
            "trace_id": exchange.trace_id,
            "caller": exchange.caller.name if exchange.caller else None,
            "change": answer.headers.get("Crimebook-Change"),
            "from": request.remote_addr,
            "read_at": exchange.read_at,
        }
        _requests.info("request", extra={"fields": fields})
        return answer
