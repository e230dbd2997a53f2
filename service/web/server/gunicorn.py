"""How gunicorn runs the service: `gunicorn -c python:service.web.server.gunicorn "service.app:create_app()"`.
Its settings are the names below."""

import ctypes
import os
import signal
from typing import Any

import gunicorn.util  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http.wsgi import Response  # type: ignore[import-untyped]

from service.processes import LAUNCHER
from service.settings import Settings
from service.web.request.waiting import watcher
from service.web.server import refusals
from service.web.server.worker import PatientWorker

_settings = Settings.from_environment()

bind = (
    f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
)
PatientWorker.arrival_seconds, PatientWorker.queue_seconds = (
    _settings.arrival_seconds,
    _settings.queue_seconds,
)
worker_class = PatientWorker
worker_connections = _settings.connections
backlog = 512  # connections that the system holds for a worker that takes no more
forwarded_allow_ips = ""  # PROXIES says whom to believe, and of which headers
workers = _settings.workers
threads = _settings.threads
_memory = "/dev/shm"  # noqa: S108 (gunicorn makes its file there safely) # nosec B108
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None  # a heartbeat must not wait for a busy disk
control_socket_disable = True

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h

keepalive = 5
timeout = 60  # of a worker's own loop, not of a request: those end by STATEMENT_TIMEOUT_SECONDS
graceful_timeout = _settings.statement_timeout_seconds
limit_request_line = 8190  # filters name many areas
limit_request_fields = 64
limit_request_field_size = 8190


class _Log(Logger):
    """Gunicorn's own, which with any logconfig_dict puts a line together for each request, also where nobody
    keeps it."""

    @property
    def access_log_enabled(self) -> bool:
        """Never: service.web.logs writes a line for each request."""
        return False


logger_class = _Log
_level = {"info": "warning"}.get(
    _settings.log_level, _settings.log_level
)  # what it says at info is its own comings and goings
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "service.web.logs.JsonLines"}},
    "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["standard_error"]},
    "loggers": {
        "gunicorn.error": {"level": _level.upper(), "handlers": ["standard_error"], "propagate": False}
    },
}


def when_ready(server: Any) -> None:
    """Stop when the launcher is gone. A timer and no thread: gunicorn forks, and a fork takes no timer
    along."""
    launcher = int(os.environ.get(LAUNCHER) or 0)
    if not launcher:
        return

    def look(number: int, frame: object) -> None:
        if os.getppid() != launcher:
            os.kill(server.pid, signal.SIGTERM)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def post_worker_init(worker: Any) -> None:
    """Who waits for a change stops waiting when the process is told to end; and large pieces of memory go
    back to the system at once."""
    watcher.stopping = lambda: not worker.alive
    # Else glibc learns from the first that it had better keep them, for each thread: rankings made a worker
    # half as large again.
    if limit := getattr(ctypes.CDLL(None), "mallopt", None):
        limit(_MMAP_THRESHOLD, 512 * 1024)


_headers = Response.default_headers


def _headers_without_banner(response: Response) -> list[str]:
    """Gunicorn names itself in every answer and has no setting against it."""
    return [line for line in _headers(response) if not line.startswith("Server:")]


Response.default_headers = _headers_without_banner
gunicorn.util.write_error = refusals.write
