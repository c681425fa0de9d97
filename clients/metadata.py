"""Client metadata: what a client may register (RFC 7591, OpenID Connect Registration 1.0, logout specs)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc7591 import ClientMetadataClaims as OAuthClaims
from authlib.oidc.registration import ClientMetadataClaims as OpenIdClaims
from joserfc.errors import InvalidClaimError

from clients.client import AuthMethod
from clients.metadata_members import HUMAN_READABLE, malformed, read_members
from clients.public_keys import ASYMMETRIC_ALGORITHMS, UnusableKey, import_public_keys
from clients.sector import SectorResolver, find_sector, no_sector_documents
from clients.uris import Uri, page_uri, parse_uri, redirect_uri, service_uri
from idp.core.oauth_errors import InvalidClientMetadata, InvalidRedirectUri

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
SIGNING_ALGORITHMS = ("ES256", "RS256")
HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")

#: The algorithms of client assertions, by the method that they belong to.
ASSERTION_ALGORITHMS = {
    AuthMethod.CLIENT_SECRET_JWT: HMAC_ALGORITHMS,
    AuthMethod.PRIVATE_KEY_JWT: ASYMMETRIC_ALGORITHMS,
}


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """What this deployment lets clients register.

    `scopes` are the known ones, `default_scope` is given to a client that names none;
    `allow_loopback_http` is for development.
    """

    scopes: frozenset[str]
    default_scope: frozenset[str] = frozenset({"openid"})
    allow_loopback_http: bool = False


@dataclass(frozen=True, slots=True)
class ValidMetadata:
    """Metadata that passed: only known members, defaults filled in.

    `sector` is empty where only the client's own id can name it.
    """

    document: dict[str, Any] = field(repr=False)
    auth_method: AuthMethod
    subject_type: str
    sector: str


def validate_metadata(
    document: Mapping[str, Any],
    *,
    policy: RegistrationPolicy,
    resolve_sector: SectorResolver = no_sector_documents,
) -> ValidMetadata:
    """Return the normalised metadata; raises InvalidRedirectUri or InvalidClientMetadata."""
    members = read_members(document)
    _check_with_authlib(members, policy)
    _settle_grants(members)
    method = _settle_authentication(members)
    redirects = _check_redirect_uris(members, policy)
    _check_logout(members, redirects, policy)
    _check_addresses(members, policy)
    if "scope" not in members:
        members["scope"] = " ".join(sorted(policy.default_scope)) if _uses_code(members) else ""
    subject_type = members.setdefault("subject_type", "pairwise")
    sector_uri = None
    if "sector_identifier_uri" in members:
        sector_uri = service_uri(members["sector_identifier_uri"], allow_loopback_http=policy.allow_loopback_http)
        if sector_uri is None:
            raise malformed("sector_identifier_uri")
    # Last, because it may go out to the network.
    sector = find_sector(
        subject_type=subject_type,
        redirect_uris=redirects,
        sector_identifier_uri=sector_uri,
        resolve=resolve_sector,
    )
    return ValidMetadata(members, method, subject_type, sector)


def _check_with_authlib(members: dict[str, Any], policy: RegistrationPolicy) -> None:
    """Let Authlib check values and fill in defaults; the types were checked before, which it relies on."""
    oauth = {
        "scopes_supported": sorted(policy.scopes),
        "response_types_supported": ["code"],
        "grant_types_supported": GRANT_TYPES,
        "token_endpoint_auth_methods_supported": [str(method) for method in AuthMethod],
    }
    openid = {
        "token_endpoint_auth_signing_alg_values_supported": HMAC_ALGORITHMS + ASYMMETRIC_ALGORITHMS,
        "subject_types_supported": ("pairwise", "public"),
        "id_token_signing_alg_values_supported": SIGNING_ALGORITHMS,
        "userinfo_signing_alg_values_supported": SIGNING_ALGORITHMS,
    }
    # Authlib refuses an app's own scheme for want of a host (RFC 8252 §7.1): redirect URIs are ours to
    # check. Keys are too, for it would take private ones.
    shown = {name: value for name, value in members.items() if name not in ("redirect_uris", "jwks")}
    try:
        for claims_class, metadata in ((OAuthClaims, oauth), (OpenIdClaims, openid)):
            claims = claims_class(shown, {}, claims_class.get_claims_options(metadata))
            claims.validate()
            shown = dict(claims)
    except InvalidClaimError as error:
        raise malformed(str(error.claim)) from None
    members.update(shown)


def _settle_grants(members: dict[str, Any]) -> None:
    """Fill in grant and response types and keep them consistent (RFC 7591 §2.1)."""
    grants = members.setdefault("grant_types", ["authorization_code"])
    responses = members.setdefault("response_types", ["code"] if "authorization_code" in grants else [])
    if not grants or ("code" in responses) != ("authorization_code" in grants):
        raise InvalidClientMetadata("grant_types and response_types do not fit together.")
    if "refresh_token" in grants and "authorization_code" not in grants:
        raise InvalidClientMetadata("refresh_token needs a grant that issues refresh tokens.")
    # RFC 6749 §4.4: client credentials are for confidential clients only.
    if "client_credentials" in grants and members["token_endpoint_auth_method"] == AuthMethod.NONE:
        raise InvalidClientMetadata("client_credentials needs a client that authenticates.")


def _uses_code(members: Mapping[str, Any]) -> bool:
    return "authorization_code" in members["grant_types"]


def _settle_authentication(members: dict[str, Any]) -> AuthMethod:
    method = AuthMethod(members["token_endpoint_auth_method"])
    # RFC 7591 §2: not both.
    if "jwks" in members and "jwks_uri" in members:
        raise InvalidClientMetadata("jwks and jwks_uri exclude each other.")
    if "jwks" in members:
        try:
            import_public_keys(members["jwks"])
        except UnusableKey as error:
            raise InvalidClientMetadata(
                "jwks must hold public RSA (2048 bit or more), EC or OKP keys only.", detail=str(error)
            ) from None
    if method is AuthMethod.PRIVATE_KEY_JWT and "jwks" not in members and "jwks_uri" not in members:
        raise InvalidClientMetadata("private_key_jwt needs jwks or jwks_uri.")
    algorithm = members.get("token_endpoint_auth_signing_alg")
    if method not in ASSERTION_ALGORITHMS:
        # Without an assertion the member says nothing; kept, it would come alive with another method.
        members.pop("token_endpoint_auth_signing_alg", None)
    elif algorithm is not None and algorithm not in ASSERTION_ALGORITHMS[method]:
        raise malformed("token_endpoint_auth_signing_alg")
    return method


def _check_redirect_uris(members: Mapping[str, Any], policy: RegistrationPolicy) -> list[Uri]:
    texts = members.get("redirect_uris", [])
    if not texts and _uses_code(members):
        # RFC 7591 §2: flows with redirection must register their URIs.
        raise InvalidRedirectUri("redirect_uris is required.")
    uris = []
    for text in texts:
        uri = redirect_uri(
            text,
            application_type=members["application_type"],
            allow_loopback_http=policy.allow_loopback_http,
        )
        if uri is None:
            raise InvalidRedirectUri
        uris.append(uri)
    return uris


def _check_logout(members: Mapping[str, Any], redirects: list[Uri], policy: RegistrationPolicy) -> None:
    for text in members.get("post_logout_redirect_uris", []):
        # OpenID Connect RP-Initiated Logout §3.1
        if not redirect_uri(
            text,
            application_type=members["application_type"],
            allow_loopback_http=policy.allow_loopback_http,
        ):
            raise malformed("post_logout_redirect_uris")
    front = members.get("frontchannel_logout_uri")
    if front is not None:
        uri = service_uri(front, allow_loopback_http=policy.allow_loopback_http)
        # OpenID Connect Front-Channel Logout §2: domain, port and scheme of a redirect URI.
        if uri is None or uri.origin not in {redirect.origin for redirect in redirects}:
            raise malformed("frontchannel_logout_uri")


def _check_addresses(members: Mapping[str, Any], policy: RegistrationPolicy) -> None:
    for name in ("jwks_uri", "initiate_login_uri", "backchannel_logout_uri"):
        if name in members and not service_uri(members[name], allow_loopback_http=policy.allow_loopback_http):
            raise malformed(name)
    for text in members.get("request_uris", []):
        # OpenID Connect Registration §2: the fragment may carry a digest of the content.
        uri = parse_uri(text)
        if uri is None or not uri.is_https:
            raise malformed("request_uris")
    for name, value in members.items():
        plain = name.partition("#")[0]
        if plain in HUMAN_READABLE and plain != "client_name" and page_uri(value) is None:
            raise malformed(plain)
