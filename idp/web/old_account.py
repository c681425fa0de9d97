"""The pages of beginning with an account of an older system."""

from flask import Blueprint, Response, abort, url_for

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.next_step import Step
from idp.login.steps.old_account import OldAccountStep
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.login import OldAccountForm
from idp.web.limits import limit
from idp.web.login_pages import login_page
from idp.web.wording import refusal_text

bp = Blueprint("old_account", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.get("/login/old-account", endpoint="form", defaults={"interaction_id": None})
@bp.route("/i/<interaction_id>/login/old-account", methods=["GET", "POST"], endpoint="form")
@limit("login_per_minute", 60)
def form(interaction_id: str | None) -> Response:
    """Ask for the older system, and login and password there."""
    step = _step()
    if interaction_id is None:
        return login_flow.start_local(url_for("account.overview"), "old_account.form")
    interaction = login_flow.resume(interaction_id)
    if interaction.for_staff:  # staff have no accounts of citizens to show
        return login_flow.onward(interaction)
    systems = step.systems()
    page = OldAccountForm()
    page.system.choices = [(system.code, system.name) for system in systems]
    if page.validate_on_submit():
        try:
            interaction = step.submit(interaction, page.system.data, page.login.data, page.password.data, origin())
            return _onward(interaction)
        except LoginRefused as refused:
            page.refuse(refusal_text(refused.reason))
    return login_page("login/old_account.html", interaction, page, systems=systems)


@bp.get("/i/<interaction_id>/login/old-account/shown")
def shown(interaction_id: str) -> Response:
    """Say that the account is known, and ask who the person is."""
    interaction = login_flow.resume(interaction_id)
    told = _step().shown(interaction)
    if told is None:
        return login_flow.onward(interaction)
    return login_page("login/old_account_shown.html", interaction, None, told=told)


@bp.get("/i/<interaction_id>/login/old-account/waiting")
def waiting(interaction_id: str) -> Response:
    """Say, after the login, that the account can be claimed now, before the person goes on to the client."""
    interaction = login_flow.resume(interaction_id)
    told = _step().handed_over(interaction)
    if told is None:
        return login_flow.onward(interaction)
    return login_page(
        "login/old_account_waiting.html",
        interaction,
        None,
        told=told,
        may_cancel=False,
        claim_url=url_for("account.claim_link"),
    )


def _step() -> OldAccountStep:
    step = house().login.old_account
    if step is None:
        abort(404)
    return step


def _onward(interaction: Interaction) -> Response:
    """Go on to who the person is, where that is not known yet."""
    decision, _ = login_flow.decide(interaction, login_flow.client_of(interaction))
    if decision.step is Step.IDENTIFY:
        return see_other(url_for("old_account.shown", interaction_id=interaction.id))
    return login_flow.onward(interaction)
