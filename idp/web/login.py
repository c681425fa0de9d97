"""The login pages: password, code by SMS, second factor, consent."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import get_locale

from clients.approvals import purposes_of
from idp.core.errors import LoginRefused
from idp.login.next_step import Step
from idp.login.steps import sms_code
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import browser, house, origin
from idp.web.forms.consent import ConsentForm
from idp.web.forms.login import CodeForm, MobileForm, PasswordLoginForm, RecoveryCodeForm, StaffLoginForm
from idp.web.limits import limit
from idp.web.locale import language_tag
from idp.web.login_pages import code_context, login_page
from idp.web.page_models import ConsentItem
from idp.web.wording import purpose_text, refusal_text, scope_text
from realname.documents.masking import mask_name

bp = Blueprint("login", __name__)
bp.url_defaults(login_flow.keep_interaction)


@bp.get("/i/<interaction_id>/continue")
def proceed(interaction_id: str) -> Response:
    """Go on with a login as far as it goes by itself."""
    return login_flow.go_on(login_flow.resume(interaction_id))


@bp.get("/login", endpoint="password", defaults={"interaction_id": None})
@bp.route("/i/<interaction_id>/login", methods=["GET", "POST"], endpoint="password")
@limit("login_per_minute", 60)
def password(interaction_id: str | None) -> Response:
    """Ask for identifier and password."""
    if interaction_id is None:
        return login_flow.start_local(url_for("account.overview"))
    interaction = login_flow.resume(interaction_id)
    for_staff = interaction.for_staff
    form = StaffLoginForm() if for_staff else PasswordLoginForm()
    if form.validate_on_submit():
        try:
            house().login.password.submit(interaction, form.identifier.data, form.password.data, browser(), origin())
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            form.refuse(refusal_text("wrong_staff_credentials" if for_staff else refused.reason))
    elif not form.is_submitted() and interaction.request and interaction.request.login_hint:
        form.identifier.data = interaction.request.login_hint
    template = "staff/login.html" if for_staff else "login/password.html"
    return login_page(
        template,
        interaction,
        form,
        step_up=interaction.progress.amr == ("sms",),
        offers_old_accounts=house().login.old_account is not None,
    )


@bp.get("/login/sms", endpoint="sms", defaults={"interaction_id": None})
@bp.route("/i/<interaction_id>/login/sms", methods=["GET", "POST"], endpoint="sms")
@limit("login_per_minute", 60)
def sms(interaction_id: str | None) -> Response:
    """Ask for a mobile number and send a code to it."""
    if interaction_id is None:
        return login_flow.start_local(url_for("account.overview"), "login.sms")
    interaction = login_flow.resume(interaction_id)
    if interaction.for_staff:
        return login_flow.onward(interaction)
    form = MobileForm()
    if form.validate_on_submit():
        try:
            house().login.sms_code.send(interaction, form.mobile.data, locale=_locale(), origin=origin())
            return see_other(url_for("login.code", interaction_id=interaction.id))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="mobile")
    return login_page("login/sms.html", interaction, form)


@bp.route("/i/<interaction_id>/login/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def code(interaction_id: str) -> Response:
    """Ask for the code that was sent."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(sms_code.PARKED)
    if parked is None:
        return see_other(url_for("login.sms", interaction_id=interaction.id))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            house().login.sms_code.submit(interaction, form.code.data, browser(), origin())
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return login_page("login/code.html", interaction, form, **code_context(parked))


@bp.post("/i/<interaction_id>/login/resend")
@limit("login_per_minute", 60)
def resend(interaction_id: str) -> Response:
    """Send another code to the same mobile, once the wait is over."""
    interaction = login_flow.resume(interaction_id)
    parked = interaction.scratch.get(sms_code.PARKED)
    if parked is not None and house().login.codes.resend_after(parked) == 0:
        house().login.sms_code.send(interaction, parked["mobile"], locale=_locale(), origin=origin())
    return see_other(url_for("login.code", interaction_id=interaction.id))


