"""The forms of an import: a file, its columns."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from idp.web.forms.base import PageForm, at_most, required, stripped

KINDS = ("full", "delta")
#: Why somebody lets an import go on although a safeguard stopped it.
ACCEPT_REASONS = ("asked_source", "expected", "first_file")


class _KindForm(PageForm):
    """What a file brings."""

    kind = RadioField(_l("What the file brings"), validators=[required(_l("Choose what the file brings."))])


class UploadForm(_KindForm):
    """A file from the browser; it is streamed to its place before the form is looked at."""

    file = FileField(_l("File"))


class PathForm(_KindForm):
    """A file that lies within the folder of uploads."""

    path = StringField(
        _l("Name of the file"),
        filters=[stripped],
        validators=[required(_l("Enter the name of the file.")), at_most(300)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class AcceptForm(PageForm):
    """Why an import may go on although a safeguard stopped it; words of ours, since it is kept for ever."""

    reason = SelectField(
        _l("Why it may go on"),
        choices=[SelectChoice(each, each) for each in ACCEPT_REASONS],
        validators=[required(_l("Choose a reason."))],
    )


class ColumnsForm(PageForm):
    """Which column is which field; a choice for each column, made by `columns_form`."""


def columns_form(fields: list[SelectChoice], columns: int, **values: str) -> ColumnsForm:
    """Return the form for so many columns with these choices; what is guessed comes by the name of its field."""
    made = type(
        "ColumnsFormOfNow",
        (ColumnsForm,),
        {
            f"column_{place}": SelectField(choices=[SelectChoice("", _l("not needed")), *fields])
            for place in range(columns)
        },
    )
    form: ColumnsForm = made(**values)
    return form
