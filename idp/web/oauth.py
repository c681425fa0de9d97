"""The authorization endpoint over HTTP; what programs call is answered at the door (`idp.web.door`)."""

from typing import Any

from flask import Blueprint, Response, request

from idp.core.errors import PageError
from idp.core.ids import new_id
from idp.core.oauth_errors import InvalidRequest, OAuthError
from idp.endpoints.authorize import AuthorizationProblem, Trusted
from idp.endpoints.parameters import require_form
from idp.login.interaction import InteractionProblem
from idp.storage.short_lived.store import Kind
from idp.web.answers import refuse_to_client, see_other
from idp.web.context import house
from idp.web.login_flow import answer_or_park

bp = Blueprint("oauth", __name__)
_PARKED_SECONDS = 600
_MAX_QUERY = 16_384


@bp.get("/oauth/authorize")
def authorize() -> Response:
    """Take an authorization request."""
    return _authorize(request.query_string)


@bp.post("/oauth/authorize")
def authorize_post() -> Response:
    """Take an authorization request by POST (OpenID Connect Core §3.1.2.1).

    A cross-site POST carries no Lax cookie, so it is parked and the browser sent to our own GET; only once
    it is known to be good, so that nobody fills the store with anything else.
    """
    if request.query_string:
        raise PageError(AuthorizationProblem.BAD_REQUEST, detail="parameters in query and body")
    try:
        require_form(request.headers.get("Content-Type"))
    except InvalidRequest as error:
        raise PageError(AuthorizationProblem.BAD_REQUEST, detail=error.description) from None
    trusted = _trust(request.get_data())
    try:
        house().protocol.authorize.validate(trusted)
    except OAuthError as error:
        return refuse_to_client(house().protocol.authorize.refuse(trusted, error), error)
    return see_other(f"/oauth/authorize/{_park(request.get_data())}")


@bp.get("/oauth/authorize/<parked>")
def authorize_parked(parked: str) -> Response:
    """Go on with an authorization request that came by POST."""
    return _authorize(_unpark(parked))


def _authorize(raw: bytes) -> Response:
    trusted = _trust(raw)
    try:
        return answer_or_park(house().protocol.authorize.validate(trusted), trusted.client)
    except OAuthError as error:  # failures are redirects
        return refuse_to_client(house().protocol.authorize.refuse(trusted, error), error)


def _trust(raw: bytes) -> Trusted:
    """Return who asks and where the answer goes; failures are pages."""
    if len(raw) > _MAX_QUERY:
        raise PageError(AuthorizationProblem.BAD_REQUEST, detail="request too long")
    return house().protocol.authorize.trust(raw)


def _park(raw: bytes) -> str:
    handle = new_id()
    document: dict[str, Any] = {"raw": raw.decode("latin-1")}
    house().ground.store.put(Kind.PARKED_REQUEST, handle, document, seconds=_PARKED_SECONDS)
    return handle


def _unpark(handle: str) -> bytes:
    document = house().ground.store.get(Kind.PARKED_REQUEST, handle)
    if document is None:
        raise PageError(InteractionProblem.EXPIRED)
    return str(document["raw"]).encode("latin-1")
