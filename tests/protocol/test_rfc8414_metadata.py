"""RFC 8414 and OpenID Connect Discovery: every advertised thing is really had, and nothing else."""

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.config.settings import RegistrationSettings
from idp.tokens.claims import IDENTITY_SCOPES
from realname.release.identity_claims import PROVED_SCOPES
from tests.protocol.provider import EMBEDDED, Provider
from tests.support import proofed
from tests.support.relying_party import parameters_of
from tests.unit.clients.assertions import ASSERTION_TYPE, sign

pytestmark = EMBEDDED


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"registration": RegistrationSettings(dynamic="open")}


@pytest.fixture
def metadata(provider: Provider) -> dict[str, Any]:
    """The document as a client reads it."""
    document: dict[str, Any] = provider.http.get("/.well-known/openid-configuration").get_json()
    return document


def test_both_documents_are_one_and_well_formed(provider: Provider, metadata: dict[str, Any]) -> None:
    """The same truth at both addresses (§3; Discovery §4), valid by Authlib's rules, and the issuer exact (§3.3)."""
    other = provider.http.get("/.well-known/oauth-authorization-server")
    assert other.get_json() == metadata and other.mimetype == "application/json"
    assert metadata["issuer"] == provider.issuer
    secure = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in metadata.items()
    }
    AuthorizationServerMetadata(secure).validate()
    OpenIDProviderMetadata(secure).validate()


def test_each_endpoint_is_where_it_is_said(provider: Provider, metadata: dict[str, Any]) -> None:
    """No advertised address is missing (§2)."""
    endpoints = {name: value for name, value in metadata.items() if name.endswith("_endpoint") or name == "jwks_uri"}
    assert len(endpoints) == 8
    for name, url in endpoints.items():
        assert url.startswith(provider.issuer + "/")
        assert provider.http.open(url.removeprefix(provider.issuer), method="OPTIONS").status_code != 404, name


def test_registration_is_told_only_where_it_is_open(metadata: dict[str, Any]) -> None:
    """Here it is open (see test_rfc7591_registration for the closed one)."""
    assert metadata["registration_endpoint"].endswith("/oauth/register")


def test_response_types_and_modes(provider: Provider, metadata: dict[str, Any]) -> None:
    """Every mode gives a code; other types and modes are refused (§2)."""
    browser, party = provider.browser(provider.person()), provider.client()
    assert metadata["response_types_supported"] == ["code"]
    for mode in (*metadata["response_modes_supported"], "web_message", "jwt"):
        response = browser.client.get(party.authorize_path(response_mode=mode))
        said = response.headers.get("Location", "") + response.get_data(as_text=True)
        assert ("invalid_request" not in said) == (mode in metadata["response_modes_supported"])


def test_scopes_and_subject_types_can_be_registered(provider: Provider, metadata: dict[str, Any]) -> None:
    """A client may have every scope and either kind of subject; each tells its sub (§2, Core §8)."""
    person = provider.person()
    browser = provider.browser(person)
    assert set(metadata["subject_types_supported"]) == {"pairwise", "public"}
    for kind in metadata["subject_types_supported"]:
        scope = " ".join(metadata["scopes_supported"])
        party = provider.client(scope=scope, subject_type=kind)
        proofed.approve(provider.house, party.client_id)  # some scopes are for approved clients only,
        proofed.agree(provider.house, person.id, party.client_id, *PROVED_SCOPES)  # and always consented to
        assert provider.tokens(browser, party, scope=scope)["scope"] == scope


def test_scopes_of_apis_are_not_told(metadata: dict[str, Any]) -> None:
    """Which APIs there are is told by their departments, where nobody's client may have their scopes by itself (§2)."""
    assert metadata["scopes_supported"] == list(IDENTITY_SCOPES)


def test_grant_types(provider: Provider, metadata: dict[str, Any]) -> None:
    """Advertised grants are known; no other is (§2)."""
    party = provider.client()
    for grant in (*metadata["grant_types_supported"], "password", "urn:ietf:params:oauth:grant-type:device_code"):
        error = party.token(provider.http, grant_type=grant).get_json()["error"]
        assert (error != "unsupported_grant_type") == (grant in metadata["grant_types_supported"])


