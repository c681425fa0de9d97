"""The front page, the language switch, and the texts of law."""

from flask import Blueprint, Response, make_response, render_template, request

from idp.web.answers import see_other
from idp.web.context import house
from idp.web.locale import local_path, set_locale_cookie

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> Response:
    """Show what this is."""
    return make_response(render_template("home/index.html"))


@bp.post("/language")
def set_language() -> Response:
    """Remember the language and go back to the page."""
    response = see_other(local_path(request.form.get("next", "/")))
    set_locale_cookie(response, request.form.get("locale", ""), secure=house().settings.https)
    return response


@bp.get("/terms")
def terms() -> Response:
    """Show the terms of service."""
    return make_response(render_template("home/terms.html"))


@bp.get("/privacy")
def privacy() -> Response:
    """Show the privacy notice."""
    return make_response(render_template("home/privacy.html"))
