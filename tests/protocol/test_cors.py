"""Cross-origin calls (Fetch standard): browser applications reach what reads no cookie, and authorize never."""

import pytest

from tests.protocol.provider import EMBEDDED, Provider

pytestmark = EMBEDDED
ORIGIN = {"Origin": "https://app.example"}
OPEN = {
    "/.well-known/openid-configuration": "GET",
    "/.well-known/oauth-authorization-server": "GET",
    "/oauth/jwks": "GET",
    "/oauth/token": "POST",
    "/oauth/userinfo": "GET",
    "/oauth/revoke": "POST",
}
CLOSED = ["/oauth/authorize", "/oauth/logout", "/oauth/introspect", "/oauth/register", "/login", "/account", "/"]


def test_open_endpoints_answer_every_origin_without_credentials(provider: Provider) -> None:
    """Preflight and answer allow any origin, errors included, and never credentials (Fetch §3.2)."""
    for path, method in OPEN.items():
        asked = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
            **ORIGIN,
        }
        preflight = provider.http.options(path, headers=asked)
        assert preflight.status_code == 204 and method in preflight.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
        answer = provider.http.open(path, method=method, headers=ORIGIN)
        for response in (preflight, answer):
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response.headers
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", CLOSED)
def test_everything_else_answers_no_origin(provider: Provider, path: str) -> None:
    """Pages read cookies, so no script of another origin reads them (RFC 9700 §2.6 for authorize)."""
    asked = {"Access-Control-Request-Method": "GET", **ORIGIN}
    for response in (provider.http.options(path, headers=asked), provider.http.get(path, headers=ORIGIN)):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