def test_signing_algorithms(provider: Provider, metadata: dict[str, Any]) -> None:
    """ID tokens and userinfo come in each advertised algorithm, by a published key; others cannot be registered."""
    browser = provider.browser(provider.person())
    for algorithm in metadata["id_token_signing_alg_values_supported"]:
        party = provider.client(id_token_signed_response_alg=algorithm, userinfo_signed_response_alg=algorithm)
        tokens = provider.tokens(browser, party)
        assert provider.claims_of(tokens["id_token"], algorithm=algorithm)["aud"] == party.client_id
        signed = provider.userinfo(tokens["access_token"])
        assert provider.claims_of(signed.text, algorithm=algorithm)["aud"] == party.client_id
    assert metadata["userinfo_signing_alg_values_supported"] == metadata["id_token_signing_alg_values_supported"]
    for name in ("id_token_signed_response_alg", "userinfo_signed_response_alg"):
        for algorithm in ("none", "HS256", "ES512"):
            body = {"redirect_uris": ["https://a.example/cb"], name: algorithm}
            assert provider.http.post("/oauth/register", json=body).status_code == 400


def test_client_authentication(provider: Provider, metadata: dict[str, Any]) -> None:
    """Every method can be registered, and every algorithm of an assertion authenticates (§2)."""
    assert set(metadata["token_endpoint_auth_methods_supported"]) == {
        "none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt",
    }  # fmt: skip
    assert "none" not in metadata["introspection_endpoint_auth_methods_supported"]
    rsa = RSAKey.generate_key(2048, {"kid": "k"})
    keys = {
        "RS": rsa, "PS": rsa, "Ed": OKPKey.generate_key("Ed25519", {"kid": "k"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "k"}), "ES384": ECKey.generate_key("P-384", {"kid": "k"}),
        "ES512": ECKey.generate_key("P-521", {"kid": "k"}),
    }  # fmt: skip
    for algorithm in metadata["token_endpoint_auth_signing_alg_values_supported"]:
        shared = algorithm.startswith("HS")
        key = None if shared else keys.get(algorithm) or keys[algorithm[:2]]
        method = "client_secret_jwt" if shared else "private_key_jwt"
        extra = {} if key is None else {"jwks": {"keys": [key.as_dict(private=False)]}}
        party = provider.client(
            grant_types=["client_credentials"], response_types=[], scope="openid",
            token_endpoint_auth_method=method, token_endpoint_auth_signing_alg=algorithm, **extra,
        )  # fmt: skip
        now = provider.clock.epoch()
        claims = {
            "iss": party.client_id, "sub": party.client_id, "aud": provider.issuer,
            "iat": now, "exp": now + 60, "jti": algorithm,
        }  # fmt: skip
        assertion = sign(claims, key or OctKey.import_key(str(party.client_secret).encode()), alg=algorithm)
        response = provider.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_assertion": assertion,
                "client_assertion_type": ASSERTION_TYPE,
            },
        )
        assert response.status_code == 200, (algorithm, response.text)


def test_prompts_and_challenge_methods(provider: Provider, metadata: dict[str, Any]) -> None:
    """Advertised values are taken, others refused (Initiating User Registration §3, RFC 8414 §2)."""
    browser, party = provider.browser(provider.person()), provider.client()
    for prompt in (*metadata["prompt_values_supported"], "create"):
        answer = parameters_of(browser.client.get(party.authorize_path(prompt=prompt)).headers["Location"])
        known = prompt in metadata["prompt_values_supported"]
        assert (answer.get("error") != "invalid_request") == known, prompt
    assert metadata["code_challenge_methods_supported"] == ["S256"]


def test_what_is_not_had_is_said_to_be_absent(provider: Provider, metadata: dict[str, Any]) -> None:
    """request and request_uri are told as unsupported, in words, because omitted means otherwise (Discovery §3)."""
    for name in ("request", "request_uri"):
        assert metadata[f"{name}_parameter_supported"] is False
        answer = provider.answer(provider.browser(), provider.client(), **{name: "https://x.example/r"})
        assert answer["error"] == f"{name}_not_supported"
    assert metadata["claims_parameter_supported"] is True


def test_levels_and_languages(provider: Provider, metadata: dict[str, Any]) -> None:
    """Every acr value is understood, every language is spoken (Discovery §3)."""
    party = provider.client()
    for value in metadata["acr_values_supported"]:
        answer = provider.answer(provider.browser(), party, prompt="none", acr_values=value)
        assert answer["error"] == "login_required"
    for tag in metadata["ui_locales_supported"]:
        browser = provider.browser()
        browser.open(party.authorize_path(ui_locales=tag))
        assert f'lang="{tag}"' in browser.text or f'lang="{tag.split("-")[0]}' in browser.text


def test_the_documents_may_be_kept_for_a_while(provider: Provider) -> None:
    """Public documents carry a cache life; HEAD works like GET."""
    for path in ("/.well-known/openid-configuration", "/oauth/jwks"):
        response = provider.http.get(path)
        assert response.headers["Cache-Control"].startswith("public, max-age=")
        assert provider.http.head(path).status_code == 200
        assert provider.http.post(path).status_code == 405
