"""The routes of the protocol: HTTP in and out, nothing decided here."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from idp.core.errors import PageError
from idp.core.ids import new_id
from idp.core.oauth_errors import InvalidRequest, InvalidToken, OAuthError
from idp.endpoints.token import BackChannelCall
from idp.login.interaction import InteractionProblem
from idp.storage.short_lived.store import Kind
from idp.web.answers import see_other, send_to_client
from idp.web.context import house, origin
from idp.web.login_flow import answer_or_park

bp = Blueprint("oauth", __name__)
_PARKED_SECONDS = 600
_MAX_QUERY = 16_384


@bp.get("/.well-known/openid-configuration")
@bp.get("/.well-known/oauth-authorization-server")
def metadata() -> Response:
    """Serve the provider's metadata."""
    return _public(jsonify(house().protocol.metadata), seconds=300)


@bp.get("/oauth/jwks")
def jwks() -> Response:
    """Serve the public keys, announced, signing and retired."""
    return _public(jsonify(house().ground.signing_keys.jwks()), seconds=300)


@bp.get("/oauth/authorize")
def authorize() -> Response:
    """Take an authorization request."""
    return _authorize(request.query_string)


@bp.post("/oauth/authorize")
def authorize_post() -> Response:
    """Take an authorization request by POST (OpenID Connect Core §3.1.2.1).

    A cross-site POST carries no Lax cookie, so it is parked and the browser sent to our own GET.
    """
    if request.query_string:
        raise PageError(InteractionProblem.EXPIRED, detail="parameters in query and body")
    parked = _park(request.get_data())
    return see_other(f"/oauth/authorize/{parked}")


@bp.get("/oauth/authorize/<parked>")
def authorize_parked(parked: str) -> Response:
    """Go on with an authorization request that came by POST."""
    return _authorize(_unpark(parked))


@bp.post("/oauth/token")
def token() -> Response:
    """Answer a token request."""
    return _no_store(jsonify(house().protocol.token.answer(_call()).as_json()))


@bp.route("/oauth/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Answer who the token's person is."""
    answer = house().protocol.userinfo.answer(_bearer_token())
    if answer.signed is None:
        return _no_store(jsonify(answer.claims))
    return _no_store(Response(answer.signed, mimetype="application/jwt"))


@bp.post("/oauth/introspect")
def introspect() -> Response:
    """Answer a resource server about a token."""
    return _no_store(jsonify(house().protocol.introspect.answer(_call())))


@bp.post("/oauth/revoke")
def revoke() -> Response:
    """End a token. The empty answer is JSON: some libraries read nothing else."""
    house().protocol.revoke.answer(_call())
    return _no_store(jsonify({}))


def _authorize(raw: bytes) -> Response:
    endpoint = house().protocol.authorize
    if len(raw) > _MAX_QUERY:
        raise PageError(InteractionProblem.EXPIRED, detail="query too long")
    trusted = endpoint.trust(raw)  # failures are pages
    try:
        return answer_or_park(endpoint.validate(trusted), trusted.client)
    except OAuthError as error:  # failures are redirects
        return send_to_client(endpoint.refuse(trusted, error))


def _call() -> BackChannelCall:
    return BackChannelCall(
        body=request.get_data(),
        content_type=request.headers.get("Content-Type"),
        query=request.query_string,
        authorization=request.headers.get("Authorization"),
        origin=origin(),
    )


def _bearer_token() -> str:
    """Return the access token from the header, or from a form body (RFC 6750 §2.1, §2.2); never the query."""
    if "access_token" in request.args:
        raise InvalidRequest("An access token must not be sent in the query.")
    in_body = request.form.getlist("access_token") if request.method == "POST" else []
    header = request.headers.get("Authorization", "")
    scheme, _, credentials = header.partition(" ")
    in_header = credentials.strip() if scheme.lower() == "bearer" else ""
    if (in_header and in_body) or len(in_body) > 1:  # §2: one way only
        raise InvalidRequest("The access token was sent more than once.")
    found = in_header or (in_body[0] if in_body else "")
    if not found:
        raise InvalidToken(detail="no access token")
    return found


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


def _public(response: Response, *, seconds: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return make_response(response)
