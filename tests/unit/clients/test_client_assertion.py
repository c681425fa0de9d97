"""Proving clients by signed assertions (RFC 7523 §3, RFC 10070, OIDC Core §9)."""

import threading
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.core.oauth_errors import InvalidClient
from idp.storage.short_lived.sql import SqlBackend
from idp.storage.short_lived.store import ShortLivedStore
from tests.unit.clients.assertions import (
    ENDPOINT,
    NOW,
    SERVICE,
    authenticate,
    good_claims,
    presenting,
    refuses,
    register,
    sign,
)
from tests.unit.clients.rooms import ISSUER, TOKEN_ENDPOINT, Rooms


def test_good_assertion_authenticates(rooms: Rooms, signing_key: ECKey) -> None:
    """Signed by the registered key, for the issuer, fresh and new: the client is proved."""
    register(rooms, signing_key)
    for number, header in enumerate(
        [
            {},
            {"kid": "k1"},
            {"typ": "JWT"},
            {"typ": "client-authentication+jwt"},
            {"typ": "application/client-authentication+jwt"},
            {"x-unknown": "ignored"},
        ]
    ):
        assertion = sign(good_claims(jti=f"j{number}"), signing_key, **header)
        assert authenticate(rooms, presenting(assertion)).client_id == "service"
    with_id = presenting(sign(good_claims(), signing_key), "service")
    assert authenticate(rooms, with_id).client_id == "service"


def test_client_id_beside_the_assertion_must_agree(rooms: Rooms, signing_key: ECKey) -> None:
    """It names the same client (RFC 7521 §4.2)."""
    register(rooms, signing_key)
    with pytest.raises(InvalidClient):
        authenticate(rooms, presenting(sign(good_claims(), signing_key), "other"))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"sub": None},
        {"iss": "other"},
        {"sub": "other"},
        {"iss": ["service"], "sub": ["service"]},
        {"iss": "a\x00b", "sub": "a\x00b"},
        {"iss": "nobody", "sub": "nobody"},
        {"aud": None},
        {"aud": "https://evil.example"},
        {"aud": f"{ISSUER}/"},
        {"aud": TOKEN_ENDPOINT},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://evil.example"]},
        {"aud": {"a": ISSUER}},
        {"exp": None},
        {"exp": NOW - 60},
        {"exp": NOW + 361},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": NOW + 61},
        {"iat": "now"},
        {"iat": NOW + 50, "exp": NOW + 10},
        {"nbf": NOW + 61},
        {"nbf": [NOW]},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "a" * 256},
        {"jti": "a\nb"},
        {"jti": "\ud800"},
    ],
)
def test_wrong_claim_is_refused(rooms: Rooms, signing_key: ECKey, changes: dict[str, Any]) -> None:
    """Each rule on the claims has its counterexample (RFC 7523 §3, RFC 10070)."""
    register(rooms, signing_key)
    refuses(rooms, sign(good_claims(**changes), signing_key))


def test_small_clock_differences_are_forgiven(rooms: Rooms, signing_key: ECKey) -> None:
    """A minute either way is accepted."""
    register(rooms, signing_key)
    slow = good_claims(exp=NOW - 59, iat=NOW - 300, jti="slow")
    fast = good_claims(exp=NOW + 359.5, iat=NOW + 59.5, nbf=NOW + 60, jti="fast")
    for claims in (slow, fast):
        assert authenticate(rooms, presenting(sign(claims, signing_key)))


@pytest.mark.parametrize("audience", [ISSUER, TOKEN_ENDPOINT, ENDPOINT, [TOKEN_ENDPOINT], ["x", ISSUER, 5]])
def test_legacy_client_may_name_other_audiences(rooms: Rooms, signing_key: ECKey, audience: object) -> None:
    """Issuer, token endpoint or the endpoint called, also in a list (OIDC Core §9)."""
    register(rooms, signing_key, audience="legacy")
    assert authenticate(rooms, presenting(sign(good_claims(aud=audience), signing_key)))


@pytest.mark.parametrize("audience", ["https://evil.example", [], ["https://evil.example"], None, 5])
def test_legacy_client_still_needs_our_audience(rooms: Rooms, signing_key: ECKey, audience: object) -> None:
    """An assertion for somebody else is not for us."""
    register(rooms, signing_key, audience="legacy")
    refuses(rooms, sign(good_claims(aud=audience), signing_key))


def test_legacy_client_still_needs_a_new_jti(rooms: Rooms, signing_key: ECKey) -> None:
    """OIDC Core §9 requires it as well."""
    register(rooms, signing_key, audience="legacy")
    refuses(rooms, sign(good_claims(jti=None), signing_key))


def test_assertion_is_taken_once(rooms: Rooms, signing_key: ECKey) -> None:
    """A second use is refused while the assertion could still be believed (RFC 7523 §3)."""
    register(rooms, signing_key)
    assertion = sign(good_claims(exp=NOW + 300), signing_key)
    assert authenticate(rooms, presenting(assertion))
    for _ in range(2):
        refuses(rooms, assertion)
        rooms.clock.advance(359)
    other = sign(good_claims(jti="jti-2", iat=NOW, exp=NOW + 900), signing_key)
    assert authenticate(rooms, presenting(other))


def test_refused_assertion_does_not_use_the_jti_up(rooms: Rooms, signing_key: ECKey) -> None:
    """A stranger cannot burn a client's identifiers."""
    register(rooms, signing_key)
    refuses(rooms, sign(good_claims(), ECKey.generate_key("P-256")))
    assert authenticate(rooms, presenting(sign(good_claims(), signing_key)))


def test_two_clients_may_use_the_same_jti(rooms: Rooms, signing_key: ECKey) -> None:
    """A jti is unique per client."""
    register(rooms, signing_key)
    document = {**SERVICE, "jwks": {"keys": [signing_key.as_dict(private=False)]}}
    rooms.administration.create(document, client_id="second")
    for client_id in ("service", "second"):
        assert authenticate(rooms, presenting(sign(good_claims(client_id), signing_key)))


def test_two_workers_take_one_assertion_once(rooms: Rooms, signing_key: ECKey, tmp_path: Path) -> None:
    """Presented to two workers at the same instant, exactly one lets it in."""
    register(rooms, signing_key)
    assertion = sign(good_claims(), signing_key)
    barrier = threading.Barrier(2)
    outcomes: list[bool] = []

    def worker(backend: SqlBackend) -> None:
        rooms.store = ShortLivedStore(backend=backend, keyring=rooms.keyring)
        authenticator = rooms.authenticator()
        barrier.wait()
        try:
            authenticator.authenticate(presenting(assertion), endpoint_url=ENDPOINT)
            outcomes.append(True)
        except InvalidClient:
            outcomes.append(False)

    backends = [SqlBackend(tmp_path / "short.db", clock=rooms.clock) for _ in range(2)]
    threads = [threading.Thread(target=worker, args=(backend,)) for backend in backends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for backend in backends:
        backend.close()
    assert sorted(outcomes) == [False, True]


def test_assertion_of_a_client_with_another_method_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """Registered keys alone do not make the method (OIDC Core §9)."""
    register(rooms, signing_key, token_endpoint_auth_method="client_secret_basic")
    refuses(rooms, sign(good_claims(), signing_key))


def test_disabled_client_is_refused_with_a_good_assertion(rooms: Rooms, signing_key: ECKey) -> None:
    """Disabled is disabled by every method."""
    register(rooms, signing_key)
    rooms.administration.disable("service")
    refuses(rooms, sign(good_claims(), signing_key))
