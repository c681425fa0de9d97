"""RFC 9068: signed access tokens, and the opaque ones of APIs that ask for those."""

import pytest

from idp.tokens.models import OpaqueAccessToken
from tests.protocol.provider import API, Provider


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_signed_token_carries_what_an_api_needs(provider: Provider, algorithm: str) -> None:
    """typ at+jwt and every required claim (§2.1, §2.2); level and time of login too (§2.2.1)."""
    provider.api(algorithm=algorithm, access_token_seconds=120)
    party = provider.api_client()
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party, scope="openid profile housing.read", resource=API)
    claims, now = provider.claims_of(tokens["access_token"], typ="at+jwt", algorithm=algorithm), provider.clock.epoch()
    assert set(claims) == {
        "iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "auth_time", "acr", "amr",
    }  # fmt: skip
    assert (claims["aud"], claims["client_id"]) == (API, party.client_id)
    assert (claims["iat"], claims["exp"], tokens["expires_in"]) == (now, now + 120, 120)
    assert (claims["auth_time"], claims["acr"], claims["amr"]) == (now, "urn:yihao:level:1", ["pwd"])
    assert claims["sub"] != provider.claims_of(tokens["id_token"])["sub"]  # the audience's own sector


def test_no_two_tokens_share_an_id(provider: Provider) -> None:
    """`jti` is unique (§2.2)."""
    browser, party = provider.browser(provider.person()), provider.client()
    first, second = (provider.tokens(browser, party)["access_token"] for _ in range(2))
    assert provider.claims_of(first, typ="at+jwt")["jti"] != provider.claims_of(second, typ="at+jwt")["jti"]


def test_an_api_may_have_opaque_tokens(provider: Provider) -> None:
    """Where the API asks for it the token says nothing by itself, and is kept only as a hash."""
    provider.api(token_format="opaque")
    party = provider.api_client()
    token = provider.tokens(provider.browser(provider.person()), party, resource=API)["access_token"]
    assert "." not in token and len(token) == 43
    with provider.house.ground.database.read() as session:
        assert session.get(OpaqueAccessToken, token) is None
    assert provider.introspect(party, token)["active"] is True
    provider.clock.advance(seconds=301)
    assert provider.introspect(party, token) == {"active": False}


def test_an_id_token_is_no_access_token_nor_the_other_way_round(provider: Provider) -> None:
    """Types keep tokens of different purpose apart (§2.1, §4; RFC 8725 §3.11)."""
    browser, party = provider.browser(provider.person()), provider.client()
    tokens = provider.tokens(browser, party)
    assert provider.userinfo(tokens["id_token"]).status_code == 401
    answer = provider.answer(browser, party, id_token_hint=tokens["access_token"])
    assert answer["error"] == "invalid_request"
