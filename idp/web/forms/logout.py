"""The question whether to log out (OpenID Connect RP-Initiated Logout §2)."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import AnyOf

from idp.web.forms.base import PageForm


class DecisionForm(PageForm):
    """Yes or no."""

    decision = RadioField(
        choices=["yes", "no"],
        validate_choice=False,
        validators=[AnyOf(["yes", "no"], message=_l("Choose whether to log out."))],
    )
