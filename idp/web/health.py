"""Liveness and readiness for the front proxy and the orchestrator."""

from flask import Blueprint, Response, current_app, jsonify

from idp.house.build import House
from idp.house.readiness import Readiness
from idp.web.context import house

bp = Blueprint("health", __name__)
_EXTENSION = "yihao readiness"


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return _no_store(jsonify(status="alive"))


@bp.get("/readyz")
def ready() -> Response:
    """Say whether requests can be served: database, keys and short-lived store answer."""
    readiness: Readiness = current_app.extensions.setdefault(_EXTENSION, _readiness(house()))
    problems = readiness.problems()
    response = _no_store(jsonify(status="unready" if problems else "ready", problems=problems))
    response.status_code = 503 if problems else 200
    return response


def _readiness(house: House) -> Readiness:
    ground = house.ground

    def database() -> None:
        ground.database.ping()
        # A process that nobody asks for anything else must say which keys it has, too.
        ground.presence.note()

    return Readiness({"database": database, "short_lived": ground.store.ping})


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
