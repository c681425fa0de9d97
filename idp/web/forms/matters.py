"""The forms of matters that two clerks decide: what the first one types, and what each of them states."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from idp.login.counter.matter import MatterKind
from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces

#: A browser that remembers would offer one citizen's data at the next one's matter.
_FORGOTTEN = {"autocomplete": "off", "spellcheck": "false"}
_NUMBER = {**_FORGOTTEN, "autocapitalize": "characters"}


class MatterForm(PageForm):
    """Which counter, and what the matter rests on."""

    reader = SelectField(_l("Card reader"), validators=[required(_l("Choose the reader in front of you."))])
    words = TextAreaField(
        _l("What you saw"),
        filters=[stripped],
        validators=[required(_l("Write what you saw: the second clerk decides by it.")), at_most(500)],
        render_kw={"rows": "3", "autocomplete": "off"},
    )


class NamedMatterForm(MatterForm):
    """Likewise, with whom it is about."""

    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[required(_l("Enter the name as the document has it.")), at_most(100)],
        render_kw=_FORGOTTEN,
    )
    number = StringField(
        _l("ID number"),
        filters=[without_spaces],
        validators=[required(_l("Enter the ID number as the document has it.")), at_most(32)],
        render_kw=_NUMBER,
    )


class LegacyLinkForm(MatterForm):
    """Likewise, with an account of an older system."""

    system = SelectField(_l("Older system"), validators=[required(_l("Choose the system."))])
    reference = StringField(
        _l("Account number there"),
        filters=[stripped],
        validators=[required(_l("Enter the account number or the login name there.")), at_most(200)],
        render_kw=_FORGOTTEN,
    )


class GuardianshipEndForm(NamedMatterForm):
    """Likewise, with the guardian, who need not be there."""

    guardian_name = StringField(
        _l("Name of the guardian"),
        filters=[stripped],
        validators=[required(_l("Enter the name as the document has it.")), at_most(100)],
        render_kw=_FORGOTTEN,
    )
    guardian_number = StringField(
        _l("ID number of the guardian"),
        filters=[without_spaces],
        validators=[required(_l("Enter the ID number as the document has it.")), at_most(32)],
        render_kw=_NUMBER,
    )


class ConfirmForm(PageForm):
    """What a clerk states; the page says it in the words of the matter."""

    is_sure = BooleanField(_l("I am sure"), validators=[required(_l("Tick this, or refuse."))])


def form_of(kind: MatterKind) -> MatterForm:
    """Return the form in which a matter of this kind is typed."""
    if kind.names_account:
        return LegacyLinkForm()
    if kind.names_guardian:
        return GuardianshipEndForm()
    return NamedMatterForm() if kind.names_somebody else MatterForm()
