"""Assertions that a store may have forgotten are refused (architecture, decision 3)."""

import pytest
from joserfc.jwk import ECKey

from clients.assertion import MAX_LIFE_SECONDS, SKEW_SECONDS
from idp.core.oauth_errors import InvalidClient
from idp.storage.short_lived.memory import MemoryBackend
from idp.storage.short_lived.store import ShortLivedStore
from tests.unit.clients.assertions import NOW, good_claims, presenting, sign
from tests.unit.clients.rooms import ISSUER, Rooms

SERVICE = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}


@pytest.fixture(autouse=True)
def client(rooms: Rooms, signing_key: ECKey) -> None:
    jwks = {"keys": [signing_key.as_dict(private=False)]}
    rooms.administration.create({**SERVICE, "jwks": jwks}, client_id="service")


def lose_the_store(rooms: Rooms) -> None:
    """Empty the store, as a flush or an older snapshot does; its epoch begins now."""
    rooms.store = ShortLivedStore(backend=MemoryBackend(clock=rooms.clock), keyring=rooms.keyring)


def present(rooms: Rooms, key: ECKey, **changes: object) -> str:
    assertion = sign(good_claims(**changes), key)
    return rooms.authenticator().authenticate(presenting(assertion), endpoint_url=f"{ISSUER}/token").client_id


def test_an_assertion_from_before_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """Used and forgotten, it is not let in again; one that was made since then is."""
    assert present(rooms, signing_key, jti="before") == "service"
    rooms.clock.advance(1)
    lose_the_store(rooms)
    with pytest.raises(InvalidClient):
        present(rooms, signing_key, jti="before")
    with pytest.raises(InvalidClient):
        present(rooms, signing_key, jti="never used, but nobody can know")
    assert present(rooms, signing_key, iat=NOW + 1, jti="since") == "service"


def test_without_iat_the_expiry_tells_the_age(rooms: Rooms, signing_key: ECKey) -> None:
    """It counts as made at the earliest instant at which its `exp` was acceptable."""
    assert present(rooms, signing_key, iat=None, jti="no loss") == "service"
    rooms.clock.advance(1)
    lose_the_store(rooms)
    latest = NOW + MAX_LIFE_SECONDS + SKEW_SECONDS
    with pytest.raises(InvalidClient):
        present(rooms, signing_key, iat=None, exp=latest, jti="may be old")
    assert present(rooms, signing_key, iat=None, exp=latest + 1, jti="must be new") == "service"
