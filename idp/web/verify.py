"""The pages on which a person raises their identity level, within a login."""

from dataclasses import replace

from flask import Blueprint, Response, flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.loop import Decision
from idp.login.next_step import Step
from idp.login.request import Demands
from idp.login.steps import counter, proofing
from idp.persons.vocabulary import IdentifierState
from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.identity import IdentityForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.login_pages import code_context, private_page
from idp.web.verify_network_identity import offer as network_offer
from idp.web.wording import refusal_text
from realname.proofing.evidence import Recorded
from realname.proofing.method import Method

bp = Blueprint("verify", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.get("/verify")
@limit("login_per_minute", 60)
def start() -> Response:
    """Begin from the account centre, as far up as this channel goes."""
    scratch = {login_flow.WANTED_LEVEL: house().login.proofing.offered_ial}
    return login_flow.start_local(url_for("account.overview"), scratch=scratch)


@bp.get("/verify/number")
@limit("login_per_minute", 60)
def number() -> Response:
    """Begin from the account centre, for who is known by a network identity alone and wants their number joined."""
    return login_flow.start_local(url_for("account.overview"), scratch={login_flow.WANTS_PROOF: login_flow.TO_JOIN})


@bp.route("/i/<interaction_id>/verify", methods=["GET", "POST"], endpoint="form")
@limit("login_per_minute", 60)
def form(interaction_id: str) -> Response:
    """Show the way up, and ask for name and number."""
    interaction = login_flow.resume(interaction_id)
    at = At.of(interaction)
    if at is None:
        return login_flow.onward(interaction)
    if counter.CHOSEN in interaction.scratch:
        return see_other(url_for("verify.at_counter"))
    page = IdentityForm()
    typed = proofing.Typed(page.number.data or "", page.name.data or "")
    step = house().login.proofing.number
    if page.passes(lambda: step.check(at.live.person_id, typed)):
        try:
            interaction, recorded = step.begin(interaction, at.live, typed, locale=locale(), origin=origin())
            return see_other(url_for("verify.code")) if recorded is None else proved(interaction, recorded)
        except LoginRefused as refused:
            page.refuse(refusal_text(refused.reason))
    return private_page(
        "verify/form.html",
        interaction,
        page,
        level=at.level,
        wanted=at.wanted,
        is_essential=at.demands.minimum_is_essential,
        way=_way(interaction, at),
        has_counter=house().login.proofing.counter is not None,
        network=network_offer(at.live) if _is_open(at) and not at.needs_counter else None,
    )


@bp.route("/i/<interaction_id>/verify/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent to the person's mobile."""
    interaction = login_flow.resume(interaction_id)
    at, parked = At.of(interaction), interaction.scratch.get(proofing.PARKED)
    if at is None or parked is None or "code" not in parked:
        return login_flow.onward(interaction)
    page = CodeForm()
    if page.validate_on_submit():
        try:
            return proved(
                *house().login.proofing.number.with_code(
                    interaction, at.live, page.code.data, locale=locale(), origin=origin()
                )
            )
        except LoginRefused as refused:
            if refused.reason != "wrong_code":
                return back_to_form(refused)
            page.refuse(refusal_text(refused.reason), field="code")
    return private_page("verify/code.html", interaction, page, **code_context(parked["code"]))


@bp.post("/i/<interaction_id>/verify/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    at, parked = At.of(interaction), interaction.scratch.get(proofing.PARKED)
    if at is None or parked is None or "code" not in parked:
        return login_flow.onward(interaction)
    if house().login.codes.resend_after(parked["code"]) == 0:
        try:
            house().login.proofing.number.resend(interaction, at.live, locale=locale(), origin=origin())
        except LoginRefused as refused:
            flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("verify.code"))


@bp.post("/i/<interaction_id>/verify/without-mobile")
@limit("login_per_minute", 60)
def without_mobile(interaction_id: str) -> Response:
    """Go on with name and number alone."""
    interaction = login_flow.resume(interaction_id)
    at = At.of(interaction)
    if at is None or proofing.PARKED not in interaction.scratch:
        return login_flow.onward(interaction)
    try:
        return proved(
            *house().login.proofing.number.without_mobile(interaction, at.live, locale=locale(), origin=origin())
        )
    except LoginRefused as refused:
        return back_to_form(refused)


@bp.post("/i/<interaction_id>/verify/later")
@limit("login_per_minute", 60)
def later(interaction_id: str) -> Response:
    """Go on without a higher level."""
    interaction = login_flow.resume(interaction_id)
    if At.of(interaction) is not None:
        interaction = house().login.proofing.number.put_off(interaction)
    return login_flow.onward(interaction)


def _way(interaction: Interaction, at: "At") -> str:
    """Return what the first page offers: the form, the comparison of faces, the network identity, or the counter."""
    proofing_here, done = house().login.proofing, interaction.progress.proofed_by
    # Who needs the counter anyway shall not type and be compared first: it proves all of it at once.
    if not _is_open(at) or at.needs_counter:
        return "counter"
    if interaction.scratch.get(login_flow.WANTS_PROOF) == login_flow.TO_ARRIVE:
        return "network"
    # A number is joined by a face to who has level 3 without one; short of that the form leads them nowhere.
    least = at.ial if at.demands.wants_proof else at.ial + 1
    if done is None and proofing_here.number_ial >= least:
        return "number"
    if done == Method.MOBILE and proofing_here.face is not None:
        return "face"
    return "counter" if proofing_here.network_identity is None else "network"


def _is_open(at: "At") -> bool:
    """Tell whether anything can be proved here that the person lacks."""
    return at.demands.wants_proof or at.ial < house().login.proofing.offered_ial


class At:
    """Where a login stands whose next step is a proofing."""

    def __init__(self, decision: Decision, demands: Demands, live: LiveSession) -> None:
        assert decision.facts is not None  # noqa: S101 - a session comes with its person
        self.live, self.demands, self.ial = live, demands, decision.facts.ial
        self.level = house().login.level_of(live, self.ial)
        self.wanted = demands.minimum_level or self.level
        proofing_here = house().login.proofing
        online = replace(live.standing(proofing_here.offered_ial, house().ground.clock.now()), aal=max(live.aal, 2))
        is_out_of_reach = house().login.levels.level_of(online) < self.wanted
        self.needs_counter = is_out_of_reach and proofing_here.counter is not None

    @classmethod
    def of(cls, interaction: Interaction) -> "At | None":
        """Return it, or None where the login is not there."""
        decision, demands = login_flow.decide(interaction, login_flow.client_of(interaction))
        if decision.step is not Step.PROVE or decision.session is None:
            return None
        return cls(decision, demands, decision.session)


def proved(interaction: Interaction, recorded: Recorded) -> Response:
    """Go on with what was proved, and say what it was."""
    if recorded.method is Method.FACE:
        flash(_("Your face was compared: your identity is verified at level 3."), "success")
    elif recorded.number_state is IdentifierState.CURRENT:
        flash(_("Your name and your ID number are verified."), "success")
    else:
        flash(_("Your name is verified. Your number becomes yours by your mobile, or at a service hall."), "success")
    return login_flow.onward(interaction)


def back_to_form(refused: LoginRefused) -> Response:
    """Go back to the first page with the reason: what was typed was asked about, and is gone."""
    flash(refusal_text(refused.reason), "danger")
    return see_other(url_for("verify.form"))


def locale() -> str:
    """Return the language of the page, in which the person is written to."""
    return str(get_locale())
