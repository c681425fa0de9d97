"""Proving clients by signed assertions (RFC 7523 §3, RFC 10070, OIDC Core §9)."""

import hmac
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from clients.client import Client
from clients.overrides import Overrides
from clients.presented import PresentedCredentials
from idp.core.hashing import encode_base64url
from idp.core.oauth_errors import InvalidClient
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from idp.storage.short_lived.sql import SqlBackend
from idp.storage.short_lived.store import ShortLivedStore
from tests.unit.clients.assertions import NOW, good_claims, presenting, raw_token, sign
from tests.unit.clients.rooms import ISSUER, TOKEN_ENDPOINT, Rooms

ENDPOINT = f"{ISSUER}/introspect"
SERVICE = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}


def register(rooms: Rooms, key: ECKey | RSAKey, audience: str = "issuer", **members: Any) -> Client:
    jwks = {"keys": [key.as_dict(private=False)]}
    return rooms.administration.create(
        {**SERVICE, "jwks": jwks, **members},
        client_id="service",
        overrides=Overrides(assertion_audience=audience),
    ).client


def authenticate(rooms: Rooms, credentials: PresentedCredentials) -> Client:
    return rooms.authenticator().authenticate(credentials, endpoint_url=ENDPOINT)


def refuses(rooms: Rooms, assertion: str) -> None:
    with pytest.raises(InvalidClient) as refusal:
        authenticate(rooms, presenting(assertion))
    assert assertion[:40] not in refusal.value.detail
    assert refusal.value.description == "Client authentication failed."


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


def test_wrong_signature_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """Another key, a changed payload, an empty signature, another algorithm's key: none is the client."""
    register(rooms, signing_key)
    good = sign(good_claims(), signing_key)
    head, _, tail = good.split(".")
    changed = raw_token(b"{}", json.dumps(good_claims(jti="x")).encode()).split(".")[1]
    refuses(rooms, sign(good_claims(), ECKey.generate_key("P-256"), kid="k1"))
    refuses(rooms, f"{head}.{changed}.{tail}")
    refuses(rooms, good[:-6] + "AAAAAA")
    refuses(rooms, f"{good.rpartition('.')[0]}.")
    refuses(rooms, sign(good_claims(), RSAKey.generate_key(2048), alg="RS256"))
    refuses(rooms, sign(good_claims(), signing_key, kid="unknown"))


def test_key_as_hmac_secret_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """The public key is no shared secret: the algorithm belongs to the method (RFC 8725 §3.1)."""
    register(rooms, signing_key)
    unsigned = raw_token(b'{"alg":"HS256"}', json.dumps(good_claims()).encode()).rpartition(".")[0]
    for public in (signing_key.as_pem(private=False), signing_key.as_der(private=False)):
        mac = hmac.digest(public, unsigned.encode(), "sha256")
        refuses(rooms, f"{unsigned}.{encode_base64url(mac)}")


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "crit"])
def test_key_from_the_header_is_refused(rooms: Rooms, signing_key: ECKey, name: str) -> None:
    """Keys come from the registration only (ASVS 9.1.3)."""
    register(rooms, signing_key)
    attacker = ECKey.generate_key("P-256")
    values = {
        "jwk": attacker.as_dict(private=False),
        "jku": "https://e.cn/",
        "x5u": "https://e.cn/",
        "crit": ["exp"],
    }
    header = json.dumps({"alg": "ES256", name: values[name]}).encode()
    refuses(rooms, raw_token(header, json.dumps(good_claims()).encode(), b"\x01" * 64))
    if name != "crit":
        refuses(rooms, sign(good_claims(), attacker, **{name: values[name]}))
        refuses(rooms, sign(good_claims(), signing_key, **{name: values[name]}))
    assert rooms.fetcher.calls == []


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": ""},
        {"alg": ["ES256"]},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": "ES256", "kid": 5},
        {"alg": "ES256", "typ": 5},
        {"alg": "ES256", "typ": "logout+jwt"},
        {"alg": "ES256", "typ": "at+jwt"},
        {"alg": "ES256", "typ": "dpop+jwt"},
        {"kid": "k1"},
        [],
    ],
)
def test_wrong_header_is_refused(rooms: Rooms, signing_key: ECKey, header: object) -> None:
    """An algorithm that is not allowed, or a token of another type, is no client assertion."""
    register(rooms, signing_key)
    refuses(rooms, raw_token(json.dumps(header).encode(), json.dumps(good_claims()).encode()))


