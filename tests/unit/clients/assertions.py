"""Making client assertions as clients do, good ones and bad ones."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

from clients.client import Client
from clients.overrides import Overrides
from clients.presented import ASSERTION_TYPE, PresentedCredentials
from idp.core.oauth_errors import InvalidClient
from tests.unit.clients.rooms import ISSUER, START, Rooms

NOW = int(START.timestamp())
ENDPOINT = f"{ISSUER}/introspect"
SERVICE = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}


def good_claims(client_id: str = "service", **changes: Any) -> dict[str, Any]:
    """Return claims that pass; a change to None removes one."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "jti-1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sign(claims: dict[str, Any], key: ECKey | RSAKey | OctKey, **header: Any) -> str:
    """Return the compact JWS over the claims."""
    header = {"alg": "ES256", **header}
    registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return serialize_compact(header, json.dumps(claims).encode(), key, registry=registry)


def raw_token(header: bytes, payload: bytes, signature: bytes = b"x") -> str:
    """Return three parts that no library would sign."""
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload, signature))


def presenting(assertion: str, client_id: str | None = None) -> PresentedCredentials:
    """Return the form parameters that carry an assertion."""
    return PresentedCredentials(client_id=client_id, client_assertion=assertion, client_assertion_type=ASSERTION_TYPE)


def register(rooms: Rooms, key: ECKey | RSAKey, audience: str = "issuer", **members: Any) -> Client:
    jwks = {"keys": [key.as_dict(private=False)]}
    return rooms.administration.create(
        {**SERVICE, "jwks": jwks, **members},
        client_id="service",
        overrides=Overrides(assertion_audience=audience),
    ).client


def authenticate(rooms: Rooms, credentials: PresentedCredentials) -> Client:
    return rooms.authenticator().authenticate(credentials, endpoint_url=ENDPOINT)


def refuses(rooms: Rooms, assertion: str) -> None:
    with pytest.raises(InvalidClient) as refusal:
        authenticate(rooms, presenting(assertion))
    assert assertion[:40] not in refusal.value.detail
    assert refusal.value.description == "Client authentication failed."
