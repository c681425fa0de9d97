"""The development outbox: what would have been sent; there only while messages go nowhere."""

from flask import Blueprint, Response, make_response, render_template

from idp.outbox.queue import DeliveryKind
from idp.web.context import house
from idp.web.message_texts import render_message
from idp.web.page_models import OutboxRow

bp = Blueprint("dev", __name__)
_MOST = 50


@bp.get("/dev/outbox")
def outbox() -> Response:
    """Show the newest messages with their codes; `idp.app` mounts this outside production only."""
    rows = [
        OutboxRow(
            at=at,
            medium=payload["medium"],
            destination=payload["to"],
            template=payload["template"],
            text=render_message(payload["template"], payload["parameters"], payload["locale"]),
        )
        for at, payload in house().protocol.queue.recent(DeliveryKind.MESSAGE, most=_MOST)
    ]
    return make_response(render_template("dev/outbox.html", messages=rows))
