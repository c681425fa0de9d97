"""What the provider fetches from and tells to relying parties on loopback, trusting the authority it was given."""

import time
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.interop.conformance import Provider, SuiteBrowser, answer_of
from tests.interop.relying_party_site import RelyingPartySite

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def test_sector_keys_and_logout(provider: Provider, suite_browser: SuiteBrowser, site: RelyingPartySite) -> None:
    """sector_identifier_uri and jwks_uri are fetched, and a logout is told to backchannel_logout_uri."""
    key = ECKey.generate_key("P-256", {"kid": "rp", "use": "sig"})
    redirect_uris = [f"{site.url}/callback", "https://other.localhost/callback"]
    site.documents = {"/sector": redirect_uris, "/jwks": {"keys": [key.as_dict(private=False)]}}
    client = provider.register(
        redirect_uris=redirect_uris,
        sector_identifier_uri=f"{site.url}/sector",
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=f"{site.url}/jwks",
        backchannel_logout_uri=f"{site.url}/backchannel-logout",
        backchannel_logout_session_required=True,
        post_logout_redirect_uris=[f"{site.url}/bye"],
    )
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": redirect_uris[0],
        "scope": "openid",
    }
    code = answer_of(suite_browser.authorize(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}"))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uris[0],
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion(client["client_id"], key, audience=f"{provider.issuer}/oauth/token"),
    }
    answer = provider.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    id_token = answer.json()["id_token"]
    leave = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": f"{site.url}/bye"})
    assert suite_browser.leave(f"{provider.issuer}/oauth/logout?{leave}") == f"{site.url}/bye"
    keys = KeySet.import_key_set(provider.get("/oauth/jwks").json())
    told = parse_qs(site.posts.get(timeout=60))["logout_token"][0]
    algorithms = ["RS256", "ES256"]
    logged_in, logged_out = (jwt.decode(each, keys, algorithms=algorithms).claims for each in (id_token, told))
    assert (logged_out["sid"], logged_out["aud"]) == (logged_in["sid"], client["client_id"])


def test_sector_that_does_not_list_the_redirect_uri(provider: Provider, site: RelyingPartySite) -> None:
    """A sector document that leaves a redirect URI out refuses the registration (OIDC Registration §5)."""
    site.documents = {"/sector": ["https://other.localhost/callback"]}
    metadata = {"redirect_uris": [f"{site.url}/callback"], "sector_identifier_uri": f"{site.url}/sector"}
    answer = provider.post("/oauth/register", json=metadata)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def assertion(client_id: str, key: ECKey, *, audience: str) -> str:
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": str(now), "iat": now, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": "rp"}, claims, key)
