"""The forms of getting back into an account."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class IdentifierForm(PageForm):
    """Whose account it is."""

    identifier = StringField(
        _l("Mobile number, e-mail address or login name"),
        filters=[stripped],
        validators=[required(_l("Enter your mobile number, e-mail address or login name.")), at_most(64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class RegisteredNumberForm(PageForm):
    """The number that the person registered with."""

    number = StringField(
        _l("ID number"),
        filters=[without_spaces],
        validators=[required(_l("Enter your ID number.")), at_most(32)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class NewPasswordForm(PageForm):
    """The password that opens the account from now on."""

    password = PasswordField(
        _l("New password"),
        validators=[required(_l("Choose a new password.")), at_most(1024)],
        render_kw={"autocomplete": "new-password"},
    )
