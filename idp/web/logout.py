"""Logging out: from a client (RP-Initiated Logout 1.0) and from our own pages."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from idp.core.errors import PageError
from idp.core.ids import new_id
from idp.core.oauth_errors import InvalidRequest
from idp.endpoints.end_session import LogoutProblem, LogoutRequest
from idp.endpoints.parameters import parse_urlencoded, require_form
from idp.sessions.ending import Told
from idp.storage.short_lived.store import Kind
from idp.web.answers import allow_form_to, see_other
from idp.web.context import house, keep_session, origin, session_handle
from idp.web.forms.logout import DecisionForm
from idp.web.locale import language_tag
from idp.web.page_models import ToldClient

bp = Blueprint("logout", __name__)
_PARKED_SECONDS = 600


@bp.get("/oauth/logout")
def end_session() -> Response:
    """Take a logout request from a client."""
    return _take(request.query_string)


@bp.post("/oauth/logout")
def end_session_post() -> Response:
    """Take a logout request by POST; cross-site it carries no cookie, so our own GET goes on with it."""
    try:
        require_form(request.headers.get("Content-Type"))
    except InvalidRequest as error:
        raise PageError(LogoutProblem.BAD_REQUEST, detail=error.description) from None
    if request.query_string:
        raise PageError(LogoutProblem.BAD_REQUEST, detail="parameters in query and body")
    handle = _park(_validate(request.get_data()))
    return see_other(url_for("logout.proceed", handle=handle))


@bp.get("/logout/<handle>/continue")
def proceed(handle: str) -> Response:
    """Log out at once where that is safe, otherwise ask."""
    logout = _unpark(handle)
    if _is_at_once(logout):
        return _end(logout)
    return see_other(url_for("logout.confirm", handle=handle))


@bp.route("/logout", methods=["GET", "POST"], defaults={"handle": None})
@bp.route("/logout/<handle>", methods=["GET", "POST"])
def confirm(handle: str | None) -> Response:
    """Ask whether to log out."""
    logout = _unpark(handle) if handle else LogoutRequest(None, None, None)
    allow_form_to(logout.return_uri)
    form = DecisionForm()
    if form.validate_on_submit():
        if form.decision.data == "yes":
            return _end(logout)
        return see_other(url_for("home.index"))
    client = house().protocol.clients.find(logout.client_id) if logout.client_id else None
    name = client.localized_name(language_tag()) if client else None
    return make_response(render_template("logout/confirm.html", form=form, client_name=name))


@bp.get("/logout/done")
def done() -> Response:
    """Say that the person is logged out."""
    return _done_page((), None, None)


def _take(raw: bytes) -> Response:
    logout = _validate(raw)
    if _is_at_once(logout):
        return _end(logout)
    return see_other(url_for("logout.confirm", handle=_park(logout)))


def _end(logout: LogoutRequest) -> Response:
    """End the session here and everywhere; show frames only where a client needs one."""
    is_staff = _is_of_staff(logout)
    told = house().protocol.end_session.end(session_handle(for_staff=is_staff), origin(), is_staff=is_staff)
    keep_session(None, for_staff=is_staff)
    frames = [each.frame_uri for each in told if each.frame_uri]
    if logout.return_uri is not None and not frames:
        return see_other(logout.return_uri)
    return _done_page(told, logout.return_uri, logout.client_id)


def _done_page(told: tuple[Told, ...], return_uri: str | None, client_id: str | None) -> Response:
    frames = [each.frame_uri for each in told if each.frame_uri]
    g.csp_frame_src = sorted({f"{urlsplit(uri).scheme}://{urlsplit(uri).netloc}" for uri in frames})
    # One that knew the login by several names, of children acted for too, is still one service.
    reached = {each.client_id: each.by_backchannel or bool(each.frame_uri) for each in told}
    shown = [ToldClient(_name(client_id), was_told) for client_id, was_told in reached.items()]
    return make_response(
        render_template(
            "logout/done.html",
            told=shown,
            frontchannel_uris=frames,
            return_url=return_uri,
            return_name=_name(client_id) if client_id else None,
        )
    )


def _validate(raw: bytes) -> LogoutRequest:
    try:
        parameters = parse_urlencoded(raw)
    except InvalidRequest as error:
        raise PageError(LogoutProblem.BAD_REQUEST, detail=error.description) from None
    return house().protocol.end_session.validate(parameters)


def _park(logout: LogoutRequest) -> str:
    handle = new_id()
    house().ground.store.put(Kind.LOGOUT, handle, dict(logout.as_document()), seconds=_PARKED_SECONDS)
    return handle


def _unpark(handle: str) -> LogoutRequest:
    document = house().ground.store.get(Kind.LOGOUT, handle)
    if document is None:
        raise PageError(LogoutProblem.BAD_REQUEST, detail="logout request expired")
    return LogoutRequest(**document)


def _name(client_id: str) -> str:
    client = house().protocol.clients.find(client_id)
    return client.localized_name(language_tag()) if client else client_id


def _is_of_staff(logout: LogoutRequest) -> bool:
    return house().protocol.end_session.is_of_staff(
        logout, citizen=session_handle(), staff=session_handle(for_staff=True)
    )


def _is_at_once(logout: LogoutRequest) -> bool:
    is_staff = _is_of_staff(logout)
    return house().protocol.end_session.is_at_once(logout, session_handle(for_staff=is_staff), is_staff=is_staff)
