"""Name and number, as they are on the card: the form of proving who one is, and a part of opening an account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class IdentityForm(PageForm):
    """Typed anew each time and never shown: whoever has only found an open account does not know them."""

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


class DeviceForm(PageForm):
    """What the script of a service says of the browser; our own script fills it in."""

    device = HiddenField()


class NetworkIdentityForm(PageForm):
    """The national network identity; unticked, the service tells us neither number nor name."""

    with_number = BooleanField(_l("Let the service tell us my name and ID number"))
