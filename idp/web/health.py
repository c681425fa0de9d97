"""Liveness and readiness for the front proxy and the orchestrator."""

from flask import Blueprint, Response, jsonify

from idp.core.errors import StoreUnavailable
from idp.web.context import house

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return _no_store(jsonify(status="alive"))


@bp.get("/readyz")
def ready() -> Response:
    """Say whether requests can be served: database and short-lived store answer."""
    checks = {"database": house().ground.database.ping, "short_lived": house().ground.store.ping}
    problems = {}
    for name, ping in checks.items():
        try:
            ping()
        except StoreUnavailable as error:
            problems[name] = str(error)
    response = _no_store(jsonify(status="unready" if problems else "ready", problems=problems))
    response.status_code = 503 if problems else 200
    return response


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
