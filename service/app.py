"""The only wiring: settings, connection, routes, problems."""

from pathlib import Path
from typing import Any

import flask_restx
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import audit, callers, figures, intake, offences, operations, reference, releases, targets
from service.callers.callers import authorise
from service.callers.tokens import Issuer
from service.releases.releases import change_of
from service.settings import Settings
from service.store import connect
from service.web import logs, problems
from service.web.contract import csvw, documentation
from service.web.request import lasting, places, rate_limits
from service.web.server import health, safe_headers

FOLDERS = (offences, intake, figures, releases, targets, operations, reference, callers, audit)


class Application(Flask):
    """Flask without coroutines."""

    def ensure_sync(self, func: Any) -> Any:
        """Nothing here is one, and to look whether it is took each hook of each request longer than its
        work."""
        return func


class Api(flask_restx.Api):
    """Flask-RESTX as a router and no more: its faults, Swagger 2.0 and pages are switched off."""

    def error_router(self, original_handler: Any, e: Exception) -> Any:
        """Leave every fault to Flask's handlers, which `problems` owns."""
        return original_handler(e)

    def _register_specs(self, app: Flask) -> None: ...

    def _register_doc(self, app: Flask) -> None: ...

    def _register_apidoc(self, app: Flask) -> None: ...


def create_app(settings: Settings | None = None) -> Flask:
    """The service as a WSGI application, on the database that the settings name."""
    chosen = settings or Settings.from_environment()
    if chosen.database_url is None:
        raise RuntimeError(
            "DATABASE_URL is not set: `python -m service serve` starts an embedded server and sets it."
        )
    logs.configure(chosen.log_level)
    connect(
        chosen.database_url,
        chosen.statement_timeout_seconds,
        read_url=chosen.read_database_url,
        most_seconds_behind=chosen.replica_lag_seconds,
    )
    app = Application("crimebook", static_folder=None)
    app.config.update(
        LARGEST_BODY_BYTES=chosen.largest_body_bytes,
        LARGEST_SUBMISSION_BYTES=chosen.largest_submission_bytes,
        LARGEST_RETURN_BYTES=256 * 2**20,
        REVIEW_YEARS=chosen.review_years,
        REVIEW_CATEGORIES=chosen.review_categories,
        PROPAGATE_EXCEPTIONS=False,
        SEAL_KEY=str(chosen.sealing_key),
        JUSTIFICATION=chosen.justification,
        MOST_WAITING=max(1, chosen.threads // 2),
        PERCENT_RULE=chosen.percent_rule,
    )
    app.url_map.strict_slashes = True
    app.extensions["authorise"], app.extensions["issuer"] = authorise, Issuer.of(chosen)
    app.extensions["change_of_release"] = change_of
    logs.log_requests(app)
    problems.answer_faults(app)
    _guard(app, chosen)
    app.register_blueprint(health.health)
    api = Api(app, prefix="/v1", doc=False)
    for folder in FOLDERS:
        for namespace in folder.namespaces:
            api.add_namespace(namespace, namespace.path)
    app.extensions["api"] = api
    app.register_blueprint(csvw.csvw)
    app.register_blueprint(documentation.pages(Path(__file__).parent.parent / "openapi" / "openapi.yaml"))
    return app


def _guard(app: Flask, chosen: Settings) -> None:
    """Against those outside: how often they may ask, what browsers are told, and whom of the proxies in front
    to believe."""
    asked = (
        rate_limits.share(limit, chosen.workers) for limit in (chosen.rate_limit, chosen.key_attempt_limit)
    )
    rate_limits.limit_rates(app, rate_limits.RateLimits(*asked))
    places.make(app, chosen.threads)
    lasting.make(app, chosen.lasting_answers_mb)
    safe_headers.guard(app, chosen.cors_origins or ())
    if chosen.proxies:
        believing = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies)
        app.wsgi_app = believing  # type: ignore[method-assign]
