"""The pages about a mobile number that two people may call theirs: its release, its keeping, another one."""

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.mobile_in_use import in_use as offered_in
from idp.login.next_step import Failed, Step
from idp.login.steps import mobile as mobile_step
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.base import EmptyForm
from idp.web.forms.login import CodeForm, MobileForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, private_page
from idp.web.wording import refusal_text
from realname.documents.masking import mask_mobile

bp = Blueprint("mobile", __name__)
bp.url_defaults(login_flow.keep_interaction)
_MAX_TOKEN_LENGTH = 64
_OURS = (Step.KEEP_MOBILE, Step.BIND_MOBILE)


@bp.route("/i/<interaction_id>/mobile/in-use", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def in_use(interaction_id: str) -> Response:
    """Tell who proved a mobile that another account has it, and let them ask for its release."""
    interaction = login_flow.resume(interaction_id)
    found = offered_in(interaction)
    if found is None:
        return login_flow.onward(interaction)
    if EmptyForm().is_submitted():
        house().login.mobile_in_use.ask(interaction, origin=origin())
        return see_other(url_for("mobile.in_use"))
    is_known = _step_of(interaction) is not Step.IDENTIFY
    shown = {"masked_mobile": mask_mobile(found.mobile), "asked": found.asked, "may_go_on": is_known}
    return private_page("mobile/in_use.html", None, **shown)


@bp.route("/i/<interaction_id>/login/mobile/keep", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def keep(interaction_id: str) -> Response:
    """Ask whether a mobile that somebody else proved is still the person's."""
    interaction = login_flow.resume(interaction_id)
    if _step_of(interaction) is not Step.KEEP_MOBILE:
        return login_flow.onward(interaction)
    if EmptyForm().is_submitted():
        interaction, kept = house().login.mobile.keep(interaction, origin=origin())
        if kept:
            flash(_("The number stays with your account."), "success")
        return login_flow.onward(interaction)
    return private_page("mobile/keep.html", interaction)


@bp.route("/i/<interaction_id>/login/mobile", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def bind(interaction_id: str) -> Response:
    """Ask for the mobile that the person has now and send a code to it."""
    interaction = login_flow.resume(interaction_id)
    step = _step_of(interaction)
    if step not in _OURS:
        return login_flow.onward(interaction)
    form = MobileForm()
    if form.validate_on_submit():
        try:
            house().login.mobile.send(interaction, form.mobile.data, locale=str(get_locale()), origin=origin())
            return see_other(url_for("mobile.code"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="mobile")
    return private_page("mobile/bind.html", interaction, form, is_lost=step is Step.BIND_MOBILE)


@bp.route("/i/<interaction_id>/login/mobile/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent to the new number."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(mobile_step.PARKED)
    if parked is None or _step_of(interaction) not in _OURS:
        return see_other(url_for("mobile.bind"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            after = house().login.mobile.submit(interaction, form.code.data, locale=str(get_locale()), origin=origin())
            is_bound = after.progress.mobile_answered
            return login_flow.onward(after) if is_bound else see_other(url_for("mobile.in_use"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return private_page("mobile/code.html", interaction, form, **code_context(parked))


@bp.post("/i/<interaction_id>/login/mobile/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(mobile_step.PARKED)
    if parked is not None and house().login.codes.resend_after(parked) == 0:
        try:
            house().login.mobile.send(interaction, parked["mobile"], locale=str(get_locale()), origin=origin())
        except LoginRefused as refused:
            flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("mobile.code"))


@bp.post("/i/<interaction_id>/login/mobile/later")
@limit("login_per_minute", 60)
def later(interaction_id: str) -> Response:
    """Go on without an answer."""
    interaction = login_flow.resume(interaction_id)
    if _step_of(interaction) in _OURS:
        interaction = house().login.mobile.put_off(interaction)
    return login_flow.onward(interaction)


@bp.route("/mobile/keep", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def keep_by_notice() -> Response:
    """Let who got the notice object, without a login; opening the link alone changes nothing: programs do that."""
    token = request.values.get("token", "")[:_MAX_TOKEN_LENGTH]
    if EmptyForm().is_submitted():
        kept = house().login.releases.keep_by_notice(token, origin=origin())
        return private_page("mobile/objection.html", None, kept=kept, due_at=None, token=None)
    due_at = house().login.releases.due_of_notice(token)
    return private_page("mobile/objection.html", None, kept=False, due_at=due_at, token=token)


def _step_of(interaction: Interaction) -> Step | Failed:
    decision, _demands = login_flow.decide(interaction, login_flow.client_of(interaction))
    return decision.step
