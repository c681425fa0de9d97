"""The forms of a counter: the code of a visit, and what a clerk states about it."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields.choices import SelectChoice

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces
from realname.proofing.counter import Comparison


class VisitForm(PageForm):
    """Which reader, and the code that the citizen shows."""

    reader = SelectField(_l("Card reader"), validators=[required(_l("Choose the reader in front of you."))])
    code = StringField(
        _l("Code on the citizen's screen"),
        filters=[stripped],
        validators=[required(_l("Enter the code that the citizen shows.")), at_most(40)],
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "class": "code-input wide",
        },
    )


class NewcomerForm(PageForm):
    """Which reader, for somebody who has no account."""

    reader = SelectField(_l("Card reader"), validators=[required(_l("Choose the reader in front of you."))])


class SignForm(PageForm):
    """What the clerk saw. Both statements are theirs and are kept with the proofing."""

    comparison = RadioField(
        _l("How did you compare?"),
        choices=[
            SelectChoice(Comparison.SEEN, _l("I compared the person before me with the photograph on the card")),
            SelectChoice(Comparison.MACHINE, _l("A machine compared the face here, and I agree with it")),
        ],
        validators=[required(_l("Say how you compared the person with the card."))],
    )
    name = StringField(
        _l("Whole name"), filters=[stripped], validators=[at_most(100)], render_kw={"autocomplete": "off"}
    )
    mobile = TelField(
        _l("Their mobile number"), filters=[without_spaces], validators=[at_most(32)], render_kw={"autocomplete": "off"}
    )
    note = TextAreaField(_l("What you saw"), filters=[stripped], validators=[at_most(500)], render_kw={"rows": "3"})
    is_same = BooleanField(
        _l("The person before me is the holder of this card. I am not related to them and do not live with them."),
        validators=[required(_l("Tick this, or refuse the visit."))],
    )


class SecondForm(PageForm):
    """What the second clerk states."""

    is_same = BooleanField(
        _l(
            "I saw the person, the card and what is written here, and have no doubt left. I am not related to the "
            "person and do not live with them."
        ),
        validators=[required(_l("Tick this, or refuse the visit."))],
    )
