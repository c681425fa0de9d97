"""The account centre's security pages: password, authenticator app, recovery codes."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.refusal import Refusal
from idp.web.account_room import bp, holder, live, locale, show
from idp.web.answers import see_other
from idp.web.context import house, keep_session, origin
from idp.web.forms.account import ChangePasswordForm, CurrentPasswordForm, SecondFactorForm
from idp.web.forms.base import EmptyForm, PageForm
from idp.web.forms.login import CodeForm
from idp.web.limits import limit
from idp.web.page_models import SecurityState
from idp.web.totp_picture import totp_picture
from idp.web.wording import refusal_text


@bp.get("/account/security")
def security() -> Response:
    """Show what protects the account."""
    found = house().login.account.overview.protection(live().person_id)
    state = SecurityState(
        found.password_changed_at, found.totp_enabled, found.recovery_codes_left, found.holds_staff_role
    )
    return show("account/security.html", security=state, form=EmptyForm())


@bp.route("/account/password", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def password() -> Response:
    """Change the password."""
    form = ChangePasswordForm()
    if form.passes(lambda: house().login.account.password.check(holder(), form.password.data or "")):
        try:
            handle = house().login.account.password.change(
                holder(), form.current_password.data, form.password.data, locale=locale(), origin=origin()
            )
            keep_session(handle)
            flash(_("Your password has been changed. All other logins have been ended."), "success")
            return see_other(url_for("account.security"))
        except LoginRefused as refused:
            _refuse(form, refused, "password")
    least = house().login.new_password.least_length(live().person_id)
    return show("account/password.html", form=form, password_length=least)


@bp.route("/account/totp", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def totp() -> Response:
    """Set up the app: first the password, then the picture, then the recovery codes once."""
    steps = house().login.account.authenticator
    if steps.is_enrolled(live().person_id):
        return see_other(url_for("account.security"))
    enrolment = steps.enrolment(holder())
    if enrolment is None:
        return _begin_totp()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            codes = steps.confirm(holder(), form.code.data, locale=locale(), origin=origin())
            _offer_to_end_others()
            return show("account/recovery_codes.html", codes=list(codes))
        except LoginRefused as refused:
            _refuse(form, refused, "code")
    return show("account/totp.html", form=form, **totp_picture(enrolment))


@bp.route("/account/totp/remove", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def totp_remove() -> Response:
    """Remove the app and the recovery codes."""
    steps = house().login.account.authenticator
    if not steps.is_enrolled(live().person_id):
        return see_other(url_for("account.security"))
    form = SecondFactorForm()
    if form.validate_on_submit():
        try:
            steps.remove(holder(), form.current_password.data, form.code.data, locale=locale(), origin=origin())
            flash(_("The authenticator app has been removed."), "success")
            _offer_to_end_others()
            return see_other(url_for("account.security"))
        except LoginRefused as refused:
            _refuse(form, refused, "code")
    return show("account/totp_remove.html", form=form)


@bp.route("/account/recovery-codes", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def recovery_codes() -> Response:
    """Make new recovery codes and show them once; the button's POST asks for password and code first."""
    steps = house().login.account.authenticator
    if request.method == "GET" or not steps.is_enrolled(live().person_id):
        return see_other(url_for("account.security"))
    if "current_password" not in request.form:
        return show("account/confirm.html", form=SecondFactorForm(formdata=None), asks="recovery_codes")
    form = SecondFactorForm()
    if form.validate_on_submit():
        try:
            codes = steps.new_codes(
                holder(), form.current_password.data, form.code.data, locale=locale(), origin=origin()
            )
            return show("account/recovery_codes.html", codes=list(codes))
        except LoginRefused as refused:
            _refuse(form, refused, "code")
    return show("account/confirm.html", form=form, asks="recovery_codes")


def _begin_totp() -> Response:
    form = CurrentPasswordForm()
    if form.validate_on_submit():
        try:
            house().login.account.authenticator.start(holder(), form.current_password.data, origin=origin())
            return see_other(url_for("account.totp"))
        except LoginRefused as refused:
            _refuse(form, refused, None)
    return show("account/confirm.html", form=form, asks="totp")


def _refuse(form: PageForm, refused: LoginRefused, field: str | None) -> None:
    at = "current_password" if refused.reason is Refusal.CURRENT_PASSWORD else field
    form.refuse(refusal_text(refused.reason), field=at)


def _offer_to_end_others() -> None:
    # ASVS 7.4.3: after a change of factors the person may end what was opened before it.
    flash(_("Your other logins are still open. You can end them under “Logins”."), "warning")
