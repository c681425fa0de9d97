"""The account centre's pages."""

from flask import Blueprint, Response, abort

bp = Blueprint("account", __name__)


def _absent(**_values: str) -> Response:
    abort(404)


for _endpoint, _path, _methods in (
    ("overview", "/account", ["GET"]),
    ("activity", "/account/activity", ["GET"]),
    ("sessions", "/account/sessions", ["GET"]),
    ("stop_session", "/account/sessions/<session_id>/stop", ["POST"]),
    ("stop_other_sessions", "/account/sessions/stop-others", ["POST"]),
    ("password", "/account/password", ["GET", "POST"]),
    ("applications", "/account/applications", ["GET"]),
    ("withdraw", "/account/applications/<handle>/withdraw", ["POST"]),
    ("contact", "/account/contact", ["GET", "POST"]),
    ("contact_code", "/account/contact/code", ["GET", "POST"]),
    ("contact_resend", "/account/contact/resend", ["POST"]),
    ("security", "/account/security", ["GET"]),
    ("totp", "/account/totp", ["GET", "POST"]),
    ("totp_remove", "/account/totp/remove", ["GET", "POST"]),
    ("recovery_codes", "/account/recovery-codes", ["POST"]),
):
    bp.add_url_rule(_path, _endpoint, _absent, methods=_methods)
