"""What a simple library sends when nobody configures it: no PKCE, Basic, and RS256 expected."""

import json
from urllib.parse import urlencode

import pytest
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.interop.conformance import Provider, SuiteBrowser, answer_of

REDIRECT_URI = "https://rp.localhost/callback"


@pytest.fixture(params=["registered by itself", "named in --clients"])
def credentials(request: pytest.FixtureRequest, provider: Provider) -> tuple[str, str]:
    if request.param == "named in --clients":
        return "simple-library", "short"
    answer = provider.register(redirect_uris=[REDIRECT_URI])
    return answer["client_id"], answer["client_secret"]


def test_login_with_every_default(
    provider: Provider, suite_browser: SuiteBrowser, credentials: tuple[str, str]
) -> None:
    """Code flow without PKCE, client_secret_basic, an RS256 ID token, userinfo (OpenID Connect Core §3.1)."""
    metadata, client_id = provider.metadata, credentials[0]
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email",
        "state": "af0ifjsldkj",
        "nonce": "n-0S6_WzA2Mj",
    }
    landed = suite_browser.authorize(f"{metadata['authorization_endpoint']}?{urlencode(asked)}")
    answer = answer_of(landed)
    assert landed.startswith(REDIRECT_URI + "?")
    assert (answer["state"], answer["iss"]) == ("af0ifjsldkj", provider.issuer)
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT_URI}
    response = provider.http.post(metadata["token_endpoint"], data=form, auth=credentials, timeout=20)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    tokens = response.json()
    keys = KeySet.import_key_set(provider.http.get(metadata["jwks_uri"], timeout=20).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": "n-0S6_WzA2Mj"},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(token.claims)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    user = provider.http.get(metadata["userinfo_endpoint"], headers=bearer, timeout=20).json()
    assert user["sub"] == token.claims["sub"]
    assert (user["preferred_username"], user["email_verified"]) == ("alice", True)
    again = provider.http.post(metadata["token_endpoint"], data=form, auth=credentials, timeout=20)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_authlib_session(provider: Provider, suite_browser: SuiteBrowser, credentials: tuple[str, str]) -> None:
    """Authlib's session as it comes: authorization URL, token by code, request with the token."""
    metadata = provider.metadata
    with OAuth2Session(*credentials, redirect_uri=REDIRECT_URI, scope="openid email") as session:
        session.trust_env = False
        session.verify = provider.http.verify
        url, state = session.create_authorization_url(metadata["authorization_endpoint"])
        landed = suite_browser.authorize(url)
        token = session.fetch_token(metadata["token_endpoint"], authorization_response=landed, state=state, timeout=20)
        assert token["token_type"] == "Bearer"
        user = session.get(metadata["userinfo_endpoint"], timeout=20).json()
    assert user["email"] == "alice@people.example"


def test_wrong_secret(provider: Provider, credentials: tuple[str, str]) -> None:
    """A wrong secret is invalid_client with 401 and a challenge (RFC 6749 §5.2)."""
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT_URI}
    answer = provider.post("/oauth/token", data=form, auth=(credentials[0], "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_public_client_without_pkce(provider: Provider, suite_browser: SuiteBrowser) -> None:
    """Whoever keeps no secret must use PKCE, in this profile too (RFC 9700 §2.1.1)."""
    client = provider.register(redirect_uris=[REDIRECT_URI], token_endpoint_auth_method="none")
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
    }
    landed = suite_browser.leave(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}")
    assert answer_of(landed)["error"] == "invalid_request"


@pytest.mark.parametrize(("level", "reached"), [(2, True), (3, False)])
def test_essential_level(provider: Provider, suite_browser: SuiteBrowser, level: int, reached: bool) -> None:
    """The password reaches level 2; above it the request fails, never silently lower (OIDC Core §5.5.1.1)."""
    client = provider.register(redirect_uris=[REDIRECT_URI])
    acr = {"essential": True, "values": [f"urn:yihao:level:{level}"]}
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "claims": json.dumps({"id_token": {"acr": acr}}),
    }
    landed = suite_browser.authorize(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}")
    answer = answer_of(landed)
    assert ("code" in answer) is reached
    assert answer.get("error", "unmet_authentication_requirements") == "unmet_authentication_requirements"
