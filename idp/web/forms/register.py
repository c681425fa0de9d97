"""The form of opening an account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, TelField

from idp.web.forms.base import PageForm, at_most, required, without_spaces
from idp.web.forms.identity import IdentityForm


class AccountForm(PageForm):
    """Mobile, password and the agreement."""

    mobile = TelField(
        _l("Mobile number"),
        filters=[without_spaces],
        validators=[required(_l("Enter your mobile number.")), at_most(32)],
        render_kw={"autocomplete": "tel-national", "inputmode": "tel"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[required(_l("Choose a password.")), at_most(1024)],
        render_kw={"autocomplete": "new-password"},
    )
    terms = BooleanField(
        _l("I have read and agree to the terms of service and the privacy notice"),
        validators=[required(_l("To open an account, agree to the terms of service and the privacy notice."))],
    )


class RegistrationForm(IdentityForm, AccountForm):
    """These, after number and name."""
