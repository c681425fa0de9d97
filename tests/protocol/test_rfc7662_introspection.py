"""RFC 7662: what a resource server learns about a token."""

import pytest

from idp.persons.models import Person
from tests.protocol.provider import API, OTHER_API, Provider, form, query
from tests.support.relying_party import RelyingParty


def service(provider: Provider) -> RelyingParty:
    """Register the client by which an API asks."""
    return provider.client(grant_types=["client_credentials"], response_types=[], scope="openid")


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_a_resource_server_learns_all_about_a_token_for_it(provider: Provider, token_format: str) -> None:
    """Client, scope, subject, audience and times are told; level and time of login too (§2.2, RFC 9470 §6.2)."""
    asking = service(provider)
    provider.api(token_format=token_format, introspection_clients=(asking.client_id,))
    party = provider.api_client()
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party, scope="openid housing.read", resource=API)
    answer = provider.introspect(asking, tokens["access_token"])
    now = provider.clock.epoch()
    assert answer["active"] is True and answer["token_type"] == "Bearer"
    assert (answer["iss"], answer["aud"], answer["client_id"]) == (provider.issuer, API, party.client_id)
    assert (answer["scope"], answer["iat"], answer["exp"]) == ("housing.read", now, now + 300)
    assert (answer["acr"], answer["auth_time"]) == ("urn:yihao:level:1", now)
    assert answer["sub"] and ("jti" in answer) == (token_format == "jwt")


def test_nobody_learns_about_a_token_for_others(provider: Provider) -> None:
    """Another API, another client, and a token that never was: active false and nothing else (§2.2, §4)."""
    asking, other = service(provider), service(provider)
    provider.api(introspection_clients=(asking.client_id,))
    provider.api(OTHER_API, scopes={"tax.read"}, introspection_clients=(other.client_id,))
    tokens = provider.tokens(provider.browser(provider.person()), provider.api_client(), resource=API)
    assert provider.introspect(other, tokens["access_token"]) == {"active": False}
    assert provider.introspect(asking, tokens["refresh_token"]) == {"active": False}
    for token in ("never-issued", "a.b.c", "x" * 9_000, tokens["id_token"]):
        assert provider.introspect(asking, token) == {"active": False}


def test_what_is_over_is_inactive(provider: Provider) -> None:
    """Expired, revoked, of a disabled client or of a suspended person (§2.2)."""
    party, person = provider.client(), provider.person()
    token = provider.tokens(provider.browser(person), party)["access_token"]
    assert provider.introspect(party, token)["active"] is True
    with provider.house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    assert provider.introspect(party, token) == {"active": False}
    with provider.house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "active"
    assert provider.introspect(party, token)["active"] is True
    provider.clock.advance(seconds=301)
    assert provider.introspect(party, token) == {"active": False}


def test_a_token_of_a_disabled_client_is_inactive(provider: Provider) -> None:
    """With the client its tokens end, at the API as well (§2.2)."""
    asking = service(provider)
    provider.api(introspection_clients=(asking.client_id,))
    party = provider.api_client()
    token = provider.tokens(provider.browser(provider.person()), party, resource=API)["access_token"]
    provider.house.protocol.administration.disable(party.client_id)
    assert provider.introspect(asking, token) == {"active": False}


def test_the_level_is_that_of_now(provider: Provider) -> None:
    """What the level rested on ran out: the answer says so, whatever the token said when it was issued."""
    party, person = provider.client(), provider.person()
    provider.prove(person, 2, days=1)
    provider.clock.advance(hours=23, minutes=58)
    token = provider.tokens(provider.browser(person), party)["access_token"]
    assert provider.introspect(party, token)["acr"] == "urn:yihao:level:2"
    provider.clock.advance(minutes=3)
    assert provider.introspect(party, token)["acr"] == "urn:yihao:level:1"


def test_a_refresh_token_is_shown_to_its_client_alone(provider: Provider) -> None:
    """Its own client sees whether it would still do; used, or with its session over, it would not (§2.2)."""
    party, other = provider.client(), provider.client()
    token = provider.tokens(provider.browser(provider.person()), party)["refresh_token"]
    seen = provider.introspect(party, token)
    assert seen["active"] is True and seen["client_id"] == party.client_id and "token_type" not in seen
    assert provider.introspect(other, token) == {"active": False}
    successor = party.token(provider.http, grant_type="refresh_token", refresh_token=token).get_json()["refresh_token"]
    assert provider.introspect(party, token) == {"active": False}
    assert provider.introspect(party, successor)["active"] is True
    provider.clock.advance(seconds=1_801)  # the session idled out, and offline_access was not granted
    assert provider.introspect(party, successor) == {"active": False}


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_who_asks_must_authenticate(provider: Provider) -> None:
    """No credentials, wrong ones, or a public client: 401 (§2.1); a request without a token: 400."""
    party, public = provider.client(), provider.client(token_endpoint_auth_method="none")
    http = provider.http
    assert form(http, "/oauth/introspect", query(token="x")).status_code == 401
    wrong = RelyingParty(party.client_id, "wrong")
    assert form(http, "/oauth/introspect", query(token="x"), **wrong.basic()).status_code == 401
    assert form(http, "/oauth/introspect", query(token="x", client_id=public.client_id)).status_code == 401
    assert form(http, "/oauth/introspect", "", **party.basic()).status_code == 400
    assert http.get("/oauth/introspect?token=x", headers=party.basic()).status_code == 405
