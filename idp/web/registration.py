"""Dynamic client registration over HTTP (RFC 7591 §3, RFC 7592 §2)."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from clients.json_documents import MalformedJson, read_json
from clients.registration import RegistrationForbidden
from idp.core.oauth_errors import InvalidClientMetadata, MissingToken
from idp.web.context import house, origin
from idp.web.errors import no_store

bp = Blueprint("registration", __name__)


@bp.errorhandler(RegistrationForbidden)
def closed(_error: RegistrationForbidden) -> Response:
    """Say that this deployment registers clients by its operators."""
    response = jsonify(error="access_denied", error_description="Dynamic registration is closed here.")
    response.status_code = 403
    return no_store(response)


@bp.post("/oauth/register")
def register() -> Response:
    """Register a client."""
    response = jsonify(house().protocol.dynamic.register(_document(), origin=origin()))
    response.status_code = 201
    return no_store(response)


@bp.get("/oauth/register/<client_id>")
def read(client_id: str) -> Response:
    """Return a client's registration to its holder."""
    return no_store(jsonify(house().protocol.dynamic.read(client_id, _token())))


@bp.put("/oauth/register/<client_id>")
def update(client_id: str) -> Response:
    """Replace a client's registration."""
    answer = house().protocol.dynamic.update(client_id, _token(), _document(), origin=origin())
    return no_store(jsonify(answer))


@bp.delete("/oauth/register/<client_id>")
def delete(client_id: str) -> Response:
    """Delete a client."""
    house().protocol.dynamic.delete(client_id, _token(), origin=origin())
    return no_store(Response(status=204))


def _document() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise InvalidClientMetadata("The content type must be application/json.")
    try:
        document = read_json(request.get_data())
    except MalformedJson:
        raise InvalidClientMetadata("The body is not well-formed JSON.") from None
    if not isinstance(document, dict):
        raise InvalidClientMetadata("The body must be a JSON object.")
    return document


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise MissingToken(detail="no registration access token")
    return token.strip()
