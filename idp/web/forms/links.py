"""The forms by which a person makes an account of an older system their own."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField

from idp.web.forms.base import PageForm, at_most, required, stripped


class OldPasswordForm(PageForm):
    """The password of that account; the browser's own store knows another site's, so it is not asked."""

    old_password = PasswordField(
        _l("Password there"),
        validators=[required(_l("Enter the password of the account there.")), at_most(256)],
        render_kw={"autocomplete": "off"},
    )


class ClaimForm(OldPasswordForm):
    """An account that nothing proposed: where it is, and how it is called there."""

    system = SelectField(_l("System"), validators=[required(_l("Choose the system."))], validate_choice=False)
    login = StringField(
        _l("Login name or account number there"),
        filters=[stripped],
        validators=[required(_l("Enter the login name or the account number.")), at_most(200)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
