"""The form of opening an account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField, TelField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class RegistrationForm(PageForm):
    """Number, name, mobile, password and the agreement."""

    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[required(_l("Enter your name as it is on your ID card.")), at_most(100)],
        render_kw={"autocomplete": "name"},
    )
    number = StringField(
        _l("ID number"),
        filters=[without_spaces],
        validators=[required(_l("Enter your ID number.")), at_most(32)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
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
