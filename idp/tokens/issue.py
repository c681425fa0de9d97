"""Issuing ID tokens (OpenID Connect Core §2), access tokens (RFC 9068) and logout tokens."""

from dataclasses import dataclass
from typing import Any

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.tokens.jwt import JwtSigner

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 §2.1
LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 - OIDC Back-Channel Logout §2.4
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Lives of tokens in seconds."""

    id_token_seconds: int
    access_token_seconds: int
    logout_token_seconds: int = 120  # ASVS 10.5.5


@dataclass(frozen=True, slots=True)
class Audience:
    """The API that an access token is for, and how it wants it."""

    name: str
    algorithm: str
    access_token_seconds: int


def act_of(actor_sub: str | None) -> dict[str, str] | None:
    """Return the `act` claim, who acts for the subject (RFC 8693 §4.1); None where the subject does so themself."""
    return None if actor_sub is None else {"sub": actor_sub}


class TokenIssuer:
    """Builds the claims of each kind of token and signs them."""

    def __init__(self, *, signer: JwtSigner, clock: Clock, issuer: str, lifetimes: Lifetimes) -> None:
        self._signer = signer
        self._clock = clock
        self._issuer = issuer
        self._lifetimes = lifetimes

    def id_token(
        self,
        *,
        client_id: str,
        sub: str,
        sid: str | None,
        auth_time: int,
        acr: str | None,
        amr: tuple[str, ...],
        algorithm: str,
        nonce: str | None = None,
        actor_sub: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> str:
        """Return an ID token; `nonce` only where the authorization request carried one (§3.1.3.7)."""
        now = self._clock.epoch()
        claims: dict[str, Any] = {
            **(extra or {}),
            "iss": self._issuer,
            "sub": sub,
            "aud": client_id,
            "iat": now,
            "exp": now + self._lifetimes.id_token_seconds,
            "auth_time": auth_time,
        }
        optional = {"nonce": nonce, "acr": acr, "amr": list(amr) or None, "sid": sid, "act": act_of(actor_sub)}
        claims.update({name: value for name, value in optional.items() if value is not None})
        return self._signer.sign(claims, algorithm=algorithm, typ="JWT")

    def access_token(
        self,
        *,
        audience: Audience,
        client_id: str,
        sub: str,
        scope: tuple[str, ...],
        jti: str,
        auth_time: int | None = None,
        acr: str | None = None,
        amr: tuple[str, ...] = (),
        actor_sub: str | None = None,
    ) -> str:
        """Return a signed access token (RFC 9068 §2.2)."""
        now = self._clock.epoch()
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": sub,
            "aud": audience.name,
            "client_id": client_id,
            "iat": now,
            "exp": now + audience.access_token_seconds,
            "jti": jti,
            "scope": " ".join(scope),
        }
        optional = {"auth_time": auth_time, "acr": acr, "amr": list(amr) or None, "act": act_of(actor_sub)}
        claims.update({name: value for name, value in optional.items() if value is not None})
        return self._signer.sign(claims, algorithm=audience.algorithm, typ=ACCESS_TOKEN_TYPE)

    def logout_token(self, *, client_id: str, sub: str, sid: str, algorithm: str) -> str:
        """Return a logout token in the client's own `sub`, `sid` and algorithm (Back-Channel Logout §2.4)."""
        now = self._clock.epoch()
        claims = {
            "iss": self._issuer,
            "sub": sub,
            "aud": client_id,
            "iat": now,
            "exp": now + self._lifetimes.logout_token_seconds,
            "jti": new_id(),
            "sid": sid,
            "events": {LOGOUT_EVENT: {}},
        }
        return self._signer.sign(claims, algorithm=algorithm, typ=LOGOUT_TOKEN_TYPE)
