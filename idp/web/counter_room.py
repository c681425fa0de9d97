"""What all pages of the counter share: the blueprint, the clerk who acts, and how a page is shown."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, make_response, render_template, url_for
from wtforms.fields.choices import SelectChoice

from idp.core.errors import LoginRefused
from idp.login.refusal import Refusal
from idp.persons.roles import Role, roles_of
from idp.sessions.service import LiveSession
from idp.web.answers import see_other
from idp.web.context import house
from idp.web.staff_session import end_staff_session, staff_or_login
from idp.web.wording import refusal_text

bp = Blueprint("counter", __name__, url_prefix="/counter")
#: Refusals after which the visit or matter at hand is no longer the clerk's.
_OVER = frozenset({Refusal.COUNTER_MOVED, Refusal.COUNTER_READER, Refusal.MATTER_OVER})


@bp.before_request
def _only_clerks() -> Response | None:
    """Let in who is logged in as staff and is a clerk somewhere; for the whole blueprint, so that no page forgets."""
    live = staff_or_login("/counter")
    if isinstance(live, Response):
        return live
    with house().ground.database.read() as session:
        if not any(held.role is Role.CLERK for held in roles_of(session, live.person_id)):
            abort(403)
    g.clerk = live
    return None


@bp.post("/leave")
def leave() -> Response:
    """End the staff session of this browser, and what was opened from it."""
    end_staff_session()
    return see_other(url_for("logout.done"))


def clerk() -> str:
    """Return the person who acts."""
    live: LiveSession = g.clerk
    return live.person_id


def reader_choices() -> list[SelectChoice]:
    """Return the readers at which the clerk works."""
    return [SelectChoice(each.id, f"{each.office} · {each.label}") for each in house().desk.readers(clerk())]


def first_page(refused: LoginRefused) -> Response:
    """Go back to the first page with the reason."""
    flash(refusal_text(refused.reason), "warning" if refused.reason in _OVER else "danger")
    return see_other(url_for("counter.home"))


def show(template: str, *, form: Any = None, **context: Any) -> Response:
    """Return a page of the counter; a form that was refused is 422."""
    is_refused = form is not None and form.is_submitted() and bool(form.errors)
    response = make_response(render_template(template, form=form, **context), 422 if is_refused else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
