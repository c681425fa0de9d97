"""What all pages of the account centre share: the blueprint, who acts, and how a page is shown."""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template
from flask_babel import get_locale
from flask_login import current_user, login_required

from idp.login.account.current_password import Holder
from idp.sessions.service import LiveSession
from idp.web.context import browser, house

bp = Blueprint("account", __name__)


@bp.before_request
@login_required
def _only_logged_in() -> None:
    """Let nobody in without a session; for the whole blueprint, so that no page can forget it."""


@bp.context_processor
def _matters_to_object_to() -> dict[str, object]:
    """Show on every page that somebody waits to get in, or for the mobile: the owner may object in time."""
    # An error page can be shown before anybody is let in, or while nothing can be looked up.
    if g.get("without_stores") or not current_user.is_authenticated:
        return {}
    overview = house().login.account.overview
    return {
        "recovery_opens_at": overview.recovery_opens_at(live().person_id),
        "contested_mobile": overview.contested_mobile(live()),
    }


def live() -> LiveSession:
    """Return the session that this request belongs to."""
    found: LiveSession = current_user.session
    return found


def holder() -> Holder:
    """Return who acts."""
    return Holder(live().person_id, live().id, browser().device_secret)


def locale() -> str:
    """Return the locale in which messages of this request are worded."""
    return str(get_locale())


def show(template: str, *, form: Any = None, **context: Any) -> Response:
    """Return a page of the account centre; a form that was refused is 422."""
    refused = form is not None and form.is_submitted() and bool(form.errors)
    response = make_response(render_template(template, form=form, **context), 422 if refused else 200)
    # Codes and personal data must not come back with the Back button after logging out.
    response.headers["Cache-Control"] = "no-store"
    return response
