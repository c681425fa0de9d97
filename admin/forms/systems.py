"""The forms of a system: what is agreed about it, its rules, who answers logins, whether its word counts."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from admin.problem_wording import problem_text
from admin.wording import action_text, situation_text
from idp.linking.rules import ALLOWED
from idp.web.forms.base import PageForm, at_most, required, stripped


class SystemForm(PageForm):
    """What is agreed about a system; code and department are for ever."""

    code = StringField(
        _l("Code"),
        filters=[stripped],
        validators=[required(_l("Enter a code.")), at_most(40)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    department = SelectField(_l("Department"), validators=[required(_l("Choose a department."))])
    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[required(_l("Enter a name.")), at_most(100)],
        render_kw={"autocomplete": "off"},
    )
    is_real_name_verified = BooleanField(_l("The system verified the real names of its users"))
    holds_organisations = BooleanField(_l("Organisations have accounts there"))
    pays_out = BooleanField(_l("Money is paid out by it"))

    def validate_name(self, field: StringField) -> None:
        """Refuse a name with characters that nobody sees."""
        if not (field.data or "").isprintable():
            raise ValidationError(problem_text("name"))


class PasswordsForm(PageForm):
    """How a system keeps passwords."""

    scheme = SelectField(_l("Scheme"))
    encoding = SelectField(_l("Characters were hashed as"))
    secret = StringField(_l("Key of the scheme"), validators=[at_most(64)], render_kw={"autocomplete": "off"})
    patterns = TextAreaField(
        _l("First passwords"), validators=[at_most(2000)], render_kw={"rows": "4", "autocomplete": "off"}
    )


class RulesForm(PageForm):
    """What is done in each situation; a field for each, made by `rules_form`."""


def rules_form(**values: str) -> RulesForm:
    """Return the form with a choice for each situation that has one."""
    fields = {
        str(each): SelectField(
            situation_text(each), choices=[SelectChoice(str(action), action_text(action)) for action in actions]
        )
        for each, actions in ALLOWED.items()
        if len(actions) > 1
    }
    made = type("RulesFormOfNow", (RulesForm,), fields)
    form: RulesForm = made(**values)
    return form


class CutoverForm(PageForm):
    """Who answers logins."""

    cutover = RadioField(_l("From now on"), validators=[required(_l("Choose who answers."))])


class VouchingForm(PageForm):
    """What the word of a system rests on."""

    evidence = TextAreaField(
        _l("What it rests on"),
        filters=[stripped],
        validators=[required(_l("Write what it rests on: the second administrator decides by it.")), at_most(1000)],
        render_kw={"rows": "3", "autocomplete": "off"},
    )
