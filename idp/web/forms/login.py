"""The forms of logging in: password, mobile number, one-time code, recovery code."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, TelField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class PasswordLoginForm(PageForm):
    """Who, and their password."""

    identifier = StringField(
        _l("Mobile number, e-mail address or login name"),
        filters=[stripped],
        validators=[required(_l("Enter your mobile number, e-mail address or login name.")), at_most(64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[required(_l("Enter your password.")), at_most(1024)],
        render_kw={"autocomplete": "current-password"},
    )


class StaffLoginForm(PasswordLoginForm):
    """The same for staff, who are known by their login name alone."""

    identifier = StringField(
        _l("Login name"),
        filters=[stripped],
        validators=[required(_l("Enter your login name.")), at_most(64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class OldAccountForm(PageForm):
    """An older system, and login and password there; the view offers the systems."""

    system = SelectField(_l("Older service"), validators=[required(_l("Choose the service."))])
    login = StringField(
        _l("Login there"),
        filters=[stripped],
        validators=[required(_l("Enter your login of that service.")), at_most(128)],
        # Not "username": that is what browsers keep for this site.
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[required(_l("Enter your password.")), at_most(1024)],
        render_kw={"autocomplete": "off"},
    )


class MobileForm(PageForm):
    """The mobile number to which a code is sent."""

    mobile = TelField(
        _l("Mobile number"),
        filters=[without_spaces],
        validators=[required(_l("Enter your mobile number.")), at_most(32)],
        render_kw={"autocomplete": "tel-national", "inputmode": "tel"},
    )


class CodeForm(PageForm):
    """A six-digit code: sent by SMS, or shown by an authenticator app."""

    code = StringField(
        _l("Verification code"),
        filters=[without_spaces],
        validators=[required(_l("Enter the 6-digit code.")), at_most(16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-input"},
    )


class RecoveryCodeForm(PageForm):
    """One of the recovery codes that the person has kept."""

    code = StringField(
        _l("Recovery code"),
        filters=[stripped],
        validators=[required(_l("Enter a recovery code.")), at_most(64)],
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
            "class": "code-input",
        },
    )
