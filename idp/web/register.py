"""The pages of opening an account."""

from flask import Blueprint, Response, url_for
from flask_babel import get_locale

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.steps import registration
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.login import CodeForm
from idp.web.forms.register import AccountForm, RegistrationForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, login_page
from idp.web.wording import refusal_text

bp = Blueprint("register", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.get("/register", endpoint="form", defaults={"interaction_id": None})
@bp.route("/i/<interaction_id>/register", methods=["GET", "POST"], endpoint="form")
@limit("register_per_hour", 3600)
def form(interaction_id: str | None) -> Response:
    """Ask for number, name, mobile and password."""
    if interaction_id is None:
        return login_flow.start_local(url_for("account.overview"), "register.form")
    interaction = login_flow.resume(interaction_id)
    if interaction.for_staff:  # nobody becomes staff by registering
        return see_other(url_for("login.proceed", interaction_id=interaction.id))
    page = RegistrationForm()
    typed = registration.Typed(*(each.data or "" for each in (page.number, page.name, page.mobile, page.password)))
    if _is_parked(interaction, page, typed):
        return see_other(url_for("register.code", interaction_id=interaction.id))
    may_arrive = house().login.proofing.network_identity is not None
    return login_page("register/form.html", interaction, page, may_cancel=False, may_arrive=may_arrive)


@bp.route("/i/<interaction_id>/register/network", methods=["GET", "POST"])
@limit("register_per_hour", 3600)
def arrival(interaction_id: str) -> Response:
    """Ask for mobile and password alone; the next page is that of the network identity."""
    interaction = login_flow.resume(interaction_id)
    if interaction.for_staff or house().login.proofing.network_identity is None:
        return see_other(url_for("login.proceed", interaction_id=interaction.id))
    page = AccountForm()
    typed = registration.Typed(None, None, page.mobile.data or "", page.password.data or "")
    if _is_parked(interaction, page, typed):
        return see_other(url_for("register.code", interaction_id=interaction.id))
    return login_page("register/arrival.html", interaction, page, may_cancel=False)


def _is_parked(interaction: Interaction, page: AccountForm, typed: registration.Typed) -> bool:
    """Tell whether a form was sent, is good, and waits for the code now; a refusal is shown on the page."""
    step = house().login.registration
    if not page.passes(lambda: step.check(typed)):
        return False
    try:
        interaction = step.start(interaction, typed, locale=str(get_locale()), origin=origin())
    except LoginRefused as refused:
        page.refuse(refusal_text(refused.reason), field="mobile")
        return False
    proof = login_flow.TO_ARRIVE if typed.number is None else None
    house().login.interactions.save(interaction, scratch={login_flow.WANTS_PROOF: proof})
    return True


@bp.route("/i/<interaction_id>/register/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent to the new person's mobile."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(registration.PARKED)
    if parked is None:
        return see_other(url_for("register.form", interaction_id=interaction.id))
    page = CodeForm()
    if page.validate_on_submit():
        try:
            after = house().login.registration.submit(interaction, page.code.data, origin=origin())
            # Without a person another account has the mobile, which who has the phone may know.
            onward = "login.proceed" if after.progress.person_id is not None else "mobile.in_use"
            return see_other(url_for(onward, interaction_id=interaction.id))
        except LoginRefused as refused:
            page.refuse(refusal_text(refused.reason), field="code")
    arrives = parked["number"] is None
    return login_page(
        "register/code.html", interaction, page, may_cancel=False, arrives=arrives, **code_context(parked)
    )


@bp.post("/i/<interaction_id>/register/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(registration.PARKED)
    if parked is not None and house().login.codes.resend_after(parked) == 0:
        house().login.registration.resend(interaction, origin=origin())
    return see_other(url_for("register.code", interaction_id=interaction.id))
