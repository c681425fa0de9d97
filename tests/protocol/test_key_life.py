"""The life of signing keys: announced, signing, retired, by command and by schedule (OpenID Connect Core §10.1)."""

from typing import Any

import pytest

from idp.config.settings import KeySettings
from tests.protocol.provider import Provider

DAY = 86_400


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {
        "keys": KeySettings(announce_seconds=14 * DAY, rotate_seconds=90 * DAY, retain_seconds=14 * DAY),
    }


def published(provider: Provider, algorithm: str = "ES256") -> set[str]:
    """Return the kids that the key set shows."""
    keys = provider.http.get("/oauth/jwks").get_json()["keys"]
    return {key["kid"] for key in keys if key["alg"] == algorithm}


def signing(provider: Provider, algorithm: str = "ES256") -> str:
    """Return the kid that signs now."""
    return provider.house.ground.signing_keys.signing(algorithm).kid


def test_the_key_set_is_public_and_complete(provider: Provider) -> None:
    """Every key has kid, use and alg, no two share a kid, and no private part is shown (RFC 7517 §4)."""
    keys = provider.http.get("/oauth/jwks").get_json()["keys"]
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert key["use"] == "sig" and not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


def test_a_new_key_is_announced_before_it_signs(provider: Provider) -> None:
    """By command: clients see it long before the first signature of it (§10.1.1)."""
    keys, old = provider.house.ground.signing_keys, signing(provider)
    new = keys.rotate("ES256")
    assert published(provider) == {old, new} and signing(provider) == old
    provider.clock.advance(days=14)
    keys.advance()
    assert published(provider) == {old, new} and signing(provider) == new


def test_a_retired_key_still_verifies_and_then_goes(provider: Provider) -> None:
    """What it signed stays a hint while it is published (§10.1.1); later it is gone."""
    keys, old = provider.house.ground.signing_keys, signing(provider)
    party, browser = provider.client(), provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    provider.clock.advance(seconds=1)
    new = keys.rotate("ES256", announce_seconds=0)
    keys.advance()
    assert signing(provider) == new and published(provider) == {old, new}
    assert provider.answer(browser, party, id_token_hint=hint)["code"]
    fresh = provider.claims_of(provider.tokens(browser, party)["id_token"])
    assert fresh["aud"] == party.client_id
    provider.clock.advance(days=14)
    keys.advance()
    assert published(provider) == {new}
    again = provider.browser(provider.person())
    assert provider.answer(again, party, id_token_hint=hint)["error"] == "invalid_request"


def test_the_schedule_announces_and_retires_by_itself(provider: Provider) -> None:
    """The successor takes over after exactly the time that a key signs; both algorithms alike."""
    keys, first = provider.house.ground.signing_keys, signing(provider)
    provider.clock.advance(days=75)
    assert keys.rotate_due() == () and published(provider) == {first}
    provider.clock.advance(days=1)
    assert set(keys.rotate_due()) == {"ES256", "RS256"}
    assert keys.rotate_due() == ()  # once
    (second,) = published(provider) - {first}
    assert signing(provider) == first
    provider.clock.advance(days=14)
    assert keys.advance() == 2 and signing(provider) == second
    provider.clock.advance(days=14)
    keys.advance()
    assert published(provider) == {second}


def test_a_schedule_that_stood_still_announces_as_long_as_ever(provider: Provider) -> None:
    """A worker that was off for a year does not let an unknown key sign at once."""
    keys, first = provider.house.ground.signing_keys, signing(provider)
    provider.clock.advance(days=365)
    keys.rotate_due()
    provider.clock.advance(days=13)
    assert signing(provider) == first
    provider.clock.advance(days=1)
    assert signing(provider) != first
