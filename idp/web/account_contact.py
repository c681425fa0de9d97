"""The account centre's pages for changing the mobile number."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.mobile_in_use import offered
from idp.login.refusal import Refusal
from idp.web import login_flow
from idp.web.account_room import bp, holder, live, locale, show
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.account import ChangeMobileForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.login_pages import code_context
from idp.web.wording import refusal_text


@bp.route("/account/contact", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def contact() -> Response:
    """Ask for the password and the new number, and send a code to it."""
    form = ChangeMobileForm()
    if form.passes(lambda: house().login.account.contact.check(form.mobile.data or "")):
        try:
            house().login.account.contact.start(
                holder(), form.current_password.data, form.mobile.data, locale=locale(), origin=origin()
            )
            return see_other(url_for("account.contact_code"))
        except LoginRefused as refused:
            at = "current_password" if refused.reason is Refusal.CURRENT_PASSWORD else "mobile"
            form.refuse(refusal_text(refused.reason), field=at)
    about = house().login.account.overview.about(live())
    return show("account/contact.html", form=form, masked_mobile=about.masked_mobile)


@bp.route("/account/contact/code", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def contact_code() -> Response:
    """Ask for the code that was sent to the new number."""
    parked = house().login.account.contact.parked(holder())
    if parked is None:
        return see_other(url_for("account.contact"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            taken = house().login.account.contact.submit(holder(), form.code.data, locale=locale(), origin=origin())
            if taken is not None:
                return login_flow.start_local(url_for("account.contact"), "mobile.in_use", scratch=offered(taken))
            flash(_("Your mobile number has been changed."), "success")
            # ASVS 7.4.3: after a change of factors the person may end what was opened before it.
            flash(_("Your other logins are still open. You can end them under “Logins”."), "warning")
            return see_other(url_for("account.security"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field="code")
    return show("account/contact_code.html", form=form, **code_context(parked))


@bp.post("/account/contact/resend")
@limit("login_per_minute", 60)
def contact_resend() -> Response:
    """Send another code, once the wait is over."""
    try:
        house().login.account.contact.resend(holder(), locale=locale(), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(refused.reason), "warning")
    return see_other(url_for("account.contact_code"))
