"""The pages of getting back in: forgotten password, lost authenticator app."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.recovery_stages import PARKED, Stage, stage_of
from idp.login.refusal import Refusal
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import browser, house, origin
from idp.web.forms.login import CodeForm, RecoveryCodeForm
from idp.web.forms.recovery import IdentifierForm, NewPasswordForm, RegisteredNumberForm
from idp.web.limits import limit
from idp.web.wording import refusal_text
from realname.documents.masking import mask_mobile

bp = Blueprint("recovery", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.get("/recovery", endpoint="start", defaults={"interaction_id": None})
@bp.route("/i/<interaction_id>/recovery", methods=["GET", "POST"], endpoint="start")
@limit("login_per_minute", 60)
def start(interaction_id: str | None) -> Response:
    """Ask whose account it is and send a code."""
    if interaction_id is None:
        return login_flow.start_local(url_for("account.overview"), "recovery.start")
    interaction = login_flow.resume(interaction_id)
    form = IdentifierForm()
    if form.validate_on_submit():
        try:
            house().login.recovery.start(interaction, form.identifier.data, locale=_locale(), origin=origin())
            return see_other(url_for("recovery.code"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="identifier")
    return _page("recovery/start.html", form)


@bp.post("/i/<interaction_id>/recovery/lost-app")
@limit("login_per_minute", 60)
def lost_totp(interaction_id: str) -> Response:
    """Begin the recovery of who has neither the app nor a recovery code."""
    interaction = login_flow.resume(interaction_id)
    try:
        house().login.recovery.start_lost_totp(interaction, locale=_locale(), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
        return see_other(url_for("login.totp"))
    return see_other(url_for("recovery.code"))


@bp.route("/i/<interaction_id>/recovery/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code; the page is the same whether one was sent."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.CODE:
        return _to_stage(interaction)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            after = house().login.recovery.submit(
                interaction, form.code.data, browser(), locale=_locale(), origin=origin()
            )
            return _to_stage(after)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    parked = interaction.scratch[PARKED]
    shown = parked["is_shown"] and parked["mobile"]
    return _page(
        "recovery/code.html",
        form,
        masked_destination=mask_mobile(shown) if shown else _("the mobile number kept with the account"),
        resend_after_seconds=house().login.codes.resend_after(parked),
        valid_minutes=house().login.codes.life_minutes,
    )


@bp.post("/i/<interaction_id>/recovery/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.CODE:
        return _to_stage(interaction)
    try:
        house().login.recovery.resend(interaction, locale=_locale(), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("recovery.code"))


@bp.route("/i/<interaction_id>/recovery/proof", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def proof(interaction_id: str) -> Response:
    """Ask for a second proof: a code from the app, or a recovery code."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.PROOF:
        return _to_stage(interaction)
    form = RecoveryCodeForm()
    if form.validate_on_submit():
        try:
            after = house().login.recovery.prove(
                interaction, form.code.data, browser(), locale=_locale(), origin=origin()
            )
            return _to_stage(after)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return _page("recovery/proof.html", form)


@bp.post("/i/<interaction_id>/recovery/wait")
@limit("login_per_minute", 60)
def wait(interaction_id: str) -> Response:
    """Choose the waiting time."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.PROOF:
        return _to_stage(interaction)
    return _to_stage(house().login.recovery.wait(interaction))


@bp.route("/i/<interaction_id>/recovery/number", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def number(interaction_id: str) -> Response:
    """Ask for the number that the person registered with."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.NUMBER:
        return _to_stage(interaction)
    form = RegisteredNumberForm()
    if form.validate_on_submit():
        try:
            after = house().login.recovery.show_number(
                interaction, form.number.data, browser(), locale=_locale(), origin=origin()
            )
            return _to_stage(after)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="number")
    return _page("recovery/number.html", form)


@bp.get("/i/<interaction_id>/recovery/waiting")
def waiting(interaction_id: str) -> Response:
    """Say from when on it can be done."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.WAITING:
        return _to_stage(interaction)
    parked = interaction.scratch[PARKED]
    return _page(
        "recovery/waiting.html",
        None,
        opens_at=datetime.fromisoformat(parked["opens_at"]),
        masked_destination=mask_mobile(parked["mobile"]),
    )


@bp.route("/i/<interaction_id>/recovery/password", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def password(interaction_id: str) -> Response:
    """Ask for the new password."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.PASSWORD:
        return _to_stage(interaction)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            after = house().login.recovery.set_password(
                interaction, form.password.data, browser(), locale=_locale(), origin=origin()
            )
            return _to_stage(after)
        except LoginRefused as refused:
            if refused.reason is Refusal.CODE:  # spent, or cancelled by a login meanwhile
                flash(_("This reset is no longer open. Start again."), "warning")
                return see_other(url_for("recovery.start"))
            form.refuse(refusal_text(refused.reason), field="password")
    least = house().login.new_password.least_length(interaction.scratch[PARKED]["person_id"])
    return _page("recovery/password.html", form, password_length=least)


@bp.get("/i/<interaction_id>/recovery/done")
def done(interaction_id: str) -> Response:
    """Say that the password is changed."""
    interaction = login_flow.resume(interaction_id)
    if stage_of(interaction) is not Stage.DONE:
        return _to_stage(interaction)
    return _page("recovery/done.html", None)


def _to_stage(interaction: Interaction) -> Response:
    """Go to the page of the stage that the recovery is at."""
    stage = stage_of(interaction)
    if stage is Stage.DONE and interaction.scratch[PARKED].get("may_go_on"):
        return see_other(url_for("login.proceed", interaction_id=interaction.id))
    return see_other(url_for(f"recovery.{stage or 'start'}"))


def _page(template: str, form: Any, **context: Any) -> Response:
    refused = form is not None and form.is_submitted()
    response = make_response(render_template(template, form=form, client_name=None, **context), 422 if refused else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _locale() -> str:
    return str(get_locale())
