"""A client as the rest of the house sees it: typed, frozen, read from its row once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ClientState(StrEnum):
    """Whether a client may be used."""

    ACTIVE = "active"
    PENDING = "pending"
    DISABLED = "disabled"
    #: Its row stays for the audit and the consents, but nobody finds it any more (RFC 7592 §2.3).
    DELETED = "deleted"


class AuthMethod(StrEnum):
    """How a client authenticates (OpenID Connect Core §9)."""

    NONE = "none"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105
    CLIENT_SECRET_JWT = "client_secret_jwt"  # noqa: S105
    PRIVATE_KEY_JWT = "private_key_jwt"


@dataclass(frozen=True, slots=True)
class SecretHash:
    """A live secret of a client: its hash, and where client_secret_jwt needs it, its ciphertext."""

    id: str
    secret_hash: str = field(repr=False)
    ciphertext: bytes | None = field(repr=False, default=None)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Everything that decides what a client may do. Field names are those of RFC 7591 and OIDC."""

    client_id: str
    version: int
    state: ClientState
    client_name: str
    metadata: dict[str, Any] = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    response_types: tuple[str, ...] = ("code",)
    grant_types: tuple[str, ...] = ("authorization_code",)
    application_type: str = "web"
    scope: frozenset[str] = frozenset({"openid"})
    token_endpoint_auth_method: AuthMethod = AuthMethod.CLIENT_SECRET_BASIC
    token_endpoint_auth_signing_alg: str | None = None
    jwks: dict[str, Any] | None = field(repr=False, default=None)
    jwks_uri: str | None = None
    id_token_signed_response_alg: str = "RS256"  # noqa: S105 - OIDC Registration §2: where omitted
    userinfo_signed_response_alg: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    client_uri: str | None = None
    sector: str = ""
    subject_type: str = "pairwise"
    require_pkce: bool = True
    require_consent: bool = True
    assertion_audience: str = "issuer"
    allowed_resources: tuple[str, ...] = ()
    for_staff: bool = False
    #: Whether it understands `act`; one that does not is never told of anybody for whom somebody else acts.
    acting_for: bool = False
    #: Identity claims that it may ask people for, each with the purpose that they are told.
    approved_claims: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SecretHash, ...] = field(repr=False, default=())

    @property
    def is_confidential(self) -> bool:
        """True for a client that can keep a secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method is not AuthMethod.NONE

    def localized_name(self, language: str) -> str:
        """Return the name in `language` (a BCP 47 tag), or else the plain one (RFC 7591 §2.2)."""
        for key in (f"client_name#{language}", f"client_name#{language.split('-')[0]}"):
            if isinstance(self.metadata.get(key), str):
                return str(self.metadata[key])
        return self.client_name or self.client_id
