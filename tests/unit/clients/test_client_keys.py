"""The keys behind a client's jwks_uri: fetched, kept, fetched again, never at a stranger's pace."""

import json

import pytest
from joserfc.jwk import ECKey

from clients.presented import PresentedCredentials
from idp.core.oauth_errors import InvalidClient
from tests.unit.clients.assertions import good_claims, presenting, sign
from tests.unit.clients.rooms import BOTH_DATABASES, TOKEN_ENDPOINT, Rooms

pytestmark = BOTH_DATABASES

URI = "https://service.example.cn/jwks"
DOCUMENT = {
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks_uri": URI,
}


@pytest.fixture
def service(rooms: Rooms) -> Rooms:
    rooms.administration.create(DOCUMENT, client_id="service")
    return rooms


def key(kid: str | None) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid} if kid else None)


def publish(rooms: Rooms, *keys: ECKey) -> None:
    document = {"keys": [one.as_dict(private=False) for one in keys]}
    rooms.fetcher.pages[URI] = (200, json.dumps(document).encode())


def assertion(rooms: Rooms, signer: ECKey, jti: str, **header: str) -> PresentedCredentials:
    now = int(rooms.clock.now().timestamp())
    return presenting(sign(good_claims(jti=jti, iat=now, exp=now + 60), signer, **header))


def is_let_in(rooms: Rooms, signer: ECKey, jti: str, **header: str) -> bool:
    try:
        rooms.authenticator().authenticate(assertion(rooms, signer, jti, **header), endpoint_url=TOKEN_ENDPOINT)
    except InvalidClient:
        return False
    return True


def test_keys_are_fetched_once_and_kept(service: Rooms) -> None:
    """The second request, also on another worker, needs no fetch."""
    signer = key("k1")
    publish(service, signer)
    assert is_let_in(service, signer, "1", kid="k1")
    assert is_let_in(service, signer, "2", kid="k1")
    assert is_let_in(service, signer, "3")
    assert service.fetcher.calls == [URI]


def test_key_without_a_name_is_found(service: Rooms) -> None:
    """A key set may do without kid."""
    signer = key(None)
    publish(service, signer)
    assert is_let_in(service, signer, "1")
    assert is_let_in(service, signer, "2")
    assert service.fetcher.calls == [URI]


def test_new_key_is_fetched_when_it_is_used(service: Rooms) -> None:
    """A client rotates its keys without telling us; the old key is gone with the new set."""
    old, new = key("old"), key("new")
    publish(service, old)
    assert is_let_in(service, old, "1", kid="old")
    publish(service, new)
    service.clock.advance(61)
    assert is_let_in(service, new, "2", kid="new")
    service.clock.advance(61)
    assert not is_let_in(service, old, "3", kid="old")


def test_unknown_kid_fetches_at_most_once_a_minute(service: Rooms) -> None:
    """A stranger with invented names cannot make us hammer the client's server."""
    signer = key("k1")
    publish(service, signer)
    assert is_let_in(service, signer, "1", kid="k1")
    service.clock.advance(61)
    for number in range(5):
        assert not is_let_in(service, key("x"), f"x{number}", kid=f"x{number}")
    assert len(service.fetcher.calls) == 2
    service.clock.advance(61)
    assert not is_let_in(service, key("x"), "y", kid="y")
    assert len(service.fetcher.calls) == 3


def test_unreachable_address_is_asked_a_few_times_only(service: Rooms) -> None:
    """Without any key the tries are bounded too, and the client is let in when its server is back."""
    signer = key("k1")
    for number in range(10):
        assert not is_let_in(service, signer, f"{number}", kid="k1")
    assert len(service.fetcher.calls) == 5
    publish(service, signer)
    service.clock.advance(61)
    assert is_let_in(service, signer, "later", kid="k1")


def test_kept_keys_outlive_a_failing_address(service: Rooms) -> None:
    """An outage at the client's server does not lock it out."""
    signer = key("k1")
    publish(service, signer)
    assert is_let_in(service, signer, "1", kid="k1")
    service.clock.advance(100_000)
    for number, page in enumerate(
        [
            (500, b""),
            (200, b"no json"),
            (200, b"{}"),
            (200, b'{"keys":[]}'),
            (200, b'{"keys":[{"kty":"SM2"}]}'),
        ]
    ):
        service.fetcher.pages[URI] = page
        assert is_let_in(service, signer, f"a{number}", kid="k1")
        service.clock.advance(61)
    service.fetcher.pages.clear()
    assert is_let_in(service, signer, "unreachable", kid="k1")


def test_old_set_is_fetched_again(service: Rooms) -> None:
    """A key that the client withdrew stops working within the hour."""
    withdrawn, other = key("k1"), key("k2")
    publish(service, withdrawn)
    assert is_let_in(service, withdrawn, "1", kid="k1")
    publish(service, other)
    assert is_let_in(service, withdrawn, "2", kid="k1")
    service.clock.advance(3_601)
    assert not is_let_in(service, withdrawn, "3", kid="k1")
    assert is_let_in(service, other, "4", kid="k2")


def test_unfit_members_of_a_set_are_skipped(service: Rooms) -> None:
    """Keys that we do not understand, or must not know, are passed over (RFC 7517 §5)."""
    signer, private = key("k1"), key("k2")
    members = [{"kty": "future"}, private.as_dict(private=True), signer.as_dict(private=False), 5]
    service.fetcher.pages[URI] = (200, json.dumps({"keys": members}).encode())
    assert is_let_in(service, signer, "1", kid="k1")
    assert not is_let_in(service, private, "2", kid="k2")


def test_encryption_key_verifies_nothing(service: Rooms) -> None:
    """`use`, `alg` and `key_ops` of a key are respected (RFC 7517 §4.2-4.4)."""
    for number, purpose in enumerate(({"use": "enc"}, {"alg": "ES384"}, {"key_ops": ["sign"]})):
        signer = ECKey.generate_key("P-256", {"kid": "k1"})
        jwk = {**signer.as_dict(private=False), **purpose}
        service.fetcher.pages[URI] = (200, json.dumps({"keys": [jwk]}).encode())
        assert not is_let_in(service, signer, f"{number}", kid="k1")
        service.clock.advance(4_000)
