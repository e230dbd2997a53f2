"""The only wiring: settings, connection, routes, problems."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import flask_restx
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import audit, callers, figures, intake, offences, operations, reference, releases, targets
from service.callers.callers import recognise
from service.callers.tokens import Issuer
from service.releases.releases import change_of
from service.settings import Settings
from service.store import connect
from service.web import logs, problems
from service.web.answers.renderers import renderer_for
from service.web.contract import csvw, documentation
from service.web.contract.served import methods
from service.web.exchanges import Exchange
from service.web.request import places, rate_limits
from service.web.request.lasting_answers import LastingAnswers
from service.web.request.wiring import Wiring, wire
from service.web.server import health, safe_headers

FOLDERS = (offences, intake, figures, releases, targets, operations, reference, callers, audit)


class Application(Flask):
    """Flask without coroutines, whose `g` is the exchange of the present request."""

    api: "Api"
    app_ctx_globals_class = Exchange  # type: ignore[assignment]

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is one, and to look whether it is took each hook of each request longer than its
        work."""
        return func


class Api(flask_restx.Api):
    """Flask-RESTX as a router and no more: its faults, Swagger 2.0 and pages are switched off."""

    def error_router(self, original_handler: Callable[[Exception], object], e: Exception) -> object:
        """Leave every fault to Flask's handlers, which `problems` owns."""
        return original_handler(e)

    def _register_specs(self, app: Flask) -> None: ...

    def _register_doc(self, app: Flask) -> None: ...

    def _register_apidoc(self, app: Flask) -> None: ...


def create_app(settings: Settings | None = None) -> Application:
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
    wire(app, _wiring(chosen))
    logs.log_requests(app)
    problems.answer_faults(app)
    _guard(app, chosen)
    app.register_blueprint(health.health)
    app.api = Api(app, prefix="/v1", doc=False)
    for folder in FOLDERS:
        for namespace in folder.namespaces:
            app.api.add_namespace(namespace, namespace.path)
    _require_renderers(app.api)
    app.register_blueprint(csvw.pages(app.api))
    contract_file = Path(__file__).parent.parent / "openapi" / "openapi.yaml"
    app.register_blueprint(documentation.pages(app.api, contract_file))
    return app


def _require_renderers(api: Api) -> None:
    """Raise LookupError where an operation promises a format that nothing writes."""
    for served, _, _ in methods(api):
        if served.promised.returns is not None:
            for media_type in served.promised.formats:
                renderer_for(media_type, type(served.promised.returns))


def _wiring(chosen: Settings) -> Wiring:
    """What requests need from other folders and from the settings."""
    per_caller, per_address = (
        rate_limits.share(limit, chosen.workers) for limit in (chosen.rate_limit, chosen.key_attempt_limit)
    )
    return Wiring(
        recognise=partial(recognise, Issuer.of(chosen)),
        change_of_release=change_of,
        lasting_answers=LastingAnswers(chosen.lasting_answers_mb),
        places=places.for_threads(chosen.threads),
        rate_limits=rate_limits.RateLimits(per_caller, per_address),
    )


def _guard(app: Flask, chosen: Settings) -> None:
    """Against those outside: what callers are told of their limits, what browsers are told, and whom of the
    proxies in front to believe."""
    rate_limits.tell_limits(app)
    safe_headers.guard(app, chosen.cors_origins or ())
    if chosen.proxies:
        believing = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies)
        app.wsgi_app = believing  # type: ignore[method-assign]
