"""The pages of a comparison of faces: begun here, shown at the service, and what came of it."""

from urllib.parse import urlsplit

from flask import Response, flash, g, request, url_for

from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction
from idp.login.refusal import Refusal
from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.base import EmptyForm
from idp.web.forms.identity import DeviceForm
from idp.web.limits import limit
from idp.web.login_pages import private_page
from idp.web.verify import At, back_to_form, bp, locale, proved
from idp.web.wording import refusal_text
from realname.proofing.method import Method

__all__ = ["bp"]
#: What a refusal means where faces were compared.
_WORDS = {
    "proofing_mismatch": "face_mismatch",
    "proofing_no_record": "face_no_record",
    "proofing_risk": "face_risk",
    "proofing_unavailable": "face_unavailable",
}


@bp.route("/i/<interaction_id>/verify/face", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def face(interaction_id: str) -> Response:
    """Begin a comparison of faces, and lead to the service's own page."""
    interaction = login_flow.resume(interaction_id)
    at, step = At.of(interaction), house().login.proofing.face
    if at is None or step is None:
        return login_flow.onward(interaction)
    if EmptyForm().is_submitted():
        if house().login.proofing.face_script is not None:
            return see_other(url_for("verify.face_start"))
        try:
            step.begin(interaction, at.live, return_url=_return_url(interaction), origin=origin())
        except LoginRefused as refused:
            return back_to_form(refused)
        return see_other(url_for("verify.face"))
    begun = step.begun(interaction)
    if begun is None:
        return see_other(url_for("verify.form"))
    return private_page("verify/face.html", interaction, None, begun=begun, service=urlsplit(begun.url).netloc)


@bp.route("/i/<interaction_id>/verify/face/start", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def face_start(interaction_id: str) -> Response:
    """Let the service's own script look at the browser, and begin with what it says; no other page loads it."""
    interaction = login_flow.resume(interaction_id)
    at, step, script = At.of(interaction), house().login.proofing.face, house().login.proofing.face_script
    if at is None or step is None or script is None:
        return login_flow.onward(interaction)
    if interaction.progress.proofed_by != Method.MOBILE:
        return see_other(url_for("verify.form"))  # nobody is looked at by a stranger's script in vain
    form = DeviceForm()
    if form.validate_on_submit():
        ours, told = _return_url(interaction), form.device.data or ""
        try:
            step.begin(interaction, at.live, return_url=ours, origin=origin(), device=told)
            return see_other(url_for("verify.face"))
        except LoginRefused as refused:
            if refused.reason is not Refusal.FACE_DEVICE:
                return back_to_form(refused)
            form.refuse(refusal_text(refused.reason))
    g.csp_script_src = [script.origin]
    return private_page(
        "verify/face_start.html",
        interaction,
        form,
        script=script,
        has_counter=house().login.proofing.counter is not None,
        has_network=house().login.proofing.network_identity is not None,
    )


@bp.get("/i/<interaction_id>/verify/face/return")
@limit("login_per_minute", 60)
def face_return(interaction_id: str) -> Response:
    """Take the browser back from the service; what the service put into the address is not read."""
    interaction = login_flow.resume(interaction_id)
    at, step = At.of(interaction), house().login.proofing.face
    if at is None or step is None or step.begun(interaction) is None:
        return login_flow.onward(interaction)
    interaction = step.come_back(interaction, request.args.get("came", "")[:64])
    return _face_result(interaction, at.live)


@bp.post("/i/<interaction_id>/verify/face/result")
@limit("login_per_minute", 60)
def face_result(interaction_id: str) -> Response:
    """Ask the service once more for a result that was not there yet."""
    interaction = login_flow.resume(interaction_id)
    at, step = At.of(interaction), house().login.proofing.face
    begun = step.begun(interaction) if step is not None else None
    if at is None or begun is None or not begun.came:
        return login_flow.onward(interaction)
    return _face_result(interaction, at.live)


def _face_result(interaction: Interaction, live: LiveSession) -> Response:
    step = house().login.proofing.face
    assert step is not None  # noqa: S101 - the callers looked
    try:
        interaction, recorded = step.finish(interaction, live, locale=locale(), origin=origin())
    except LoginRefused as refused:
        flash(refusal_text(_WORDS.get(str(refused.reason), refused.reason)), "danger")
        is_open = refused.reason == "proofing_unavailable"
        return see_other(url_for("verify.face" if is_open else "verify.form"))
    return proved(interaction, recorded)


def _return_url(interaction: Interaction) -> str:
    """Return our address for the service to send the browser back to; from the settings, never from a header."""
    return house().settings.issuer + url_for("verify.face_return", interaction_id=interaction.id)
