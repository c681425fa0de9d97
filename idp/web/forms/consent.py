"""The form in which a person decides what a client may have."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.validators import AnyOf
from wtforms.widgets import CheckboxInput, ListWidget

from idp.web.forms.base import PageForm
from idp.web.page_models import ConsentItem


class ConsentForm(PageForm):
    """Allow or deny, and the sensitive items that were ticked; `shown` tells which words the page held."""

    shown = HiddenField()

    decision = RadioField(
        choices=["allow", "deny"],
        validate_choice=False,
        validators=[AnyOf(["allow", "deny"], message=_l("Choose whether to allow or to refuse."))],
    )
    granted = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), choices=[])

    def offer(self, items: Iterable[ConsentItem]) -> None:
        """Set which items may be ticked: the sensitive ones of this request, nothing else."""
        choices: list[Any] = [(item.key, item.scope) for item in items if item.sensitive]
        self.granted.choices = choices
