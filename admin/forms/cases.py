"""The forms of a case: a decision, and why somebody has to see it in clear."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import Regexp

from idp.web.forms.base import PageForm, at_most, required, stripped


class DecideForm(PageForm):
    """What somebody decides; `version` is of the case as their page showed it."""

    version = HiddenField(validators=[Regexp(r"[0-9]{1,9}\Z", message=_l("Look at the case again."))])
    verdict = RadioField(_l("What is right"), validators=[required(_l("Choose what is right."))])
    reason = SelectField(_l("Why"), validators=[required(_l("Choose a reason."))])
    note = TextAreaField(
        _l("Note"), filters=[stripped], validators=[at_most(1000)], render_kw={"rows": "3", "autocomplete": "off"}
    )


class UnmaskForm(PageForm):
    """Why somebody has to see a case in clear."""

    why = SelectField(_l("What you need it for"), validators=[required(_l("Choose a reason."))])
