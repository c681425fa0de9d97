"""The pages of a first staff login: mobile confirmed, password good enough for staff, authenticator app set up."""

from flask import Blueprint, Response, flash, url_for
from flask_babel import get_locale

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.next_step import Step
from idp.login.refusal import Refusal
from idp.login.steps import confirm_mobile
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import browser, house, origin
from idp.web.forms.base import EmptyForm
from idp.web.forms.login import CodeForm
from idp.web.forms.recovery import NewPasswordForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, private_page
from idp.web.totp_picture import totp_picture
from idp.web.wording import refusal_text
from realname.documents.masking import mask_mobile

bp = Blueprint("staff", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.route("/i/<interaction_id>/staff/mobile", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def mobile(interaction_id: str) -> Response:
    """Offer to send a code to the mobile that is kept with the account."""
    interaction = login_flow.resume(interaction_id)
    if not _is_at(interaction, Step.CONFIRM_MOBILE):
        return login_flow.onward(interaction)
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            house().login.confirm_mobile.send(interaction, locale=_locale(), origin=origin())
            return see_other(url_for("staff.code"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason))
    kept = house().login.confirm_mobile.mobile_of(interaction)
    return private_page("staff/mobile.html", interaction, form, masked_destination=mask_mobile(kept) if kept else None)


@bp.route("/i/<interaction_id>/staff/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(confirm_mobile.PARKED)
    if parked is None or not _is_at(interaction, Step.CONFIRM_MOBILE):
        return login_flow.onward(interaction)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            house().login.confirm_mobile.submit(interaction, form.code.data, origin=origin())
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return private_page("staff/code.html", interaction, form, **code_context(parked))


@bp.post("/i/<interaction_id>/staff/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(confirm_mobile.PARKED)
    if parked is None or not _is_at(interaction, Step.CONFIRM_MOBILE):
        return login_flow.onward(interaction)
    if house().login.codes.resend_after(parked) == 0:
        try:
            house().login.confirm_mobile.send(interaction, locale=_locale(), origin=origin())
        except LoginRefused as refused:
            flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("staff.code"))


@bp.route("/i/<interaction_id>/staff/password", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def password(interaction_id: str) -> Response:
    """Ask for a password that the policy for staff accepts."""
    interaction = login_flow.resume(interaction_id)
    if not _is_at(interaction, Step.NEW_PASSWORD):
        return login_flow.onward(interaction)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            house().login.staff_password.submit(interaction, form.password.data, locale=_locale(), origin=origin())
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            if refused.reason is Refusal.CREDENTIALS:  # changed by its owner meanwhile
                raise
            form.refuse(refusal_text(refused.reason), field="password")
    least = house().login.new_password.least_length(interaction.progress.person_id or "")
    return private_page("staff/password.html", interaction, form, password_length=least)


@bp.route("/i/<interaction_id>/staff/totp", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def totp(interaction_id: str) -> Response:
    """Show the picture, take the first code, and show the recovery codes once."""
    interaction = login_flow.resume(interaction_id)
    if not _is_at(interaction, Step.ENROL_TOTP):
        return login_flow.onward(interaction)
    steps, form = house().login.totp_enrolment, CodeForm()
    if form.validate_on_submit():
        try:
            codes = steps.submit(interaction, form.code.data, browser(), locale=_locale(), origin=origin())
            return private_page("staff/recovery_codes.html", interaction, None, codes=list(codes))
        except LoginRefused as refused:
            form.refuse(_refusal_of_first_code(refused), field="code")
    return private_page("staff/totp.html", interaction, form, **totp_picture(steps.enrolment(interaction)))


def _refusal_of_first_code(refused: LoginRefused) -> str:
    if refused.reason is Refusal.CODE:  # no message was sent that one could look at
        return refusal_text("wrong_first_code")
    return refusal_text(refused.reason)


def _is_at(interaction: Interaction, step: Step) -> bool:
    decision, _demands = login_flow.decide(interaction, login_flow.client_of(interaction))
    return decision.step is step


def _locale() -> str:
    return str(get_locale())