@bp.route("/i/<interaction_id>/login/totp", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def totp(interaction_id: str) -> Response:
    """Ask for a code from the authenticator app."""
    return _second_factor(interaction_id, CodeForm(), "login/totp.html", is_recovery_code=False)


@bp.route("/i/<interaction_id>/login/recovery-code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def recovery_code(interaction_id: str) -> Response:
    """Ask for a recovery code in the app's place."""
    return _second_factor(interaction_id, RecoveryCodeForm(), "login/recovery_code.html", is_recovery_code=True)


@bp.route("/i/<interaction_id>/consent", methods=["GET", "POST"])
def consent(interaction_id: str) -> Response:
    """Ask what the client may have."""
    interaction = login_flow.resume(interaction_id)
    client = login_flow.client_of(interaction)
    decision, demands = login_flow.decide(interaction, client)
    if decision.step is not Step.CONSENT or client is None or decision.session is None:
        return login_flow.onward(interaction)
    assert decision.facts is not None  # noqa: S101
    holder_id = decision.session.person_id
    person_id = decision.party or holder_id
    is_ward = person_id != holder_id
    needed = demands.consent_of(is_ward=is_ward)
    asked = house().login.consent.items(needed, decision.facts.granted, is_ward=is_ward)
    items = [
        ConsentItem(item.name, item.name, item.separate, item.is_new, purposes_of(item.name, client.approved_claims))
        for item in asked
    ]
    shown = {item.key: _consent_text(item) for item in items}
    fingerprint = house().login.consent.fingerprint(shown, person_id)
    form = ConsentForm()
    form.offer(items)
    acting = origin().acting(holder_id, person_id) if is_ward else origin()
    if form.validate_on_submit():
        if form.decision.data == "deny":
            house().login.consent.deny(interaction, person_id, origin=acting)
            return login_flow.onward(interaction)
        refused = _why_no_consent(form, items, fingerprint)
        if refused is None:
            house().login.consent.allow(interaction, person_id, shown, locale=language_tag(), origin=acting)
            return login_flow.onward(interaction)
        form.refuse(refusal_text(refused))
    form.shown.data = fingerprint
    with house().ground.database.read() as session:
        directory = house().people.directory
        holder, party = (directory.profile(session, each) for each in (holder_id, person_id))
    return login_page(
        "login/consent.html",
        interaction,
        form,
        client_site=_host(client.client_uri or client.redirect_uris[0]),
        client_owner=None,
        items=items,
        person_masked=mask_name(holder.full_name or ""),
        party_masked=mask_name(party.full_name or "") if is_ward else None,
        remembered_days=None,
    )


@bp.post("/i/<interaction_id>/cancel")
def cancel(interaction_id: str) -> Response:
    """Stop the login and tell the client so."""
    return login_flow.onward(login_flow.cancelled(login_flow.resume(interaction_id)))


def _second_factor(interaction_id: str, form: Any, template: str, *, is_recovery_code: bool) -> Response:
    interaction = login_flow.resume(interaction_id)
    decision, _ = login_flow.decide(interaction, login_flow.client_of(interaction))
    if decision.step is not Step.TOTP:
        return login_flow.onward(interaction)
    session_person = decision.session.person_id if decision.session else None
    if form.validate_on_submit():
        try:
            house().login.totp.submit(
                interaction,
                form.code.data,
                browser(),
                origin(),
                session_person=session_person,
                is_recovery_code=is_recovery_code,
                locale=_locale(),
            )
            return login_flow.onward(interaction)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    person_id = interaction.progress.person_id or session_person or ""
    has_codes = house().login.totp.has_recovery_codes(person_id)
    return login_page(template, interaction, form, has_recovery_codes=has_codes, for_staff=interaction.for_staff)


def _why_no_consent(form: ConsentForm, items: Sequence[ConsentItem], fingerprint: str) -> str | None:
    """Return why what was sent is no consent to `items` as they are now, None where it is one."""
    # They may have changed while the page was open, and nobody agrees to what they did not read.
    if form.shown.data and form.shown.data != fingerprint:
        form.granted.data = []
        return "consent_changed"
    ticked = set(form.granted.data or ())
    return None if all(item.key in ticked for item in items if item.sensitive) else "consent_incomplete"


def _consent_text(item: ConsentItem) -> str:
    text = scope_text(item.scope)
    return "\n".join((text.title, text.data, *(purpose_text(purpose) for purpose in item.purposes)))


def _locale() -> str:
    return str(get_locale())


def _host(uri: str) -> str:
    return uri.split("//", 1)[-1].split("/", 1)[0]
