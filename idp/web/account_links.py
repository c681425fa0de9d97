"""The account centre's pages of a person's accounts in older systems: confirm, disown, unlink, claim."""

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.core.hashing import hash_secret
from idp.core.results import Ok
from idp.linking.activation import Answer, CaseOpened
from idp.login.account.legacy_pages import Offer
from idp.web import login_flow
from idp.web.account_room import bp, live, locale, show
from idp.web.answers import see_other
from idp.web.context import browser_secret, house, origin
from idp.web.forms.base import PageForm
from idp.web.forms.links import ClaimForm, OldPasswordForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.link_wording import link_problem_text
from idp.web.login_pages import code_context
from idp.web.wording import refusal_text

_LEVEL = 3


@bp.get("/account/links")
def links() -> Response:
    """Show the accounts that are proposed and those that are the person's."""
    return show("account/links.html", page=house().login.links.pages.page(live()))


@bp.get("/account/links/<handle>")
def link(handle: str) -> Response:
    """Show a proposed account and the ways to make it one's own."""
    return _offered(_offer(handle), OldPasswordForm(formdata=None))


@bp.get("/account/links/<handle>/confirm")
@limit("login_per_minute", 60)
def confirm_login(handle: str) -> Response:
    """Ask for the login anew, as far up as an account of an older system needs it, and come back."""
    back = url_for("account.claim_link") if handle == "claim" else url_for("account.link", handle=handle)
    return login_flow.start_local(back, scratch={login_flow.WANTED_LEVEL: _LEVEL, login_flow.FRESH_LOGIN: True})


@bp.post("/account/links/<handle>/send")
@limit("login_per_minute", 60)
def send_link_code(handle: str) -> Response:
    """Send a code to the phone that both sides hold."""
    parked = house().login.links.own.parked(live(), handle)
    if parked is not None and house().login.codes.resend_after(parked) > 0:
        return see_other(url_for("account.link_code", handle=handle))
    try:
        house().login.links.own.send_code(live(), handle, locale=locale(), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
        return see_other(url_for("account.link", handle=handle))
    return see_other(url_for("account.link_code", handle=handle))


@bp.route("/account/links/<handle>/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def link_code(handle: str) -> Response:
    """Ask for that code."""
    own, form = house().login.links.own, CodeForm()
    parked = own.parked(live(), handle)
    if parked is None:
        return see_other(url_for("account.link", handle=handle))
    if form.validate_on_submit():
        try:
            return _answer(own.by_code(live(), handle, form.code.data, origin=origin()), handle)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return show("account/link_code.html", form=form, handle=handle, **code_context(parked))


@bp.post("/account/links/<handle>/password")
@limit("login_per_minute", 60)
def link_password(handle: str) -> Response:
    """Take the old password of a proposed account."""
    offer, form = _offer(handle), OldPasswordForm()
    if form.validate_on_submit():
        try:
            typed = form.old_password.data
            return _answer(house().login.links.own.by_password(live(), handle, typed, origin=origin()), handle)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="old_password")
    return _offered(offer, form)


@bp.post("/account/links/<handle>/source")
def link_source(handle: str) -> Response:
    """Take the word of the system for a proposed account."""
    return _answer(house().login.links.own.by_source(live(), handle, origin=origin()), handle)


@bp.post("/account/links/<handle>/not-mine")
def link_not_mine(handle: str) -> Response:
    """Disown a proposed account; anybody else's is not found."""
    if not house().login.links.own.not_mine(live(), handle, origin=origin()):
        abort(404)
    flash(_("This account is not proposed to you again, and the system it comes from is told."), "success")
    return see_other(url_for("account.links"))


@bp.post("/account/links/<handle>/unlink")
def unlink(handle: str) -> Response:
    """Take an account off; anybody else's is not found."""
    if not house().login.links.own.unlink(live(), handle, origin=origin()):
        abort(404)
    flash(_("The account has been unlinked. You can claim it again."), "success")
    return see_other(url_for("account.links"))


@bp.post("/account/links/<handle>/main")
def choose_main_link(handle: str) -> Response:
    """Make an account the main one of its system; anybody else's is not found."""
    if not house().login.links.own.choose_main(live(), handle, origin=origin()):
        abort(404)
    flash(_("This is your main account there now."), "success")
    return see_other(url_for("account.links"))


@bp.route("/account/links/claim", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def claim_link() -> Response:
    """Claim an account that nothing proposed, by its login name and password."""
    parts, form = house().login.links, ClaimForm()
    systems = parts.pages.systems()
    form.system.choices = [(each.code, each.name) for each in systems]
    problem = parts.pages.login_problem(live())
    if problem is None and form.validate_on_submit():
        try:
            typed = (form.system.data, form.login.data, form.old_password.data)
            return _answer(parts.own.claim(live(), *typed, origin=origin()), None)
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason))
    shown = parts.own.shown(live(), hash_secret(browser_secret()))
    return show("account/link_claim.html", form=form, systems=systems, problem=problem, shown=shown)


@bp.post("/account/links/claim/<handle>")
@limit("login_per_minute", 60)
def claim_shown_link(handle: str) -> Response:
    """Claim an account that was shown before this login."""
    browser_hash = hash_secret(browser_secret())
    return _answer(house().login.links.own.claim_shown(live(), browser_hash, handle, origin=origin()), None)


def _offer(handle: str) -> Offer:
    offer = house().login.links.pages.offer(live(), handle)
    if offer is None:
        abort(404)
    return offer


def _offered(offer: Offer, form: PageForm) -> Response:
    return show("account/link.html", form=form, offer=offer)


def _answer(answer: Answer, handle: str | None) -> Response:
    """Tell what came of it, on the page where something may still be done, else on the list."""
    if isinstance(answer, Ok):
        flash(_("The account is yours now."), "success")
        return see_other(url_for("account.links"))
    if isinstance(answer, CaseOpened):
        flash(link_problem_text(answer.problem, has_case=True), "warning")
        return see_other(url_for("account.links"))
    flash(link_problem_text(answer.reason), "warning")
    if handle is not None and house().login.links.pages.offer(live(), handle) is not None:
        return see_other(url_for("account.link", handle=handle))
    return see_other(url_for("account.links"))
