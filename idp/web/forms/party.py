"""The form in which a guardian says for whom they act."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from idp.web.forms.base import PageForm, at_most, required


class PartyForm(PageForm):
    """One button for each of those for whom the person may act; the button sends the name."""

    party = HiddenField(validators=[required(_l("Choose for whom you act.")), at_most(22)])
