"""What client metadata is accepted, and what it becomes (RFC 7591, OIDC Registration, logout specs)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from clients.client import AuthMethod
from clients.metadata import ValidMetadata, validate_metadata
from idp.core.oauth_errors import InvalidClientMetadata, InvalidRedirectUri
from tests.unit.clients.rooms import POLICY, WEB

EC_PUBLIC = ECKey.generate_key("P-256").as_dict(private=False)
JWKS = {"keys": [EC_PUBLIC]}


def validate(**members: Any) -> ValidMetadata:
    return validate_metadata({**WEB, **members}, policy=POLICY)


def refuses(**members: Any) -> None:
    with pytest.raises(InvalidClientMetadata) as refusal:
        validate(**members)
    assert refusal.value.description.isascii()
    assert '"' not in refusal.value.description


def test_omitted_members_get_their_defaults() -> None:
    """What is not said is filled in by the standards' defaults (RFC 7591 §2, OIDC Registration §2)."""
    valid = validate()
    assert valid.document == {
        "redirect_uris": ["https://portal.example.cn/callback"],
        "client_name": "Portal",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "application_type": "web",
        "id_token_signed_response_alg": "RS256",
        "require_auth_time": False,
        "subject_type": "pairwise",
        "scope": "openid",
    }
    assert valid.auth_method is AuthMethod.CLIENT_SECRET_BASIC
    assert valid.sector == "portal.example.cn"


def test_everything_that_is_known_is_kept() -> None:
    """Members of all the specifications that we follow come back as sent."""
    members = {
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types": ["code"],
        "scope": "openid profile",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": "https://portal.example.cn/jwks.json",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "ES256",
        "subject_type": "pairwise",
        "default_max_age": 3600,
        "require_auth_time": True,
        "default_acr_values": ["urn:yihao:level:2"],
        "initiate_login_uri": "https://portal.example.cn/login",
        "backchannel_logout_uri": "https://portal.example.cn/bc",
        "backchannel_logout_session_required": True,
        "frontchannel_logout_uri": "https://portal.example.cn/fc",
        "frontchannel_logout_session_required": True,
        "post_logout_redirect_uris": ["https://portal.example.cn/bye"],
        "request_uris": ["https://portal.example.cn/request#digest"],
        "contacts": ["it@example.cn"],
        "client_name#zh-CN": "门户",
        "logo_uri": "https://portal.example.cn/logo.png",
        "policy_uri#bo": "https://portal.example.cn/policy",
        "software_id": "portal",
        "software_version": "1",
    }
    document = validate(**members).document
    assert {name: document[name] for name in members} == members


def test_unknown_members_are_dropped() -> None:
    """What we do not understand is ignored and not stored (RFC 7591 §2)."""
    document = validate(favourite_colour="red", **{"client_id": "mine", "scope#fr": "x"}).document
    assert not {"favourite_colour", "client_id", "scope#fr"} & document.keys()


def test_null_counts_as_omitted() -> None:
    """A null deletes a member instead of storing it (RFC 7592 §2.2)."""
    assert "logo_uri" not in validate(logo_uri=None).document


@pytest.mark.parametrize("uris", [None, [], ["http://portal.example.cn/cb"], ["https://a.example.cn/#x"]])
def test_code_needs_fit_redirect_uris(uris: list[str] | None) -> None:
    """A client of the code flow registers its URIs, with the error of RFC 7591 §3.2.2."""
    with pytest.raises(InvalidRedirectUri):
        validate(redirect_uris=uris)


def test_client_credentials_alone_need_no_redirect_uri() -> None:
    """A service without persons has no redirect URI and no response type."""
    document = {"grant_types": ["client_credentials"], "client_name": "Service"}
    valid = validate_metadata(document, policy=POLICY)
    assert valid.document["response_types"] == []
    assert valid.document["scope"] == ""
    assert valid.sector == ""


@pytest.mark.parametrize(
    "members",
    [
        {"grant_types": []},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password"]},
        {"grant_types": ["refresh_token"], "response_types": []},
        {"grant_types": ["client_credentials"], "response_types": ["code"]},
        {"grant_types": ["authorization_code"], "response_types": []},
        {"response_types": ["token"]},
        {"response_types": ["code id_token"]},
        {"response_types": ["code", "token"]},
        {
            "grant_types": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_method": "none",
        },
    ],
)
def test_grants_and_response_types_must_fit(members: dict[str, Any]) -> None:
    """An inconsistent or unsupported pair is refused (RFC 7591 §2.1)."""
    refuses(**members)


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS, "jwks_uri": "https://a.example.cn/"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://portal.example.cn/jwks"},
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": JWKS,
            "token_endpoint_auth_signing_alg": "HS256",
        },
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "none"},
    ],
)
def test_authentication_must_be_complete(members: dict[str, Any]) -> None:
    """The method is one of the five, its keys are there once, its algorithm is its own (OIDC Core §9)."""
    refuses(**members)


@pytest.mark.parametrize("method", [str(method) for method in AuthMethod])
def test_each_of_the_five_methods_is_taken(method: str) -> None:
    """All methods of OIDC Core §9 can be registered."""
    assert validate(token_endpoint_auth_method=method, jwks=JWKS).auth_method == method


