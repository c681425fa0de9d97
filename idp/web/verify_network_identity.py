"""The pages of the national network identity, beside number and name: there, back, and what came of it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.next_step import Step
from idp.login.steps import network_identity
from idp.login.steps.network_identity import NetworkIdentityStep
from idp.persons.vocabulary import IdentifierState
from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.identity import NetworkIdentityForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, private_page
from idp.web.wording import refusal_text

bp = Blueprint("network_identity", __name__)
bp.url_defaults(login_flow.keep_interaction)
#: What a refusal means here, where it means something else than for number and name.
_WORDS = {
    "proofing_mismatch": "network_identity_mismatch",
    "proofing_no_record": "network_identity_no_record",
    "proofing_bad_input": "network_identity_risk",
    "proofing_risk": "network_identity_risk",
    "proofing_limited": "network_identity_limited",
    "proofing_unavailable": "network_identity_unavailable",
    "proofing_disputed": "network_identity_disputed",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """The network identity as the first page offers it; `needs_number` where the account has a number already."""

    form: NetworkIdentityForm
    needs_number: bool


def offer(live: LiveSession) -> Offer | None:
    """Return what the first page offers, None where no gateway is configured."""
    step = house().login.proofing.network_identity
    return Offer(NetworkIdentityForm(), step.needs_number(live.person_id)) if step is not None else None


@dataclass(frozen=True, slots=True)
class _At:
    """A login whose next step is a proofing, with the step."""

    interaction: Interaction
    live: LiveSession
    step: NetworkIdentityStep


@bp.route("/i/<interaction_id>/verify/network", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def service(interaction_id: str) -> Response:
    """Begin, and lead to the service's own page; the mobile is shown before where the number is to be told."""
    interaction = login_flow.resume(interaction_id)
    at = _at(interaction)
    if at is None:
        return login_flow.onward(interaction)
    page = NetworkIdentityForm()
    if page.is_submitted():
        with_number = bool(page.with_number.data) or at.step.needs_number(at.live.person_id)
        if with_number and at.step.wants_code(interaction, at.live):
            return _send_code(at)
        return _begin(at, with_number=with_number)
    begun = at.step.begun(interaction)
    if begun is None:
        return see_other(url_for("verify.form"))
    return private_page(
        "verify/network_identity.html", interaction, None, begun=begun, service=urlsplit(begun.url).netloc
    )


@bp.route("/i/<interaction_id>/verify/network/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent to the person's mobile, then begin with the number."""
    interaction = login_flow.resume(interaction_id)
    at, parked = _at(interaction), interaction.scratch.get(network_identity.CODE)
    if at is None or parked is None:
        return login_flow.onward(interaction)
    page = CodeForm()
    if page.validate_on_submit():
        try:
            interaction = at.step.with_code(interaction, at.live, page.code.data, origin=origin())
            return _begin(_At(interaction, at.live, at.step), with_number=True)
        except LoginRefused as refused:
            page.refuse(refusal_text(refused.reason), field="code")
    context = code_context(parked)
    needs_number = at.step.needs_number(at.live.person_id)
    return private_page("verify/network_code.html", interaction, page, needs_number=needs_number, **context)


@bp.post("/i/<interaction_id>/verify/network/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    at, parked = _at(interaction), interaction.scratch.get(network_identity.CODE)
    if at is None or parked is None:
        return login_flow.onward(interaction)
    return see_other(url_for("network_identity.code")) if house().login.codes.resend_after(parked) else _send_code(at)


@bp.get("/i/<interaction_id>/verify/network/return")
@limit("login_per_minute", 60)
def come_back(interaction_id: str) -> Response:
    """Take the browser back from the service; what the service put into the address is not read."""
    interaction = login_flow.resume(interaction_id)
    at = _at(interaction)
    if at is None or at.step.begun(interaction) is None:
        return login_flow.onward(interaction)
    return _result(_At(at.step.come_back(interaction, request.args.get("came", "")[:64]), at.live, at.step))


@bp.post("/i/<interaction_id>/verify/network/result")
@limit("login_per_minute", 60)
def result(interaction_id: str) -> Response:
    """Ask once more for a result that was not there yet."""
    interaction = login_flow.resume(interaction_id)
    at = _at(interaction)
    begun = at.step.begun(interaction) if at is not None else None
    return _result(at) if at is not None and begun is not None and begun.came else login_flow.onward(interaction)


def _send_code(at: _At) -> Response:
    try:
        at.step.send_code(at.interaction, at.live, locale=str(get_locale()), origin=origin())
    except LoginRefused as refused:
        return _refused(refused)
    return see_other(url_for("network_identity.code"))


def _begin(at: _At, *, with_number: bool) -> Response:
    # From the settings, never from a header.
    ours = house().settings.issuer + url_for("network_identity.come_back", interaction_id=at.interaction.id)
    try:
        at.step.begin(at.interaction, at.live, with_number=with_number, return_url=ours, origin=origin())
    except LoginRefused as refused:
        return _refused(refused)
    return see_other(url_for("network_identity.service"))


def _result(at: _At) -> Response:
    try:
        interaction, recorded = at.step.finish(at.interaction, at.live, locale=str(get_locale()), origin=origin())
    except LoginRefused as refused:
        return _refused(refused, is_open=refused.reason == "proofing_unavailable")
    if recorded.number_state is IdentifierState.CURRENT:
        flash(_("Your network identity was verified, and your ID number with it: level 3."), "success")
    else:
        flash(_("Your network identity was verified: level 3. It tells services nothing of your ID number."), "success")
    return login_flow.onward(interaction)


def _refused(refused: LoginRefused, *, is_open: bool = False) -> Response:
    flash(refusal_text(_WORDS.get(str(refused.reason), refused.reason)), "danger")
    return see_other(url_for("network_identity.service" if is_open else "verify.form"))


def _at(interaction: Interaction) -> _At | None:
    """Return where the login stands, None where its next step is no proofing or no gateway is configured."""
    decision, _demands = login_flow.decide(interaction, login_flow.client_of(interaction))
    step = house().login.proofing.network_identity
    if decision.step is not Step.PROVE or decision.session is None or step is None:
        return None
    return _At(interaction, decision.session, step)
