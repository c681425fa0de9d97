"""One page in one state, and what the samples of all rooms are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from idp.web import wording
from idp.web.forms import base

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
CLIENT = "社会保险网上服务平台"


@dataclass(frozen=True, slots=True)
class Sample:
    """One page in one state; `make` builds the context inside a request."""

    name: str
    template: str
    make: Callable[[], dict[str, Any]]
    logged_in: bool = False


def refused(form: base.PageForm, *refusals: tuple[str, str | None]) -> base.PageForm:
    form.validate()
    form.csrf_token.errors = []
    for field in form:
        field.errors = []
    for reason, field_name in refusals:
        form.refuse(wording.refusal_text(reason), field=field_name)
    return form


def door(form: Any, **more: Any) -> dict[str, Any]:
    return {"form": form, "client_name": CLIENT, "may_cancel": True, **more}


def code(form: Any, **more: Any) -> dict[str, Any]:
    return door(form, masked_destination="138****5678", resend_after_seconds=48, valid_minutes=5, **more)
