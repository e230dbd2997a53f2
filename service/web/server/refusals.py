"""What is answered without asking the application: what is not HTTP, what comes too slowly, and what would
wait too long."""

import json
import secrets
import socket
from contextlib import suppress

import gunicorn.util  # type: ignore[import-untyped]

from service.web.problems import KINDS

_KINDS = {400: "malformed-request", 414: "address-too-long", 431: "headers-too-large"}
_HEADERS = (
    "Cache-Control: no-store\r\nConnection: close\r\nContent-Type:"
    " application/problem+json\r\nX-Content-Type-Options: nosniff\r\n"
)


def write(
    client: socket.socket,
    status: int,
    reason: str,
    message: str,
    kind: str | None = None,
    retry_after: int | None = None,
) -> None:
    """Answer as every other fault is answered; gunicorn's own page is HTML."""
    trace_id = secrets.token_hex(16)
    name = kind or _KINDS.get(status, "internal-fault")
    described = {"type": f"/docs/problems/{name}", "title": KINDS[name].title, "hint": KINDS[name].remedy}
    problem = {
        **described,
        "status": status,
        "detail": message or reason,
        "instance": "",
        "trace_id": trace_id,
    }
    body = json.dumps(problem).encode()
    later = f"Retry-After: {retry_after}\r\n" if retry_after else ""
    head = (
        f"HTTP/1.1 {status} {reason}\r\n{_HEADERS}{later}Content-Length: {len(body)}\r\nTrace-Id:"
        f" {trace_id}\r\n\r\n"
    )
    gunicorn.util.write_nonblock(client, head.encode("latin-1") + body)


def too_slow(client: socket.socket) -> None:
    """The head of a request, or a short body, did not come in time."""
    with suppress(OSError):
        write(client, 408, "Request Timeout", "The request did not come whole in time.", "too-slow")


def overloaded(client: socket.socket, seconds: int) -> None:
    """No thread was free for so long that the caller had better come again."""
    with suppress(OSError):
        detail = (
            f"The service has more to do than it can: no thread was free within {seconds} seconds. Nothing"
            " was changed."
        )
        write(client, 503, "Service Unavailable", detail, "busy", retry_after=5)
