"""Discovery (OpenID Connect Discovery §3) and authorization server metadata (RFC 8414), telling the truth."""

from dataclasses import dataclass
from typing import Any

from clients.client import AuthMethod
from idp.crypto.signing import SIGNING_ALGORITHMS
from idp.endpoints.authorization_parameters import PROMPTS
from idp.endpoints.authorize import RESPONSE_MODES
from idp.tokens.claims import CLAIMS_SUPPORTED
from realname.release.evidence import CHECK_METHODS, DOCUMENT, DOCUMENT_TYPES, TRUST_FRAMEWORK
from realname.release.identity_claims import IDENTITY_CLAIMS


@dataclass(frozen=True, slots=True)
class EndpointUrls:
    """Where each endpoint is; built from the configured issuer, never from a request's headers."""

    issuer: str

    @property
    def authorization(self) -> str:
        """RFC 6749 §3.1."""
        return f"{self.issuer}/oauth/authorize"

    @property
    def token(self) -> str:
        """RFC 6749 §3.2."""
        return f"{self.issuer}/oauth/token"

    @property
    def userinfo(self) -> str:
        """OpenID Connect Core §5.3."""
        return f"{self.issuer}/oauth/userinfo"

    @property
    def jwks(self) -> str:
        """RFC 7517."""
        return f"{self.issuer}/oauth/jwks"

    @property
    def introspection(self) -> str:
        """RFC 7662."""
        return f"{self.issuer}/oauth/introspect"

    @property
    def revocation(self) -> str:
        """RFC 7009."""
        return f"{self.issuer}/oauth/revoke"

    @property
    def end_session(self) -> str:
        """RP-Initiated Logout."""
        return f"{self.issuer}/oauth/logout"

    @property
    def registration(self) -> str:
        """RFC 7591."""
        return f"{self.issuer}/oauth/register"


def build_metadata(
    urls: EndpointUrls,
    *,
    scopes: tuple[str, ...],
    grant_types: tuple[str, ...],
    acr_values: tuple[str, ...],
    locales: tuple[str, ...],
    signing_algorithms: tuple[str, ...],
    with_registration: bool,
) -> dict[str, Any]:
    """Return the one document served at both well-known addresses."""
    methods = [each.value for each in AuthMethod]
    back_channel = [each for each in methods if each != AuthMethod.NONE]
    document: dict[str, Any] = {
        "issuer": urls.issuer,
        "authorization_endpoint": urls.authorization,
        "token_endpoint": urls.token,
        "userinfo_endpoint": urls.userinfo,
        "jwks_uri": urls.jwks,
        "introspection_endpoint": urls.introspection,
        "revocation_endpoint": urls.revocation,
        "end_session_endpoint": urls.end_session,
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(grant_types),
        "acr_values_supported": list(acr_values),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "userinfo_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(signing_algorithms),
        "introspection_endpoint_auth_methods_supported": back_channel,
        "introspection_endpoint_auth_signing_alg_values_supported": list(signing_algorithms),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": list(signing_algorithms),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": sorted(PROMPTS),
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted({*CLAIMS_SUPPORTED}),
        # OpenID Connect for Identity Assurance 1.0 §8
        "verified_claims_supported": True,
        "trust_frameworks_supported": [TRUST_FRAMEWORK],
        "claims_in_verified_claims_supported": sorted(IDENTITY_CLAIMS),
        "evidence_supported": [DOCUMENT],
        "documents_supported": sorted(DOCUMENT_TYPES.values()),
        "documents_check_methods_supported": sorted({each for listed in CHECK_METHODS.values() for each in listed}),
        "ui_locales_supported": [locale.replace("_", "-") for locale in locales],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        # OpenID Connect Discovery §3: omitted means true.
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
    if with_registration:
        document["registration_endpoint"] = urls.registration
    return document
