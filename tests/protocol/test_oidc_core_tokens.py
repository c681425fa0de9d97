"""OpenID Connect Core at the token endpoint: ID tokens, and what refreshing keeps and renews."""

import json

import pytest

from clients.overrides import Overrides
from idp.persons.models import Person, Proofing
from tests.protocol.provider import Provider
from tests.support.relying_party import RelyingParty


def refresh(provider: Provider, party: RelyingParty, token: str, **parameters: str) -> dict[str, str]:
    """Return the answer to a refresh."""
    answer = party.token(provider.http, grant_type="refresh_token", refresh_token=token, **parameters)
    body: dict[str, str] = answer.get_json()
    return body


def test_an_id_token_says_who_when_and_for_whom(provider: Provider) -> None:
    """Issuer, audience, subject, times, nonce, level and session (§2, §3.1.3.3)."""
    party, browser = provider.client(), provider.browser(provider.person())
    provider.clock.advance(seconds=30)
    tokens, now = provider.tokens(browser, party), provider.clock.epoch()
    claims = provider.claims_of(tokens["id_token"], algorithm="ES256")
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "sid"}
    assert (claims["aud"], claims["nonce"]) == (party.client_id, "no-1")
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 300, now - 30)


def test_the_algorithm_is_the_clients(provider: Provider) -> None:
    """What it registered; RS256 where it said nothing (OpenID Connect Registration §2)."""
    browser = provider.browser(provider.person())
    for metadata, algorithm in (({"id_token_signed_response_alg": "ES256"}, "ES256"), ({}, "RS256")):
        document = {"client_name": "X", "redirect_uris": ["https://portal.example.gov.cn/callback"], **metadata}
        if not metadata:
            created = provider.house.protocol.administration.create(
                {**document, "scope": "openid"}, overrides=Overrides(require_consent=False)
            )
            party = RelyingParty(created.client.client_id, created.client_secret)
        else:
            party = provider.client(**metadata)
        tokens = provider.tokens(browser, party, scope="openid")
        assert provider.claims_of(tokens["id_token"], algorithm=algorithm)["aud"] == party.client_id


def test_without_nonce_or_openid_there_is_none(provider: Provider) -> None:
    """A nonce comes back only where one was sent (§3.1.3.7); an ID token only for openid (§3.1.2.1)."""
    party, browser = provider.client(), provider.browser(provider.person())
    assert "nonce" not in provider.claims_of(provider.tokens(browser, party, nonce=None)["id_token"])
    assert "id_token" not in provider.tokens(browser, party, scope="profile")


def test_claims_asked_for_by_name_come_in_the_id_token(provider: Provider) -> None:
    """Those of the `claims` parameter (§5.5), as far as a registered scope covers them; identity scopes alone give
    none there (§5.4)."""
    asked = json.dumps({"id_token": {"name": {"essential": True}, "phone_number": None, "unknown": None, "iss": None}})
    person = provider.person("张小明")
    with_phone = provider.client(scope="openid profile phone")
    claims = provider.claims_of(provider.tokens(provider.browser(person), with_phone, claims=asked)["id_token"])
    assert claims["name"] == "张小明" and claims["phone_number"] == person.mobile and "unknown" not in claims
    without = provider.client(scope="openid profile")
    claims = provider.claims_of(provider.tokens(provider.browser(person), without, claims=asked)["id_token"])
    assert claims["name"] == "张小明" and "phone_number" not in claims
    plain = provider.claims_of(provider.tokens(provider.browser(person), with_phone)["id_token"])
    assert "name" not in plain


def test_a_refreshed_id_token_is_of_the_same_login(provider: Provider) -> None:
    """Subject, audience, session and auth_time stay; the time of issue is new and no nonce comes (§12.2)."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    before = provider.claims_of(tokens["id_token"])
    provider.clock.advance(seconds=100)
    after = provider.claims_of(refresh(provider, party, tokens["refresh_token"])["id_token"])
    for name in ("iss", "sub", "aud", "sid", "auth_time"):
        assert before[name] == after[name]
    assert after["iat"] == before["iat"] + 100 and "nonce" not in after


def test_each_refresh_recomputes_the_level(provider: Provider) -> None:
    """A proofing that came counts at once, one that was withdrawn no longer (mission, Levels)."""
    party, person = provider.client(), provider.person()
    tokens = provider.tokens(provider.browser(person), party)
    provider.prove(person, 2)
    raised = refresh(provider, party, tokens["refresh_token"])
    assert provider.claims_of(raised["id_token"])["acr"] == "urn:yihao:level:2"
    assert provider.claims_of(raised["access_token"], typ="at+jwt")["acr"] == "urn:yihao:level:2"
    with provider.house.ground.database.transaction() as session:
        session.query(Proofing).update({"revoked_at": provider.clock.now()})
    lowered = refresh(provider, party, raised["refresh_token"])
    assert provider.claims_of(lowered["id_token"])["acr"] == "urn:yihao:level:1"


def test_without_offline_access_refreshing_ends_with_the_session(provider: Provider) -> None:
    """With it the grant outlives logout (§11); without it neither logout nor the idle limit is outlived."""
    party, person = provider.client(), provider.person()
    browser = provider.browser(person)
    online = provider.tokens(browser, party)["refresh_token"]
    offline = provider.tokens(browser, party, scope="openid offline_access")["refresh_token"]
    provider.clock.advance(seconds=1_801)
    assert refresh(provider, party, online)["error"] == "invalid_grant"
    kept = refresh(provider, party, offline)["refresh_token"]
    again = provider.browser(person)
    online = provider.tokens(again, party)["refresh_token"]
    again.open("/logout")
    again.submit({"decision": "yes"})
    assert refresh(provider, party, online)["error"] == "invalid_grant"
    assert refresh(provider, party, kept)["access_token"]


def test_a_refresh_token_ends_by_idling_and_for_good(provider: Provider) -> None:
    """Not used for thirty days, or ninety days after the login, it is over (ASVS 10.4.8)."""
    party, person = provider.client(), provider.person()
    tokens = [provider.tokens(provider.browser(person), party, scope="openid offline_access") for _ in range(2)]
    idle, used = (each["refresh_token"] for each in tokens)
    for _ in range(4):
        provider.clock.advance(days=22)
        used = refresh(provider, party, used)["refresh_token"]
    assert refresh(provider, party, idle)["error"] == "invalid_grant"
    provider.clock.advance(days=3)
    assert refresh(provider, party, used)["error"] == "invalid_grant"


def test_a_person_who_is_suspended_gets_nothing_more(provider: Provider) -> None:
    """Code, refresh token and access token of somebody who is not active are refused (§5.3.3)."""
    party, person = provider.client(), provider.person()
    browser = provider.browser(person)
    tokens, code = provider.tokens(browser, party), provider.code(browser, party)
    with provider.house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    assert party.redeem(provider.http, code).get_json()["error"] == "invalid_grant"
    assert refresh(provider, party, tokens["refresh_token"])["error"] == "invalid_grant"
    assert provider.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_code_of_a_session_that_ended_is_refused(provider: Provider) -> None:
    """Logged out between authorization and redemption: nobody is logged in any more (§3.1.3.2)."""
    party, browser = provider.client(), provider.browser(provider.person())
    code = provider.code(browser, party)
    browser.open("/logout")
    browser.submit({"decision": "yes"})
    assert party.redeem(provider.http, code).get_json()["error"] == "invalid_grant"
