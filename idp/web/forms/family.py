"""The form by which a guardian adds a child."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces


class ChildForm(PageForm):
    """Name and number of the child; autocomplete is off, for a browser knows those of the guardian."""

    name = StringField(
        _l("Name of the child"),
        filters=[stripped],
        validators=[required(_l("Enter the name as it is in the household register.")), at_most(100)],
        render_kw={"autocomplete": "off"},
    )
    number = StringField(
        _l("ID number of the child"),
        filters=[without_spaces],
        validators=[required(_l("Enter the ID number of the child.")), at_most(32)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