def test_signing_algorithm_without_assertion_is_dropped() -> None:
    """It must not come alive when the method changes."""
    assert "token_endpoint_auth_signing_alg" not in validate(token_endpoint_auth_signing_alg="ES256").document


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_jwks_holds_public_keys_only() -> None:
    """Private, symmetric, weak and unreadable keys are refused."""
    for fit in (RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-384")):
        assert validate(jwks={"keys": [fit.as_dict(private=False)]})
    for unfit in (
        ECKey.generate_key("P-256").as_dict(private=True),
        RSAKey.generate_key(2048).as_dict(private=True),
        RSAKey.generate_key(1024).as_dict(private=False),
        OctKey.generate_key(256).as_dict(private=True),
        {**EC_PUBLIC, "crv": "SM2"},
        {**EC_PUBLIC, "x": "AAAA"},
        {**EC_PUBLIC, "x": 5},
        {**EC_PUBLIC, "kid": "a\nb"},
        {**EC_PUBLIC, "kty": []},
        {"kty": "EC"},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": "RSA", "n": "é", "e": "AQAB"},
        5,
    ):
        refuses(jwks={"keys": [EC_PUBLIC, unfit]})


@pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": "x"}, [], "x", {"keys": [EC_PUBLIC] * 31}])
def test_jwks_must_be_a_set(jwks: object) -> None:
    """Anything but a bounded, non-empty set is refused (RFC 7517 §5)."""
    refuses(jwks=jwks)


@pytest.mark.parametrize(
    "members",
    [
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_signed_response_alg": "PS256"},
        {"userinfo_signed_response_alg": "none"},
        {"id_token_encrypted_response_alg": "RSA-OAEP-256"},
        {"userinfo_encrypted_response_alg": "ECDH-ES"},
        {"dpop_bound_access_tokens": True},
        {"tls_client_certificate_bound_access_tokens": True},
        {"subject_type": "transient"},
        {"application_type": "spa"},
        {"scope": "openid id_number"},
        {"default_max_age": -1},
        {"default_max_age": True},
        {"default_max_age": 1.5},
        {"default_max_age": 10**30},
        {"require_auth_time": "true"},
        {"default_acr_values": [5]},
        {"default_acr_values": "urn:x"},
        {"contacts": "it@example.cn"},
        {"client_name": ""},
        {"client_name": "a" * 201},
        {"client_name": "Portal\u202egnp.exe"},
        {"client_name": "Por\x00tal"},
        {"client_name": "Por\ud800tal"},
        {"client_name": ["Portal"]},
        {"client_name#not a tag": "x"},
        {"client_name#": "x"},
        {"logo_uri": "javascript:alert(1)"},
        {"logo_uri#zh-CN": "data:image/png,x"},
        {"client_uri": "https://user@example.cn/"},
        {"tos_uri": "/terms"},
        {"policy_uri": "ftp://example.cn/"},
        {"initiate_login_uri": "http://portal.example.cn/login"},
        {"backchannel_logout_uri": "http://portal.example.cn/bc"},
        {"backchannel_logout_uri": "https://portal.example.cn/bc#x"},
        {"frontchannel_logout_uri": "https://other.example.cn/fc"},
        {"frontchannel_logout_uri": "https://portal.example.cn:8443/fc"},
        {"frontchannel_logout_uri": "http://portal.example.cn/fc"},
        {"post_logout_redirect_uris": ["http://portal.example.cn/bye"]},
        {"post_logout_redirect_uris": "https://portal.example.cn/bye"},
        {"request_uris": ["http://portal.example.cn/r"]},
        {"redirect_uris": "https://portal.example.cn/callback"},
        {"redirect_uris": [{}]},
        {"redirect_uris": [f"https://portal.example.cn/{n}" for n in range(51)]},
        {"grant_types": [["authorization_code"]]},
        {"response_types": [5]},
        {"padding": "x" * 65_536},
        {"number": float("nan")},
        {"thing": object()},
    ],
)
def test_unfit_member_is_refused(members: dict[str, Any]) -> None:
    """A wrong type, an unsupported choice, a hostile text or too much of it is invalid_client_metadata."""
    refuses(**members)


@pytest.mark.parametrize("document", [[], "x", 5, None, {5: "x"}])
def test_document_must_be_an_object(document: Any) -> None:
    """A body may be any JSON."""
    with pytest.raises(InvalidClientMetadata):
        validate_metadata(document, policy=POLICY)


def test_deep_document_is_refused() -> None:
    """Nesting that would exhaust the stack ends as a clean error."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    refuses(thing=deep)
    # Unwound by hand: its destructor need not recurse either.
    while deep:
        deep = deep[0]


def test_falsy_unsupported_members_are_ignored() -> None:
    """Saying no to what we do not have is fine."""
    assert "dpop_bound_access_tokens" not in validate(dpop_bound_access_tokens=False).document


@given(
    st.dictionaries(
        st.sampled_from(["redirect_uris", "scope", "jwks", "contacts", "default_max_age", "client_name", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=8,
        ),
    )
)
def test_any_document_ends_cleanly(document: dict[str, Any]) -> None:
    """Whatever JSON is sent, it is accepted or refused by one of the two errors."""
    try:
        validate_metadata(document, policy=POLICY)
    except (InvalidClientMetadata, InvalidRedirectUri):
        return


def test_stored_metadata_passes_again() -> None:
    """Normalising twice changes nothing, so a console may send back what it read."""
    once = validate_metadata(WEB, policy=POLICY)
    assert validate_metadata(once.document, policy=POLICY) == once
