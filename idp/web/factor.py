"""The pages of a second factor by a code to the person's own mobile, where there is no app."""

from flask import Blueprint, Response, flash, url_for
from flask_babel import get_locale

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.next_step import Step
from idp.login.steps import mobile_factor
from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.base import EmptyForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, private_page
from idp.web.wording import refusal_text
from realname.documents.masking import mask_mobile

bp = Blueprint("factor", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.route("/i/<interaction_id>/login/factor", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def mobile(interaction_id: str) -> Response:
    """Say what is needed, and send a code."""
    interaction = login_flow.resume(interaction_id)
    live = _live(interaction)
    if live is None:
        return login_flow.onward(interaction)
    if EmptyForm().is_submitted():
        return _send(interaction, live)
    found = house().login.proofing.mobile_factor.mobile_of(live)
    masked = mask_mobile(found) if found else None
    return private_page("factor/mobile.html", interaction, None, masked_destination=masked)


@bp.route("/i/<interaction_id>/login/factor/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent."""
    interaction = login_flow.resume(interaction_id)
    live, parked = _live(interaction), interaction.scratch.get(mobile_factor.PARKED)
    if live is None or parked is None:
        return login_flow.onward(interaction)
    page = CodeForm()
    if page.validate_on_submit():
        try:
            step = house().login.proofing.mobile_factor
            return login_flow.onward(step.submit(interaction, live, page.code.data, origin=origin()))
        except LoginRefused as refused:
            page.refuse(refusal_text(refused.reason), field="code")
    return private_page("factor/code.html", interaction, page, **code_context(parked))


@bp.post("/i/<interaction_id>/login/factor/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    live, parked = _live(interaction), interaction.scratch.get(mobile_factor.PARKED)
    if live is None or parked is None:
        return login_flow.onward(interaction)
    if house().login.codes.resend_after(parked) > 0:
        return see_other(url_for("factor.code"))
    return _send(interaction, live)


@bp.post("/i/<interaction_id>/login/factor/later")
@limit("login_per_minute", 60)
def later(interaction_id: str) -> Response:
    """Go on without it."""
    interaction = login_flow.resume(interaction_id)
    if _live(interaction) is not None:
        interaction = house().login.proofing.number.put_off(interaction)
    return login_flow.onward(interaction)


def _send(interaction: Interaction, live: LiveSession) -> Response:
    try:
        house().login.proofing.mobile_factor.send(interaction, live, locale=str(get_locale()), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
        return see_other(url_for("factor.mobile"))
    return see_other(url_for("factor.code"))


def _live(interaction: Interaction) -> LiveSession | None:
    decision, _demands = login_flow.decide(interaction, login_flow.client_of(interaction))
    return decision.session if decision.step is Step.MOBILE_FACTOR else None
