"""The page on which a guardian says for whom they act: themself, or a child."""

from flask import Blueprint, Response

from idp.core.errors import LoginRefused
from idp.login.next_step import Step
from idp.login.steps.party import ONESELF
from idp.web import login_flow
from idp.web.context import house, origin
from idp.web.forms.party import PartyForm
from idp.web.limits import limit
from idp.web.login_pages import private_page
from idp.web.wording import refusal_text
from realname.documents.masking import mask_name

bp = Blueprint("party", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.route("/i/<interaction_id>/acting-for", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def choose(interaction_id: str) -> Response:
    """Ask for whom the person acts now; asked once in a login, and only by clients that understand the answer."""
    interaction = login_flow.resume(interaction_id)
    decision, _demands = login_flow.decide(interaction, login_flow.client_of(interaction))
    if decision.step is not Step.CHOOSE_PARTY or decision.session is None:
        return login_flow.onward(interaction)
    step, form = house().login.party, PartyForm()
    if form.validate_on_submit():
        try:
            step.choose(interaction, decision.session, form.party.data, origin=origin())
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason))
    with house().ground.database.read() as session:
        profile = house().people.directory.profile(session, decision.session.person_id)
    return private_page(
        "login/party.html",
        interaction,
        form,
        oneself=ONESELF,
        person_masked=mask_name(profile.full_name or ""),
        wards=step.wards(decision.session),
    )
