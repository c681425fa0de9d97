"""What all forms share: the CSRF token, and refusals that come from the rooms below."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

from idp.login.refusal import FieldRefusal
from idp.web.wording import refusal_text


class PageForm(FlaskForm):
    """A form of a page; the CSRF token is checked for the whole application."""

    def refuse(self, text: object, field: str | None = None) -> None:
        """Show `text` as an error at `field`, or above the whole form."""
        if field is None:
            self.form_errors.append(str(text))
        else:
            target = self[field]
            target.errors = [*target.errors, str(text)]

    def passes(self, check: Callable[[], Iterable[FieldRefusal]]) -> bool:
        """Tell whether a form was sent and is good; every problem is shown at once, each at its field.

        `check` is asked what the rooms below refuse, whatever is missing elsewhere in the form: nobody
        corrects one field only to be sent back for the next. A field with an error already keeps that one.
        """
        if not self.is_submitted():
            return False
        is_complete = self.validate()
        refusals = [each for each in check() if not self[each.name].errors]
        for each in refusals:
            self.refuse(refusal_text(each.reason), field=each.name)
        return is_complete and not refusals


class EmptyForm(PageForm):
    """A button that changes something: only the CSRF token."""


def required(text: object) -> InputRequired:
    """Return the validator of a field that may not be empty, with its words."""
    return InputRequired(message=text)


def at_most(length: int) -> Length:
    """Return the validator that keeps a value short enough to be handled."""
    return Length(max=length, message=_l("This is too long. Check what you typed."))


def without_spaces(value: Any) -> Any:
    """Drop the spaces and hyphens that people put into numbers and codes."""
    return value.replace(" ", "").replace("-", "").strip() if isinstance(value, str) else value


def stripped(value: Any) -> Any:
    """Drop the spaces around a value."""
    return value.strip() if isinstance(value, str) else value
