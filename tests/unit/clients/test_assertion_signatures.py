"""Which signatures, headers and keys an assertion may have (RFC 7523 §3, RFC 7515)."""

import hmac
import json

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.core.hashing import encode_base64url
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from tests.unit.clients.assertions import (
    SERVICE,
    authenticate,
    good_claims,
    presenting,
    raw_token,
    refuses,
    register,
    sign,
)
from tests.unit.clients.rooms import Rooms


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