@pytest.mark.parametrize(
    "assertion",
    [
        "x",
        "a.b",
        "a.b.c.d",
        "....",
        "a.b.c\n",
        "é.b.c",
        "a.b\x00.c",
        raw_token(b"{", b"{}"),
        raw_token(b"\xff", b"{}"),
        raw_token(b'{"alg":"ES256"}', b"\xff\xfe"),
        raw_token(b'{"alg":"ES256"}', b'{"iss":"a\x00","sub":"a\x00"}'),
        raw_token(b'{"alg":"ES256"}', b'{"exp":NaN}'),
        raw_token(b'{"alg":"ES256"}', b'{"exp":' + b"9" * 5_000 + b"}"),
        raw_token(b'{"alg":"ES256"}', b'{"a":' * 900),
        raw_token(b'{"alg":"ES256"}', b"[" * 5_000),
        raw_token(b"[" * 5_000, b"{}"),
        "a" * 9_000 + ".b.c",
        json.dumps({"payload": "e30", "signatures": []}),
    ],
)
def test_malformed_assertion_is_refused(rooms: Rooms, signing_key: ECKey, assertion: str) -> None:
    """Deep, oversized, NUL-bearing or undecodable text ends as invalid_client, never as a crash."""
    register(rooms, signing_key)
    refuses(rooms, assertion)


def test_registered_algorithm_is_enforced(rooms: Rooms) -> None:
    """token_endpoint_auth_signing_alg leaves no choice (OIDC Registration §2)."""
    key = RSAKey.generate_key(2048)
    register(rooms, key, token_endpoint_auth_signing_alg="PS256")
    assert authenticate(rooms, presenting(sign(good_claims(), key, alg="PS256")))
    refuses(rooms, sign(good_claims(jti="2"), key, alg="RS256"))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_secret_signs_assertions(rooms: Rooms, algorithm: str) -> None:
    """client_secret_jwt: every live secret is a key, a withdrawn one is not."""
    document = {**SERVICE, "token_endpoint_auth_method": "client_secret_jwt"}
    created = rooms.administration.create(document, client_id="service")
    old = OctKey.import_key(created.client_secret or "")
    assert authenticate(rooms, presenting(sign(good_claims(), old, alg=algorithm)))
    rotated = rooms.administration.rotate_secret("service", keep_old_seconds=10)
    new = OctKey.import_key(rotated.client_secret or "")
    for number, key in enumerate((old, new)):
        assertion = sign(good_claims(jti=f"both-{number}"), key, alg=algorithm)
        assert authenticate(rooms, presenting(assertion))
    rooms.clock.advance(11)
    refuses(rooms, sign(good_claims(jti="late"), old, alg=algorithm))
    refuses(rooms, sign(good_claims(jti="other"), OctKey.import_key("x" * 86), alg=algorithm))
    refuses(rooms, sign(good_claims(jti="ec"), ECKey.generate_key("P-256")))


def test_short_secret_is_no_key_of_a_long_hash(rooms: Rooms) -> None:
    """A supplied secret of 32 octets serves HS256 only (RFC 7518 §3.2)."""
    document = {**SERVICE, "token_endpoint_auth_method": "client_secret_jwt"}
    secret = "q7Hn2xVbL0pZs9TfKc4mWd8RyEa1uGjX"
    rooms.administration.create(document, client_id="service", client_secret=secret)
    key = OctKey.import_key(secret)
    assert authenticate(rooms, presenting(sign(good_claims(), key, alg="HS256")))
    for algorithm in ("HS384", "HS512"):
        refuses(rooms, sign(good_claims(jti=algorithm), key, alg=algorithm))


def test_secret_of_a_lost_key_is_refused_cleanly(rooms: Rooms) -> None:
    """Where the data key was withdrawn, the secret no longer authenticates; nothing breaks."""
    document = {**SERVICE, "token_endpoint_auth_method": "client_secret_jwt"}
    created = rooms.administration.create(document, client_id="service")
    suite = suite_by_name("international")
    rooms.keyring = Keyring([generate_data_key(Purpose.DATA, 2, suite, KeyState.ACTIVE)])
    refuses(rooms, sign(good_claims(), OctKey.import_key(created.client_secret or ""), alg="HS256"))


def test_assertion_of_a_client_with_another_method_is_refused(rooms: Rooms, signing_key: ECKey) -> None:
    """Registered keys alone do not make the method (OIDC Core §9)."""
    register(rooms, signing_key, token_endpoint_auth_method="client_secret_basic")
    refuses(rooms, sign(good_claims(), signing_key))


def test_disabled_client_is_refused_with_a_good_assertion(rooms: Rooms, signing_key: ECKey) -> None:
    """Disabled is disabled by every method."""
    register(rooms, signing_key)
    rooms.administration.disable("service")
    refuses(rooms, sign(good_claims(), signing_key))
