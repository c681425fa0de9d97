"""The form in which a clerk closes a case that they reviewed."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from idp.web.case_wording import finding_text
from idp.web.forms.base import PageForm, required
from realname.proofing.cases import Finding


class ReviewForm(PageForm):
    """What the review found, of a few words that everybody means alike."""

    finding = RadioField(_l("What did you find?"), validators=[required(_l("Say what you found."))])
    is_sure = BooleanField(
        _l(
            "I looked at everything above. Neither of the two is me, lives with me, or is a child that I act for, and "
            "I verified neither."
        ),
        validators=[required(_l("Tick this, or leave the case to a colleague."))],
    )

    @classmethod
    def with_findings(cls) -> "ReviewForm":
        """Return the form with what can be found, in the page's language."""
        form = cls()
        form.finding.choices = [SelectChoice(each, finding_text(each)) for each in Finding]
        return form
