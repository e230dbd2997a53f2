"""The only wiring: settings, connection, routes, problems."""

from pathlib import Path
from typing import Any

import flask_restx
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import (
    accesses,
    areas,
    breaks,
    callers,
    cancellations,
    categories,
    changes,
    classifications,
    erasures,
    home_office_tables,
    keys,
    mappings,
    measures,
    observations,  # noqa: F401 - its addresses are among those of measures
    offences,
    operation_effects,
    operation_tags,
    operations,
    outcome_types,
    outcomes_of_records,
    peer_groups,
    progress,  # noqa: F401 - its address is among those of targets
    ranking,  # noqa: F401 - its address is among those of summaries
    reclassifications,
    reconciliations,
    recording,
    releases,
    replacements,
    return_outcomes,
    returns,
    revisions,  # noqa: F401 - its addresses are among those of releases
    samples,
    seals,
    series,
    street_crimes,
    street_outcomes,
    street_reconciliations,
    street_submissions,
    submissions,
    summaries,
    targets,
    tokens,
)
from service.settings import Settings
from service.store import connect
from service.web import csvw, documentation, health, lasting, logs, places, problems, rate_limits, safe_headers

NAMESPACES = (
    offences.offences, cancellations.cancellations, erasures.erasures, submissions.submissions, returns.returns, home_office_tables.tables,
    return_outcomes.return_outcomes, summaries.summaries, series.series, releases.releases, targets.targets, areas.areas,
    classifications.offence_codes, categories.categories, changes.changes, reconciliations.reconciliations, outcome_types.outcomes,
    outcomes_of_records.outcomes_of_records, measures.measures, breaks.breaks, recording.recording, reclassifications.reclassifications,
    samples.samples, accesses.accesses, erasures.reviews, seals.seals, callers.callers, replacements.replacements, mappings.mappings,
    peer_groups.peer_groups, keys.keys, street_submissions.street_submissions, street_crimes.street_crimes,
    street_reconciliations.street_reconciliations, street_outcomes.street_outcomes, street_crimes.street_crime_types,
    operations.operations, operation_tags.operation_tags, operation_effects.operation_effects,
)  # fmt: skip


class Application(Flask):
    """Flask without coroutines."""

    def ensure_sync(self, func: Any) -> Any:
        """Nothing here is one, and to look whether it is took each hook of each request longer than its work."""
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
        raise RuntimeError("DATABASE_URL is not set: `python -m service serve` starts an embedded server and sets it.")
    logs.configure(chosen.log_level)
    connect(
        chosen.database_url, chosen.statement_timeout_seconds, read_url=chosen.read_database_url,
        most_seconds_behind=chosen.replica_lag_seconds,
    )  # fmt: skip
    app = Application("crimebook", static_folder=None)
    app.config.update(
        LARGEST_BODY_BYTES=chosen.largest_body_bytes, LARGEST_SUBMISSION_BYTES=chosen.largest_submission_bytes,
        LARGEST_RETURN_BYTES=256 * 2**20, REVIEW_YEARS=chosen.review_years, REVIEW_CATEGORIES=chosen.review_categories,
        PROPAGATE_EXCEPTIONS=False, SEAL_KEY=str(chosen.sealing_key), JUSTIFICATION=chosen.justification,
        MOST_WAITING=max(1, chosen.threads // 2), PERCENT_RULE=chosen.percent_rule,
    )  # fmt: skip
    app.url_map.strict_slashes = True
    app.extensions["authorise"], app.extensions["issuer"] = callers.authorise, tokens.Issuer.of(chosen)
    app.extensions["change_of_release"] = releases.change_of
    logs.log_requests(app)
    problems.answer_faults(app)
    _guard(app, chosen)
    app.register_blueprint(health.health)
    api = Api(app, prefix="/v1", doc=False)
    for namespace in NAMESPACES:
        api.add_namespace(namespace, namespace.path)
    app.extensions["api"] = api
    app.register_blueprint(csvw.csvw)
    app.register_blueprint(documentation.pages(Path(__file__).parent.parent / "openapi" / "openapi.yaml"))
    return app


def _guard(app: Flask, chosen: Settings) -> None:
    """Against those outside: how often they may ask, what browsers are told, and whom of the proxies in front to believe."""
    asked = (rate_limits.share(limit, chosen.workers) for limit in (chosen.rate_limit, chosen.key_attempt_limit))
    rate_limits.limit_rates(app, rate_limits.RateLimits(*asked))
    places.make(app, chosen.threads)
    lasting.make(app, chosen.lasting_answers_mb)
    safe_headers.guard(app, chosen.cors_origins or ())
    if chosen.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies)  # type: ignore[method-assign]
