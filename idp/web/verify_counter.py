"""The citizen's side of a visit at a counter: the code to show, and the last word."""

from flask import Response, flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.counter.visit import VisitState
from idp.login.interaction import Interaction
from idp.login.steps import counter
from idp.login.steps.counter import CounterStep
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.limits import limit
from idp.web.login_pages import private_page
from idp.web.verify import At, bp
from idp.web.wording import refusal_text
from realname.documents.masking import mask_number

__all__ = ["bp"]


@bp.get("/verify/counter")
@limit("login_per_minute", 60)
def start_counter() -> Response:
    """Begin from the account centre, for who is at a service hall."""
    scratch = {login_flow.WANTED_LEVEL: CounterStep.ial, counter.CHOSEN: True}
    return login_flow.start_local(url_for("account.overview"), scratch=scratch)


@bp.get("/i/<interaction_id>/verify/counter")
@limit("login_per_minute", 60)
def at_counter(interaction_id: str) -> Response:
    """Show the code, and then how far the clerk is."""
    interaction, at, step = _resume(interaction_id)
    if at is None or step is None:
        return login_flow.onward(interaction)
    visit = step.visit_of(interaction)
    if visit is None:
        interaction, visit = step.open(interaction, at.live)
    shown = visit.card if visit.state is VisitState.SIGNED else None
    return private_page(
        "verify/counter.html",
        interaction,
        None,
        visit=visit,
        masked_number=mask_number(shown.number) if shown is not None else None,
    )


@bp.post("/i/<interaction_id>/verify/counter/new")
@limit("login_per_minute", 60)
def new_visit(interaction_id: str) -> Response:
    """Show another code after a visit that was refused."""
    interaction, at, step = _resume(interaction_id)
    if at is None or step is None:
        return login_flow.onward(interaction)
    step.open(interaction, at.live)
    return see_other(url_for("verify.at_counter"))


@bp.post("/i/<interaction_id>/verify/counter/accept")
@limit("login_per_minute", 60)
def accept(interaction_id: str) -> Response:
    """Agree that what the clerk signed is about the person who is logged in here."""
    interaction, at, step = _resume(interaction_id)
    if at is None or step is None:
        return login_flow.onward(interaction)
    try:
        interaction, _recorded = step.accept(interaction, at.live, locale=str(get_locale()), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "danger")
        return see_other(url_for("verify.form"))
    flash(_("You were verified in person: your identity is verified at level 4."), "success")
    return login_flow.onward(interaction)


@bp.post("/i/<interaction_id>/verify/counter/decline")
@limit("login_per_minute", 60)
def decline(interaction_id: str) -> Response:
    """Say that it is not about this person."""
    interaction, at, step = _resume(interaction_id)
    if at is None or step is None:
        return login_flow.onward(interaction)
    try:
        step.decline(interaction, at.live, origin=origin())
        flash(_("Nothing was recorded. Tell the clerk that the card was another person's."), "warning")
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("verify.at_counter"))


def _resume(interaction_id: str) -> tuple[Interaction, At | None, CounterStep | None]:
    """Return the parked login, where it stands, and the step; None where it is not there, or halls verify nobody."""
    interaction = login_flow.resume(interaction_id)
    return interaction, At.of(interaction), house().login.proofing.counter
