"""The forms of the account centre: password and mobile number."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField, TelField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class CurrentPasswordForm(PageForm):
    """The person proves again that it is them."""

    current_password = PasswordField(
        _l("Current password"),
        validators=[required(_l("Enter your current password.")), at_most(1024)],
        render_kw={"autocomplete": "current-password"},
    )


class ChangePasswordForm(CurrentPasswordForm):
    """A new password in place of the current one."""

    password = PasswordField(
        _l("New password"),
        validators=[required(_l("Choose a new password.")), at_most(1024)],
        render_kw={"autocomplete": "new-password"},
    )


class ChangeMobileForm(CurrentPasswordForm):
    """A new mobile number; the code sent to it is asked for on the next page."""

    mobile = TelField(
        _l("New mobile number"),
        filters=[without_spaces],
        validators=[required(_l("Enter your new mobile number.")), at_most(32)],
        render_kw={"autocomplete": "tel-national", "inputmode": "tel"},
    )


class SecondFactorForm(CurrentPasswordForm):
    """The person proves by both factors that it is them."""

    code = StringField(
        _l("Code from the app, or a recovery code"),
        filters=[stripped],
        validators=[required(_l("Enter the code from the app, or a recovery code.")), at_most(64)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )
