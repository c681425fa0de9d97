"""Rendering a page of a login: for which client it is, and the code that a page asks for."""

from typing import Any

from flask import Response, make_response, render_template

from idp.login.interaction import Interaction
from idp.web import login_flow
from idp.web.context import house
from idp.web.locale import language_tag
from realname.documents.masking import mask_mobile


def login_page(
    template: str, interaction: Interaction | None, form: Any, *, no_store: bool = False, **context: Any
) -> Response:
    """Return the page, with 422 where its form was refused."""
    client = login_flow.client_of(interaction) if interaction else None
    name = client.localized_name(language_tag()) if client else None
    shown = {"client_name": name, "may_cancel": client is not None, **context}
    is_refused = form is not None and form.is_submitted()
    response = make_response(render_template(template, form=form, **shown), 422 if is_refused else 200)
    if no_store:
        response.headers["Cache-Control"] = "no-store"
    return response


def private_page(template: str, interaction: Interaction | None, form: Any = None, **context: Any) -> Response:
    """Return the page of a login so that it never comes back with the Back button: secrets, numbers and codes."""
    return login_page(template, interaction, form, no_store=True, **context)


def code_context(parked: dict[str, Any]) -> dict[str, Any]:
    """Return what a page needs that asks for a code by SMS."""
    return {
        "masked_destination": mask_mobile(parked["mobile"]),
        "resend_after_seconds": house().login.codes.resend_after(parked),
        "valid_minutes": house().login.codes.life_minutes,
    }
