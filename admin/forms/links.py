"""The forms by which links are found and taken back."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from idp.web.forms.base import PageForm, at_most, required, stripped, without_spaces

#: A browser that remembers would offer one citizen's data in the search for the next.
_FORGOTTEN = {"autocomplete": "off", "spellcheck": "false"}
#: Why a link is taken back by hand.
UNDO_REASONS = ("wrong_person", "mistake", "source_asked", "person_asked")


class AccountSearchForm(PageForm):
    """An account by its own reference."""

    system = SelectField(_l("System"), validators=[required(_l("Choose a system."))])
    reference = StringField(
        _l("Reference of the account"),
        filters=[stripped],
        validators=[required(_l("Enter what the system calls the account.")), at_most(200)],
        render_kw=_FORGOTTEN,
    )


class PersonSearchForm(PageForm):
    """A person by their number."""

    number = StringField(
        _l("ID number"),
        filters=[without_spaces],
        validators=[required(_l("Enter the ID number.")), at_most(32)],
        render_kw=_FORGOTTEN,
    )


class UndoLinkForm(PageForm):
    """Why a link is taken back."""

    reason = SelectField(_l("Why"), validators=[required(_l("Choose a reason."))])
