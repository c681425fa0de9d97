"""RFC 8707: which API a token is for."""

from dataclasses import replace

import pytest

from tests.protocol.provider import API, OTHER_API, Provider
from tests.support.relying_party import RelyingParty

SCOPE = "openid profile housing.read tax.read"


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    """A client that may use two APIs."""
    provider.api()
    provider.api(OTHER_API, scopes={"tax.read"})
    return provider.api_client(API, OTHER_API, scope=SCOPE)


def test_a_token_is_for_the_one_resource_named(provider: Provider, party: RelyingParty) -> None:
    """The resource is the audience, the scope its part of what was granted; an ID token comes as ever (§2)."""
    tokens = provider.tokens(provider.browser(provider.person()), party, scope=SCOPE, resource=API)
    claims = provider.claims_of(tokens["access_token"], typ="at+jwt")
    assert claims["aud"] == API and claims["scope"] == tokens["scope"] == "housing.read"
    assert provider.claims_of(tokens["id_token"])["aud"] == party.client_id
    assert provider.userinfo(tokens["access_token"]).status_code == 401  # not for us


def test_several_granted_resources_are_had_one_by_one(provider: Provider, party: RelyingParty) -> None:
    """Without a choice the token is for userinfo; each API then gets its own by refreshing (§2.2)."""
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party, scope=SCOPE, resource=[API, OTHER_API])
    assert tokens["scope"] == "openid profile"
    assert provider.userinfo(tokens["access_token"]).status_code == 200
    refresh_token = tokens["refresh_token"]
    subs = set()
    for audience, scope in ((API, "housing.read"), (OTHER_API, "tax.read"), (provider.issuer, "openid profile")):
        answer = party.token(
            provider.http, grant_type="refresh_token", refresh_token=refresh_token, resource=audience
        ).get_json()
        claims = provider.claims_of(answer["access_token"], typ="at+jwt")
        assert (claims["aud"], claims["scope"]) == (audience, scope)
        subs.add(claims["sub"])
        refresh_token = answer["refresh_token"]
    assert len(subs) == 3  # each audience knows the person by its own sub


def test_without_openid_one_of_several_must_be_named(provider: Provider, party: RelyingParty) -> None:
    """There is no userinfo to fall back to, so the choice is the client's (§2.2)."""
    browser = provider.browser(provider.person())
    code = provider.code(browser, party, scope="housing.read tax.read", resource=[API, OTHER_API])
    refused = party.redeem(provider.http, code)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    code = provider.code(browser, party, scope="housing.read tax.read", resource=[API, OTHER_API])
    answer = party.redeem(provider.http, code, resource=OTHER_API).get_json()
    assert answer["scope"] == "tax.read" and "id_token" not in answer


@pytest.mark.parametrize(
    "resource", ["https://unknown.example/api", API + "#f", "not a uri", API + "/", "urn:x", "x" * 3_000]
)
def test_an_unknown_resource_is_refused_at_authorization(
    provider: Provider, party: RelyingParty, resource: str
) -> None:
    """invalid_target by redirect (§2)."""
    assert provider.answer(provider.browser(), party, resource=[API, resource])["error"] == "invalid_target"


def test_a_resource_that_was_not_granted_is_refused_and_costs_nothing(provider: Provider, party: RelyingParty) -> None:
    """The token request stays within the grant (§2.2); a refused refresh does not use the token up."""
    tokens = provider.tokens(provider.browser(provider.person()), party, scope=SCOPE, resource=API)
    for asked in (OTHER_API, [API, OTHER_API]):
        refused = party.token(
            provider.http, grant_type="refresh_token", refresh_token=tokens["refresh_token"], resource=asked
        )
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    assert provider.introspect(party, tokens["refresh_token"])["active"] is True
    again = party.token(
        provider.http, grant_type="refresh_token", refresh_token=tokens["refresh_token"], resource=[API, API]
    )
    assert again.status_code == 200


def test_a_client_may_use_only_what_it_was_allowed(provider: Provider, party: RelyingParty) -> None:
    """A client without the resource among its own gets none of it (§2)."""
    other = provider.api_client(OTHER_API, scope="openid tax.read")
    assert provider.answer(provider.browser(), other, scope="openid", resource=API)["error"] == "invalid_target"


def test_an_api_out_of_service_gets_no_tokens(provider: Provider, party: RelyingParty) -> None:
    """Switched off, it is refused at once, at authorization and at refresh (§2)."""
    tokens = provider.tokens(provider.browser(provider.person()), party, scope=SCOPE, resource=API)
    resources = provider.house.protocol.resources
    server = resources.find(API)
    assert server is not None
    resources.update(replace(server, is_active=False))
    assert provider.answer(provider.browser(), party, resource=API)["error"] == "invalid_target"
    refused = party.token(provider.http, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.get_json()["error"] == "invalid_target"


def test_a_client_by_itself_names_its_resource(provider: Provider, party: RelyingParty) -> None:
    """The scope tells where it can, otherwise the client must (§2.2)."""
    itself = provider.api_client(
        API, OTHER_API, scope="housing.read tax.read", grant_types=["client_credentials"], response_types=[]
    )
    by_scope = itself.token(provider.http, grant_type="client_credentials", scope="tax.read").get_json()
    assert provider.claims_of(by_scope["access_token"], typ="at+jwt")["aud"] == OTHER_API
    unclear = itself.token(provider.http, grant_type="client_credentials")
    assert unclear.get_json()["error"] == "invalid_target"
    named = itself.token(provider.http, grant_type="client_credentials", resource=API).get_json()
    assert named["scope"] == "housing.read"
    foreign = itself.token(provider.http, grant_type="client_credentials", resource=API, scope="tax.read")
    assert foreign.get_json()["error"] == "invalid_scope"
