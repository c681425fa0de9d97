"""RFC 7523 and RFC 10070 at the endpoints: clients that authenticate by a signed assertion."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from werkzeug.test import TestResponse

from tests.protocol.provider import EMBEDDED, Provider
from tests.support.relying_party import RelyingParty
from tests.unit.clients.assertions import ASSERTION_TYPE, sign
from tests.unit.idp.outbound.conftest import LocalServer, serve  # noqa: F401 - a fixture

pytestmark = EMBEDDED


def claims(provider: Provider, party: RelyingParty, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good assertion, changed; None removes one."""
    now = provider.clock.epoch()
    good = {
        "iss": party.client_id, "sub": party.client_id, "aud": provider.issuer,
        "iat": now, "exp": now + 60, "jti": "j1", **changes,
    }  # fmt: skip
    return {name: value for name, value in good.items() if value is not None}


def ask(provider: Provider, assertion: str, path: str = "/oauth/token", **parameters: str) -> TestResponse:
    """Send a request that the client's assertion authenticates."""
    data = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE, **parameters}
    return provider.http.post(path, data={"grant_type": "client_credentials", "token": "x", **data})


def signing_client(provider: Provider, key: ECKey, **metadata: Any) -> RelyingParty:
    """Register a client for itself that signs with `key`."""
    keys = {"jwks": {"keys": [key.as_dict(private=False)]}} if "jwks_uri" not in metadata else {}
    return provider.client(
        grant_types=["client_credentials"],
        response_types=[],
        scope="openid",
        token_endpoint_auth_method="private_key_jwt",
        **keys,
        **metadata,
    )


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
def test_a_good_assertion_is_taken_once(provider: Provider, path: str) -> None:
    """Signed by a registered key, for this issuer, and not seen before (§3; OpenID Connect Core §9)."""
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    party = signing_client(provider, key)
    assertion = sign(claims(provider, party), key, kid="k1")
    assert ask(provider, assertion, path).status_code == 200
    replayed = ask(provider, assertion, path)
    assert (replayed.status_code, replayed.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"sub": "other"},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": ["https://other.example"]},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"jti": None},
        {"nbf": 4_000_000_000},
    ],
)
def test_a_bad_assertion_is_a_wrong_client(provider: Provider, changes: dict[str, Any]) -> None:
    """Each claim is looked at (§3)."""
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    party = signing_client(provider, key)
    response = ask(provider, sign(claims(provider, party, **changes), key, kid="k1"))
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


def test_the_endpoint_is_an_audience_only_for_clients_allowed_it(provider: Provider) -> None:
    """The issuer alone is the audience (RFC 10070 §3), unless the client is registered as an older one."""
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    endpoint = provider.issuer + "/oauth/token"
    for policy, status in (({}, 401), ({"assertion_audience": "legacy"}, 200)):
        party = signing_client(provider, key, policy={"require_consent": False, **policy})
        assert ask(provider, sign(claims(provider, party, aud=endpoint), key, kid="k1")).status_code == status


def test_another_key_or_a_key_in_the_header_is_refused(provider: Provider) -> None:
    """Only registered keys count (§3; RFC 7515 §4.1.2-4.1.3 are no way in)."""
    key, stranger = (ECKey.generate_key("P-256", {"kid": "k1"}) for _ in range(2))
    party = signing_client(provider, key)
    assert ask(provider, sign(claims(provider, party), stranger, kid="k1")).status_code == 401
    shown = sign(claims(provider, party), stranger, kid="k1", jwk=stranger.as_dict(private=False))
    assert ask(provider, shown).status_code == 401


def test_a_client_id_beside_it_must_be_the_same(provider: Provider) -> None:
    """RFC 7521 §4.2: the parameter names the client of the assertion, and Basic beside it is a second way."""
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    party = signing_client(provider, key)
    assert ask(provider, sign(claims(provider, party), key, kid="k1"), client_id=party.client_id).status_code == 200
    other = ask(provider, sign(claims(provider, party, jti="j2"), key, kid="k1"), client_id="other")
    assert other.status_code == 401
    twice = provider.http.post(
        "/oauth/token",
        data={
            "client_assertion": sign(claims(provider, party, jti="j3"), key),
            "client_assertion_type": ASSERTION_TYPE,
        },
        headers=provider.client().basic(),
    )
    assert twice.status_code == 400


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_shared_secret_signs_too(provider: Provider, algorithm: str) -> None:
    """client_secret_jwt (OpenID Connect Core §9): the secret is the key; as a plain secret it is refused."""
    party = provider.client(
        grant_types=["client_credentials"],
        response_types=[],
        scope="openid",
        token_endpoint_auth_method="client_secret_jwt",
        token_endpoint_auth_signing_alg=algorithm,
    )
    assert party.client_secret is not None
    key = OctKey.import_key(party.client_secret.encode())
    assert ask(provider, sign(claims(provider, party), key, alg=algorithm)).status_code == 200
    other = "HS256" if algorithm != "HS256" else "HS384"
    assert ask(provider, sign(claims(provider, party, jti="j2"), key, alg=other)).status_code == 401
    assert party.token(provider.http, grant_type="client_credentials").status_code == 401


def test_keys_are_fetched_again_for_an_unknown_kid(
    provider: Provider,
    serve: Callable[..., LocalServer],  # noqa: F811
) -> None:
    """A client that rotated its keys at its jwks_uri goes on at once (OpenID Connect Core §10.1.1)."""
    old, new = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("old", "new"))
    shown: list[ECKey] = [old]

    def answer(connection: Any) -> None:
        body = json.dumps({"keys": [key.as_dict(private=False) for key in shown]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    server = serve(answer)
    party = signing_client(provider, old, jwks_uri=server.url("/jwks"))
    assert ask(provider, sign(claims(provider, party), old, kid="old")).status_code == 200
    assert ask(provider, sign(claims(provider, party, jti="j2"), old, kid="old")).status_code == 200
    assert len(server.received) == 1  # kept
    shown[:] = [new]
    provider.clock.advance(seconds=61)
    assert ask(provider, sign(claims(provider, party, jti="j3"), new, kid="new")).status_code == 200
    assert ask(provider, sign(claims(provider, party, jti="j4"), old, kid="old")).status_code == 401
    assert len(server.received) == 2  # an unknown kid asks at most once a minute
