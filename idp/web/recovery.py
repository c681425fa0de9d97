"""The pages of a forgotten password."""

from flask import Blueprint, Response, abort

bp = Blueprint("recovery", __name__)


def _absent(**_values: str) -> Response:
    abort(404)


for _endpoint, _methods in (
    ("start", ["GET", "POST"]),
    ("code", ["GET", "POST"]),
    ("resend", ["POST"]),
    ("waiting", ["GET"]),
    ("password", ["GET", "POST"]),
    ("done", ["GET"]),
):
    _path = "" if _endpoint == "start" else f"/{_endpoint}"
    bp.add_url_rule(f"/i/<interaction_id>/recovery{_path}", _endpoint, _absent, methods=_methods)
    bp.add_url_rule(f"/recovery{_path}", _endpoint, _absent, methods=_methods, defaults={"interaction_id": None})
