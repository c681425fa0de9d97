"""The two resource servers of the conformance profile (RFC 8707, RFC 9068, RFC 7662)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.interop.conformance import Provider

JWT, OPAQUE = "urn:example:resource:jwt", "urn:example:resource:opaque"
API = ("example-api", "example-api-secret")


@pytest.fixture
def machine(provider: Provider) -> dict[str, Any]:
    """A client that acts for itself."""
    return provider.register(grant_types=["client_credentials"], response_types=[], scope="api:write")


def ask(provider: Provider, machine: dict[str, Any], resource: str) -> Any:
    form = {"grant_type": "client_credentials", "scope": "api:write", "resource": resource}
    return provider.post("/oauth/token", data=form, auth=(machine["client_id"], machine["client_secret"]))


def introspect(provider: Provider, token: str, who: tuple[str, str]) -> dict[str, Any]:
    answer = provider.post("/oauth/introspect", data={"token": token}, auth=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_jwt_resource(provider: Provider, machine: dict[str, Any]) -> None:
    """A signed token for one audience, which the resource server verifies by itself (RFC 9068 §4)."""
    answer = ask(provider, machine, JWT)
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set(provider.get("/oauth/jwks").json())
    token = jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256", "RS256"])
    assert token.header["typ"] == "at+jwt"
    assert (token.claims["aud"], token.claims["scope"]) == (JWT, "api:write")


@pytest.mark.parametrize("resource", [JWT, OPAQUE])
def test_introspection_by_the_resource_server(provider: Provider, machine: dict[str, Any], resource: str) -> None:
    """The resource server's own client sees the token; an uninvolved client learns nothing (RFC 7662 §4)."""
    token = ask(provider, machine, resource).json()["access_token"]
    assert (token.count(".") == 2) is (resource == JWT)
    seen = introspect(provider, token, API)
    assert (seen["active"], seen["aud"], seen["scope"]) == (True, resource, "api:write")
    assert seen["client_id"] == machine["client_id"]
    assert introspect(provider, token, ("simple-library", "short")) == {"active": False}
    mine = (machine["client_id"], machine["client_secret"])
    assert provider.post("/oauth/revoke", data={"token": token}, auth=mine).status_code == 200
    assert introspect(provider, token, API) == {"active": False}


def test_other_resources_and_scopes(provider: Provider, machine: dict[str, Any]) -> None:
    """An unknown resource is invalid_target (RFC 8707 §2), an unknown scope cannot be registered."""
    assert ask(provider, machine, "urn:example:resource:other").json()["error"] == "invalid_target"
    refused = provider.post(
        "/oauth/register",
        json={"grant_types": ["client_credentials"], "response_types": [], "scope": "api:root"},
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")


def test_the_scope_is_advertised(provider: Provider, machine: dict[str, Any]) -> None:
    """Discovery lists the APIs' scope beside the identity scopes, and a client is given what it lists."""
    advertised = provider.metadata["scopes_supported"]
    assert "api:write" in advertised and "openid" in advertised
    assert ask(provider, machine, JWT).json()["scope"] == "api:write"
    everything = provider.register(scope=" ".join(advertised), redirect_uris=["https://app.example/cb"])
    assert set(everything["scope"].split()) == set(advertised)
