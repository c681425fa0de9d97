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


@pytest.mark.parametrize("ahead", [1, 30, SKEW_SECONDS])
@pytest.mark.parametrize("later", [1, 31, SKEW_SECONDS, 2 * SKEW_SECONDS])
def test_a_clock_ahead_gives_no_second_life(rooms: Rooms, signing_key: ECKey, ahead: int, later: int) -> None:
    """Used while its `iat` lay ahead, an assertion is refused when the store forgot it, also once `iat` is past."""
    claims = {"iat": NOW + ahead, "exp": NOW + 300, "jti": "ahead"}
    assert present(rooms, signing_key, **claims) == "service"
    lose_the_store(rooms)
    rooms.clock.advance(later)
    with pytest.raises(InvalidClient):
        present(rooms, signing_key, **claims)
    assert present(rooms, signing_key, iat=NOW + later + 5, exp=NOW + 300, jti="signed anew") == "service"


def test_more_than_the_skew_ahead_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """A clock that is further ahead is to be set right; the assertion is not remembered."""
    with pytest.raises(InvalidClient):
        present(rooms, signing_key, iat=NOW + SKEW_SECONDS + 1, exp=NOW + 200, jti="far")
    rooms.clock.advance(1)
    assert present(rooms, signing_key, iat=NOW + SKEW_SECONDS + 1, exp=NOW + 200, jti="far") == "service"
