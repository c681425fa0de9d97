"""A signing key rotated by the printed command, while the provider runs."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from tests.interop.conformance import Provider, SuiteBrowser, answer_of
from tests.interop.conftest import documented

REDIRECT_URI = "https://rp.localhost/callback"


@pytest.fixture
def id_tokens(provider: Provider, suite_browser: SuiteBrowser) -> Iterator[Any]:
    """Log in anew each time it is called and return the ID token, signed by the algorithm."""

    def log_in(algorithm: str) -> str:
        client = provider.register(redirect_uris=[REDIRECT_URI], id_token_signed_response_alg=algorithm)
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": REDIRECT_URI,
            "scope": "openid",
        }
        code = answer_of(suite_browser.authorize(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}"))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        answer = provider.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
        return answer.json()["id_token"]

    yield log_in


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_rotation_by_command(provider: Provider, id_tokens: Any, algorithm: str) -> None:
    """The old token still verifies, a new one is signed by the new key, and the key set holds both."""
    before = id_tokens(algorithm)
    arguments = documented("rotation").replace("RS256", algorithm).split()[2:]
    output = provider.command(*arguments)
    kid = output.removeprefix("announced: ").strip()
    keys = published(provider, kid)
    after = id_tokens(algorithm)
    kids = [jws.extract_compact(token.encode()).headers()["kid"] for token in (before, after)]
    assert kids[1] == kid != kids[0]
    assert set(kids) <= {key["kid"] for key in keys["keys"]}
    for token in (before, after):
        assert jwt.decode(token, KeySet.import_key_set(keys), algorithms=[algorithm]).claims["iss"] == provider.issuer


def published(provider: Provider, kid: str) -> dict[str, Any]:
    """Ask until the running server has noticed the key."""
    for _ in range(10_000):
        keys: dict[str, Any] = provider.get("/oauth/jwks").json()
        if kid in {key["kid"] for key in keys["keys"]}:
            return keys
    raise AssertionError("the running server does not publish the key")
