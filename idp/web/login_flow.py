"""The loop as HTTP: decide, show one step or answer, and come back."""

from dataclasses import replace
from typing import Any

from flask import Response, g, url_for

from clients.client import Client, ClientState
from idp.core.errors import PageError
from idp.endpoints.authorize import AuthorizationProblem
from idp.login.interaction import Interaction
from idp.login.loop import Decision
from idp.login.next_step import Failed, Step
from idp.login.progress import Progress
from idp.login.request import AuthorizationRequest, Demands
from idp.web.answers import allow_form_to, refuse_to_client, see_other, send_to_client
from idp.web.context import browser, browser_secret, house, keep_session, origin

_PAGES = {
    Step.IDENTIFY: "login.password",
    Step.TOTP: "login.totp",
    Step.CONFIRM_MOBILE: "staff.mobile",
    Step.NEW_PASSWORD: "staff.password",
    Step.ENROL_TOTP: "staff.totp",
    Step.KEEP_MOBILE: "mobile.keep",
    Step.BIND_MOBILE: "mobile.bind",
    Step.PROVE: "verify.form",
    Step.MOBILE_FACTOR: "factor.mobile",
    Step.CHOOSE_PARTY: "party.choose",
    Step.CONSENT: "login.consent",
}

#: Where the account centre says in the scratch which level a login of its own is to reach.
WANTED_LEVEL = "wanted_level"
#: Where it says that the person has to log in anew, however lately they did.
FRESH_LOGIN = "fresh_login"
#: Where it says that the person came to be proved: to have a number joined, or because they opened their account
#: without one.
WANTS_PROOF = "wants_proof"
TO_JOIN, TO_ARRIVE = "join", "arrive"


def answer_or_park(request: AuthorizationRequest, client: Client) -> Response:
    """Answer at once where nothing is left to do; otherwise park the request and start the loop."""
    demands = house().protocol.authorize.demands(request, client)
    decision = house().login.loop.decide(demands, Progress(), browser(for_staff=client.for_staff), client)
    if isinstance(decision.step, Failed):
        raise decision.step.error
    if decision.step is Step.DONE:
        return _respond(request, client, decision)
    interaction = house().login.interactions.start(browser_secret(), request=request, for_staff=client.for_staff)
    return see_other(url_for("login.proceed", interaction_id=interaction.id))


def start_local(
    return_to: str,
    endpoint: str = "login.proceed",
    *,
    scratch: dict[str, Any] | None = None,
    for_staff: bool = False,
) -> Response:
    """Start a login for one of our own pages; `scratch` is what a step is to find in it."""
    interactions = house().login.interactions
    interaction = interactions.start(browser_secret(), return_to=return_to, for_staff=for_staff)
    if scratch is not None:
        interaction = interactions.save(interaction, scratch=scratch)
    return see_other(url_for(endpoint, interaction_id=interaction.id))


def resume(interaction_id: str) -> Interaction:
    """Return the parked login, with the page's language and form target set for it."""
    interaction = house().login.interactions.resume(interaction_id, browser_secret())
    if interaction.request is not None:
        g.ui_locales = interaction.request.ui_locales
        allow_form_to(interaction.request.redirect_uri)
    g.interaction_id = interaction_id
    return interaction


def keep_interaction(_endpoint: str, values: dict[str, Any]) -> None:
    """Keep links between the pages of one login within it; for `url_defaults` of their blueprints."""
    if "interaction_id" in g:
        values.setdefault("interaction_id", g.interaction_id)


def client_of(interaction: Interaction) -> Client | None:
    """Return the client that the login is for, None for our own pages; raises PageError once it is disabled."""
    if interaction.request is None:
        return None
    client = house().protocol.clients.find(interaction.request.client_id)
    if client is None or client.state is not ClientState.ACTIVE:
        raise PageError(AuthorizationProblem.UNKNOWN_CLIENT)
    return client


def decide(interaction: Interaction, client: Client | None) -> tuple[Decision, Demands]:
    """Return the next step of a parked login and what was demanded of it."""
    scratch = interaction.scratch
    prompt = frozenset({"login"}) if FRESH_LOGIN in scratch else frozenset[str]()
    demands = Demands(for_staff=interaction.for_staff, minimum_level=scratch.get(WANTED_LEVEL), prompt=prompt)
    if interaction.request is not None and client is not None:
        demands = house().protocol.authorize.demands(interaction.request, client)
    if WANTS_PROOF in interaction.scratch:
        demands = replace(demands, wants_proof=True)
    visitor = browser(for_staff=interaction.for_staff)
    decision = house().login.loop.decide(demands, interaction.progress, visitor, client)
    return decision, demands


def go_on(interaction: Interaction) -> Response:
    """Carry the login as far as it goes without the person, then show the next page or answer."""
    client = client_of(interaction)
    decision, _ = decide(interaction, client)
    if decision.step is Step.ESTABLISH:
        visitor = browser(for_staff=interaction.for_staff)
        interaction, handle = house().login.loop.establish(interaction, visitor, origin())
        keep_session(handle, for_staff=interaction.for_staff)
        decision, _ = decide(interaction, client)
    if isinstance(decision.step, Failed):
        return _refuse(interaction, decision.step)
    if decision.step is Step.DONE:
        return _hand_over(interaction, decision) or _finish(interaction, client, decision)
    return see_other(url_for(_PAGES[decision.step], interaction_id=interaction.id))


def _hand_over(interaction: Interaction, decision: Decision) -> Response | None:
    """Let an old account that was shown wait for the person; return the page that says so where one is due."""
    step = house().login.old_account
    if step is None or decision.session is None or interaction.for_staff:
        return None
    saved = step.hand_over(interaction, decision.session.person_id)
    if saved is None or saved.request is None:  # our own pages show what waits by themselves
        return None
    return see_other(url_for("old_account.waiting", interaction_id=saved.id))


def _refuse(interaction: Interaction, failed: Failed) -> Response:
    house().login.interactions.finish(interaction)
    if interaction.request is None:
        return see_other(url_for("home.index"))
    return refuse_to_client(house().protocol.authorize.refuse_parked(interaction.request, failed.error), failed.error)


def _finish(interaction: Interaction, client: Client | None, decision: Decision) -> Response:
    house().login.interactions.finish(interaction)
    if interaction.request is None or client is None:
        return see_other(interaction.return_to or url_for("account.overview"))
    return _respond(interaction.request, client, decision)


def _respond(request: AuthorizationRequest, client: Client, decision: Decision) -> Response:
    assert decision.session is not None and decision.facts is not None  # noqa: S101 - DONE says so
    answer = house().protocol.authorize.respond(
        request,
        client,
        decision.session,
        decision.facts.ial,
        party=decision.party,
        sub=decision.sub,
        sid=decision.sid,
        origin=origin(),
    )
    return send_to_client(answer)


def onward(interaction: Interaction) -> Response:
    """Return the redirect that lets the decider say what comes next."""
    return see_other(url_for("login.proceed", interaction_id=interaction.id))


def cancelled(interaction: Interaction) -> Interaction:
    """Return the interaction once the person chose to stop."""
    progress = replace(interaction.progress, cancelled=True)
    return house().login.interactions.save(interaction, progress=progress)
